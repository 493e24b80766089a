"""Who gets a letter about a child, with the reason for each person. Pure.

The rules are Somerset's (4.6), with the ages that a procedure states: below the first the parent or carer only, from it
on both, from the second on and living independently the young person only. Never a carer who is not marked as safe to
contact, and nobody having said so counts as not safe; nor one who is on record twice and not as safe each time. The
family of a looked-after child, or of one for whom another authority is responsible, is a worker's choice; so is whoever
cared for a child in a placement that is over.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from procedures.types import Addressees


class Standing(StrEnum):
    """Whether somebody gets a letter: yes, only when a worker chooses so, or never."""

    GETS = "gets"
    ON_CHOICE = "on_choice"
    NEVER = "never"


@dataclass(frozen=True)
class CarerFact:
    """A parent or carer as the rules look at them; `key` is the record's. Safe is None where nobody has said."""

    key: int
    relationship: str
    safe_to_contact: bool | None
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.relationship})" if self.relationship else self.name


@dataclass(frozen=True)
class Family:
    """A child and who cares for them. The age is in years on the day of return.

    `theirs`: another authority is responsible for the child, who was placed here by it for all that is known.
    """

    age: int
    living_independently: bool
    looked_after: bool
    carers: tuple[CarerFact, ...] = ()
    theirs: bool = False

    @property
    def in_care(self) -> str:
        """Why the child counts as looked after, as the beginning of a sentence; empty when not."""
        return in_care(looked_after=self.looked_after, theirs=self.theirs)


@dataclass(frozen=True)
class Person:
    """Somebody whom a letter could go to: a carer by key, or (None) the child; with the reason as sentences."""

    carer: int | None
    standing: Standing
    because: str


#: How records call those who care for a child in a placement: the whole of it, so that no more is said than that.
IN_THE_PLACEMENT = re.compile(
    r"(?:(?:current|present|main|female|male) )?"
    r"(?:foster (?:carer|father|mother|parent)s?|kinship (?:foster )?carers?|connected person(?: carer)?|key ?worker"
    r"|residential (?:care |child ?care |key ?|support )?(?:carer|manager|staff|worker)"
    r"|placement (?:key ?worker|manager|staff|worker)|(?:care )?staff)"
)
WORDS = re.compile(r"\w+")
#: What stands before a name in one record and not in another.
TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "rev"})
#: Whoever is called by anything of this may have to do with a placement.
OF_A_PLACEMENT = re.compile(r"\b(foster|kinship carer|connected person|key ?worker|residential|placement|staff)", re.I)
#: Whoever is called by anything of this may no longer be what else they are called.
NO_LONGER = re.compile(
    r"\b(former|formerly|previous|previously|prior|past|ex|ended|ending|until|no longer|used to|leaver|left)\b", re.I
)


def who(family: Family, rules: Addressees) -> tuple[Person, ...]:
    """Everybody whom a letter could go to, the child first, then the carers in their order."""
    return (_child(family, rules), *(_carer(carer, family, rules) for carer in family.carers))


def in_care(*, looked_after: bool, theirs: bool) -> str:
    """Why a child counts as looked after, as the beginning of a sentence; empty when not."""
    if looked_after:
        return "The child is looked after"
    return "Another authority is responsible for the child" if theirs else ""


def known_as(name: str) -> tuple[str, ...]:
    """By what two records of one person are told: the words of a name, without titles, accents, signs and order."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    words = sorted(WORDS.findall(re.sub("['’]", "", plain.casefold())))
    return tuple(word for word in words if word not in TITLES) or tuple(words)


def cares_in_the_placement(relationship: str) -> bool:
    """Whether somebody of this relationship plainly cares for the child in a placement; False where more is said."""
    return bool(IN_THE_PLACEMENT.fullmatch(" ".join(WORDS.findall(relationship.casefold()))))


def has_to_do_with_a_placement(relationship: str) -> bool:
    """Whether somebody of this relationship may care, or may have cared, for the child in a placement."""
    return bool(OF_A_PLACEMENT.search(relationship))


def _alone(family: Family, rules: Addressees) -> bool:
    return family.living_independently and family.age >= rules.only_child_when_independent_from


def _rule(family: Family, rules: Addressees) -> str:
    """The sentence that decides for this family."""
    if _alone(family, rules):
        return f"Aged {family.age} and living independently: only the young person gets a letter."
    if family.age < rules.child_from:
        return f"Aged {family.age}: under {rules.child_from}, only a parent or carer gets a letter."
    return f"Aged {family.age}: from {rules.child_from} on, the child and a parent or carer each get a letter."


def _child(family: Family, rules: Addressees) -> Person:
    gets = family.age >= rules.child_from or _alone(family, rules)
    return Person(None, Standing.GETS if gets else Standing.NEVER, _rule(family, rules))


def _carer(carer: CarerFact, family: Family, rules: Addressees) -> Person:
    if carer.safe_to_contact is None:
        return Person(carer.key, Standing.NEVER, "Nobody has recorded that it is safe to contact them.")
    if not carer.safe_to_contact:
        return Person(carer.key, Standing.NEVER, "Marked as not safe to contact.")
    if why := _recorded_twice(carer, family):
        return Person(carer.key, Standing.NEVER, why)
    if _alone(family, rules):
        return Person(carer.key, Standing.NEVER, _rule(family, rules))
    if why := _perhaps_recorded_twice(carer, family):
        return Person(carer.key, Standing.ON_CHOICE, why)
    if NO_LONGER.search(carer.relationship):
        why = "Recorded as a former carer: they get a letter only when a worker chooses so."
        return Person(carer.key, Standing.ON_CHOICE, why)
    if not family.in_care and has_to_do_with_a_placement(carer.relationship):
        why = "The child is not looked after: who cared for them in a placement gets one only when a worker chooses so."
        return Person(carer.key, Standing.ON_CHOICE, why)
    if family.in_care and not cares_in_the_placement(carer.relationship):
        why = f"{family.in_care}: their family gets a letter only when a worker chooses so."
        return Person(carer.key, Standing.ON_CHOICE, why)
    return Person(carer.key, Standing.GETS, f"{_rule(family, rules)} Marked as safe to contact.")


def _recorded_twice(carer: CarerFact, family: Family) -> str:
    """That somebody of the very name is on record who is not marked as safe: whoever typed it meant one person."""
    own = known_as(carer.name)
    twins = [each for each in family.carers if each.key != carer.key and own and known_as(each.name) == own]
    if unsafe := next((each for each in twins if each.safe_to_contact is False), None):
        return f"Also on record as {unsafe}, marked as not safe to contact."
    if unknown := next((each for each in twins if each.safe_to_contact is None), None):
        return f"Also on record as {unknown}, of whom nobody has recorded that it is safe to contact them."
    return ""


def _perhaps_recorded_twice(carer: CarerFact, family: Family) -> str:
    """That somebody is marked as not safe whose name says more than this one, or less, and nothing else."""
    own = set(known_as(carer.name))
    for each in family.carers:
        other = set(known_as(each.name))
        if each.safe_to_contact is False and own and other and (own < other or other < own):
            return f"Perhaps {each}, marked as not safe to contact: they get a letter only when a worker chooses so."
    return ""
