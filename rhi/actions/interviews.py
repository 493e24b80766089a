"""The interview that a referral is about: the first thing logged on a referral makes it."""

from __future__ import annotations

from rhi.models import Interview, InterviewEpisode
from routing.models import Allocation, Referral, ReferralEpisode


def locked(referral: Referral) -> Referral:
    """The referral as it stands now, held until the transaction ends: of two who act, the second sees the first."""
    rows = Referral.objects.select_related("child", "version").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=referral.pk)


def of_referral(referral: Referral) -> Interview:
    """The interview of a referral that the caller holds locked, about every episode that the referral covers.

    Of several the last one; made where there is none. An episode that joined the referral since is added.
    """
    interview = referral.interviews.order_by("-pk").first() or _made(referral)
    covered = ReferralEpisode.objects.filter(referral=referral, episode__withdrawn_at__isnull=True)
    InterviewEpisode.objects.bulk_create(
        [
            InterviewEpisode(child_id=referral.child_id, interview=interview, episode_id=episode)
            for episode in covered.values_list("episode_id", flat=True)
        ],
        ignore_conflicts=True,
    )
    return interview


def _made(referral: Referral) -> Interview:
    holder = Allocation.objects.filter(referral=referral, until__isnull=True).first()
    return Interview.objects.create(
        reference=f"RHI-{referral.pk}",
        child_id=referral.child_id,
        referral=referral,
        team_id=holder.team_id if holder else None,
        worker_id=holder.worker_id if holder else None,
    )
