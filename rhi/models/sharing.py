"""What of an interview was passed on: to whom, what, how, when and on what basis; and where it was filed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from episodes.models import CODE, LONG, NAME, Child
from rhi.models.interviews import Interview
from routing.models import Referral
from staff.models import User


class Share(models.Model):
    """That something was passed on to somebody outside the service. The record of it; the product sends nothing itself.

    `what` tells how much: all of the form, some of it, only that the interview took place, or that the recipient should
    ask the child's social worker. Against the child's wish it has a reason and who approved it (Somerset 8.1.3).
    """

    class To(models.TextChoices):
        SOCIAL_WORKER = "social_worker", "Social worker"
        POLICE = "police", "Police missing team"
        HEALTH = "health", "Health"
        MASH = "mash", "MASH"
        IRO = "iro", "Independent reviewing officer"
        PLACEMENT = "placement", "Carer or placement"
        PARENT = "parent", "Parent"
        SCHOOL = "school", "School"
        OTHER_AUTHORITY = "other_authority", "Social worker of the responsible authority"
        PANEL = "panel", "Panel"
        OTHER = "other", "Others"

    class What(models.TextChoices):
        FORM = "form", "The whole form"
        DETAILS = "details", "What is relevant to them"
        TOOK_PLACE = (
            "took_place",
            "Only that the interview took place, on which day, and that it was not agreed to share",
        )
        ASK_SOCIAL_WORKER = "ask_social_worker", "Only that they should ask the child's social worker"

    class How(models.TextChoices):
        SECURE_EMAIL = "secure_email", "Secure email"
        PHONE = "phone", "By telephone"
        MEETING = "meeting", "In a meeting"
        SYSTEM = "system", "Through a shared system"
        POST = "post", "By post"

    class Basis(models.TextChoices):
        AGREED = "agreed", "The child agrees"
        TASK = "task", "The authority's duty to safeguard children"
        HARM = "harm", "Immediate safeguarding concern"
        COURT = "court", "Order of a court or other law"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="shares")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="shares")
    to = models.CharField(max_length=CODE, choices=To)
    name = models.CharField(max_length=NAME, help_text="Who received it, and where: a person, a team or a mailbox.")
    what = models.CharField(max_length=CODE, choices=What)
    said = models.TextField(max_length=LONG, blank=True, help_text="What was passed on, where it was not the form.")
    how = models.CharField(max_length=CODE, choices=How)
    basis = models.CharField(max_length=CODE, choices=Basis)
    shared_at = models.DateTimeField()
    against_wish = models.BooleanField(default=False)
    because = models.CharField(max_length=1000, blank=True)
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="When it was recorded.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="against_a_wish_with_reason_and_approver",
                condition=Q(against_wish=False, because="", approved_by__isnull=True)
                | (Q(against_wish=True, approved_by__isnull=False) & ~Q(because="")),
            ),
            models.CheckConstraint(
                name="approved_by_somebody_else", condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("by"))
            ),
        ]


class Filed(models.Model):
    """That somebody put a text or record made here into another system of ours."""

    class What(models.TextChoices):
        RECORD = "record", "The interview, in the main record"
        EVENT = "event", "A significant-event note, in the early help record"
        CASE_NOTE = "case_note", "The case note about no plan, in the main record"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="filed")
    what = models.CharField(max_length=CODE, choices=What)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "filed"
        constraints = [models.UniqueConstraint(name="filed_once", fields=["interview", "what"])]
