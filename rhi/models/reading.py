"""What readers of an interview do: read it, put it to a manager, add to it later; and plain notes on a child's case."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from episodes.models import LONG, Child
from rhi.models.interviews import Interview
from routing.models import Referral
from staff.models import User


class InterviewRead(models.Model):
    """That a missing coordinator has read a form as it was written up at a time (Nottinghamshire 7)."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="reads")
    written_up_at = models.DateTimeField(help_text="Of which write-up: one that was sent back is read anew.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="a_write_up_is_read_once", fields=["interview", "written_up_at"])]


class Escalation(models.Model):
    """A worry that a reader puts to a named manager. It lies in her work until she answers (Nottinghamshire 7)."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="escalations")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="escalations")
    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="escalations")
    because = models.CharField(max_length=1000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Anybody else than whom it was put to has withdrawn it.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_open_escalation_to_each", fields=["referral", "to"], condition=Q(answered_at__isnull=True)
            ),
            models.CheckConstraint(
                name="escalation_is_answered_in_words",
                condition=Q(answered_at__isnull=True, answer="", answered_by__isnull=True)
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
            ),
            models.CheckConstraint(name="escalated_to_somebody_else", condition=~Q(to=models.F("by"))),
        ]
        indexes = [models.Index("to", name="escalation_open", condition=Q(answered_at__isnull=True))]


class Addendum(models.Model):
    """What became known after an interview was signed off. Never changed; the signed-off form stays as it is."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="addenda")
    text = models.TextField(max_length=LONG)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "addenda"


class CaseNote(models.Model):
    """A plain note on a referral, at any time. Whoever is mentioned is told."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="case_notes")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="case_notes")
    text = models.TextField(max_length=LONG)
    mentioned = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
