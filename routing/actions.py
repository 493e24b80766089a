"""Opening referrals and saying who holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from episodes.models import Access, Episode
from procedures.models import Version
from procedures.types import Destination
from routing.models import Allocation, Referral, ReferralEpisode, Task
from routing.rules import Decision, Facts
from staff.models import Team, User


@dataclass(frozen=True)
class Holder:
    """Who is to hold a referral, by which rule or person, and why."""

    team: Team | None
    worker: User | None
    rule: str
    because: str
    by: User | None = None


@dataclass(frozen=True)
class Opening:
    """A referral to be opened for one returned episode, as routing decided."""

    episode: Episode
    version: Version
    facts: Facts
    decision: Decision
    holder: Holder
    in_tray_at: datetime
    task_owner: Team | None = None


@dataclass(frozen=True)
class Joining:
    """An episode that joins an open referral, as routing decided, and when the service was told of its return."""

    referral: Referral
    episode: Episode
    facts: Facts
    decision: Decision
    told_at: datetime


def decision_as_stored(facts: Facts, decision: Decision) -> dict[str, object]:
    """A decision with the facts it rests on, as JSON keeps it."""
    return {"facts": asdict(facts), **asdict(decision)}


def open_referrals(openings: Sequence[Opening]) -> list[Referral]:
    """Open these referrals, each with its first holder, who may then see the child; in the caller's transaction.

    A referral that is another authority's to hold brings the task to tell them.
    """
    referrals = Referral.objects.bulk_create(
        Referral(
            child_id=opening.episode.child_id,
            version=opening.version,
            destination=opening.decision.destination,
            question=opening.decision.question,
            in_tray_at=opening.in_tray_at,
        )
        for opening in openings
    )
    ReferralEpisode.objects.bulk_create(
        ReferralEpisode(
            child_id=opening.episode.child_id,
            referral=referral,
            episode=opening.episode,
            decision=decision_as_stored(opening.facts, opening.decision),
        )
        for referral, opening in zip(referrals, openings, strict=True)
    )
    allocate(
        [(referral, opening.holder, opening.in_tray_at) for referral, opening in zip(referrals, openings, strict=True)]
    )
    Task.objects.bulk_create(
        Task(
            child_id=opening.episode.child_id,
            referral=referral,
            episode=opening.episode,
            kind=Task.Kind.TELL_AUTHORITY,
            about=f"Tell {opening.facts.other_authority} that the child is back and the interview theirs to hold.",
            clause=next(
                rule.clause for rule in opening.version.procedure.routing.rules if rule.name == opening.decision.rule
            ),
            owner_team=opening.task_owner,
            opened_at=opening.in_tray_at,
        )
        for referral, opening in zip(referrals, openings, strict=True)
        if opening.decision.destination is Destination.AUTHORITY
    )
    return referrals


def join_referrals(joinings: Sequence[Joining]) -> None:
    """Let these episodes join referrals that are open, each with the decision that says why.

    Another authority that has to hold the interview is to be told of every return.
    """
    ReferralEpisode.objects.bulk_create(
        ReferralEpisode(
            child_id=joining.episode.child_id,
            referral=joining.referral,
            episode=joining.episode,
            decision=decision_as_stored(joining.facts, joining.decision),
        )
        for joining in joinings
    )
    first_task = {
        task.referral_id: task
        for task in Task.objects.filter(
            kind=Task.Kind.TELL_AUTHORITY, referral__in=[joining.referral for joining in joinings]
        ).order_by("-pk")
    }
    Task.objects.bulk_create(
        Task(
            child_id=joining.episode.child_id,
            referral=joining.referral,
            episode=joining.episode,
            kind=task.kind,
            about=task.about,
            clause=task.clause,
            owner_team_id=task.owner_team_id,
            opened_at=joining.told_at,
        )
        for joining in joinings
        if (task := first_task.get(joining.referral.pk))
    )


def allocate(holders: Sequence[tuple[Referral, Holder, datetime]]) -> None:
    """Give referrals to their holders from an instant on, ending whatever allocation holds until then.

    The history is never overwritten. Whoever holds a referral may see the child from then on; the access that rested
    on the earlier allocation ends with it.
    """
    since_of = {referral.pk: since for referral, _, since in holders}
    earlier = list(Allocation.objects.filter(referral__in=since_of, until__isnull=True))
    for allocation in earlier:
        allocation.until = since_of[allocation.referral_id]
    Allocation.objects.bulk_update(earlier, ["until"])
    _end_access(earlier)
    Allocation.objects.bulk_create(
        Allocation(
            child_id=referral.child_id,
            referral=referral,
            team=holder.team,
            worker=holder.worker,
            since=since,
            rule=holder.rule,
            by=holder.by,
            because=holder.because[:1000],
        )
        for referral, holder, since in holders
    )
    Access.objects.bulk_create(
        Access(
            child_id=referral.child_id,
            team=holder.team,
            user=holder.worker,
            basis=Access.Basis.ALLOCATION,
            since=since,
        )
        for referral, holder, since in holders
        if holder.team or holder.worker
    )


def _end_access(ended: Sequence[Allocation]) -> None:
    """End the access that rests on allocations which have ended, unless the same holder has another of the child."""
    until = {(row.child_id, row.team_id, row.worker_id): row.until for row in ended}
    children = {row.child_id for row in ended}
    for row in Allocation.objects.filter(child__in=children, until__isnull=True):
        until.pop((row.child_id, row.team_id, row.worker_id), None)
    accesses = [
        access
        for access in Access.objects.filter(child__in=children, basis=Access.Basis.ALLOCATION, until__isnull=True)
        if (access.child_id, access.team_id, access.user_id) in until
    ]
    for access in accesses:
        access.until = until[access.child_id, access.team_id, access.user_id]
    Access.objects.bulk_update(accesses, ["until"])
