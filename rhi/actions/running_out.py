"""The clocks of which people are reminded: those that run out soon, and those that have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from procedures import clocks
from procedures.calendar import local_date, start_of_day
from procedures.models import Version
from rhi import wording
from rhi.access import form_owed
from rhi.actions.dues import Due, Span, exactly
from rhi.models import Interview, NoticeKind
from routing.models import ClockName, Deadline


def coming(now: datetime, versions: Mapping[int, Version]) -> Iterator[Due]:
    """The clocks that run and are to be announced by now, of what is still owed: one query."""
    last = max(horizon(now, each) for each in versions.values())
    running = Deadline.objects.filter(still_owed(), settled="", due_at__gt=now, due_at__lte=last)
    for row in running.select_related("referral").order_by("due_at", "pk"):
        version = versions[row.referral.version_id]
        lead = getattr(version.procedure.reminders, row.name)
        if row.due_at and clocks.announced_at(row.due_at, lead, version.calendar) <= now:
            yield _of_clock(row, row.due_at, NoticeKind.DUE, f"runs out on {wording.in_full(row.due_at)}.")


def still_owed() -> Q:
    """The condition on clocks that nothing has stopped that somebody still owes what they ask for.

    An outcome closes a referral and need not stop each of its clocks: that of the offer runs on where the interview was
    held and no offer is on record. How it ends is for the figures; nobody can do anything about it any more. The
    form alone is owed after the outcome, too, where it is owed here.
    """
    forms = Interview.objects.filter(
        form_owed(), held_at__isnull=False, about__episode__cover__referral=OuterRef("referral")
    )
    of_the_form = Q(name=ClockName.WRITE_UP)
    return (of_the_form & Exists(forms)) | (~of_the_form & Q(referral__closed_at__isnull=True))


def horizon(now: datetime, version: Version) -> datetime:
    """A time after which no clock ends that is to be announced by now."""
    opening = start_of_day(version.calendar.working_day_after(local_date(now), 3))
    leads = [getattr(version.procedure.reminders, name).number for name in ClockName.values]
    # Eight hours of core time may be a whole day.
    return opening + timedelta(days=7, hours=3 * max(leads))


def broken(span: Span) -> Iterator[Due]:
    """The clocks that have run out: one query. Of a form that is owed `unwritten` tells.

    At the very end a clock is still met, so one that ends as a run begins is told of by the next.
    """
    rows = Deadline.objects.filter(due_at__gt=span.earliest, due_at__lt=span.until).exclude(name=ClockName.WRITE_UP)
    # What settles the clock of an open referral may be a slip: it is noted once it stands, and not before.
    rows = rows.filter(Q(settled="") | Q(referral__closed_at__isnull=False))
    for row in rows.select_related("referral").order_by("due_at", "pk"):
        if row.due_at is None:
            continue
        if row.name == ClockName.ASSIGN:
            words = f"Nobody has been given this referral. It was to have a worker by {wording.in_full(row.due_at)}."
            yield _of_clock(row, row.due_at, NoticeKind.NOT_ASSIGNED, words, whole=True)
        else:
            before = ", before the service was told of the return" if row.late_on_arrival else ""
            words = f"ran out on {wording.in_full(row.due_at)}{before}."
            yield _of_clock(row, row.due_at, NoticeKind.BREACH, words)


def _of_clock(row: Deadline, due_at: datetime, kind: NoticeKind, words: str, *, whole: bool = False) -> Due:
    return Due(
        at=due_at,
        kind=kind,
        key=f"{kind}:clock {row.pk}:{exactly(due_at)}",
        about=words if whole else f"{ClockName(row.name).label}: {words}",
        child=row.child_id,
        referral=row.referral_id,
        stands=not row.settled and row.referral.closed_at is None,
    )
