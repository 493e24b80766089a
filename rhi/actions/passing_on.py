"""Passing on what somebody was told and has not met, because they are away since or have left.

Told in the evening, the email waits for the morning; whoever is gone by then reads neither it nor the page. So it goes
where it would have gone had they been away at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, FilteredRelation, Q

from episodes.models import Involvement
from procedures.calendar import local_date
from rhi.actions.bundling import WAITING
from rhi.actions.telling import Matter, tell, without_reason
from rhi.models import Notice, NoticeKind
from staff.models import leavers

WITHIN = timedelta(days=7)
"""What somebody was told longer ago is the past, as it is for the reminders."""

PASSED_ON = frozenset(
    {
        NoticeKind.EPISODE,
        NoticeKind.BREACH,
        NoticeKind.NOT_ASSIGNED,
        NoticeKind.NO_ATTEMPT,
        NoticeKind.WRITE_UP,
        NoticeKind.DISCUSSION,
        NoticeKind.APPOINTMENT,
        NoticeKind.NO_ADDRESSEE,
        NoticeKind.LETTER_FAILED,
        NoticeKind.TASK_OVERDUE,
        NoticeKind.TASK_REVIEW,
    }
)
"""What is told once. A clock that runs is announced by each run, so whoever is here hears of it anyway."""

UNTIL_THE_OUTCOME = frozenset(
    {
        NoticeKind.BREACH,
        NoticeKind.NOT_ASSIGNED,
        NoticeKind.NO_ATTEMPT,
        NoticeKind.DISCUSSION,
        NoticeKind.APPOINTMENT,
    }
)
"""Of these nobody need hear any more once the referral is closed."""


def pass_on(now: datetime) -> list[Notice]:
    """Tell others what waits for people who are away or have left: unseen, unmailed, and told within a week.

    Who that is telling.People decides: whoever stands in, else the leaders, else the coordinators. Nobody is told
    twice: the key stays. One query while nothing waits; two more and those of `tell` otherwise.
    """
    today = local_date(now)
    gone = Q(to__in=leavers(today)) | Q(to__preferences__away_from__lte=today, to__preferences__away_until__gte=today)
    waiting = list(
        Notice.objects.filter(WAITING, gone, kind__in=PASSED_ON, at__gt=now - WITHIN)
        .exclude(key="")
        .exclude(kind__in=UNTIL_THE_OUTCOME, referral__closed_at__isnull=False)
        .annotate(
            holding=FilteredRelation("referral__allocations", condition=Q(referral__allocations__until__isnull=True))
        )
        .annotate(held_by=F("holding__team"))
        .order_by("pk")
    )
    if not waiting:
        return []
    # Of an episode the child's own worker was told, for whom the leaders of that team stand in.
    own = {
        (row.child_id, row.worker_id): row.team_id
        for row in Involvement.objects.filter(
            Q(end__isnull=True) | Q(end__gte=today),
            child__in={notice.child_id for notice in waiting},
            worker__in={notice.to_id for notice in waiting},
            start__lte=today,
        ).order_by("-pk")
    }
    matters = []
    for notice in waiting:
        team = notice.held_by
        if notice.kind == NoticeKind.EPISODE:
            team = own.get((notice.child_id, notice.to_id), team)
        matters.append(
            Matter(
                key=notice.key,
                kind=NoticeKind(notice.kind),
                about=without_reason(notice.about),
                child=notice.child_id,
                referral=notice.referral_id,
                worker=notice.to_id,
                team=team,
                leaders=False,
            )
        )
    return tell(matters, now=now)
