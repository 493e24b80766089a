"""My work: everything that waits for one person, the most urgent first."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from episodes.models import Child
from rhi import listing
from rhi.actions import notices
from rhi.listing import Counts
from rhi.models import Interview, Notice
from rhi.views import reaching
from rhi.views.work_held import held_by
from routing.models import Allocation, ClockName, Deadline, Referral, Task, assignable_teams
from staff import audit
from staff.models import Membership, Team, User
from staff.permissions import Permission, Role, allowed, requires

#: As many as a list of somebody's work shows at once; those that wait longest come first.
SHOWN = 20


@requires(Permission.SEE_WORK)
@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What a person holds, is asked, has to write up, to sign off and to settle; and what they must be told."""
    now = timezone.now()
    user = reaching.person(request)
    rows = held_by(user, now)
    told, may_open = unseen(user, now)
    asked = list(Referral.objects.asked_of(user, now).select_related("child").order_by("in_tray_at", "pk"))
    writing, signing, tasks = list(to_write_up(user, now)), list(to_sign_off(user, now)), list(to_do(user, now))
    booked = sorted(((row.appointment, row.referral) for row in rows if row.appointment), key=lambda pair: pair[0].at)
    reaching.put_on_trail(
        request,
        audit.Type.LIST_READ,
        now=now,
        children=[
            *(row.referral.child.child_id for row in rows),
            *(referral.child.child_id for referral in asked),
            *(interview.child.child_id for interview in [*writing[:SHOWN], *signing[:SHOWN]]),
            *(task.child.child_id for task in tasks[:SHOWN]),
            *(notice.child.child_id for notice in told if notice.child_id in may_open),
        ],
        page="my_work",
    )
    return render(
        request,
        "rhi/my_work.html",
        {
            "now": now,
            "rows": rows,
            "booked": booked,
            "asked": asked,
            "may_settle": allowed(user, Permission.SETTLE_QUESTIONS),
            "notices": told,
            "may_open": may_open,
            "writing": writing[:SHOWN],
            "signing": signing[:SHOWN],
            "tasks": tasks[:SHOWN],
            "more": {"writing": len(writing) > SHOWN, "signing": len(signing) > SHOWN, "tasks": len(tasks) > SHOWN},
            "signs_off": allowed(user, Permission.SIGN_OFF),
            "trays": trays(user, now),
        },
    )


def unseen(user: User, now: datetime) -> tuple[list[Notice], frozenset[int]]:
    """What a person must be told and has not seen, newest first; and the children (keys) whose page they may open."""
    told = list(Notice.objects.filter(to=user, seen_at__isnull=True).select_related("child", "by").order_by("-at"))
    if not allowed(user, Permission.FIND_CHILDREN):
        return told, frozenset()
    children = Child.objects.visible_to(user, now).filter(pk__in=[notice.child_id for notice in told])
    return told, frozenset(children.values_list("pk", flat=True))


def _held(user: User, *, referral: str) -> Exists:
    """The condition that a person holds, or held until it closed, the referral that `referral` names."""
    return Exists(Allocation.objects.filter(referral=OuterRef(referral), until__isnull=True, worker=user.pk))


def to_write_up(user: User, now: datetime) -> QuerySet[Interview]:
    """The interviews of a person that were held and wait for their form, the first due first.

    The outcome closes a referral before its paperwork is done, so closed ones count too; but not those that a record
    brought together with their interview, whose paperwork is elsewhere.
    """
    due = Deadline.objects.filter(referral=OuterRef("referral"), name=ClockName.WRITE_UP).values("due_at")
    return (
        Interview.objects.filter(
            Q(worker=user.pk) | Q(_held(user, referral="referral")),
            Q(referral__closed_at__isnull=True) | ~Q(referral__destination=""),
            held_at__isnull=False,
            written_up_at__isnull=True,
            referral__in=Referral.objects.workable_by(user, now).values("pk"),
        )
        .annotate(due_at=Subquery(due[:1]))
        .select_related("child", "referral")
        .order_by(F("due_at").asc(nulls_last=True), "held_at", "pk")[: SHOWN + 1]
    )


def to_sign_off(user: User, now: datetime) -> QuerySet[Interview]:
    """What others have written up here and a person may sign off, the first written first."""
    rows = Interview.objects.filter(
        written_up_by__isnull=False,
        signed_off_at__isnull=True,
        referral__in=Referral.objects.workable_by(user, now).values("pk"),
    ).exclude(written_up_by=user)
    if not allowed(user, Permission.SIGN_OFF):
        return rows.none()
    return rows.select_related("child", "referral", "written_up_by").order_by("written_up_at", "pk")[: SHOWN + 1]


def to_do(user: User, now: datetime) -> QuerySet[Task]:
    """The open tasks that are a person's, or anybody's of a team of theirs, the oldest first."""
    own = Q(owner=user.pk)
    if user.role != Role.INTERVIEWER:
        own |= Q(owner__isnull=True, owner_team__in=Membership.objects.filter(user=user.pk).values("team"))
    return (
        Task.objects.filter(
            own,
            done_at__isnull=True,
            set_aside_at__isnull=True,
            referral__in=Referral.objects.workable_by(user, now).values("pk"),
        )
        .select_related("child")
        .order_by("opened_at", "pk")[: SHOWN + 1]
    )


def trays(user: User, now: datetime) -> list[tuple[Team, Counts]]:
    """The trays that a person leads or may reassign, with their numbers.

    None for a missing coordinator: hers are all of them, which have a page of their own.
    """
    if user.role == Role.COORDINATOR or not allowed(user, Permission.ASSIGN):
        return []
    teams = assignable_teams(user)
    counts = listing.by_team(user, now, teams)
    return [(team, counts.get(team.pk, Counts())) for team in teams.order_by("name")]


@requires(Permission.SEE_WORK)
@require_POST
def notice_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one's own notice as seen. Somebody else's is not found."""
    now = timezone.now()
    notice = Notice.objects.filter(pk=pk, to=reaching.person(request)).first()
    if notice is None:
        raise reaching.denied(Notice, pk)
    notices.see(notice, by=reaching.person(request), now=now)
    return redirect("rhi:home")
