"""What a visit rests on: records checked before it, warnings for visitors, and papers filed after it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from episodes.models import CODE, LONG, NAME, Child
from rhi.codes import Records
from rhi.models.interviews import Interview
from routing.models import Referral
from staff.models import User


class RecordsCheck(models.Model):
    """That somebody looked into the records for known risks and for agencies already involved (Somerset 4.4)."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="records_checks")
    systems = models.JSONField(help_text="Codes of the records looked into.")
    risks = models.JSONField(default=list, help_text="Codes of the form's question about known risks; empty: none.")
    risks_note = models.TextField(max_length=LONG, blank=True)
    agencies = models.TextField(max_length=LONG, blank=True, help_text="Who is involved already; empty: nobody.")
    checked_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="When it was recorded.")

    @property
    def systems_in_words(self) -> list[str]:
        """Which records were looked into, in their order."""
        return [each.label for each in Records if each in self.systems]


class VisitorWarning(models.Model):
    """What whoever visits or rings must know first. It holds for the child until somebody ends it with a reason."""

    class Kind(models.TextChoices):
        TWO_PEOPLE = "two_people", "Do not visit alone"
        DOG = "dog", "Dog"
        NOT_BEFORE = "not_before", "Do not ring before"
        NOT_AFTER = "not_after", "Do not ring after"
        OTHER = "other", "Other"

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="visitor_warnings")
    kind = models.CharField(max_length=CODE, choices=Kind)
    time = models.TimeField(null=True, blank=True, help_text="Local time, of the kinds that name one.")
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_because = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_warning_about_a_time_has_one",
                condition=Q(kind__in=["not_before", "not_after"], time__isnull=False)
                | (~Q(kind__in=["not_before", "not_after"]) & Q(time__isnull=True)),
            ),
            models.CheckConstraint(
                name="warning_ends_with_its_reason",
                condition=Q(ended_at__isnull=True, ended_because="", ended_by__isnull=True)
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_because="")),
            ),
        ]
        indexes = [models.Index("child", name="warning_holds", condition=Q(ended_at__isnull=True))]

    @property
    def words(self) -> str:
        """What it says, without its note: `Do not ring before 16:00`."""
        if self.kind == self.Kind.OTHER:
            return self.note
        return f"{self.get_kind_display()} {self.time:%H:%M}" if self.time else self.get_kind_display()

    @property
    def besides(self) -> str:
        """The note, where the words are not the note itself."""
        return "" if self.kind == self.Kind.OTHER else self.note


class Attachment(models.Model):
    """A paper filed with an interview: a photographed form, typed notes. Kept in the database, so no address serves it.

    Never changed. One filed by a slip is taken out with a reason, and its bytes with it.
    """

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=NAME, help_text="What it is, in the words of whoever filed it.")
    kind = models.CharField(max_length=100, help_text="The media type that its bytes have.")
    content = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the bytes, in hexadecimal.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_out_at = models.DateTimeField(null=True, blank=True)
    taken_out_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_out_because = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_paper_is_filed_once", fields=["interview", "digest"], condition=Q(taken_out_at__isnull=True)
            ),
            models.CheckConstraint(
                name="a_paper_is_taken_out_with_its_reason",
                condition=Q(taken_out_at__isnull=True, taken_out_because="", taken_out_by__isnull=True)
                | (Q(taken_out_at__isnull=False, taken_out_by__isnull=False) & ~Q(taken_out_because="")),
            ),
        ]
