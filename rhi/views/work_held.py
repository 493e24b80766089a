"""The referrals that a person holds, each with what it needs next, gathered in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse

from episodes.models import Episode
from procedures.clocks import state_at
from rhi import wording
from rhi.models import Appointment, Attempt, Interview, InterviewEpisode, Offer, RecordsCheck, VisitorWarning
from rhi.views.contact_panel import ContactPanel, panels
from rhi.views.next_step import Doer, Known, NextStep, OfferMade, next_step
from rhi.wording import Standing
from routing.models import Allocation, ClockName, Referral, ReferralQuerySet
from staff.models import User
from staff.permissions import Permission, allowed

#: Whoever holds a referral does these steps of it, each with the permission that it needs.
OWN = {
    Doer.WORKER: Permission.WORK_REFERRALS,
    Doer.RECORDER: Permission.RECORD_EPISODES,
    Doer.SIGNER: Permission.SIGN_OFF,
}


@dataclass(frozen=True)
class Row:
    """One referral in somebody's work: its next clock, its last attempt and its next step.

    `way` is the address of the step, empty where somebody else takes it; `try_again_at` is when to try next (UTC).
    """

    referral: Referral
    clock: str
    standing: Standing | None
    due_at: datetime | None
    last: Attempt | None
    step: NextStep
    way: str
    may_log: bool
    untried: bool
    try_again_at: datetime | None
    appointment: Appointment | None
    warnings: tuple[VisitorWarning, ...] = ()

    @property
    def interpreter(self) -> str:
        """That one is needed, and for which language; empty where none is."""
        child = self.referral.child
        return wording.interpreter(child.interpreter_needed, child.language)

    @property
    def clock_in_full(self) -> str:
        """The clock with the child whose it is, for who hears it and does not see the row."""
        child = self.referral.child
        return f"{self.clock}, {child.first_name} {child.last_name}"


def held(user: User, now: datetime) -> ReferralQuerySet:
    """The open referrals that a person holds."""
    holds = Allocation.objects.filter(referral=OuterRef("pk"), until__isnull=True, worker=user.pk)
    return Referral.objects.visible_to(user, now).filter(Exists(holds), closed_at__isnull=True)


def held_by(user: User, now: datetime) -> list[Row]:
    """The open referrals that a person holds, the next deadline first; those without one at the end."""
    referrals = list(
        held(user, now)
        .with_next_deadline()
        .select_related("child", "version")
        .order_by(F("next_due_at").asc(nulls_last=True), "pk")
    )
    facts = _Facts(referrals, now)
    return [_row(referral, facts, user, now) for referral in referrals]


class _Facts:
    """What the next steps of some referrals rest on, by referral; eight queries besides those of the panels."""

    def __init__(self, referrals: Collection[Referral], now: datetime) -> None:
        keys = [referral.pk for referral in referrals]
        self.panels = panels(referrals, now=now)
        self.interviews: dict[int, list[Interview]] = defaultdict(list)
        of: dict[int, list[int]] = defaultdict(list)
        links = InterviewEpisode.objects.filter(episode__cover__referral__in=keys)
        pairs = links.values_list("episode__cover__referral", "interview").distinct()
        found = Interview.objects.select_related("written_up_by").in_bulk({interview for _, interview in pairs})
        for referral, interview in pairs:
            self.interviews[referral].append(found[interview])
            of[interview].append(referral)
        self.attempts: dict[int, Attempt] = {}
        for attempt in Attempt.objects.filter(interview__in=of).order_by("attempted_at", "pk"):
            self.attempts |= dict.fromkeys(of[attempt.interview_id], attempt)
        self.offers: dict[int, list[OfferMade]] = defaultdict(list)
        for offer in Offer.objects.filter(interview__in=of).order_by("pk"):
            for referral in of[offer.interview_id]:
                self.offers[referral].append(OfferMade(offer.pk, offer.to, offer.response))
        self.appointments: dict[int, Appointment] = {}
        for appointment in Appointment.objects.filter(interview__in=of, ended_at__isnull=True).order_by("-at"):
            self.appointments |= dict.fromkeys(of[appointment.interview_id], appointment)
        lacking = Q(covered__episode__withdrawn_at__isnull=True, covered__episode__outcome__isnull=True)
        self.outcomes_missing = dict(
            Referral.objects.filter(pk__in=keys)
            .annotate(lack=Count("covered", filter=lacking))
            .values_list("pk", "lack")
        )
        self.checked = set(RecordsCheck.objects.filter(referral__in=keys).values_list("referral", flat=True))
        self.missing_again = {
            episode.child_id: episode
            for episode in Episode.objects.filter(
                child__in={referral.child_id for referral in referrals},
                returned_at__isnull=True,
                ended_how="",
                withdrawn_at__isnull=True,
                history=False,
            ).order_by("last_seen_at")
        }

    def held(self, referral: Referral) -> Interview | None:
        """The interview that was held first."""
        held = [interview for interview in self.interviews[referral.pk] if interview.held_at]
        return min(held, key=lambda interview: (interview.held_at, interview.pk), default=None)


def _row(referral: Referral, facts: _Facts, user: User, now: datetime) -> Row:
    panel = facts.panels[referral.pk]
    held = facts.held(referral)
    step = next_step(_known(referral, facts, panel, user, now))
    due_at, clock = referral.next_due_at, referral.next_clock  # type: ignore[attr-defined]  # annotated
    state = state_at(now, due_at=due_at, settled=None)
    return Row(
        referral=referral,
        clock=ClockName(clock).label if clock else "",
        standing=wording.standing(state, due_at=due_at, met_at=None, now=now) if due_at else None,
        due_at=due_at,
        last=facts.attempts.get(referral.pk),
        step=step,
        way=_way(step, user),
        may_log=held is None,
        untried=panel is not None and not panel.tried and not panel.spoken,
        try_again_at=panel.suggestion.at if panel and panel.suggestion else None,
        appointment=None if held else facts.appointments.get(referral.pk),
        warnings=panel.warnings if panel else (),
    )


def _way(step: NextStep, user: User) -> str:
    """Where the person takes a step; empty when it is somebody else's."""
    ways = (way for way in step.ways if way.doer in OWN and allowed(user, OWN[way.doer]))
    way = next(ways, None)
    return reverse(way.name, args=way.at) if way else ""


def _known(referral: Referral, facts: _Facts, panel: ContactPanel | None, user: User, now: datetime) -> Known:
    """As much as is known of a referral in the hands of a person."""
    held = facts.held(referral)
    again = facts.missing_again.get(referral.child_id)
    appointment = None if held else facts.appointments.get(referral.pk)
    suggestion = panel.suggestion if panel else None
    return Known(
        referral=referral.pk,
        now=now,
        routed=bool(referral.destination),
        question="" if referral.question_settled_at else referral.question,
        missing_again=again.pk if again else None,
        missing_since=again.last_seen_at if again else None,
        worker=user.name,
        records_unchecked=referral.pk not in facts.checked,
        attempts=len(panel.tried) if panel else 0,
        spoken=bool(panel and panel.spoken),
        all_tried=bool(panel and panel.all_tried),
        try_again_at=suggestion.at if suggestion else None,
        try_again_because=suggestion.because if suggestion else "",
        offers=tuple(facts.offers[referral.pk]),
        appointment_at=appointment.at if appointment else None,
        held_at=held.held_at if held else None,
        written_up_at=held.written_up_at if held else None,
        written_up_by=held.written_up_by.name if held and held.written_up_by else "",
        signed_off_at=held.signed_off_at if held else None,
        outcomes_missing=facts.outcomes_missing[referral.pk],
    )
