"""What the figures count, and the performance that the authority expects of itself."""

from __future__ import annotations

from typing import Literal

from procedures.spans import Hours
from procedures.types.frozen import Frozen, Limit
from procedures.types.vocabulary import Kind


class Standards(Frozen):
    """The performance that the authority expects of itself, in percent."""

    offered_in_time: int | None = None
    offered_face_to_face: int | None = None
    held_in_time: int | None = None
    refused_at_most: int | None = None


class Basis(Frozen):
    """How "within 72 hours" is measured in the authority's answers (Nottinghamshire, question 6c)."""

    start: Literal["returned", "notified"] = "returned"
    limit: Limit = Hours(72)


class Counting(Frozen):
    """What the figures count."""

    kinds: frozenset[Kind] = frozenset({Kind.MISSING})
    month_of: Literal["last_seen", "reported", "returned"] = "last_seen"
    include_other_authorities: bool = True
    basis: Basis = Basis()
    standards: Standards = Standards()
