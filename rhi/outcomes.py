"""Which outcome each episode has, where interview records say several things or one thing of several episodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.db.models import Max, Q
from django.db.models.functions import Coalesce

from episodes.models import Episode
from rhi import access, codes, deadlines
from rhi.deadlines import InterviewRecord, interviews_about
from rhi.models import InterviewEpisode, Outcome
from routing.models import Referral, ReferralEpisode

NEVER = datetime.min.replace(tzinfo=UTC)
STORED = ("interview_id", "code", "reason", "at")


def latest_fact(record: InterviewRecord) -> datetime:
    """The latest time that an interview record gives for anything."""
    times = [record.interview.written_up_at, record.interview.held_at]
    for offer in record.offers:
        times += [offer.responded_at, offer.offered_at]
    return max((time for time in times if time), default=NEVER)


def deciding(records: Sequence[InterviewRecord]) -> InterviewRecord | None:
    """The record whose outcome holds for an episode: a held interview before all else, then the latest word."""
    return max(
        (record for record in records if record.interview.outcome),
        key=lambda record: (
            record.interview.outcome in codes.DONE,
            latest_fact(record),
            record.interview.reference,
        ),
        default=None,
    )


def settle(episodes: Iterable[int], *, now: datetime) -> None:
    """Give these episodes (primary keys) the outcomes that their interview records say; in the caller's transaction.

    An interview completed for several episodes completes the one that ended last and covers the others.
    A referral is closed when the last of its episodes has its outcome. An outcome that rests on no record, or
    that a person recorded here, stays.
    """
    keys = list(episodes)
    # Held until the transaction ends: of two that settle one episode, the second sees what the first recorded.
    settling = list(Episode.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True))
    about = interviews_about(keys)
    ended = _last_ended({record.interview.pk for records in about.values() for record in records})
    stored = {outcome.episode_id: outcome for outcome in Outcome.objects.filter(episode__in=keys)}
    new: list[Outcome] = []
    changed: list[Outcome] = []
    gone: list[int] = []
    for episode in settling:
        record = deciding(about.get(episode.pk, ()))
        outcome = stored.get(episode.pk)
        if outcome and (outcome.interview_id is None or outcome.recorded_by_id):
            continue
        if record is None:
            if outcome:
                gone.append(outcome.pk)
            continue
        wanted = _outcome(episode, record, is_last=ended.get(record.interview.pk) == episode.pk)
        if outcome is None:
            new.append(wanted)
        elif any(getattr(outcome, name) != getattr(wanted, name) for name in STORED):
            wanted.pk = outcome.pk
            changed.append(wanted)
    Outcome.objects.bulk_create(new)
    if changed:
        Outcome.objects.bulk_update(changed, ["interview", "code", "reason", "at"])
    if gone:
        Outcome.objects.filter(pk__in=gone).delete()
    close(set(ReferralEpisode.objects.filter(episode__in=keys).values_list("referral_id", flat=True)), now=now)


def episodes_changed(children: Iterable[int], *, now: datetime) -> None:
    """Let outcomes and deadlines follow when episodes of these children (primary keys) have changed.

    In the caller's transaction. An episode bears on what is stored of the child's others: which one an interview
    completed, and which it covered; and every clock, as the child may have gone missing again before the interview.
    """
    keys = list(children)
    settle(Episode.objects.filter(child__in=keys).values_list("pk", flat=True), now=now)
    deadlines.refresh(Referral.objects.filter(child__in=keys).values_list("pk", flat=True))


def _outcome(episode: Episode, record: InterviewRecord, *, is_last: bool) -> Outcome:
    interview = record.interview
    code = interview.outcome
    if code == codes.OutcomeCode.COMPLETED and not is_last:
        code = codes.OutcomeCode.COVERED
    return Outcome(
        child_id=episode.child_id,
        episode=episode,
        interview=interview,
        code=code,
        reason=interview.reason,
        at=_settled_at(episode, record),
    )


def _settled_at(episode: Episode, record: InterviewRecord) -> datetime:
    """When the outcome was settled: an interview when it was held; otherwise the latest that the record tells.

    A record that tells no time at all settles it when the service was told of the return.
    """
    if record.interview.outcome in codes.DONE and record.interview.held_at:
        return record.interview.held_at
    latest = latest_fact(record)
    if latest != NEVER:
        return latest
    return episode.notified_at or episode.returned_at or episode.last_seen_at


def _last_ended(interviews: set[int]) -> dict[int, int]:
    """For each interview the episode that ended last: one not back yet ends after all others."""
    by_interview: dict[int, list[Episode]] = defaultdict(list)
    links = InterviewEpisode.objects.filter(
        interview__in=interviews, episode__withdrawn_at__isnull=True
    ).select_related("episode")
    for link in links:
        by_interview[link.interview_id].append(link.episode)
    return {
        interview: max(
            rows, key=lambda episode: (episode.returned_at is None, episode.returned_at or NEVER, episode.episode_id)
        ).pk
        for interview, rows in by_interview.items()
    }


def close(referrals: set[int], *, now: datetime) -> None:
    """Close the referrals all of whose episodes have their outcome, and reopen those that lack one.

    A withdrawn episode needs none; a referral that has no other was over when the last of them was withdrawn. Who may
    see the child follows.
    """
    open_ones = set(
        ReferralEpisode.objects.filter(
            referral__in=referrals, episode__withdrawn_at__isnull=True, episode__outcome__isnull=True
        ).values_list("referral_id", flat=True)
    )
    ends = dict(
        ReferralEpisode.objects.filter(referral__in=referrals - open_ones)
        .values_list("referral_id")
        .annotate(
            end=Coalesce(
                Max("episode__outcome__at", filter=Q(episode__withdrawn_at__isnull=True)), Max("episode__withdrawn_at")
            )
        )
    )
    changed, followed = [], set()
    for referral in Referral.objects.filter(pk__in=referrals):
        closed_at = ends.get(referral.pk)
        if closed_at or referral.closed_at:
            followed.add(referral.child_id)
        if referral.closed_at != closed_at:
            referral.closed_at = closed_at
            changed.append(referral)
    Referral.objects.bulk_update(changed, ["closed_at"])
    if followed:
        access.follow_referrals(followed, now=now)
