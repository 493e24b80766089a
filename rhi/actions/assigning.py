"""Who holds a referral: giving it to a worker or a team, answering what was asked, deciding otherwise than the rules.

Every one of these names the allocation that held when the person was shown the referral. When another holds by the
time they save, nothing happens and they are told who moved it: of two who act at the same moment, one wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from episodes.models import Involvement
from procedures.calendar import LONDON, local_date
from procedures.types import Procedure, Service
from rhi import deadlines, wording
from routing import actions as routing
from routing.actions import Holder
from routing.models import Allocation, Destination, Referral, ReferralEpisode
from routing.rules import PRECEDENCE
from staff import audit
from staff.actions import Refused
from staff.models import Membership, Team, User

UNASKED = "Given from the tray."
FAMILY_SERVICE_FIRST = [Service.FAMILY_SERVICE, *(each for each in PRECEDENCE if each is not Service.FAMILY_SERVICE)]


class AssigningRefused(Refused):
    """A referral cannot be given like this. The message says why, in words for the person who asked."""


class ReasonNeeded(AssigningRefused):
    """What was asked needs a reason, and none was given."""


class Moved(AssigningRefused):
    """Referrals have been moved since they were shown: `moved` says of each (primary key) by whom, to whom and when."""

    def __init__(self, moved: Mapping[int, str]) -> None:
        super().__init__(" ".join(moved.values()))
        self.moved = moved


@dataclass(frozen=True)
class Seen:
    """A referral as a person was shown it: `holding` is the allocation (primary key) that held then, if any."""

    referral: int
    holding: int | None


@dataclass(frozen=True)
class Held:
    """A referral, locked, with the allocation that holds."""

    referral: Referral
    allocation: Allocation | None

    @property
    def worker(self) -> int | None:
        """The primary key of the worker who holds it, if one does."""
        return self.allocation.worker_id if self.allocation else None

    @property
    def team(self) -> Team | None:
        """In whose tray it lies; None when it is another authority's to hold."""
        return self.allocation.team if self.allocation else None


class Answer(StrEnum):
    """The two answers of a discussion (Surrey, who does what, 4)."""

    ASKING = "asking"
    ASKED = "asked"


@dataclass(frozen=True)
class Place:
    """Where a referral can go: a team's tray, or with a worker who holds it there."""

    team: Team | None
    worker: User | None = None

    def __str__(self) -> str:
        return str(self.worker or self.team)


def holders_of(referrals: Sequence[int]) -> dict[int, Allocation]:
    """The allocations that hold these referrals (primary keys), with team, worker and who decided: one query."""
    rows = Allocation.objects.filter(referral__in=referrals, until__isnull=True)
    return {row.referral_id: row for row in rows.select_related("team", "worker", "by")}


def how_it_moved(allocation: Allocation | None, *, to: User, now: datetime) -> str:
    """Who gave a referral to whom and when, as it is told to a person: `Sam Okoro gave this to Robin Hale at 14:02.`"""
    if allocation is None:
        return "Nobody holds this any more."
    who = "The procedure" if allocation.by is None else "You" if allocation.by == to else allocation.by.name
    at = when(allocation.since, now=now)
    if allocation.worker:
        return f"{who} gave this to {'you' if allocation.worker == to else allocation.worker.name} {at}."
    if allocation.team:
        return f"{who} put this in the tray of {allocation.team} {at}."
    return f"{who} left this to another authority {at}."


def when(at: datetime, *, now: datetime) -> str:
    """`at 14:02` today, otherwise `on Mon 23 Nov, 14:02`."""
    today = local_date(at) == local_date(now)
    return f"at {at.astimezone(LONDON):%H:%M}" if today else f"on {wording.moment(at, now=now)}"


def may_receive(team: Team, procedure: Procedure, on: date) -> bool:
    """Whether a referral under a procedure can be given to this team on a local day.

    One that has closed receives nothing; a provider only between the dates of its contract, and only where the
    procedure lets interviews be bought (Wokingham 1b and 1c: no third sector, no other agency).
    """
    return team.is_open(on) and (team.kind != Team.Kind.PROVIDER or procedure.routing.providers_allowed)


def case_places(referral: Referral, *, on: date, services: Sequence[Service] = ()) -> list[tuple[Involvement, Place]]:
    """The workers, and where none is named the teams, to whom the child is open on a local day, each with their tray.

    The worker holding the case comes first: of the family service where the procedure speaks of dedicated workers
    (Somerset 4.2), otherwise in the order in which rules look at services. With `services`, only those. Two queries.
    """
    order = FAMILY_SERVICE_FIRST if referral.version.procedure.routing.dedicated_workers else PRECEDENCE
    rows = list(
        Involvement.objects.filter(Q(end__isnull=True) | Q(end__gte=on), child=referral.child_id, start__lte=on)
        .filter(service__in=services or list(Service))
        .select_related("worker", "team")
        .order_by("-start", "pk")
    )
    rows.sort(key=lambda row: order.index(Service(row.service)))
    trays = _open_teams_of([row.worker_id for row in rows if row.worker_id], on)
    places: list[tuple[Involvement, Place]] = []
    for row in rows:
        worker = row.worker if row.worker and not row.worker.has_left(on) else None
        own = row.team if row.team and row.team.is_open(on) else None
        team = own or (trays.get(row.worker_id) if row.worker_id else None)
        if worker or team:
            places.append((row, Place(team, worker)))
    return places


