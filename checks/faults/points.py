"""The places, between every commit and every send, at which a process can be made to die. None of it is in the product.

`install` wraps functions of the product, in the processes of the trial only. A process that reaches an armed place
disarms it, which is what is counted, and kills itself and all of its group as SIGKILL does: no cleaning up.
"""

from __future__ import annotations

import functools
import os
import pkgutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

FOLDER = "FAULTS_ARMED"
WITHOUT_GUARDS = "FAULTS_WITHOUT_GUARDS"


def always(_args: tuple[Any, ...], _answer: Any) -> bool:
    """Whoever comes there has work in hand."""
    return True


def answered(_args: tuple[Any, ...], answer: Any) -> bool:
    """Only where the function answers that something came of it; otherwise nothing is in flight there."""
    return bool(answer)


def by_a_person(args: tuple[Any, ...], _answer: Any) -> bool:
    """A line of the trail about what a person did, rather than looked at."""
    return str(args[0]) in DONE_BY_PEOPLE


def accepted(args: tuple[Any, ...], answer: Any) -> bool:
    """A form that was sent and taken, as a redirection says."""
    return bool(args[1].method == "POST" and answer.status_code == 302)


DONE_BY_PEOPLE = frozenset(
    {"attempt_logged", "child_recorded", "episode_recorded", "outcome_recorded", "download_asked_for"}
)


class Point(NamedTuple):
    """A place: before or after a function, by dotted name, with what has been done by then and what has not.

    `part` is whose process it is, and `met` says by the arguments and the answer whether work is in flight there.
    """

    name: str
    part: str
    function: str
    when: Literal["before", "after"]
    words: str
    met: Callable[[tuple[Any, ...], Any], bool] = always


POINTS = (
    Point("claimed", "worker", "jobs.claims.claim", "after", "a job is claimed; nothing of it is done", answered),
    Point("begun", "worker", "jobs.handover.begin", "after", "being sent is committed; nothing has left", answered),
    Point("left-email", "worker", "rhi.delivery.emails.send", "after", "the mail server has it; nobody has noted that"),
    Point("left-letter", "worker", "rhi.delivery.notify.send", "after", "Notify has it; nobody has noted that"),
    Point("noting", "worker", "jobs.handover.store", "after", "what came of it is written, not committed", answered),
    Point("finishing", "worker", "jobs.claims.finish", "before", "the work is written, neither marked nor committed"),
    Point("finished", "worker", "jobs.claims.finish", "after", "the job is marked as done and not committed"),
    Point("done", "worker", "jobs.work.do", "after", "the job is committed; the broker has not been told", answered),
    Point("run-made", "worker", "jobs.sweep.make_run", "after", "a period's run is made; its job is not handed out"),
    Point("swept", "worker", "jobs.sweep.sweep", "after", "the sweep is committed; no message has left", answered),
    Point("told", "worker", "rhi.actions.reminding.tell", "after", "notices are written, not committed", answered),
    Point(
        "mailed", "worker", "rhi.actions.bundling.send", "after", "notices' emails are made, not committed", answered
    ),
    Point("proposed", "worker", "rhi.actions.proposing._propose", "after", "letters are proposed, not committed"),
    Point(
        "digested", "worker", "rhi.actions.digests.queue_email", "after", "a digest is made, not committed", answered
    ),
    Point("drawn", "worker", "reporting.actions.make", "after", "a file is drawn; nothing of it is stored", answered),
    Point("written", "web", "staff.audit.record", "after", "what a person did is written, not committed", by_a_person),
    Point(
        "answering",
        "web",
        "django.core.handlers.base.BaseHandler.get_response",
        "after",
        "what a person did is committed; nobody has told them",
        accepted,
    ),
    Point("ticking", "beat", "celery.beat.Scheduler.apply_async", "before", "a sweep is due; no message has left"),
)
BY_NAME = {point.name: point for point in POINTS}


def install(*parts: str) -> None:
    """Wrap every place of these parts. Called once, in a process of the trial, after Django is set up."""
    if "worker" in parts and os.environ.get(WITHOUT_GUARDS):
        take_out_the_guards()
    for point in POINTS:
        if point.part in parts:
            owner_name, _, name = point.function.rpartition(".")
            owner = pkgutil.resolve_name(owner_name)
            setattr(owner, name, _dying(getattr(owner, name), point))


def _dying(function: Callable[..., Any], point: Point) -> Callable[..., Any]:
    @functools.wraps(function)
    def reached(*args: Any, **kwargs: Any) -> Any:
        if point.when == "before":
            die_if_armed(point.name)
        answer = function(*args, **kwargs)
        if point.when == "after" and point.met(args, answer):
            die_if_armed(point.name)
        return answer

    # What a declared action carries beside itself, such as what hands it over.
    reached.__dict__.update(function.__dict__)
    return reached


def die_if_armed(name: str) -> None:
    """Disarm the place and die there; of several processes that reach it at once, one."""
    folder = Path(os.environ[FOLDER])
    try:
        (folder / name).rename(folder / f"{name}.died")
    except FileNotFoundError:
        return
    os.killpg(os.getpgrp(), signal.SIGKILL)


def take_out_the_guards() -> None:
    """Hand over first and note it afterwards, and let nobody respect a lease: what the guards are there against."""
    from django.db.models import F  # noqa: PLC0415 Django is set up by now, and not when this module is read

    from jobs import claims, handover  # noqa: PLC0415 as above
    from jobs.models import Job  # noqa: PLC0415 as above

    def once(row: Any, send: Callable[[], Any], *, now: Any, **_: Any) -> Any:
        row.refresh_from_db()
        if row.state != handover.State.APPROVED:
            return None
        outcome = handover.Outcome(handover.State.SENT, facts=send() or {})
        type(row)._default_manager.filter(pk=row.pk).update(state=handover.State.SENDING, sending_since=now)
        return outcome

    def claimable(now: Any) -> Any:
        return claims.unfinished().filter(next_try_at__lte=now)

    def claim(job_id: int, *, now: Any) -> Job | None:
        Job.objects.filter(pk=job_id).update(
            state=Job.State.CLAIMED, claimed_by=NOBODY, lease_until=now, attempts=F("attempts") + 0
        )
        return Job.objects.filter(pk=job_id, state=Job.State.CLAIMED).first()

    handover.once = once
    claims.claimable = claimable
    claims.claim = claim


NOBODY = "00000000-0000-0000-0000-000000000000"
