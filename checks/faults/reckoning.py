"""What became of all that was acknowledged: by the tables, and by what those outside took."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import Error, connection

from checks.faults import kept as books
from checks.faults.outside import taken
from checks.faults.site import LEASE, SWEEP, Site
from checks.faults.working import ADMINISTRATOR, PROPOSING, REMINDING, Work, moment
from jobs import claims, declared
from jobs.models import Job, Run
from jobs.sweep import last_sweep
from rhi.models import Email, Letter
from staff.models import User

SECONDS_TO_END = 60


@dataclass
class Reckoning:
    """What was acknowledged, what became of it, and what is wrong."""

    sent: Counter[str] = field(default_factory=Counter)
    """By what it is: handed over, one copy."""
    uncertain: int = 0
    given_up: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    """By what it is: in the tables, once."""
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, nothing done twice unseen, and everything uncertain listed."""
        return not (self.lost or self.twice or self.unlisted)

    def line(self) -> str:
        """In one line."""
        return (
            f"sent once: {_counted(self.sent)}; uncertain and listed: {self.uncertain};"
            f" kept once: {_counted(self.kept)}; given up, listed and tried again: {self.given_up};"
            f" {len(self.lost)} lost, {len(self.twice)} twice, {len(self.unlisted)} uncertain and not listed"
        )


def _counted(each: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in sorted(each.items())) or "nothing"


def wait_until_quiet() -> list[str]:
    """Wait until no job is left to do; what is left after a minute, in words."""
    deadline = time.monotonic() + SECONDS_TO_END
    left: list[str] = []
    while time.monotonic() < deadline:
        try:
            due = Job.objects.filter(state__in=[Job.State.WAITING, Job.State.CLAIMED], due_at__lte=moment())
            left = [f"job {job.pk} {job.name}: {job.state} {job.reason}" for job in due]
        except Error:
            connection.close()
        else:
            if not left:
                return []
        time.sleep(0.2)
    return left


def reckon(site: Site, work: Work) -> Reckoning:
    """Set the books beside each other. Call it when everything is up."""
    found = Reckoning()
    found.lost += wait_until_quiet()
    for name in (REMINDING, PROPOSING):
        if not work.run(name):
            found.lost.append(f"every run of {name}")
    found.lost += wait_until_quiet()
    found.given_up = try_again()
    found.lost += wait_until_quiet()
    time.sleep(2 * SWEEP)
    _handed_over(found, site, work)
    kept = books.reckon(work)
    found.kept, found.lost, found.twice = kept.once, found.lost + kept.lost, found.twice + kept.twice
    found.lost += missing_runs()
    swept = last_sweep()
    if swept is None or moment() - swept > timedelta(seconds=10 * SWEEP):
        found.lost.append(f"the sweep itself: last at {swept}")
    return found


def _handed_over(found: Reckoning, site: Site, work: Work) -> None:
    """Everything that is handed over, whoever acknowledged it: its row is the promise that it goes, once."""
    mail, notify = taken(site.mail), taken(site.notify)
    emails = {row.key: row for row in Email.objects.all()}
    for key in [*work.emails, *work.digests]:
        if key not in emails:
            found.lost.append(f"email {key}: no row")
    for row in emails.values():
        _sending(found, row.kind, f"email {row.key}", row, mail)
    letters = Letter.objects.filter(channel=Letter.Channel.NOTIFY).defer("pdf")
    here = set(letters.values_list("pk", flat=True))
    found.lost += [f"letter {pk}: no row" for pk in work.letters if pk not in here]
    for letter in letters:
        _sending(found, "letter", f"letter {letter.pk}", letter, notify)
    references = {str(row.reference) for row in [*emails.values(), *letters]}
    found.lost += [
        f"the row of {each}, of which somebody has a copy" for each in mail | notify if each not in references
    ]
    page = work.page(ADMINISTRATOR, "/background/")
    uncertain = [row for row in [*emails.values(), *letters] if row.state == row.State.UNCERTAIN]
    found.unlisted += [f"{row.reference} is not on the page" for row in uncertain if str(row.reference) not in page]


def try_again() -> int:
    """Have what was given up tried again, as an administrator does who sees it listed; how much that was.

    Whoever kills at random sooner or later strikes one job in each of its attempts. It is then given up and shown.
    """
    given_up = list(Job.objects.filter(state=Job.State.DEAD))
    administrator = User.objects.get(email=ADMINISTRATOR)
    for job in given_up:
        claims.retry(job, by=administrator, now=moment())
    return len(given_up)


def _sending(found: Reckoning, what: str, name: str, row: Email | Letter, outside: dict[str, int]) -> None:
    """One thing that was to be handed over once."""
    copies = outside.get(str(row.reference), 0)
    if copies > 1:
        found.twice.append(f"{name}: {copies} copies")
    match row.state:
        case row.State.SENT if copies:
            found.sent[what] += 1
        case row.State.UNCERTAIN:
            found.uncertain += 1
        case row.State.SENDING:
            found.unlisted.append(f"{name}: being sent since {row.sending_since}, lease {LEASE} s")
        case row.State.CANCELLED if what in (Email.Kind.DAILY, Email.Kind.WEEKLY) and not copies:
            found.sent[f"{what} dropped because its time was over"] += 1
        case _:
            found.lost.append(f"{name}: {row.state}, {copies} copies, {row.failure}")


def missing_runs() -> list[str]:
    """Periods of what recurs that came due since its first run and have none; the last few sweeps may still bring."""
    until = moment() - timedelta(seconds=10 * SWEEP)
    missing = []
    for recurring in declared.schedule():
        made = dict(Run.objects.filter(name=recurring.name).values_list("period", "job__due_at"))
        if made:
            due = recurring.every.periods(min(made.values()), until)
            missing += [f"run {recurring.name} {period.name}" for period in due if period.name not in made]
    return missing
