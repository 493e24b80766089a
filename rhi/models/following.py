"""Support after a child was missing: what a task of that kind carries besides its owner and days."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from episodes.models import CODE, NAME, Child
from routing.models import Task


class Support(models.Model):
    """Post-missing support: of what kind, by whom, how often, and until when."""

    class Kind(models.TextChoices):
        ONE_TO_ONE = "one_to_one", "One to one"
        FAMILY = "family", "With the family"
        GROUP = "group", "In a group"
        MENTORING = "mentoring", "Mentoring"
        MEDIATION = "mediation", "Mediation"
        ONLINE = "online", "By telephone or online"
        OTHER = "other", "Other"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="support")
    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="support")
    kind = models.CharField(max_length=CODE, choices=Kind)
    given_by = models.CharField(max_length=NAME, help_text="The worker, team or service that gives it.")
    sessions_planned = models.PositiveSmallIntegerField(null=True, blank=True)
    sessions_held = models.PositiveSmallIntegerField(default=0)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ended_because = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name_plural = "support"
        constraints = [
            models.CheckConstraint(
                name="support_ends_with_its_reason",
                condition=Q(ended_on__isnull=True, ended_because="")
                | (Q(ended_on__gte=models.F("started_on")) & ~Q(ended_because="")),
            ),
        ]
