"""The tasks of which people are told by itself: overdue, or to be reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from procedures.calendar import local_date, start_of_day
from rhi import wording
from rhi.actions.dues import Due, Span, exactly
from rhi.models import NoticeKind
from routing.models import Task


def unfinished(span: Span) -> Iterator[Due]:
    """The tasks that nobody did by their day (Somerset 4.17), and those to be reviewed (Wokingham 3a): one query.

    Each is for its owner; a team's for whoever holds the referral. Of what is overdue the leaders are told too.
    """
    first, last = local_date(span.earliest) - timedelta(days=1), local_date(span.until)
    rows = Task.objects.filter(Q(due_on__range=(first, last)) | Q(review_on__range=(first, last)))
    for row in rows.order_by("pk"):
        kind = row.get_kind_display()
        if row.due_on and (over := start_of_day(row.due_on + timedelta(days=1))) in span:
            words = f"{kind}: this was to be done by {wording.on_day(row.due_on)}."
            yield _of_task(row, over, NoticeKind.TASK_OVERDUE, words, leaders=True, stands=row.is_open)
        if row.review_on and (begins := start_of_day(row.review_on)) in span:
            words = f"{kind}: this is to be reviewed from {wording.on_day(row.review_on)} on."
            stands = row.set_aside_at is None
            yield _of_task(row, begins, NoticeKind.TASK_REVIEW, words, leaders=False, stands=stands)


def _of_task(row: Task, at: datetime, kind: NoticeKind, about: str, *, leaders: bool, stands: bool) -> Due:
    return Due(
        at=at,
        kind=kind,
        key=f"{kind}:task {row.pk}:{exactly(at)}",
        about=about,
        child=row.child_id,
        referral=row.referral_id,
        worker=row.owner_id,
        leaders=leaders,
        stands=stands,
    )
