"""Correcting what files brought: what a person types stays, whatever a file says later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from episodes.files import LEEWAY
from episodes.intake import locked
from episodes.models import Authority, Child, Episode, Involvement, Typed
from episodes.readers import ends_before_it_starts, returns_before_last_seen
from staff import audit
from staff.actions import Refused
from staff.models import Team, User

#: Fields that other actions set, each with its own rules.
SET_OTHERWISE = frozenset({"typed", "history", "withdrawn_at", "withdrawn_because"})
#: What a record can point to by a person's word; that a record is of this child or that interview is no such word.
NAMED = (Authority, Team, User)

R = TypeVar("R", bound=Typed)


class CorrectionRefused(Refused):
    """A record cannot be corrected like this. The message says why, in words for the person who typed."""


@transaction.atomic
def correct(record: R, *, values: Mapping[str, Any], by: User, now: datetime) -> R:
    """Set fields of a record to what a person typed, and mark them: from now on no file replaces them.

    What rests on the record (outcomes, deadlines) is rhi's part. Raises CorrectionRefused.
    """
    fields = _correctable(type(record))
    if refused := sorted(values.keys() - fields.keys()):
        raise CorrectionRefused(f"Cannot be corrected: {', '.join(refused)}.")
    record = locked(type(record)._default_manager.filter(pk=record.pk)).get()
    for name, value in values.items():
        setattr(record, name, value)
    _check(record, fields, values, now)
    record.typed |= {fields[name].attname: now.isoformat() for name in values}
    record.save(update_fields=[*values, "typed"])
    audit.record(
        audit.Type.RECORD_CORRECTED,
        subject=record,
        by=by,
        at=now,
        children=[_child(record).child_id],
        detail={"fields": sorted(values)},
    )
    return record


def _correctable(model: type[Typed]) -> dict[str, models.Field[Any, Any]]:
    """The fields that a person may type, by name: not what names a record, whose it is, or what other actions set."""
    names = {name for constraint in model._meta.total_unique_constraints for name in constraint.fields}
    return {
        field.name: field
        for field in model._meta.concrete_fields
        if not field.unique
        and field.name not in names | SET_OTHERWISE
        and (field.related_model is None or field.related_model in NAMED)
    }


def _check(
    record: Typed, fields: Mapping[str, models.Field[Any, Any]], values: Mapping[str, Any], now: datetime
) -> None:
    """Refuse what cannot be: a value that its field does not take, a time ahead of now, an end before its start."""
    try:
        record.clean_fields(exclude={field.name for field in record._meta.fields} - values.keys())
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
