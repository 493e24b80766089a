"""Who should hold an interview. Pure: facts in, a decision with its reasons out; it always answers.

An authority's rules are data (procedures.types.Routing); nothing here knows any authority.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from procedures.types import Destination, PlacementArea, Routing, Rule, Service

PRECEDENCE = list(Service)
UNKNOWN_AREA = "unknown area"


@dataclass(frozen=True)
class TeamFact:
    """A team as it is on the day of the decision."""

    name: str
    open: bool = True


@dataclass(frozen=True)
class WorkerFact:
    """A worker as they are on the day of the decision, with the team they belong to."""

    email: str
    left: bool = False
    team: TeamFact | None = None


@dataclass(frozen=True)
class InvolvementFact:
    """Something the child was open to on the day of the return."""

    service: Service
    team: TeamFact | None = None
    worker: WorkerFact | None = None
    placement: PlacementArea | None = None

    @property
    def working(self) -> WorkerFact | None:
        """The allocated worker, unless gone."""
        return self.worker if self.worker and not self.worker.left else None

    @property
    def tray(self) -> TeamFact | None:
        """The team whose tray a referral can lie in: the involvement's own, else the worker's; None when closed."""
        teams = (self.team, self.worker.team if self.worker else None)
        return next((team for team in teams if team and team.open), None)


@dataclass(frozen=True)
class OpenReferral:
    """A referral of the same child that is open and not yet held: its first episode, and who holds it."""

    episode: str
    team: str | None
    worker: str | None


@dataclass(frozen=True)
class Facts:
    """All that routing looks at. `age` is in years on the day of return; `involvements` are those open that day.

    `provider` is an approved one, if any; `closed_teams` are the names of teams that receive nothing any more.
    """

    age: int
    involvements: tuple[InvolvementFact, ...] = ()
    other_authority: str | None = None
    area: str = ""
    open_referral: OpenReferral | None = None
    provider: str | None = None
    closed_teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Considered:
    """One rule that was looked at, and in words why it did or did not match."""

    rule: str
    matched: bool
    because: str


@dataclass(frozen=True)
class Decision:
    """Where a referral goes and why. `question` is what somebody must settle first, if anything."""

    destination: Destination
    rule: str
    because: str
    team: str | None = None
    worker: str | None = None
    question: str = ""
    considered: tuple[Considered, ...] = ()


@dataclass(frozen=True)
class _Place:
    """Where a rule that matched sends the referral."""

    destination: Destination
    team: str | None
    worker: str | None = None
    question: str = ""
    words: str = ""


class _NoMatch(Exception):
    """Why a rule does not match, in words."""


def decide(facts: Facts, routing: Routing) -> Decision:
    """The first rule that matches decides; without one, the procedure's default. Every rule is explained."""
    considered: list[Considered] = []
    decision = _joining(facts, routing, considered)
    for rule in routing.rules:
        if decision:
            considered.append(Considered(rule.name, matched=False, because="Not needed: an earlier rule decided."))
            continue
        try:
            place = _match(rule, facts, routing)
        except _NoMatch as reason:
            considered.append(Considered(rule.name, matched=False, because=str(reason)))
        else:
            because = f"{rule.because} {place.words}".strip()
            considered.append(Considered(rule.name, matched=True, because=because))
            decision = Decision(place.destination, rule.name, because, place.team, place.worker, place.question)
    if decision is None:
        considered.append(Considered("default", matched=True, because=routing.default.because))
        team, question = _default_tray(facts, routing)
        decision = Decision(Destination.TRAY, "default", routing.default.because, team, question=question)
    return replace(decision, considered=tuple(considered))


def team_name(template: str, area: str) -> str:
    """The team that a procedure names, for a child's area: "Family Intervention Service: Taunton"."""
    return template.format(area=area or UNKNOWN_AREA)


def _open_tray(template: str, facts: Facts) -> str:
    """A named team's tray. Raises _NoMatch when the team has closed."""
    team = team_name(template, facts.area)
    if team in facts.closed_teams:
        raise _NoMatch(f"{team} has closed and receives nothing.")
    return team


def _default_tray(facts: Facts, routing: Routing) -> tuple[str, str]:
    """The default team's tray and, when that team has closed, what must be settled: there is no other to fall to."""
    team = team_name(routing.default.team, facts.area)
    return team, f"{team} has closed. Who holds the interview?" if team in facts.closed_teams else ""


def _joining(facts: Facts, routing: Routing, considered: list[Considered]) -> Decision | None:
    """A child whose referral is open and not yet held: the episode joins it (docs/rules.md)."""
    referral = facts.open_referral
    if not routing.joining or not referral:
        return None
    because = (
        f"The child's referral for episode {referral.episode} is open and its interview not yet held,"
        " so this episode joins it."
    )
    considered.append(Considered("joining", matched=True, because=because))
    return Decision(Destination.JOINED, "joining", because, referral.team, referral.worker)


