"""Looking for people who can be named for a restricted child, by name, address or team."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from episodes import access
from staff.models import Membership, User

AT_MOST = 20


@dataclass(frozen=True)
class Found:
    """Who was found, and what to say of it; nothing where nobody was looked for."""

    people: Sequence[User] = ()
    words: str = ""

    @property
    def keys(self) -> list[int]:
        """The primary keys of those who were found."""
        return [person.pk for person in self.people]


def find(words: str, *, but: Collection[int], now: datetime) -> Found:
    """People of whom every word is in the name, the address or the name of a team; without those of these keys."""
    people = access.nameable(now).exclude(pk__in=but)
    for part in words.split():
        teams = Membership.objects.filter(team__name__icontains=part)
        people = people.filter(Q(name__icontains=part) | Q(email__icontains=part) | Q(pk__in=teams.values("user")))
    found = list(people[: AT_MOST + 1])
    if not found:
        return Found(words="Nobody else of this name or team does case work here.")
    if len(found) > AT_MOST:
        return Found(found[:AT_MOST], f"These are the first {AT_MOST}. Type more of the name to see others.")
    return Found(found, "1 person found." if len(found) == 1 else f"{len(found)} people found.")


def chosen(keys: Sequence[str], *, but: Collection[int], now: datetime) -> list[User]:
    """Those of these keys, as they were sent, who can be named; without those of the keys in `but`."""
    numbers = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) <= 18]
    return list(access.nameable(now).filter(pk__in=numbers).exclude(pk__in=but))
