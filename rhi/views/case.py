"""Everything that the page of a referral shows, gathered in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q

from episodes.models import Carer, Child, Episode, Involvement, Service
from procedures.calendar import local_date
from procedures.types import ContactPoint
from rhi.access import with_form_owed
from rhi.actions import plan_requests
from rhi.models import (
    Addendum,
    Appointment,
    Attachment,
    Attempt,
    CaseNote,
    Email,
    EpisodeMoved,
    Escalation,
    Filed,
    Interview,
    InterviewRead,
    Letter,
    Offer,
    RecordsCheck,
    SentBack,
    Share,
    TakenBack,
    VisitorWarning,
)
from routing.models import Allocation, Deadline, Referral, ReferralEpisode, Task
from staff import audit
from staff.models import AuditEvent, User
from staff.permissions import Permission, allowed


@dataclass(frozen=True)
class May:
    """What a person may do with one referral."""

    work: bool
    assign: bool
    settle: bool
    record: bool
    correct: bool
    sign_off: bool
    escalate: bool
    see_child: bool


def may(referral: Referral, user: User, *, now: datetime) -> May:
    """Ask the scoping queries, all at once, what a person may do with a referral that they see."""
    rows = Referral.objects.all()
    workable, assignable, asked, child_workable = (
        Referral.objects.filter(pk=referral.pk)
        .values_list(
            Exists(rows.workable_by(user, now).filter(pk=OuterRef("pk"))),
            Exists(rows.assignable_by(user, now).filter(pk=OuterRef("pk"))),
            Exists(rows.asked_of(user, now).filter(pk=OuterRef("pk"))),
            Exists(Child.objects.workable_by(user, now).filter(pk=OuterRef("child"))),
        )
        .get()
    )
    return May(
        work=workable and allowed(user, Permission.WORK_REFERRALS),
        assign=assignable and allowed(user, Permission.ASSIGN),
        settle=(assignable or asked) and allowed(user, Permission.SETTLE_QUESTIONS),
        record=child_workable and allowed(user, Permission.RECORD_EPISODES),
        correct=child_workable and allowed(user, Permission.CORRECT_RECORDS),
        sign_off=allowed(user, Permission.SIGN_OFF),
        escalate=workable and allowed(user, Permission.ESCALATE),
        see_child=allowed(user, Permission.FIND_CHILDREN),
    )


@dataclass(frozen=True)
class Case:
    """One referral with all that belongs to it, each kind in its order. `held_by` is by interview's primary key."""

    referral: Referral
    covered: list[ReferralEpisode]
    deadlines: list[Deadline]
    allocations: list[Allocation]
    interviews: list[Interview]
    offers: list[Offer]
    attempts: list[Attempt]
    appointments: list[Appointment]
    taken_back: list[TakenBack]
    letters: list[Letter]
    involvements: list[Involvement]
    carers: list[Carer]
    tasks: list[Task]
    checks: list[RecordsCheck]
    warnings: list[VisitorWarning]
    filed: list[Attachment]
    worries: list[Escalation]
    notes: list[CaseNote]
    moves: list[EpisodeMoved]
    shares: list[Share]
    plan_emails: list[Email]
    missing_again: Episode | None
    held_by: Mapping[int, User]

    @property
    def holder(self) -> Allocation | None:
        """Who holds it now."""
        return next((allocation for allocation in self.allocations if allocation.until is None), None)

    @property
    def held(self) -> Interview | None:
        """The interview that was held first."""
        held = [interview for interview in self.interviews if interview.held_at]
        return min(held, key=lambda interview: (interview.held_at, interview.pk), default=None)

    @property
    def written(self) -> Interview | None:
        """The interview whose form tells what became of the referral: the one that was held, else its own last one."""
        own = [interview for interview in self.interviews if interview.referral_id == self.referral.pk]
        return self.held or (own[-1] if own else None)

    @property
    def form_owed(self) -> bool:
        """Whether that form is still to be written up here."""
        return self.written is not None and self.written.form_owed  # type: ignore[attr-defined]  # annotated

    @property
    def appointment(self) -> Appointment | None:
        """What is booked, unless the interview has been held since."""
        if self.held:
            return None
        return next((appointment for appointment in self.appointments if appointment.ended_at is None), None)

    @property
    def check(self) -> RecordsCheck | None:
        """What the records said when they were last looked into (Somerset 4.4)."""
        return max(self.checks, key=lambda check: (check.checked_at, check.pk), default=None)

    @property
    def warnings_in_force(self) -> list[VisitorWarning]:
        """What whoever visits or rings must know now."""
        return [warning for warning in self.warnings if warning.ended_at is None]

    @property
    def papers(self) -> list[Attachment]:
        """The papers that are there."""
        return [paper for paper in self.filed if paper.taken_out_at is None]

    @property
    def open_worries(self) -> list[Escalation]:
        """What was put to somebody who has not answered."""
        return [worry for worry in self.worries if worry.answered_at is None]

    @property
    def outcomes_missing(self) -> int:
        """How many of its episodes lack their outcome."""
        return sum(
            1 for cover in self.covered if not cover.episode.withdrawn_at and not hasattr(cover.episode, "outcome")
        )

    @property
    def looked_after(self) -> bool:
        """Whether the child is looked after today."""
        return any(involvement.service == Service.LOOKED_AFTER for involvement in self.involvements)

    @property
    def contacts(self) -> list[ContactPoint]:
        """Whom the authority's procedure names for this child (Surrey, key contact)."""
        return [
            contact
            for contact in self.referral.version.procedure.contacts
            if contact.for_children == "all" or not self.looked_after
        ]


