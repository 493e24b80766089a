"""The monthly table, counted a second time, to hold the product's own against.

Written from the agreed definitions alone: it reads the record files with the standard library and imports nothing of
the product, so the two agree only when both are right. Slow and plain on purpose: one question, one function. Carers
and attempts stand in no figure of this table, so their files are not read.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from govuk_bank_holidays.bank_holidays import BankHolidays

LONDON = ZoneInfo("Europe/London")
SEVENTY_TWO_HOURS = timedelta(hours=72)
CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)  # a time further ahead of now than this is a mistake
BANK_HOLIDAYS = {
    holiday["date"] for holiday in BankHolidays(use_cached_holidays=True).get_holidays(BankHolidays.ENGLAND_AND_WALES)
}  # 2012 to 2028
DONE = {"completed", "covered", "part_completed"}

REQUIRED = {
    "children.csv": {"child_id", "first_name", "last_name", "date_of_birth"},
    "involvements.csv": {"child_id", "service", "start"},
    "episodes.csv": {"episode_id", "child_id", "kind", "last_seen_at"},
    "interviews.csv": {"interview_id", "child_id", "episode_ids"},
}


def words(text: str) -> set[str]:
    return set(text.split())


CODES = {
    "children.csv": {
        "sex": words("F M U"),
        "interpreter_needed": words("Y N"),
        "living_independently": words("Y N"),
        "uasc": words("Y N"),
        "restricted": words("Y N"),
    },
    "involvements.csv": {
        "service": words(
            "looked_after child_protection child_in_need assessment family_service youth_justice care_leaver"
        ),
        "placement_kind": words(
            "foster_care kinship childrens_home supported_accommodation residential_school secure other"
        ),
        "placement_area": words("in_area neighbouring out_of_area"),
    },
    "episodes.csv": {
        "kind": words("missing away"),
        "return_precision": words("exact estimated date"),
        "source": words("police case_system social_worker placement parent other_authority other"),
        "police_risk": words("no_apparent_risk low medium high absent not_known"),
        "missing_from": words(
            "family_home foster_care childrens_home supported_accommodation residential_school hospital secure"
            " independent other"
        ),
        "ended_how": words(
            "returned found_by_police brought_by_carer brought_by_other hospital arrested whereabouts_known turned_18"
            " other"
        ),
    },
    "interviews.csv": {
        "offered_to": words("child parent both"),
        "response": words("accepted declined_by_child declined_by_parent no_response not_asked"),
        "method": words("face_to_face telephone video other"),
        "outcome": words(
            "completed covered part_completed declined accepted_not_held no_contact not_offered not_required"
        ),
    },
}
REASONS = {
    "part_completed": words("child_stopped interrupted other"),
    "declined": words("not_needed distrust already_told ashamed too_many communication by_parent no_reason other"),
    "accepted_not_held": words(
        "not_present refused_on_arrival missing_again lapsed ill_or_custody worker_absent distance other"
    ),
    "no_contact": words("no_answer wrong_number no_address no_fixed_abode carer_blocked"),
    "not_offered": words(
        "missing_again told_too_late other_authority custody hospital abroad under_8 unsafe asked_to_delay no_worker"
        " process_error other"
    ),
    "not_required": words("other_authority now_18 died agreed_exception"),
}

Row = dict[str, str]  # a line of a file: column -> cell, without its empty cells
Value = Decimal | int | None


@dataclass(frozen=True)
class Counting:
    """What a procedure chooses about counting."""

    our_code: str | None = None  # our ONS code
    include_other_authorities: bool = True
    kinds: frozenset[str] = frozenset({"missing"})
    month_of: Literal["last_seen", "reported", "returned"] = "last_seen"


@dataclass(frozen=True)
class Episode:
    """One episode and the facts that the table asks of it."""

    child_id: str
    kind: str
    month: str | None  # "2026-03"; none when the time that decides it is not known
    other_authority: bool
    looked_after: bool
    offered: bool
    accepted: bool
    declined: bool
    done: bool
    is_open: bool  # neither an outcome nor an interview held
    returned_at: datetime | None
    notified_at: datetime | None
    held_at: datetime | None  # of an episode that is done


def monthly_table(
    folder: Path, *, first: str, last: str, counting: Counting, now: datetime
) -> dict[str, dict[str, Value]]:
    """Each measure's value by month, `first` and `last` ("2026-03") included: measure -> month -> value.

    Counts are integers; rates are percentages to two decimals, None without a denominator.
    """
    episodes = read_episodes(folder, counting, now)
    columns = {
        month: column([episode for episode in episodes if episode.month == month], counting, now)
        for month in months(first, last)
    }
    measures = column([], counting, now)
    return {measure: {month: values[measure] for month, values in columns.items()} for measure in measures}


def column(episodes: list[Episode], counting: Counting, now: datetime) -> dict[str, Value]:
    """The table's column for the episodes of one month."""
    of_counted_kind = [episode for episode in episodes if episode.kind in counting.kinds]
    ours = [episode for episode in of_counted_kind if not episode.other_authority]
    theirs = [episode for episode in of_counted_kind if episode.other_authority]
    counted = of_counted_kind if counting.include_other_authorities else ours

    offered = [episode for episode in counted if episode.offered]
    done = [episode for episode in counted if episode.done]
    looked_after = [episode for episode in ours if episode.looked_after]
    looked_after_done = [episode for episode in looked_after if episode.done]
    in_time = [episode for episode in counted if held_within_72_hours(episode, since=episode.returned_at)]
    held_after_a_known_return = [episode for episode in counted if episode.held_at and episode.returned_at]
    open_ends = [
        episode.returned_at + SEVENTY_TWO_HOURS for episode in counted if episode.returned_at and episode.is_open
    ]
    away = [
        episode
        for episode in episodes
        if episode.kind == "away" and (counting.include_other_authorities or not episode.other_authority)
    ]
    return {
        "children_missing": children(counted),
        "children_offered": children(offered),
        "children_done": children(done),
        "episodes": len(counted),
        "episodes_done": len(done),
        "offer_rate": rate(children(offered), children(counted)),
        "episodes_done_rate": rate(len(done), len(counted)),
        "looked_after_episodes": len(looked_after),
        "looked_after_episodes_done": len(looked_after_done),
        "looked_after_done_rate": rate(len(looked_after_done), len(looked_after)),
        "episodes_offered": len(offered),
        "episodes_accepted": sum(episode.accepted for episode in counted),
        "episodes_declined": sum(episode.declined for episode in counted),
        "held_within_72_hours": len(in_time),
        "held_within_72_hours_of_notification": sum(
            held_within_72_hours(episode, since=episode.notified_at) for episode in counted
        ),
        "held_within_3_calendar_days": sum(held_within_3_calendar_days(episode) for episode in counted),
        "held_within_3_working_days": sum(held_within_3_working_days(episode) for episode in counted),
        "in_time": len(in_time),
        "late": len(held_after_a_known_return) - len(in_time),
        "open_in_time": sum(now <= end for end in open_ends),
        "open_late": sum(now > end for end in open_ends),
        "other_authority_children": children(theirs),
        "other_authority_episodes": len(theirs),
        "away_episodes": len(away),
    }


