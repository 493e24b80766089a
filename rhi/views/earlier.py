"""What was said before: a child's earlier episodes and interviews, at hand while somebody writes. Never copied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from episodes.models import Episode
from rhi import wording
from rhi.actions.form_facts import Case
from rhi.models import SubmittedForm
from rhi.questions.shapes import Section
from routing.models import Referral
from staff.models import User
from staff.permissions import Permission, allowed


@dataclass(frozen=True)
class Absence:
    """An earlier episode: how long it lasted, in words, and how it ended for its interview."""

    episode: Episode
    length: str
    outcome: str


@dataclass(frozen=True)
class Before:
    """An earlier interview as it was written up: whose, of when, and what it said in the section at hand."""

    referral: int
    written_up_at: datetime
    by: str
    page: dict[str, Any] | None

    @property
    def answered(self) -> list[dict[str, Any]]:
        """The questions of the section that were answered then, as they were worded."""
        return [each for each in self.page["questions"] if each["said"] or each["rows"]] if self.page else []


@dataclass(frozen=True)
class Earlier:
    """What was before, the newest first."""

    absences: list[Absence]
    interviews: list[Before]


def earlier(case: Case, section: Section, *, user: User, now: datetime) -> Earlier:
    """What a person may see of what was before, for one section of the form; two queries, however much there is.

    Interviews of referrals that they may see, written up before this one. The episodes are the child's; whoever may
    open no child's page sees those of such referrals only.
    """
    theirs = Referral.objects.visible_to(user, now)
    episodes = Episode.objects.filter(child=case.referral.child_id, withdrawn_at__isnull=True).exclude(
        pk__in=[episode.pk for episode in case.episodes]
    )
    if case.episodes:
        episodes = episodes.filter(last_seen_at__lt=case.episodes[0].last_seen_at)
    if not allowed(user, Permission.FIND_CHILDREN):
        episodes = episodes.filter(cover__referral__in=theirs)
    forms = SubmittedForm.objects.filter(
        child=case.referral.child_id, interview__written_up_at__isnull=False, interview__referral__in=theirs
    ).exclude(interview__referral=case.referral)
    if case.interview and case.interview.written_up_at:
        forms = forms.filter(interview__written_up_at__lt=case.interview.written_up_at)
    return Earlier(
        [_absence(episode) for episode in episodes.select_related("outcome").order_by("-last_seen_at", "-pk")],
        [
            _before(form, section)
            for form in forms.select_related("interview", "by").order_by("-interview__written_up_at", "-pk")
        ],
    )


def _absence(episode: Episode) -> Absence:
    outcome = getattr(episode, "outcome", None)
    length = wording.span(episode.returned_at - episode.last_seen_at) if episode.returned_at else ""
    return Absence(episode, length, outcome.get_code_display() if outcome else "")


def _before(form: SubmittedForm, section: Section) -> Before:
    page = next((page for page in form.document["sections"] if page["letter"] == section.letter), None)
    return Before(form.interview.referral_id, form.at, form.by.name, page)
