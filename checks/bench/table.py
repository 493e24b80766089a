"""The monthly table over a million episodes, beside hand-written SQL on the same tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from checks.bench import SEED, Figure, ratio, use_fresh_database
from procedures.calendar import bank_holidays
from reporting.measures import MEASURES, Rate
from reporting.tables import Month, Table, monthly

FOLDER = Path(__file__).resolve().parent
EPISODES, CHILDREN = 1_000_000, 250_000
FIRST, LAST = date(2016, 1, 1), date(2025, 12, 31)
NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
YEAR = Month(2024, 1), Month(2024, 12)
DECADE = Month(2016, 1), Month(2025, 12)


def measure() -> Iterator[Figure]:
    """Twelve months and ten years. The figures of both must be the same, cell by cell, or nothing is compared."""
    fill()
    for name, (first, last), limit, pairs in (
        ("12 months of the table, beside hand-written SQL", YEAR, 1.2, 5),
        ("10 years of the table, beside hand-written SQL", DECADE, 1.0, 3),
    ):
        check(monthly(first, last, now=NOW), by_hand(first, last))
        yield ratio(
            name,
            partial(monthly, first, last, now=NOW),
            partial(by_hand, first, last),
            limit=limit,
            pairs=pairs,
        )


def fill() -> None:
    """Ten years of invented records, straight into the tables."""
    use_fresh_database("bench_table", procedure="croydon")
    values: dict[str, Any] = {
        "seed": SEED,
        "first": FIRST,
        "days": (LAST - FIRST).days,
        "children": CHILDREN,
        "episodes": EPISODES,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute((FOLDER / "fill.sql").read_text("utf-8"), values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def by_hand(first: Month, last: Month) -> dict[str, dict[str, int]]:
    """The counts of the table by SQL that somebody would write for this purpose, as well as they can."""
    values: dict[str, Any] = {
        "first": first.first,
        "last": last.last,
        "now": NOW,
        "holidays": [day for year in range(first.year - 1, last.year + 3) for day in bank_holidays(year)],
    }
    with connection.cursor() as cursor:
        cursor.execute((FOLDER / "monthly_table.sql").read_text("utf-8"), values)
        names = [column.name for column in cursor.description]
        return {f"{month:%Y-%m}": dict(zip(names[1:], numbers, strict=True)) for month, *numbers in cursor.fetchall()}


def check(ours: Table, theirs: dict[str, dict[str, int]]) -> None:
    """Every counted cell is the same on both sides; otherwise SystemExit, as there is nothing to compare."""
    for measure in MEASURES:
        if isinstance(measure, Rate):
            continue
        for month in ours.months:
            if ours.values[measure.key][month] != theirs[str(month)][measure.key]:
                raise SystemExit(f"{measure.key} of {month} differs between the product and the SQL.")
