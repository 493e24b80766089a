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
    EPISODE_RECORDED = "episode_recorded", "Recorded an absence"
    RETURN_RECORDED = "return_recorded", "Recorded a return"
    EPISODE_WITHDRAWN = "episode_withdrawn", "Withdrew an absence"
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
    TAKEN_BACK = "taken_back", "Took back a slip of their own"
    FORM_SAVED = "form_saved", "Saved answers of the form"
    WRITTEN_UP = "written_up", "Wrote up an interview"
    SIGNED_OFF = "signed_off", "Signed off an interview"
    RECORD_PRINTED = "record_printed", "Opened an interview's record to print"
    NOTICE_SEEN = "notice_seen", "Saw a notice"
    PERSON_INVITED = "person_invited", "Invited a person"
    PERSON_CHANGED = "person_changed", "Changed a person"
    TEAM_CHANGED = "team_changed", "Changed a team"


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
