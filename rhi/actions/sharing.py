"""Recording what of an interview was shared, with whom and on what basis; and where it was filed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from episodes.access import in_force, named_of, reached_by, sees_once_held
from episodes.models import Access, Involvement
from procedures.calendar import local_date
from rhi import sharing
from rhi.actions import tasks
from rhi.actions.form_facts import Case, case_of
from rhi.actions.interviews import locked
from rhi.models import Filed, Interview, Notice, NoticeKind, Share
from rhi.wording import moment, who_has
from routing.models import Referral, Task
from staff import audit
from staff.actions import Refused
from staff.models import User, leavers
from staff.permissions import ROLES, Permission, Role

#: The roles of people who can approve that something is shared against a child's wish.
APPROVERS = [role for role in Role if Permission.SIGN_OFF in ROLES[role]]


class ShareRefused(Refused):
    """Something cannot be shared, or recorded as shared, like this. `field` names the answer that is to be changed."""

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field


class FilingRefused(Refused):
    """An interview cannot be marked as filed like this."""


def around(case: Case) -> sharing.Around:
    """What of a case decides what may be shared."""
    return sharing.Around(
        wishes=case.values.get(sharing.WISHES, {}),
        held=case.situation.held,
        written_up=bool(case.interview and case.interview.written_up_at),
        theirs=case.referral.child.responsible_authority_id is not None,
    )


def approvers(referral: Referral, *, by: User, now: datetime) -> list[User]:
    """Who can have approved what somebody shares against a child's wish: leaders and coordinators who see the child.

    Never whoever records it, nor anybody who has left. One query; one more for a restricted child.
    """
    reaching = Access.objects.filter(in_force(now), child=referral.child_id).exclude(basis=Access.Basis.BREAK_GLASS)
    rows = (
        User.objects.filter(Q(role=Role.COORDINATOR) | reached_by(reaching), role__in=APPROVERS)
        .exclude(pk=by.pk)
        .exclude(pk__in=leavers(local_date(now)).values("pk"))
        .order_by(Lower("name"), "pk")
    )
    named = named_of([referral.child], now)
    if referral.child_id not in named:
        return list(rows)
    return [person for person in rows if sees_once_held(person, named[referral.child_id])]


@transaction.atomic
def record_share(
    referral: Referral,
    *,
    to: str,
    name: str,
    what: str,
    how: str,
    basis: str,
    shared_at: datetime,
    said: str = "",
    because: str = "",
    approved_by: User | None = None,
    by: User,
    now: datetime,
) -> Share:
    """Record that something was passed on. The tasks that asked for it are done with it.

    What goes against the child's wish keeps the reason and who approved it, who is told (Somerset 8.1.3). A reason and
    an approver that nothing calls for are left out. The same share sent twice is recorded once. Raises ShareRefused
    when it may not be shared like this (rhi.sharing), when it lies in the future, and when whoever approved it is the
    recorder or nobody who could.
    """
    referral = locked(referral)
    case = case_of(referral)
    said, because = said.strip(), because.strip()
    if not name.strip():
        raise ShareRefused("Say who received it, and where.", "name")
    if shared_at > now:
        raise ShareRefused("This lies in the future. Say when it was shared.", "shared_at")
    proposed = sharing.Proposed(to, what, how, basis, said, because, approved=approved_by is not None)
    facts = around(case)
    if objection := sharing.objection(proposed, facts):
        raise ShareRefused(objection.words, objection.field)
    against = sharing.against_wish(proposed, facts)
    if against and approved_by not in approvers(referral, by=by, now=now):
        raise ShareRefused("Choose a leader or coordinator other than yourself who sees this child.", "approved_by")
    same = Share.objects.filter(referral=referral, to=to, name=name.strip(), what=what, said=said, by=by)
    if before := same.filter(how=how, basis=basis, shared_at=shared_at).first():
        return before
    share = Share.objects.create(
        child_id=referral.child_id,
        referral=referral,
        to=to,
        name=name.strip(),
        what=what,
        said=said,
        how=how,
        basis=basis,
        shared_at=shared_at,
        against_wish=against,
        because=because if against else "",
        approved_by=approved_by if against else None,
        by=by,
        at=now,
    )
    for task in _settled_by(share):
        tasks.tick_off(task, done_at=shared_at, shared=True, by=by, now=now)
    if share.approved_by:
        _tell_approver(share, share.approved_by)
    audit.record(
        audit.Type.SHARED,
        subject=share,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "to": to, "what": what, "how": how, "basis": basis}
        | ({"against_wish": True, "approved_by": share.approved_by_id} if against else {}),
    )
    return share


def _settled_by(share: Share) -> QuerySet[Task]:
    """The open tasks that asked for this."""
    if not sharing.settles(share.what, share.to):
        return Task.objects.none()
    asked = Q(kind=Task.Kind.SHARE, item=share.to)
    if share.to == Share.To.OTHER_AUTHORITY and share.what == Share.What.FORM:
        asked |= Q(kind=Task.Kind.SEND_FORM)
    return Task.objects.filter(
        asked, referral=share.referral_id, done_at__isnull=True, set_aside_at__isnull=True
    ).order_by("pk")


def _tell_approver(share: Share, approver: User) -> None:
    Notice.objects.create(
        child_id=share.child_id,
        to=approver,
        kind=NoticeKind.SHARED,
        referral=share.referral,
        about=f"On referral {share.referral} something was shared that the child has not agreed to "
        f"({share.get_to_display()}), and you are named as who approved it. The referral says what and why.",
        by=share.by,
        at=share.at,
    )


# Filed in other systems of ours


def filings(case: Case) -> list[str]:
    """What of a case that is written up belongs into other systems: the record, and early help's event (Somerset 4.19).

    One query where the procedure asks for the note.
    """
    if not (case.interview and case.interview.written_up_at):
        return []
    services = case.referral.version.procedure.follow_up.significant_event_note_for
    on = local_date(case.interview.held_at or case.interview.written_up_at)
    is_open = bool(services) and (
        Involvement.objects.filter(Q(end__isnull=True) | Q(end__gte=on), start__lte=on)
        .filter(child=case.referral.child_id, service__in=services)
        .exists()
    )
    return [Filed.What.RECORD, *([Filed.What.EVENT] if is_open else [])]


def filed(interview: Interview) -> dict[str, Filed]:
    """Where an interview was filed since it was written up, by what; what was sent back is filed anew."""
    since = interview.written_up_at
    rows: Sequence[Filed] = list(interview.filed.select_related("by").order_by("at", "pk")) if since else []
    return {row.what: row for row in rows if since and row.at >= since}


@transaction.atomic
def file_in(referral: Referral, *, what: str, by: User, now: datetime) -> Filed:
    """Mark an interview as put into another system of ours (Nottinghamshire, Somerset 4.19).

    Raises FilingRefused when nothing of the kind is asked for, or when it has been filed as it stands.
    """
    referral = locked(referral)
    case = case_of(referral)
    interview = case.interview
    if interview is None or what not in filings(case):
        raise FilingRefused("There is nothing of this kind to file: the interview is not written up, or none is asked.")
    if before := filed(interview).get(what):
        raise FilingRefused(f"{who_has(before.by, to=by)} marked this as filed {moment(before.at, now=now)}.")
    row, _ = Filed.objects.update_or_create(
        interview=interview, what=what, defaults={"child_id": referral.child_id, "by": by, "at": now}
    )
    audit.record(
        audit.Type.FILED,
        subject=row,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "what": what},
    )
    return row
