"""CSV files as they come in: checked whole before any row is taken, then read row by row, with every value parsed.

Times without an offset are Europe/London; all times are handed on in UTC.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from procedures.calendar import LONDON, local_date

LONGEST_CELL = 2 * 1024 * 1024
#: What is longer is no line of records, and is not even read to its end.
LONGEST_LINE = 2 * LONGEST_CELL
#: The longest address that is kept.
LONGEST_EMAIL = 254
FIRST_YEAR, LAST_YEAR = 1900, 2100
#: How far ahead of now a time may lie: two systems' clocks are never quite alike.
LEEWAY = timedelta(minutes=5)


class FileRefused(ValueError):
    """A whole file cannot be read. The message says why in words."""


class Unreadable(ValueError):
    """A value cannot be read. The message says what was expected."""


D = TypeVar("D", bound=date)

Parser = Callable[[str], object]


@dataclass(frozen=True)
class Column:
    """One column of a file: how its cells are read, and whether a cell may be empty or the column missing.

    `empty` is what an empty cell stands for. No time may lie ahead, and no day of a column that is `past`.
    """

    name: str
    parse: Parser
    required: bool = False
    empty: object = None
    past: bool = False

    def read(self, cell: str, now: datetime) -> object:
        """The value of a cell that is not empty. Raises Unreadable."""
        if "\0" in cell:
            raise Unreadable("text without a NUL character")
        value = self.parse(cell)
        if isinstance(value, datetime):
            if value > now + LEEWAY:
                raise Unreadable("a time that is not in the future")
        elif self.past and isinstance(value, date) and value > local_date(now):
            raise Unreadable("a date that is not in the future")
        return value


@dataclass(frozen=True)
class Layout:
    """What a file looks like, and which columns together name a record."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Row:
    """One row: where it stood, its cells as read, and its values. Absent columns have no value."""

    line: int
    cells: Mapping[str, str]
    values: Mapping[str, object]

    def key(self, layout: Layout) -> tuple[object, ...]:
        """What names the record."""
        return tuple(self.values[name] for name in layout.key)


@dataclass(frozen=True)
class Reject:
    """A row that was not taken, with the reason in words and its cells as read."""

    file: str
    line: int
    key: str
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SourceFile:
    """A file that was found readable as a whole: UTF-8, sound CSV, a header of known columns.

    `repeated` are the keys that come more than once.
    """

    path: Path
    layout: Layout
    header: tuple[str, ...]
    repeated: frozenset[tuple[object, ...]] = frozenset()

    def rows(self, now: datetime, lines: Container[int] | None = None) -> Iterator[Row | Reject]:
        """Every row, in order: parsed, or rejected with the reason. Given lines, only the rows that begin there.

        Raises FileRefused when the file can no longer be read.
        """
        records = _records(self.path, self.layout.name)
        next(records, None)  # the header
        for line, cells in records:
            if any(cells) and (lines is None or line in lines):
                yield _parsed(self, line, cells, now)

    def is_repeated(self, row: Row) -> bool:
        """Whether other rows of this file have the same key."""
        return row.key(self.layout) in self.repeated


def check(path: Path, layout: Layout, now: datetime) -> SourceFile:
    """Read a file through once, before any of its rows is taken. Raises FileRefused."""
    records = _records(path, layout.name)
    _, header = next(records, (0, []))
    names = tuple(name.strip() for name in header)
    if not names:
        columns = ", ".join(column.name for column in layout.columns)
        raise FileRefused(f"{layout.name} has no header. Its first line should name its columns, of: {columns}.")
    _check_header(names, layout)
    positions = [(names.index(name), layout.column(name)) for name in layout.key]
    seen: set[int] = set()
    repeated: set[tuple[object, ...]] = set()
    for _, cells in records:
        if len(cells) != len(names):
            continue
        key = tuple(_key_part(cells[position].strip(), column, now) for position, column in positions)
        # Only hashes are kept of keys that come once: a file may have a million rows.
        if hash(key) in seen:
            repeated.add(key)
        seen.add(hash(key))
    return SourceFile(path, layout, names, frozenset(repeated))


def _key_part(cell: str, column: Column | None, now: datetime) -> object:
    """A key's value, so that two spellings of one time are one key; as it stands where it cannot be read."""
    try:
        return column.read(cell, now) if column else cell
    except Unreadable:
        return cell


def _check_header(names: tuple[str, ...], layout: Layout) -> None:
    known = [column.name for column in layout.columns]
    faults = []
    if any("\0" in name for name in names):
        raise FileRefused(f"{layout.name} is not UTF-8 text; it looks like UTF-16. Save it as 'CSV UTF-8'.")
    if unknown := [name for name in names if name not in known]:
        faults.append(f"unknown columns: {_quoted(unknown)}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        faults.append(f"columns that come more than once: {_quoted(twice)}")
    if missing := [column.name for column in layout.columns if column.required and column.name not in names]:
        faults.append(f"missing columns: {_quoted(missing)}")
    if faults:
        raise FileRefused(f"{layout.name} has {'; '.join(faults)}. It may have: {', '.join(known)}.")


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name[:60]}'" if name else "one without a name" for name in names[:20])


