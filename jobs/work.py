"""Doing a job: its effects and the mark that it is done commit together or not at all; what takes long comes before."""

from __future__ import annotations

import logging
import traceback
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from jobs import claims, declared, handover, sweep
from jobs.models import Job

log = logging.getLogger(__name__)


class JobError(Exception):
    """An action cannot do its work. The message is kept and shown to administrators, so it holds no personal data."""


def do(job_id: int, *, now: datetime) -> Job | None:
    """Claim the job and do it; answer it as it then stands, or None when it was not, or no longer, to be had.

    Never raises for a failing action: the job carries the reason and waits for its next attempt, or is given up. What
    cannot be handed over at present is put off instead, which costs it no attempt.
    Twice is harmless, so any message may be repeated.
    """
    job = claims.claim(job_id, now=now)
    if job is None:
        return None
    try:
        sweep.mark_late(job, now=now)
        action = declared.action(job.name)
        made: dict[str, object] = {}
        if prepare := declared.preparation(action):
            made["prepared"] = prepare(**job.arguments, now=now)
        if hand_over := declared.handing_over(action):
            made["handed"] = hand_over(**job.arguments, job=job, now=now)
        with transaction.atomic(durable=True):
            action(**job.arguments, **made, now=now)
            claims.finish(job, now=now)
        if isinstance(handed := made.get("handed"), handover.Outcome) and handed.state == handover.State.SENT:
            claims.answered(job.name, now=now)
    except claims.LeaseLostError:
        log.warning("Job %s (%s) was taken over; this attempt has been undone.", job.pk, job.name)
    except handover.NotSentError as refusal:
        alike = isinstance(refusal, handover.UnreachableError)
        claims.put_off(job, alike=alike, reason=str(refusal), now=now)
        log.warning("Job %s (%s) is put off: %s", job.pk, job.name, refusal)
    except Exception as failure:  # noqa: BLE001 whatever an action raises must end in its row, where a person sees it
        claims.fail(job, reason=reason_of(failure), now=now)
        log.error("Job %s (%s), attempt %s: %s", job.pk, job.name, job.attempts, reason_of(failure))
    job.refresh_from_db()
    return job


def reason_of(failure: Exception) -> str:
    """What failed and where in our code; the failure's own words only when it is a JobError.

    Other messages may quote a record: a database error quotes the row, a parser the text.
    """
    kind = type(failure).__qualname__
    if isinstance(failure, JobError):
        return f"{kind}: {failure}"
    module, line = [
        (frame.f_globals["__name__"], line)
        for frame, line in traceback.walk_tb(failure.__traceback__)
        if is_ours(frame.f_code.co_filename)
    ][-1]
    return f"{kind} in {module}, line {line}"


def is_ours(filename: str) -> bool:
    """Whether the file belongs to the project and not to a library, whose environment may lie inside the project."""
    path = Path(filename).resolve()  # as BASE_DIR is: a release may be reached through a symbolic link
    return path.is_relative_to(settings.BASE_DIR) and "site-packages" not in path.parts
