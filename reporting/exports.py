"""A table as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

from reporting.measures import Measure
from reporting.tables import Table, Value


def as_csv(table: Table) -> str:
    """First column `measure`, then one column a month with plain numbers; where there is no rate the cell is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["measure", *map(str, table.months)])
    for measure, values in table.rows:
        writer.writerow([measure.name, *("" if value is None else value for value in values)])
    return out.getvalue()


def as_json(table: Table) -> str:
    """Every measure with its definition, its values by month (rates as text, or null), and what each month rests on."""
    return json.dumps(
        {
            "at": table.at.isoformat(),
            "months": [
                {
                    "month": str(month),
                    "procedure": table.versions[month].name,
                    "from": str(table.versions[month].effective_from),
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
                        str(month): str(value) if isinstance(value, Decimal) else value
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
        measure.name.ljust(width) + "".join(_shown(measure, value).rjust(10) for value in values)
        for measure, values in table.rows
    ]
    lines += ["", *(f"{measure.name}: {measure.words}" for measure, _ in table.rows)]
    return "\n".join(lines)


def _shown(measure: Measure, value: Value) -> str:
    if value is None:
        return "none"
    return f"{value}%" if measure.unit == "percent" else f"{value:,}"
