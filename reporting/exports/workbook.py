"""Tables and lists as XLSX: numbers that are numbers, and no cell that calculates or leads anywhere."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from math import ceil
from textwrap import wrap
from typing import Any

import xlsxwriter

from procedures.calendar import LONDON
from reporting import wording
from reporting.exports.text import Cell
from reporting.tables import HIDDEN, Month, Table

TABLE, GRAPHS, WORDS, MEANINGS, ABOUT = "Monthly table", "Graphs", "In words", "Definitions", "About"

CHILDREN = ("children_missing", "children_offered", "children_done")
COLOURS = ("#16475a", "#b4450c", "#6b2d8f")
MARKS = ("circle", "square", "triangle")
DASHES = ("solid", "dash", "round_dot")
PERCENT_AXIS: dict[str, Any] = {"num_format": "0%", "max": 1}
NUMBER_AXIS: dict[str, Any] = {"num_format": "#,##0"}

MONTHS_ACROSS = 12
"""As many months as a printed page is wide."""
MEANING_WIDTHS, PAIR_WIDTHS = (50, 10, 74, 32), (24, 110)
CASE_WIDTH, CASE_WORDS_WIDTH = 24, 80
MEASURE_WIDTH, REMARKED_WIDTH = 62, 20
"""Of columns, in characters."""
FULL = 1.1
"""Of words, rather more characters fit than of the nought by which columns are measured."""
PRINTED = 105
"""The most characters of one text at the head or foot of a page: two of them fit."""
HEAD = 2
"""The row of the months, counted from 0: above it stand what the table is, and how it is marked."""
LINE = 15
"""The height of a line, in points."""


class Book:
    """A workbook being written, row after row; what has been written is not kept in memory.

    Text is only ever written as text (`write_string`), so that nothing in a record becomes a formula or a link.
    """

    def __init__(self, *, title: str, author: str, marking: str, at: datetime, only: str = "") -> None:
        """`only` says what the figures are narrowed to; it stands at the foot of each printed page."""
        self.out = io.BytesIO()
        self.marking = marking
        self.title = title
        self.only = only
        self.book = xlsxwriter.Workbook(
            self.out,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "remove_timezone": True,
            },
        )
        self.book.set_properties(
            {"title": f"{title}: only {only}" if only else title, "author": author, "created": at.astimezone(UTC)}
        )
        self.plain = self._format()
        self.name = self._format(bold=True, font_size=14, font_color="#16475a")
        self.heading = self._format(bold=True, font_color="#16475a", top=1, top_color="#c5d6db")
        self.header = self._format(
            bold=True, font_color="#ffffff", bg_color="#16475a", text_wrap=True, valign="vcenter"
        )
        self.month = self._format(
            bold=True, font_color="#ffffff", bg_color="#16475a", num_format="mmm yyyy", align="right", valign="vcenter"
        )
        self.months_remarked = {
            remark: self._format(
                bold=True,
                font_color="#ffffff",
                bg_color="#16475a",
                num_format=f'mmm yyyy "{remark}"',
                align="right",
                valign="vcenter",
            )
            for remark in ("so far", "no records")
        }
        self.wrapped = self._format(text_wrap=True)
        self.left_out = self._format(align="right")
        self.number = self._format(num_format="#,##0")
        self.percent = self._format(num_format="0.00%")
        self.moment = self._format(num_format="ddd d mmm yyyy hh:mm", align="left")
        self.day = self._format(num_format="ddd d mmm yyyy", align="left")

    def _format(self, **properties: Any) -> Any:
        return self.book.add_format({"font_name": "Arial", "font_size": 11, "valign": "top", **properties})

    def sheet(self, name: str) -> Any:
        """A new sheet that prints lying, one page wide, with the marking above and the page below."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.9, bottom=0.8)
        sheet.set_header(f"&C&B{_printed(self.marking)}" if self.marking else "")
        only = f"\nOnly {_printed(self.only)}" if self.only else ""
        sheet.set_footer(f"&L{_printed(self.title)}{only}&RPage &P of &N")
        return sheet

    def close(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self.out.getvalue()


def as_xlsx(table: Table, *, marking: str = "") -> bytes:
    """The table with native graphs, its months in words, the definitions and what it rests on, a sheet each.

    `marking`, such as OFFICIAL, stands on every printed page. The same table gives the same bytes.
    """
    period, authority = wording.period(table.months), wording.authority(table)
    title = f"Missing children and return home interviews, {authority}, {period}"
    only = wording.narrowed(table.narrowing)
    book = Book(title=title, author=authority, marking=marking, at=table.at, only=only)
    places = _table(book, table)
    _graphs(book, table, places)
    _pairs(
        book,
        WORDS,
        ("Month", "In words"),
        list(zip(map(wording.named, table.months), wording.sentences(table), strict=True)),
    )
    _meanings(book, table)
    _pairs(book, ABOUT, ("About this workbook", ""), _about(book, table, authority, period))
    return book.close()


def _table(book: Book, table: Table) -> dict[str, int]:
    """The first sheet, its months in place while the rest is scrolled. Answers on which row each measure stands."""
    sheet = book.sheet(TABLE)
    last = len(table.months)
    sheet.set_column(0, 0, MEASURE_WIDTH)
    sheet.set_column(1, last, 11)
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.repeat_rows(HEAD)
    sheet.repeat_columns(0)
    sheet.fit_to_pages(ceil(last / MONTHS_ACROSS), 0)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, book.title, book.name)
    marked = f"{book.marking}. " if book.marking else ""
    sheet.write_string(1, 0, f"{marked}As the figures stood on {wording.made_at(table)}.", book.plain)
    head = f"Measure (only {book.only})" if book.only else "Measure"
    sheet.set_row(HEAD, max(24, _height(head, MEASURE_WIDTH)))
    sheet.write_string(HEAD, 0, head, book.header)
    for column, month in enumerate(table.months, 1):
        remark = wording.remark(table, month)
        if remark:
            sheet.set_column(column, column, REMARKED_WIDTH)
        sheet.write_datetime(HEAD, column, month.first, book.months_remarked.get(remark, book.month))
    places: dict[str, int] = {}
    row = HEAD + 1
    for group in wording.groups(table):
        sheet.write_string(row, 0, group.heading, book.heading)
        for column in range(1, last + 1):
            sheet.write_blank(row, column, None, book.heading)
        row += 1
        for measure, values in group.rows:
            places[measure.key] = row
            sheet.write_string(row, 0, measure.name, book.plain)
            for column, value in enumerate(values, 1):
                if value is None:
                    sheet.write_blank(row, column, None, book.percent)
                elif value is HIDDEN:
                    sheet.write_string(row, column, HIDDEN.value, book.left_out)
                elif measure.unit == "percent":
                    sheet.write_number(row, column, float(value / 100), book.percent)
                else:
                    sheet.write_number(row, column, value, book.number)
            row += 1
    return places


