"""Which episodes an interview takes in: a person takes another one of the child's in, or takes one out again.

One interview, with one form, covers every episode of its referral, and each has its own outcome (Somerset 4.18).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from episodes.intake import wait_for_turn
from episodes.models import Episode
from procedures.types import Destination
from rhi import access, outcomes
from rhi.actions import letters_withdrawn, parting
from rhi.actions.assigning import holders_of
from rhi.actions.covered_along import answered_twice, bring_along, leave_behind
from rhi.actions.interviews import back_by, of_referral
from rhi.actions.outcomes_by_hand import booked_to_come, covered_episodes
from rhi.actions.returns import facts_of, in_tray_at, route_returns
from rhi.models import EpisodeMoved, Interview, InterviewEpisode, Notice, NoticeKind
from rhi.wording import moment
from routing import actions as routing
from routing.actions import Joining
from routing.gathering import Records
from routing.models import Allocation, Referral, ReferralEpisode
from routing.rules import Decision
from staff import audit
from staff.actions import Refused
from staff.models import User

#: How a decision names what a person decided, in the place of a rule.
BY_HAND = "by_hand"
OTHERWISE = "Nothing was changed. Open the page again to see how it stands now."


class CoveringRefused(Refused):
    """An episode cannot be taken in or out as things stand."""


@dataclass(frozen=True)
class Place:
    """An episode of the child: where it lies, who holds that, and why it cannot be moved; empty when it can."""

    episode: Episode
    referral: Referral | None
    holder: Allocation | None
    why_not: str


@dataclass(frozen=True)
class Covering:
    """The episodes that a referral's interview takes in, and the child's others that it could.

    `locked` says why none of them can be moved; empty when some can.
    """

    interview: Interview | None
    locked: str
    inside: Sequence[Place] = field(default_factory=list)
    others: Sequence[Place] = field(default_factory=list)


def covering(referral: Referral, *, now: datetime) -> Covering:
    """How a referral stands: five queries, however many episodes the child has.

    The others are those from which the child is back, that have no outcome and lie in another open referral or in none;
    what was brought over as history lies in no tray and stays out of this.
    """
    interview = referral.interviews.select_related("written_up_by").order_by("-pk").first()
    covers = list(
        ReferralEpisode.objects.filter(referral=referral, episode__withdrawn_at__isnull=True)
        .select_related("episode__outcome")
        .order_by("episode__last_seen_at", "pk")
    )
    others = list(
        Episode.objects.filter(
            Q(cover__isnull=True) | Q(cover__referral__closed_at__isnull=True),
            child=referral.child_id,
            returned_at__isnull=False,
            withdrawn_at__isnull=True,
            outcome__isnull=True,
            history=False,
        )
        .exclude(cover__referral=referral)
        .select_related("cover__referral")
        .order_by("last_seen_at", "pk")
    )
    named = _interviews_about([*(cover.episode for cover in covers), *others])
    lying = {episode.pk: episode.cover.referral for episode in others if hasattr(episode, "cover")}
    holders = holders_of([each.pk for each in lying.values()])
    locked = _locked(referral, interview, now=now)
    return Covering(
        interview=interview,
        locked=locked,
        inside=[
            Place(
                cover.episode,
                referral,
                None,
                locked or _why_not_out(cover.episode, named[cover.episode_id], alone=len(covers) == 1),
            )
            for cover in covers
        ],
        others=[
            Place(
                episode,
                lying.get(episode.pk),
                holders.get(lying[episode.pk].pk) if episode.pk in lying else None,
                locked or _why_not_in(episode, interview, named[episode.pk], now=now),
            )
            for episode in others
        ],
    )


def _interviews_about(episodes: Iterable[Episode]) -> dict[int, list[Interview]]:
    """The interviews about these episodes, by the episode's primary key."""
    about: dict[int, list[Interview]] = defaultdict(list)
    links = InterviewEpisode.objects.filter(episode__in=list(episodes)).select_related("interview").order_by("pk")
    for link in links:
        about[link.episode_id].append(link.interview)
    return about


def _locked(referral: Referral, interview: Interview | None, *, now: datetime) -> str:
    """Why a referral takes no episode in or out any more."""
    if interview and interview.written_up_at:
        who = interview.written_up_by or "A record"
        when = moment(interview.written_up_at, now=now)
        return f"{who} has written this interview up, {when}, so what it covers stays as it is."
    if referral.closed_at:
        return "This referral is closed: every episode has its outcome. Take an outcome back first."
    return ""


