"""What of the timeline is about sharing: what was passed on, who was asked for a plan, and what was filed elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rhi.models import Email, Filed, Share
from rhi.views.case import Case


@dataclass(frozen=True)
class Shared:
    """One event, in the parts of the timeline's own."""

    at: datetime
    title: str
    facts: tuple[str, ...]
    words: str
    by: str


def of_sharing(case: Case) -> Iterator[Shared]:
    """Every such event of a case."""
    for share in case.shares:
        yield _of_share(share)
    for email in case.plan_emails:
        if email.state == Email.State.SENT and email.sent_at:
            title = f"{email.to.name} asked by email for the prevention plan"
            yield Shared(email.sent_at, title, ("The interview’s day and a link; nothing else",), "", "")
    for interview in case.interviews:
        for filed in interview.filed.all():
            yield Shared(filed.at, "Filed", (Filed.What(filed.what).label,), "", filed.by.name)


def _of_share(share: Share) -> Shared:
    facts = (
        share.get_what_display(),
        f"To {share.name}",
        share.get_how_display(),
        f"Basis: {share.get_basis_display()}",
        *((f"The child had not agreed; approved by {share.approved_by.name}",) if share.approved_by else ()),
    )
    words = "\n".join(filter(None, [share.said, share.because]))
    return Shared(share.shared_at, f"Shared with: {share.get_to_display()}", facts, words, share.by.name)
