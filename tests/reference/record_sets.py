"""Small, nasty record sets: everything that the record files may hold and that could disturb a count, at random.

The rows are CSV of the agreed formats; here and there one breaks a rule and is to be rejected by itself. The instants
crowd where counts go wrong: month ends in local time, the nights when the clocks change, 72 hours to the second, the
last second of a third day.
"""

import csv
import random
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

from tests.reference.record_rows import (
    CODES,
    LONDON,
    REASONS,
    REQUIRED,
    Row,
    instant,
    local_date,
    moment_of,
    returned_at,
)

NOTHING, SECOND, MINUTE = timedelta(0), timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

AUTHORITIES = [  # some of them ours, whichever of the shipped procedures counts; the last is nobody's
    *("E09000008", "E06000066", "E10000027", "E10000030", "E10000024", "E06000041", "E06999999")
]
ODD_TEXTS = ['=HYPERLINK("x")', "@SUM(A1)", "+44 1632 960001", "two\nlines", 'a "quoted", word', "Zoë Łukasz", "-"]

COLUMNS = {
    "children.csv": [
        *("child_id", "first_name", "last_name", "date_of_birth", "sex", "ethnicity", "responsible_authority"),
        *("address_1", "address_2", "address_3", "address_4", "postcode", "area", "phone", "email"),
        *("language", "interpreter_needed", "living_independently", "uasc", "restricted"),
    ],
    "carers.csv": [
        *("child_id", "name", "relationship", "address_1", "address_2", "address_3", "address_4", "postcode"),
        *("phone", "email", "safe_to_contact", "reason"),
    ],
    "involvements.csv": [
        *("child_id", "service", "start", "end", "team", "worker_email"),
        *("placement_kind", "placement_area", "host_authority", "placement_provider"),
    ],
    "episodes.csv": [
        *("episode_id", "child_id", "kind", "last_seen_at", "reported_at", "returned_at", "return_precision"),
        *("notified_at", "source", "police_ref", "police_risk", "missing_from", "ended_how", "circumstances"),
    ],
    "interviews.csv": [
        *("interview_id", "child_id", "episode_ids", "team", "worker_email", "offered_at", "offered_to"),
        *("response", "responded_at", "held_at", "method", "written_up_at", "outcome", "reason"),
    ],
    "attempts.csv": ["interview_id", "attempted_at", "method", "contacted", "result", "note"],
}
ALWAYS_PRESENT = {
    **REQUIRED,
    "carers.csv": {"child_id", "name", "relationship"},
    "attempts.csv": {"interview_id", "attempted_at", "method", "contacted", "result"},
}


