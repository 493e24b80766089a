"""The trail of who did what. `record` is its only writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection, models

from staff.models import AuditEvent, User


class Type(models.TextChoices):
    """What can happen that is worth a line in the trail."""

    SIGNED_IN = "signed_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Could not sign in"
    SIGNED_OUT = "signed_out", "Signed out"
    PASSWORD_CHANGED = "password_changed", "Changed a password"
    PROCEDURE_PUBLISHED = "procedure_published", "Published a procedure"
    RECORDS_IMPORTED = "records_imported", "Took in records"
    REFERRALS_ROUTED = "referrals_routed", "Routed returns to referrals"
    RECORD_CORRECTED = "record_corrected", "Corrected a record"
    DENIED = "denied", "Was refused"
    CHILD_READ = "child_read", "Read a child's record"
    REFERRAL_READ = "referral_read", "Read a referral"
    LIST_READ = "list_read", "Read a list of children"
    FORM_READ = "form_read", "Read an interview's form"
    CHILD_SEARCHED = "child_searched", "Searched for a child"
    CHILD_OPENED_WITH_REASON = "child_opened_with_reason", "Opened another team's child, giving a reason"
    CHILD_RESTRICTED = "child_restricted", "Restricted a child to named people"
    RESTRICTION_LIFTED = "restriction_lifted", "Lifted a restriction"
    CHILD_RECORDED = "child_recorded", "Recorded a child"
    CARER_RECORDED = "carer_recorded", "Recorded a parent or carer"
    INVOLVEMENT_RECORDED = "involvement_recorded", "Recorded what a child is open to"
    EPISODE_RECORDED = "episode_recorded", "Recorded an episode"
    RETURN_RECORDED = "return_recorded", "Recorded a return"
    EPISODE_WITHDRAWN = "episode_withdrawn", "Withdrew an episode"
    REFERRAL_ASSIGNED = "referral_assigned", "Said who holds a referral"
    REFERRAL_HANDED_OVER = "referral_handed_over", "Handed a referral to another team"
    DISCUSSION_SETTLED = "discussion_settled", "Settled a discussion"
    DECISION_OVERRIDDEN = "decision_overridden", "Decided otherwise than the rules"
    TASK_SETTLED = "task_settled", "Ticked off or set aside a task"
    ATTEMPT_LOGGED = "attempt_logged", "Logged an attempt"
    OFFER_RECORDED = "offer_recorded", "Recorded an offer"
    RESPONSE_RECORDED = "response_recorded", "Recorded a response"
    APPOINTMENT_BOOKED = "appointment_booked", "Booked an appointment"
    APPOINTMENT_MOVED = "appointment_moved", "Moved an appointment"
    APPOINTMENT_CANCELLED = "appointment_cancelled", "Cancelled an appointment"
    INTERVIEW_HELD = "interview_held", "Recorded that an interview was held"
    OUTCOME_RECORDED = "outcome_recorded", "Recorded an outcome"
    TAKEN_BACK = "taken_back", "Took back a slip"
    FORM_SAVED = "form_saved", "Saved answers of the form"
    WRITTEN_UP = "written_up", "Wrote up an interview"
    SENT_BACK = "sent_back", "Sent a form back to whoever wrote it"
    SIGNED_OFF = "signed_off", "Signed off an interview"
    RECORD_PRINTED = "record_printed", "Opened an interview's record to print"
    RECORDS_CHECKED = "records_checked", "Checked the records before a first contact"
    WARNING_RECORDED = "warning_recorded", "Recorded a warning for visitors"
    WARNING_ENDED = "warning_ended", "Ended a warning for visitors"
    PAPER_FILED = "paper_filed", "Filed a paper with an interview"
    PAPER_READ = "paper_read", "Opened a paper filed with an interview"
    PAPER_TAKEN_OUT = "paper_taken_out", "Took a paper out of an interview"
    BLANK_FORM_PRINTED = "blank_form_printed", "Opened a form to fill in on paper"
    EPISODE_JOINED = "episode_joined", "Took an episode into an interview"
    EPISODE_TAKEN_OUT = "episode_taken_out", "Took an episode out of an interview"
    TASK_OPENED = "task_opened", "Opened a task"
    TASK_CHANGED = "task_changed", "Changed whose a task is, or its days"
    TASK_ANSWERED = "task_answered", "Recorded the answer to a referral"
    SUPPORT_RECORDED = "support_recorded", "Recorded support after a child was missing"
    SHARED = "shared", "Recorded that something was shared"
    SHARE_PREPARED = "share_prepared", "Opened what is to be shared"
    FILED = "filed", "Filed a record in another system"
    INTERVIEW_READ = "interview_read", "Read an interview as its coordinator"
    ESCALATED = "escalated", "Put a worry to a manager"
    ESCALATION_ANSWERED = "escalation_answered", "Answered a worry put to them"
    ADDED_TO = "added_to", "Added to a signed-off interview"
    CASE_NOTE_WRITTEN = "case_note_written", "Wrote a case note"
    NOTICE_SEEN = "notice_seen", "Saw a notice"
    PREFERENCES_CHANGED = "preferences_changed", "Changed how they want to be told"
    LETTER_PROPOSED = "letter_proposed", "Proposed letters"
    LETTER_READ = "letter_read", "Read a letter"
    LETTER_APPROVED = "letter_approved", "Approved a letter"
    LETTER_SECONDED = "letter_seconded", "Approved a letter as the second person"
    LETTER_CANCELLED = "letter_cancelled", "Cancelled or pulled back a letter"
    LETTERS_PRINTED = "letters_printed", "Opened letters to print them"
    LETTERS_POSTED = "letters_posted", "Marked letters as posted"
    LETTER_RETURNED = "letter_returned", "Recorded that a letter came back"
    ADDRESS_CONFIRMED = "address_confirmed", "Confirmed an address from which a letter came back"
    FIGURES_READ = "figures_read", "Read figures"
    FIGURES_DOWNLOADED = "figures_downloaded", "Downloaded figures"
    LIST_DOWNLOADED = "list_downloaded", "Downloaded a list of cases"
    DOWNLOAD_ASKED_FOR = "download_asked_for", "Asked for a download"
    PERSON_INVITED = "person_invited", "Invited a person"
    PERSON_CHANGED = "person_changed", "Changed a person"
    TEAM_CHANGED = "team_changed", "Changed a team"
    JOB_TRIED_AGAIN = "job_tried_again", "Had given-up work tried again"
    JOB_SET_ASIDE = "job_set_aside", "Set given-up work aside"
    SENDING_SETTLED = "sending_settled", "Settled whether something was sent"
    HOLD_RELEASED = "hold_released", "Released the work in the background"
    BACKED_UP = "backed_up", "Made a backup of everything"
    RESTORED = "restored", "Restored a backup"


class NotInTransaction(RuntimeError):
    """An action must commit with its line in the trail, or not at all; this one was not in a transaction."""


def record(
    type: Type,  # noqa: A002 the trail's own word
    *,
    by: User | None,
    at: datetime,
    subject: models.Model | str = "",
    children: Iterable[str] = (),
    detail: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Add one line to the trail, in the caller's transaction, so that fact and line commit together or not at all.

    `by` is nobody when the system itself acted; `subject` is a record, or its name where it was not fetched;
    `children` are the child_ids of every record touched. Raises NotInTransaction outside a transaction.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{type.label}: an action and its line in the trail belong to one transaction.")
    return AuditEvent.objects.create(
        at=at,
        type=type,
        by_id=by.pk if by else None,
        by_email=by.email if by else "",
        subject=subject if isinstance(subject, str) else f"{subject._meta.label}:{subject.pk}",
        children=sorted(set(children)),
        detail=dict(detail or {}),
    )