def _graphs(book: Book, table: Table, places: dict[str, int]) -> None:
    """Two graphs that the spreadsheet draws itself from the first sheet: the rates, and the children.

    Of the months for which there are records. A graph of which a figure is left out is not drawn: a spreadsheet takes
    for nought what is no number.
    """
    sheet = book.sheet(GRAPHS)
    sheet.fit_to_pages(1, 1)
    top = 0
    for words in filter(None, (f"Only {book.only}" if book.only else "", wording.before_records(table))):
        # Here and not in the graphs' titles: there a name with an exclamation mark would be read as a place in a sheet.
        sheet.write_string(top, 0, words, book.plain)
        top += 2
    months = [month for month in table.months if table.recorded(month)]
    if not months:
        return
    lines = {"type": "line"} if len(months) > 1 else {"type": "column"}
    graphs = (
        (lines, wording.RATES, "Interviews offered and done", PERCENT_AXIS, wording.rates_described(table)),
        ({"type": "column"}, CHILDREN, "Children", NUMBER_AXIS, f"{wording.period(months)}."),
    )
    for kind, keys, title, axis, described in graphs:
        if any(table.values[key][month] is HIDDEN for key in keys for month in months):
            sheet.write_string(top, 0, f"{title}: no graph, as some of its figures are left out.", book.plain)
            top += 2
            continue
        graph = _graph(book, table, months, places, kind, keys, title)
        graph.set_y_axis({**axis, "min": 0, "major_gridlines": {"visible": True, "line": {"color": "#d0d7d9"}}})
        sheet.insert_chart(top, 0, graph, {"description": described})
        top += 21


def _graph(
    book: Book,
    table: Table,
    months: Sequence[Month],
    places: dict[str, int],
    kind: dict[str, str],
    keys: Sequence[str],
    title: str,
) -> Any:
    graph = book.book.add_chart(kind)
    first, last = table.months.index(months[0]) + 1, table.months.index(months[-1]) + 1
    unfinished = [month for month in months if wording.unfinished(table, month)]
    for key, colour, mark, dash in zip(keys, COLOURS, MARKS, DASHES, strict=True):
        series: dict[str, Any] = {
            "name": [TABLE, places[key], 0],
            "categories": [TABLE, HEAD, first, HEAD, last],
            "values": [TABLE, places[key], first, places[key], last],
        }
        if kind["type"] == "line":
            series["line"] = {"color": colour, "width": 2.25, "dash_type": dash}
            series["marker"] = {"type": mark, "size": 7, "fill": {"color": colour}, "border": {"color": "#ffffff"}}
        else:
            series["fill"] = {"color": colour}
        if unfinished:
            hollow = {"fill": {"color": "#ffffff"}, "border": {"color": colour, "width": 1.5}}
            series["points"] = [hollow if month in unfinished else None for month in months]
        graph.add_series(series)
    so_far = f" ({wording.named(unfinished[0])} so far)" if unfinished else ""
    only = ", only part of the episodes" if book.only else ""
    graph.set_title(
        {"name": f"{title}, {wording.period(months)}{so_far}{only}", "name_font": {"size": 14}, "overlay": False}
    )
    graph.set_x_axis({"text_axis": True, "num_format": "mmm yyyy"})
    graph.set_legend({"position": "bottom"})
    graph.set_size({"width": 960, "height": 400})
    return graph


