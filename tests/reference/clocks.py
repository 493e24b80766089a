"""The clocks of a referral, worked out a second time, to hold the product's own against.

Written from the agreed rules alone and importing nothing of the product, so the two agree only when both are right.
Slow and plain on purpose: it walks hour by hour, day by day and minute by minute, and brings every instant to UTC
before it compares it. Facts, limits and procedure are read by their attributes alone: a time is known when it is a
datetime, has not happened when it is None, and happened at an unknown time when it is anything else.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from govuk_bank_holidays.bank_holidays import BankHolidays

LONDON = ZoneInfo("Europe/London")
BANK_HOLIDAYS = {
    holiday["date"] for holiday in BankHolidays(use_cached_holidays=True).get_holidays(BankHolidays.ENGLAND_AND_WALES)
}  # 2012 to 2028
SATURDAY = 5
UNKNOWN = "happened at an unknown time"


class Standing(NamedTuple):
    """How one clock stands; `open` says that nothing but time still moves it."""

    starts_at: datetime | None
    due_at: datetime | None
    met_at: datetime | None
    state: str
    open: bool = False
    late_on_arrival: bool = False


def standings(facts: Any, procedure: Any, now: datetime) -> dict[tuple[str, str], Standing]:
    """Every clock of a referral under a procedure, by its name and its episode ("" for those of the whole referral)."""
    now = now.astimezone(UTC)
    limits = procedure.clocks
    answer = {}
    for episode in facts.episodes:
        returned, notified = starts(episode, facts, str(limits.missing_again))
        for name, start, limit, stop in [
            ("seventy_two_hours", returned, ("Hours", 72), episode.held),
            ("three_working_days", returned, ("WorkingDays", 3), episode.held),
            ("offer", notified, limit_of(limits.offer), episode.offered_to_child),
            ("contact", notified, limit_of(limits.contact), episode.contacted),
        ]:
            if limit:
                due = due_at(start, limit, procedure.working_time)
                found = stand(start, due, moment(stop), moment(episode.closed), required=episode.required, now=now)
                late = found.due_at is not None and known(notified) and notified > found.due_at
                answer[name, episode.episode] = found._replace(late_on_arrival=late)

    required = any(episode.required for episode in facts.episodes)
    closed = moment(facts.closed)
    for name, start, limit, stop, end in [
        ("assign", facts.in_tray, limits.assign, facts.assigned, closed),
        ("interview", facts.accepted, limits.interview, facts.held, closed),
        ("write_up", facts.held, limits.write_up, facts.written_up, None),
    ]:
        if limit:
            start = moment(start)
            due = due_at(start, limit_of(limit), procedure.working_time)
            answer[name, ""] = stand(start, due, moment(stop), end, required=required, now=now)
    return answer


def starts(episode: Any, facts: Any, missing_again: str) -> tuple[Any, Any]:
    """The start of an episode's return clocks, and that of its notification clocks."""
    returned = moment(episode.returned)
    if returned is None:
        return None, None
    notified = moment(episode.notified) or UNKNOWN  # the record of the return is here, so somebody told us at some time
    if missing_again == "first" or returned == UNKNOWN:
        return returned, notified

    again = absences_again(episode, facts, returned)
    if not again:
        return returned, notified
    if missing_again == "exclude":
        return None, None

    seen_last = max(moment(absence.last_seen_at) for absence in again)
    newest = [absence for absence in again if moment(absence.last_seen_at) == seen_last]
    if any(absence.returned_at is None for absence in newest):
        return None, None
    # Of two that began at the same instant the later return, then the greater name, in whatever order they come.
    back, _, told = max((moment(absence.returned_at), absence.episode, absence.notified_at) for absence in newest)
    return back, moment(told) or UNKNOWN


def absences_again(episode: Any, facts: Any, returned: datetime) -> list[Any]:
    """The child's other episodes from this return until the interview or other outcome of the episode."""
    again = []
    for absence in facts.absences:
        seen = moment(absence.last_seen_at)
        other = absence.episode != episode.episode
        over = any(known(end) and seen >= end for end in (moment(episode.held), moment(episode.closed)))
        if other and seen >= returned and not over:
            again.append(absence)
    return again


def stand(
    start: Any, due: datetime | None, stop: Any, closed: datetime | None, *, required: bool, now: datetime
) -> Standing:
    """How a clock stands, given what happened."""
    if start is None:
        return Standing(None, None, None, "not_applicable")
    if due is None:
        return Standing(None, None, None, "not_measurable" if stop is not None or required else "not_applicable")
    if stop is None and not required:
        return Standing(start, due, None, "not_applicable")
    if stop == UNKNOWN:
        return Standing(start, due, None, "not_measurable")
    if stop is not None:
        return Standing(start, due, stop, "met" if stop <= due else "missed")
    if closed is not None:
        return Standing(start, due, None, "missed" if closed > due else "not_applicable")
    return Standing(start, due, None, "missed" if now > due else "running", open=True)


def moment(value: Any) -> Any:
    """A recorded time in UTC, None, or UNKNOWN."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return UNKNOWN


def known(value: Any) -> bool:
    return isinstance(value, datetime)


def limit_of(limit: Any) -> tuple[str, int] | None:
    """A limit of the procedure as its unit and number."""
    return limit and (type(limit).__name__, limit.number)


def due_at(start: Any, limit: tuple[str, int], working_time: Any) -> datetime | None:
    """When a clock runs out, in UTC; None without a known start."""
    if not known(start):
        return None
    unit, number = limit
    if unit == "Hours":
        due = start
        for _ in range(number):
            due += timedelta(hours=1)
        return due
    if unit == "CalendarDays":
        day = local(start).date()
        for _ in range(number):
            day += timedelta(days=1)
        return instant(datetime.combine(day, time(23, 59, 59)))
    if unit == "WorkingDays":
        return instant(datetime.combine(later(local(start).date(), number, working_time), time(23, 59, 59)))
    if unit == "CoreDays":
        begun = local(first_core_minute(start, working_time))
        return instant(datetime.combine(later(begun.date(), number, working_time), begun.time()))
    raise ValueError(unit)


def local(at: datetime) -> datetime:
    """What a clock on a wall in London shows, as a time without a zone."""
    return at.astimezone(LONDON).replace(tzinfo=None)


def instant(shown: datetime) -> datetime:
    """The first instant in UTC at which a wall clock in London shows this: an hour before or at the same figures."""
    for ahead in (1, 0):
        at = shown.replace(tzinfo=UTC) - timedelta(hours=ahead)
        if local(at) == shown:
            return at
    raise ValueError(f"no clock in London ever shows {shown}")


def is_working_day(day: date, working_time: Any) -> bool:
    return day.weekday() < SATURDAY and day not in BANK_HOLIDAYS and day not in working_time.closure_days


def later(day: date, number: int, working_time: Any) -> date:
    """The day that lies so many working days after a day, which itself is day 0."""
    passed = 0
    while passed < number:
        day += timedelta(days=1)
        if is_working_day(day, working_time):
            passed += 1
    return day


def first_core_minute(at: datetime, working_time: Any) -> datetime:
    """The instant itself in core time, else the first whole minute after it that is."""
    if is_core_time(at, working_time):
        return at
    at = at.replace(second=0, microsecond=0)
    while not is_core_time(at, working_time):
        at += timedelta(minutes=1)
    return at


def is_core_time(at: datetime, working_time: Any) -> bool:
    shown = local(at)
    in_hours = working_time.core_start <= shown.time() < working_time.core_end
    return in_hours and is_working_day(shown.date(), working_time)
