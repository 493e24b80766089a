"""A child is back: each return becomes a referral, or joins the one that is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from episodes.intake import CHUNK, let_others_save, wait_for_turn
from episodes.models import Child, Episode
from procedures.calendar import local_date
from procedures.models import Governing, Rulebook
from procedures.types import Destination
from rhi import deadlines
from rhi.actions.telling import tell_workers
from rhi.deadlines import Gathered
from routing import actions as routing
from routing.actions import Holder, Joining, Opening
from routing.gathering import Records
from routing.models import Allocation, Referral, ReferralEpisode
from routing.rules import Decision, Facts, OpenReferral, decide, team_name
from staff import actions as staff
from staff import audit
from staff.models import Team, User

RETURNED = "The child returned"
NOT_BACK = "The child is not back; they were last seen"


@dataclass
class Standing:
    """An open referral while returns are being routed: what joining it depends on, and who holds it."""

    first_return: datetime
    first_episode: str
    held_at: datetime | None = None
    team: str | None = None
    worker: str | None = None
    referral: Referral | None = None
    joiners: list[tuple[Episode, Facts, Decision]] = field(default_factory=list)

    def is_open_at(self, returned_at: datetime) -> bool:
        """Whether it was open, and its interview not yet held, when a child returned."""
        return self.first_return <= returned_at and (self.held_at is None or self.held_at > returned_at)


def unrouted() -> QuerySet[Episode]:
    """Returned episodes that no referral covers yet: neither withdrawn nor brought over as history."""
    covered = ReferralEpisode.objects.filter(episode=OuterRef("pk"))
    return Episode.objects.filter(
        ~Exists(covered), returned_at__isnull=False, withdrawn_at__isnull=True, history=False
    ).order_by("child_id", "returned_at", "pk")


def route_returns(
    *, by: User | None, now: datetime, of: Child | None = None, apart: Collection[int] = frozenset()
) -> int:
    """Route every return that waits for it, or those of one child, some hundred at a time; answers how many.

    A kind of episode that the procedure does not route is left alone. Those of `apart` (primary keys) join no referral.
    """
    routed = 0
    returns = unrouted().filter(child=of) if of else unrouted()
    waiting = list(returns.values_list("pk", "child_id"))
    for keys in _by_whole_children(waiting):
        routed += _route(keys, by=by, now=now, of_late=of is None, apart=apart)
        let_others_save(keys)
    return routed


def _by_whole_children(waiting: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """The episodes in portions of at most a chunk, all of one child's in the same."""
    portion: list[int] = []
    for _, of_child in groupby(waiting, key=lambda pair: pair[1]):
        keys = [key for key, _ in of_child]
        if portion and len(portion) + len(keys) > CHUNK:
            yield portion
            portion = []
        portion += keys
    if portion:
        yield portion


@transaction.atomic
def _route(keys: Sequence[int], *, by: User | None, now: datetime, of_late: bool, apart: Collection[int]) -> int:
    wait_for_turn()
    rulebook = Rulebook.load()
    episodes = [
        episode
        for episode in unrouted()
        .filter(pk__in=keys)
        .select_related("child__responsible_authority")
        .select_for_update(of=("self",))
        if episode.kind in governing(rulebook, episode).version.procedure.routing.kinds
    ]
    children = {episode.child_id for episode in episodes}
    records = Records.of(children)
    standing = open_referrals(children)
    decided: list[tuple[Episode, Governing, Facts, Decision, Standing]] = []
    for episode in episodes:
        governed = governing(rulebook, episode)
        open_ones = () if episode.pk in apart else standing[episode.child_id]
        facts, into = facts_of(episode, records, open_ones, now=now)
        decision = decide(facts, governed.version.procedure.routing)
        if decision.destination is Destination.JOINED and into:
            into.joiners.append((episode, facts, decision))
            continue
        opened = Standing(
            first_return=episode.returned_at or now,
            first_episode=episode.episode_id,
            team=decision.team,
            worker=decision.worker if decision.destination is Destination.WORKER else None,
        )
        standing[episode.child_id].append(opened)
        decided.append((episode, governed, facts, decision, opened))
    _store(decided, standing)
    if episodes:
        tell_workers(episodes, of_late=of_late, now=now)
        audit.record(
            audit.Type.REFERRALS_ROUTED,
            by=by,
            at=now,
            children=[episode.child.child_id for episode in episodes],
            detail={"opened": len(decided), "joined": len(episodes) - len(decided)},
        )
    return len(episodes)


