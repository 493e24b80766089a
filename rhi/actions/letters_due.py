"""Which letters a referral calls for by now, by its procedure, and why. Whom they go to is rhi.addressees' part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from procedures.calendar import Calendar, local_date
from procedures.clocks import Facts, Name, evaluate
from rhi import contact
from rhi.actions.letter_blocks import ELSEWHERE, answered, overtaking
from rhi.actions.letter_facts import Around, tried_first
from rhi.addressees import Person, Standing
from rhi.codes import OutcomeCode, Response
from rhi.models import Letter, LetterKind
from rhi.wording import day


@dataclass(frozen=True)
class Due:
    """A letter that should go out by now: its kind and step, and what has brought it about, as a sentence."""

    kind: LetterKind
    step: int
    because: str


def due(facts: Around, *, now: datetime) -> list[Due]:
    """The letters that are due by now, whether or not they have been proposed.

    None of a child who has died or is missing again, none for what was brought over as history, and none where the
    interview is another authority's or social care's to see to. What contact, a response or an outcome has overtaken
    is not due.
    """
    episodes = facts.gathered.episodes
    if facts.died or facts.missing or facts.held or all(episode.history for episode in episodes):
        return []
    if facts.gathered.referral.destination in ELSEWHERE:
        return []
    return [*_refusal(facts), *_no_contact(facts, now), *_chase(facts, now)]


def _refusal(facts: Around) -> Iterator[Due]:
    """After the child's own refusal (Somerset 4.8), which closes the referral as soon as its outcome is recorded.

    Whatever becomes of the other episodes, but for an interview after all, a death, and another authority's.
    """
    responses = {offer.response for offer in facts.offers}
    outcomes = [facts.gathered.outcomes.get(episode.pk) for episode in facts.gathered.episodes]
    declined = any(
        outcome and outcome.code == OutcomeCode.DECLINED and outcome.reason != "by_parent" for outcome in outcomes
    )
    refused = Response.DECLINED_BY_CHILD in responses or declined
    overtaken = Response.ACCEPTED in responses or overtaking(LetterKind.REFUSAL, facts)
    if facts.rules.refusal and refused and not overtaken:
        yield Due(LetterKind.REFUSAL, 1, "The child has declined the interview.")


def _no_contact(facts: Around, now: datetime) -> Iterator[Due]:
    """When nobody was reached (Somerset 4.5, 4.6): the needed attempts are made and the last day is over.

    Or at once when people have closed the referral by saying so: its days are not waited for, because nobody goes on.
    """
    version = facts.gathered.version
    rules = version.procedure.contact
    if not (facts.rules.no_contact and rules) or facts.outcomes - {OutcomeCode.NO_CONTACT} or facts.reached:
        return
    outcomes = [facts.gathered.outcomes.get(episode.pk) for episode in facts.gathered.episodes]
    if all(outcome and outcome.recorded_by_id for outcome in outcomes):
        yield Due(LetterKind.NO_CONTACT, 1, "It has been recorded that nobody was reached.")
        return
    may_try = contact.a_carer_may_be_tried(carer.safe_to_contact for carer in facts.carers)
    rest = contact.remaining(facts.attempts, rules, version.calendar, carer_may_be_tried=may_try)
    clocks = evaluate(_counted(facts.gathered.facts()), version.procedure, version.calendar)
    ends = [clock.due_at for clock in clocks if clock.name is Name.CONTACT and clock.due_at]
    if rest.nothing and ends and max(ends) < now:
        ended = day(local_date(max(ends)), today=facts.today)
        yield Due(
            LetterKind.NO_CONTACT,
            1,
            f"Nobody was reached in {rest.made} attempts, and the days for it ended on {ended}.",
        )


def _counted(facts: Facts) -> Facts:
    """The facts as the days for trying are counted: from the return where nobody recorded when the service was told.

    The clock itself is not measurable then (DESIGN.md 5); a letter that waited for it would never be proposed.
    """
    episodes = (replace(each, notified=each.notified or each.returned) for each in facts.episodes)
    absences = (replace(each, notified_at=each.notified_at or each.returned_at) for each in facts.absences)
    return replace(facts, episodes=tuple(episodes), absences=tuple(absences))


def _chase(facts: Around, now: datetime) -> Iterator[Due]:
    """The newest of the chase steps whose day has come; after an outage the earlier ones are not made up for."""
    first = tried_first(facts.attempts, facts.offers)
    if first is None or facts.outcomes or facts.reached or answered(facts):
        return
    calendar, today = facts.gathered.version.calendar, local_date(now)
    days = sorted(facts.rules.chase_after_working_days)
    come = [step for step, number in enumerate(days, 1) if _day(calendar, first, number) <= today]
    if come:
        since = day(local_date(first), today=facts.today)
        yield Due(
            LetterKind.CHASE,
            come[-1],
            f"First offered or tried on {since}; nobody has answered in {days[come[-1] - 1]} working days.",
        )


def _day(calendar: Calendar, first: datetime, number: int) -> date:
    return calendar.working_day_after(local_date(first), number)


def still_to_propose(wanted: Due, facts: Around) -> list[Person]:
    """Who is to get a letter and has none of this kind and step yet, cancelled ones counted.

    Nobody, once a later step stands. What was cancelled with a slip counts as never proposed.
    """
    same = [letter for letter in _of_its_own(facts) if letter.kind == wanted.kind]
    if any(letter.step > wanted.step for letter in same):
        return []
    have = {letter.carer_id for letter in same if letter.step == wanted.step}
    return [person for person in facts.people if person.standing is Standing.GETS and person.carer not in have]


def _of_its_own(facts: Around) -> list[Letter]:
    """The referral's letters but those that rested on a slip."""
    return [letter for letter in facts.of_this_referral() if not letter.rested_on_slip]


def without_addressee(facts: Around, *, now: datetime) -> list[Due]:
    """The letters that are due and that nobody gets: neither by the rules nor because a worker chose somebody."""
    if any(person.standing is Standing.GETS for person in facts.people):
        return []
    have = {(letter.kind, letter.step) for letter in _of_its_own(facts)}
    return [wanted for wanted in due(facts, now=now) if (wanted.kind, wanted.step) not in have]
