"""What a person decides about who holds a referral.

Every one of these names the allocation that held when the person was shown the referral. When another holds by the
time they save, nothing happens and they are told who moved it: of two who act at the same moment, one wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from procedures.calendar import local_date
from rhi import access, deadlines
from rhi.actions import interviews
from rhi.actions.assigning.standing import (
    Place,
    asked,
    asks,
    deciding,
    holders_of,
    how_it_moved,
    may_receive,
    settlement,
    to_be_written_up,
)
from rhi.actions.sight import NOT_TO_TEAM, Sight, why_not_to
from routing import actions as routing
from routing.actions import Holder
from routing.models import Allocation, Destination, Referral
from staff import audit
from staff.actions import Refused
from staff.models import Team, User

UNASKED = "Given from the tray."


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


@transaction.atomic
def assign(*, seen: Sequence[Seen], worker: User | None, reason: str, by: User, now: datetime) -> list[Referral]:
    """Give referrals to a worker, in the tray where each lies, or without one back to their tray; all or none.

    One that the worker holds already stays as it is. The reason may be empty where nobody held them; it is demanded
    to take one from somebody. One that is closed goes to a worker as long as its form is still to be written up, and
    never back to a tray. Answers those that moved. Raises Moved, ReasonNeeded or AssigningRefused.
    """
    held = _as_seen(seen, by=by, now=now, to_write_up=worker is not None)
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


def _as_seen(seen: Sequence[Seen], *, by: User, now: datetime, to_write_up: bool = False) -> list[Held]:
    """The referrals, held until the transaction ends. Raises Moved or AssigningRefused when they are not as shown.

    One that is closed is refused; with `to_write_up` not while its form is still to be written up.
    """
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
    owed = to_be_written_up(referrals) if to_write_up else set()
    if closed := [str(each.referral) for each in held if each.referral.closed_at and each.referral.pk not in owed]:
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


def _refuse_unseen(given: Sequence[tuple[Held, Place]], now: datetime) -> None:
    """Refuse to give a restricted child to a worker, or to another team, who would not see the child."""
    sight = Sight([held.referral.child for held, _ in given], now)
    for held, place in given:
        child = held.referral.child_id
        if place.worker and not sight.sees(place.worker, child):
            raise AssigningRefused(f"{held.referral} cannot go to {place.worker}. {why_not_to(place.worker)}")
        if place.team and not place.worker and place.team != held.team and not sight.open_to([place.team], child):
            raise AssigningRefused(f"{held.referral} cannot go to {place.team}. {NOT_TO_TEAM}")


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
    """Allocate, let access, planned interviews and clocks follow, and put each referral on the trail.

    Raises AssigningRefused where whoever is to hold it would not see the child.
    """
    _refuse_unseen(given, now)
    routing.allocate(
        [
            (held.referral, Holder(place.team, place.worker, rule="", because=because, by=by), _since(held, now))
            for held, place in given
        ]
    )
    keys = [held.referral.pk for held, _ in given]
    access.follow_referrals({held.referral.child_id for held, _ in given}, now=now)
    interviews.follow_holders(keys, now=now)
    deadlines.refresh(keys)
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
