"""What follows from an interview is made of: the facts that decide it, and what they demand of whom. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from procedures.calendar import Calendar
from procedures.types import Procedure, Service
from rhi.questions.shapes import MAIN, ROWS, Answers, Value, chosen, day

#: Open to one of these a child is open to social care (DESIGN 2); open to one of these or to early help, to somebody.
SOCIAL_CARE = frozenset({Service.LOOKED_AFTER, Service.CHILD_PROTECTION, Service.CHILD_IN_NEED, Service.ASSESSMENT})
SOMEBODY = SOCIAL_CARE | {Service.FAMILY_SERVICE}

LEVELS = ("low", "medium", "high", "immediate")
#: So many working days there are for what follows, by the level of risk; nothing said counts as medium (Somerset 4.17).
WORKING_DAYS = {"low": 10, "medium": 5, "high": 1, "immediate": 0}
UNKNOWN = "medium"
#: Its owner looks at it again so many days after it was due.
REVIEW_AFTER = 28


class Kind(StrEnum):
    """What can follow: the codes of routing.models.Task.Kind, but for what a return itself asks for."""

    SCREEN = "screen"
    PREVENTION_PLAN = "prevention_plan"
    SAFETY_PLAN = "safety_plan"
    MASH = "mash"
    SPECIALIST = "specialist"
    INTERVENTION = "intervention"
    SUPPORT = "support"
    SERVICE = "service"
    INTELLIGENCE = "intelligence"
    SHARE = "share"
    SEND_FORM = "send_form"
    NEED = "need"


class Owner(StrEnum):
    """Who has to do it: the allocated social worker, the early help worker, or whoever holds the interview."""

    SOCIAL_WORKER = "social_worker"
    EARLY_HELP = "early_help"
    HOLDER = "holder"


@dataclass(frozen=True)
class Facts:
    """What is known when an interview is written up; days are local.

    `age`, `began_on` and `returned_on` are of the earliest episode. `services` are open today. There is a
    `social_worker` or `early_help` worker where an open involvement names a worker or team of ours;
    `worker_elsewhere` says that the child's social worker is another authority's, and `named_elsewhere` who. `shared`
    are the recipients with whom it has been shared. `missing_in_year` counts the
    child's episodes of the last 365 days up to `today`, those of this interview included.
    """

    procedure: Procedure
    answers: Answers
    today: date
    held: bool
    declined: bool
    age: int
    began_on: date
    returned_on: date | None = None
    services: frozenset[str] = frozenset()
    social_worker: bool = False
    early_help: bool = False
    worker_elsewhere: bool = False
    other_authority: str = ""
    missing_in_year: int = 1
    named_elsewhere: str = ""
    shared: frozenset[str] = frozenset()

    @property
    def calendar(self) -> Calendar:
        """The authority's working days."""
        return self.procedure.calendar

    @property
    def open_to_somebody(self) -> bool:
        """Whether the child is open to social care or early help (Wokingham 3a: "not open to any agencies")."""
        return bool(self.services & SOMEBODY)

    @property
    def professional(self) -> Owner:
        """Whose plan of work it goes into: the allocated social worker's, the early help worker's, else the holder's.

        Somerset 4.17, Wokingham 3a, Nottinghamshire 7a.
        """
        if self.social_worker:
            return Owner.SOCIAL_WORKER
        return Owner.EARLY_HELP if self.early_help else Owner.HOLDER

    @property
    def has_social_worker(self) -> bool:
        """Whether anybody is the child's social worker, ours or another authority's (Somerset 4.13)."""
        return self.social_worker or self.worker_elsewhere or bool(self.other_authority)

    def answer(self, question: str) -> Value:
        """What stands in a question; an empty mapping when it was not answered."""
        return self.answers.get(question, {})

    def says(self, question: str, part: str = MAIN) -> frozenset[str]:
        """The codes that were chosen in a part of a question."""
        return chosen(self.answer(question), part)

    def rows(self, question: str) -> list[dict[str, Any]]:
        """The rows of a table."""
        return [dict(row) for row in self.answer(question).get(ROWS, ())]

    def dated(self, question: str, part: str) -> date | None:
        """The day that stands in a part of a question; None when there is none."""
        return day(str(self.answer(question).get(part, "")))

    @property
    def wishes(self) -> dict[str, str]:
        """What the child wishes to be shared with whom: `{"parent": "agrees", …}`; empty when nobody was asked."""
        return {whom: str(wish) for whom, wish in self.answer("child_agrees_share").items()}

    @property
    def risk(self) -> str:
        """The higher of the two levels of risk that the form gives."""
        given = [str(self.answer("risk_level").get(part, "")) for part in ("again", "harm")]
        known = [level for level in given if level in LEVELS]
        return max(known, key=LEVELS.index, default=UNKNOWN)

    def due(self, level: str = "") -> date:
        """The last day for something, by a level of risk, or by that of the form (Somerset 4.17).

        At immediate risk it is today, whatever day it is.
        """
        return self.calendar.working_day_after(self.today, WORKING_DAYS[level or self.risk])


@dataclass(frozen=True)
class Demand:
    """One thing that somebody must do. One kind and item stand for one task of the referral, however often asked for.

    `demanded`: the interview is not signed off before it is done, and it cannot be set aside.
    """

    kind: Kind
    about: str
    clause: str
    owner: Owner
    due_on: date
    review_on: date | None = None
    item: str = ""
    demanded: bool = False
