"""What should have been done and was not: nobody assigned, nobody tried, nothing written up, answered or recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from episodes.models import Access, Episode
from procedures import clocks
from procedures.calendar import local_date, start_of_day
from procedures.models import Version
from rhi import wording
from rhi.access import with_form_owed
from rhi.actions.dues import LONGEST, Due, Span, exactly
from rhi.models import Appointment, Attempt, Interview, NoticeKind, Offer
from routing.models import Allocation, ClockName, Deadline, Destination, Referral, ReferralEpisode
from staff.models import leavers

NEVER = Q(pk__in=[])


def unassigned(span: Span, versions: Mapping[int, Version]) -> Iterator[Due]:
    """The referrals that nobody who works here has held for too long, where no clock of their own says so: one query.

    Of one whose worker has left, the time counts from that day.
    """
    left = leavers(local_date(span.until))
    assigning = Deadline.objects.filter(referral=OuterRef("referral"), name=ClockName.ASSIGN, settled="")
    rows = _holding(span, unless=Exists(assigning)).filter(
        Q(worker__isnull=True, since__gt=span.earliest - LONGEST)
        | Q(
            worker__in=left.filter(left_on__gt=local_date(span.earliest - LONGEST)),
            referral__closed_at__isnull=True,
        )
    )
    for row in rows:
        version = versions[row.referral.version_id]
        from_when = row.since
        if row.worker and row.worker.left_on:
            from_when = max(from_when, start_of_day(row.worker.left_on))
        at = clocks.due_at(from_when, version.procedure.reminders.not_assigned, version.calendar)
        if at in span:
            who = f"{row.worker} held this referral and has left." if row.worker else "Nobody holds this referral."
            words = f"{who} It has waited since {wording.in_full(from_when)}."
            yield _of_allocation(row, at, NoticeKind.NOT_ASSIGNED, words)


def untried(span: Span, versions: Mapping[int, Version]) -> Iterator[Due]:
    """The referrals that a worker has held for too long without trying anybody: one query.

    Not while the child is missing again, who cannot be tried: from the return on, the time is given anew. While
    somebody is on record as tried nothing is noted, so that the reminder comes when that is taken back.
    """
    of_it = {"interview__about__episode__cover__referral": OuterRef("referral")}
    held = Interview.objects.filter(about__episode__cover__referral=OuterRef("referral"), held_at__isnull=False)
    absences = Episode.objects.filter(child=OuterRef("child"), withdrawn_at__isnull=True, history=False)
    missing = absences.filter(returned_at__isnull=True, ended_how="")
    returns = absences.filter(returned_at__lte=span.until).annotate(heard=Coalesce("notified_at", "returned_at"))
    tried = Exists(Attempt.objects.filter(**of_it)) | Exists(Offer.objects.filter(**of_it)) | Exists(held)
    begins = span.earliest - LONGEST
    rows = (
        _holding(span)
        .annotate(back_at=Subquery(returns.order_by("-heard").values("heard")[:1]))
        .filter(Q(since__gt=begins) | Q(back_at__gt=begins), worker__isnull=False)
        .filter(Q(referral__closed_at__isnull=False) | ~(tried | Exists(missing)))
    )
    for row in rows:
        version = versions[row.referral.version_id]
        back_at: datetime | None = row.back_at
        from_when = max(row.since, back_at or row.since)
        at = clocks.due_at(from_when, version.procedure.reminders.no_attempt, version.calendar)
        if at in span:
            given = f"The referral was given out on {wording.in_full(row.since)}"
            back = f", and the child came back after that: we heard on {wording.in_full(from_when)}"
            words = f"Nobody has been tried yet. {given}{back if from_when > row.since else ''}."
            yield _of_allocation(row, at, NoticeKind.NO_ATTEMPT, words)


def _holding(span: Span, *, unless: Exists | Q = NEVER) -> QuerySet[Allocation]:
    """Who holds each referral that is ours to arrange, also one that an open interview record made.

    Each with `stands`: whether it is open and waits for no discussion, `unless` something else holds.
    """
    of_now = ReferralEpisode.objects.filter(referral=OuterRef("referral"), episode__history=False)
    asking = Q(referral__question_settled_at__isnull=True) & ~Q(referral__question="")
    stands = Q(referral__closed_at__isnull=True) & ~asking & ~Q(unless)
    return (
        Allocation.objects.filter(until__isnull=True, since__lte=span.until)
        .exclude(referral__destination=Destination.AUTHORITY)
        .filter(~Q(referral__destination="") | Exists(of_now))
        .annotate(stands=ExpressionWrapper(stands, output_field=BooleanField()))
        .select_related("referral", "worker")
        .order_by("pk")
    )


def _of_allocation(row: Allocation, at: datetime, kind: NoticeKind, about: str) -> Due:
    key = f"{kind}:held {row.pk}:{exactly(at)}"
    return Due(
        at=at,
        kind=kind,
        key=key,
        about=about,
        child=row.child_id,
        referral=row.referral_id,
        stands=row.stands,  # type: ignore[attr-defined]  # annotated
    )


def unwritten(span: Span, versions: Mapping[int, Version]) -> Iterator[Due]:
    """The forms that should have been written up: two queries."""
    ends = span.earliest - LONGEST
    lately = Interview.objects.filter(Q(held_at__gt=ends) | Q(held_at__isnull=True, referral__closed_at__gt=ends))
    rows = list(with_form_owed(lately).select_related("referral").order_by("pk"))
    set_by_clock = dict(
        Deadline.objects.filter(
            referral__in=[row.referral_id for row in rows], name=ClockName.WRITE_UP, due_at__isnull=False
        ).values_list("referral", "due_at")
    )
    for row in rows:
        version = versions[row.referral.version_id]
        from_when = row.held_at or row.referral.closed_at
        at = set_by_clock.get(row.referral_id) or (
            from_when and clocks.due_at(from_when, version.procedure.reminders.not_written_up, version.calendar)
        )
        if at and at in span:
            yield Due(
                at=at,
                kind=NoticeKind.WRITE_UP,
                key=f"{NoticeKind.WRITE_UP}:interview {row.pk}:{exactly(at)}",
                about=f"The form is still to be written up. It was due on {wording.in_full(at)}.",
                child=row.child_id,
                referral=row.referral_id,
                worker=row.worker_id,
                stands=row.form_owed,  # type: ignore[attr-defined]  # annotated
            )


def unanswered(span: Span, versions: Mapping[int, Version]) -> Iterator[Due]:
    """The discussions that nobody has settled in time, also for the child's own workers, who are asked: two queries."""
    asking = [
        (row, at)
        for row in Referral.objects.exclude(question="").filter(in_tray_at__gt=span.earliest - LONGEST).order_by("pk")
        if row.in_tray_at and (at := _answer_due(row.in_tray_at, versions[row.version_id])) in span
    ]
    workers: dict[int, set[int]] = defaultdict(set)
    for access in Access.objects.filter(
        Q(until__isnull=True) | Q(until__gt=span.until),
        child__in=[row.child_id for row, _ in asking],
        basis=Access.Basis.INVOLVEMENT,
        user__isnull=False,
    ):
        if access.user_id:
            workers[access.child_id].add(access.user_id)
    for row, at in asking:
        due = Due(
            at=at,
            kind=NoticeKind.DISCUSSION,
            key=f"{NoticeKind.DISCUSSION}:referral {row.pk}:{exactly(at)}",
            about=f"Who holds the interview is still to be settled. An answer was due by {wording.in_full(at)}.",
            child=row.child_id,
            referral=row.pk,
            stands=row.question_settled_at is None and row.closed_at is None,
        )
        yield due
        for worker in sorted(workers[row.child_id]):
            yield replace(due, worker=worker, leaders=False)


