"""Record files, read a second time with the standard library alone: which rows stand, and what their cells mean.

It imports nothing of the product, so that what is counted from it can be held against the product's own figures.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)  # a time further ahead of now than this is a mistake

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
