"""The interview: attempts to reach the child, offers and responses, the interview, and each episode's outcome."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from episodes.models import CODE, LONG, NAME, Child, Episode, Typed
from rhi import codes
from routing.models import Referral
from staff.models import Team, User


class Interview(Typed):
    """One interview to be held, being held or held, with its form. Held, written up and signed off are three times.

    `outcome` and `reason` are what this record says; what holds for an episode is its Outcome.
    """

    reference = models.CharField("interview_id", max_length=50, unique=True)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="interviews")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="interviews")
    episodes: models.ManyToManyField[Episode, InterviewEpisode] = models.ManyToManyField(
        Episode, through="InterviewEpisode", related_name="interviews"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="interviews")
    worker = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="interviews")
    held_at = models.DateTimeField(null=True, blank=True)
    method = models.CharField(max_length=CODE, choices=codes.Method, blank=True)
    written_up_at = models.DateTimeField(null=True, blank=True)
    written_up_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="written_up")
    signed_off_at = models.DateTimeField(null=True, blank=True)
    signed_off_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="signed_off")
    sign_off_comment = models.TextField(max_length=LONG, blank=True)
    independence = models.CharField(
        max_length=CODE, choices=codes.Independence, blank=True, help_text="As its form was written up."
    )
    outcome = models.CharField(max_length=CODE, choices=codes.OutcomeCode, blank=True)
    reason = models.CharField(max_length=CODE, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="interview_signed_off_by_somebody_else",
                condition=Q(signed_off_by__isnull=True)
                | Q(written_up_by__isnull=True)
                | ~Q(signed_off_by=models.F("written_up_by")),
            ),
            models.CheckConstraint(
                name="interview_signed_off_by_somebody_at_a_time",
                condition=Q(signed_off_by__isnull=True) | Q(signed_off_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index("held_at", name="interview_by_date", condition=Q(held_at__isnull=False)),
            models.Index("written_up_at", name="interview_written_here", condition=Q(written_up_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.reference


class Recorded(models.Model):
    """What a person logs: who logged it, and when. Empty: a record brought it."""

    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class InterviewEpisode(models.Model):
    """That an interview is about an episode."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="about")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="interview_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="an_interview_is_about_an_episode_once", fields=["interview", "episode"])
        ]


class Offer(Typed, Recorded):
    """The interview put to the child or, separately, to a parent or carer; with the response."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="offers")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="offers")
    to = models.CharField(max_length=CODE, choices=codes.OfferedTo)
    offered_at = models.DateTimeField(null=True, blank=True, help_text="Empty: offered, at a time not recorded.")
    route = models.CharField(max_length=CODE, choices=codes.OfferRoute, blank=True, help_text="How it was put.")
    method = models.CharField(max_length=CODE, choices=codes.Method, blank=True, help_text="How it would be held.")
    response = models.CharField(max_length=CODE, choices=codes.Response, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    declined_because = models.CharField(
        max_length=CODE, blank=True, help_text="By the reasons that a declined outcome can have."
    )
    response_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="one_offer_to_each", fields=["interview", "to"])]
        indexes = [models.Index("offered_at", name="offer_by_date", condition=Q(offered_at__isnull=False))]


class Attempt(Typed, Recorded):
    """One try to reach somebody."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="attempts")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="attempts")
    attempted_at = models.DateTimeField()
    method = models.CharField(max_length=CODE, choices=codes.AttemptMethod)
    contacted = models.CharField(max_length=CODE, choices=codes.Contacted)
    result = models.CharField(max_length=CODE, choices=codes.Result)
    note = models.TextField(max_length=LONG, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_attempt_at_a_time", fields=["interview", "attempted_at", "method", "contacted"]
            ),
        ]


class Outcome(Recorded):
    """What became of the interview owed for one episode: exactly one, with a coded reason but for the first two.

    One that a person recorded here, or that rests on no interview record, stays whatever records say later.
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="outcomes")
    episode = models.OneToOneField(Episode, on_delete=models.PROTECT, related_name="outcome")
    interview = models.ForeignKey(Interview, null=True, blank=True, on_delete=models.PROTECT, related_name="outcomes")
    code = models.CharField(max_length=CODE, choices=codes.OutcomeCode)
    reason = models.CharField(max_length=CODE, blank=True)
    at = models.DateTimeField(help_text="When it was settled.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_held_interview_needs_no_reason",
                condition=~Q(code__in=["completed", "covered"]) | Q(reason=""),
            ),
        ]


class Appointment(Recorded):
    """A day and place agreed for an interview. Moved means that another took its place; cancelled has its reason."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="appointments")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="appointments")
    at = models.DateTimeField()
    place = models.CharField(max_length=NAME, blank=True)
    method = models.CharField(max_length=CODE, choices=codes.Method)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was moved or cancelled.")
    ended_because = models.CharField(max_length=1000, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    moved_to = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="moved_from",
        help_text="Empty: cancelled.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_appointment_at_a_time", fields=["interview"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="appointment_ends_with_its_reason",
                condition=Q(ended_at__isnull=True, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
            ),
        ]


class TakenBack(models.Model):
    """Something that a person logged by a slip and took back, as it stood. Its row is gone, so nothing counts it."""

    class Kind(models.TextChoices):
        ATTEMPT = "attempt", "Attempt"
        OFFER = "offer", "Offer"
        RESPONSE = "response", "Response"
        HELD = "held", "Interview held"
        OUTCOME = "outcome", "Outcome"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="taken_back")
    kind = models.CharField(max_length=CODE, choices=Kind)
    record = models.JSONField(help_text="The fields as they stood.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    because = models.CharField(max_length=1000)

    class Meta:
        verbose_name_plural = "taken back"