def _open_teams_of(workers: Sequence[int], on: date) -> dict[int, Team]:
    teams: dict[int, Team] = {}
    for membership in Membership.objects.filter(user__in=workers).select_related("team").order_by("pk"):
        if membership.team.is_open(on):
            teams.setdefault(membership.user_id, membership.team)
    return teams


def asks(referral: Referral) -> bool:
    """Whether a question about it waits for its answer: until then nobody is given it."""
    return bool(referral.question) and referral.question_settled_at is None


def asked(referral: Referral, *, on: date) -> Place | None:
    """Who was asked whether they hold the interview; None when nobody of them is left.

    The allocated worker of the services that the rule names, as the record has them on the local day; the team where
    there is none.
    """
    decision = deciding(referral)
    rules = referral.version.procedure.routing.rules
    services = next((rule.services for rule in rules if rule.name == decision.get("rule")), ())
    places = [place for _, place in case_places(referral, on=on, services=services)]
    named = [place for place in places if place.worker and place.worker.email == decision.get("worker")]
    return next(iter([*named, *(place for place in places if place.worker), *places]), None)


def deciding(referral: Referral) -> Mapping[str, object]:
    """The decision that opened a referral, as it was stored; empty for one that was never routed."""
    covers = ReferralEpisode.objects.filter(referral=referral, decision__isnull=False).order_by("pk")
    return next((cover.decision for cover in covers if cover.decision), {})


def settlement(referral: Referral) -> Allocation | None:
    """The allocation by which somebody answered the referral's question; None while it is open."""
    if referral.question_settled_at is None:
        return None
    rows = Allocation.objects.filter(referral=referral, since=referral.question_settled_at, by__isnull=False)
    return rows.select_related("team", "worker", "by").order_by("-pk").first()


@transaction.atomic
def assign(*, seen: Sequence[Seen], worker: User | None, reason: str, by: User, now: datetime) -> list[Referral]:
    """Give referrals to a worker, in the tray where each lies, or without one back to their tray; all or none.

    One that the worker holds already stays as it is. The reason may be empty where nobody held them; it is demanded
    to take one from somebody. Answers those that moved. Raises Moved, ReasonNeeded or AssigningRefused.
    """
    held = _as_seen(seen, by=by, now=now)
    changing = [each for each in held if each.worker != (worker.pk if worker else None)]
    if not changing:
        raise AssigningRefused(f"{worker} holds this already." if worker else "This lies in the tray already.")
    for each in changing:
        _refuse_while_asked(each.referral)
    if worker and worker.has_left(local_date(now)):
        raise AssigningRefused(f"{worker} has left and can be given nothing. Choose somebody else.")
    if any(each.worker for each in changing):
        _demand(reason)
    _give(
        [(each, Place(each.team, worker)) for each in changing],
        kind=audit.Type.REFERRAL_ASSIGNED,
        because=reason.strip() or UNASKED,
        by=by,
        now=now,
    )
    return [each.referral for each in changing]


@transaction.atomic
def hand_over(*, seen: Seen, team: Team, reason: str, by: User, now: datetime) -> Referral:
    """Lay a referral into another team's tray, with nobody yet. Raises Moved, ReasonNeeded or AssigningRefused."""
    (held,) = _as_seen([seen], by=by, now=now)
    _refuse_while_asked(held.referral)
    _refuse_unfit(team, held.referral, now)
    if held.team == team:
        raise AssigningRefused(f"This lies in the tray of {team} already.")
    _demand(reason)
    _give([(held, Place(team))], kind=audit.Type.REFERRAL_HANDED_OVER, because=reason.strip(), by=by, now=now)
    return held.referral


@transaction.atomic
def settle_discussion(*, seen: Seen, answer: Answer, reason: str, by: User, now: datetime) -> Referral:
    """Answer a discussion: the asking team holds the interview, or whom it asked does (Surrey, who does what, 4).

    Raises Moved, ReasonNeeded or AssigningRefused; what somebody else has settled already says who did.
    """
    held = _with_question(seen, by=by, now=now)
    place = Place(held.team)
    if answer is Answer.ASKED:
        theirs = asked(held.referral, on=local_date(now))
        if theirs is None:
            raise AssigningRefused("Nobody who was asked is left to hold this.")
        place = Place(theirs.team or held.team, theirs.worker)
    return _settle(held, place, reason, {"answer": answer}, by=by, now=now)


@transaction.atomic
def settle_question(*, seen: Seen, team: Team, reason: str, by: User, now: datetime) -> Referral:
    """Answer who holds the interview where routing found nobody: a team that can receive it.

    Raises Moved, ReasonNeeded or AssigningRefused; what somebody else has settled already says who did.
    """
    held = _with_question(seen, by=by, now=now)
    _refuse_unfit(team, held.referral, now)
    return _settle(held, Place(team), reason, {"answer": "team"}, by=by, now=now)


