"""Why an episode is in a figure, in words with the facts that put it there. Facts in, words out.

Of several offers or interviews the one is named that makes the episode count: the first in time of those that do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from episodes.models import Kind
from procedures.calendar import Calendar, local_date
from reporting.measures.conditions import ASKED, SEVENTY_TWO_HOURS
from rhi import codes
from rhi.wording import in_full, on_day

SECOND = timedelta(seconds=1)
TO = {codes.OfferedTo.CHILD: "the child", codes.OfferedTo.PARENT: "a parent or carer"}
DECLINED = {
    codes.Response.DECLINED_BY_CHILD: "Declined by the child",
    codes.Response.DECLINED_BY_PARENT: "Declined by a parent or carer",
}


@dataclass(frozen=True)
class OfferMade:
    """An offer of an interview that is about the episode, and what came back."""

    to: str
    offered_at: datetime | None
    response: str
    responded_at: datetime | None


@dataclass(frozen=True)
class Care:
    """That the child was looked after between two days, both included."""

    start: date
    end: date | None


@dataclass(frozen=True)
class Facts:
    """What the records say of one episode, as far as a reason speaks of it.

    `authority` is the one responsible for the child, empty when it is ours. `held` are the times of all interviews
    about the episode that were held; `outcome_held_at` is that of the one that its outcome rests on; `held_by` are the
    times of those that were written up, with what their forms say of the interviewer. The month asked about lies
    between the local days `first` and `last`.
    """

    month_of: str
    calendar: Calendar
    first: date
    last: date
    now: datetime
    kind: str
    last_seen_at: datetime
    reported_at: datetime | None
    returned_at: datetime | None
    returned_by_day: bool
    notified_at: datetime | None
    authority: str
    outcome: str
    outcome_reason: str
    outcome_held_at: datetime | None
    held: tuple[datetime, ...] = ()
    offers: tuple[OfferMade, ...] = ()
    care: tuple[Care, ...] = ()
    held_by: tuple[tuple[datetime, str], ...] = ()

    @property
    def first_held(self) -> datetime | None:
        """When an interview about the episode was first held."""
        return min(self.held, default=None)

    def in_month(self, moment: datetime) -> bool:
        """Whether an instant lies in the month asked about."""
        return self.first <= local_date(moment) <= self.last


def in_the_month(facts: Facts) -> str:
    """By which time the episode belongs to the month, and what else must be known to count it there."""
    if facts.month_of == "returned":
        said = f"Returned on {_returned(facts)}"
    elif facts.month_of == "reported" and facts.reported_at:
        said = f"Reported on {in_full(facts.reported_at)}"
    else:
        said = f"Last seen on {in_full(facts.last_seen_at)}"
    if facts.kind == Kind.AWAY:
        said = f"{said}; away without authorisation"
    return f"{said}; {facts.authority} is responsible" if facts.authority else said


def looked_after(facts: Facts) -> str:
    """Since when the child had been looked after, and when they went missing."""
    return f"{_looked_after(facts)}; {_begun_small(in_the_month(facts))}"


def looked_after_done(facts: Facts) -> str:
    """Since when the child had been looked after, and what makes the episode done."""
    return f"{_looked_after(facts)}; {_begun_small(done(facts))}"


def looked_after_not_done(facts: Facts) -> str:
    """Since when the child had been looked after, and how the episode stands."""
    return f"{_looked_after(facts)}; {_begun_small(not_done(facts))}"


def offered(facts: Facts) -> str:
    """The first offer, to whom it was made and when."""
    return _first_offer(facts.offers)


def offered_in_month(facts: Facts) -> str:
    """The first offer of the month, and when the child had gone missing."""
    within = [offer for offer in facts.offers if offer.offered_at and facts.in_month(offer.offered_at)]
    return f"{_first_offer(within)}; last seen on {in_full(facts.last_seen_at)}"


def not_offered(facts: Facts) -> str:
    """Why the episode does not count as offered."""
    if facts.outcome == codes.OutcomeCode.NOT_OFFERED:
        return _outcome(facts)
    if any(offer.to in ASKED for offer in facts.offers):
        return "Offered, but when is not recorded"
    if facts.offers:
        return "An offer is recorded, but not to whom"
    return "No offer is recorded"


def done(facts: Facts) -> str:
    """The interview that makes the episode done, and when it was held."""
    held_at = facts.outcome_held_at or facts.first_held
    when = f"on {in_full(held_at)}" if held_at else ""
    match facts.outcome:
        case codes.OutcomeCode.COVERED:
            covering = "Covered by an interview for several episodes"
            return f"{covering}, held {when}" if when else f"{covering}; when it was held is not recorded"
        case codes.OutcomeCode.PART_COMPLETED:
            return f"Held in part {when}" if when else "Held in part; when is not recorded"
        case "":
            return f"Held {when}; no outcome yet"
        case _:
            return f"Held {when}" if when else "Completed; when it was held is not recorded"


def not_done(facts: Facts) -> str:
    """How an episode without an interview stands."""
    if not facts.outcome:
        return "No outcome yet"
    if facts.first_held:
        return f"{_outcome(facts)}, although an interview is recorded as held on {in_full(facts.first_held)}"
    return _outcome(facts)


def accepted(facts: Facts) -> str:
    """When the child first accepted."""
    yes = [
        offer
        for offer in facts.offers
        if offer.to == codes.OfferedTo.CHILD and offer.response == codes.Response.ACCEPTED
    ]
    at = min((offer.responded_at for offer in yes if offer.responded_at), default=None)
    return f"Accepted by the child on {in_full(at)}" if at else "Accepted by the child; when is not recorded"


def declined(facts: Facts) -> str:
    """Who declined first, and when."""
    no = [offer for offer in facts.offers if offer.response in DECLINED]
    first = min(no, key=lambda offer: (offer.responded_at is None, offer.responded_at or facts.now))
    said = DECLINED[codes.Response(first.response)]
    return f"{said} on {in_full(first.responded_at)}" if first.responded_at else f"{said}; when is not recorded"


def since_return(facts: Facts) -> str:
    """How long after the return the interview was held."""
    of_day = " (its time is not known: counted from 00:00)" if facts.returned_by_day else ""
    return f"{_held(facts, since=facts.returned_at)} the return{of_day}"


def since_notification(facts: Facts) -> str:
    """How long after the service learned of the return the interview was held."""
    return f"{_held(facts, since=facts.notified_at)} the service learned of the return"


def by_third_day(facts: Facts) -> str:
    """When the interview was held, and when the third day after the return was."""
    third = _day_of_return(facts) + timedelta(days=3)
    return _by_day(facts, "third day", third)


def by_third_working_day(facts: Facts) -> str:
    """When the interview was held, and when the third working day after the return was."""
    third = facts.calendar.working_day_after(_day_of_return(facts), 3)
    return _by_day(facts, "third working day", third)


def open_since_return(facts: Facts) -> str:
    """That there is no outcome, and when the 72 hours end or ended."""
    end = _known(facts.returned_at) + SEVENTY_TWO_HOURS
    return f"No outcome yet; the 72 hours {'ended' if end < facts.now else 'end'} on {in_full(end)}"


def held_in_month(facts: Facts) -> str:
    """The first interview of the month, and when the child had gone missing."""
    held_at = min(filter(facts.in_month, facts.held))
    return f"Held on {in_full(held_at)}; last seen on {in_full(facts.last_seen_at)}"


def held_by(*said: str) -> Callable[[Facts], str]:
    """The first interview of the month of whose interviewer the form says one of these; empty: it says nothing."""

    def reason(facts: Facts) -> str:
        held_at, whom = min(each for each in facts.held_by if facts.in_month(each[0]) and each[1] in said)
        words = codes.Independence(whom).label if whom else "No form here says by whom"
        return f"Held on {in_full(held_at)}. {words}"

    return reason


def _known(moment: datetime | None) -> datetime:
    """A time without which the episode would not be in the figure whose reason speaks of it."""
    return cast("datetime", moment)


def _returned(facts: Facts) -> str:
    if facts.returned_by_day:
        return f"{on_day(_day_of_return(facts))}, at a time that is not known"
    return in_full(_known(facts.returned_at))


def _day_of_return(facts: Facts) -> date:
    return local_date(_known(facts.returned_at))


def _looked_after(facts: Facts) -> str:
    """Since when the child had been looked after on the day of going missing; of several stays the longest."""
    day = local_date(facts.last_seen_at)
    stays = [stay for stay in facts.care if stay.start <= day and (stay.end is None or stay.end >= day)]
    return f"Looked after since {on_day(min(stay.start for stay in stays))}"


def _first_offer(offers: Iterable[OfferMade]) -> str:
    """The first of the offers whose time is known, to whom it was made and when; two at once are one."""
    made = [(offer.offered_at, offer.to) for offer in offers if offer.offered_at and offer.to in ASKED]
    at = min(moment for moment, _ in made)
    to = [TO[each] for each in ASKED if (at, each) in made]
    return f"Offered to {' and to '.join(to)} on {in_full(at)}"


def _outcome(facts: Facts) -> str:
    reason = codes.REASON_WORDS.get(facts.outcome_reason, facts.outcome_reason)
    return ": ".join(filter(None, [codes.OutcomeCode(facts.outcome).label, reason.lower()]))


def _held(facts: Facts, *, since: datetime | None) -> str:
    held_at = _known(facts.first_held)
    length = held_at - _known(since)
    where = "before" if length < timedelta(0) else "after"
    return f"Held on {in_full(held_at)}, {_exactly(abs(length))} {where}"


def _exactly(length: timedelta) -> str:
    """A length of time to the second, a begun one included: so 72 hours are never said of what took longer."""
    seconds = -(-length // SECOND)
    parts = [(seconds // 3600, "hour"), (seconds // 60 % 60, "minute"), (seconds % 60, "second")]
    said = [f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in parts if number]
    return " ".join(said) or "0 minutes"


def _by_day(facts: Facts, called: str, day: date) -> str:
    held_at = _known(facts.first_held)
    return f"Held on {in_full(held_at)}; the {called} after the return was {on_day(day)}"


def _begun_small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
