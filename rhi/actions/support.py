"""Support after a child was missing: that it began, each session, and that it ended (Wokingham 3)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from procedures.calendar import local_date
from rhi.actions.interviews import locked
from rhi.actions.tasks import TaskRefused, refuse_settled
from rhi.models import Support
from routing.models import Task
from staff import audit
from staff.models import User

#: The tasks by which support is given.
SUPPORTING = frozenset({Task.Kind.SUPPORT, Task.Kind.INTERVENTION})


class SupportRefused(TaskRefused):
    """The support cannot be recorded like this."""


@transaction.atomic
def start_support(
    task: Task,
    *,
    kind: str,
    given_by: str,
    sessions_planned: int | None,
    started_on: date,
    review_on: date,
    by: User,
    now: datetime,
) -> Support:
    """Say that support has begun, by whom it is given, and when its owner looks at it again. Its task is done by that.

    Raises SupportRefused for another kind of task, when it has begun already, and for days that cannot be; TaskRefused
    when the task was settled otherwise.
    """
    if task.kind not in SUPPORTING:
        raise SupportRefused("No support is given by this task.")
    if started_on > local_date(now):
        raise SupportRefused("This day lies in the future.")
    locked(task.referral)
    task = Task.objects.select_related("child", "settled_by").get(pk=task.pk)
    if Support.objects.filter(task=task).exists():
        raise SupportRefused("This support has begun already.")
    refuse_settled(task, now=now)
    support = Support.objects.create(
        child_id=task.child_id,
        task=task,
        kind=kind,
        given_by=given_by.strip(),
        sessions_planned=sessions_planned,
        started_on=started_on,
    )
    task.done_at, task.settled_by, task.review_on = now, by, review_on
    task.save(update_fields=["done_at", "settled_by", "review_on"])
    _record(support, {"how": "started", "kind": kind}, by=by, now=now)
    return support


@transaction.atomic
def hold_session(support: Support, *, before: int | None = None, by: User, now: datetime) -> Support:
    """Count one session more; `before` is how many the person saw, so that one sent twice is counted once.

    Raises SupportRefused when the support has ended, and when another number stands by now than was seen.
    """
    support = _running(support)
    if before is not None and support.sessions_held != before:
        raise SupportRefused(
            f"{support.sessions_held} {'session is' if support.sessions_held == 1 else 'sessions are'} recorded by now."
            " If another one was held, save it again."
        )
    support.sessions_held += 1
    support.save(update_fields=["sessions_held"])
    _record(support, {"how": "session", "sessions_held": support.sessions_held}, by=by, now=now)
    return support


@transaction.atomic
def end_support(support: Support, *, ended_on: date, because: str, by: User, now: datetime) -> Support:
    """Say that support has ended, and why; nobody has to look at it again.

    Raises SupportRefused without a reason, when it has ended already, and for a day before it began or to come.
    """
    if not because.strip():
        raise SupportRefused("Say why it has ended, and what came of it.")
    support = _running(support)
    if not support.started_on <= ended_on <= local_date(now):
        raise SupportRefused("It ended between the day it began and today. Check the date.")
    support.ended_on, support.ended_because = ended_on, because.strip()
    support.save(update_fields=["ended_on", "ended_because"])
    Task.objects.filter(pk=support.task_id).update(review_on=None)
    _record(support, {"how": "ended"}, by=by, now=now)
    return support


def _running(support: Support) -> Support:
    """The support as it stands now, its referral held until the transaction ends."""
    locked(support.task.referral)
    support = Support.objects.select_related("child", "task").get(pk=support.pk)
    if support.ended_on:
        raise SupportRefused("This support has ended already.")
    return support


def _record(support: Support, detail: dict[str, object], *, by: User, now: datetime) -> None:
    audit.record(
        audit.Type.SUPPORT_RECORDED, by=by, at=now, subject=support, children=[support.child.child_id], detail=detail
    )
