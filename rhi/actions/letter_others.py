"""Whoever is marked as not safe on the records of other children, and may be who is written to, or live there.

Of them nothing is shown: whoever reads why a letter waits may not see the other child.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Q, Value
from django.db.models.functions import Lower, Replace, Upper

from episodes.models import Carer, Child
from rhi import letters as writing
from rhi.addressees import known_as

#: The lines of an address above its postcode.
LINES = ("address_1", "address_2", "address_3", "address_4")
SAME_NAME = (
    "Somebody of this name is marked as not safe to contact on another record. Confirm that this is somebody else."
)
SAME_HOUSE = (
    "Somebody who is marked as not safe to contact on another record may live where this letter goes. Confirm that this"
    " is another house, or that they no longer live there."
)


def unsafe_elsewhere(
    children: Mapping[int, Child], carers: Mapping[int, Sequence[Carer]]
) -> dict[int, tuple[Carer, ...]]:
    """By child (primary key): other children's carers who are marked as not safe and may matter here. One query.

    They or their child share a postcode with somebody of this family; or they share a name, or the beginning of an
    address, and have no postcode that tells them apart. Each comes with the child.
    """
    if not children:
        return {}
    families = {key: _marks([child, *carers.get(key, ())]) for key, child in children.items()}
    codes = {code for marks in families.values() for code in marks.codes}
    names = {each.name.lower() for of_child in carers.values() for each in of_child}
    rows = Carer.objects.filter(safe_to_contact=False).select_related("child").order_by("pk")
    rows = rows.alias(code=_code("postcode"), home=_code("child__postcode"), called=Lower("name"))
    found = [
        (each, _marks([each, each.child]))
        for each in rows.filter(Q(code__in=[*codes, ""]) | Q(home__in=codes) | Q(called__in=names))
    ]
    return {
        key: tuple(
            each
            for each, marks in found
            if each.child_id != key
            and (
                marks.codes & own.codes
                or marks.names & own.names
                or (not each.postcode and _first_words([each]) & own.first_words)
            )
        )
        for key, own in families.items()
    }


class _Marks(NamedTuple):
    """What two families may have in common.

    Postcodes without spaces, carers by what they are known as, and the words with which addresses begin.
    """

    codes: set[str]
    names: set[tuple[str, ...]]
    first_words: set[str]


def _marks(people: Iterable[Child | Carer]) -> _Marks:
    every = list(people)
    codes = {each.postcode.replace(" ", "").upper() for each in every}
    names = {known_as(each.name) for each in every if isinstance(each, Carer)}
    return _Marks(codes - {""}, names, _first_words(every))


def _first_words(people: Iterable[Child | Carer]) -> set[str]:
    found = (re.search(r"\w+", " ".join(lines_of(each)).casefold()) for each in people)
    return {word[0] for word in found if word}


def _code(field: str) -> Upper:
    return Upper(Replace(field, Value(" "), Value("")))


def of_the_name(carer: Carer | None, child: Child, elsewhere: Iterable[Carer]) -> list[Carer]:
    """Of those elsewhere the ones that may be this very carer: of one name, and nothing tells them apart.

    Another postcode does, unless the two children live in one house.
    """
    own = known_as(carer.name) if carer else ()
    if carer is None or not own:
        return []
    return [
        each
        for each in elsewhere
        if known_as(each.name) == own
        and (_may_be_one(carer, each) or writing.same_house(address_of(child), address_of(each.child)))
    ]


def _may_be_one(carer: Carer, other: Carer) -> bool:
    codes = {writing.postcode(each.postcode) for each in (carer, other)}
    return None in codes or len(codes) == 1


def of_the_house(address: Sequence[str], child: Child, elsewhere: Iterable[Carer]) -> list[Carer]:
    """Of those elsewhere the ones that may live where a letter goes.

    A carer of a child who lives in one house with this child may live anywhere that is not another postcode; of all
    others only by their own address: the same in so many words, or the same number in the same postcode.
    """
    return [each for each in elsewhere if _may_live_there(address, child, each)]


def _may_live_there(address: Sequence[str], child: Child, other: Carer) -> bool:
    theirs = address_of(other)
    numbered = _numbered(address[:-1]) and _numbered(lines_of(other))
    if writing.same_house(address, theirs) or (numbered and writing.could_be_same(address, theirs)):
        return True
    together = writing.same_house(address_of(child), address_of(other.child))
    return together and writing.could_be_where(address, theirs)


def _numbered(lines: Sequence[str]) -> bool:
    return any(sign.isdigit() for line in lines for sign in line)


def address_of(record: Child | Carer) -> list[str]:
    """An address as it is recorded, the postcode last; any line may be empty."""
    return [*lines_of(record), record.postcode]


def lines_of(record: Child | Carer) -> list[str]:
    """The lines of an address above its postcode, as they are recorded."""
    return [getattr(record, name) for name in LINES]
