"""Which interview takes in which episodes, where a person said so."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from episodes.models import Child, Episode
from routing.models import Referral
from staff.models import User


class EpisodeMoved(models.Model):
    """That a person took an episode into a referral's interview, or out of it into one of its own (Somerset 4.18)."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="moves")
    out_of = models.ForeignKey(
        Referral, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: it lay in none."
    )
    into = models.ForeignKey(
        Referral,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: nothing is routed for it.",
    )
    joined = models.BooleanField(help_text="Taken into an interview; else taken out of one.")
    because = models.CharField(max_length=1000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "episodes moved"
        constraints = [
            models.CheckConstraint(
                name="an_episode_is_moved_from_or_to_a_referral",
                condition=Q(joined=True, into__isnull=False) | Q(joined=False, out_of__isnull=False),
            ),
            models.CheckConstraint(
                name="an_episode_is_moved_to_another_referral",
                condition=Q(out_of__isnull=True) | Q(into__isnull=True) | ~Q(out_of=F("into")),
            ),
        ]
