"""Records that give the table which Croydon reported for April to November 2017, cell for cell.

Eight rows by eight months were printed. Of looked-after children's episodes only the rate was, so `LOOKED_AFTER` holds
pairs that give it. Among the counted records lie others that must not show: children of other authorities, `away`
episodes, episodes a minute outside the eight months, care that began the day after or ended the day before, offers to
a parent alone or made in the month after, interviews accepted and never held.

Everything is placed by arithmetic: the files are the same each time.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

MONTHS = ["2017-04", "2017-05", "2017-06", "2017-07", "2017-08", "2017-09", "2017-10", "2017-11"]
MONTH_STARTS = [datetime(2017, month, 1) for month in range(4, 13)]  # noqa: DTZ001 - London's wall clock, as below

CHILDREN_MISSING = [79, 85, 111, 106, 74, 87, 104, 98]
CHILDREN_OFFERED = [26, 31, 65, 64, 47, 62, 77, 73]
CHILDREN_DONE = [14, 21, 42, 35, 30, 50, 65, 60]
EPISODES = [149, 177, 218, 238, 151, 189, 213, 187]
EPISODES_DONE = [18, 22, 52, 44, 41, 75, 90, 87]
LOOKED_AFTER = [122, 138, 179, 202, 135, 161, 184, 156]
LOOKED_AFTER_DONE = [13, 12, 40, 26, 37, 62, 70, 78]

PRINTED: dict[str, Sequence[int | str]] = {
    "children_missing": CHILDREN_MISSING,
    "children_offered": CHILDREN_OFFERED,
    "children_done": CHILDREN_DONE,
    "episodes": EPISODES,
    "episodes_done": EPISODES_DONE,
    "offer_rate": ["32.91", "36.47", "58.56", "60.38", "63.51", "71.26", "74.04", "74.49"],
    "episodes_done_rate": ["12.08", "12.43", "23.85", "18.49", "27.15", "39.68", "42.25", "46.52"],
    "looked_after_done_rate": ["10.66", "8.70", "22.35", "12.87", "27.41", "38.51", "38.04", "50.00"],
}
EXPECTED = {measure: dict(zip(MONTHS, cells, strict=True)) for measure, cells in PRINTED.items()}

Row = dict[str, str]
Cells = dict[str, str | datetime]


@dataclass(frozen=True)
class Absence:
    episode_id: str
    child_id: str
    last_seen: datetime
    returned: datetime


@dataclass
class Records:
    """The rows of the four files that make the table. All times given are London's wall clock."""

    children: list[Row] = field(default_factory=list)
    involvements: list[Row] = field(default_factory=list)
    episodes: list[Row] = field(default_factory=list)
    interviews: list[Row] = field(default_factory=list)

    def child(self, child_id: str, *, responsible_authority: str = "") -> str:
        number = len(self.children)
        row = {
            "child_id": child_id,
            "first_name": "Robin",
            "last_name": f"Example {child_id}",
            "date_of_birth": date(2001 + number % 7, 1 + number % 12, 1 + number % 28).isoformat(),
            "responsible_authority": responsible_authority,
        }
        self.children.append(row)
        return child_id

    def involvement(self, child_id: str, service: str, start: date, end: date | None = None) -> None:
        number = len(self.involvements)
        row = {
            "child_id": child_id,
            "service": service,
            "start": start.isoformat(),
            "end": end.isoformat() if end else "",
            "team": "Children Looked After" if service == "looked_after" else "Child Protection",
            "worker_email": f"worker{number % 12}@example.org",
            "placement_area": ["in_area", "neighbouring", "out_of_area"][number % 3]
            if service == "looked_after"
            else "",
        }
        self.involvements.append(row)

    def episode(self, child_id: str, last_seen: datetime, returned: datetime, *, kind: str = "missing") -> Absence:
        number = len(self.episodes)
        row = {
            "episode_id": f"E{number}",
            "child_id": child_id,
            "kind": kind,
            "last_seen_at": written(last_seen, number),
            "reported_at": written(last_seen + 90 * MINUTE, number),
            "returned_at": written(returned, number + 1),
            "notified_at": written(returned + 5 * HOUR, number + 2),
            "source": "police",
        }
        self.episodes.append(row)
        return Absence(row["episode_id"], child_id, last_seen, returned)

    def interview(self, *absences: Absence, **cells: str | datetime) -> None:
        number = len(self.interviews)
        row = {
            "interview_id": f"I{number}",
            "child_id": absences[0].child_id,
            "episode_ids": " ".join(absence.episode_id for absence in absences),
            "team": "Missing Team",
            "worker_email": f"worker{number % 12}@example.org",
        }
        self.interviews.append(
            row | {name: written(cell, number) if isinstance(cell, datetime) else cell for name, cell in cells.items()}
        )