# ---- what is counted ----


def children(episodes: Iterable[Episode]) -> int:
    """How many children these episodes are of, each once."""
    return len({episode.child_id for episode in episodes})


def rate(part: int, whole: int) -> Decimal | None:
    """The percentage, half-up to two decimals."""
    if not whole:
        return None
    return (Decimal(100) * part / whole).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def held_within_72_hours(episode: Episode, *, since: datetime | None) -> bool:
    """Held by 72 elapsed hours after `since`, or before it; exactly at the limit is in time."""
    return bool(episode.held_at and since and episode.held_at <= since + SEVENTY_TWO_HOURS)


def held_within_3_calendar_days(episode: Episode) -> bool:
    """Held by the end of the third day after the day of the return."""
    if not (episode.held_at and episode.returned_at):
        return False
    return local_date(episode.held_at) <= local_date(episode.returned_at) + timedelta(days=3)


def held_within_3_working_days(episode: Episode) -> bool:
    """Held by the end of the third working day after the day of the return."""
    if not (episode.held_at and episode.returned_at):
        return False
    return local_date(episode.held_at) <= third_working_day_after(local_date(episode.returned_at))


# ---- time ----


def months(first: str, last: str) -> Iterator[str]:
    """The names of the months from `first` to `last`, both included: "2025-12", "2026-01", …."""
    year, month = map(int, first.split("-"))
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def instant(cell: str) -> datetime:
    """The moment that a cell names, in UTC; without an offset the cell is London's wall clock.

    zoneinfo reads a time that happens twice as the first of the two, and one that the clocks skip as if they had not
    yet moved, which is an hour later on the new clock: both as agreed.
    """
    written = datetime.fromisoformat(cell)
    if written.tzinfo is None:
        written = written.replace(tzinfo=LONDON)
    return written.astimezone(UTC)


