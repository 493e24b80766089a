"""The interview's form, declared once: which sections and questions there are, and which are still needed. Pure.

The list of fields it answers to is docs/form-fields.csv (120 fields in 17 sections, A to Q).
"""

from __future__ import annotations

from typing import NamedTuple

from rhi.questions import account, after, before, harm
from rhi.questions.shapes import Answers, Question, Section, Situation

SECTIONS: tuple[Section, ...] = (
    before.EPISODE,
    before.CHILD,
    before.NEED,
    before.ATTEMPTS,
    before.OFFER,
    before.SET_UP,
    account.WHY,
    account.WHILE,
    harm.HARM,
    harm.EXPLOITATION,
    account.BACK,
    account.HELP,
    after.PARENT,
    after.ANALYSIS,
    after.ACTIONS,
    after.SHARING,
    after.COMPLETION,
)


class Missing(NamedTuple):
    """A required question that has no complete answer yet, or any with an answer that cannot be right."""

    section: Section
    question: Question


def section_named(slug: str) -> Section | None:
    """The section of this address; None when there is none."""
    return next((section for section in SECTIONS if section.slug == slug), None)


def sections_for(situation: Situation) -> list[Section]:
    """The sections that apply: without an interview those about it are left out (Somerset 4.7, 4.8)."""
    return [section for section in SECTIONS if situation.holds(section.asked)]


def missing(situation: Situation, answers: Answers, *, only: Section | None = None) -> list[Missing]:
    """What must still be answered before the form can be written up, in the form's order; of one section, if given."""

    def lacks(question: Question) -> bool:
        value = answers.get(question.key, {})
        required = question.is_required(situation, answers)
        return question.is_unclear(value) or (required and not question.is_complete(value))

    return [
        Missing(section, question)
        for section in ([only] if only else sections_for(situation))
        for question in section.asked_in(situation)
        if lacks(question)
    ]