def gather(referral: Referral, *, now: datetime) -> Case:
    """Everything about a referral: the same number of queries however much has happened."""
    covered = list(
        ReferralEpisode.objects.filter(referral=referral)
        .select_related("episode__outcome__recorded_by")
        .order_by("episode__last_seen_at", "pk")
    )
    interviews = list(
        with_form_owed(
            Interview.objects.filter(
                Q(referral=referral) | Q(about__episode__in=[cover.episode_id for cover in covered])
            )
        )
        .select_related("worker", "written_up_by", "signed_off_by")
        .prefetch_related(
            Prefetch("sent_back", SentBack.objects.select_related("by", "written_up_by").order_by("at", "pk")),
            Prefetch("reads", InterviewRead.objects.select_related("by").order_by("at", "pk")),
            Prefetch("addenda", Addendum.objects.select_related("by").order_by("at", "pk")),
            Prefetch("filed", Filed.objects.select_related("by").order_by("at", "pk")),
        )
        .distinct()
        .order_by("pk")
    )
    keys = [interview.pk for interview in interviews]
    today = local_date(now)
    return Case(
        referral=referral,
        covered=covered,
        deadlines=list(Deadline.objects.filter(referral=referral).select_related("episode").order_by("due_at", "pk")),
        allocations=list(
            Allocation.objects.filter(referral=referral).select_related("team", "worker", "by").order_by("since", "pk")
        ),
        interviews=interviews,
        offers=list(
            Offer.objects.filter(interview__in=keys)
            .select_related("recorded_by", "response_by")
            .order_by("offered_at", "pk")
        ),
        attempts=list(
            Attempt.objects.filter(interview__in=keys).select_related("recorded_by").order_by("attempted_at", "pk")
        ),
        appointments=list(
            Appointment.objects.filter(interview__in=keys)
            .select_related("recorded_by", "ended_by", "moved_to")
            .order_by("at", "pk")
        ),
        taken_back=list(TakenBack.objects.filter(referral=referral).select_related("by").order_by("at", "pk")),
        letters=list(
            Letter.objects.filter(referral=referral)
            .select_related("carer", "proposed_by", "approved_by", "seconded_by", "settled_by")
            .defer("pdf")
            .order_by("-proposed_at", "-pk")
        ),
        involvements=list(
            Involvement.objects.filter(
                Q(end__isnull=True) | Q(end__gte=today), child=referral.child_id, start__lte=today
            )
            .select_related("team", "worker", "host_authority")
            .order_by("start", "pk")
        ),
        carers=list(Carer.objects.filter(child=referral.child_id).order_by("name", "pk")),
        tasks=list(
            Task.objects.filter(referral=referral)
            .select_related("owner", "owner_team", "settled_by", "episode")
            .order_by("opened_at", "pk")
        ),
        checks=list(referral.records_checks.select_related("by").order_by("at", "pk")),
        warnings=list(
            VisitorWarning.objects.filter(child=referral.child_id).select_related("by", "ended_by").order_by("at", "pk")
        ),
        filed=list(
            Attachment.objects.filter(interview__in=keys)
            .select_related("by", "taken_out_by")
            .defer("content")
            .order_by("at", "pk")
        ),
        worries=list(
            Escalation.objects.filter(referral=referral).select_related("to", "by", "answered_by").order_by("at", "pk")
        ),
        notes=list(CaseNote.objects.filter(referral=referral).select_related("by", "mentioned").order_by("at", "pk")),
        moves=list(
            EpisodeMoved.objects.filter(Q(out_of=referral) | Q(into=referral))
            .select_related("episode", "by")
            .order_by("at", "pk")
        ),
        shares=list(
            Share.objects.filter(referral=referral).select_related("by", "approved_by").order_by("shared_at", "pk")
        ),
        plan_emails=list(
            Email.objects.filter(key__startswith=plan_requests.prefix(referral.pk))
            .select_related("to")
            .order_by("made_at", "pk")
        ),
        missing_again=Episode.objects.filter(
            child=referral.child_id,
            returned_at__isnull=True,
            ended_how="",
            withdrawn_at__isnull=True,
            history=False,
        )
        .order_by("-last_seen_at")
        .first(),
        held_by=_held_by(interviews),
    )


def _held_by(interviews: list[Interview]) -> dict[int, User]:
    """Who last recorded that these interviews were held, as the trail tells; of those that wait for sign-off only."""
    waiting = {interview.pk: interview.held_at for interview in interviews if not interview.signed_off_at}
    since = [held_at for held_at in waiting.values() if held_at]
    if not since:
        return {}
    recorded = {
        int(event.subject.rpartition(":")[2]): event.by_id
        for event in AuditEvent.objects.filter(
            type=audit.Type.INTERVIEW_HELD,
            subject__in=[f"{Interview._meta.label}:{interview}" for interview in waiting],
            at__gte=min(since),
        ).order_by("at", "pk")
        if event.by_id
    }
    people = User.objects.in_bulk(recorded.values())
    return {interview: people[by] for interview, by in recorded.items() if by in people}
