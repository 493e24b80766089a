"""When the authority works, by when things are to be done, and how long before that somebody is told."""

from __future__ import annotations

from datetime import time
from typing import Self

from pydantic import model_validator

from procedures.spans import CoreDays, CoreHours, Hours, WorkingDays
from procedures.types.frozen import Day, Frozen, LeadTime, Limit, LocalTime
from procedures.types.vocabulary import MissingAgain


class WorkingTime(Frozen):
    """The authority's own working time, where it differs from Monday to Friday, 09:00 to 17:00."""

    core_start: LocalTime = time(9)
    core_end: LocalTime = time(17)
    closure_days: frozenset[Day] = frozenset()

    @model_validator(mode="after")
    def _has_core_hours(self) -> Self:
        if self.core_end <= self.core_start:
            raise ValueError("core_end later in the day than core_start")
        return self


class Clocks(Frozen):
    """The authority's own deadlines, beside the two of the statutory guidance that every procedure has."""

    missing_again: MissingAgain = MissingAgain.FIRST
    assign: Limit | None = None
    offer: Limit | None = None
    contact: Limit | None = None
    interview: Limit | None = None
    write_up: Limit | None = None
    social_worker_contact: Limit | None = None
    social_worker_told: Limit | None = None
    strategy_meeting: Limit | None = None
    strategy_meeting_again: Limit | None = None
    discussion: Limit | None = None


class Reminders(Frozen):
    """How long before each clock runs out its people are told, and how long nothing may happen before they are."""

    seventy_two_hours: LeadTime = Hours(24)
    three_working_days: LeadTime = Hours(24)
    offer: LeadTime = Hours(24)
    contact: LeadTime = Hours(24)
    interview: LeadTime = Hours(24)
    assign: LeadTime = CoreHours(4)
    write_up: LeadTime = CoreHours(4)
    no_attempt: Limit = Hours(24)
    after_appointment: Limit = Hours(2)
    # Where the procedure sets no clock of its own for it.
    not_assigned: Limit = CoreDays(1)
    not_written_up: Limit = Hours(48)
    not_answered: Limit = WorkingDays(1)

    @model_validator(mode="after")
    def _comes_soon(self) -> Self:
        for _, length in self:
            if length.number > (240 if isinstance(length, Hours) else 40 if isinstance(length, CoreHours) else 10):
                raise ValueError("ten days or less, 240 hours or 40 core hours for each of them")
        return self
