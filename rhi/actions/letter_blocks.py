"""What keeps a letter from going out, in words: it could reach the wrong hands, nobody, or say what is no longer so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from episodes.models import Carer, Child
from procedures.calendar import local_date, start_of_day
from rhi import addressees
from rhi import letters as writing
from rhi.actions.letter_facts import Around, CameBack
from rhi.actions.letter_others import LINES, SAME_HOUSE, SAME_NAME, address_of, lines_of, of_the_house, of_the_name
from rhi.addressees import Standing, known_as
from rhi.codes import DONE, OutcomeCode, Response
from rhi.models import Letter, LetterKind, Outcome
from rhi.wording import day, moment
from routing.gathering import age_on
from routing.models import Destination

State = Letter.State
#: Of a letter that somebody wrote before the rules said that of whom it is to.
SINCE_WRITTEN = "That was not so when this letter was written. To choose so, cancel it and write it once more."
#: Where a referral is not ours to write about.
ELSEWHERE = {
    Destination.AUTHORITY: "This interview is another authority’s to hold.",
    Destination.SOCIAL_CARE: "This referral is with children’s social care, which decides.",
}
#: What stands above the postcode of an address when nobody knows it.
NOT_KNOWN = re.compile(r"((address )?(unknown|not known|none|n/?a)\.?)?", re.IGNORECASE)
#: From this age on nobody else is written to about somebody, whatever their age when they returned.
OF_AGE = 18
#: What an address asks for from which a letter came back.
TO_DO = "Correct the address, or confirm that it is right."
#: Outcomes beside which a letter of this kind still says what is so.
FITTING = {LetterKind.NO_CONTACT: {OutcomeCode.NO_CONTACT}, LetterKind.CHASE: set[OutcomeCode]()}
#: Reasons of outcomes that end the letter after a refusal, besides a held interview: of any other episode the refusal
#: stands whatever its outcome (Somerset 4.8).
ENDS_REFUSAL = frozenset({"died", "other_authority", "unsafe", "asked_to_delay"})


def in_the_way(letter: Letter, facts: Around, *, now: datetime) -> list[str]:
    """Why this letter may not go out as things stand, each a sentence; empty when it may."""
    looks: tuple[Callable[[Letter, Around, datetime], Iterator[str]], ...] = (
        _of_the_person,
        _of_the_envelope,
        _of_the_placement,
        _of_the_child,
        _of_what_happened,
    )
    return [why for look in looks for why in look(letter, facts, now)]


def addressed(letter: Letter, facts: Around) -> Child | Carer | None:
    """The record of whom the letter is to; None when that carer is no longer on record."""
    return facts.child if letter.to == Letter.To.CHILD else facts.carer(letter.carer_id)


def content_of(letter: Letter, facts: Around, *, now: datetime) -> writing.Content:
    """What the letter says by the records as they are gathered. Raises writing.CannotWrite."""
    letter.child, letter.carer = facts.child, facts.carer(letter.carer_id)
    letter.referral = facts.gathered.referral
    letter.referral.version = facts.gathered.version
    return writing.content(letter, now=now)


def _of_the_person(letter: Letter, facts: Around, now: datetime) -> Iterator[str]:  # noqa: ARG001 as the others
    person = facts.person(letter.carer_id)
    if person is None:
        yield "This carer is no longer on record."
    elif person.standing is Standing.NEVER:
        yield person.because
    elif person.standing is Standing.ON_CHOICE and letter.proposed_by_id is None:
        yield f"{person.because} To choose so, cancel this letter and write one yourself."
    elif person.standing is Standing.ON_CHOICE and letter.although != person.because:
        yield f"{person.because} {SINCE_WRITTEN}"


def _of_the_envelope(letter: Letter, facts: Around, now: datetime) -> Iterator[str]:
    """Name and address cannot be written, are no longer what was approved, or a letter has come back from there."""
    record = addressed(letter, facts)
    if record is None:
        return
    if all(NOT_KNOWN.fullmatch(line.strip()) for line in lines_of(record)):
        yield "There is no address on the record. Add it first."
        return
    try:
        written = content_of(letter, facts, now=now)
    except writing.CannotWrite as reason:
        yield str(reason)
        return
    for carer in others_unsafe(letter, facts):
        if writing.same_house(written.address, address_of(carer)):
            yield f"{named(carer)} is marked as not safe to contact and has the same address."
    if letter.approved_at and letter.addressee != written.addressee:
        yield "The name on record has changed since this letter was approved."
    if letter.approved_at and letter.address != list(written.address):
        yield "The address on record has changed since this letter was approved."
    yield from doubts_of(letter, written.address, facts).in_words(today=local_date(now))


@dataclass(frozen=True)
class Doubts:
    """Why somebody has to say first that an address is right; empty when nobody has to, or somebody has.

    `returned` came back from this house, `perhaps` from one that may be it in other words. `unsafe` are carers who are
    not safe to contact and may live there. Of other children's such carers, who are not shown, `namesakes` may be the
    very person who is written to, and `neighbours` may live there. `mark` names the address and whatever stands beside
    it, confirmed or not: with a change of either the question is another one.
    """

    returned: list[CameBack]
    perhaps: list[CameBack]
    unsafe: list[Carer]
    namesakes: list[Carer]
    neighbours: list[Carer]
    mark: str

    def __bool__(self) -> bool:
        """Whether somebody has to."""
        return bool(self.returned or self.beside)

    @property
    def beside(self) -> bool:
        """Whether there is anything that is confirmed of one letter only."""
        return bool(self.perhaps or self.unsafe or self.namesakes or self.neighbours)

    def in_words(self, *, today: date) -> Iterator[str]:
        """Each as a sentence or two."""
        for carer in self.unsafe:
            yield f"{named(carer)} is marked as not safe to contact, and {_lives(carer)}"
        if self.namesakes:
            yield SAME_NAME
        if self.neighbours:
            yield SAME_HOUSE
        if self.returned:
            came_back = day(local_date(self.returned[0].at), today=today)
            yield f"A letter to this address came back on {came_back}. {TO_DO}"
        elif self.perhaps:
            came_back = day(local_date(self.perhaps[0].at), today=today)
            yield f"A letter came back on {came_back} from what may be this address in other words. {TO_DO}"


def _lives(carer: Carer) -> str:
    where = ", ".join(filter(None, address_of(carer)))
    if not where:
        return "nobody has recorded where they live. Confirm that it is not where this letter goes."
    return f"may live where this letter goes: {where}. Confirm that this is another house."


def doubts_of(letter: Letter, address: Sequence[str], facts: Around) -> Doubts:
    """What speaks against the address of a letter until somebody has confirmed it on this letter, or for good."""
    returned = [each for each in facts.came_back if writing.same_house(address, each.address)]
    perhaps = [
        each for each in facts.came_back if each not in returned and writing.could_be_same(address, each.address)
    ]
    unsafe = [
        carer
        for carer in others_unsafe(letter, facts)
        if writing.could_be_where(address, address_of(carer)) and not writing.same_house(address, address_of(carer))
    ]
    known = {(known_as(carer.name), *address_of(carer)) for carer in facts.unsafe}
    elsewhere = [each for each in facts.unsafe_elsewhere if (known_as(each.name), *address_of(each)) not in known]
    namesakes = of_the_name(facts.carer(letter.carer_id), facts.child, elsewhere)
    neighbours = [each for each in of_the_house(address, facts.child, elsewhere) if each not in namesakes]
    beside = [
        *(f"of the name {each.pk} {each.name} {address_of(each)}" for each in namesakes),
        *(f"of the house {each.pk} {address_of(each)}" for each in neighbours),
        *(f"carer {carer.pk} {address_of(carer)}" for carer in sorted(unsafe, key=lambda carer: carer.pk)),
        *(f"letter {each.letter}" for each in sorted(perhaps)),
    ]
    mark = sha256("\n".join([*address, *beside]).encode()).hexdigest()
    if letter.confirmed_beside == mark:
        perhaps, unsafe, namesakes, neighbours = [], [], [], []
    return Doubts(returned, perhaps, unsafe, namesakes, neighbours, mark)


def others_unsafe(letter: Letter, facts: Around) -> list[Carer]:
    """The carers who are marked as not safe to contact, but for whoever the letter is to."""
    return [carer for carer in facts.unsafe if carer.pk != letter.carer_id]


def named(carer: Carer) -> str:
    """A carer by name and relationship."""
    return f"{carer.name} ({carer.relationship})" if carer.relationship else carer.name


def _of_the_placement(letter: Letter, facts: Around, now: datetime) -> Iterator[str]:
    if facts.placement != letter.placement:
        yield "Where the child is placed, or by whom, has changed since this letter was proposed."
        return
    record = addressed(letter, facts)
    moves = record is facts.child or (
        isinstance(record, Carer) and addressees.has_to_do_with_a_placement(record.relationship)
    )
    typed = [record.typed[name] for name in (*LINES, "postcode") if name in record.typed] if record and moves else []
    if typed and facts.placements:
        recorded, began = datetime.fromisoformat(max(typed)), facts.placements[-1].start
        if recorded < start_of_day(began):
            today = local_date(now)
            yield (
                f"The placement began on {day(began, today=today)}, after the address was typed on"
                f" {day(local_date(recorded), today=today)}."
            )


def _of_the_child(letter: Letter, facts: Around, now: datetime) -> Iterator[str]:
    if facts.missing:
        yield f"The child is missing again since {moment(facts.missing.last_seen_at, now=now)}."
    of_age = age_on(facts.child.date_of_birth, local_date(now)) >= OF_AGE
    if of_age and letter.to == Letter.To.CARER:
        yield f"The child is {OF_AGE} by now: a parent or carer gets no letter any more."
    if letter.state == State.APPROVED and facts.child.restricted and letter.seconded_by_id is None:
        yield "The child is restricted, and nobody but who approved it has looked at this letter."


def _of_what_happened(letter: Letter, facts: Around, now: datetime) -> Iterator[str]:  # noqa: ARG001 as the others
    if not facts.gathered.episodes:
        yield "Every episode of this referral has been withdrawn."
    if facts.died:
        yield "The child has died."
    elif letter.kind != LetterKind.SIGNPOSTING:
        if (destination := facts.gathered.referral.destination) in ELSEWHERE:
            yield ELSEWHERE[Destination(destination)]
        if why := _overtaken(LetterKind(letter.kind), facts):
            yield why
        if any(_follows(other, letter) for other in facts.of_this_referral()):
            yield "A later letter of this kind has been proposed."


def _overtaken(kind: LetterKind, facts: Around) -> str:
    """What has happened since, so that a letter of this kind says what is no longer so; empty when nothing has."""
    if facts.held:
        return "The interview has been held."
    if other := sorted(each.get_code_display() for each in overtaking(kind, facts)):
        return f"An outcome has been recorded: {other[0]}."
    if kind is LetterKind.REFUSAL:
        accepted = any(offer.response == Response.ACCEPTED for offer in facts.offers)
        return "The interview has been accepted since." if accepted else ""
    over = facts.reached or (kind is LetterKind.CHASE and answered(facts))
    return "Somebody has been reached or has answered since." if over else ""


def overtaking(kind: LetterKind, facts: Around) -> list[Outcome]:
    """The outcomes of its episodes beside which a letter of this kind says what is no longer so."""
    if kind is LetterKind.REFUSAL:
        return [each for each in facts.settled if each.code in DONE or each.reason in ENDS_REFUSAL]
    return [each for each in facts.settled if each.code not in FITTING[kind]]


def answered(facts: Around) -> bool:
    """Whether anything came back to an offer: also that the child could not be asked."""
    return any(offer.response not in ("", Response.NO_RESPONSE) for offer in facts.offers)


def _follows(other: Letter, letter: Letter) -> bool:
    return (
        other.kind == LetterKind.CHASE
        and (other.to, other.carer_id) == (letter.to, letter.carer_id)
        and other.step > letter.step
        and other.state != State.CANCELLED
    )
