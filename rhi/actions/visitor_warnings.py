"""Warnings for whoever visits or rings a child: recorded, and ended with a reason. None is ever deleted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from django.db import transaction
from django.db.models import QuerySet

from episodes.intake import locked
from episodes.models import Child
from rhi.contact import EARLIEST, LATEST, allowed_by
from rhi.models import VisitorWarning
from rhi.wording import moment
from staff import audit
from staff.actions import Refused
from staff.models import User

Kind = VisitorWarning.Kind
TIMED = frozenset({Kind.NOT_BEFORE, Kind.NOT_AFTER})


class WarningRefused(Refused):
    """A warning cannot be recorded or ended like this. `field` names the value at fault, where it is one."""

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field


def in_force(children: Iterable[int]) -> QuerySet[VisitorWarning]:
    """The warnings of these children (primary keys) that nobody has ended, in the order in which they came."""
    return VisitorWarning.objects.filter(child__in=list(children), ended_at__isnull=True).order_by("pk")


@transaction.atomic
def warn(
    child: Child, *, kind: str, time_of_day: time | None = None, note: str = "", by: User, now: datetime
) -> VisitorWarning:
    """Record a warning about a child's home; it holds until somebody ends it. The same one sent twice stands once.

    `time_of_day` is local and belongs to the kinds that name one. Raises WarningRefused when words or time are missing,
    and when the times that stand together would leave none at which anybody may ring.
    """
    child = locked(Child.objects.filter(pk=child.pk)).get()
    at_time = time_of_day if kind in TIMED else None
    _refuse_incomplete(kind, at_time, note)
    standing = list(in_force([child.pk]))
    same = next((each for each in standing if (each.kind, each.time, each.note) == (kind, at_time, note)), None)
    if same:
        return same
    earlier = next((each for each in standing if each.kind == kind and kind != Kind.OTHER), None)
    if earlier:
        raise WarningRefused(f"“{earlier.words}” stands already. End that one first, then record this one.", "kind")
    warning = VisitorWarning(child=child, kind=kind, time=at_time, note=note, by=by, at=now)
    hours = allowed_by((each.kind, each.time) for each in [*standing, warning])
    if not hours.first < hours.last:
        raise WarningRefused(
            f"Nobody is rung before {EARLIEST:%H:%M} or after {LATEST:%H:%M}, so together the warnings would leave no "
            "time at all. If nobody may ring, record it as another warning.",
            "time_of_day",
        )
    warning.save()
    audit.record(
        audit.Type.WARNING_RECORDED, subject=warning, by=by, at=now, children=[child.child_id], detail={"kind": kind}
    )
    return warning


def _refuse_incomplete(kind: str, at_time: time | None, note: str) -> None:
    if kind in TIMED and at_time is None:
        raise WarningRefused("Enter the time, like 16:00.", "time_of_day")
    if kind == Kind.OTHER and not note:
        raise WarningRefused("Say what the visitor must know.", "note")


@transaction.atomic
def end(warning: VisitorWarning, *, because: str, by: User, now: datetime) -> VisitorWarning:
    """Let a warning hold no longer, with the reason. Raises WarningRefused when somebody has ended it already."""
    child = locked(Child.objects.filter(pk=warning.child_id)).get()
    warning = VisitorWarning.objects.select_related("ended_by").get(pk=warning.pk)
    if warning.ended_at:
        raise WarningRefused(f"{warning.ended_by} ended this warning {moment(warning.ended_at, now=now)}.")
    warning.ended_at, warning.ended_by, warning.ended_because = now, by, because
    warning.save(update_fields=["ended_at", "ended_by", "ended_because"])
    audit.record(
        audit.Type.WARNING_ENDED,
        subject=warning,
        by=by,
        at=now,
        children=[child.child_id],
        detail={"kind": warning.kind},
    )
    return warning
