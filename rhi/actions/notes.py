"""Plain notes on a child's case, at any time; whoever is mentioned in one is told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from episodes.access import in_force, reached_by
from episodes.models import Access
from procedures.calendar import local_date
from rhi.actions.interviews import locked
from rhi.actions.reading import ONCE
from rhi.models import CaseNote, Notice, NoticeKind
from routing.models import Allocation, Referral
from staff import audit
from staff.actions import Refused
from staff.models import User, leavers
from staff.permissions import Role


class NoteRefused(Refused):
    """A note cannot be kept like this."""


def readers(referral: Referral, now: datetime) -> QuerySet[User]:
    """Who may see a referral and works here, by name: the same people as Referral.visible_to says one by one."""
    rows = Access.objects.filter(in_force(now), child=referral.child_id)
    named = rows.filter(basis=Access.Basis.RESTRICTION, user__isnull=False)
    worker = Q(role__in=[Role.CASEWORKER, Role.TEAM_LEADER])
    coordinator = Q(role=Role.COORDINATOR)
    if referral.child.restricted:
        seeing = Q(pk__in=named.values("user")) & (worker | coordinator) | coordinator & ~Q(Exists(named))
    else:
        given = rows.filter(basis=Access.Basis.ALLOCATION, user=OuterRef("pk"))
        holds = Allocation.objects.filter(referral=referral, until__isnull=True, worker=OuterRef("pk"))
        interviewer = Q(Exists(given), Exists(holds), role=Role.INTERVIEWER)
        seeing = coordinator | (worker & reached_by(rows)) | interviewer
    return User.objects.filter(seeing).exclude(pk__in=leavers(local_date(now)).values("pk")).order_by("name", "pk")


@transaction.atomic
def write_note(referral: Referral, *, text: str, mentioned: User | None = None, by: User, now: datetime) -> CaseNote:
    """Keep a note on a referral, open or closed, and tell whoever it mentions.

    The same note of the same person within a minute is kept once. Raises NoteRefused when it mentions somebody who may
    not see the child.
    """
    referral = locked(referral)
    known = CaseNote.objects.filter(referral=referral, by=by, text=text, mentioned=mentioned, at__gt=now - ONCE).first()
    if known is not None:
        return known
    if mentioned is not None and not readers(referral, now).filter(pk=mentioned.pk).exists():
        raise NoteRefused(f"{mentioned} may not see this child, and would not find the note. Mention somebody else.")
    note = CaseNote.objects.create(
        child_id=referral.child_id, referral=referral, text=text, mentioned=mentioned, by=by, at=now
    )
    if mentioned is not None:
        Notice.objects.create(
            child_id=referral.child_id,
            to=mentioned,
            kind=NoticeKind.MENTIONED,
            referral=referral,
            about=f"A case note on referral {referral} mentions you.",
            by=by,
            at=now,
        )
    audit.record(
        audit.Type.CASE_NOTE_WRITTEN,
        subject=note,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "mentioned": mentioned.pk if mentioned else None},
    )
    return note