def write_croydon_records(folder: Path) -> None:
    """Write `children.csv`, `involvements.csv`, `episodes.csv` and `interviews.csv` into `folder`."""
    records = Records()
    for number in range(95):
        records.involvement(records.child(f"CARE-{number}"), "looked_after", date(2015, 9, 1))
    for number in range(30):
        records.involvement(records.child(f"HOME-{number}"), "child_protection", date(2016, 2, 1))
    add_child_missing_around_every_month_end(records)
    for number in range(len(MONTHS)):
        add_rest_of_month(records, number)
    add_other_authorities_children(records)
    add_away_absences(records)
    add_episodes_just_outside(records)
    for name in ("children", "involvements", "episodes", "interviews"):
        write_file(folder / f"{name}.csv", getattr(records, name))


# ---- what counts ----


def add_child_missing_around_every_month_end(records: Records) -> None:
    """In care, missing at 23:58 and again at 00:01, with one interview for both: two done episodes in every month."""
    child_id = records.child("MIDNIGHT")
    records.involvement(child_id, "looked_after", date(2015, 9, 1))
    for midnight in MONTH_STARTS:
        add_held_interview(
            records,
            records.episode(child_id, midnight - 2 * MINUTE, midnight),
            records.episode(child_id, midnight + MINUTE, midnight + 7 * HOUR),
        )


