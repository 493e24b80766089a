"""Papers filed with an interview: a photographed form, typed notes. Filed, and taken out with a reason."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from rhi import papers
from rhi.actions.interviews import locked, of_referral
from rhi.actions.slips import mendable
from rhi.models import Attachment, InterviewEpisode
from rhi.wording import moment
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User


class PaperRefused(Refused):
    """A paper cannot be filed or taken out like this. `field` names the value at fault, where it is one."""

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field


def of_the_referral(referral: Referral) -> QuerySet[Attachment]:
    """The papers filed with the interviews about a referral, those taken out too, without their bytes."""
    about = InterviewEpisode.objects.filter(episode__cover__referral=referral)
    rows = Attachment.objects.filter(Q(interview__referral=referral) | Q(interview__in=about.values("interview")))
    return rows.select_related("by", "taken_out_by", "interview").defer("content").order_by("at", "pk")


@transaction.atomic
def file_paper(referral: Referral, *, name: str, content: bytes, by: User, now: datetime) -> Attachment:
    """File a paper with the interview of a referral, before its form is written up or after.

    Its kind is told by its bytes; a picture is kept without what the camera wrote into it. Raises PaperRefused when it
    is too large, none of what may be filed, or there already.
    """
    if len(content) > papers.LIMIT:
        raise PaperRefused(f"The file is larger than {papers.LIMIT_IN_WORDS}. Take a smaller picture of it.", "file")
    paper = papers.examined(content)
    if paper is None:
        raise PaperRefused(
            "This is not a whole PDF, JPEG or PNG picture, Word document (.docx) or plain text, so it is not filed. "
            "Take a photo of the paper, or save it as a PDF.",
            "file",
        )
    referral = locked(referral)
    digest = hashlib.sha256(paper.content).hexdigest()
    same = of_the_referral(referral).filter(digest=digest, taken_out_at__isnull=True).first()
    if same:
        who = "You" if same.by == by else same.by
        raise PaperRefused(f"{who} filed this already, {moment(same.at, now=now)}, as “{same.name}”.", "file")
    filed = Attachment.objects.create(
        child_id=referral.child_id,
        interview=of_referral(referral),
        name=name,
        kind=paper.kind,
        content=paper.content,
        size=len(paper.content),
        digest=digest,
        by=by,
        at=now,
    )
    _on_trail(audit.Type.PAPER_FILED, filed, referral, by=by, now=now)
    return filed


def why_not_take_out(paper: Attachment, *, by: User) -> str:
    """Why a person may not take a paper out, and who may; empty when they may."""
    if paper.by_id in mendable({paper.by_id}, by=by):
        return ""
    return f"{paper.by} filed this. They can take it out, or a leader of their team, or a missing coordinator."


@transaction.atomic
def take_out(referral: Referral, paper: Attachment, *, because: str, by: User, now: datetime) -> Attachment:
    """Take a paper out, and its bytes with it; that it was there, and why it went, stays. Raises PaperRefused."""
    referral = locked(referral)
    paper = Attachment.objects.select_related("by", "taken_out_by").defer("content").get(pk=paper.pk)
    if paper.taken_out_at:
        raise PaperRefused(f"{paper.taken_out_by} took this out, {moment(paper.taken_out_at, now=now)}.")
    if refusal := why_not_take_out(paper, by=by):
        raise PaperRefused(refusal)
    if paper.interview.signed_off_at:
        raise PaperRefused("The interview is signed off, so nothing is taken out of it any more.")
    paper.taken_out_at, paper.taken_out_by, paper.taken_out_because, paper.content = now, by, because, b""
    paper.save(update_fields=["taken_out_at", "taken_out_by", "taken_out_because", "content"])
    _on_trail(audit.Type.PAPER_TAKEN_OUT, paper, referral, by=by, now=now)
    return paper


def _on_trail(
    type: audit.Type,  # noqa: A002 the trail's own word
    paper: Attachment,
    referral: Referral,
    *,
    by: User,
    now: datetime,
) -> None:
    detail = {"referral": referral.pk, "kind": paper.kind, "size": paper.size}
    audit.record(type, subject=paper, by=by, at=now, children=[referral.child.child_id], detail=detail)
