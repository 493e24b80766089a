"""How rows of a file meet the stored records: new, changed or unchanged; and what people typed stays."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from episodes.files import Layout, Reject, Row
from episodes.models import Authority, Child, Finding, Typed
from procedures.calendar import LONDON
from procedures.models import Version

#: Rows taken in one transaction, so that others can save meanwhile.
CHUNK = 500
#: Seconds; a writer who waits for SQLite tries again every tenth of a second.
PAUSE = 0.12
#: A portion of fewer rows holds nobody up.
SMALL = 100
#: Authorities whose code has changed and whose name has not: North Yorkshire and Somerset became unitary in 2023,
#: Barnsley and Sheffield moved their border in 2025. Records may still have the earlier code.
EARLIER_CODES = {
    "E10000023": "E06000065",
    "E10000027": "E06000066",
    "E08000016": "E08000038",
    "E08000019": "E08000039",
}

M = TypeVar("M", bound=Typed)


@dataclass(frozen=True)
class Found:
    """Something odd about a record."""

    child: int
    kind: str
    record: str
    detail: str = ""


@dataclass(frozen=True)
class Terms:
    """What holds for a whole run. `ours` is our authority's code; episodes returned before the day are history."""

    now: datetime
    ours: str
    history_before: date | None = None


@dataclass
class Taken:
    """What came of some rows.

    `children` are the primary keys and child_ids of every child that they speak of, `altered` the keys of those for
    whom a record is new or has changed, `merged` what became of every row that was not rejected.
    """

    merged: list[Merged[Any]] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejects: list[Reject] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    children: dict[int, str] = field(default_factory=dict)
    altered: set[int] = field(default_factory=set)

    def count(self, merged: Iterable[Merged[Any]]) -> None:
        """Add what became of each row to the tally."""
        for each in merged:
            self.merged.append(each)
            self.new += each.is_new
            self.changed += each.is_changed
            self.unchanged += not (each.is_new or each.is_changed)
            if each.is_new or each.is_changed:
                self.altered.add(child_of(each.record))

    def reject(self, layout: Layout, row: Row, reason: str) -> None:
        """Turn a row away, with the reason in words."""
        key = " ".join(str(row.cells[name])[:60] for name in layout.key)
        self.rejects.append(Reject(layout.name, row.line, key, reason, tuple(row.cells.values())))


@dataclass
class Wanted(Generic[M]):
    """What a row says of a record: what names it, and the values of the columns that are there."""

    row: Row
    identity: Mapping[str, object]
    values: Mapping[str, object]

    @property
    def key(self) -> Hashable:
        """What names the record, to look it up by."""
        return tuple(self.identity.values())


@dataclass
class Merged(Generic[M]):
    """A row's record after the row was taken."""

    row: Row
    record: M
    is_new: bool = False
    is_changed: bool = False


def wait_for_turn() -> None:
    """Let the portions of two runs follow one another: what the first has made, the second finds."""
    list(Version.objects.order_by("pk").select_for_update(no_key=True)[:1])


def let_others_save(after: Sized) -> None:
    """Step aside after a portion: SQLite has one writer, and does not wake the next when it becomes free."""
    if len(after) >= SMALL and connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(PAUSE)


def locked(records: QuerySet[M]) -> QuerySet[M]:
    """These records, held until the transaction ends: what somebody types meanwhile is not overwritten but waits."""
    return records.order_by("pk").select_for_update(no_key=True)


def known_children(rows: Iterable[Row]) -> dict[str, Child]:
    """The children that rows speak of, by child_id."""
    return {
        child.child_id: child for child in Child.objects.filter(child_id__in={row.values["child_id"] for row in rows})
    }


def of_known_children(layout: Layout, rows: Sequence[Row], taken: Taken) -> list[tuple[Row, Child]]:
    """Every row with its child; the others are rejected."""
    children = known_children(rows)
    pairs = []
    for row in rows:
        child = children.get(str(row.values["child_id"]))
        if child is None:
            taken.reject(layout, row, f"There is no child '{row.values['child_id']}' on record.")
        else:
            taken.children[child.pk] = child.child_id
            pairs.append((row, child))
    return pairs


