"""What goes along, and what stays, when an episode moves from one referral's interview to another's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from episodes.models import Episode
from rhi.actions.interviews import of_referral
from rhi.models import Answer, Interview, InterviewEpisode, RecordsCheck
from rhi.questions import SECTIONS
from routing.models import Referral, Task
from staff.models import User

WORDS = {question.key: question.text for section in SECTIONS for question in section.questions}


def leave_behind(referral: Referral, episode: Episode) -> None:
    """Let a referral's interviews not be about an episode any more; all that was recorded of them stays."""
    InterviewEpisode.objects.filter(interview__referral=referral, episode=episode).delete()


def answered_twice(source: Referral, referral: Referral) -> list[str]:
    """The questions, in words, that the forms of both referrals answer, and not alike."""
    mine = {answer.question: answer.value for answer in Answer.objects.filter(interview__referral=referral)}
    theirs = Answer.objects.filter(interview__referral=source).order_by("pk")
    return [
        WORDS.get(answer.question, answer.question)
        for answer in theirs
        if answer.value and mine.get(answer.question) and mine[answer.question] != answer.value
    ]


def bring_along(source: Referral, referral: Referral, episode: Episode, *, by: User, now: datetime) -> None:
    """Let all that was done for a referral which has no episode left belong to the one that took its episode in.

    What the other has the like of (an offer to the same person, an attempt of the same minute) stays with the record it
    stands in, which goes on being about the episode, so that its clocks know of it.
    """
    for left in source.interviews.order_by("pk"):
        _bring(left, of_referral(referral))
        if not left.offers.exists() and not left.attempts.exists():
            left.about.filter(episode=episode).delete()
    _bring_tasks(source, referral, by=by, now=now)
    RecordsCheck.objects.filter(referral=source).update(referral=referral)


def _bring(left: Interview, interview: Interview) -> None:
    tried = set(interview.attempts.values_list("attempted_at", "method", "contacted"))
    attempts = [
        each.pk for each in left.attempts.all() if (each.attempted_at, each.method, each.contacted) not in tried
    ]
    answered = interview.answers.exclude(value={}).values("question")
    interview.answers.filter(value={}, question__in=left.answers.values("question")).delete()
    moving: list[QuerySet[Any]] = [
        left.attempts.filter(pk__in=attempts),
        left.offers.exclude(to__in=interview.offers.values("to")),
        left.appointments.all(),
        left.answers.exclude(question__in=answered),
        left.attachments.exclude(digest__in=interview.attachments.values("digest")),
    ]
    for rows in moving:
        rows.model.objects.filter(pk__in=[row.pk for row in rows.only("pk")]).update(interview=interview)


def _bring_tasks(source: Referral, referral: Referral, *, by: User, now: datetime) -> None:
    """Let what is still to be done be done for the other referral; telling another authority once is enough."""
    waiting = Task.objects.filter(referral=source, done_at__isnull=True, set_aside_at__isnull=True)
    told = Task.objects.filter(referral=referral, kind=Task.Kind.TELL_AUTHORITY).values("episode")
    waiting.filter(kind=Task.Kind.TELL_AUTHORITY, episode__in=told).update(
        set_aside_at=now, not_done_because=f"Its episode was taken into {referral}.", settled_by=by
    )
    waiting.update(referral=referral)