def _answer_due(asked_at: datetime, version: Version) -> datetime:
    limit = version.procedure.clocks.discussion or version.procedure.reminders.not_answered
    return clocks.due_at(asked_at, limit, version.calendar)


def unrecorded(span: Span, versions: Mapping[int, Version]) -> Iterator[Due]:
    """The appointments that have passed without a word of what became of them: one query.

    That somebody was tried since then is such a word. While it is on record nothing is noted, so that the reminder
    comes when it is taken back.
    """
    tried = Attempt.objects.filter(interview=OuterRef("interview"), attempted_at__gte=OuterRef("at"))
    rows = Appointment.objects.filter(at__gt=span.earliest - LONGEST, at__lte=span.until).exclude(Exists(tried))
    for row in rows.select_related("interview__referral").order_by("pk"):
        referral = row.interview.referral
        version = versions[referral.version_id]
        at = clocks.due_at(row.at, version.procedure.reminders.after_appointment, version.calendar)
        if at in span:
            yield Due(
                at=at,
                kind=NoticeKind.APPOINTMENT,
                key=f"{NoticeKind.APPOINTMENT}:appointment {row.pk}:{exactly(at)}",
                about=f"The interview was booked for {wording.in_full(row.at)}, and nothing is recorded since.",
                child=row.child_id,
                referral=referral.pk,
                stands=row.ended_at is None and row.interview.held_at is None and referral.closed_at is None,
            )
