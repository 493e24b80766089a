"""The form: its answers while it is being written, and the whole as it was written up."""

from __future__ import annotations

from django.db import models

from episodes.models import Child
from rhi.models.interviews import Interview
from staff.models import User


class Answer(models.Model):
    """One answer of an interview's form while it is being written, with the revision that tells who was first.

    `page` and `turn` say which opened page stored it, and in which of its savings: what a page sends again, or what
    arrives after something newer of the same page, is nobody else's change.
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=50)
    value = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    page = models.CharField(max_length=32, blank=True)
    turn = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="one_answer_to_a_question", fields=["interview", "question"])]


class SentBack(models.Model):
    """That whoever read a form sent it back to whoever wrote it, with the reason and the form as it stood."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="sent_back")
    written_up_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_up_at = models.DateTimeField()
    document = models.JSONField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    because = models.CharField(max_length=1000)

    class Meta:
        verbose_name_plural = "sent back"
        constraints = [
            models.CheckConstraint(name="sent_back_by_somebody_else", condition=~models.Q(by=models.F("written_up_by")))
        ]


class SubmittedForm(models.Model):
    """The form as it was written up: questions, options and answers as they stood then. Never changed."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.OneToOneField(Interview, on_delete=models.PROTECT, related_name="submitted")
    document = models.JSONField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
