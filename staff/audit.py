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


class NotInTransaction(RuntimeError):
    """An action must commit with its line in the trail, or not at all; this one was not in a transaction."""


def record(
    type: Type,  # noqa: A002 the trail's own word
    *,
    by: User | None,
    at: datetime,
    subject: models.Model | None = None,
    children: Iterable[str] = (),
    detail: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Add one line to the trail, in the caller's transaction, so that fact and line commit together or not at all.

    `by` is nobody when the system itself acted; `children` are the child_ids of every record touched. Raises
    NotInTransaction outside a transaction.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{type.label}: an action and its line in the trail belong to one transaction.")
    return AuditEvent.objects.create(
        at=at,
        type=type,
        by_id=by.pk if by else None,
        by_email=by.email if by else "",
        subject=f"{subject._meta.label}:{subject.pk}" if subject else "",
        children=sorted(set(children)),
        detail=dict(detail or {}),
    )
