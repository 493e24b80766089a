"""What becomes of an answer that two people wrote differently: the version that lost is kept until somebody decides.

The page of whoever saved second shows both at once (decision 31). When that page is closed, its words are still here,
and every page of the form that is opened later shows both and asks (decision 40).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from rhi.actions.writing import Writing, digest
from rhi.models import Interview, OtherVersion
from rhi.questions import sections_for
from rhi.questions.shapes import Question, Section, Situation
from staff.models import User


class Choice(NamedTuple):
    """Somebody's word which of two versions stands: of the version with this key, as the page showed it."""

    version: int
    digest: str
    other_stands: bool


class Open(NamedTuple):
    """A question of which two versions wait for somebody's word."""

    section: Section
    question: Question
    version: OtherVersion


def waiting(interview: Interview | None) -> list[OtherVersion]:
    """The versions of which nobody has said whether they stand, the first kept first; one query."""
    if interview is None:
        return []
    return list(OtherVersion.objects.filter(interview=interview).select_related("by").order_by("pk"))


def open_in(situation: Situation, versions: Iterable[OtherVersion]) -> list[Open]:
    """Where somebody still has to decide, in the form's order; of questions that are asked in this situation."""
    found: dict[str, list[OtherVersion]] = {}
    for version in versions:
        found.setdefault(version.question, []).append(version)
    return [
        Open(section, question, version)
        for section in sections_for(situation)
        for question in section.asked_in(situation)
        for version in found.get(question.key, ())
    ]


def chosen(interview: Interview, choices: Mapping[str, Choice]) -> dict[str, OtherVersion]:
    """The versions that were decided on, by question; none that is gone, or has been written on since it was shown."""
    known = OtherVersion.objects.filter(interview=interview, pk__in=[choice.version for choice in choices.values()])
    return {
        version.question: version
        for version in known
        if (choice := choices.get(version.question)) and digest(version.value) == choice.digest
    }


def keep(
    interview: Interview, losing: Mapping[str, Mapping[str, Any]], *, writing: Writing, by: User, now: datetime
) -> list[str]:
    """Keep what a page wrote and another answer stands for; answers the questions of which nothing was kept before.

    A page has one version of a question: what it sends later takes the place of what it sent before.
    """
    before = {
        each.question: each
        for each in OtherVersion.objects.filter(interview=interview, question__in=losing, by=by, page=writing.page)
    }
    for question, value in losing.items():
        version = before.get(question)
        if version is None:
            OtherVersion.objects.create(
                child_id=interview.child_id,
                interview=interview,
                question=question,
                value=dict(value),
                by=by,
                at=now,
                page=writing.page,
            )
        elif version.value != value:
            version.value, version.at = dict(value), now
            version.save(update_fields=["value", "at"])
    return sorted(losing.keys() - before.keys())


def let_go(interview: Interview, questions: Iterable[str], *, writing: Writing, by: User) -> list[str]:
    """Forget what a page had kept beside these questions, now that its writer has decided; answers which there were."""
    kept = OtherVersion.objects.filter(interview=interview, question__in=questions, by=by, page=writing.page)
    found = sorted(kept.values_list("question", flat=True))
    kept.delete()
    return found
