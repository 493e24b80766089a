"""Handing something to somebody outside, once: what is committed when, and what a silence means.

A job does it by `once`, before its transaction (jobs.declared.handed_over_by). Before anything leaves, `begin` commits
that it is being sent; only then is it handed over; what came of it is stored with the job's end. Whoever dies in
between leaves a row that says so. The job's next attempt, or the next sweep, finds it, sends nothing, and says that it
is uncertain: a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.apps import apps
from django.db import transaction
from django.db.models import Q, QuerySet

from jobs import lease
from jobs.models import Handover, Job
from staff.models import User

State = Handover.State

DIED = "The process ended between handing it over and hearing back."


class NotSentError(Exception):
    """Nothing can have left: refused before the message was taken. May be tried again. Its words name nobody."""


class UnreachableError(NotSentError):
    """Nothing can have left, for nobody answers there: what else waits for the same would fare no better."""


class RefusedError(Exception):
    """Whoever was to take it said no for good. Nothing left, and trying again is no use."""


class InDoubtError(Exception):
    """It may have left, or not: the line went dead after it was handed over, and before the answer."""


@dataclass(frozen=True)
class Outcome:
    """What came of handing something over: sent, failed or uncertain, why, and what the other side called it."""

    state: Handover.State
    reason: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def once(row: Handover, send: Callable[[], Mapping[str, str] | None], *, job: Job, now: datetime) -> Outcome | None:
    """Hand the row over by calling `send`, unless somebody may have done so already; answer what is to be stored.

    None when nothing is: the row is another job's, was cancelled or handed over, or is uncertain since an earlier
    attempt died. Raises NotSentError when nothing has left, so that the job is put off and tries again.
    `send` answers the fields of the row that the other side's answer fills, and raises the errors of this module;
    after any other exception the row stays as being sent, and so ends as uncertain.
    """
    if row.job_id != job.pk:
        return None
    if not begin(row, now=now):
        if not in_doubt(row, reason=DIED) and _of(row, State.APPROVED).exists():
            raise NotSentError("An earlier attempt, thought dead, has only just given it back.")
        return None
    try:
        return Outcome(State.SENT, facts=send() or {})
    except NotSentError as refusal:
        not_sent(row, reason=str(refusal))
        raise
    except RefusedError as refusal:
        return Outcome(State.FAILED, str(refusal))
    except InDoubtError as doubt:
        return Outcome(State.UNCERTAIN, str(doubt))


def store(row: Handover, outcome: Outcome | None, *, now: datetime) -> bool:
    """Keep what came of it, in the transaction of the job's end; whether anything has changed."""
    match outcome:
        case Outcome(state=State.SENT):
            return sent(row, now=now, **outcome.facts)
        case Outcome(state=State.FAILED):
            return refused(row, reason=outcome.reason)
        case Outcome():
            return in_doubt(row, reason=outcome.reason)
    return False


@transaction.atomic(durable=True)
def begin(row: Handover, *, now: datetime) -> bool:
    """Commit that it is being sent; False when it may not be (any more). Nothing may leave before this is True."""
    return bool(_of(row, State.APPROVED).update(state=State.SENDING, sending_since=now))


def sent(row: Handover, *, now: datetime, **facts: str) -> bool:
    """It was taken, and whoever took it said so. An answer that comes late, too, ends the doubt about it."""
    change = {"state": State.SENT, "sent_at": now, "failure": "", **facts}
    return bool(_of(row, State.SENDING, State.UNCERTAIN).update(**change))


def not_sent(row: Handover, *, reason: str) -> bool:
    """Nothing left: it may be tried again. `reason` holds no personal data."""
    return bool(_of(row, State.SENDING).update(state=State.APPROVED, sending_since=None, failure=reason))


def refused(row: Handover, *, reason: str) -> bool:
    """It was refused for good."""
    return bool(_of(row, State.SENDING, State.UNCERTAIN).update(state=State.FAILED, failure=reason))


def in_doubt(row: Handover, *, reason: str) -> bool:
    """Nobody can say whether it left."""
    return bool(_of(row, State.SENDING).update(state=State.UNCERTAIN, failure=reason))


def undelivered(row: Handover, *, reason: str) -> bool:
    """Whoever took it said later that it went no further."""
    return bool(_of(row, State.SENT).update(state=State.FAILED, sent_at=None, failure=reason))


def lost_sight_of(row: Handover, *, reason: str) -> bool:
    """Whoever took it can no longer say whether it went any further."""
    return bool(_of(row, State.SENT).update(state=State.UNCERTAIN, sent_at=None, failure=reason))


def withdraw(row: Handover, *, reason: str) -> bool:
    """It is not to go, for a reason that has nothing to do with whoever was to take it."""
    return bool(_of(row, State.APPROVED).update(state=State.CANCELLED, failure=reason))


def never_tried(job: Job, *, reason: str) -> int:
    """What this job was to hand over fails: nobody is going to try. How many that were."""
    rows = (model._default_manager.filter(job=job, state=State.APPROVED) for model in kinds())
    return sum(each.update(state=State.FAILED, failure=reason) for each in rows)


def kinds() -> list[type[Handover]]:
    """Every table of things that are handed over."""
    return [model for model in apps.get_models() if issubclass(model, Handover)]


def left_behind(model: type[Handover], *, now: datetime) -> QuerySet[Handover]:
    """Rows being sent of which nobody is at work any more: the process died between handing over and hearing back."""
    nobody = Q(job__isnull=True) | ~Q(job__state=Job.State.CLAIMED) | lease.over(now, of="job__")
    return model._default_manager.filter(nobody, state=State.SENDING)


def doubt_left_behind(*, now: datetime) -> int:
    """Say of what was left behind that it is uncertain; how many there were."""
    doubted = 0
    for model in kinds():
        keys = list(left_behind(model, now=now).values_list("pk", flat=True))
        # The condition again: an answer that has come since then is the truth.
        rows = model._default_manager.filter(pk__in=keys, state=State.SENDING)
        doubted += rows.update(state=State.UNCERTAIN, failure=DIED)
    return doubted


def uncertain_count() -> int:
    """How many wait for a person to say whether they went."""
    return sum(model._default_manager.filter(state=State.UNCERTAIN).count() for model in kinds())


def failed_count() -> int:
    """How many were refused and wait for a person to send them again, or leave them at that."""
    return sum(model._default_manager.filter(state=State.FAILED).count() for model in kinds())


def settle(row: Handover, *, went_at: datetime | None, by: User, now: datetime) -> bool:
    """A person's decision about what is uncertain: when it went, or (None) it may go again. False when it is settled.

    What may go again needs a job of its own: the caller gives it one.
    """
    change = {"state": State.SENT, "sent_at": went_at} if went_at else {"state": State.APPROVED, "sending_since": None}
    return bool(_of(row, State.UNCERTAIN).update(**change, settled_by=by, settled_at=now))


def try_again(row: Handover, *, by: User, now: datetime) -> bool:
    """A person's decision that what was refused may go again, now that the cause is mended. Needs a job, as above."""
    change = {"state": State.APPROVED, "sending_since": None, "settled_by": by, "settled_at": now}
    return bool(_of(row, State.FAILED).update(**change))


def set_aside(row: Handover, *, by: User, now: datetime) -> bool:
    """A person's decision that what was refused is left at that."""
    change = {"state": State.CANCELLED, "settled_by": by, "settled_at": now}
    return bool(_of(row, State.FAILED).update(**change))


def _of(row: Handover, *states: Handover.State) -> QuerySet[Handover]:
    return type(row)._default_manager.filter(pk=row.pk, state__in=states)
