"""What goes wrong by name: each trial brings it about while work is under way, puts it right, and says what it saw."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

import redis
from django.db import connection, transaction

from checks.faults.outside import MEETS, taken
from checks.faults.reckoning import wait_until_quiet
from checks.faults.site import LEASE, SWEEP, Site
from checks.faults.working import ADMINISTRATOR, Work, in_database, moment
from jobs import claims
from jobs.models import Job
from rhi.actions import sending
from rhi.models import Email
from staff.models import User

Trial = Callable[[Site, Work], list[str]]

MANY = 12
SWELLS = 50
LEFT_OUT = "left out: only root can give the database a disk of its own"
KILLER_ATTEMPTS = 3


def flushed(site: Site, work: Work) -> list[str]:
    """Redis forgets everything that it was given."""
    _work(work)
    redis.Redis.from_url(site.env["REDIS_URL"]).flushall()
    return []


def stopped(site: Site, work: Work) -> list[str]:
    """Redis is away for a while; pages go on, and what they ask for is kept."""
    site["redis"].kill()
    before = len(work.attempts) + len(work.downloads)
    _work(work)
    answered = len(work.attempts) + len(work.downloads) - before
    time.sleep(3 * SWEEP)
    site["redis"].start()
    return [] if answered else ["no page answered while Redis was away"]


def hung(site: Site, work: Work) -> list[str]:
    """Redis takes connections and answers nobody for a while."""
    _work(work)
    site["redis"].hold_up(LEASE + 2)
    return []


def restarted(site: Site, work: Work) -> list[str]:
    """PostgreSQL is restarted as for an update."""
    _work(work)
    site["postgresql"].stop()
    site["postgresql"].start()
    connection.close()
    _work(work)
    return []


def full(site: Site, work: Work) -> list[str]:
    """The disk of the database is full, as its sessions notice, and has room again later."""
    if not site.own_disk:
        return [LEFT_OUT]
    ballast = site.folder / "postgresql" / "ballast"
    with suppress(OSError), ballast.open("wb") as file:  # full, as is meant
        while True:
            file.write(bytes(1 << 20))
            file.flush()
    felt = any(not in_database(_swell) for _ in range(SWELLS))
    _work(work)
    time.sleep(2 * SWEEP)
    ballast.unlink()
    connection.close()
    if not site["postgresql"].lives:
        site["postgresql"].start()
    _work(work)
    return [] if felt else ["the full disk was not felt"]


def _swell() -> bool:
    """Write more than lies ready, and undo it."""
    with transaction.atomic():
        Job.objects.bulk_create(
            Job(name="trial", arguments={"words": list(range(1000))}, due_at=moment(), next_try_at=moment())
            for _ in range(500)
        )
        transaction.set_rollback(True)
    return True


def slow(site: Site, work: Work) -> list[str]:
    """The mail server takes its time, within ours."""
    with _meeting(site, "slow"):
        _emails(work, 4)
    return _states(work, 4, {Email.State.SENT})


def dropping(site: Site, work: Work) -> list[str]:
    """The mail server takes messages and goes without a word: each is uncertain, and none goes again by itself."""
    with _meeting(site, "drop"):
        _emails(work, 4)
        time.sleep(LEASE + 3 * SWEEP)
    return _states(work, 4, {Email.State.UNCERTAIN})


def busy(site: Site, work: Work) -> list[str]:
    """The mail server says not now, and takes them later."""
    with _meeting(site, "busy"):
        keys = _queue(work, 4)
        time.sleep(3 * SWEEP)
    wait_until_quiet()
    return _states_of(keys, {Email.State.SENT})


def refusing(site: Site, work: Work) -> list[str]:
    """The mail server refuses for good: each has failed, for a person to see and send again; nothing was taken."""
    with _meeting(site, "refuse"):
        keys = _queue(work, 4)
        wait_until_quiet()
    faults = _states_of(keys, {Email.State.FAILED})
    failed = list(Email.objects.filter(state=Email.State.FAILED))
    copies = taken(site.mail)
    faults += [f"{row.key} was refused and taken" for row in failed if str(row.reference) in copies]
    by = User.objects.get(email=ADMINISTRATOR)
    for row in failed:
        sending.send_again(row, by=by, now=moment())
    return faults


def two_beats(site: Site, work: Work) -> list[str]:
    """Two timetables and two workers, as after a deployment that forgot the old ones."""
    with ExitStack() as stack:
        for name in ("beat", "worker"):
            second = site[name].twin()
            stack.callback(second.kill)
            second.start()
        _work(work)
        time.sleep(3 * SWEEP)
        wait_until_quiet()
    return []


def set_back(site: Site, work: Work) -> list[str]:
    """The worker's clock is set back by an hour while it is at work, and put right later."""
    _work(work)
    for name in ("worker", "beat"):
        site[name].restart(FAULTS_CLOCK="-3600")
    _work(work)
    time.sleep(4 * SWEEP)
    for name in ("worker", "beat"):
        site[name].restart()
    return []


def killer(site: Site, work: Work) -> list[str]:
    """A job kills its worker each time: it is given up and shown with its reason, and the others are done."""
    wait_until_quiet()
    given_up = set(Job.objects.filter(state=Job.State.DEAD).values_list("pk", flat=True))
    (key,) = _queue(work, 1)
    for _ in range(KILLER_ATTEMPTS):
        site.arm("claimed")
        deadline = time.monotonic() + 4 * LEASE
        while not site.died("claimed") and time.monotonic() < deadline:
            time.sleep(0.05)
        site["worker"].restart()
    site.disarm("claimed")
    time.sleep(LEASE + 3 * SWEEP)
    dead = Job.objects.filter(state=Job.State.DEAD).exclude(pk__in=given_up)
    faults = [] if [job.reason for job in dead if "vanished" in job.reason] else [f"{key}: not given up: {list(dead)}"]
    by = User.objects.get(email=ADMINISTRATOR)
    for job in dead:
        in_database(partial(claims.retry, job, by=by, now=moment()))
    wait_until_quiet()
    return faults + _states_of([key], {Email.State.SENT})


TRIALS: dict[str, Trial] = {
    "Redis flushed": flushed,
    "Redis stopped": stopped,
    "Redis hung": hung,
    "PostgreSQL restarted": restarted,
    "disk full": full,
    "mail server slow": slow,
    "mail server dropping": dropping,
    "mail server busy": busy,
    "mail server refusing": refusing,
    "two beats": two_beats,
    "clock set back": set_back,
    "a job that kills its worker": killer,
}


def _work(work: Work) -> None:
    for _ in range(MANY):
        work.some()


def _queue(work: Work, number: int) -> list[str]:
    before = len(work.emails)
    for _ in range(number):
        work.email()
    return work.emails[before:]


def _emails(work: Work, number: int) -> None:
    _queue(work, number)
    wait_until_quiet()


@contextmanager
def _meeting(site: Site, what: str) -> Iterator[None]:
    """Let the mail server do this with messages until the end of the block."""
    path = site.mail / MEETS
    path.write_text(what)
    try:
        yield
    finally:
        path.unlink()


def _states(work: Work, number: int, wanted: set[str]) -> list[str]:
    return _states_of(work.emails[-number:], wanted)


def _states_of(keys: list[str], wanted: set[str]) -> list[str]:
    rows = Email.objects.filter(key__in=keys)
    return [f"{row.key}: {row.state} {row.failure}" for row in rows if row.state not in wanted]
