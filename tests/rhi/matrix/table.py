"""The written table: docs/permissions.md, one row an address and a record, one cell a person."""

from pathlib import Path
from typing import NamedTuple

from tests.rhi.matrix.world import COLUMNS

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "permissions.md"

#: The methods that a cell's letters answer, in their order.
METHODS = ["GET", "POST", "PUT", "DELETE"]


class Letter(NamedTuple):
    """What an answer's letter stands for: its status, how many denials it leaves, and whether a line of reading."""

    status: int
    denials: int = 0
    read: bool | None = None  # None: whether it does is the page's own affair


LETTERS = {
    "P": Letter(200, read=False),
    "R": Letter(200, read=True),
    "F": Letter(302),
    "S": Letter(302),
    "N": Letter(404, denials=1, read=False),
    "A": Letter(404, read=False),
    "M": Letter(405, read=False),
    "L": Letter(429, read=False),
}


class Row(NamedTuple):
    """What everybody gets of one address with one record: per column one letter a method."""

    name: str
    record: str
    cells: dict[str, str]


def rows() -> list[Row]:
    """The table as it is written. Raises AssertionError where a row is not complete."""
    found = []
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        name, record, *cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        assert len(cells) == len(COLUMNS), line
        assert all(len(cell) == len(METHODS) and set(cell) <= LETTERS.keys() for cell in cells), line
        found.append(Row(name, record, dict(zip(COLUMNS, cells, strict=True))))
    return found
