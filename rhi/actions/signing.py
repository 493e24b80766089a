"""Writing an interview up, which locks its form, and signing it off, which somebody else does."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rhi import deadlines
from rhi.actions.form_document import document
from rhi.actions.form_facts import case_of
from rhi.actions.interviews import locked, of_referral
from rhi.models import Interview, SubmittedForm
from rhi.questions import missing
from rhi.wording import moment
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User


class WriteUpRefused(Refused):
    """The form cannot be written up as it stands."""


class SignOffRefused(Refused):
    """The interview cannot be signed off, or not by this person."""


@transaction.atomic
def write_up(referral: Referral, *, by: User, now: datetime) -> Interview:
    """Lock the form: questions, options and answers are kept as they stand, with what the records say. Clocks follow.

    Raises WriteUpRefused when it has been written up, when an absence lacks its outcome, and when a required answer
    is missing.
    """
    referral = locked(referral)
    interview = of_referral(referral)
    if interview.written_up_at:
        who = interview.written_up_by or "A record"
        raise WriteUpRefused(f"{who} has written this interview up, {moment(interview.written_up_at, now=now)}.")
    case = case_of(referral)
    if case.without_outcome:
        raise WriteUpRefused("Record what became of every absence first.")
    if lacking := missing(case.situation, case.values):
        count = "1 answer is" if len(lacking) == 1 else f"{len(lacking)} answers are"
        raise WriteUpRefused(f"{count} still needed: {', '.join(each.question.text for each in lacking)}")
    SubmittedForm.objects.create(
        child_id=referral.child_id, interview=interview, document=document(case, now=now), by=by, at=now
    )
    interview.written_up_at, interview.written_up_by = now, by
    interview.typed |= {"written_up_at": now.isoformat()}
    interview.save(update_fields=["written_up_at", "written_up_by", "typed"])
    deadlines.refresh([referral.pk])
    _put_on_trail(audit.Type.WRITTEN_UP, interview, referral, by=by, now=now)
    return interview


@transaction.atomic
def sign_off(referral: Referral, *, comment: str = "", by: User, now: datetime) -> Interview:
    """Sign off what somebody else has written up.

    Raises SignOffRefused when it has not been written up, when it has been signed off, and for whoever wrote it.
    """
    referral = locked(referral)
    interview = referral.interviews.select_related("signed_off_by").order_by("-pk").first()
    if interview is None or not interview.written_up_at:
        raise SignOffRefused("This interview has not been written up yet.")
    if interview.signed_off_at:
        who = interview.signed_off_by or "A record"
        raise SignOffRefused(f"{who} has signed this interview off, {moment(interview.signed_off_at, now=now)}.")
    if interview.written_up_by_id == by.pk:
        raise SignOffRefused("You wrote this interview up, so somebody else signs it off.")
    interview.signed_off_at, interview.signed_off_by, interview.sign_off_comment = now, by, comment
    interview.save(update_fields=["signed_off_at", "signed_off_by", "sign_off_comment"])
    _put_on_trail(audit.Type.SIGNED_OFF, interview, referral, by=by, now=now)
    return interview


def _put_on_trail(line: audit.Type, interview: Interview, referral: Referral, *, by: User, now: datetime) -> None:
    audit.record(
        line,
        subject=interview,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk},
    )
