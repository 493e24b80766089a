"""Saving answers of a form in which two people may be writing: neither overwrites the other unawares."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from rhi.actions.interviews import locked, of_referral
from rhi.models import Answer, Interview
from rhi.wording import moment
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User

NOTHING: dict[str, Any] = {}


class FormRefused(Refused):
    """The form cannot be changed any more."""


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


@dataclass
class Saved:
    """What came of saving: the questions stored, and those that somebody else changed meanwhile, as they now stand."""

    stored: dict[str, Answer] = field(default_factory=dict)
    differing: dict[str, Answer] = field(default_factory=dict)


@transaction.atomic
def save_answers(
    referral: Referral,
    *,
    section: str,
    values: Mapping[str, Mapping[str, Any]],
    shown: Mapping[str, Seen],
    theirs: frozenset[str] = frozenset(),
    writing: Writing = BY_HAND,
    by: User,
    now: datetime,
) -> Saved:
    """Store the answers that this person changed since the page was shown to them; an empty one clears the answer.

    `shown` says how the page showed each question. What they did not touch stays as others left it. What both changed
    is not stored but answered in `differing`, unless both versions were shown and this one was chosen; `theirs` are
    the questions where the other one was. `writing` is the page: what it stored itself it may change, whatever it knows
    of that, but for what arrives late. The trail has a line for the first time that a page stores a question, and none
    for every few seconds of typing. Raises FormRefused when the form has been written up.
    """
    referral = locked(referral)
    interview = of_referral(referral)
    refuse_when_written_up(interview, now=now)
    known = {answer.question: answer for answer in Answer.objects.filter(interview=interview).select_related("by")}
    saved, first = Saved(), []
    for question, value in values.items():
        answer = known.get(question)
        at_first = shown.get(question, Seen(0, digest(NOTHING)))
        own = answer is not None and writing.holds(answer)
        touched = own or digest(value) != at_first.digest
        if question in theirs or not touched or value == (answer.value if answer else NOTHING):
            continue
        if answer and own and writing.turn < answer.turn:
            continue
        if answer and not own and answer.revision != at_first.revision:
            saved.differing[question] = answer
            continue
        saved.stored[question] = _store(interview, question, value, answer, writing=writing, by=by, now=now)
        if not own:
            first.append(question)
    if first:
        audit.record(
            audit.Type.FORM_SAVED,
            subject=interview,
            by=by,
            at=now,
            children=[referral.child.child_id],
            detail={"referral": referral.pk, "section": section, "questions": first},
        )
    return saved


def refuse_when_written_up(interview: Interview, *, now: datetime) -> None:
    """Raise FormRefused when the form is locked."""
    if interview.written_up_at:
        who = interview.written_up_by or "A record"
        raise FormRefused(
            f"{who} has written this interview up, {moment(interview.written_up_at, now=now)}. "
            "Its form cannot be changed any more, so what you typed here was not saved."
        )


def _store(
    interview: Interview,
    question: str,
    value: Mapping[str, Any],
    answer: Answer | None,
    *,
    writing: Writing,
    by: User,
    now: datetime,
) -> Answer:
    new = {"value": dict(value), "by": by, "at": now, "page": writing.page, "turn": writing.turn}
    if answer is None:
        return Answer.objects.create(child_id=interview.child_id, interview=interview, question=question, **new)
    for name, each in new.items():
        setattr(answer, name, each)
    answer.revision += 1
    answer.save(update_fields=[*new, "revision"])
    return answer
