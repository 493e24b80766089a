"""The form: its answers while it is being written, and the whole as it was written up."""

from __future__ import annotations

from django.db import models

from episodes.models import Child
from rhi.models.interviews import Interview
from staff.models import User


class Answer(models.Model):
    """One answer of an interview's form while it is being written, with the revision that tells who was first.

    `page` says which opened page stored it: what the same page sends again is nobody else's change.
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=50)
    value = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    page = models.CharField(max_length=32, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="one_answer_to_a_question", fields=["interview", "question"])]


class OpenPage(models.Model):
    """An opened page of the form, and the newest of its savings that has arrived: what arrives after it is old."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="open_pages")
    page = models.CharField(max_length=32)
    turn = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="one_line_of_an_open_page", fields=["interview", "page"])]


class OtherVersion(models.Model):
    """What somebody wrote as the answer to a question while another's answer came to stand: kept until one decides.

    `page` is as with an answer. Whoever decides lets it stand, or lets it go.
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="other_versions")
    question = models.CharField(max_length=50)
    value = models.JSONField()
    page = models.CharField(max_length=32, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_other_version_of_a_page", fields=["interview", "question", "by", "page"])
        ]


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
