"""A table as text, CSV and JSON, and a list of cases as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from procedures.calendar import LONDON
from reporting.tables import HIDDEN, Table, Value
from reporting.wording import before_records, narrowed, shown, small_numbers

Cell = str | int | date | datetime | None
"""What stands in a list of cases. A time knows its zone."""

RUNS = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")
"""How a cell begins that a spreadsheet would calculate, also in full-width characters."""
NUMBER = re.compile(r"\+\d[\d ()]*|-\d+(\.\d+)?")
"""What begins like that and is only a telephone number or a number below nought."""


def as_csv(table: Table) -> str:
    """First column `measure`, then one column a month with plain numbers; where there is no rate the cell is empty.

    What is left out for publishing is `c`.
    Of a narrowed table the first heading says so, `measure (only episodes held by …)`: a CSV has no other place for it.
    """
    only = narrowed(table.narrowing)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([f"measure (only {only})" if only else "measure", *map(str, table.months)])
    for measure, values in table.rows:
        writer.writerow([measure.name, *("" if value is None else _number(value) for value in values)])
    return out.getvalue()


def as_json(table: Table) -> str:
    """Every measure with its definition, its values by month (rates as text, or null), and what each month rests on.

    `recorded` is false of a month before the records begin. What is left out for publishing is `"c"`.
    """
    return json.dumps(
        {
            "at": table.at.isoformat(),
            "months": [
                {
                    "month": str(month),
                    "procedure": table.versions[month].name,
                    "from": str(table.versions[month].effective_from),
                    "recorded": table.recorded(month),
                }
                for month in table.months
            ],
            "measures": [
                {
                    "key": measure.key,
                    "name": measure.name,
                    "unit": measure.unit,
                    "definition": measure.words,
                    "months": {
                        str(month): str(value) if isinstance(value, Decimal) else value and _number(value)
                        for month, value in zip(table.months, values, strict=True)
                    },
                }
                for measure, values in table.rows
            ],
        },
        indent=2,
    )


def as_text(table: Table) -> str:
    """The table for a terminal, with the definitions beneath it."""
    width = max(len(measure.name) for measure, _ in table.rows)
    lines = [" " * width + "".join(f"{month:%b %Y}".rjust(10) for month in (each.first for each in table.months))]
    lines += [
        measure.name.ljust(width) + "".join(shown(measure, value).rjust(10) for value in values)
        for measure, values in table.rows
    ]
    lines += ["", *filter(None, [before_records(table), small_numbers(table)])]
    lines += [f"{measure.name}: {measure.words}" for measure, _ in table.rows]
    return "\n".join(lines)


def _number(value: Value) -> int | Decimal | str | None:
    return HIDDEN.value if value is HIDDEN else value


def cases_as_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """A list of cases, line by line, so that a long one never lies in memory whole.

    It begins with the mark by which spreadsheets know UTF-8. Times are ISO 8601 with their offset in England. A cell
    that a spreadsheet would calculate gets an apostrophe before it; telephone numbers ("+44 …") stay as they are.
    """
    yield "\ufeff" + _line(headings)
    for row in rows:
        yield _line([_cell(value) for value in row])


def _line(cells: Sequence[str | int]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _cell(value: Cell) -> str | int:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(LONDON).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return defused(value)
    return value


def defused(text: str) -> str:
    """Text that no spreadsheet calculates: with an apostrophe before it where it would be taken for a formula."""
    return f"'{text}" if RUNS.match(text) and not NUMBER.fullmatch(text) else text
