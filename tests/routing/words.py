"""Routing cases in words, as the files of `sentences/` hold them: one case a line, under the sentence that it shows.

    CLAUSES: the sentence

        the child | destination | team | worker | rule

The worker is who holds the interview, or who is asked. The child is told in phrases with semicolons between them:

    looked after at North with ann, placed out of area, from 2026-05-12, until 2026-05-30
    open to nothing; born 2018-05-12; back on 2026-05-13; of Kent; living in Yeovil; unaccompanied
    North has closed; ann has left; ann works at South
    Safe Talk is approved, from 2026-05-12, closing on 2026-06-01

Unless a phrase says otherwise the child was born in January 2012, lives in Taunton, is ours, and came back on 12 May
2026 at seven in the morning; the decision is made on the day of the return. People are at example.org.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from episodes.models import Authority, Child, Episode, Involvement
from procedures.calendar import LONDON
from procedures.types import PlacementArea, Routing, Service
from routing.gathering import Records
from routing.rules import Decision, Facts, decide
from staff.models import Team, User

FOLDER = Path(__file__).parent / "sentences"
CLAUSE = re.compile(r"[A-Z]+-\S+")
DAY = r"(\d{4}-\d{2}-\d{2})"
SERVICES = "|".join(service.replace("_", " ") for service in Service)
AREAS = "|".join(area.replace("_", " ") for area in PlacementArea)
INVOLVEMENT = (
    rf"({SERVICES})(?: at ([A-Z]\w*))?(?: with (\w+))?(?:, placed ({AREAS}))?(?:, from {DAY})?(?:, until {DAY})?"
)


@dataclass(frozen=True)
class Answer:
    """Where a referral goes, as a line says it."""

    destination: str
    team: str
    worker: str
    rule: str

    @classmethod
    def of(cls, decision: Decision) -> "Answer":
        worker = (decision.worker or "").removesuffix("@example.org")
        return cls(decision.destination, decision.team or "", worker, decision.rule)


@dataclass(frozen=True)
class Case:
    """One line: the clauses that it shows, the child, and the answer."""

    clauses: tuple[str, ...]
    child: str
    answer: Answer


def sentences(name: str) -> list[Case]:
    """The cases of a shipped procedure."""
    clauses: tuple[str, ...] = ()
    cases = []
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("    "):
            child, *answer = (cell.strip() for cell in line.split("|"))
            cases.append(Case(clauses, child, Answer(*answer)))
        elif line:
            clauses = tuple(CLAUSE.findall(line.partition(":")[0]))
    return cases


def answer(case: Case, routing: Routing) -> Answer:
    """Where these rules send the child of a case."""
    return Answer.of(decide(facts(case.child), routing))


def facts(child: str) -> Facts:
    """What routing looks at for a child told in words, gathered as in the product but from no database."""
    return _World(child).facts()


class _World:
    """The records that a child's phrases speak of."""

    def __init__(self, phrases: str):
        self.teams: dict[str, Team] = {}
        self.people: dict[str, User] = {}
        self.child = Child(pk=1, child_id="C1", date_of_birth=date(2012, 1, 15), area="Taunton")
        self.back_on = "2026-05-12"
        self.works_at: dict[str, str] = {}
        self.involvements: list[Involvement] = []
        for phrase in phrases.split("; "):
            self._take(phrase)

    def facts(self) -> Facts:
        returned_at = datetime.fromisoformat(f"{self.back_on} 07:00").replace(tzinfo=LONDON)
        records = Records(
            involvements={1: self.involvements},
            teams_of={self.people[name].pk: [self._team(team)] for name, team in self.works_at.items()},
            providers=[team for team in self.teams.values() if team.kind == Team.Kind.PROVIDER],
            ended=[team for team in self.teams.values() if team.closed_on],
        )
        episode = Episode(episode_id="E1", child=self.child, returned_at=returned_at)
        return records.facts(episode, returned_at=returned_at, on=returned_at.date(), open_referral=None)

    def _team(self, name: str) -> Team:
        return self.teams.setdefault(name, Team(pk=len(self.teams) + 1, name=name))

    def _person(self, name: str) -> User:
        return self.people.setdefault(name, User(pk=len(self.people) + 1, email=f"{name}@example.org"))

    def _take(self, phrase: str) -> None:
        for pattern, take in self.GRAMMAR:
            if said := re.fullmatch(pattern, phrase):
                take(self, *said.groups())
                return
        raise ValueError(f"There are no words for {phrase!r}.")

    def _involvement(self, service, team, worker, placement, start, end) -> None:
        self.involvements.append(
            Involvement(
                child=self.child,
                service=service.replace(" ", "_"),
                team=self._team(team) if team else None,
                worker=self._person(worker) if worker else None,
                placement_area=(placement or "").replace(" ", "_"),
                start=date.fromisoformat(start or "2026-01-05"),
                end=date.fromisoformat(end) if end else None,
            )
        )

    def _nothing(self) -> None:
        """Open to nothing is what a child is of whom nothing is said."""

    def _born(self, day) -> None:
        self.child.date_of_birth = date.fromisoformat(day)

    def _back_on(self, day) -> None:
        self.back_on = day

    def _of_authority(self, name) -> None:
        self.child.responsible_authority = Authority(code="E10000016", name=name)

    def _lives_in(self, area) -> None:
        self.child.area = "" if area == "an unknown area" else area

    def _unaccompanied(self) -> None:
        self.child.uasc = True

    def _has_closed(self, team) -> None:
        self._team(team).closed_on = date(2026, 5, 12)

    def _has_left(self, name) -> None:
        self._person(name).left_on = date(2026, 5, 12)

    def _works_at(self, name, team) -> None:
        self._person(name)
        self.works_at[name] = team

    def _is_approved(self, name, start, end) -> None:
        provider = self._team(name)
        provider.kind = Team.Kind.PROVIDER
        provider.opened_on = date.fromisoformat(start) if start else None
        provider.closed_on = date.fromisoformat(end) if end else None

    GRAMMAR = [
        (INVOLVEMENT, _involvement),
        (r"open to nothing", _nothing),
        (rf"born {DAY}", _born),
        (rf"back on {DAY}", _back_on),
        (r"of ([A-Z]\w+)", _of_authority),
        (r"living in (.+)", _lives_in),
        (r"unaccompanied", _unaccompanied),
        (r"(.+) has closed", _has_closed),
        (r"(\w+) has left", _has_left),
        (r"(\w+) works at ([A-Z]\w+)", _works_at),
        (rf"(.+) is approved(?:, from {DAY})?(?:, closing on {DAY})?", _is_approved),
    ]
