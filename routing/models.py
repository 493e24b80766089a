"""Who should act: the referral, who holds it, what must be done besides, and by when."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from episodes.models import CODE, NAME, Access, Child, Episode, access_of, visible, workable
from procedures import clocks, types
from procedures.models import Version
from staff.models import Membership, Team, User
from staff.permissions import Role


class Destination(models.TextChoices):
    """Where a referral was sent."""

    WORKER = types.Destination.WORKER, "The allocated worker"
    TEAM_MEMBER = types.Destination.TEAM_MEMBER, "A member of the allocated team"
    TRAY = types.Destination.TRAY, "A team's tray"
    DISCUSS = types.Destination.DISCUSS, "To be discussed"
    PROVIDER = types.Destination.PROVIDER, "A provider"
    AUTHORITY = types.Destination.AUTHORITY, "Another authority"
    SOCIAL_CARE = types.Destination.SOCIAL_CARE, "Children's social care"


class ReferralQuerySet(QuerySet["Referral"]):
    """Referrals, for whom."""

    def visible_to(self, user: User, now: datetime) -> Self:
        """Those of children whom a person may see at an instant; of a provider's interviewer those she holds."""
        seen = self.filter(visible(user, now, child="child__"))
        return seen.filter(_held_by(user)) if user.role == Role.INTERVIEWER else seen

    def workable_by(self, user: User, now: datetime) -> Self:
        """Those on which a person may work: log, book, record."""
        worked = self.filter(workable(user, now, child="child__"))
        return worked.filter(_held_by(user)) if user.role == Role.INTERVIEWER else worked

    def assignable_by(self, user: User, now: datetime) -> Self:
        """Those of which a person may say who holds them: those of the teams that they lead or may reassign.

        A missing coordinator may say so of every referral that she sees (Somerset 4.2).
        """
        seen = self.visible_to(user, now)
        if user.role == Role.COORDINATOR:
            return seen
        current = Allocation.objects.filter(
            referral=OuterRef("pk"), until__isnull=True, team__in=assignable_teams(user).values("pk")
        )
        return seen.filter(Exists(current))

    def with_next_deadline(self) -> Self:
        """Each with the open clock that runs out first, as `next_due_at` (UTC) and `next_clock` (its name)."""
        following = Deadline.objects.filter(referral=OuterRef("pk"), settled="").order_by("due_at", "pk")
        return self.annotate(
            next_due_at=Subquery(following.values("due_at")[:1]), next_clock=Subquery(following.values("name")[:1])
        )

    def with_open_question(self) -> Self:
        """Those that wait for a discussion to be settled."""
        return self.filter(question_settled_at__isnull=True, closed_at__isnull=True).exclude(question="")

    def asked_of(self, user: User, now: datetime) -> Self:
        """Those whose question is also this person's, as a worker of the child (Surrey: the allocated worker)."""
        works_with = access_of(user, now, child=OuterRef("child"), basis=Access.Basis.INVOLVEMENT)
        return self.with_open_question().visible_to(user, now).filter(Exists(works_with.filter(user=user.pk)))


def _held_by(user: User) -> Q:
    return Q(Exists(Allocation.objects.filter(referral=OuterRef("pk"), until__isnull=True, worker=user.pk)))


def assignable_teams(user: User) -> QuerySet[Team]:
    """The teams of whose tray a person may say who holds what: all of them for a missing coordinator."""
    if user.role == Role.COORDINATOR:
        return Team.objects.all()
    own = Membership.objects.filter(user=user.pk)
    if user.role != Role.TEAM_LEADER:
        own = own.filter(may_reassign=True)
    return Team.objects.filter(pk__in=own.values("team"))


def trays_of(user: User) -> QuerySet[Team]:
    """The teams whose tray a person may see: their own, and all of them for a missing coordinator."""
    if user.role == Role.COORDINATOR:
        return Team.objects.all()
    return Team.objects.filter(pk__in=Membership.objects.filter(user=user.pk).values("team"))