@cache
def listed_authorities() -> dict[str, str]:
    """The names of the authorities of England and Wales that have children's services, now or lately, by code."""
    with (Path(__file__).parent / "authorities.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def authorities_to_choose() -> list[tuple[str, str]]:
    """The code and name of each listed authority by its name, once each: by the code that it has now."""
    listed = (pair for pair in listed_authorities().items() if pair[0] not in EARLIER_CODES)
    return sorted(listed, key=lambda pair: pair[1])


def authorities(codes: Iterable[str]) -> dict[str, Authority]:
    """The authorities of these codes, made where they are new; one that is not on the list has no name: a finding."""
    wanted = set(codes)
    known = Authority.objects.in_bulk(list(wanted), field_name="code")
    new = [Authority(code=code, name=listed_authorities().get(code, "")) for code in sorted(wanted - known.keys())]
    Authority.objects.bulk_create(new)
    return known | {authority.code: authority for authority in new}


def merge(
    model: type[M],
    wanted: Sequence[Wanted[M]],
    stored: Mapping[Any, M],
    *,
    layout: Layout,
    taken: Taken,
    check: Callable[[M], str | None] | None = None,
    together: frozenset[str] = frozenset(),
) -> list[Merged[M]]:
    """Make the records that are new and change those that differ, field by field; answer what became of every row.

    A field that a person typed stays, and the difference is a finding; of fields that hold only `together`, none is
    replaced when one was typed. `check` looks at the record as it would be and answers why it cannot be, if so; then
    the row is rejected and nothing changes. `stored` are locked, or what is typed meanwhile would be lost.
    """
    merged: list[Merged[M]] = []
    fields: set[str] = set()
    for want in wanted:
        record = stored.get(want.key)
        if record is None:
            record = model(**want.identity, **want.values)
            if check and (reason := check(record)):
                taken.reject(layout, want.row, reason)
                continue
            merged.append(Merged(want.row, record, is_new=True))
        else:
            changes, kept = _differences(record, want.values, together)
            before = {name: getattr(record, name) for name in changes}
            _assign(record, changes)
            if check and (reason := check(record)):
                _assign(record, before)
                taken.reject(layout, want.row, reason)
                continue
            if kept:
                taken.found.append(stays_as_typed(record, kept, layout, want.row))
            fields.update(changes)
            merged.append(Merged(want.row, record, is_changed=bool(changes)))
    model._default_manager.bulk_create(each.record for each in merged if each.is_new)
    if fields:
        altered = [each.record for each in merged if each.is_changed]
        model._default_manager.bulk_update(altered, sorted(fields))
    return merged


def _differences(
    record: Typed, values: Mapping[str, object], together: frozenset[str]
) -> tuple[dict[str, object], list[str]]:
    """What has to change, and which fields differ but were typed by a person."""
    typed = record.typed.keys() | (together if together & record.typed.keys() else frozenset())
    differing = {name: value for name, value in values.items() if getattr(record, name) != value}
    changes = {name: value for name, value in differing.items() if name not in typed}
    return changes, [name for name in differing if name in typed]


def _assign(record: Model, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(record, name, value)


def child_of(record: Typed) -> int:
    """The primary key of the child whom a record is about: every case table carries its child."""
    key: int = record.pk if isinstance(record, Child) else record.child_id  # type: ignore[attr-defined]  # as said
    return key


def stays_as_typed(record: Typed, kept: Iterable[str], layout: Layout, row: Row) -> Found:
    """That a row differs from these fields, which stay as a person typed them."""
    fields = ", ".join(name.removesuffix("_id").replace("_", " ") for name in kept)
    return Found(child_of(record), Finding.Kind.TYPED_DIFFERS, record_name(layout, row), f"Stays as typed: {fields}.")


def record_name(layout: Layout, row: Row) -> str:
    """How a finding names the record of a row; two spellings of one time name one record."""
    parts = (row.values[name] for name in layout.key)
    key = " ".join(part.astimezone(LONDON).isoformat() if isinstance(part, datetime) else str(part) for part in parts)
    return f"{layout.name} {key}"[:200]
