"""My work: everything that waits for one person, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Case, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from procedures.calendar import local_date
from rhi import listing
from rhi.access import form_owed
from rhi.actions import age, escalating
from rhi.listing import Counts
from rhi.models import REMINDERS, Escalation, Interview, Notice, Outcome
from rhi.views import marks, reaching
from rhi.views.notices import openable
from rhi.views.work_held import held, held_by
from routing.models import Allocation, ClockName, Deadline, Referral, Task, assignable_teams
from staff import audit
from staff.models import Membership, Team, User, leavers
from staff.permissions import Permission, Role, allowed, requires

#: As many as a list of somebody's work shows at once; those that wait longest come first.
SHOWN = 20

#: As many notices stand above it, the newest; all of them have a page of their own.
TOLD = 5


@requires(Permission.SEE_WORK)
@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """What a person holds, is asked, has to write up, to sign off, to settle and to answer; and what they must be told.

    Whoever holds no referrals, as a manager, has only the worries that were put to her.
    """
    now = timezone.now()
    user = reaching.person(request)
    rows = held_by(user, now)
    told = unseen(user)
    # A reminder says what the referral's row below says too; here it would only push that row off the screen.
    to_know = [notice for notice in told if notice.kind not in REMINDERS]
    may_see, may_open = openable(told, user, now)
    asked = list(Referral.objects.asked_of(user, now).select_related("child").order_by("in_tray_at", "pk"))
    writing, signing, tasks = list(to_write_up(user, now)), list(to_sign_off(user, now)), list(to_do(user, now))
    left = list(left_to_write_up(user, now))
    worries, unanswered = list(to_answer(user, now)), list(not_answered(user, now))
    booked = sorted(((row.appointment, row.referral) for row in rows if row.appointment), key=lambda pair: pair[0].at)
    reaching.put_on_trail(
        request,
        audit.Type.LIST_READ,
        now=now,
        children=[
            *(row.referral.child.child_id for row in rows),
            *(referral.child.child_id for referral in asked),
            *(interview.child.child_id for interview in [*writing[:SHOWN], *left[:SHOWN], *signing[:SHOWN]]),
            *(task.child.child_id for task in tasks[:SHOWN]),
            *(worry.child.child_id for worry in [*worries, *unanswered[:SHOWN]]),
            *(notice.child.child_id for notice in to_know[:TOLD] if notice.child_id in may_open),
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
            "notices": to_know[:TOLD],
            "reminders": len(told) - len(to_know),
            "may_see": may_see,
            "may_open": may_open,
            "last_month": local_date(now).replace(day=1) - timedelta(days=1),
            "writing": writing[:SHOWN],
            "left": left[:SHOWN],
            "signing": signing[:SHOWN],
            "tasks": tasks[:SHOWN],
            "worries": worries,
            "unanswered": [(worry, age.working_days(worry.at, now=now)) for worry in unanswered[:SHOWN]],
            "long": age.LONG,
            "more": {
                "notices": len(to_know) > TOLD,
                "writing": len(writing) > SHOWN,
                "left": len(left) > SHOWN,
                "signing": len(signing) > SHOWN,
                "tasks": len(tasks) > SHOWN,
                "unanswered": len(unanswered) > SHOWN,
            },
            "signs_off": allowed(user, Permission.SIGN_OFF),
            "trays": trays(user, now),
            "look": marks.work_look(
                _tokens(
                    held=[row.referral for row in rows],
                    asked=asked,
                    told=told,
                    left=left,
                    signing=signing,
                    tasks=tasks,
                    worries=worries,
                )
            ),
        },
    )


def waiting(user: User, now: datetime) -> frozenset[str]:
    """What others bring to somebody's work, as the page would show it now: records by kind and key.

    Seven queries at most.
    """
    return _tokens(
        held=held(user, now),
        asked=Referral.objects.asked_of(user, now),
        told=Notice.objects.filter(to=user, seen_at__isnull=True),
        left=left_to_write_up(user, now),
        signing=to_sign_off(user, now),
        tasks=to_do(user, now),
        worries=to_answer(user, now),
    )


def _tokens(**kinds: Iterable[Model]) -> frozenset[str]:
    return marks.tokens(**{kind: [record.pk for record in records] for kind, records in kinds.items()})


def unseen(user: User) -> list[Notice]:
    """What a person must be told and has not seen, newest first."""
    rows = Notice.objects.filter(to=user, seen_at__isnull=True).select_related("child", "by")
    return list(rows.order_by("-at", "-pk"))


def _held(user: User, *, referral: str) -> Exists:
    """The condition that a person holds, or held until it closed, the referral that `referral` names."""
    return Exists(Allocation.objects.filter(referral=OuterRef(referral), until__isnull=True, worker=user.pk))


def _ended_unheld(user: User) -> Q:
    """The condition on interviews that they are nobody's, and the person recorded an outcome."""
    holders = Allocation.objects.filter(referral=OuterRef("referral"), until__isnull=True, worker__isnull=False)
    ended = Outcome.objects.filter(interview=OuterRef("pk"), recorded_by=user.pk)
    return Q(~Exists(holders), Exists(ended), worker__isnull=True)


