"""Recording a parent or carer by hand, and putting one right: above all whether it is safe to contact them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from episodes import actions as episodes
from episodes.intake import locked, wait_for_turn
from episodes.models import Carer, Child
from rhi import deadlines
from rhi.actions.corrections import refuse_changed
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User

#: What names a carer in the record files. It is put right here only where a person typed it.
NAMING = ("name", "relationship")
OF_CARER = (
    *NAMING,
    *("safe_to_contact", "reason", "address_1", "address_2", "address_3", "address_4", "postcode", "phone", "email"),
)


class CarerOnRecord(Refused):
    """The child has a carer of this name and relationship already."""


@transaction.atomic
def record_carer(child: Child, *, values: Mapping[str, Any], by: User, now: datetime) -> Carer:
    """Record a parent or carer whom no file has brought.

    A file that brings the same name and relationship later fills what was left empty and replaces nothing; whether it
    is safe to contact them counts as typed, also when it is not known. Raises CarerOnRecord and CorrectionRefused.
    """
    wait_for_turn()
    child = locked(Child.objects.filter(pk=child.pk)).get()
    carer = Carer(child=child)
    _refuse_second(carer, values)
    carer = episodes.add(carer, values=values, now=now)
    carer.typed |= {"safe_to_contact": now.isoformat(), "reason": now.isoformat()}
    carer.save(update_fields=["typed"])
    _let_follow(child)
    audit.record(audit.Type.CARER_RECORDED, by=by, at=now, subject=carer, children=[child.child_id])
    return carer


@transaction.atomic
def correct_carer(carer: Carer, *, values: Mapping[str, Any], shown: str, by: User, now: datetime) -> Carer:
    """Put a carer right. `shown` is the fingerprint of what the person saw.

    An answer about safety stands with its reason: no file replaces either from then on. Raises ChangedMeanwhile,
    CarerOnRecord and CorrectionRefused.
    """
    wait_for_turn()
    stored = locked(Carer.objects.filter(pk=carer.pk).select_related("child")).get()
    refuse_changed(stored, OF_CARER, shown, now=now)
    if any(name in values for name in NAMING):
        _refuse_second(stored, values)
    if "safe_to_contact" in values:
        values = {"reason": stored.reason} | dict(values)
    corrected = episodes.correct(stored, values=values, by=by, now=now)
    _let_follow(stored.child)
    return corrected


def _let_follow(child: Child) -> None:
    """The clocks of the child's referrals: whether a carer may be tried bears on when contact is settled."""
    deadlines.refresh(Referral.objects.filter(child=child).values_list("pk", flat=True))


def _refuse_second(carer: Carer, values: Mapping[str, Any]) -> None:
    """Refuse a name and relationship, whatever their capitals, by which another carer of the child is on record."""
    name, relationship = (values.get(each, getattr(carer, each)) for each in NAMING)
    same = Carer.objects.filter(child=carer.child, name__iexact=name, relationship__iexact=relationship)
    if same.exclude(pk=carer.pk).exists():
        raise CarerOnRecord(f"{name}, {relationship}, is on record already. Correct that entry instead.")
