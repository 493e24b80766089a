"""Writing an interview up, which locks its form, and signing it off, which somebody else does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from rhi import access, deadlines
from rhi.actions import following, reading, tasks
from rhi.actions.form_document import document
from rhi.actions.form_facts import INDEPENDENCE, Case, case_of
from rhi.actions.interviews import locked, of_referral
from rhi.codes import Independence
from rhi.models import Interview, Notice, NoticeKind, SentBack, SubmittedForm
from rhi.questions import missing
from rhi.questions.shapes import MAIN
from rhi.wording import moment
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User
from staff.permissions import Permission, allowed

#: Where the document keeps what decided which questions were asked.
RESTS_ON = "rests_on"


class WriteUpRefused(Refused):
    """The form cannot be written up as it stands."""


class SignOffRefused(Refused):
    """The interview cannot be signed off, or not by this person."""


class RestsOnOther(SignOffRefused):
    """What was written up rests on another outcome, or another time of the interview, than stands now."""


@transaction.atomic
def write_up(referral: Referral, *, by: User, now: datetime) -> Interview:
    """Lock the form: questions, options and answers are kept as they stand, with what the records say.

    Clocks follow, and tasks are opened for what the form demands (rhi.following).

    The missing coordinators are told (Nottinghamshire 7). Raises WriteUpRefused when it has been written up, when an
    episode lacks its outcome, when a required answer is missing, and when the records say that the interviewer is not
    independent although the form says so.
    """
    referral = locked(referral)
    interview = of_referral(referral)
    if interview.written_up_at:
        who = interview.written_up_by or "A record"
        raise WriteUpRefused(f"{who} has written this interview up, {moment(interview.written_up_at, now=now)}.")
    case = case_of(referral)
    if case.without_outcome:
        raise WriteUpRefused("Record what became of every episode first.")
    if lacking := missing(case.situation, case.values):
        count = "1 answer is" if len(lacking) == 1 else f"{len(lacking)} answers are"
        raise WriteUpRefused(f"{count} still needed: {', '.join(each.question.text for each in lacking)}")
    if case.not_independent:
        raise WriteUpRefused(case.not_independent)
    SubmittedForm.objects.create(
        child_id=referral.child_id,
        interview=interview,
        document={**document(case, now=now), RESTS_ON: _rests_on(case)},
        by=by,
        at=now,
    )
    interview.written_up_at, interview.written_up_by = now, by
    interview.independence = _independence(case)
    interview.typed |= {"written_up_at": now.isoformat()}
    interview.save(update_fields=["written_up_at", "written_up_by", "independence", "typed"])
    deadlines.refresh([referral.pk])
    access.follow_referrals([referral.child_id], now=now)
    reading.tell_of_write_up(interview, referral, by=by, now=now)
    _put_on_trail(audit.Type.WRITTEN_UP, interview, referral, by=by, now=now)
    following.open_demanded(case, by=by, now=now)
    return interview


@transaction.atomic
def sign_off(referral: Referral, *, comment: str = "", although: bool = False, by: User, now: datetime) -> Interview:
    """Sign off what somebody else has written up.

    The access of whoever holds the closed referral ends some days later. A missing coordinator who signs it off has
    read it. `although` says that what has changed since it was written up has been read. Raises SignOffRefused when it
    has not been written up, when it has been signed off, for whoever wrote it, and while an episode lacks its outcome;
    RestsOnOther without `although`.
    """
    referral = locked(referral)
    interview = _written_up_by_another(referral, by=by, now=now)
    case = case_of(referral)
    if case.without_outcome:
        raise SignOffRefused(
            "An episode has no outcome, so this cannot be signed off yet. Record what became of every episode first."
        )
    if undone := list(tasks.demanded_first(referral)):
        raise SignOffRefused(
            f"{undone[0].about.rstrip('.')}. This is not recorded as done yet, and it comes before sign-off: "
            "open the task and say when it was done."
        )
    if not although and (changed := changed_since(case)):
        raise RestsOnOther(changed)
    interview.signed_off_at, interview.signed_off_by, interview.sign_off_comment = now, by, comment
    interview.save(update_fields=["signed_off_at", "signed_off_by", "sign_off_comment"])
    access.follow_referrals([referral.child_id], now=now)
    written_up_at = interview.written_up_at if interview.written_up_by_id else None
    if written_up_at and allowed(by, Permission.READ_INTERVIEWS):
        reading.keep_read(interview, referral, written_up_at=written_up_at, by=by, now=now)
    _put_on_trail(audit.Type.SIGNED_OFF, interview, referral, by=by, now=now)
    return interview


@transaction.atomic
def send_back(referral: Referral, *, because: str, by: User, now: datetime) -> SentBack:
    """Send what somebody else has written up back to them, with the reason. The form can be written on again.

    The form is kept as it stood, the answers stay in it, the clocks run on until it is written up anew, and whoever
    wrote it is told. Raises SignOffRefused as `sign_off` does, but for an episode without its outcome.
    """
    referral = locked(referral)
    interview = _written_up_by_another(referral, by=by, now=now)
    writer, at = interview.written_up_by, interview.written_up_at
    kept = open_again(interview)
    if kept is None or writer is None or at is None:
        raise SignOffRefused("A record brought this interview, so there is nobody to send it back to.")
    sent_back = SentBack.objects.create(
        child_id=referral.child_id,
        interview=interview,
        written_up_by=writer,
        written_up_at=at,
        document=kept["document"],
        by=by,
        at=now,
        because=because,
    )
    Notice.objects.create(
        child_id=referral.child_id,
        to=writer,
        kind=NoticeKind.SENT_BACK,
        referral=referral,
        about=f"The interview that you wrote up on referral {referral} was sent back. The form says why.",
        by=by,
        at=now,
    )
    deadlines.refresh([referral.pk])
    access.follow_referrals([referral.child_id], now=now)
    _put_on_trail(audit.Type.SENT_BACK, interview, referral, by=by, now=now)
    return sent_back


def _independence(case: Case) -> str:
    """What the form says of the interviewer, as the figures count it; empty where nobody held an interview."""
    said = str(case.values.get(INDEPENDENCE, {}).get(MAIN, "")) if case.situation.held else ""
    return said if said in Independence.values else ""


def _written_up_by_another(referral: Referral, *, by: User, now: datetime) -> Interview:
    """The interview that this person may read for somebody else. Raises SignOffRefused."""
    interview = referral.interviews.select_related("signed_off_by", "written_up_by").order_by("-pk").first()
    if interview is None or not interview.written_up_at:
        raise SignOffRefused("This interview has not been written up yet.")
    if interview.signed_off_at:
        who = interview.signed_off_by or "A record"
        raise SignOffRefused(f"{who} has signed this interview off, {moment(interview.signed_off_at, now=now)}.")
    if is_own(interview, by.pk):
        did = "wrote this interview up" if interview.written_up_by_id == by.pk else "held this interview"
        raise SignOffRefused(f"You {did}, so somebody else signs it off.")
    return interview


def is_own(interview: Interview, person: int) -> bool:
    """Whether somebody (key) held an interview or wrote it up, and so cannot be the one who reads it for sign-off."""
    return interview.written_up_by_id == person or (interview.held_at is not None and interview.worker_id == person)


def _rests_on(case: Case) -> dict[str, Any]:
    """What decided which questions were asked: when the interview was held, and each episode's outcome."""
    held_at = case.interview.held_at if case.interview else None
    return {
        "held_at": held_at.isoformat() if held_at else None,
        "outcomes": {
            episode.episode_id: f"{outcome.code} {outcome.reason}".strip()
            for episode in case.episodes
            if (outcome := case.outcomes.get(episode.pk))
        },
    }


