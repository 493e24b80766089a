"""Inventing records, and reading them back."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.management import call_command

LONDON = ZoneInfo("Europe/London")
WHOLE_MONTHS = [f"2023-{month:02}" for month in (11, 12)] + [f"2024-{month:02}" for month in range(1, 11)]

COLUMNS = {
    "children": "child_id first_name last_name date_of_birth sex ethnicity responsible_authority address_1 address_2 "
    "address_3 address_4 postcode area phone email language interpreter_needed living_independently uasc restricted",
    "carers": "child_id name relationship address_1 address_2 address_3 address_4 postcode phone email "
    "safe_to_contact reason",
    "involvements": "child_id service start end team worker_email placement_kind placement_area host_authority "
    "placement_provider",
    "episodes": "episode_id child_id kind last_seen_at reported_at returned_at return_precision notified_at source "
    "police_ref police_risk missing_from ended_how circumstances",
    "interviews": "interview_id child_id episode_ids team worker_email offered_at offered_to response responded_at "
    "held_at method written_up_at outcome reason",
    "attempts": "interview_id attempted_at method contacted result note",
}

Files = dict[str, list[dict[str, str]]]


def generate(folder: Path, **options: object) -> Files:
    """Run the command and read what it wrote."""
    call_command("generate_records", output=folder, **options)
    files = {}
    for name in COLUMNS:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            files[name] = list(csv.DictReader(file))
    return files


def at(text: str) -> datetime:
    """The moment that a cell names."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).astimezone(UTC)


def by_child(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    children = defaultdict(list)
    for row in rows:
        children[row["child_id"]].append(row)
    return children


def missing(files: Files, months: list[str]) -> list[dict[str, str]]:
    """Episodes of kind missing whose child was last seen in one of the months, by London's clocks."""
    return [row for row in files["episodes"] if row["kind"] == "missing" and row["last_seen_at"][:7] in months]


def times(files: Files) -> Iterator[str]:
    """Every time in every file."""
    for rows in files.values():
        for row in rows:
            yield from (text for name, text in row.items() if name.endswith("_at") and text)
