"""What remains to be done before a child counts as not reached. Pure: attempts, rules and time in, an answer out.

The rules are those of Somerset 4.5, as a procedure states them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from procedures.calendar import Calendar, PartOfDay
from procedures.types import Contact

CARERS = frozenset({"parent", "foster_carer", "placement_staff"})
#: Results by which whoever was tried has been spoken to.
SPOKEN = frozenset({"spoke_to_child", "spoke_to_carer", "refused_to_talk", "appointment_made", "rearranged"})


@dataclass(frozen=True)
class Attempt:
    """One try: when, how, whom, and what came of it, by the codes of attempts.csv."""

    at: datetime
    method: str
    contacted: str
    result: str

    @property
    def reached(self) -> bool:
        """Whether the child or a carer was spoken to."""
        if self.result in ("spoke_to_child", "spoke_to_carer"):
            return True
        return self.result in SPOKEN and (self.contacted == "child" or self.contacted in CARERS)

    @property
    def counts(self) -> bool:
        """Whether it is one of the attempts needed: any method but a letter."""
        return self.method != "letter"


@dataclass(frozen=True)
class Remaining:
    """What the attempts so far leave to be done."""

    made: int
    needed: int
    outside_core_hours_missing: int
    untried_parts_of_day: tuple[PartOfDay, ...]
    other_part_of_day_missing: bool
    child_untried: bool
    carer_untried: bool

    @property
    def nothing(self) -> bool:
        """Whether all that the rules ask for has been done."""
        return not (
            self.made < self.needed
            or self.outside_core_hours_missing
            or self.other_part_of_day_missing
            or self.child_untried
            or self.carer_untried
        )


def remaining(attempts: Iterable[Attempt], rules: Contact, calendar: Calendar) -> Remaining:
    """What is still to be done after these attempts (Somerset 4.5)."""
    counting = [attempt for attempt in attempts if attempt.counts]
    outside = sum(1 for attempt in counting if not calendar.is_core_time(attempt.at))
    parts = {calendar.part_of_day(attempt.at) for attempt in counting}
    tried = {attempt.contacted for attempt in counting}
    return Remaining(
        made=len(counting),
        needed=rules.attempts,
        outside_core_hours_missing=max(0, rules.outside_core_hours - outside),
        untried_parts_of_day=tuple(part for part in PartOfDay if part not in parts),
        other_part_of_day_missing=len(parts) < rules.different_parts_of_day,
        child_untried=rules.child_and_carer and "child" not in tried,
        carer_untried=rules.child_and_carer and not tried & CARERS,
    )


def settled_at(attempts: Iterable[Attempt], rules: Contact, calendar: Calendar) -> datetime | None:
    """When the contact clock stops: the child or a carer was spoken to, or all needed attempts had been made."""
    so_far: list[Attempt] = []
    for attempt in sorted(attempts, key=lambda attempt: attempt.at):
        so_far.append(attempt)
        if attempt.reached or remaining(so_far, rules, calendar).nothing:
            return attempt.at
    return None
