"""What people type: new children and episodes, returns, corrections. It stays, whatever a file says later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import get_random_string

from episodes.access import follow_involvements
from episodes.files import LEEWAY
from episodes.intake import locked
from episodes.models import Authority, Child, Episode, Involvement, ReturnPrecision, Typed
from episodes.readers import ends_before_it_starts, returns_before_last_seen
from procedures.calendar import local_date, start_of_day
from staff import audit
from staff.actions import Refused
from staff.models import Team, User

#: Fields that other actions set, each with its own rules.
SET_OTHERWISE = frozenset({"typed", "history", "restricted", "withdrawn_at", "withdrawn_because"})
#: What a record can point to by a person's word; that a record is of this child or that interview is no such word.
NAMED = (Authority, Team, User)

#: Letters and digits that nobody takes for one another.
UNMISTAKABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # pragma: allowlist secret

R = TypeVar("R", bound=Typed)


class CorrectionRefused(Refused):
    """A record cannot be corrected like this. The message says why, in words for the person who typed."""


class SecondOpenEpisode(Refused):
    """Somebody who is missing cannot go missing. `other` is the episode that is open."""

    def __init__(self, other: Episode) -> None:
        super().__init__(f"The child is already recorded as missing ({other}). Record that return first.")
        self.other = other


def new_id() -> str:
    """What names a record that a person made; forty bits by chance, so that no two are ever the same."""
    return f"HAND-{get_random_string(8, UNMISTAKABLE)}"


def namesakes(first_name: str, last_name: str, born: date) -> QuerySet[Child]:
    """Children of this name, whatever its capital letters, who were born that day."""
    return Child.objects.filter(
        first_name__iexact=first_name.strip(), last_name__iexact=last_name.strip(), date_of_birth=born
    ).order_by("pk")


def add(record: R, *, values: Mapping[str, Any], now: datetime) -> R:
    """Store a new record, whose filled fields were typed by a person; in the caller's transaction.

    Fields left empty stay open to what a file says. Raises CorrectionRefused.
    """
    fields = {field.name: field for field in record._meta.concrete_fields}
    for name, value in values.items():
        setattr(record, name, value)
    _check(record, fields, values, now)
    record.typed = {fields[name].attname: now.isoformat() for name, value in values.items() if value not in (None, "")}
    record.save(force_insert=True)
    return record


def as_known(returned_at: datetime | None, precision: str) -> datetime | None:
    """When a return stands: one known by its day only, at 00:00 of that day."""
    if returned_at and precision == ReturnPrecision.DATE:
        return start_of_day(local_date(returned_at))
    return returned_at


def refuse_second_open(episode: Episode) -> None:
    """Refuse an episode without an end where the child has another. Raises SecondOpenEpisode.

    One that has ended at an unknown time is not open.
    """
    if episode.returned_at or episode.ended_how:
        return
    others = Episode.objects.filter(child=episode.child_id, returned_at__isnull=True, ended_how="")
    if other := others.filter(withdrawn_at__isnull=True).exclude(pk=episode.pk).first():
        raise SecondOpenEpisode(other)


def overlapping(episode: Episode) -> list[Episode]:
    """The child's other episodes that share time with this one, in order; one without an end lasts until now."""
    others = Episode.objects.filter(child=episode.child_id, withdrawn_at__isnull=True).exclude(pk=episode.pk)
    if episode.returned_at:
        others = others.filter(last_seen_at__lt=episode.returned_at)
    after = Q(returned_at__isnull=True) | Q(returned_at__gt=episode.last_seen_at)
    return list(others.filter(after).order_by("last_seen_at", "pk"))


def fingerprint(record: Typed, names: Iterable[str]) -> str:
    """What tells whether these fields of a record still are as they were shown to a person."""
    values = [record.serializable_value(name) for name in sorted(names)]
    values = [value.astimezone(UTC) if isinstance(value, datetime) else value for value in values]
    return sha256(json.dumps([str(value) for value in values]).encode()).hexdigest()[:20]


@transaction.atomic
def correct(
    record: R,
    *,
    values: Mapping[str, Any],
    by: User,
    now: datetime,
    as_type: audit.Type = audit.Type.RECORD_CORRECTED,
) -> R:
    """Set fields of a record to what a person typed, and mark them: from now on no file replaces them.

    `as_type` is what the trail calls it. What rests on the record (outcomes, deadlines) is rhi's part.
    Raises CorrectionRefused.
    """
    fields = _correctable(record)
    if refused := sorted(values.keys() - fields.keys()):
        raise CorrectionRefused(f"Cannot be corrected: {', '.join(refused)}.")
    record = locked(type(record)._default_manager.filter(pk=record.pk)).get()
    for name, value in values.items():
        setattr(record, name, value)
    _check(record, fields, values, now)
    record.typed |= {fields[name].attname: now.isoformat() for name in values}
    record.save(update_fields=[*values, "typed"])
    if isinstance(record, Involvement):
        follow_involvements([record], now)
    audit.record(
        as_type,
        subject=record,
        by=by,
        at=now,
        children=[_child(record).child_id],
        detail={"fields": sorted(values)},
    )
    return record


def _correctable(record: Typed) -> dict[str, models.Field[Any, Any]]:
    """The fields that a person may type, by name: not whose a record is, nor what other actions set.

    What names a record in files neither, or the next file would bring it again; unless a person has typed it.
    """
    meta = record._meta
    names = {name for constraint in meta.total_unique_constraints for name in constraint.fields} - record.typed.keys()
    return {
        field.name: field
        for field in meta.concrete_fields
        if not field.unique
        and field.name not in names | SET_OTHERWISE
        and (field.related_model is None or field.related_model in NAMED)
    }


def _check(
    record: Typed, fields: Mapping[str, models.Field[Any, Any]], values: Mapping[str, Any], now: datetime
) -> None:
    """Refuse what cannot be: a value that its field does not take, a time ahead of now, an end before its start."""
    unknown = {name for name, value in values.items() if value is None and fields[name].null}
    try:
        record.clean_fields(exclude={field.name for field in record._meta.fields} - (values.keys() - unknown))
    except ValidationError as error:
        faults = [f"{fields[name].verbose_name}: {' '.join(said)}" for name, said in error.message_dict.items()]
        raise CorrectionRefused(" ".join(faults)) from error
    for name in values:
        value = getattr(record, name)
        if isinstance(value, datetime) and value > now + LEEWAY:
            raise CorrectionRefused(f"{fields[name].verbose_name}: this time lies in the future.")
    reason = None
    if isinstance(record, Episode):
        reason = returns_before_last_seen(record)
    elif isinstance(record, Involvement):
        reason = ends_before_it_starts(record.start, record.end)
    if reason:
        raise CorrectionRefused(reason)


def _child(record: Typed) -> Child:
    """The child whom a record is about: every case table carries its child."""
    child: Child = record if isinstance(record, Child) else record.child  # type: ignore[attr-defined]  # as said
    return child
