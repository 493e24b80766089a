"""What letters rest on: the family, where the child is, what has been tried and answered, which letters there are.

Gathered in the same number of queries for one referral as for five hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from django.db.models import Q

from episodes.actions import fingerprint
from episodes.models import Carer, Child, Episode, Involvement, Service
from procedures.calendar import local_date
from procedures.types import Letters
from rhi import addressees, contact, deadlines
from rhi.actions.letter_others import unsafe_elsewhere
from rhi.addressees import CarerFact, Family, Person
from rhi.codes import OutcomeCode, Response
from rhi.deadlines import Gathered
from rhi.models import Appointment, Interview, Letter, Offer, Outcome
from routing.gathering import age_on

#: What makes a placement another one.
PLACEMENT = ("start", "placement_kind", "placement_area", "host_authority", "placement_provider")
#: Whoever gave one of these responses has been spoken to.
ANSWERED = frozenset({Response.ACCEPTED, Response.DECLINED_BY_CHILD, Response.DECLINED_BY_PARENT})
#: Outcomes that say that a child has died, whichever episode they are of.
DIED = Q(code=OutcomeCode.NOT_REQUIRED, reason="died", episode__withdrawn_at__isnull=True)
#: Of everybody's letters: an address from which one came back is wrong for whoever is written to there.
CAME_BACK = Q(returned_at__isnull=False, address_confirmed_at__isnull=True)


class CameBack(NamedTuple):
    """A letter that came back: its key, the lines to which it was addressed, and when."""

    letter: int
    address: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Around:
    """One referral with all that its letters rest on, at an instant.

    `placements` are the child's open looked-after involvements, `missing` an episode that has not ended, `letters` all
    of the child's, oldest first and without their PDFs. `came_back` are the letters, whoever's, from whose address one
    came back that nobody has confirmed since; the newest first. `died`: an outcome of any of the child's episodes says
    so. `unsafe_elsewhere` are carers of other children, of whom nothing is shown (rhi.actions.letter_others).
    """

    gathered: Gathered
    child: Child
    carers: tuple[Carer, ...]
    placements: tuple[Involvement, ...]
    missing: Episode | None
    booked: bool
    letters: tuple[Letter, ...]
    came_back: tuple[CameBack, ...]
    died: bool
    unsafe_elsewhere: tuple[Carer, ...]
    today: date

    @property
    def rules(self) -> Letters:
        """What the procedure that governs the referral says of letters."""
        return self.gathered.version.procedure.letters

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Everybody whom a letter could go to, and why or why not."""
        day = day_of_return(self.gathered.episodes) or self.today
        return people_of(self.child, self.carers, day=day, looked_after=bool(self.placements), rules=self.rules)

    def person(self, carer: int | None) -> Person | None:
        """One of them, by the carer's key or None for the child; None for a carer who is no longer on record."""
        return next((person for person in self.people if person.carer == carer), None)

    def carer(self, key: int | None) -> Carer | None:
        """A carer of the child, by key."""
        return next((carer for carer in self.carers if carer.pk == key), None)

    @property
    def in_care(self) -> str:
        """Why the child counts as looked after, as the beginning of a sentence; empty when not."""
        theirs = self.child.responsible_authority_id is not None
        return addressees.in_care(looked_after=bool(self.placements), theirs=theirs)

    @property
    def placement(self) -> str:
        """What tells whether the child still lives in the same placement of the same authority; empty when in none."""
        marks = [fingerprint(involvement, PLACEMENT) for involvement in self.placements]
        if self.child.responsible_authority_id:
            marks.append(f"of authority {self.child.responsible_authority_id}")
        return sha256(" ".join(marks).encode()).hexdigest()[:20] if marks else ""

    @property
    def placed(self) -> str:
        """Where the child is placed now, in words; empty when not looked after or when nobody has said."""
        said = [
            filter(None, (involvement.get_placement_kind_display(), involvement.placement_provider))
            for involvement in self.placements
        ]
        return "; ".join(filter(None, (", ".join(words) for words in said)))

    @property
    def unsafe(self) -> list[Carer]:
        """The carers who are marked as not safe to contact."""
        return [carer for carer in self.carers if carer.safe_to_contact is False]

    @property
    def attempts(self) -> list[contact.Attempt]:
        """Every attempt of every interview about the episodes."""
        return [attempt for record in self.gathered.interviews for attempt in record.attempts]

    @property
    def offers(self) -> list[Offer]:
        """Every offer likewise."""
        return [offer for record in self.gathered.interviews for offer in record.offers]

    @property
    def held(self) -> bool:
        """Whether an interview was held."""
        return any(record.interview.held_at for record in self.gathered.interviews)

    @property
    def reached(self) -> bool:
        """Whether child or carer has been spoken to, or an interview is booked."""
        answered = any(offer.response in ANSWERED for offer in self.offers)
        return answered or self.booked or any(attempt.reached for attempt in self.attempts)

    @property
    def settled(self) -> list[Outcome]:
        """The outcomes that its episodes have."""
        found = (self.gathered.outcomes.get(episode.pk) for episode in self.gathered.episodes)
        return [outcome for outcome in found if outcome]

    @property
    def outcomes(self) -> set[str]:
        """The same by code."""
        return {outcome.code for outcome in self.settled}

    @property
    def interview(self) -> Interview | None:
        """The interview that a letter is about: the referral's own last one, else the last about its episodes."""
        interviews = sorted((record.interview for record in self.gathered.interviews), key=lambda each: each.pk)
        own = [each for each in interviews if each.referral_id == self.gathered.referral.pk]
        return next(reversed(own or interviews), None)

    def of_this_referral(self) -> list[Letter]:
        """The letters of this referral, whatever has become of them."""
        return [letter for letter in self.letters if letter.referral_id == self.gathered.referral.pk]


