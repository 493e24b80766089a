"""Reminders: what people are told of by itself, once each, and when (decision 29).

A clock that will run out is announced as long as it runs, whenever it began to. Of what has passed (a breach, a
silence) each run tells what no run has noted before: what came about since the last one, and what has only now become
known. What passed while it was settled is noted too: nothing of the past is told when an old referral opens again.
What nobody could be told of is not noted, and told as soon as somebody can be, within a week.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Max, Q

from jobs.models import Job
from jobs.schedule import Every, Recurring
from procedures.models import NoProcedure, Rulebook
from rhi.actions import bundling, passing_on
from rhi.actions.dues import KNOWN_LATE, Due, Span
from rhi.actions.running_out import broken, coming
from rhi.actions.silences import unanswered, unassigned, unrecorded, untried, unwritten
from rhi.actions.telling import Matter, tell, tell_of_the_rest
from rhi.actions.unfinished import unfinished
from rhi.models import Noted, Notice
from routing.models import Allocation

FIRST = timedelta(days=1)
"""Of the past the first run of all looks back no further: what was brought over fires nothing."""

FURTHEST = timedelta(days=14)
"""After an outage no run looks back further."""

LATE = timedelta(hours=1)
"""What is told so long after its time is marked late, and told of a referral once for each kind."""


def remind(*, now: datetime, **_: object) -> None:
    """Tell everybody what they must be told by now, then hand what nobody has been told of yet to email.

    Run twice, or by two workers at once, it tells nothing twice: a notice is once for each person by its key.
    """
    try:
        versions = Rulebook.load().versions
    except NoProcedure:
        return
    span = span_of(now)
    procedures = {version.pk: version for version in versions}
    passed = [
        *broken(span),
        *unassigned(span, procedures),
        *untried(span, procedures),
        *unwritten(span, procedures),
        *unanswered(span, procedures),
        *unrecorded(span, procedures),
        *unfinished(span),
    ]
    new = unnoted(passed, span)
    news = list(_late((due for due in new if span.tells(due)), span))
    tell(_for_holders([*coming(now, procedures), *news]), now=now)
    note(new, news)
    tell_of_the_rest(now)
    passing_on.pass_on(now)
    bundling.send(now=now)


SCHEDULE = (Recurring(remind, every=Every(minutes=15)),)


def span_of(now: datetime) -> Span:
    """What a run looks at. For the first of all nothing becomes known late: everything is new to it."""
    done = Job.objects.filter(name=SCHEDULE[0].name, state=Job.State.DONE, finished_at__lte=now)
    last: datetime | None = done.aggregate(last=Max("finished_at"))["last"]
    if last is None:
        return Span(since=now - FIRST, until=now, known=now - FIRST)
    return Span(since=max(last, now - FURTHEST), until=now, known=now - KNOWN_LATE)


def unnoted(passed: Sequence[Due], span: Span) -> list[Due]:
    """Which of these no run has noted yet. Two queries.

    What a run noted while a clock was ahead has not passed, so nobody has dealt with it.
    """
    Noted.objects.filter(Q(at__gt=span.until) | Q(at__lt=span.until - 2 * FURTHEST)).delete()
    known = set(Noted.objects.filter(at__gte=span.earliest).values_list("key", flat=True))
    return [due for due in passed if due.key not in known]


def note(new: Sequence[Due], news: Sequence[Due]) -> None:
    """Note what this run has dealt with: all that is `new` but those of the `news` that nobody could be told of.

    Two queries. Of the rest the next run looks again whether somebody can.
    """
    heard = set(Notice.objects.filter(key__in={due.key for due in news}).values_list("key", flat=True))
    waiting = {key for due in news if due.key not in heard for key in due.along}
    # Another worker may be noting the same ones.
    Noted.objects.bulk_create(
        [Noted(key=due.key, at=due.at) for due in new if due.key not in waiting], ignore_conflicts=True
    )


def _late(passed: Iterable[Due], span: Span) -> Iterator[Due]:
    """Mark what comes late or could not be told before; of those, say of a referral all that is of one kind at once."""
    together: dict[tuple[object, ...], list[Due]] = defaultdict(list)
    for due in sorted(passed, key=lambda due: (due.at, due.key)):
        late = due.at < span.since or span.until - due.at > LATE
        together[(due.referral, due.kind, due.worker) if late else (due.key, due.worker)].append(due)
    for alike in together.values():
        first = alike[0]
        said = [*dict.fromkeys(due.about for due in alike)]
        if first.at < span.since:
            said.append("This could not be told before.")
        elif span.until - first.at > LATE:
            said.append("This comes late.")
        yield replace(first, about=" ".join(said), along=tuple(due.key for due in alike))


def _for_holders(dues: Collection[Due]) -> list[Matter]:
    """Each as a matter for whoever holds the referral now: one query."""
    holders = {
        row.referral_id: row
        for row in Allocation.objects.filter(referral__in={due.referral for due in dues}, until__isnull=True)
    }
    matters = []
    for due in dues:
        holder = holders.get(due.referral)
        matters.append(
            Matter(
                key=due.key,
                kind=due.kind,
                about=due.about,
                child=due.child,
                referral=due.referral,
                worker=due.worker or (holder.worker_id if holder else None),
                team=holder.team_id if holder else None,
                leaders=due.leaders,
            )
        )
    return matters
