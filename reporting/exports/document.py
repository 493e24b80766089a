"""A table as a PDF that can be handed to councillors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from math import ceil

from django.template.loader import render_to_string

from reporting import wording
from reporting.charts import chart
from reporting.measures import Measure
from reporting.tables import Month, Table
from rhi import printing

MONTHS_ACROSS = 9
"""As many months as stand side by side on an upright page and can still be read: eight full ones, as in Croydon's
report, and the one that is not over."""


@dataclass(frozen=True)
class Part:
    """Rows that belong together, for some months side by side: no more than a page is wide."""

    heading: str
    heads: Sequence[tuple[Month, str]]
    """The months, each with what there is to remark about it."""
    rows: Sequence[tuple[Measure, Sequence[str]]]


def as_pdf(table: Table, *, marking: str = "") -> bytes:
    """The table with its graph, a sentence a month and the definitions; `marking`, such as OFFICIAL, on every page.

    The same table gives the same bytes. Of 36 months it takes seconds: from a job.
    """
    return printing.pdf(as_html(table, marking=marking))


def as_html(table: Table, *, marking: str = "") -> str:
    """What is printed, whole: it points to nothing outside itself."""
    only = wording.narrowed(table.narrowing)
    return render_to_string(
        "reporting/document.html",
        {
            "authority": wording.authority(table),
            "period": wording.period(table.months),
            "narrowed": only,
            "marking": marking,
            "single": len(table.months) == 1,
            "before": wording.before_records(table),
            "small": wording.small_numbers(table),
            "chart": chart(table),
            "sentences": wording.sentences(table),
            "parts": list(_parts(table)),
            "measures": [measure for measure, _ in table.rows],
            "counted": wording.counted(table),
            "made_at": wording.made_at(table),
            "written_at": table.at.astimezone(UTC).isoformat(timespec="seconds"),
        },
    )


def _parts(table: Table) -> Iterator[Part]:
    """The rows group by group, each in parts of nearly the same number of months, in order.

    A part is low enough to stand on one page, so no page is left half empty and no row is torn from its months.
    """
    number = ceil(len(table.months) / MONTHS_ACROSS)
    length = ceil(len(table.months) / number)
    for group in wording.groups(table):
        for start in range(0, len(table.months), length):
            some = slice(start, start + length)
            months = table.months[some]
            yield Part(
                group.heading if number == 1 else f"{group.heading}, {wording.period(months)}",
                [(month, wording.remark(table, month)) for month in months],
                [
                    (measure, [wording.shown(measure, value) for value in values[some]])
                    for measure, values in group.rows
                ],
            )
