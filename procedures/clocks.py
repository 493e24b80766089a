"""Every deadline of a referral, worked out from facts. Pure: `now` is an argument, nothing is read or stored.

An instant is an aware datetime; elapsed hours are added in UTC; days are days in England.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum
from typing import Literal

from procedures.calendar import Calendar, end_of_day, local_date
from procedures.spans import CalendarDays, CoreDays, CoreHours, Hours, Lead, Span, WorkingDays
from procedures.types import MissingAgain, Procedure


class State(StrEnum):
    """How a clock stands (docs/rules.md)."""

    RUNNING = "running"
    MET = "met"
    MISSED = "missed"
    NOT_MEASURABLE = "not_measurable"
    NOT_APPLICABLE = "not_applicable"


class Name(StrEnum):
    """The clocks of a referral. The first four are kept for each of its episodes, the rest once."""

    SEVENTY_TWO_HOURS = "seventy_two_hours"
    THREE_WORKING_DAYS = "three_working_days"
    OFFER = "offer"
    CONTACT = "contact"
    ASSIGN = "assign"
    INTERVIEW = "interview"
    WRITE_UP = "write_up"


class Unknown(Enum):
    """That something happened, at a time that nobody recorded."""

    TIME = "time"


#: When something happened: an instant, at an unknown time, or (None) not at all.
Moment = datetime | Literal[Unknown.TIME] | None


@dataclass(frozen=True)
class Absence:
    """One time that the child was missing, whichever referral it belongs to."""

    episode: str
    last_seen_at: datetime
    returned_at: datetime | None
    notified_at: datetime | None


@dataclass(frozen=True)
class EpisodeFacts:
    """What is known of one episode of the referral.

    `contacted` is when the child or a carer was spoken to, or the needed attempts had been made. `closed` is when an
    outcome other than a held interview was recorded, and `required` is false when that outcome is `not_required`.
    """

    episode: str
    last_seen_at: datetime
    returned: Moment
    notified: Moment
    offered_to_child: Moment = None
    contacted: Moment = None
    held: Moment = None
    closed: datetime | None = None
    required: bool = True


@dataclass(frozen=True)
class Facts:
    """What is known of one referral; `absences` are all of the child's, this referral's own among them."""

    episodes: tuple[EpisodeFacts, ...]
    absences: tuple[Absence, ...] = ()
    in_tray: Moment = None
    assigned: Moment = None
    accepted: Moment = None
    held: Moment = None
    written_up: Moment = None
    closed: datetime | None = None


@dataclass(frozen=True)
class Clock:
    """One deadline as it stands. `episode` is empty for a clock of the referral as a whole.

    `settled` is the state that no passing of time will change; it is empty while the clock is open, and then the
    state depends on the time of asking.
    """

    name: Name
    episode: str
    starts_at: datetime | None = None
    due_at: datetime | None = None
    met_at: datetime | None = None
    settled: State | None = None
    late_on_arrival: bool = False

    def state(self, now: datetime) -> State:
        """The state at an instant; exactly at the limit is still in time."""
        return state_at(now, due_at=self.due_at, settled=self.settled)


def state_at(now: datetime, *, due_at: datetime | None, settled: State | None) -> State:
    """The state of a clock whose facts have not changed since it was worked out."""
    if settled:
        return settled
    return State.MISSED if due_at and now > due_at else State.RUNNING


def due_at(start: datetime, limit: Span, calendar: Calendar) -> datetime:
    """When a clock that starts at `start` runs out, in UTC.

    Hours are elapsed hours, so they are added in UTC: wall-clock addition gains or loses one on the nights when the
    clocks change.
    """
    match limit:
        case Hours(number):
            return start.astimezone(UTC) + timedelta(hours=number)
        case CalendarDays(number):
            return end_of_day(local_date(start) + timedelta(days=number))
        case WorkingDays(number):
            return calendar.end_of_working_day(start, after=number)
        case CoreDays(number):
            return calendar.core_days_after(start, number)


#: So many hours of core time are left at least when it is announced that a clock will run out.
IN_HAND = 4


def announced_at(due: datetime, lead: Lead, calendar: Calendar) -> datetime:
    """When it is to be said that a clock will run out, in UTC: in core hours, and never later than `lead` before.

    What ends on a Sunday is announced on Friday. Where `lead` before falls outside core hours, or would leave fewer
    than IN_HAND hours of them, it is said earlier by as many hours of core time.
    """
    if isinstance(lead, CoreHours):
        return calendar.core_hours_before(due, lead.number)
    early = due.astimezone(UTC) - timedelta(hours=lead.number)
    if not calendar.is_core_time(early):
        early = calendar.core_hours_before(early, IN_HAND)
    return min(early, calendar.core_hours_before(due, IN_HAND))


def evaluate(facts: Facts, procedure: Procedure, calendar: Calendar) -> tuple[Clock, ...]:
    """Every clock that the procedure sets for a referral: its episodes' own, then those of the referral.

    The two of the statutory guidance are always there. How each stands at an instant is `Clock.state(now)`.
    """
    return (
        *(clock for episode in facts.episodes for clock in _clocks_of(episode, facts, procedure, calendar)),
        *_clocks_of_the_whole(facts, procedure, calendar),
    )


def _clocks_of(episode: EpisodeFacts, facts: Facts, procedure: Procedure, calendar: Calendar) -> Iterator[Clock]:
    returned, notified = _starts(episode, facts.absences, procedure.clocks.missing_again)
    ends = _Ending(episode.closed, required=episode.required)

    def clock(name: Name, start: Moment, limit: Span | None, stop: Moment) -> Iterator[Clock]:
        if limit:
            yield _clock(name, episode.episode, start, limit, stop, ends, calendar, told=notified)

    yield from clock(Name.SEVENTY_TWO_HOURS, returned, Hours(72), episode.held)
    yield from clock(Name.THREE_WORKING_DAYS, returned, WorkingDays(3), episode.held)
    yield from clock(Name.OFFER, notified, procedure.clocks.offer, episode.offered_to_child)
    yield from clock(Name.CONTACT, notified, procedure.clocks.contact, episode.contacted)


def _clocks_of_the_whole(facts: Facts, procedure: Procedure, calendar: Calendar) -> Iterator[Clock]:
    required = any(episode.required for episode in facts.episodes)
    closing = _Ending(facts.closed, required=required)
    # The paperwork is still owed when the outcome has closed the referral (Somerset 4.14).
    never = _Ending(None, required=required)
    for name, start, limit, stop, ends in (
        (Name.ASSIGN, facts.in_tray, procedure.clocks.assign, facts.assigned, closing),
        (Name.INTERVIEW, facts.accepted, procedure.clocks.interview, facts.held, closing),
        (Name.WRITE_UP, facts.held, procedure.clocks.write_up, facts.written_up, never),
    ):
        if limit:
            yield _clock(name, "", start, limit, stop, ends, calendar)


@dataclass(frozen=True)
class _Ending:
    """When an outcome ended the matter without the clock's own stop, and whether an interview was owed at all."""

    at: datetime | None
    required: bool