def add_rest_of_month(records: Records, number: int) -> None:
    """The month's counts less the child who is missing around its ends."""
    month, start, end = MONTHS[number], MONTH_STARTS[number], MONTH_STARTS[number + 1]
    children, children_offered, children_done = (
        counts[number] - 1 for counts in (CHILDREN_MISSING, CHILDREN_OFFERED, CHILDREN_DONE)
    )
    in_care, in_care_done = LOOKED_AFTER[number] - 2, LOOKED_AFTER_DONE[number] - 2
    at_home, at_home_done = EPISODES[number] - LOOKED_AFTER[number], EPISODES_DONE[number] - LOOKED_AFTER_DONE[number]
    children_at_home = children // 5
    children_at_home_done = max(children_done - in_care_done, (2 * at_home_done + 2) // 3)
    children_at_home_offered = children_at_home_done + (children_offered - children_done) // 4

    care_begins, care_ends = records.child(f"BEGINS-{month}"), records.child(f"ENDS-{month}")
    always_in_care = [f"CARE-{(11 * number + n) % 95}" for n in range(children - children_at_home - 2)]
    absences = add_children(
        records,
        [care_begins, care_ends, *always_in_care],
        month=(start, end),
        last_child_missing_at=start,
        episodes=in_care,
        episodes_done=in_care_done,
        children_done=children_done - children_at_home_done,
        children_offered=children_offered - children_at_home_offered,
    )
    records.involvement(care_begins, "looked_after", absences[care_begins][0].last_seen.date())
    records.involvement(care_ends, "looked_after", date(2016, 5, 1), absences[care_ends][-1].last_seen.date())

    care_from_day_after, care_till_day_before = records.child(f"AFTER-{month}"), records.child(f"BEFORE-{month}")
    never_in_care = [f"HOME-{(7 * number + n) % 30}" for n in range(children_at_home - 2)]
    absences = add_children(
        records,
        [care_from_day_after, care_till_day_before, *never_in_care],
        month=(start, end),
        last_child_missing_at=end - MINUTE,
        episodes=at_home,
        episodes_done=at_home_done,
        children_done=children_at_home_done,
        children_offered=children_at_home_offered,
    )
    day_after = absences[care_from_day_after][-1].last_seen.date() + DAY
    day_before = absences[care_till_day_before][0].last_seen.date() - DAY
    records.involvement(care_from_day_after, "looked_after", day_after)
    records.involvement(care_till_day_before, "looked_after", date(2016, 5, 1), day_before)


def add_children(
    records: Records,
    child_ids: list[str],
    *,
    month: tuple[datetime, datetime],
    last_child_missing_at: datetime,
    episodes: int,
    episodes_done: int,
    children_done: int,
    children_offered: int,
) -> dict[str, list[Absence]]:
    """Share a month's episodes among the children: the first have interviews held, the next are only offered one.

    Where there are enough, the first child has three episodes done. The first third is missing most often; the last
    child once.
    """
    others = len(child_ids) - children_done
    if episodes_done >= children_done + 2:
        done = [3, *share(episodes_done - 3, children_done - 1)]
    else:
        done = share(episodes_done, children_done)
    done += [0] * others
    often_missing = len(child_ids) // 3
    not_done = [0] * children_done + [1] * others
    for position, more in enumerate(share(episodes - episodes_done - others, often_missing)):
        not_done[position] += more

    absences = {}
    for position, child_id in enumerate(child_ids):
        times = spread_over(month, done[position] + not_done[position], position)
        if position == len(child_ids) - 1:
            times = [last_child_missing_at]
        of_child = [records.episode(child_id, at, at + (2 + position % 8) * HOUR) for at in times]
        add_interviews(
            records, of_child[: done[position]], of_child[done[position] :], offered=position < children_offered
        )
        absences[child_id] = of_child
    return absences


def add_interviews(records: Records, done: list[Absence], not_done: list[Absence], *, offered: bool) -> None:
    if len(done) == 3:
        add_held_interview(records, *done)  # one interview over three episodes
    else:
        for absence in done:
            add_held_interview(records, absence)
    if offered and not done:
        add_offer_that_came_to_nothing(records, not_done[0])
    elif not_done:
        add_no_offer(records, not_done[-1])


def add_held_interview(records: Records, *absences: Absence) -> None:
    """In the ways in which an interview counts as held."""
    back = absences[-1].returned
    held = back + (20 + 13 * len(records.interviews) % 80) * HOUR
    offer: Cells = {"offered_at": back + 6 * HOUR, "offered_to": "child", "response": "accepted", "held_at": held}
    match len(records.interviews) % 6:
        case 0:
            records.interview(*absences, **offer, outcome="part_completed", reason="child_stopped")
        case 1:
            records.interview(*absences, **offer, outcome="covered")
        case 2:  # held, not yet written up
            records.interview(*absences, **offer)
        case 3:  # at the second try
            records.interview(*absences, offered_at=back + HOUR, outcome="no_contact", reason="no_answer")
            records.interview(*absences, **offer, written_up_at=held + 9 * HOUR, outcome="completed")
        case _:
            records.interview(*absences, **offer | {"offered_to": "both"}, outcome="completed")


def add_offer_that_came_to_nothing(records: Records, absence: Absence) -> None:
    back = absence.returned
    month_after = (absence.last_seen.replace(day=1) + 35 * DAY).replace(day=2)
    match len(records.interviews) % 5:
        case 0:
            answer: Cells = {"response": "declined_by_parent", "outcome": "declined", "reason": "by_parent"}
            records.interview(absence, offered_at=back + 9 * HOUR, offered_to="parent", **answer)
        case 1:
            answer = {"response": "accepted", "outcome": "accepted_not_held", "reason": "missing_again"}
            records.interview(absence, offered_at=back + 9 * HOUR, offered_to="child", **answer)
        case 2:
            answer = {"response": "declined_by_child", "outcome": "declined", "reason": "not_needed"}
            records.interview(absence, offered_at=back + 9 * HOUR, offered_to="both", **answer)
        case 3:
            records.interview(absence, offered_at=month_after, offered_to="child", response="no_response")
        case _:
            answer = {"response": "no_response", "outcome": "no_contact", "reason": "carer_blocked"}
            records.interview(absence, offered_at=month_after, offered_to="parent", **answer)


def add_no_offer(records: Records, absence: Absence) -> None:
    match len(records.interviews) % 3:
        case 0:
            records.interview(absence, outcome="not_offered", reason="missing_again")
        case 1:
            records.interview(absence, outcome="no_contact", reason="no_answer")
        case _:
            records.interview(absence)


# ---- what must not show ----


def add_other_authorities_children(records: Records) -> None:
    for number, code in enumerate(["E09000028", "E09000032", "E10000016", "E09000028", "E09000005"]):
        child_id = records.child(f"OTHER-{number}", responsible_authority=code)
        records.involvement(child_id, "looked_after", date(2016, 1, 1))
        for start in MONTH_STARTS:
            for day in (2, 9 + number, 20):
                last_seen = start + day * DAY + 21 * HOUR
                add_held_interview(records, records.episode(child_id, last_seen, last_seen + 10 * HOUR))


def add_away_absences(records: Records) -> None:
    """Of children who also went missing, and of one who was only ever away."""
    only_away = records.child("AWAY")
    records.involvement(only_away, "looked_after", date(2016, 1, 1))
    for start in MONTH_STARTS[:-1]:
        for child_id in ("MIDNIGHT", only_away):
            last_seen = start + 12 * DAY + 18 * HOUR
            add_held_interview(records, records.episode(child_id, last_seen, last_seen + 3 * HOUR, kind="away"))


def add_episodes_just_outside(records: Records) -> None:
    """Seen a minute before the first month, back and interviewed in it; and at the instant when the last has ended."""
    first, end = MONTH_STARTS[0], MONTH_STARTS[-1]
    for number in range(5):
        add_held_interview(records, records.episode(f"HOME-{number}", first - MINUTE, first + 30 * HOUR))
        add_held_interview(records, records.episode(f"CARE-{number}", end, end + 5 * HOUR))


# ---- sharing out, writing ----


def share(number: int, among: int) -> list[int]:
    """As evenly as it goes, the first ones more."""
    return [number // among + (position < number % among) for position in range(among)]


def spread_over(month: tuple[datetime, datetime], number: int, position: int) -> list[datetime]:
    """So many moments in a month, evenly apart and each well before the end of its share; another for each position."""
    start, end = month
    apart = (end - start) / number
    first = start + apart * (position * 7 % 23) / 25
    return [(first + n * apart).replace(second=0, microsecond=0) for n in range(number)]


def written(moment: datetime, number: int) -> str:
    """London's wall clock, the same with its offset, or UTC."""
    local = moment.replace(tzinfo=LONDON)
    ways = [moment, local, local.astimezone(UTC)]
    return ways[number % 3].isoformat().replace("+00:00", "Z")


def write_file(path: Path, rows: list[Row]) -> None:
    columns = dict.fromkeys(column for row in rows for column in row)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
