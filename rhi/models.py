"""The interview: attempts to reach the child, offers and responses, the interview, and each episode's outcome."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from episodes.models import CODE, LONG, Child, Episode, Typed
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
    signed_off_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=CODE, choices=codes.OutcomeCode, blank=True)
    reason = models.CharField(max_length=CODE, blank=True)

    def __str__(self) -> str:
        return self.reference


class InterviewEpisode(models.Model):
    """That an interview is about an episode."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="about")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="interview_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="an_interview_is_about_an_episode_once", fields=["interview", "episode"])
        ]


class Offer(Typed):
    """The interview put to the child or, separately, to a parent or carer; with the response."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="offers")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="offers")
    to = models.CharField(max_length=CODE, choices=codes.OfferedTo)
    offered_at = models.DateTimeField(null=True, blank=True, help_text="Empty: offered, at a time not recorded.")
    response = models.CharField(max_length=CODE, choices=codes.Response, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="one_offer_to_each", fields=["interview", "to"])]


class Attempt(Typed):
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


class Outcome(models.Model):
    """What became of the interview owed for one episode: exactly one, with a coded reason but for the first two."""

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