class Referral(models.Model):
    """One interview to be arranged, for one child, covering one or more episodes. The thing that lies in a tray."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="referrals")
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="referrals", help_text="The procedure that governs it for good."
    )
    destination = models.CharField(
        max_length=CODE, choices=Destination, blank=True, help_text="Empty: an interview record made it, unrouted."
    )
    question = models.CharField(max_length=500, blank=True, help_text="What must be settled before anybody holds it.")
    in_tray_at = models.DateTimeField(null=True, blank=True, help_text="When it reached the tray; empty if unrouted.")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When the last of its episodes had its outcome.")
    question_settled_at = models.DateTimeField(null=True, blank=True, help_text="When somebody answered the question.")

    objects = ReferralQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="referral_was_routed_into_a_tray_or_not_at_all",
                condition=Q(destination="", in_tray_at__isnull=True)
                | (~Q(destination="") & Q(in_tray_at__isnull=False)),
            ),
        ]
        indexes = [models.Index("child", name="referral_open", condition=Q(closed_at__isnull=True))]

    def __str__(self) -> str:
        return f"R{self.pk}"


class ReferralEpisode(models.Model):
    """That a referral covers an episode, with the decision that brought it there, as it was made."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="covered")
    episode = models.OneToOneField(Episode, on_delete=models.PROTECT, related_name="cover")
    decision = models.JSONField(null=True, blank=True, help_text="Empty: an interview record named the episode.")


class Allocation(models.Model):
    """Who holds a referral, since when, and why. A history: the one without an end holds it now."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="allocations")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations")
    worker = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    rule = models.CharField(max_length=NAME, blank=True, help_text="The rule that decided; empty when a person did.")
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="allocations_made")
    because = models.CharField(max_length=1000)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_holder_at_a_time", fields=["referral"], condition=Q(until__isnull=True)),
            models.CheckConstraint(
                name="allocation_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gte=F("since"))
            ),
        ]
        indexes = [
            models.Index("team", name="allocation_by_team", condition=Q(until__isnull=True)),
            models.Index("worker", name="allocation_by_worker", condition=Q(until__isnull=True)),
        ]


#: The kinds of tasks by which something is referred to somebody who has to answer.
ANSWERED_KINDS = ("mash", "specialist")


class TaskQuerySet(QuerySet["Task"]):
    """Tasks, by how they stand on a local day."""

    def to_do(self) -> Self:
        """Those that are neither done nor set aside."""
        return self.filter(done_at__isnull=True, set_aside_at__isnull=True)

    def to_review(self, today: date) -> Self:
        """Those whose owner is to look at them again by now, done or not (Wokingham 3a)."""
        return self.filter(set_aside_at__isnull=True, review_on__lte=today)

    def waiting(self, today: date) -> Self:
        """Those that wait for their owner: to be done, or to be looked at again."""
        return self.filter(Q(done_at__isnull=True) | Q(review_on__lte=today), set_aside_at__isnull=True)

    def overdue(self, today: date) -> Self:
        """Those not done by their day, and those that nobody has looked at again by theirs (Somerset 4.17)."""
        return self.filter(
            Q(done_at__isnull=True, due_on__lt=today) | Q(review_on__lt=today), set_aside_at__isnull=True
        )

    def unanswered(self) -> Self:
        """What was referred and has no answer yet (Wokingham 3a)."""
        return self.filter(kind__in=ANSWERED_KINDS, done_at__isnull=False, answer="")


class Task(models.Model):
    """Something that somebody must do besides the interview; done, or set aside with a reason."""

    class Kind(models.TextChoices):
        TELL_AUTHORITY = "tell_authority", "Tell the responsible authority"
        SCREEN = "screen", "Child exploitation screen"
        PREVENTION_PLAN = "prevention_plan", "Risk assessment and prevention plan"
        SAFETY_PLAN = "safety_plan", "Multi-agency safety plan"
        MASH = "mash", "Referral to the MASH"
        SPECIALIST = "specialist", "Referral to the specialist service"
        INTERVENTION = "intervention", "Targeted intervention"
        SUPPORT = "support", "Post-missing support"
        SERVICE = "service", "Point to a service"
        INTELLIGENCE = "intelligence", "Police intelligence report"
        SHARE = "share", "Share what is relevant"
        SEND_FORM = "send_form", "Send the form to the responsible authority"
        NEED = "need", "What the interview raised"

    class Answer(models.TextChoices):
        """What came back from whom something was referred to."""

        ASSESSMENT = "assessment", "Child and family assessment"
        EARLY_HELP_HUB = "early_help_hub", "Early Help Hub"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Not accepted"
        NO_FURTHER_ACTION = "no_further_action", "No further action"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="tasks")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="tasks")
    episode = models.ForeignKey(
        Episode,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
        help_text="Whose return asks for it.",
    )
    kind = models.CharField(max_length=CODE, choices=Kind)
    item = models.CharField(max_length=CODE, blank=True, help_text="Which one, where several of a kind can be owed.")
    about = models.CharField(max_length=500)
    clause = models.CharField(max_length=NAME)
    demanded = models.BooleanField(default=False, help_text="The interview is not signed off before it is done.")
    due_on = models.DateField(null=True, blank=True, help_text="The last day for it; by the level of risk.")
    review_on = models.DateField(null=True, blank=True, help_text="When its owner looks at it again.")
    owner_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks")
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    not_done_because = models.CharField(max_length=1000, blank=True)
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks_settled")
    answer = models.CharField(max_length=CODE, choices=Answer, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    answer_names = models.CharField(max_length=NAME, blank=True, help_text="The agency or worker that it names.")

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_task_of_a_kind_and_episode", fields=["referral", "kind", "item", "episode"]
            ),
            models.UniqueConstraint(
                name="one_task_of_a_kind", fields=["referral", "kind", "item"], condition=Q(episode__isnull=True)
            ),
            models.CheckConstraint(
                name="task_answered_on_a_day_once_done",
                condition=Q(answer="", answered_on__isnull=True, answer_names="")
                | (~Q(answer="") & Q(answered_on__isnull=False, done_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="what_is_demanded_is_not_set_aside", condition=Q(demanded=False) | Q(set_aside_at__isnull=True)
            ),
            models.CheckConstraint(
                name="task_done_or_set_aside", condition=Q(done_at__isnull=True) | Q(set_aside_at__isnull=True)
            ),
            models.CheckConstraint(
                name="task_set_aside_with_its_reason",
                condition=Q(set_aside_at__isnull=True, not_done_because="")
                | (Q(set_aside_at__isnull=False) & ~Q(not_done_because="")),
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it is neither done nor set aside."""
        return self.done_at is None and self.set_aside_at is None

    @property
    def awaits_answer(self) -> bool:
        """Whether it was referred and nothing has come back yet."""
        return self.kind in ANSWERED_KINDS and self.done_at is not None and not self.answer