def _why_not_in(episode: Episode, interview: Interview | None, named: Sequence[Interview], *, now: datetime) -> str:
    """Why an episode cannot be taken into an interview."""
    if interview and interview.held_at and not back_by(episode, interview.held_at):
        return (
            f"The interview was held {moment(interview.held_at, now=now)}, before the child was back from this episode,"
            " so it cannot be about it."
        )
    held = next((each for each in named if each.held_at), None)
    if held and held.held_at:
        when = moment(held.held_at, now=now)
        return f"An interview about it was held {when}. If that is a slip, take it back first."
    return _brought(named)


def _why_not_out(episode: Episode, named: Sequence[Interview], *, alone: bool) -> str:
    """Why an episode cannot be taken out of the interview that covers it."""
    if alone:
        return "It is the only episode that this interview is about."
    if hasattr(episode, "outcome"):
        return "It has its outcome. Take that back first."
    return _brought(named)


def _brought(named: Sequence[Interview]) -> str:
    """Refuse to part an episode from a record that names it: the next file would say so again."""
    record = next((each for each in named if each.reference != f"RHI-{each.referral_id}"), None)
    if record is None:
        return ""
    return f"The interview record {record.reference} names it. That is put right in the system from which it came."


@transaction.atomic
def take_in(referral: Referral, *, episode: int, because: str, by: User, now: datetime) -> Referral:
    """Let a referral's interview be about another episode (primary key) of the child as well.

    The referral that it lay in is closed when no other episode is left there, and what was tried, offered, booked,
    written and still to be done comes along; else all that stays, as it is about those that stay. Clocks, outcomes and
    access follow, and a letter that is called for no longer is withdrawn. Raises CoveringRefused.
    """
    wait_for_turn()
    covered = ReferralEpisode.objects.filter(episode=episode).first()
    referral, *besides = _in_turn(referral, covered.referral_id if covered else None)
    place = _place(covering(referral, now=now).others, episode)
    source = next((each for each in besides if place.referral and each.pk == place.referral.pk), None)
    if place.referral and source is None:
        raise CoveringRefused(f"Somebody has moved this episode since. {OTHERWISE}")
    called_for = letters_withdrawn.called_for([source.pk], now=now) if source else {}
    _cover(referral, place.episode, because=because, by=by, now=now)
    if source:
        _leave(source, referral, place.episode, by=by, now=now)
    if referral.interviews.exists():
        of_referral(referral)
    _let_follow(referral, now=now)
    letters_withdrawn.withdraw(
        called_for, because=f"Its episode was taken into the interview of {referral}.", by=by, now=now
    )
    if source:
        _tell_holder(source, f"An episode of {source} was taken into the interview of {referral}.", by=by, now=now)
    _record(referral, place.episode, out_of=source, into=referral, joined=True, because=because, by=by, now=now)
    return referral


@transaction.atomic
def take_out(referral: Referral, *, episode: int, because: str, by: User, now: datetime) -> Referral | None:
    """Let a referral's interview not be about an episode (primary key): that one is routed anew, and joins none.

    What was tried and offered stays where it is: it is about those that stay. Whoever holds this referral holds the new
    one too, where the rules lead to their team and name nobody else. Answers the new referral; None where the procedure
    routes nothing for it. Raises CoveringRefused.
    """
    wait_for_turn()
    referral, *_ = _in_turn(referral)
    place = _place(covering(referral, now=now).inside, episode)
    staying = [each for each in covered_episodes(referral) if each.pk != place.episode.pk]
    _refuse_closing_booked(referral, staying, now=now)
    ReferralEpisode.objects.filter(episode=place.episode).delete()
    leave_behind(referral, place.episode)
    route_returns(by=by, now=now, of=referral.child, apart={place.episode.pk})
    own = Referral.objects.filter(covered__episode=place.episode).first()
    if own:
        parting.follow_holder(own, referral, by=by, now=now)
    _let_follow(referral, now=now)
    _record(referral, place.episode, out_of=referral, into=own, joined=False, because=because, by=by, now=now)
    return own