def _meanings(book: Book, table: Table) -> None:
    sheet = book.sheet(MEANINGS)
    for column, width in enumerate(MEANING_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    for column, text in enumerate(("Measure", "Unit", "Meaning", "Settings of the procedure that change it")):
        sheet.write_string(0, column, text, book.header)
    for row, (measure, _) in enumerate(table.rows, 1):
        cells = (measure.name, measure.unit, measure.words, "; ".join(measure.settings))
        _wrapped(book, sheet, row, cells, MEANING_WIDTHS)


def _about(book: Book, table: Table, authority: str, period: str) -> list[tuple[str, str]]:
    rows = [
        ("Authority", authority),
        ("Period", period),
        ("Figures of", f"only {book.only}" if book.only else "all episodes"),
        ("As they stood on", wording.made_at(table)),
        ("Marking", book.marking or "none"),
    ]
    rows += [("Small numbers", words)] if (words := wording.small_numbers(table)) else []
    rows += [("Records", words)] if (words := wording.before_records(table)) else []
    rows += [("Counted", sentence) for sentence in wording.counted(table)]
    rounding = "Rounded half-up to two decimals, percentages in words to whole ones."
    rows += [("Rates", f"{rounding} An empty cell: there is nothing to take a percentage of.")]
    return rows


def _pairs(book: Book, name: str, header: tuple[str, str], rows: Iterable[tuple[str, str]]) -> None:
    """A sheet of two columns: what, and its words."""
    sheet = book.sheet(name)
    for column, width in enumerate(PAIR_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    for column, text in enumerate(header):
        sheet.write_string(0, column, text, book.header)
    for row, cells in enumerate(rows, 1):
        _wrapped(book, sheet, row, cells, PAIR_WIDTHS)


def _wrapped(book: Book, sheet: Any, row: int, cells: Sequence[str], widths: Sequence[int]) -> None:
    """A row of texts, as high as the longest needs."""
    _make_room(sheet, row, cells, widths)
    for column, text in enumerate(cells):
        sheet.write_string(row, column, text, book.wrapped)


def _make_room(sheet: Any, row: int, texts: Sequence[str], widths: Sequence[int]) -> None:
    """Make a row as high as its longest text: not every program finds that out by itself."""
    sheet.set_row(row, max(_height(text, width) for text, width in zip(texts, widths, strict=True)))


def _height(text: str, width: int) -> int:
    """How high words stand in a column of this width, in points."""
    return LINE * (len(wrap(text, ceil(width * FULL))) or 1) + 4


def _printed(text: str) -> str:
    """Text for the head or foot of a printed page, where an ampersand begins an instruction and 255 characters fit."""
    whole = text.replace("&", "&&")
    if len(whole) <= PRINTED:
        return whole
    return f"{text[: PRINTED - 1 - text[:PRINTED].count('&')]}…".replace("&", "&&")


def cases_as_xlsx(
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str,
    at: datetime,
    marking: str = "",
    only: str = "",
) -> bytes:
    """A list of cases with its headings, taken row by row. Times are England's, and real times.

    The last column is the wide one: what there is to say of a case in words.
    `title`, `marking` and what the list is narrowed to (`only`) stand on every printed page; `at` is when it was asked
    for.
    """
    book = Book(title=title, author="", marking=marking, at=at, only=only)
    sheet = book.sheet("Cases")
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    widths = [CASE_WIDTH] * (len(headings) - 1) + [CASE_WORDS_WIDTH]
    for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, book.header)
    number = 0
    for number, row in enumerate(rows, 1):
        _make_room(sheet, number, [value if isinstance(value, str) else "" for value in row], widths)
        for column, value in enumerate(row):
            _write(book, sheet, number, column, value)
    sheet.autofilter(0, 0, number, len(headings) - 1)
    return book.close()


def _write(book: Book, sheet: Any, row: int, column: int, value: Cell) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(LONDON), book.moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, book.day)
    elif isinstance(value, int):
        sheet.write_number(row, column, value, book.plain)
    else:
        sheet.write_string(row, column, value, book.wrapped)