class ClockName(models.TextChoices):
    """The clocks of a referral, in words."""

    SEVENTY_TWO_HOURS = clocks.Name.SEVENTY_TWO_HOURS, "Interview within 72 hours"
    THREE_WORKING_DAYS = clocks.Name.THREE_WORKING_DAYS, "Interview within 3 working days"
    OFFER = clocks.Name.OFFER, "Offer"
    CONTACT = clocks.Name.CONTACT, "Contact"
    ASSIGN = clocks.Name.ASSIGN, "A worker assigned"
    INTERVIEW = clocks.Name.INTERVIEW, "Interview after acceptance"
    WRITE_UP = clocks.Name.WRITE_UP, "Written up"


class Settled(models.TextChoices):
    """How a clock ended for good."""

    MET = clocks.State.MET, "Met"
    MISSED = clocks.State.MISSED, "Missed"
    NOT_MEASURABLE = clocks.State.NOT_MEASURABLE, "Not measurable"
    NOT_APPLICABLE = clocks.State.NOT_APPLICABLE, "Not applicable"


class Deadline(models.Model):
    """A stored answer of procedures.clocks.evaluate; rhi.deadlines is the only writer.

    While `settled` is empty the clock is open, and whether it runs or has been missed depends on the time of asking.
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="deadlines")
    episode = models.ForeignKey(Episode, null=True, blank=True, on_delete=models.PROTECT, related_name="deadlines")
    name = models.CharField(max_length=CODE, choices=ClockName)
    starts_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    settled = models.CharField(max_length=CODE, choices=Settled, blank=True)
    late_on_arrival = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[Deadline]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_deadline_per_clock_and_episode", fields=["referral", "name", "episode"]),
            models.UniqueConstraint(
                name="one_deadline_per_clock", fields=["referral", "name"], condition=Q(episode__isnull=True)
            ),
            models.CheckConstraint(
                name="deadline_has_a_due_time_unless_settled",
                condition=Q(due_at__isnull=False) | Q(settled__in=["not_measurable", "not_applicable"]),
            ),
        ]
        indexes = [
            models.Index("due_at", name="deadline_open", condition=Q(settled="")),
            models.Index("referral", "due_at", name="deadline_next", condition=Q(settled="")),
        ]

    def state(self, now: datetime) -> clocks.State:
        """How the clock stands at an instant."""
        return clocks.state_at(now, due_at=self.due_at, settled=clocks.State(self.settled) if self.settled else None)