def _match(rule: Rule, facts: Facts, routing: Routing) -> _Place:
    """Where a rule sends the referral. Raises _NoMatch with the reason."""
    _check_whose_child(rule, facts)
    if rule.age_below is not None and facts.age >= rule.age_below:
        raise _NoMatch(f"The child was {facts.age} on the day of return, not under {rule.age_below}.")
    named = _named_involvements(rule, facts)
    match rule.to:
        case Destination.WORKER:
            return _to_worker(named, facts, routing)
        case Destination.TEAM_MEMBER:
            return _to_team_member(named, facts, routing)
        case Destination.DISCUSS:
            return _to_discussion(rule, named, facts)
        case Destination.PROVIDER:
            return _to_provider(facts, routing)
        case Destination.AUTHORITY:
            return _Place(
                Destination.AUTHORITY, team=None, words=f"The responsible authority is {facts.other_authority}."
            )
        case _:
            return _Place(rule.to, _open_tray(rule.team or routing.default.team, facts))


def _check_whose_child(rule: Rule, facts: Facts) -> None:
    if rule.whose_children == "ours" and facts.other_authority:
        raise _NoMatch(
            f"The rule is about our own children; this child is the responsibility of {facts.other_authority}."
        )
    if rule.whose_children == "other" and not facts.other_authority:
        raise _NoMatch("The rule is about other authorities' children; this child is ours.")


def _named_involvements(rule: Rule, facts: Facts) -> tuple[InvolvementFact, ...]:
    """The involvements that a rule speaks of, in its order of precedence. Raises _NoMatch when there is none."""
    if not rule.services:
        return ()
    of_service = [involvement for involvement in facts.involvements if involvement.service in rule.services]
    if not of_service:
        raise _NoMatch(f"On the day of return the child was not open to: {_listed(rule.services)}.")
    of_service.sort(key=lambda involvement: PRECEDENCE.index(involvement.service))
    if not rule.placement:
        return tuple(of_service)
    placed = tuple(involvement for involvement in of_service if involvement.placement in rule.placement)
    if not placed:
        where = ", ".join(str(involvement.placement or "not recorded") for involvement in of_service)
        raise _NoMatch(f"The placement is not {_listed(rule.placement)} but {where.replace('_', ' ')}.")
    return placed


def _first_reachable(involvements: tuple[InvolvementFact, ...]) -> InvolvementFact:
    """The first that names a worker who is still here or a team that is still open."""
    involvement = next((involvement for involvement in involvements if involvement.working or involvement.tray), None)
    if involvement is None:
        services = _listed(tuple(involvement.service for involvement in involvements))
        raise _NoMatch(f"Open to {services}, but the record names no worker or team that is still there.")
    return involvement


def _to_worker(involvements: tuple[InvolvementFact, ...], facts: Facts, routing: Routing) -> _Place:
    involvement = _first_reachable(involvements)
    open_to = f"Open to {_words(involvement.service)}."
    if involvement.working:
        return _held_by(involvement.working, involvement.tray, open_to, facts, routing)
    gone = "The allocated worker has left" if involvement.worker else "No worker is named"
    team = involvement.tray.name if involvement.tray else None
    return _Place(Destination.TRAY, team, words=f"{open_to} {gone}, so it lies in the team's tray.")


def _to_team_member(involvements: tuple[InvolvementFact, ...], facts: Facts, routing: Routing) -> _Place:
    involvement = _first_reachable(involvements)
    open_to = f"Open to {_words(involvement.service)}."
    if involvement.working and not involvement.tray:
        return _held_by(involvement.working, None, open_to, facts, routing)
    return _Place(Destination.TEAM_MEMBER, involvement.tray.name if involvement.tray else None, words=open_to)


def _held_by(worker: WorkerFact, tray: TeamFact | None, open_to: str, facts: Facts, routing: Routing) -> _Place:
    """The allocated worker, in the tray of their team; without an open team on record, in the default team's."""
    if tray:
        return _Place(Destination.WORKER, tray.name, worker.email, words=open_to)
    team, question = _default_tray(facts, routing)
    words = f"{open_to} No open team of the worker's is on record, so it lies in the tray of {team} with them."
    return _Place(Destination.WORKER, team, worker.email, question, words)


def _to_discussion(rule: Rule, involvements: tuple[InvolvementFact, ...], facts: Facts) -> _Place:
    involvement = _first_reachable(involvements)
    asking = _open_tray(rule.team or "", facts)
    asked = (
        involvement.working.email
        if involvement.working
        else f"the team {involvement.tray.name if involvement.tray else ''}"
    )
    return _Place(
        Destination.DISCUSS,
        asking,
        involvement.working.email if involvement.working else None,
        question=f"Which of you holds the interview: {asking}, or {asked}?",
        words=f"Open to {_words(involvement.service)}.",
    )


def _to_provider(facts: Facts, routing: Routing) -> _Place:
    if facts.provider:
        return _Place(Destination.PROVIDER, facts.provider, words=f"{facts.provider} is an approved provider.")
    waits_with, _ = _default_tray(facts, routing)
    return _Place(
        Destination.PROVIDER,
        waits_with,
        question="No approved provider is on file. Who holds the interview?",
        words="No approved provider is on file, so it waits as a question.",
    )


def _words(code: str) -> str:
    return code.replace("_", " ")


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(_words(code) for code in codes))