@transaction.atomic
def override(*, seen: Seen, place: Place, reason: str, by: User, now: datetime) -> Referral:
    """Decide otherwise than the rules did, with a reason: also where a question is open, which this settles.

    The decision of the rules stays with the episodes that it was made for. Raises Moved, ReasonNeeded or
    AssigningRefused.
    """
    (held,) = _as_seen([seen], by=by, now=now)
    place = Place(place.team or held.team, place.worker)
    if place.team:
        _refuse_unfit(place.team, held.referral, now)
    if (held.team, held.worker) == (place.team, place.worker.pk if place.worker else None):
        raise AssigningRefused(f"{place} holds this already.")
    if place.worker and place.worker.has_left(local_date(now)):
        raise AssigningRefused(f"{place.worker} has left and can be given nothing. Choose somebody else.")
    _demand(reason)
    referral, decided = held.referral, deciding(held.referral)
    detail = {"rule": decided.get("rule", ""), "destination": decided.get("destination", "")}
    since = _since(held, now)
    referral.destination = _destination(place)
    referral.in_tray_at = referral.in_tray_at or since
    if asks(referral):
        referral.question_settled_at = since
    referral.save(update_fields=["destination", "in_tray_at", "question_settled_at"])
    _give([(held, place)], kind=audit.Type.DECISION_OVERRIDDEN, because=reason.strip(), by=by, now=now, detail=detail)
    return referral


def _destination(place: Place) -> str:
    if place.worker:
        return Destination.WORKER
    return Destination.PROVIDER if place.team and place.team.kind == Team.Kind.PROVIDER else Destination.TRAY


def _as_seen(seen: Sequence[Seen], *, by: User, now: datetime) -> list[Held]:
    """The referrals, held until the transaction ends. Raises Moved or AssigningRefused when they are not as shown."""
    rows = Referral.objects.filter(pk__in=[each.referral for each in seen]).order_by("pk")
    referrals = list(rows.select_related("child", "version").select_for_update(of=("self",), no_key=True))
    holders = holders_of([referral.pk for referral in referrals])
    held = [Held(referral, holders.get(referral.pk)) for referral in referrals]
    shown = {each.referral: each.holding for each in seen}
    moved = {
        each.referral.pk: how_it_moved(each.allocation, to=by, now=now)
        for each in held
        if shown[each.referral.pk] != (each.allocation.pk if each.allocation else None)
    }
    if moved:
        raise Moved(moved)
    if closed := [str(each.referral) for each in held if each.referral.closed_at]:
        raise AssigningRefused(f"{', '.join(closed)} has been closed, so nobody can be given it any more.")
    return held


def _with_question(seen: Seen, *, by: User, now: datetime) -> Held:
    """A referral whose question is open. Raises Moved or AssigningRefused."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral)
    if referral.question_settled_at:
        raise AssigningRefused(f"This has been settled already. {how_it_moved(settlement(referral), to=by, now=now)}")
    if not referral.question:
        raise AssigningRefused("Nothing is asked here.")
    return _as_seen([seen], by=by, now=now)[0]


def _settle(
    held: Held, place: Place, reason: str, detail: Mapping[str, object], *, by: User, now: datetime
) -> Referral:
    _demand(reason)
    referral = held.referral
    referral.question_settled_at = _since(held, now)
    referral.save(update_fields=["question_settled_at"])
    _give([(held, place)], kind=audit.Type.DISCUSSION_SETTLED, because=reason.strip(), by=by, now=now, detail=detail)
    return referral


def _refuse_while_asked(referral: Referral) -> None:
    if asks(referral):
        raise AssigningRefused(f"{referral} waits for an answer: {referral.question} Settle that first.")


def _refuse_unfit(team: Team, referral: Referral, now: datetime) -> None:
    if not may_receive(team, referral.version.procedure, local_date(now)):
        raise AssigningRefused(f"{team} can be given nothing: it is not open, or not one that interviews come from.")


def _demand(reason: str) -> None:
    if not reason.strip():
        raise ReasonNeeded("Say why")


def _since(held: Held, now: datetime) -> datetime:
    """From when on a new holder holds it: now, and never before the one until then began."""
    return max(now, held.allocation.since) if held.allocation else now


def _give(
    given: Sequence[tuple[Held, Place]],
    *,
    kind: audit.Type,
    because: str,
    by: User,
    now: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Allocate, let the clocks follow, and put each referral on the trail."""
    routing.allocate(
        [
            (held.referral, Holder(place.team, place.worker, rule="", because=because, by=by), _since(held, now))
            for held, place in given
        ]
    )
    deadlines.refresh([held.referral.pk for held, _ in given])
    for held, place in given:
        audit.record(
            kind,
            by=by,
            at=now,
            subject=held.referral,
            children=[held.referral.child.child_id],
            detail={
                "from_team": held.team.pk if held.team else None,
                "from_worker": held.worker,
                "team": place.team.pk if place.team else None,
                "worker": place.worker.pk if place.worker else None,
                **(detail or {}),
            },
        )
