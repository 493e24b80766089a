"""Saving answers of a form in which two people may be writing: neither overwrites the other unawares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from rhi.actions import versions
from rhi.actions.interviews import locked, of_referral
from rhi.actions.versions import Choice
from rhi.actions.writing import BY_HAND, NOTHING, Seen, Writing, digest
from rhi.models import Answer, Interview, OpenPage
from rhi.wording import moment
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User

NO_VALUES: Mapping[str, Mapping[str, Any]] = {}
NO_CHOICES: Mapping[str, Choice] = {}


class FormRefused(Refused):
    """The form cannot be changed any more."""


@dataclass
class Saved:
    """What came of saving: the questions stored, and those that somebody else changed meanwhile, as they now stand.

    `decided` are the questions of which a kept version was decided on, with whether that version stands.
    """

    stored: dict[str, Answer] = field(default_factory=dict)
    differing: dict[str, Answer] = field(default_factory=dict)
    decided: dict[str, bool] = field(default_factory=dict)


@transaction.atomic
def save_answers(
    referral: Referral,
    *,
    section: str,
    values: Mapping[str, Mapping[str, Any]],
    shown: Mapping[str, Seen],
    theirs: frozenset[str] = frozenset(),
    undecided: Mapping[str, Mapping[str, Any]] = NO_VALUES,
    choices: Mapping[str, Choice] = NO_CHOICES,
    writing: Writing = BY_HAND,
    by: User,
    now: datetime,
) -> Saved:
    """Store the answers that this person changed since the page was shown to them; an empty one clears the answer.

    `shown` says how the page showed each question. What they did not touch stays as others left it. What both changed
    is not stored but answered in `differing`, unless both versions were shown and this one was chosen; `theirs` are
    the questions where the other one was. `writing` is the page: what it stored itself it may change, whatever it knows
    of that, but for what arrives late. What is not stored is kept beside the answer until somebody decides, with what
    is still `undecided`; `choices` are such decisions. The trail has a line for the first time that a page stores a
    question, and none for every few seconds of typing. Raises FormRefused when the form has been written up.
    """
    referral = locked(referral)
    interview = of_referral(referral)
    refuse_when_written_up(interview, now=now)
    if _late(interview, writing):
        return Saved()
    known = {answer.question: answer for answer in Answer.objects.filter(interview=interview).select_related("by")}
    saved, first = Saved(), []
    decided = versions.chosen(interview, choices)
    values = dict(values) | {key: each.value for key, each in decided.items() if choices[key].other_stands}
    losing = dict(undecided)
    for question, value in values.items():
        answer = known.get(question)
        at_first = shown.get(question, Seen(0, digest(NOTHING)))
        own = answer is not None and writing.holds(answer)
        touched = own or digest(value) != at_first.digest
        if question in theirs or not touched or value == (answer.value if answer else NOTHING):
            continue
        if answer and not own and answer.revision != at_first.revision:
            saved.differing[question] = answer
            if question not in decided:  # whose words are somebody else's, and kept under their name
                losing[question] = value
            continue
        saved.stored[question] = _store(interview, question, value, answer, writing=writing, by=by, now=now)
        if not own:
            first.append(question)
    saved.decided = {key: choices[key].other_stands for key in decided.keys() - saved.differing.keys()}
    for question in saved.decided:
        decided[question].delete()
    fresh = versions.keep(interview, losing, writing=writing, by=by, now=now)
    settled = (values.keys() | theirs) - losing.keys()
    let_go = versions.let_go(interview, settled, writing=writing, by=by)
    stands = {key: "kept" if other else "standing" for key, other in saved.decided.items()}
    stands |= {key: "kept" if key in saved.stored else "standing" for key in let_go}
    more = {name: what for name, what in (("kept_beside", fresh), ("decided", stands)) if what}
    if first or more:
        audit.record(
            audit.Type.FORM_SAVED,
            subject=interview,
            by=by,
            at=now,
            children=[referral.child.child_id],
            detail={"referral": referral.pk, "section": section, "questions": first, **more},
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


def _late(interview: Interview, writing: Writing) -> bool:
    """Whether something newer of this page has arrived; if not, this is the newest.

    The page is asked and not each answer: whoever deletes what was never stored leaves no answer that could tell.
    """
    if not writing.page:
        return False
    at = OpenPage.objects.filter(interview=interview, page=writing.page)
    if at.filter(turn__gt=writing.turn).exists():
        return True
    if not at.update(turn=writing.turn):
        OpenPage.objects.create(child_id=interview.child_id, interview=interview, page=writing.page, turn=writing.turn)
    return False


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
    new = {"value": dict(value), "by": by, "at": now, "page": writing.page}
    if answer is None:
        return Answer.objects.create(child_id=interview.child_id, interview=interview, question=question, **new)
    for name, each in new.items():
        setattr(answer, name, each)
    answer.revision += 1
    answer.save(update_fields=[*new, "revision"])
    return answer