def governing(rulebook: Rulebook, episode: Episode) -> Governing:
    """The version in force when the child returned; before a return, when the child was last seen."""
    if episode.returned_at:
        return rulebook.governing(local_date(episode.returned_at), RETURNED)
    return rulebook.governing(local_date(episode.last_seen_at), NOT_BACK)


def facts_of(
    episode: Episode, records: Records, standing: Sequence[Standing], *, now: datetime
) -> tuple[Facts, Standing | None]:
    """What routing looks at for an episode, and the referral that it could join: of several open ones the latest.

    Not back yet counts as back now.
    """
    returned_at = episode.returned_at or now
    open_then = (each for each in standing if each.is_open_at(returned_at))
    into = max(open_then, key=lambda each: each.first_return, default=None)
    referral = OpenReferral(into.first_episode, into.team, into.worker) if into else None
    return records.facts(episode, returned_at=returned_at, on=local_date(now), open_referral=referral), into


def open_referrals(children: Iterable[int]) -> Mapping[int, list[Standing]]:
    """The open referrals of these children with what joining depends on, by child."""
    rows = deadlines.gather(
        Referral.objects.filter(child__in=list(children), closed_at__isnull=True).values_list("pk", flat=True)
    )
    holders = {
        allocation.referral_id: allocation
        for allocation in Allocation.objects.filter(
            referral__in=[row.referral.pk for row in rows], until__isnull=True
        ).select_related("team", "worker")
    }
    standing: dict[int, list[Standing]] = defaultdict(list)
    for row in rows:
        if first := _first_returned(row):
            holder = holders.get(row.referral.pk)
            held = row.facts().held
            standing[row.referral.child_id].append(
                Standing(
                    first_return=first.returned_at or first.last_seen_at,
                    first_episode=first.episode_id,
                    held_at=held if isinstance(held, datetime) else None,
                    team=holder.team.name if holder and holder.team else None,
                    worker=holder.worker.email if holder and holder.worker else None,
                    referral=row.referral,
                )
            )
    return standing


def _first_returned(row: Gathered) -> Episode | None:
    returned = [episode for episode in row.episodes if episode.returned_at]
    return min(returned, key=lambda episode: (episode.returned_at, episode.pk), default=None)


def _store(
    decided: Sequence[tuple[Episode, Governing, Facts, Decision, Standing]], standing: Mapping[int, list[Standing]]
) -> None:
    """Write what was decided: the new referrals with their holders, then who joins which, then the deadlines."""
    teams = _teams(decided)
    people = User.objects.in_bulk(
        [decision.worker for *_, decision, _ in decided if decision.worker], field_name="email"
    )
    opened = routing.open_referrals(
        [
            Opening(
                episode=episode,
                version=governed.version,
                facts=facts,
                decision=decision,
                holder=Holder(
                    team=teams.get(decision.team or ""),
                    worker=people.get(standing_.worker or ""),
                    rule=decision.rule,
                    because=decision.because,
                ),
                in_tray_at=in_tray_at(episode),
                task_owner=teams.get(team_name(governed.version.procedure.routing.default.team, facts.area)),
            )
            for episode, governed, facts, decision, standing_ in decided
        ]
    )
    for referral, (*_, each) in zip(opened, decided, strict=True):
        each.referral = referral
    joined = [each for of_child in standing.values() for each in of_child if each.joiners]
    routing.join_referrals(
        [
            Joining(each.referral, episode, facts, decision, told_at=in_tray_at(episode))
            for each in joined
            if each.referral
            for episode, facts, decision in each.joiners
        ]
    )
    deadlines.refresh({referral.pk for referral in opened} | {each.referral.pk for each in joined if each.referral})


def _teams(decided: Sequence[tuple[Episode, Governing, Facts, Decision, Standing]]) -> dict[str, Team]:
    """The teams that decisions name, and those that own the task to tell another authority."""
    kinds: dict[str, str] = {}
    for _, governed, facts, decision, _ in decided:
        social_care = decision.destination is Destination.SOCIAL_CARE
        default = team_name(governed.version.procedure.routing.default.team, facts.area)
        if decision.team:
            kinds[decision.team] = Team.Kind.SOCIAL_CARE if social_care else Team.Kind.SERVICE
        elif decision.destination is Destination.AUTHORITY:
            kinds.setdefault(default, Team.Kind.SERVICE)
    return staff.teams_named(kinds)


def in_tray_at(episode: Episode) -> datetime:
    """When a referral reached the tray: when the service learned of the return, and never before the return itself."""
    returned_at = episode.returned_at or episode.last_seen_at
    return max(returned_at, episode.notified_at or returned_at)
