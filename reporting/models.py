"""Files of figures that take too long to wait for: who asked for what, and what came of it."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models import F, Q, QuerySet

from jobs.models import Job
from staff.models import User


class DownloadQuerySet(QuerySet["Download"]):
    """Downloads, for whom."""

    def of(self, user: User) -> DownloadQuerySet:
        """Those that a person asked for; nobody else can open them."""
        return self.filter(asked_by=user.pk)


class Download(models.Model):
    """A file that somebody asked for, made by a job and theirs alone, until it expires.

    What it holds is said in codes and ids. Whether it waits, is being made or could not be is what its job says; how
    much of it is done is only to be shown.
    """

    class What(models.TextChoices):
        TABLE = "table", "Monthly table"
        CASES = "cases", "List of cases"

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", "Excel (XLSX)"
        CSV = "csv", "CSV"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be made"
        BEING_MADE = "being_made", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Could not be made"
        EXPIRED = "expired", "Expired"

    key = models.UUIDField(unique=True, default=uuid4, editable=False, help_text="Stands in its address.")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="downloads")
    asked_as = models.UUIDField(help_text="Of the page on which the button was pressed: twice is once.")
    asked_at = models.DateTimeField()
    what = models.CharField(max_length=10, choices=What)
    format = models.CharField(max_length=10, choices=Format)
    first = models.CharField(max_length=7, help_text="The first month: 2017-04.")
    last = models.CharField(max_length=7)
    measure = models.CharField(
        max_length=60, blank=True, help_text="Of a list of cases, the figure behind which it is."
    )
    narrowing = models.JSONField(default=dict, help_text="What narrows it, in codes and ids.")
    for_publishing = models.BooleanField(default=False, help_text="Small numbers are left out of it.")
    done = models.PositiveIntegerField(default=0, help_text="Of the whole: of a list cases, else steps.")
    whole = models.PositiveIntegerField(default=0, help_text="Nought until it is begun.")
    job = models.OneToOneField(Job, null=True, on_delete=models.PROTECT, related_name="download")
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    content = models.BinaryField(null=True, help_text="Empty until it is ready, and again after it has expired.")
    children = models.JSONField(default=list, help_text="The child_id of every child whose episode it lists.")

    objects = DownloadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_download_per_press_of_a_button", fields=["asked_by", "asked_as"]),
            models.CheckConstraint(name="download_has_a_known_format", condition=Q(format__in=["pdf", "xlsx", "csv"])),
            models.CheckConstraint(
                name="download_is_of_a_table_or_of_the_cases_behind_a_figure",
                condition=Q(what="table", measure="") | (Q(what="cases", first=F("last")) & ~Q(measure="")),
            ),
            models.CheckConstraint(
                name="only_a_table_is_for_publishing", condition=Q(for_publishing=False) | Q(what="table")
            ),
            models.CheckConstraint(name="no_more_of_a_download_is_done_than_all", condition=Q(done__lte=F("whole"))),
            models.CheckConstraint(
                name="download_expires_once_it_is_ready",
                condition=Q(ready_at__isnull=True, expires_at__isnull=True, content__isnull=True)
                | Q(ready_at__isnull=False, expires_at__gt=F("ready_at")),
            ),
        ]

    def state(self, now: datetime) -> State:
        """How it stands. Expired is what its time says, whether or not it has been cleared away."""
        if self.expires_at is not None:
            return self.State.EXPIRED if self.expires_at <= now else self.State.READY
        if self.job is None or self.job.state == Job.State.DEAD:
            return self.State.FAILED
        return self.State.BEING_MADE if self.job.state == Job.State.CLAIMED else self.State.WAITING

    def ahead(self) -> int:
        """How many files were asked for before it and are not made yet. One query."""
        unfinished = [Job.State.WAITING, Job.State.CLAIMED]
        return Download.objects.filter(job__state__in=unfinished, job__lt=self.job_id).count()