def _in_turn(referral: Referral, other: int | None = None) -> list[Referral]:
    """The referral, and another one (primary key), held until the transaction ends: taken in the order of their keys.

    So two people who move episodes to and fro between the same two never wait for one another for ever.
    """
    rows = Referral.objects.filter(pk__in={referral.pk, other or referral.pk}).order_by("pk")
    held = list(rows.select_related("child", "version").select_for_update(of=("self",), no_key=True))
    return sorted(held, key=lambda each: each.pk != referral.pk)


def _place(places: Sequence[Place], episode: int) -> Place:
    """Where an episode (primary key) lies. Raises CoveringRefused when it is not there, or cannot be moved."""
    place = next((each for each in places if each.episode.pk == episode), None)
    if place is None:
        raise CoveringRefused(f"Somebody has moved or settled this episode since. {OTHERWISE}")
    if place.why_not:
        raise CoveringRefused(place.why_not)
    return place


def _cover(referral: Referral, episode: Episode, *, because: str, by: User, now: datetime) -> None:
    """Put an episode into a referral, with the decision of the person who said so."""
    facts, _ = facts_of(episode, Records.of([referral.child_id]), [], now=now)
    holder = holders_of([referral.pk]).get(referral.pk)
    decision = Decision(
        Destination.JOINED,
        BY_HAND,
        f"{by.name} took it into this interview: {because}",
        holder.team.name if holder and holder.team else None,
        holder.worker.email if holder and holder.worker else None,
    )
    ReferralEpisode.objects.filter(episode=episode).delete()
    routing.join_referrals([Joining(referral, episode, facts, decision, told_at=in_tray_at(episode))])


def _leave(source: Referral, referral: Referral, episode: Episode, *, by: User, now: datetime) -> None:
    """What becomes of the referral that an episode has left. Raises CoveringRefused."""
    staying = covered_episodes(source)
    if staying:
        _refuse_closing_booked(source, staying, now=now)
        leave_behind(source, episode)
        return
    if twice := answered_twice(source, referral):
        raise CoveringRefused(
            f"The forms of {source} and {referral} were both begun and answer the same questions: {', '.join(twice)}."
            f" Copy what is to stay into one of them and clear it in the other. {OTHERWISE}"
        )
    if all(booked_to_come(each.interviews.order_by("-pk").first(), now=now) for each in (source, referral)):
        raise CoveringRefused(f"An interview is booked on {source} as well as here. Cancel one of the two first.")
    bring_along(source, referral, episode, by=by, now=now)
    if not source.covered.exists():
        # With a withdrawn one left it is closed by that one's time, as whenever none is left that stands.
        source.closed_at = now
        source.save(update_fields=["closed_at"])


def _refuse_closing_booked(referral: Referral, staying: Sequence[Episode], *, now: datetime) -> None:
    """Refuse to leave a referral with nothing open in it while a family still expects somebody."""
    if any(not hasattr(each, "outcome") for each in staying):
        return
    if booked := booked_to_come(referral.interviews.order_by("-pk").first(), now=now):
        raise CoveringRefused(
            f"Without this episode {referral} is over, and an interview is booked on it for"
            f" {moment(booked.at, now=now)}. Cancel that first."
        )


def _let_follow(referral: Referral, *, now: datetime) -> None:
    outcomes.episodes_changed([referral.child_id], now=now)
    access.follow_referrals([referral.child_id], now=now)


def _tell_holder(source: Referral, about: str, *, by: User, now: datetime) -> None:
    """Tell whoever holds the referral that an episode has left, unless they did it. The referral says why."""
    holder = holders_of([source.pk]).get(source.pk)
    if holder and holder.worker_id and holder.worker_id != by.pk:
        Notice.objects.create(
            child_id=source.child_id,
            to_id=holder.worker_id,
            kind=NoticeKind.EPISODE_MOVED,
            referral=source,
            about=f"{about} The referral says why.",
            by=by,
            at=now,
        )


def _record(
    referral: Referral,
    episode: Episode,
    *,
    out_of: Referral | None,
    into: Referral | None,
    joined: bool,
    because: str,
    by: User,
    now: datetime,
) -> None:
    EpisodeMoved.objects.create(
        child_id=episode.child_id,
        episode=episode,
        out_of=out_of,
        into=into,
        joined=joined,
        because=because,
        by=by,
        at=now,
    )
    audit.record(
        audit.Type.EPISODE_JOINED if joined else audit.Type.EPISODE_TAKEN_OUT,
        subject=referral,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={
            "episode": episode.episode_id,
            "out_of": out_of.pk if out_of else None,
            "into": into.pk if into else None,
        },
    )