def local_date(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


def third_working_day_after(day: date) -> date:
    """Mondays to Fridays less England's bank holidays; `day` itself is day 0."""
    found = 0
    while found < 3:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in BANK_HOLIDAYS:
            found += 1
    return day


# ---- rows ----


def good_rows(folder: Path, file: str, now: datetime) -> Iterator[Row]:
    """The rows of a file that stand by themselves; whether what they refer to exists is for the caller."""
    if not (folder / file).exists():
        return
    with (folder / file).open(encoding="utf-8-sig", newline="") as lines:
        for cells in csv.DictReader(lines):
            row = {name: cell for name, cell in cells.items() if cell}
            if is_good(row, file, now):
                yield row


def is_good(row: Row, file: str, now: datetime) -> bool:
    """Nothing required is missing, every value can be read, every code is listed, no time lies ahead of now."""
    try:
        times = [instant(cell) for name, cell in row.items() if name.endswith("_at")]
        for name in {"date_of_birth", "start", "end"} & row.keys():
            date.fromisoformat(row[name])
    except ValueError:
        return False
    return (
        REQUIRED[file] <= row.keys()
        and all(row[name] in codes for name, codes in CODES[file].items() if name in row)
        and ("reason" not in row or row["reason"] in REASONS.get(row.get("outcome", ""), set()))
        and all(moment <= now + CLOCKS_MAY_DIFFER_BY for moment in times)
    )


def moment_of(row: Row, name: str) -> datetime | None:
    return instant(cell) if (cell := row.get(name)) else None


def returned_by_date_only(episode: Row) -> bool:
    return episode.get("return_precision") == "date" or len(episode.get("returned_at", "")) == len("2026-03-29")


def returned_at(episode: Row) -> datetime | None:
    """When the child was back; 00:00 of the day when no more than the day is known."""
    moment = moment_of(episode, "returned_at")
    if moment and returned_by_date_only(episode):
        return datetime.combine(local_date(moment), time.min, tzinfo=LONDON).astimezone(UTC)
    return moment


def returned_before_last_seen(episode: Row) -> bool:
    """A return known by its date only is not before a last sight on that same date."""
    last_seen, returned = instant(episode["last_seen_at"]), returned_at(episode)
    if not returned:
        return False
    if returned_by_date_only(episode):
        return local_date(returned) < local_date(last_seen)
    return returned < last_seen


# ---- episodes, with what the other files say of them ----


def read_episodes(folder: Path, counting: Counting, now: datetime) -> list[Episode]:
    """Every episode that the files hold. Of the good rows with the same key the last one stands."""
    children_by_id = {row["child_id"]: row for row in good_rows(folder, "children.csv", now)}
    involvements = {
        (row["child_id"], row["service"], row["start"]): row
        for row in good_rows(folder, "involvements.csv", now)
        if row["child_id"] in children_by_id and row["start"] <= row.get("end", row["start"])
    }
    episodes = {
        row["episode_id"]: row
        for row in good_rows(folder, "episodes.csv", now)
        if row["child_id"] in children_by_id and not returned_before_last_seen(row)
    }
    episodes_of = {
        child_id: {row["episode_id"] for row in episodes.values() if row["child_id"] == child_id}
        for child_id in children_by_id
    }
    interviews = {
        row["interview_id"]: row
        for row in good_rows(folder, "interviews.csv", now)
        if set(row["episode_ids"].split()) <= episodes_of.get(row["child_id"], set())
    }
    return [
        episode_with_its_facts(
            row,
            child=children_by_id[row["child_id"]],
            care=[
                involvement
                for involvement in involvements.values()
                if involvement["child_id"] == row["child_id"] and involvement["service"] == "looked_after"
            ],
            interviews=[
                interview for interview in interviews.values() if row["episode_id"] in interview["episode_ids"].split()
            ],
            counting=counting,
        )
        for row in episodes.values()
    ]


def episode_with_its_facts(
    row: Row, *, child: Row, care: list[Row], interviews: list[Row], counting: Counting
) -> Episode:
    """`care` are the child's looked-after involvements, `interviews` the rows that name the episode.

    Of several outcomes one that means done stands; which of the others would is nothing to this table. Nor is which
    episode of a completed interview is `completed` and which are `covered`: both are done.
    """
    authority = child.get("responsible_authority")
    missing_from_day = local_date(instant(row["last_seen_at"]))
    decides_the_month = {
        "last_seen": moment_of(row, "last_seen_at"),
        "reported": moment_of(row, "reported_at"),
        "returned": returned_at(row),
    }[counting.month_of]
    outcomes = {interview["outcome"] for interview in interviews if "outcome" in interview}
    held = [instant(interview["held_at"]) for interview in interviews if "held_at" in interview]
    done = bool(outcomes & DONE) if outcomes else bool(held)
    return Episode(
        child_id=row["child_id"],
        kind=row["kind"],
        month=f"{local_date(decides_the_month):%Y-%m}" if decides_the_month else None,
        other_authority=authority is not None and authority != counting.our_code,
        looked_after=any(covers(involvement, missing_from_day) for involvement in care),
        offered=any("offered_at" in interview and "offered_to" in interview for interview in interviews),
        accepted=any(
            interview.get("response") == "accepted" and interview.get("offered_to") in {"child", "both"}
            for interview in interviews
        ),
        declined=any(
            interview.get("response") in {"declined_by_child", "declined_by_parent"} for interview in interviews
        ),
        done=done,
        is_open=not outcomes and not held,
        returned_at=returned_at(row),
        notified_at=moment_of(row, "notified_at"),
        held_at=min(held, default=None) if done else None,
    )


def covers(involvement: Row, day: date) -> bool:
    """Open on that day; the start and the end day are both inside."""
    return involvement["start"] <= day.isoformat() <= involvement.get("end", day.isoformat())
