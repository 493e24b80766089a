"""The rows of the monthly table, written without the template engine: hundreds of them cost it more than their query.

Every figure leads to the cases behind it. Nothing of a record stands here: names are our own, the rest numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reporting.measures import Measure
from reporting.tables import Month, Table, Value
from reporting.wording import groups, shown

ROW = '<tr class="govuk-table__row"><th scope="row" class="govuk-table__header">{}</th>{}</tr>'
CELL = '<td class="govuk-table__cell govuk-table__cell--numeric">{}</td>'
LINK = '<a class="govuk-link govuk-link--no-visited-state" href="{}{}{}">{}</a>'


@dataclass(frozen=True)
class Rows:
    """Rows that belong together, with the heading above them."""

    heading: str
    rows: SafeString


def drawn(table: Table, query: str) -> list[Rows]:
    """The table's rows under their headings. `query` is the end of the address with the same months and filters."""
    return [
        Rows(
            group.heading,
            format_html_join(
                "\n", ROW, ((measure.name, _cells(table, measure, values, query)) for measure, values in group.rows)
            ),
        )
        for group in groups(table)
    ]


def address(key: str, month: Month, query: str) -> str:
    """Where the cases behind a figure are listed."""
    return f"{reverse('reporting:cases', args=[key, month])}?{query}"


def _cells(table: Table, measure: Measure, values: Sequence[Value], query: str) -> SafeString:
    # The address of one month is that of another with the month in it: looking each up would take longest of all.
    first = str(table.months[0])
    before, _, after = address(measure.key, table.months[0], query).partition(f"/{first}/")
    figures = (
        (_figure(measure, value, f"{before}/", str(month), f"/{after}"),)
        for month, value in zip(table.months, values, strict=True)
    )
    return format_html_join("", CELL, figures)


def _figure(measure: Measure, value: Value, before: str, month: str, after: str) -> str | SafeString:
    """A figure with the way to its cases. Of none there is no list; a rate of 0% has those that are not in its part."""
    words = shown(measure, value)
    return words if value is None or words == "0" else format_html(LINK, before, month, after, words)
