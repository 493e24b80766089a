"""Telling the allocated social worker that an interview was held, with the request for a plan (Somerset 4.16)."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from episodes.models import Child, Involvement
from procedures.calendar import local_date
from rhi.actions.sending import queue_email
from rhi.actions.telling import strangers
from rhi.delivery import emails
from rhi.following.shapes import SOCIAL_CARE
from rhi.models import Email, Interview
from routing.models import Referral
from staff.models import User

State = Email.State


def ask_for_plan(referral: Referral, interview: Interview, *, now: datetime) -> list[Email]:
    """Have the child's social workers emailed: the day of the interview, a link to it, and the request for a plan.

    In the caller's transaction, which records the interview as held. Each once for a day: when that it was held is
    taken back and recorded again with another day, they are told again. Nobody is told of an interview that they held
    themselves, or of a child whom they may not open; and nobody at all where the procedure does not ask for it.
    """
    if not referral.version.procedure.follow_up.email_allocated_social_worker or interview.held_at is None:
        return []
    held_on = local_date(interview.held_at)
    named = social_workers(referral, now=now)
    uninvited = strangers(named)  # who cannot sign in could not follow the link
    workers = [worker for worker in named if worker.pk != interview.worker_id and worker.pk not in uninvited]
    return [
        queue_email(
            worker,
            Email.Kind.INTERVIEW_HELD,
            _key(referral, worker, held_on),
            {emails.REFERRAL: referral.pk, emails.HELD_ON: emails.as_number(held_on)},
            now=now,
        )
        for worker in workers
        if Child.objects.visible_to(worker, now).filter(pk=referral.child_id).exists()
    ]


def social_workers(referral: Referral, *, now: datetime) -> list[User]:
    """Who of ours is a social worker of the child today and still here: of any of social care's four services."""
    today = local_date(now)
    rows = Involvement.objects.filter(
        Q(end__isnull=True) | Q(end__gte=today),
        child=referral.child_id,
        service__in=SOCIAL_CARE,
        start__lte=today,
        worker__isnull=False,
    ).select_related("worker")
    found = {row.worker.pk: row.worker for row in rows.order_by("start", "pk") if row.worker}
    return [worker for worker in found.values() if not worker.has_left(today)]


def prefix(referral: int) -> str:
    """What the keys of a referral's emails of this kind begin with."""
    return f"{Email.Kind.INTERVIEW_HELD}:{referral}:"


def _key(referral: Referral, worker: User, held_on: date) -> str:
    """What makes an email once: a new one where the one before was withdrawn, as nobody has read that."""
    key = f"{prefix(referral.pk)}{worker.pk}:{held_on}"
    withdrawn = Email.objects.filter(key__startswith=key, state=State.CANCELLED, sent_at__isnull=True).count()
    return f"{key}:{withdrawn}" if withdrawn else key
