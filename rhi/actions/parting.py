"""An interview turns out to lie before a later return of its referral: that return gets a referral of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from episodes.models import Episode
from rhi import deadlines
from rhi.actions.interviews import minute, of_referral
from rhi.actions.returns import route_returns
from rhi.models import Interview, InterviewEpisode, Outcome
from routing import actions as routing
from routing.actions import Holder
from routing.models import Allocation, Referral, ReferralEpisode
from staff.models import User


def part(interview: Interview, episodes: Sequence[Episode], *, by: User, now: datetime) -> None:
    """Route anew the episodes from which the child came back after an interview, as if that had been known in time.

    In the caller's transaction, which has waited for its turn and holds the referral locked. One that has its outcome
    stays. What was tried, offered and booked since then goes with them; whoever held the referral goes on, where the
    rules lead to their team and name nobody else.
    """
    settled = set(Outcome.objects.filter(episode__in=episodes).values_list("episode_id", flat=True))
    moving = [episode for episode in episodes if episode.pk not in settled]
    InterviewEpisode.objects.filter(interview=interview, episode__in=episodes).delete()
    if not moving:
        return
    ReferralEpisode.objects.filter(episode__in=moving).delete()
    route_returns(by=by, now=now, of=interview.child)
    since = min(minute(episode.returned_at) for episode in moving if episode.returned_at)
    opened = list(Referral.objects.filter(covered__episode__in=moving).order_by("pk").distinct())
    for referral in opened:
        follow_holder(referral, interview.referral, by=by, now=now)
    if opened and not opened[0].interviews.exists():
        _take_along(opened[0], interview, since=since)


def follow_holder(referral: Referral, earlier: Referral, *, by: User, now: datetime) -> None:
    """Let whoever holds the earlier referral hold this one too, if it lies in their team's tray."""
    holder = Allocation.objects.filter(referral=earlier, until__isnull=True).first()
    lying = Allocation.objects.filter(referral=referral, until__isnull=True).first()
    if holder and holder.worker and lying and not lying.worker_id and lying.team_id == holder.team_id:
        because = f"Holds referral {earlier.pk}, of which this was a part"
        routing.allocate([(referral, Holder(holder.team, holder.worker, rule="", because=because, by=by), now)])


def _take_along(referral: Referral, earlier: Interview, *, since: datetime) -> None:
    """Let what was tried, offered and booked from an instant on belong to the referral that it was about."""
    moving: list[QuerySet[Any]] = [
        earlier.attempts.filter(attempted_at__gte=since),
        earlier.offers.filter(offered_at__gte=since),
        earlier.appointments.filter(ended_at__isnull=True, at__gte=since),
    ]
    if any(rows.exists() for rows in moving):
        interview = of_referral(referral)
        for rows in moving:
            rows.update(interview=interview)
        deadlines.refresh([referral.pk])
