"""A whole procedure, with those to whom people can turn and what must be at hand."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from procedures.calendar import Calendar
from procedures.types.casework import (
    Contact,
    FollowUp,
    Letters,
    Meeting,
    Methods,
    Plans,
    Screening,
    Trigger,
)
from procedures.types.counting import Counting
from procedures.types.deadlines import Clocks, Reminders, WorkingTime
from procedures.types.frozen import ADDRESS, CODE, MAILBOX, NAME, Day, Frozen, Words
from procedures.types.routing import Routing


class Authority(Frozen):
    """Whose procedure this is. The name stands at the head of letters."""

    code: Annotated[str, Field(pattern=CODE)]
    name: Annotated[str, Field(min_length=1, max_length=60)]


class ContactPoint(Frozen):
    """A role that can be reached, never a person by name. Lengths as much as the head of a letter holds."""

    role: Words
    service: Annotated[str, Field(min_length=1, max_length=80)]
    mailbox: Annotated[str, Field(pattern=MAILBOX, max_length=80)]
    phone: Annotated[str, Field(min_length=1, max_length=30)] | None = None
    for_children: Literal["all", "not_looked_after"] = "all"


class Guidance(Frozen):
    """A document that must be at hand while working."""

    title: Words
    address: Annotated[str, Field(pattern=ADDRESS)]


class Step(Frozen):
    """One step of the casework, in the authority's order."""

    clause: Words
    text: Words


class Support(Frozen):
    """A service that a child or family can be pointed to."""

    name: Words
    what: Words


class Procedure(Frozen):
    """Everything that one authority has written down."""

    name: Annotated[str, Field(pattern=NAME)]
    effective_from: Day
    authority: Authority
    working_time: WorkingTime = WorkingTime()
    routing: Routing
    clocks: Clocks = Clocks()
    reminders: Reminders = Reminders()
    contact: Contact | None = None
    letters: Letters = Letters()
    triggers: tuple[Trigger, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    plans: Plans = Plans()
    screening: Screening = Screening()
    follow_up: FollowUp = FollowUp()
    methods: Methods = Methods()
    counting: Counting = Counting()
    contacts: tuple[ContactPoint, ...] = ()
    guidance: tuple[Guidance, ...] = ()
    casework: tuple[Step, ...] = ()
    services: tuple[Support, ...] = ()

    @model_validator(mode="after")
    def _contact_rules_have_their_clock(self) -> Self:
        if (self.contact is None) is not (self.clocks.contact is None):
            raise ValueError("contact and clocks.contact together, or neither: the rules say what, the clock how long")
        return self

    @property
    def calendar(self) -> Calendar:
        """The authority's working days and core hours."""
        return Calendar(self.working_time.core_start, self.working_time.core_end, self.working_time.closure_days)