def changed_since(case: Case) -> str:
    """What of that has changed since the form was written up here, in words; empty when nothing has."""
    submitted = SubmittedForm.objects.filter(interview=case.interview).first() if case.interview else None
    before = submitted.document.get(RESTS_ON) if submitted else None
    now_is = _rests_on(case)
    if before is None or before == now_is:
        return ""
    what = "the outcome" if before["outcomes"] != now_is["outcomes"] else "when the interview was held"
    return (
        f"Since this was written up, {what} has changed on the record. Read what was written beside what stands now. "
        "If it has to be written anew, whoever recorded the outcome takes it back, which opens the form again."
    )


def open_again(interview: Interview) -> dict[str, Any] | None:
    """Let a form that was written up here be written on; answers the write-up as it stood, None when there is none.

    In the caller's transaction, which keeps it and lets the clocks follow. The answers stay.
    """
    submitted = SubmittedForm.objects.filter(interview=interview).first()
    if submitted is None:
        return None
    kept = {"at": submitted.at.isoformat(), "by_id": submitted.by_id, "document": submitted.document}
    submitted.delete()
    interview.written_up_at, interview.written_up_by, interview.independence = None, None, ""
    interview.typed = {name: at for name, at in interview.typed.items() if name != "written_up_at"}
    interview.save(update_fields=["written_up_at", "written_up_by", "independence", "typed"])
    return kept


def _put_on_trail(line: audit.Type, interview: Interview, referral: Referral, *, by: User, now: datetime) -> None:
    audit.record(
        line,
        subject=interview,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk},
    )
