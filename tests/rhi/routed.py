"""What became of an episode: its referral, who holds it, and the decision that was stored."""

from routing.models import Referral, ReferralEpisode


def referral_of(episode_id: str) -> Referral:
    return ReferralEpisode.objects.get(episode__episode_id=episode_id).referral


def holder_of(episode_id: str) -> tuple[str | None, str | None]:
    """The team and the worker who hold an episode's referral now."""
    held = referral_of(episode_id).allocations.get(until__isnull=True)
    return held.team and held.team.name, held.worker and held.worker.email


def decision_on(episode_id: str) -> dict:
    return ReferralEpisode.objects.get(episode__episode_id=episode_id).decision
