"""What remains to be done before a child counts as not reached. Pure: attempts, rules and time in, an answer out.

The rules are those of Somerset 4.5, as a procedure states them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from procedures.calendar import LONDON, Calendar, PartOfDay
from procedures.types import Contact

CARERS = frozenset({"parent", "foster_carer", "placement_staff"})
#: Results by which whoever was tried has been spoken to.
SPOKEN = frozenset({"spoke_to_child", "spoke_to_carer", "refused_to_talk", "appointment_made", "rearranged"})

#: Nobody is asked to ring a household earlier or later than this, by local time.
EARLIEST, LATEST = time(8), time(20)
#: How warnings about the times of day begin, by their codes (Somerset: “do not ring before 16:00”).
NOT_BEFORE, NOT_AFTER = "not_before", "not_after"
#: How long to leave between two tries.
BETWEEN = timedelta(hours=2)
#: Every kind of time there is comes round within a week, but for weeks of bank holidays and closure days.
AHEAD = 28


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
    parts_of_day_missing: int
    child_untried: bool
    carer_untried: bool

    @property
    def other_part_of_day_missing(self) -> bool:
        """Whether another part of the day has still to be tried."""
        return self.parts_of_day_missing > 0

    @property
    def fewest(self) -> int:
        """In how many more attempts all of it can be done, at best: one attempt can add to each of them."""
        return max(
            self.needed - self.made,
            self.outside_core_hours_missing,
            self.parts_of_day_missing,
            self.child_untried + self.carer_untried,
        )

    @property
    def nothing(self) -> bool:
        """Whether all that the rules ask for has been done."""
        return self.fewest <= 0


@dataclass(frozen=True)
class Suggestion:
    """When to try next and whom (`child`, `carer`, or empty: either), with the reason in words."""

    at: datetime
    whom: str
    because: str


class Hours(NamedTuple):
    """Between which local times a household may be rung."""

    first: time = EARLIEST
    last: time = LATEST


ANY_HOUR = Hours()


def allowed_by(warnings: Iterable[tuple[str, time | None]]) -> Hours:
    """The hours that warnings leave, each given by its kind and, of the kinds that name one, its local time."""
    timed = [(kind, at) for kind, at in warnings if at is not None]
    return Hours(
        max([EARLIEST, *(at for kind, at in timed if kind == NOT_BEFORE)]),
        min([LATEST, *(at for kind, at in timed if kind == NOT_AFTER)]),
    )


def remaining(
    attempts: Iterable[Attempt], rules: Contact, calendar: Calendar, *, carer_may_be_tried: bool = True
) -> Remaining:
    """What is still to be done after these attempts (Somerset 4.5).

    `carer_may_be_tried` is False where everybody on record is marked as not safe to contact: nobody then has to.
    """
    counting = [attempt for attempt in attempts if attempt.counts]
    outside = sum(1 for attempt in counting if not calendar.is_core_time(attempt.at))
    parts = {calendar.part_of_day(attempt.at) for attempt in counting}
    tried = {attempt.contacted for attempt in counting}
    return Remaining(
        made=len(counting),
        needed=rules.attempts,
        outside_core_hours_missing=max(0, rules.outside_core_hours - outside),
        untried_parts_of_day=tuple(part for part in PartOfDay if part not in parts),
        parts_of_day_missing=max(0, rules.different_parts_of_day - len(parts)),
        child_untried=rules.child_and_carer and "child" not in tried,
        carer_untried=rules.child_and_carer and carer_may_be_tried and not tried & CARERS,
    )


def a_carer_may_be_tried(safe: Iterable[bool | None]) -> bool:
    """Whether somebody is there to be tried, by what is on record of each carer: safe to contact, not, or not known.

    A child of whom no carer is recorded has one all the same.
    """
    known = list(safe)
    return not known or any(each is not False for each in known)


def settled_at(
    attempts: Iterable[Attempt], rules: Contact, calendar: Calendar, *, carer_may_be_tried: bool = True
) -> datetime | None:
    """When the contact clock stops: the child or a carer was spoken to, or all needed attempts had been made.

    Where no carer may be tried, all that are needed are those that are left to make (as `remaining` says).
    """
    so_far: list[Attempt] = []
    for attempt in sorted(attempts, key=lambda attempt: attempt.at):
        so_far.append(attempt)
        if attempt.reached or remaining(so_far, rules, calendar, carer_may_be_tried=carer_may_be_tried).nothing:
            return attempt.at
    return None


def still_to_do(rest: Remaining) -> list[str]:
    """What remains, each in a few words for the person who is to do it; empty when nothing does."""
    untried = _either([str(part) for part in rest.untried_parts_of_day])
    more, outside = rest.needed - rest.made, rest.outside_core_hours_missing
    return [
        words
        for words, is_missing in (
            (f"{more} more {'attempt' if more == 1 else 'attempts'}", more > 0),
            (f"{'one' if outside == 1 else outside} outside core hours", outside > 0),
            (f"another part of the day: {untried}", rest.other_part_of_day_missing),
            ("the child has not been tried", rest.child_untried),
            ("no parent or carer has been tried", rest.carer_untried),
        )
        if is_missing
    ]


def next_suggested(
    attempts: Sequence[Attempt],
    rules: Contact,
    calendar: Calendar,
    *,
    carer_may_be_tried: bool = True,
    hours: Hours = ANY_HOUR,
    now: datetime,
) -> Suggestion | None:
    """The earliest sensible moment, not before `now`, for an attempt that adds what is missing; None if nothing is.

    It lies between 8:00 and 20:00 by local time, within the `hours` that warnings leave, and two hours after the
    attempt before it. Who follows every suggestion has nothing left to do after `Remaining.fewest` attempts: what
    leaves no attempt to spare is asked for at once, the rest as soon as it comes. Where the hours leave no moment that
    adds it, the first moment within them is suggested, and the reason says so.
    """
    rest = remaining(attempts, rules, calendar, carer_may_be_tried=carer_may_be_tried)
    if rest.nothing:
        return None
    earliest = max([now, *(attempt.at + BETWEEN for attempt in attempts if attempt.counts)])
    hours = hours if hours.first < hours.last else ANY_HOUR
    at = next((at for at in _moments(earliest, calendar, hours) if _serves(at, rest, calendar)), None)
    if at is None:
        at = next(_moments(earliest, calendar, hours))
        return Suggestion(at, whom_next(rest), "The warnings leave no other time of day, although one is asked for.")
    return Suggestion(at, whom_next(rest), _because(at, rest, calendar))


def whom_next(rest: Remaining) -> str:
    """Who has not been tried and must be: the child before a carer; empty when both were."""
    if rest.child_untried:
        return "child"
    return "carer" if rest.carer_untried else ""


def _moments(earliest: datetime, calendar: Calendar, hours: Hours) -> Iterator[datetime]:
    """That moment, and each later one at which the part of the day or core time changes, within the hours; in UTC.

    Everything that a time can add to the attempts holds from one of these moments on, so no others need a look.
    """
    start = _whole_minute(earliest).astimezone(LONDON)
    borders = sorted({hours.first, time(12), time(17), calendar.core_start, calendar.core_end})
    if hours.first <= start.time() <= hours.last:
        yield start.astimezone(UTC)
    for number in range(AHEAD):
        day = start.date() + timedelta(days=number)
        for border in borders:
            at = datetime.combine(day, border, LONDON)
            if at > start and hours.first <= border <= hours.last:
                yield at.astimezone(UTC)


def _whole_minute(at: datetime) -> datetime:
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)


def _serves(at: datetime, rest: Remaining, calendar: Calendar) -> bool:
    """Whether an attempt at this moment adds what cannot wait, and something if times of day are missing at all."""
    adds_outside = not calendar.is_core_time(at)
    adds_part = calendar.part_of_day(at) in rest.untried_parts_of_day
    if rest.outside_core_hours_missing == rest.fewest and not adds_outside:
        return False
    if rest.parts_of_day_missing == rest.fewest and not adds_part:
        return False
    wanted = [
        adds
        for adds, is_missing in (
            (adds_outside, rest.outside_core_hours_missing),
            (adds_part, rest.parts_of_day_missing),
        )
        if is_missing
    ]
    return any(wanted) or not wanted


def _because(at: datetime, rest: Remaining, calendar: Calendar) -> str:
    """Why this moment, as a sentence."""
    part = calendar.part_of_day(at)
    reasons = []
    if rest.outside_core_hours_missing and not calendar.is_core_time(at):
        reasons.append("it is outside core hours, where an attempt is still missing")
    if rest.made and rest.other_part_of_day_missing and part in rest.untried_parts_of_day:
        reasons.append(f"the {part} has not been tried")
    if not reasons:
        more = rest.needed - rest.made
        reasons.append(f"{more} more {'attempt is' if more == 1 else 'attempts are'} needed" if more > 0 else "")
    sentence = " and ".join(filter(None, reasons)) or "somebody has not been tried"
    return sentence[0].upper() + sentence[1:] + "."


def _either(words: Sequence[str]) -> str:
    """`morning or evening`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else ""


#: How nobody is spoken to, with the words for it.
WRITTEN = {"letter": "a letter", "email": "an email", "text": "a text"}
VISITS = frozenset({"home_visit", "placement_visit", "school_visit"})


def misfit(*, method: str, contacted: str, result: str) -> str:
    """Why a result cannot have come of trying this person in this way, in words; empty when it can."""
    if result in ("spoke_to_child", "spoke_to_carer") and method in WRITTEN:
        return f"Nobody is spoken to by {WRITTEN[method]}. Choose another result, or the way in which you spoke."
    if result == "spoke_to_child" and contacted == "social_worker":
        return "You tried the social worker, so you did not speak to the child. Choose the child as who was tried."
    if result == "spoke_to_carer" and contacted not in CARERS:
        return "You spoke to a parent or carer. Choose the parent, foster carer or placement staff as who was tried."
    if result == "number_not_in_use" and (method in VISITS or method in ("letter", "email")):
        return "A number that is not in use is found out by a call or a text. Choose how you tried."
    if result == "not_at_address" and method not in VISITS | {"letter", "other"}:
        return "“Not at the address” is found out by a visit or a letter. Choose how you tried."
    return ""
