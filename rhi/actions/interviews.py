"""The interview that a referral is about: the first thing logged on a referral makes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from episodes.models import Episode
from rhi.models import Interview, InterviewEpisode
from routing.models import Allocation, Referral, ReferralEpisode


def locked(referral: Referral) -> Referral:
    """The referral as it stands now, held until the transaction ends: of two who act, the second sees the first."""
    rows = Referral.objects.select_related("child", "version").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=referral.pk)


def of_referral(referral: Referral) -> Interview:
    """The interview of a referral that the caller holds locked, about every episode that the referral covers.

    Of several the last one; made where there is none. An episode that joined the referral since is added, unless the
    child came back from it only after the interview.
    """
    interview = referral.interviews.order_by("-pk").first() or _made(referral)
    covered = ReferralEpisode.objects.filter(referral=referral, episode__withdrawn_at__isnull=True)
    if interview.held_at:
        covered = covered.exclude(episode__returned_at__gte=minute(interview.held_at) + timedelta(minutes=1))
    InterviewEpisode.objects.bulk_create(
        [
            InterviewEpisode(child_id=referral.child_id, interview=interview, episode_id=episode)
            for episode in covered.values_list("episode_id", flat=True)
        ],
        ignore_conflicts=True,
    )
    return interview


def minute(at: datetime) -> datetime:
    """The minute of an instant: people type no seconds, which records may have."""
    return at.replace(second=0, microsecond=0)


def back_by(episode: Episode, at: datetime) -> bool:
    """Whether the child was back from an episode at an instant, or may have been: its return is not known."""
    return episode.returned_at is None or minute(episode.returned_at) <= at


def follow_holders(referrals: Iterable[int], *, now: datetime) -> None:
    """Let the interviews of these referrals (primary keys) that are still to be held be their holders' own.

    In the caller's transaction, which holds the referrals locked. One that was held stays with whoever held it. No file
    replaces whom a person has chosen.
    """
    keys = list(referrals)
    holders = {row.referral_id: row for row in Allocation.objects.filter(referral__in=keys, until__isnull=True)}
    planned = list(Interview.objects.filter(referral__in=holders, held_at__isnull=True, written_up_at__isnull=True))
    for interview in planned:
        holder = holders[interview.referral_id]
        interview.team_id, interview.worker_id = holder.team_id, holder.worker_id
        interview.typed |= dict.fromkeys(("team_id", "worker_id"), now.isoformat())
    Interview.objects.bulk_update(planned, ["team", "worker", "typed"])


def _made(referral: Referral) -> Interview:
    holder = Allocation.objects.filter(referral=referral, until__isnull=True).first()
    return Interview.objects.create(
        reference=f"RHI-{referral.pk}",
        child_id=referral.child_id,
        referral=referral,
        team_id=holder.team_id if holder else None,
        worker_id=holder.worker_id if holder else None,
    )
