"""The conditions that figures are counts of, each on one episode with the records that belong to it.

Those that speak of interviews, offers or involvements are met by an episode when one and the same record meets them.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q

from episodes.models import Service
from reporting.narrowing import OURS
from rhi import codes
from rhi.models import InterviewEpisode

SEVENTY_TWO_HOURS = timedelta(hours=72)
#: To whom an interview can have been offered, where offers count.
ASKED = [codes.OfferedTo.CHILD, codes.OfferedTo.PARENT]

OUTCOME_DONE = Q(outcome__code__in=sorted(codes.DONE))
NO_OUTCOME = Q(outcome__isnull=True)
SINCE_HELD = Q(interviews__held_at__isnull=False)

DONE = OUTCOME_DONE | (NO_OUTCOME & SINCE_HELD)
# The same, asked only of the episodes that lack an outcome: cheaper than joining where few are looked at.
DONE_ASKED = OUTCOME_DONE | Q(
    Exists(InterviewEpisode.objects.filter(episode=OuterRef("pk"), interview__held_at__isnull=False)),
    outcome__isnull=True,
)
HELD = SINCE_HELD & (NO_OUTCOME | OUTCOME_DONE)
HELD_AT_KNOWN_TIME = HELD & Q(returned_at__isnull=False)
HELD_WITHIN_72_HOURS = HELD & Q(interviews__held_at__lte=F("returned_at") + SEVENTY_TWO_HOURS)
HELD_WITHIN_72_HOURS_OF_NOTIFICATION = HELD & Q(interviews__held_at__lte=F("notified_at") + SEVENTY_TWO_HOURS)
HELD_WITHIN_3_CALENDAR_DAYS = HELD & Q(interviews__held_at__date__lte=F("third_day"))
HELD_WITHIN_3_WORKING_DAYS = HELD & Q(interviews__held_at__date__lte=F("third_working_day"))

OFFERED = Q(interviews__offers__offered_at__isnull=False, interviews__offers__to__in=ASKED)
ACCEPTED = Q(interviews__offers__to=codes.OfferedTo.CHILD, interviews__offers__response=codes.Response.ACCEPTED)
DECLINED = Q(interviews__offers__response__in=[codes.Response.DECLINED_BY_CHILD, codes.Response.DECLINED_BY_PARENT])

NO_OUTCOME_IN_TIME = NO_OUTCOME & Q(returned_at__gte=F("asked_at") - SEVENTY_TWO_HOURS)
NO_OUTCOME_LATE = NO_OUTCOME & Q(returned_at__lt=F("asked_at") - SEVENTY_TWO_HOURS)

LOOKED_AFTER = (
    OURS
    & Q(child__involvements__service=Service.LOOKED_AFTER, child__involvements__start__lte=F("seen_on"))
    & (Q(child__involvements__end__isnull=True) | Q(child__involvements__end__gte=F("seen_on")))
)


def by_whom(*said: str) -> Q:
    """Held and written up, and its form says one of these of the interviewer; empty: it says nothing.

    Asked of the very interview by whose time the episode is looked at.
    """
    return Q(
        interviews__held_at=F("held_at"),
        interviews__written_up_at__isnull=False,
        interviews__independence__in=list(said),
    )