def around(referrals: Iterable[int], *, now: datetime) -> dict[int, Around]:
    """What the letters of these referrals (primary keys) rest on, by referral."""
    rows = deadlines.gather(referrals)
    children = Child.objects.in_bulk({row.referral.child_id for row in rows})
    today = local_date(now)
    carers: dict[int, list[Carer]] = defaultdict(list)
    for carer in Carer.objects.filter(child__in=children).order_by("name", "pk"):
        carers[carer.child_id].append(carer)
    placements: dict[int, list[Involvement]] = defaultdict(list)
    for involvement in Involvement.objects.filter(
        Q(end__isnull=True) | Q(end__gte=today), child__in=children, service=Service.LOOKED_AFTER, start__lte=today
    ).order_by("start", "pk"):
        placements[involvement.child_id].append(involvement)
    missing = {
        episode.child_id: episode
        for episode in Episode.objects.filter(
            child__in=children, returned_at__isnull=True, ended_how="", withdrawn_at__isnull=True, history=False
        ).order_by("last_seen_at")
    }
    booked = set(
        Appointment.objects.filter(child__in=children, ended_at__isnull=True).values_list("interview_id", flat=True)
    )
    letters: dict[int, list[Letter]] = defaultdict(list)
    for letter in Letter.objects.filter(Q(child__in=children) | CAME_BACK).defer("pdf").order_by("proposed_at", "pk"):
        letters[letter.child_id].append(letter)
    died = set(Outcome.objects.filter(DIED, child__in=children).values_list("child_id", flat=True))
    elsewhere = unsafe_elsewhere(children, carers)
    returned = _came_back(letter for each in letters.values() for letter in each)
    return {
        row.referral.pk: Around(
            gathered=row,
            child=children[row.referral.child_id],
            carers=tuple(carers[row.referral.child_id]),
            placements=tuple(placements[row.referral.child_id]),
            missing=missing.get(row.referral.child_id),
            booked=any(record.interview.pk in booked for record in row.interviews),
            letters=tuple(letters[row.referral.child_id]),
            came_back=returned,
            died=row.referral.child_id in died,
            unsafe_elsewhere=elsewhere[row.referral.child_id],
            today=today,
        )
        for row in rows
    }


def _came_back(letters: Iterable[Letter]) -> tuple[CameBack, ...]:
    """Of these letters those that came back and whose address nobody has confirmed since, the newest first."""
    found = [
        CameBack(letter.pk, tuple(letter.address), letter.returned_at)
        for letter in letters
        if letter.returned_at and not letter.address_confirmed_at and letter.address
    ]
    return tuple(sorted(found, key=lambda each: each.at, reverse=True))


def day_of_return(episodes: Sequence[Episode]) -> date | None:
    """The local day whose age decides: of several episodes the first return; without one, when last seen."""
    returned = [episode.returned_at for episode in episodes if episode.returned_at]
    seen = [episode.last_seen_at for episode in episodes]
    return local_date(min(returned or seen)) if seen else None


def people_of(
    child: Child, carers: Iterable[Carer], *, day: date, looked_after: bool, rules: Letters
) -> tuple[Person, ...]:
    """Everybody whom a letter could go to, and why or why not; with the age on this day."""
    family = Family(
        age=age_on(child.date_of_birth, day),
        living_independently=bool(child.living_independently),
        looked_after=looked_after,
        carers=tuple(CarerFact(carer.pk, carer.relationship, carer.safe_to_contact, carer.name) for carer in carers),
        theirs=child.responsible_authority_id is not None,
    )
    return addressees.who(family, rules.addressees)


def tried_first(attempts: Iterable[contact.Attempt], offers: Iterable[Offer]) -> datetime | None:
    """When the child or somebody for the child was first tried, or offered the interview."""
    tried = [attempt.at for attempt in attempts]
    return min([*tried, *(offer.offered_at for offer in offers if offer.offered_at)], default=None)
