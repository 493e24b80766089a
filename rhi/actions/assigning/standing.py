"""Who holds a referral, who could hold it, and what is asked about it. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from episodes.models import Involvement
from procedures.calendar import LONDON, local_date
from procedures.types import Procedure, Service
from rhi import access, wording
from rhi.models import Interview
from routing.models import Allocation, Referral, ReferralEpisode
from routing.rules import PRECEDENCE
from staff.models import Membership, Team, User

FAMILY_SERVICE_FIRST = [Service.FAMILY_SERVICE, *(each for each in PRECEDENCE if each is not Service.FAMILY_SERVICE)]


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
    return bool(referral.question) and referral.question_settled_at is None and referral.closed_at is None


def to_be_written_up(referrals: Iterable[Referral]) -> set[int]:
    """Those of these referrals (primary keys) that are closed and whose form is still to be written up: one query.

    None is asked where none of them is closed.
    """
    closed = [referral.pk for referral in referrals if referral.closed_at]
    if not closed:
        return set()
    return set(Interview.objects.filter(access.form_owed(), referral__in=closed).values_list("referral", flat=True))


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
