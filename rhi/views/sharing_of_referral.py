"""What was shared of one interview, what is still owed and where it is filed, as the referral's page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from rhi.models import Email, Filed, Share
from rhi.views.case import Case
from routing.models import Task

#: The tasks that a share, or the answer of the police, ends.
OWED = frozenset({Task.Kind.SHARE, Task.Kind.SEND_FORM, Task.Kind.INTELLIGENCE})


@dataclass(frozen=True)
class SharingOf:
    """What the page says. `nobody_emailed`: the procedure asks for a plan, and no social worker is known here."""

    shares: list[Share]
    owed: list[Task]
    emails: list[Email]
    filed: list[Filed]
    nobody_emailed: bool


def sharing_of(case: Case) -> SharingOf:
    """Gather it, without a query."""
    follow_up = case.referral.version.procedure.follow_up
    emails = [email for email in case.plan_emails if email.state != Email.State.CANCELLED]
    return SharingOf(
        shares=case.shares,
        owed=[task for task in case.tasks if task.kind in OWED and not (task.done_at or task.set_aside_at)],
        emails=emails,
        filed=[filed for interview in case.interviews for filed in interview.filed.all()],
        nobody_emailed=follow_up.email_allocated_social_worker and case.held is not None and not emails,
    )
