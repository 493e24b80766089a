"""Everything that the page of a child shows, gathered in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Prefetch, Q

from episodes.models import Access, Carer, Child, Episode, Involvement, Kind
from procedures.calendar import local_date, start_of_day
from rhi.models import Interview, Outcome, VisitorWarning
from routing.models import ANSWERED_KINDS, Allocation, Deadline, Referral, Task
from staff.models import User
from staff.permissions import Permission, allowed

#: Repeat episodes are counted over this many days, today among them (Nottinghamshire, Q7).
DAYS = 90


@dataclass(frozen=True)
class May:
    """What a person may do with a child whom they see."""

    work: bool
    record: bool
    correct: bool
    restrict: bool
    see_access: bool
    warn: bool


def may(child: Child, user: User, *, now: datetime) -> May:
    """What a person may do: their role and, for whatever changes a record, the scoping query."""
    work = Child.objects.workable_by(user, now).filter(pk=child.pk).exists()
    return May(
        work=work,
        record=work and allowed(user, Permission.RECORD_EPISODES),
        correct=work and allowed(user, Permission.CORRECT_RECORDS),
        restrict=work and allowed(user, Permission.RESTRICT_CHILDREN),
        see_access=work and allowed(user, Permission.CORRECT_RECORDS),
        warn=work and allowed(user, Permission.WORK_REFERRALS),
    )


@dataclass(frozen=True)
class Absences:
    """A child's episodes: those that count, the newest first, and those withdrawn; and what there is to say of them."""

    counted: list[Episode]
    withdrawn: list[Episode]
    recent: int

    @property
    def missing(self) -> int:
        """How many were episodes of the kind that is counted."""
        return sum(episode.kind == Kind.MISSING for episode in self.counted)

    @property
    def away(self) -> int:
        """How many were episodes without authorisation, counted apart."""
        return len(self.counted) - self.missing

    @property
    def open(self) -> list[Episode]:
        """Those from which the child has not come back; one that ended at an unknown time is not among them."""
        return [episode for episode in self.counted if not episode.returned_at and not episode.ended_how]


@dataclass(frozen=True)
class Page:
    """One child with all that belongs to them, each kind in its order."""

    involvements: list[Involvement]
    past_involvements: list[Involvement]
    carers: list[Carer]
    absences: Absences
    open_referrals: list[Referral]
    closed_referrals: list[Referral]
    interviews: list[Interview]
    following: list[Task]
    accesses: list[Access]
    past_accesses: list[Access]
    warnings: list[VisitorWarning]
    past_warnings: list[VisitorWarning]

    @property
    def statuses(self) -> list[str]:
        """What the child is open to now, in words, each once."""
        return list(dict.fromkeys(involvement.get_service_display() for involvement in self.involvements))


def gather(child: Child, *, with_access: bool, now: datetime) -> Page:
    """Read what belongs to a child: eleven queries, and one more for who may see them."""
    today = local_date(now)
    involvements = list(
        Involvement.objects.filter(child=child).select_related("team", "worker", "host_authority").order_by("-start")
    )
    current = [each for each in involvements if each.start <= today and (each.end is None or today <= each.end)]
    referrals = _referrals(child)
    accesses = _accesses(child) if with_access else []
    warnings = list(VisitorWarning.objects.filter(child=child).order_by("at", "pk"))
    return Page(
        involvements=current,
        past_involvements=[each for each in involvements if each not in current],
        carers=list(Carer.objects.filter(child=child).order_by("name", "pk")),
        absences=_absences(child, now),
        open_referrals=[referral for referral in referrals if referral.closed_at is None],
        closed_referrals=[referral for referral in referrals if referral.closed_at is not None],
        interviews=_interviews(child),
        following=_following(child),
        accesses=_each_once([access for access in accesses if holds(access, now)]),
        past_accesses=[access for access in accesses if not holds(access, now)],
        warnings=[warning for warning in warnings if not warning.ended_at],
        past_warnings=[warning for warning in warnings if warning.ended_at],
    )


def _each_once(accesses: Sequence[Access]) -> list[Access]:
    """Of rows that give the same people access on the same basis, the one that has lasted longest."""
    first = {
        (row.basis, row.user_id, row.team_id, row.involvement_id, row.because, row.until): row
        for row in accesses  # the newest first, so the oldest is what stays
    }
    return sorted(first.values(), key=lambda row: (row.since, row.pk), reverse=True)


def holds(access: Access, now: datetime) -> bool:
    """Whether a row of access is in force."""
    return access.since <= now and (access.until is None or access.until > now)


def _absences(child: Child, now: datetime) -> Absences:
    episodes = list(
        Episode.objects.filter(child=child).select_related("outcome", "cover").order_by("-last_seen_at", "-pk")
    )
    counted = [episode for episode in episodes if episode.withdrawn_at is None]
    since = start_of_day(local_date(now) - timedelta(days=DAYS - 1))
    return Absences(
        counted=counted,
        withdrawn=[episode for episode in episodes if episode.withdrawn_at is not None],
        recent=sum(episode.kind == Kind.MISSING and since <= episode.last_seen_at <= now for episode in counted),
    )


def _referrals(child: Child) -> Sequence[Referral]:
    """The child's referrals, each with its holder and its open clocks, the first to run out first."""
    holders = Allocation.objects.filter(until__isnull=True).select_related("team", "worker")
    clocks = Deadline.objects.filter(settled="").order_by("due_at", "pk")
    rows = Referral.objects.filter(child=child).order_by(F("in_tray_at").desc(nulls_last=True), "-pk")
    return list(
        rows.prefetch_related(
            Prefetch("allocations", queryset=holders, to_attr="holders"),
            Prefetch("deadlines", queryset=clocks, to_attr="clocks"),
        )
    )


def _interviews(child: Child) -> list[Interview]:
    """The child's interviews that were held or have an outcome, the newest first, each with its outcomes."""
    rows = Interview.objects.filter(child=child).select_related("worker", "signed_off_by")
    outcomes = Outcome.objects.select_related("episode").order_by("episode__last_seen_at", "pk")
    rows = rows.prefetch_related(Prefetch("outcomes", queryset=outcomes))
    rows = rows.order_by(F("held_at").desc(nulls_last=True), "-pk")
    return [interview for interview in rows if interview.held_at or interview.outcomes.all()]


def _following(child: Child) -> list[Task]:
    """What was referred for the child, with its answer, and the support that runs; the newest first."""
    rows = Task.objects.filter(
        Q(kind__in=ANSWERED_KINDS, done_at__isnull=False) | Q(support__isnull=False, support__ended_on__isnull=True),
        child=child,
    )
    return list(rows.select_related("support", "owner", "owner_team").order_by("-done_at", "-pk"))


def _accesses(child: Child) -> list[Access]:
    rows = Access.objects.filter(child=child).select_related("team", "user", "involvement")
    return list(rows.order_by("-since", "-pk"))