def _records(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """Every record with the line on which it begins. Raises FileRefused where the file cannot be read on."""
    previous = csv.field_size_limit(LONGEST_CELL)
    line = 1
    try:
        if path.exists() and not path.is_file():
            raise FileRefused(f"{name} is not a file.")
        with path.open("rb") as raw:
            text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="strict", newline="")
            reader = csv.reader(_lines(text, name), strict=True)
            while True:
                line = reader.line_num + 1
                record = next(reader, None)
                if record is None:
                    return
                yield line, record
    except OSError as error:
        raise FileRefused(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        utf_16 = error.object.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in error.object[:200]
        hint = " It looks like UTF-16." if utf_16 else ""
        raise FileRefused(
            f"{name} is not UTF-8 text: line {_first_line_that_is_not_text(path)} has a byte that cannot be read.{hint}"
            " Save it as 'CSV UTF-8'."
        ) from error
    except csv.Error as error:
        raise FileRefused(
            f"{name} is not sound CSV: the row that begins on line {line} cannot be read"
            " (a quotation mark that is never closed, perhaps)."
        ) from error
    finally:
        csv.field_size_limit(previous)


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    """The lines of a file, so that one without line ends is not read into memory whole. Raises FileRefused."""
    number = 1
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise FileRefused(f"{name} is not sound CSV: line {number} is longer than {LONGEST_LINE:,} characters.")
        yield line
        number += 1


def _first_line_that_is_not_text(path: Path) -> int:
    """Where to look for a byte that is not UTF-8; the decoder itself reads ahead and does not say."""
    with path.open("rb") as raw:
        for number, line in enumerate(iter(lambda: raw.readline(LONGEST_LINE), b""), start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


def _parsed(source: SourceFile, line: int, record: list[str], now: datetime) -> Row | Reject:
    """A record with its values, or the reason why it is rejected."""
    layout = source.layout
    cells = dict(zip(source.header, record, strict=False))
    key = " ".join(cells.get(name, "").strip()[:60] for name in layout.key)

    def reject(reason: str) -> Reject:
        return Reject(layout.name, line, key, reason, tuple(record))

    if len(record) != len(source.header):
        return reject(f"The row has {len(record)} cells, the header {len(source.header)}.")
    values: dict[str, object] = {}
    for column in layout.columns:
        if column.name not in cells:
            continue
        cell = cells[column.name].strip()
        if not cell:
            if column.required:
                return reject(f"{column.name} is empty, but needed.")
            values[column.name] = column.empty
            continue
        try:
            values[column.name] = column.read(cell, now)
        except Unreadable as expected:
            shown = cell if len(cell) <= 60 else f"{cell[:60]}… ({len(cell):,} characters)"
            return reject(f"{column.name} should be {expected}; found '{shown.replace(chr(0), '?')}'.")
    return Row(line, cells, values)


def text(longest: int) -> Parser:
    """Text of at most so many characters."""

    def parse(cell: str) -> str:
        if len(cell) > longest:
            raise Unreadable(f"at most {longest:,} characters")
        return cell

    return parse


def code(choices: type[Enum]) -> Parser:
    """One of the codes of a list."""
    codes = {str(choice.value) for choice in choices}

    def parse(cell: str) -> str:
        if cell not in codes:
            raise Unreadable(f"one of {', '.join(sorted(codes))}")
        return cell

    return parse


def yes_no(cell: str) -> bool:
    """Y or N."""
    if cell not in ("Y", "N"):
        raise Unreadable("Y or N")
    return cell == "Y"


def email(cell: str) -> str:
    """An email address, in lower case."""
    address = cell.lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Unreadable("an email address") from error
    if len(address) > LONGEST_EMAIL:
        raise Unreadable(f"at most {LONGEST_EMAIL} characters")
    return address


def is_day(cell: str) -> bool:
    """Whether a cell gives a day without a time of day."""
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def day(cell: str) -> date:
    """A day, YYYY-MM-DD."""
    try:
        value = date.fromisoformat(cell)
    except ValueError as error:
        raise Unreadable("a date such as 2026-03-29") from error
    return _in_range(value)


def instant(cell: str) -> datetime:
    """A time, ISO 8601, in UTC.

    Without an offset it is Europe/London: a time that happens twice is the first, one that does not exist moves on an
    hour.
    """
    try:
        value = datetime.fromisoformat(cell)
        _in_range(value)
        value = (value if value.tzinfo else value.replace(tzinfo=LONDON)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("a time such as 2026-03-29T22:15 or 2026-03-29T22:15:00+01:00") from error
    return value


def _in_range(value: D) -> D:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Unreadable(f"between the years {FIRST_YEAR} and {LAST_YEAR}")
    return value


def defused(cell: str) -> str:
    """A cell that no spreadsheet will run as a formula; telephone numbers such as +44 stay as they are."""
    is_number = cell[:1] in "+-" and cell[1:].replace(" ", "").replace(".", "", 1).isdigit()
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) and not is_number else cell
