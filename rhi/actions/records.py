"""Interview records name episodes: the referral that each belongs to, and who holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from episodes.models import Child, Episode
from procedures.calendar import local_date
from procedures.models import Rulebook
from rhi import access, deadlines
from rhi.actions.returns import governing
from rhi.models import Interview
from routing import actions as routing
from routing.actions import Holder
from routing.models import Allocation, Referral, ReferralEpisode
from routing.rules import team_name
from staff import actions as staff
from staff.models import Team, User

NAMED = "The interview record names them."
NOBODY_NAMED = "The interview record is open and names nobody who is still here."


@dataclass(frozen=True)
class Naming:
    """What an interview record says of its referral.

    `names_holder` is whether the record speaks of team and worker at all, `since` from when on they held it.
    """

    reference: str
    interview: Interview | None
    child: Child
    episodes: tuple[Episode, ...]
    team: Team | None
    worker: User | None
    names_holder: bool
    since: datetime
    is_open: bool


def referrals_for(namings: Sequence[Naming], *, now: datetime) -> dict[str, int]:
    """The referral (primary key) of each record, by reference; in the caller's transaction.

    A record keeps its referral, else it joins the one that covers one of its episodes, else a new one is made,
    unrouted. Episodes that lie in a referral without any interview record move over; one left empty is closed.
    """
    rulebook = Rulebook.load()
    episodes = {episode.pk: episode for naming in namings for episode in naming.episodes}
    covers = {
        cover.episode_id: cover
        for cover in ReferralEpisode.objects.filter(episode__in=episodes).select_related("referral")
    }
    recorded = set(
        Interview.objects.filter(referral__in={cover.referral_id for cover in covers.values()}).values_list(
            "referral_id", flat=True
        )
    )
    own = Referral.objects.in_bulk([naming.interview.referral_id for naming in namings if naming.interview])
    into: dict[str, Referral] = {}
    of_episode: dict[int, Referral] = {key: cover.referral for key, cover in covers.items()}
    made: list[Referral] = []
    for naming in namings:
        referral = own.get(naming.interview.referral_id) if naming.interview else None
        referral = referral or next((of_episode[each.pk] for each in naming.episodes if each.pk in of_episode), None)
        if referral is None:
            first = min(
                naming.episodes, key=lambda each: (each.returned_at is None, each.returned_at or each.last_seen_at)
            )
            referral = Referral(child=naming.child, version=governing(rulebook, first).version)
            made.append(referral)
        if referral.pk:
            recorded.add(referral.pk)  # another record of the same portion takes no episode out of it
        into[naming.reference] = referral
        for episode in naming.episodes:
            current = of_episode.get(episode.pk)
            if current is None or (current.pk is not None and current.pk not in recorded and current is not referral):
                of_episode[episode.pk] = referral
    Referral.objects.bulk_create(made)
    emptied = _cover(of_episode, covers, episodes)
    _hold(namings, into, rulebook, now=now)
    access.follow_referrals(emptied, now=now)
    return {reference: referral.pk for reference, referral in into.items()}


def _cover(
    of_episode: Mapping[int, Referral], covers: Mapping[int, ReferralEpisode], episodes: Mapping[int, Episode]
) -> set[int]:
    """Write which referral covers which episode; a referral left without any is closed when its return was known.

    Answers the children (primary keys) of those.
    """
    ReferralEpisode.objects.bulk_create(
        ReferralEpisode(child_id=episodes[key].child_id, referral=referral, episode_id=key)
        for key, referral in of_episode.items()
        if key not in covers
    )
    moved = [cover for key, cover in covers.items() if of_episode[key].pk != cover.referral_id]
    left = {cover.referral_id for cover in moved}
    for cover in moved:
        cover.referral = of_episode[cover.episode_id]
    ReferralEpisode.objects.bulk_update(moved, ["referral"])
    emptied = list(Referral.objects.filter(pk__in=left, covered__isnull=True, closed_at__isnull=True))
    for referral in emptied:
        referral.closed_at = referral.in_tray_at
        referral.save(update_fields=["closed_at"])
    deadlines.refresh(left)
    return {referral.child_id for referral in emptied}


def _hold(namings: Sequence[Naming], into: Mapping[str, Referral], rulebook: Rulebook, *, now: datetime) -> None:
    """Let each referral be held by the team and worker of its record, unless a person has decided otherwise since.

    An open record that names nobody who is still here goes to the default team's tray, so that it is not forgotten.
    """
    holders = {
        allocation.referral_id: allocation
        for allocation in Allocation.objects.filter(referral__in=into.values(), until__isnull=True).select_related(
            "team", "worker"
        )
    }
    versions = {version.pk: version for version in rulebook.versions}
    named: dict[int, tuple[Naming, Holder]] = {}
    forgotten: dict[int, Naming] = {}
    for naming in namings:
        referral = into[naming.reference]
        current = holders.get(referral.pk)
        holder = _named_holder(naming, today=local_date(now))
        if holder and naming.names_holder and not (current and (current.by_id or _same(current, holder))):
            named[referral.pk] = naming, holder
        elif naming.is_open and not current and not holder:
            forgotten[referral.pk] = naming
    trays = {
        key: team_name(versions[into[naming.reference].version_id].procedure.routing.default.team, naming.child.area)
        for key, naming in forgotten.items()
    }
    teams = staff.teams_named(dict.fromkeys(trays.values(), Team.Kind.SERVICE))
    for key, naming in forgotten.items():
        named.setdefault(key, (naming, Holder(teams[trays[key]], None, rule="", because=NOBODY_NAMED)))
    # A record of history may tell of a time before the referral was first held; the history stays in order.
    routing.allocate(
        [
            (
                into[naming.reference],
                holder,
                max(naming.since, holders[key].since) if key in holders else naming.since,
            )
            for key, (naming, holder) in named.items()
        ]
    )


def _named_holder(naming: Naming, *, today: date) -> Holder | None:
    """The team and worker that a record names; of an open record, only those who are still here."""
    team, worker = naming.team, naming.worker
    if naming.is_open:
        team = team if team and team.is_open(today) else None
        worker = worker if worker and not worker.has_left(today) else None
    return Holder(team, worker, rule="", because=NAMED) if team or worker else None


def _same(current: Allocation, holder: Holder) -> bool:
    return (current.team, current.worker) == (holder.team, holder.worker)


def referrals_covering(episodes: Iterable[int]) -> set[int]:
    """The referrals (primary keys) that cover these episodes."""
    return set(ReferralEpisode.objects.filter(episode__in=list(episodes)).values_list("referral_id", flat=True))
