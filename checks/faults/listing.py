"""After each kill: how soon what became uncertain stood where a person sees it, and that person's word on it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from checks.faults.outside import taken
from checks.faults.site import LEASE, SWEEP, Site
from checks.faults.working import ADMINISTRATOR, Work, moment
from jobs.models import Handover
from jobs.sweep import last_sweep
from rhi.actions import sending
from rhi.models import Email, Letter
from staff.models import User

SWEEPS = 2
"""Within so many sweeps it has to be listed: of those that begin once the site stands again and the lease is over, for
until then somebody may still be at work on it."""

MOST = timedelta(seconds=LEASE + 60 * SWEEP)
"""For so long, at most, one that is not listed is waited for: far longer than two sweeps take on a busy machine."""


@dataclass
class Listing:
    """How soon, in sweeps and in seconds from the restart, after all kills so far; and what was not in time."""

    sweeps: Counter[int] = field(default_factory=Counter)
    longest: float = 0.0
    settled: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """In one line."""
        sweeps = ", ".join(f"{number} in sweep {sweep}" for sweep, number in sorted(self.sweeps.items()))
        settled = ", ".join(f"{number} {answer}" for answer, number in sorted(self.settled.items()))
        return (
            f"uncertain after kills: {sum(self.sweeps.values())} ({sweeps or 'none'} after restart and lease),"
            f" the last listed {self.longest:.1f} s after the restart; then settled by a person: {settled or 'none'}"
        )

    def watch(self, site: Site, work: Work, *, after: str, restarted: datetime) -> None:
        """Wait until nothing is being sent any more that was as the site stood again, then have a person settle it."""
        connection.close()  # the database may be another one than before
        waiting = {row.reference: (row, max(restarted, _lease_of(row))) for row in _in(Handover.State.SENDING)}
        seen: dict[object, set[datetime]] = {reference: set() for reference in waiting}
        deadline = moment() + MOST
        while waiting and moment() < deadline:
            swept = last_sweep()
            now = {row.reference: row for row in _in(Handover.State.SENDING, Handover.State.UNCERTAIN)}
            for reference, (_, free_at) in list(waiting.items()):
                row = now.get(reference)
                if row is None or row.state == Handover.State.UNCERTAIN:
                    waiting.pop(reference)
                    if row is not None:
                        self._listed(len(seen[reference]) + 1, moment() - restarted, f"{after}: {reference}")
                elif swept and swept >= free_at:
                    seen[reference].add(swept)
            time.sleep(0.02)
        self.faults += [f"{after}: {reference} is not listed after {MOST.seconds} s" for reference in waiting]
        self.settle(site, work, after=after)

    def _listed(self, sweep: int, took: timedelta, what: str) -> None:
        self.sweeps[sweep] += 1
        self.longest = max(self.longest, took.total_seconds())
        if sweep > SWEEPS:
            self.faults.append(f"{what} was listed in sweep {sweep} only")

    def settle(self, site: Site, work: Work, *, after: str) -> None:
        """Have the administrator look at the page that lists what is uncertain, and settle each by what was taken."""
        uncertain = list(_in(Handover.State.UNCERTAIN))
        if not uncertain:
            return
        page, by = work.page(ADMINISTRATOR, "/background/"), User.objects.get(email=ADMINISTRATOR)
        copies = taken(site.mail) | taken(site.notify)
        for row in uncertain:
            if f"/background/{row.reference}/" not in page:
                self.faults.append(f"{after}: {row.reference} is uncertain and not on the page")
            went = str(row.reference) in copies
            sending.settle(row, went=went, by=by, now=moment())
            self.settled["went" if went else "sent again"] += 1


def _in(*states: Handover.State) -> Iterator[Handover]:
    """Everything in these states that is handed over by the site, with its job and without letters' PDFs."""
    yield from Email.objects.filter(state__in=states).select_related("job")
    notify = Letter.objects.filter(channel=Letter.Channel.NOTIFY).defer("pdf")
    yield from notify.filter(state__in=states).select_related("job")


def _lease_of(row: Handover) -> datetime:
    """Until when somebody may still be at work on it."""
    return row.job.lease_until if row.job and row.job.lease_until else moment()