class Period:
    """The months of a record set, and the instants around which counts go wrong."""

    def __init__(self, months: int, start: tuple[int, int]) -> None:
        year, month = start
        first_days = [date(year + (month - 1 + n) // 12, (month - 1 + n) % 12 + 1, 1) for n in range(months + 1)]
        self.month_starts = [in_london(day) for day in first_days]
        self.start, self.end = self.month_starts[0], self.month_starts[-1]
        self.now = in_london(first_days[-1] + DAY, time(14))
        hours = [self.start + n * HOUR for n in range((self.end - self.start) // HOUR)]
        self.clock_changes = [hour for hour in hours if summer_time(hour) != summer_time(hour - SECOND)]
        self.notable = sorted([*self.month_starts, *self.clock_changes, self.now - 72 * HOUR])


def write_random_records(
    folder: Path, rng: random.Random, *, months: int = 4, start: tuple[int, int] = (2026, 1)
) -> None:
    """Fill `folder` with record files of episodes in `months` months from `start`, and a little outside them.

    They are made to be read at `read_at(...)`: a few rows then lie minutes, to the second, too far ahead.
    """
    period = Period(months, start)
    children = random_children(rng)
    episodes = random_episodes(rng, period, children)
    interviews = random_interviews(rng, period, episodes)

    write_file(rng, folder / "children.csv", children)
    write_file(rng, folder / "episodes.csv", episodes)
    if rng.random() < 0.97:
        write_file(rng, folder / "interviews.csv", interviews)
    if rng.random() < 0.95:
        write_file(rng, folder / "involvements.csv", random_involvements(rng, period, children, episodes))
    if rng.random() < 0.7:
        write_file(rng, folder / "carers.csv", random_carers(rng, children))
    if rng.random() < 0.7:
        write_file(rng, folder / "attempts.csv", random_attempts(rng, interviews))


def read_at(*, months: int = 4, start: tuple[int, int] = (2026, 1)) -> datetime:
    """The instant that a record set is made for: 14:00 in London on the second day after its months."""
    return Period(months, start).now


# ---- the rows of each file ----


def random_children(rng: random.Random) -> list[Row]:
    return [
        {
            "child_id": f"C{number}",
            "first_name": odd_or(rng, "Robin"),
            "last_name": odd_or(rng, f"Example {number}"),
            "date_of_birth": date(rng.randint(2009, 2019), rng.randint(1, 12), rng.randint(1, 28)).isoformat(),
            "sex": any_code_or_none(rng, "children.csv", "sex"),
            "responsible_authority": maybe(rng, 0.35, rng.choice(AUTHORITIES)),
            "address_1": maybe(rng, 0.5, odd_or(rng, "1 Example Road")),
            "postcode": maybe(rng, 0.5, "ZZ99 3VZ"),
            "area": rng.choice(["", "North", "South"]),
            "phone": maybe(rng, 0.5, "01632 960001"),
            "email": maybe(rng, 0.2, "robin@example.org"),
            "interpreter_needed": any_code_or_none(rng, "children.csv", "interpreter_needed"),
            "living_independently": any_code_or_none(rng, "children.csv", "living_independently"),
            "restricted": maybe(rng, 0.1, "Y"),
        }
        for number in range(rng.randint(10, 60))
    ]


def random_carers(rng: random.Random, children: list[Row]) -> list[Row]:
    return [
        {
            "child_id": child["child_id"],
            "name": odd_or(rng, "Sam Example"),
            "relationship": rng.choice(["mother", "father", "foster carer"]),
            "phone": maybe(rng, 0.5, "01632 960002"),
            "safe_to_contact": rng.choice(["", "Y", "N"]),
            "reason": maybe(rng, 0.2, odd_or(rng, "told the school")),
        }
        for child in children
        if rng.random() < 0.6
    ]


def random_episodes(rng: random.Random, period: Period, children: list[Row]) -> list[Row]:
    """A few of the children have most of the episodes."""
    child_ids = [child["child_id"] for child in children]
    child_ids += child_ids[:5] * rng.randint(0, 10)
    return [
        random_episode(rng, period, episode_id=f"E{number}", child_id=rng.choice(child_ids))
        for number in range(rng.choice([0, *[rng.randint(1, 150)] * 20]))
    ]


def random_episode(rng: random.Random, period: Period, *, episode_id: str, child_id: str) -> Row:
    last_seen = random_last_seen(rng, period)
    reported = last_seen + rng.choice([-HOUR, NOTHING, MINUTE, 5 * MINUTE, 2 * HOUR, DAY, 3 * DAY])
    row = {
        "episode_id": episode_id,
        "child_id": child_id,
        "kind": rng.choice(["missing"] * 9 + ["away"]),
        "last_seen_at": written(rng, last_seen),
        "reported_at": maybe(rng, 0.8, written_if_past(rng, reported, period.now)),
        "source": any_code_or_none(rng, "episodes.csv", "source"),
        "police_ref": maybe(rng, 0.3, f"P/{episode_id}"),
        "police_risk": any_code_or_none(rng, "episodes.csv", "police_risk"),
        "missing_from": any_code_or_none(rng, "episodes.csv", "missing_from"),
        "circumstances": maybe(rng, 0.3, odd_or(rng, "left after an argument")),
        **random_return(rng, period, last_seen),
    }
    if told_since := returned_at(row) or rng.choice([None, None, None, last_seen]):
        notified = told_since + rng.choice([-HOUR, NOTHING, 30 * MINUTE, 5 * HOUR, DAY, 80 * HOUR])
        row["notified_at"] = maybe(rng, 0.8, written_if_past(rng, notified, period.now))
    return row


def random_last_seen(rng: random.Random, period: Period) -> datetime:
    match rng.randrange(10):
        case 0 | 1 | 2 | 3:
            return around(rng, rng.choice(period.notable))
        case 4:
            return period.now - rng.randrange(1, 4 * 24 * 60) * MINUTE
        case _:
            return period.start - 2 * DAY + rng.randrange((period.now - period.start + 2 * DAY) // MINUTE) * MINUTE


def around(rng: random.Random, moment: datetime) -> datetime:
    return moment + rng.choice([-HOUR, -MINUTE, -SECOND, NOTHING, SECOND, 30 * MINUTE, 59 * MINUTE, HOUR])


def random_return(rng: random.Random, period: Period, last_seen: datetime) -> Row:
    """Mostly hours later; else not yet, known by its date alone, at a notable instant, or impossible."""
    match rng.randrange(50):
        case 0 | 1 | 2 | 3:
            return {}
        case 4 | 5 | 6 | 7 | 8:
            day = (local_date(last_seen) + rng.choice([0, 1, 2]) * DAY).isoformat()
            cell, precision = rng.choice([(day, "date"), (day, ""), (f"{day}T00:00", "date")])
            return {"returned_at": cell, "return_precision": precision}
        case 9:
            return {"returned_at": written(rng, last_seen - rng.choice([SECOND, HOUR, 3 * DAY]))}
        case 10:
            return {"returned_at": written(rng, period.now + 5 * MINUTE + rng.choice([NOTHING, SECOND]))}
        case 11:
            return {"returned_at": written(rng, last_seen)}
        case 12 | 13 | 14 | 15 | 16 | 17:
            next_notable = min((moment for moment in period.notable if moment > last_seen), default=period.now)
            return {"returned_at": written(rng, max(last_seen, around(rng, next_notable)))}
        case _:
            returned = last_seen + rng.randrange(1, 3 * 24 * 60) * MINUTE
            return {
                "returned_at": written_if_past(rng, returned, period.now),
                "return_precision": rng.choice(["", "exact", "estimated"]),
                "ended_how": any_code_or_none(rng, "episodes.csv", "ended_how"),
            }


def random_involvements(rng: random.Random, period: Period, children: list[Row], episodes: list[Row]) -> list[Row]:
    """Most begin or end on the very day of one of the child's episodes, or the day before or after."""
    today = local_date(period.now)
    rows = []
    for child in children:
        days = [local_date(instant(row["last_seen_at"])) for row in episodes if row["child_id"] == child["child_id"]]
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            day = rng.choice(days or [local_date(period.start)])
            service = rng.choice(["looked_after", any_code(rng, "involvements.csv", "service")])
            start = min(today, day + rng.choice([NOTHING, NOTHING, DAY, -DAY, -30 * DAY, -200 * DAY]))
            end = min(today, day + rng.choice([NOTHING, NOTHING, DAY, -DAY, 30 * DAY]))
            row = {
                "child_id": child["child_id"],
                "service": service,
                "start": start.isoformat(),
                "end": maybe(rng, 0.6, end.isoformat()),
                "team": rng.choice(["", "Children Looked After", "Assessment North"]),
                "worker_email": rng.choice(["", "worker1@example.org", "worker2@example.org"]),
            }
            if service == "looked_after":
                row |= {
                    "placement_kind": any_code_or_none(rng, "involvements.csv", "placement_kind"),
                    "placement_area": any_code_or_none(rng, "involvements.csv", "placement_area"),
                    "host_authority": maybe(rng, 0.2, "E09000028"),
                }
            rows.append(row)
    return rows


def random_interviews(rng: random.Random, period: Period, episodes: list[Row]) -> list[Row]:
    """Some name several episodes of a child, some episodes are named by several."""
    if not episodes:
        return []
    return [
        random_interview(rng, period, interview_id=f"I{number}", episodes=some_of_one_child(rng, episodes))
        for number in range(rng.randint(0, len(episodes) * 3 // 2))
    ]


def some_of_one_child(rng: random.Random, episodes: list[Row]) -> list[Row]:
    child_id = rng.choice(episodes)["child_id"]
    of_the_child = [episode for episode in episodes if episode["child_id"] == child_id]
    return rng.sample(of_the_child, min(len(of_the_child), rng.choice([1, 1, 1, 1, 2, 3, 4])))


def random_interview(rng: random.Random, period: Period, *, interview_id: str, episodes: list[Row]) -> Row:
    """Cells agree with one another only by chance, as in the history that councils send."""
    outcome = any_code_or_none(rng, "interviews.csv", "outcome")
    about = rng.choice(episodes)
    back = returned_at(about) or instant(about["last_seen_at"])
    held = random_held(rng, back, moment_of(about, "notified_at"))
    return {
        "interview_id": interview_id,
        "child_id": about["child_id"],
        "episode_ids": " ".join(episode["episode_id"] for episode in episodes),
        "team": rng.choice(["", "Missing Team", "Children Looked After"]),
        "worker_email": rng.choice(["", "worker1@example.org", "worker3@example.org"]),
        "offered_at": maybe(rng, 0.7, written_if_past(rng, back + rng.randrange(5 * 24 * 60) * MINUTE, period.now)),
        "offered_to": any_code_or_none(rng, "interviews.csv", "offered_to"),
        "response": any_code_or_none(rng, "interviews.csv", "response"),
        "responded_at": maybe(rng, 0.5, written_if_past(rng, back + rng.randrange(144) * HOUR, period.now)),
        "held_at": maybe(rng, 0.7, written_if_past(rng, held, period.now)),
        "method": any_code_or_none(rng, "interviews.csv", "method"),
        "written_up_at": maybe(rng, 0.4, written_if_past(rng, held + rng.randrange(72) * HOUR, period.now)),
        "outcome": outcome,
        "reason": maybe(rng, 0.9, rng.choice(sorted(REASONS.get(outcome, {""})))),
    }


def random_held(rng: random.Random, back: datetime, notified: datetime | None) -> datetime:
    match rng.randrange(5):
        case 0:
            return back + 72 * HOUR + rng.choice([-SECOND, NOTHING, SECOND])
        case 1:
            return (notified or back) + 72 * HOUR + rng.choice([-SECOND, NOTHING, SECOND])
        case 2:
            midnight = in_london(local_date(back) + rng.randint(1, 9) * DAY)
            return midnight - rng.choice([NOTHING, SECOND])
        case 3:
            return back - rng.randrange(3 * 24 * 60) * MINUTE
        case _:
            return back + rng.randrange(9 * 24 * 60) * MINUTE


def random_attempts(rng: random.Random, interviews: list[Row]) -> list[Row]:
    return [
        {
            "interview_id": interview["interview_id"],
            "attempted_at": interview["offered_at"],
            "method": rng.choice(["phone", "text", "home_visit", "letter"]),
            "contacted": rng.choice(["child", "parent", "foster_carer"]),
            "result": rng.choice(["spoke_to_child", "left_message", "no_answer"]),
            "note": maybe(rng, 0.3, odd_or(rng, "will ring back")),
        }
        for interview in interviews
        if interview["offered_at"]
    ]


# ---- cells ----


def maybe(rng: random.Random, chance: float, cell: str) -> str:
    return cell if rng.random() < chance else ""


def odd_or(rng: random.Random, text: str) -> str:
    return rng.choice(ODD_TEXTS) if rng.random() < 0.1 else text


def any_code(rng: random.Random, file: str, column: str) -> str:
    return rng.choice(sorted(CODES[file][column]))


def any_code_or_none(rng: random.Random, file: str, column: str) -> str:
    return maybe(rng, 0.7, any_code(rng, file, column))


def written(rng: random.Random, moment: datetime) -> str:
    """One of the ways to write an instant: London's wall clock, or the offset of London, UTC or another zone.

    The wall clock also as an hour that the clocks skipped, where that means this instant.
    """
    local = moment.astimezone(LONDON)
    walls = [local.replace(tzinfo=None), local.replace(tzinfo=None) - HOUR]
    ways = [wall for wall in walls if wall.replace(tzinfo=LONDON).astimezone(UTC) == moment] * 3
    elsewhere = timezone(rng.choice([5 * HOUR + 30 * MINUTE, -8 * HOUR, HOUR]))
    way = rng.choice([*ways, local, moment, moment.astimezone(elsewhere)])
    precision = rng.choice(["minutes", "seconds"]) if moment.second == 0 else "seconds"
    text = way.isoformat(timespec=precision)
    return text.replace("+00:00", "Z") if way == moment and rng.random() < 0.5 else text


def written_if_past(rng: random.Random, moment: datetime, now: datetime) -> str:
    """Nothing for what has not happened yet, but for a few mistakes."""
    return written(rng, moment) if moment <= now or rng.random() < 0.1 else ""


def in_london(day: date, wall: time = time.min) -> datetime:
    return datetime.combine(day, wall, tzinfo=LONDON).astimezone(UTC)


def summer_time(moment: datetime) -> bool:
    return bool(moment.astimezone(LONDON).dst())


# ---- files ----


def write_file(rng: random.Random, path: Path, rows: list[Row]) -> None:
    """Columns in any order, optional ones at times absent; with or without a byte order mark and Windows line ends."""
    columns = COLUMNS[path.name].copy()
    if rng.random() < 0.2:
        optional = sorted(set(columns) - ALWAYS_PRESENT[path.name])
        absent = set(rng.sample(optional, min(2, len(optional))))
        if "outcome" in absent:
            absent.add("reason")
        columns = [column for column in columns if column not in absent]
    if rng.random() < 0.5:
        rng.shuffle(columns)
    encoding = rng.choice(["utf-8", "utf-8-sig"])
    with path.open("w", encoding=encoding, newline="") as lines:
        writer = csv.DictWriter(
            lines, columns, restval="", extrasaction="ignore", lineterminator=rng.choice(["\n", "\r\n"])
        )
        writer.writeheader()
        for row in with_second_versions(rng, path.name, rows):
            writer.writerow(row if rng.random() > 0.04 else spoilt(rng, path.name, row))


def with_second_versions(rng: random.Random, file: str, rows: list[Row]) -> list[Row]:
    """The rows, some of them twice: the other version has the same key and the remaining cells of another row."""
    key = {
        "children.csv": {"child_id"},
        "carers.csv": {"child_id", "name", "relationship"},
        "involvements.csv": {"child_id", "service", "start"},
        "episodes.csv": {"child_id", "episode_id"},
        "interviews.csv": {"child_id", "interview_id", "episode_ids"},
        "attempts.csv": {"interview_id", "attempted_at", "method", "contacted"},
    }[file]
    versions = rows.copy()
    for row in rng.sample(rows, len(rows) // 15):
        other = rng.choice(rows) | {column: row[column] for column in key}
        if file == "interviews.csv":
            other["episode_ids"] = rng.choice(row["episode_ids"].split())
        versions.insert(rng.randint(0, len(versions)), other)
    return versions


def spoilt(rng: random.Random, file: str, row: Row) -> Row:
    """The row with a fault for which it alone is to be rejected."""
    dates = {"date_of_birth", "start", "end"}
    faults = [{column: ""} for column in sorted(ALWAYS_PRESENT[file])]
    faults += [{column: "perhaps"} for column in CODES.get(file, {})]
    faults += [
        {column: unreadable}
        for column in COLUMNS[file]
        if column.endswith("_at") or column in dates
        for unreadable in ("31/03/2026", "2026-02-30", "yesterday")
    ]
    faults += [{"child_id": "NOBODY"}] if "child_id" in COLUMNS[file] else [{"interview_id": "NONE"}]
    if file == "interviews.csv":
        faults += [{"episode_ids": f"{row['episode_ids']} NONE"}, {"outcome": "declined", "reason": "wrong_number"}] * 5
    return row | rng.choice(faults)
