"""Tasks beside the interview: ticked off, or set aside with the reason why not."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rhi import wording
from rhi.actions.interviews import locked
from routing.models import Task
from staff import audit
from staff.actions import Refused
from staff.models import User


class TaskRefused(Refused):
    """The task cannot be settled as things stand."""


@transaction.atomic
def tick_off(task: Task, *, done_at: datetime, by: User, now: datetime) -> Task:
    """Say that a task was done, and when. Raises TaskRefused when it is settled already or lies in the future.

    A closed referral does not stand in the way: what is owed besides the interview is owed after it too.
    """
    if done_at > now:
        raise TaskRefused("This lies in the future. Say when it was done.")
    task = _open(task, now=now)
    task.done_at, task.settled_by = done_at, by
    task.save(update_fields=["done_at", "settled_by"])
    _record(task, "done", by=by, now=now)
    return task


@transaction.atomic
def set_aside(task: Task, *, because: str, by: User, now: datetime) -> Task:
    """Say that a task will not be done, and why. Raises TaskRefused without a reason, or when it is settled already."""
    if not because.strip():
        raise TaskRefused("Say why it is not done.")
    task = _open(task, now=now)
    task.set_aside_at, task.not_done_because, task.settled_by = now, because.strip(), by
    task.save(update_fields=["set_aside_at", "not_done_because", "settled_by"])
    _record(task, "set_aside", by=by, now=now)
    return task


def _open(task: Task, *, now: datetime) -> Task:
    """The task as it stands now, its referral held until the transaction ends. Raises TaskRefused if it is settled."""
    locked(task.referral)
    task = Task.objects.select_related("child", "referral", "settled_by").get(pk=task.pk)
    at = task.done_at or task.set_aside_at
    if at:
        who = task.settled_by.name if task.settled_by else "Somebody"
        what = "ticked this off as done" if task.done_at else "set this aside"
        raise TaskRefused(f"{who} has already {what}: {wording.moment(at, now=now)}.")
    return task


def _record(task: Task, how: str, *, by: User, now: datetime) -> None:
    audit.record(
        audit.Type.TASK_SETTLED,
        by=by,
        at=now,
        subject=task,
        children=[task.child.child_id],
        detail={"kind": task.kind, "how": how},
    )
