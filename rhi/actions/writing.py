"""An opened page of the form: how it showed an answer, and which of its savings something came with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from rhi.models import Answer

NOTHING: dict[str, Any] = {}


class Seen(NamedTuple):
    """An answer as a page showed it: its revision (0: none), a digest of it, and whether two versions were shown."""

    revision: int
    digest: str
    both: bool = False


def seen(answer: Answer | None, *, both: bool = False) -> Seen:
    """How a page shows this answer."""
    return Seen(answer.revision, digest(answer.value), both) if answer else Seen(0, digest(NOTHING), both)


def digest(value: Mapping[str, Any]) -> str:
    """Tells whether two answers are the same, without carrying what they say."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


class Writing(NamedTuple):
    """An opened page of the form, and how often it has been saved from: what comes with a lower turn is old."""

    page: str = ""
    turn: int = 0

    def holds(self, answer: Answer) -> bool:
        """Whether the answer as it stands came from this page."""
        return bool(self.page) and answer.page == self.page


BY_HAND = Writing()
"""Of no page that saves while somebody types."""
