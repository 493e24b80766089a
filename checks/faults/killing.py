"""Kills, each with work in flight where it strikes; one that meets nothing in flight does not count."""

from __future__ import annotations

import json
import random
import threading
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import cycle

import redis
from django.db import Error, connection

from checks.faults import points
from checks.faults.listing import Listing
from checks.faults.site import AT_RANDOM, Site
from checks.faults.working import PROPOSING, REMINDING, Work, moment
from jobs import claims
from jobs.models import Job, Run
from rhi.models import Email

SECONDS_IN_FLIGHT = 40
"""How long a kill waits for work to come its way."""

RECURS = "rhi.actions.sending.ask_notify"
"""What recurs, and may be made and done once more without telling anybody anything."""

WORTH_NOTHING_AFTER = timedelta(seconds=5)
"""So long after it has expired nobody has a sweep in hand any more."""


class Kills:
    """One kill after the other, round the places and the parts, with a count of those that met something."""

    def __init__(self, site: Site, work: Work, chance: random.Random, *, only: str | None = None) -> None:
        self.site, self.work, self.chance = site, work, chance
        self.counted: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self.listing = Listing()
        kinds = [only] if only else [*points.BY_NAME, *AT_RANDOM]
        self.chance.shuffle(kinds)
        self.kinds = cycle(kinds)
        self.broker = redis.Redis.from_url(site.env["REDIS_URL"], socket_timeout=2)
        # What leads to a place, where a little of everything may not.
        self.leading: dict[str, Callable[[], None]] = {
            "left-letter": work.letter,
            "run-made": self.let_a_run_be_due,
            "told": self.have_told,
            "mailed": self.have_told,
            "proposed": self.have_proposed,
            "digested": work.digest,
            "drawn": work.download,
            "written": self.do_by_hand,
            "answering": self.do_by_hand,
        }

    def one(self) -> None:
        """The next kill, everything started again, and what it left uncertain seen and settled."""
        kind = next(self.kinds)
        met = self.at_a_point(points.BY_NAME[kind]) if kind in points.BY_NAME else self.at_random(kind)
        (self.counted if met else self.missed)[kind] += 1
        for part in self.site.parts.values():
            if not part.lives:
                part.restart()
        self.listing.watch(self.site, self.work, after=kind, restarted=moment())

    # At a place

    def at_a_point(self, point: points.Point) -> bool:
        """Arm a place, give the site what leads there, and wait until somebody has died."""
        if point.part == "beat":
            return self.while_due(lambda: self.strike(point, lambda: None))
        return self.strike(point, self.leading.get(point.name, self.work.some))

    def strike(self, point: points.Point, lead: Callable[[], None]) -> bool:
        """Whether somebody died at this place."""
        self.site.arm(point.name)
        lead()
        deadline = time.monotonic() + SECONDS_IN_FLIGHT
        died = self.site.died(point.name)
        while not died and time.monotonic() < deadline:
            time.sleep(0.02)
            died = self.site.died(point.name)
        self.site.disarm(point.name)
        died = died or self.site.died(point.name)
        if died:
            self.site[point.part].kill()
        return died

    def let_a_run_be_due(self) -> None:
        """Forget the newest run of something that recurs, so that the next sweep has to make it."""
        try:
            newest = Run.objects.filter(name=RECURS, job__state=Job.State.DONE).order_by("-job__due_at").first()
            if newest:
                newest.delete()
                newest.job.delete()
        except Error:
            connection.close()

    def have_told(self) -> None:
        """Let somebody have to be told, and the run come that does it."""
        self.work.back()
        self.work.run(REMINDING)

    def have_proposed(self) -> None:
        """Let a letter be due, and the run come that proposes it."""
        self.work.refusal()
        self.work.run(PROPOSING)

    def do_by_hand(self) -> None:
        """Let somebody do something in the browser."""
        self.chance.choice([self.work.attempt, self.work.back, self.work.refusal, self.work.download])()

    # At some moment or other

    def at_random(self, part: str) -> bool:
        """Kill a part at some moment at which it is at work."""
        if part == "web":
            return self.while_asked()
        if part == "beat":
            return self.while_due(self.kill_beat)
        return self.while_working(part)

    def kill_beat(self) -> bool:
        self.site["beat"].kill()
        return True

    def while_working(self, part: str) -> bool:
        """The worker is held still so that what it has in hand is certain, and goes on when the part is dead."""
        met = {"redis": self.messages_wait, "mail": email_under_way}.get(part, job_in_hand)
        with self.working():
            deadline = time.monotonic() + SECONDS_IN_FLIGHT
            while time.monotonic() < deadline:
                time.sleep(self.chance.random() * 0.1)
                with self.site["worker"].still():
                    if met():
                        self.site[part].kill()
                        return True
        return False

    def messages_wait(self) -> bool:
        """Messages of jobs that are not done lie with the broker, or somebody has one in hand."""
        told_of, _ = self.messages()
        return _there(claims.unfinished().filter(pk__in=told_of).exists)

    def messages(self) -> tuple[set[int], bool]:
        """Of which jobs there are messages, and whether there is one that a sweep is due, in somebody's hand or not.

        Of those who died the broker keeps what they had in hand for a while. Such a sweep is worth nothing any more.
        """
        waiting = [json.loads(each) for each in self.broker.lrange("celery", 0, -1)]
        in_hand = [json.loads(each)[0] for each in self.broker.hvals("unacked")]
        jobs, sweeps = set(), False
        for message in [*waiting, *in_hand]:
            _, named, _ = json.loads(b64decode(message["body"]))
            expires = message["headers"]["expires"]
            if "job_id" in named:
                jobs.add(named["job_id"])
            elif expires is None or datetime.fromisoformat(expires) > moment() - WORTH_NOTHING_AFTER:
                sweeps = True
        return jobs, sweeps

    def while_asked(self) -> bool:
        """Somebody has sent a form and waits; it counts if nobody ever answered."""
        before = self.work.cut_off
        asking = threading.Thread(target=self.asking)
        asking.start()
        deadline = time.monotonic() + SECONDS_IN_FLIGHT
        while not self.work.posting and asking.is_alive() and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(self.chance.random() * 0.05)
        self.site["web"].kill()
        asking.join()
        return self.work.cut_off > before

    def asking(self) -> None:
        """Do something as somebody does who knows nothing of kills."""
        try:
            self.do_by_hand()
        finally:
            connection.close()

    def while_due(self, strike: Callable[[], bool]) -> bool:
        """Strike beat while something is due of which no message tells, so that only a sweep to come can hand it out.

        The worker is held still meanwhile, without a sweep in its hand that would.
        """
        deadline = time.monotonic() + SECONDS_IN_FLIGHT
        while time.monotonic() < deadline:
            time.sleep(self.chance.random() * 0.3)
            with self.site["worker"].still():
                _, sweeps = self.messages()
                if sweeps:
                    continue
                self.work.email()
                return strike() and self.only_a_sweep_can()
        return False

    def only_a_sweep_can(self) -> bool:
        """Whether there is work that waits for a sweep of which beat, now dead, has not told anybody."""
        told_of, sweeps = self.messages()
        due = Job.objects.filter(state=Job.State.WAITING, next_try_at__lte=moment()).exclude(pk__in=told_of)
        return not sweeps and _there(due.exists)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Somebody goes on making work meanwhile."""
        over = threading.Event()

        def go_on() -> None:
            try:
                while not over.is_set():
                    self.work.email()
            finally:
                connection.close()

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def job_in_hand() -> bool:
    """Whether a worker has a job in hand, between its commits."""
    return _there(Job.objects.filter(state=Job.State.CLAIMED).exists)


def email_under_way() -> bool:
    """Whether an email is being handed over."""
    return _there(Email.objects.filter(state=Email.State.SENDING).exists)


def _there(look: Callable[[], bool]) -> bool:
    try:
        return look()
    except Error:
        connection.close()
        return False