def to_write_up(user: User, now: datetime) -> QuerySet[Interview]:
    """The interviews of a person that wait for their form, held or not, the first due first.

    The outcome closes a referral before its paperwork is done, so closed ones count too. Where nobody held it, the form
    is theirs who recorded the outcome.
    """
    return _first_due(
        Interview.objects.filter(
            form_owed(),
            Q(worker=user.pk) | Q(_held(user, referral="referral")) | _ended_unheld(user),
            referral__in=Referral.objects.workable_by(user, now).values("pk"),
        )
    )


def left_to_write_up(user: User, now: datetime) -> QuerySet[Interview]:
    """The interviews that wait for their form and are nobody's, whose referral a person may give to somebody.

    Neither whose interview it is nor who holds the referral works here any more; nor who recorded the outcome, where
    nobody held it.
    """
    if not allowed(user, Permission.ASSIGN):
        return Interview.objects.none()
    gone = leavers(local_date(now)).values("pk")
    holders = Allocation.objects.filter(referral=OuterRef("referral"), until__isnull=True, worker__isnull=False)
    ended = Outcome.objects.filter(interview=OuterRef("pk"), recorded_by__isnull=False).exclude(recorded_by__in=gone)
    return _first_due(
        Interview.objects.filter(
            form_owed(),
            ~Exists(holders.exclude(worker__in=gone)),
            Q(worker__in=gone) | Q(~Exists(ended) | Q(Exists(holders)), worker__isnull=True),
            referral__in=Referral.objects.assignable_by(user, now).values("pk"),
        )
    )


def _first_due(rows: QuerySet[Interview]) -> QuerySet[Interview]:
    due = Deadline.objects.filter(referral=OuterRef("referral"), name=ClockName.WRITE_UP).values("due_at")
    return (
        rows.annotate(due_at=Subquery(due[:1]))
        .select_related("child", "referral", "worker")
        .order_by(F("due_at").asc(nulls_last=True), Coalesce("held_at", "referral__closed_at"), "pk")[: SHOWN + 1]
    )


def to_sign_off(user: User, now: datetime) -> QuerySet[Interview]:
    """What others have held and written up here and a person may sign off, the first written first."""
    rows = Interview.objects.filter(
        written_up_by__isnull=False,
        signed_off_at__isnull=True,
        referral__in=Referral.objects.workable_by(user, now).values("pk"),
    ).exclude(Q(written_up_by=user) | Q(worker=user, held_at__isnull=False))
    if not allowed(user, Permission.SIGN_OFF):
        return rows.none()
    return rows.select_related("child", "referral", "written_up_by").order_by("written_up_at", "pk")[: SHOWN + 1]


def to_do(user: User, now: datetime) -> QuerySet[Task]:
    """The tasks that wait for a person, or for anybody of a team of theirs; the first due first.

    Those that are open, and those that are to be looked at again by now (Wokingham 3a). What somebody who has left
    owned is their team's.
    """
    today = local_date(now)
    own = Q(owner=user.pk)
    if user.role != Role.INTERVIEWER:
        nobodys = Q(owner__isnull=True) | Q(owner__in=leavers(today).values("pk"))
        own |= Q(nobodys, owner_team__in=Membership.objects.filter(user=user.pk).values("team"))
    return (
        Task.objects.waiting(today)
        .filter(own, referral__in=Referral.objects.workable_by(user, now).values("pk"))
        .annotate(by=Case(When(done_at__isnull=True, then=F("due_on")), default=F("review_on")))
        .select_related("child")
        .order_by(F("by").asc(nulls_last=True), "opened_at", "pk")[: SHOWN + 1]
    )


def to_answer(user: User, now: datetime) -> QuerySet[Escalation]:
    """The worries that were put to a person and wait for her answer, the first put first."""
    rows = escalating.put_to(user, now).filter(answered_at__isnull=True)
    if not allowed(user, Permission.ANSWER_WORRIES):
        return rows.none()
    return rows.select_related("child", "by").order_by("at", "pk")


def not_answered(user: User, now: datetime) -> QuerySet[Escalation]:
    """The worries that a person put and that nobody has answered, the first put first."""
    rows = Escalation.objects.filter(
        by=user.pk, answered_at__isnull=True, referral__in=Referral.objects.workable_by(user, now).values("pk")
    )
    if not allowed(user, Permission.ESCALATE):
        return rows.none()
    return rows.select_related("child", "to").order_by("at", "pk")[: SHOWN + 1]


def trays(user: User, now: datetime) -> list[tuple[Team, Counts]]:
    """The trays that a person leads or may reassign, with their numbers.

    None for a missing coordinator: hers are all of them, which have a page of their own.
    """
    if user.role == Role.COORDINATOR or not allowed(user, Permission.ASSIGN):
        return []
    teams = assignable_teams(user)
    counts = listing.by_team(user, now, teams)
    return [(team, counts.get(team.pk, Counts())) for team in teams.order_by("name")]