def _clock(
    name: Name,
    episode: str,
    start: Moment,
    limit: Span,
    stop: Moment,
    ends: _Ending,
    calendar: Calendar,
    told: Moment = None,
) -> Clock:
    if start is None:
        return Clock(name, episode, settled=State.NOT_APPLICABLE)
    if start is Unknown.TIME:
        needed = stop is not None or ends.required
        return Clock(name, episode, settled=State.NOT_MEASURABLE if needed else State.NOT_APPLICABLE)
    due = due_at(start, limit, calendar)
    if stop is Unknown.TIME:
        settled: State | None = State.NOT_MEASURABLE
    elif stop is not None:
        settled = State.MET if stop <= due else State.MISSED
    elif not ends.required:
        settled = State.NOT_APPLICABLE
    elif ends.at is not None:
        # An outcome before the limit means that the clock no longer applies; after it, that it had been missed.
        settled = State.MISSED if ends.at > due else State.NOT_APPLICABLE
    else:
        settled = None
    return Clock(
        name,
        episode,
        starts_at=start.astimezone(UTC),
        due_at=due,
        met_at=stop.astimezone(UTC) if isinstance(stop, datetime) else None,
        settled=settled,
        late_on_arrival=isinstance(told, datetime) and told > due,
    )


def _starts(episode: EpisodeFacts, absences: tuple[Absence, ...], missing_again: MissingAgain) -> tuple[Moment, Moment]:
    """When the return clocks and the notification clocks of an episode start; None where they do not apply."""
    if episode.returned is None:
        return None, None
    own = episode.returned, episode.notified or Unknown.TIME
    if missing_again is MissingAgain.FIRST or episode.returned is Unknown.TIME:
        return own
    again = [absence for absence in absences if _is_again(absence, episode, after=episode.returned)]
    if not again:
        return own
    if missing_again is MissingAgain.EXCLUDE:
        return None, None
    newest = max(again, key=_newest_last)
    if newest.returned_at is None:
        return None, None
    return newest.returned_at, newest.notified_at or Unknown.TIME


def _is_again(absence: Absence, episode: EpisodeFacts, *, after: datetime) -> bool:
    """Whether an absence began after the episode's return and before its interview or other outcome."""
    # In UTC: two times of one zone are compared by the wall clock, which on an October night runs twice.
    began = absence.last_seen_at.astimezone(UTC)
    if absence.episode == episode.episode or began < after.astimezone(UTC):
        return False
    over_before = (moment for moment in (episode.held, episode.closed) if isinstance(moment, datetime))
    return all(began < moment.astimezone(UTC) for moment in over_before)


def _newest_last(absence: Absence) -> tuple[datetime, bool, datetime, str]:
    """Absences in the order in which the child was seen last; of two at one instant the one that lasts longer.

    The name settles what is left, so that the answer never depends on the order of rows.
    """
    began = absence.last_seen_at.astimezone(UTC)
    return began, absence.returned_at is None, (absence.returned_at or began).astimezone(UTC), absence.episode
