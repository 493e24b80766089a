"""The rows that are the queue (README, invariant 6): what is to be done by itself, by when, and what became of it."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import F, Q


class Job(models.Model):
    """One piece of work that runs by itself. Its row is the queue; messages only carry its id.

    Made by jobs.claims.enqueue or, of a recurring job, by the sweep; moved from state to state only by the other
    functions of jobs.claims, each by one conditional update.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CLAIMED = "claimed", "Being done"
        DONE = "done", "Done"
        DEAD = "dead", "Given up"
        SET_ASIDE = "set_aside", "Set aside"

    name = models.CharField(max_length=200, help_text="The dotted name of the action.")
    arguments = models.JSONField(default=dict, help_text="Ids of rows, or the name of a period; never personal data.")
    due_at = models.DateTimeField(help_text="When the work was to be done. A retry does not move it.")
    next_try_at = models.DateTimeField(help_text="Not tried before: the time it is due, or later after a failure.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    claimed_by = models.UUIDField(null=True, help_text="The random token of whoever is doing it.")
    lease_until = models.DateTimeField(null=True, help_text="From then on somebody else may take it over.")
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Counted when claimed, so a job that kills its worker counts too."
    )
    put_off_since = models.DateTimeField(
        null=True, help_text="Since when what it needs from outside has not been to be had."
    )
    nobody_answered = models.BooleanField(
        default=False, help_text="Put off because nobody answered there: it goes as soon as somebody does."
    )
    reason = models.TextField(blank=True, help_text="Why the last failed attempt failed; never personal data.")
    finished_at = models.DateTimeField(null=True, help_text="The `now` of the attempt that finished it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="job_state_is_known",
                condition=Q(state__in=["waiting", "claimed", "done", "dead", "set_aside"]),
            ),
            models.CheckConstraint(
                name="job_is_claimed_by_somebody_until_some_time",
                condition=Q(state="claimed", claimed_by__isnull=False, lease_until__isnull=False)
                | (~Q(state="claimed") & Q(claimed_by__isnull=True, lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="job_is_finished_when_done_or_dead",
                condition=Q(state__in=["done", "dead", "set_aside"], finished_at__isnull=False)
                | (~Q(state__in=["done", "dead", "set_aside"]) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(name="job_is_dead_for_a_reason", condition=~Q(state="dead", reason="")),
            models.CheckConstraint(name="job_is_not_tried_before_it_is_due", condition=Q(next_try_at__gte=F("due_at"))),
        ]
        indexes = [
            # Every sweep looks for what is left to do among years of what is done.
            models.Index(name="job_unfinished", fields=["next_try_at"], condition=Q(state__in=["waiting", "claimed"])),
            # And for the newest run of each recurring job.
            models.Index(name="job_name_and_due", fields=["name", "due_at"]),
            # Whenever something has gone out: does anything else wait for the same?
            models.Index(name="job_waits_for_an_answer", fields=["name"], condition=Q(nobody_answered=True)),
        ]


class Run(models.Model):
    """One period of a recurring job. The unique name and period make it once, however many schedulers there are."""

    name = models.CharField(max_length=200, help_text="The dotted name of the action, as its job has it.")
    period = models.CharField(
        max_length=20, help_text="For instance 2026-03-29 of a daily job, 2026-W13 of a weekly one."
    )
    job = models.OneToOneField(Job, on_delete=models.PROTECT)
    late = models.BooleanField(
        help_text="Made or begun well after its time: nothing swept, or nobody worked, when it was due."
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="one_run_per_job_and_period", fields=["name", "period"])]


class Sweep(models.Model):
    """When due work was last looked for: a single row, for the health page."""

    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="one_row_for_the_last_sweep", condition=Q(pk=1))]


class Handover(models.Model):
    """Something that is handed to somebody outside once: an email, a letter. Moved by jobs.handover only.

    Approved means that it may go. Sending is committed before anything leaves, so that whatever dies afterwards leaves
    a trace: what cannot be told to have gone or not is uncertain, and a person decides. It never goes again by itself.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "To approve"
        APPROVED = "approved", "To send"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        UNCERTAIN = "uncertain", "Uncertain"
        CANCELLED = "cancelled", "Cancelled"

    state = models.CharField(max_length=10, choices=State, default=State.APPROVED)
    reference = models.UUIDField(default=uuid4, unique=True, editable=False, help_text="What outsiders know it by.")
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sending_since = models.DateTimeField(null=True, blank=True, help_text="Committed before anything leaves.")
    sent_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True, help_text="Why it failed or is uncertain; no personal data.")
    settled_by = models.ForeignKey(
        "staff.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Who decided."
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @staticmethod
    def constraints(name: str) -> list[models.BaseConstraint]:
        """What the database holds of every such table; names of constraints are unique in a database."""
        return [
            models.CheckConstraint(
                name=f"{name}_state_is_known", condition=Q(state__in=[state.value for state in Handover.State])
            ),
            models.CheckConstraint(
                name=f"{name}_is_sent_at_a_time",
                condition=(Q(state="sent") & Q(sent_at__isnull=False)) | (~Q(state="sent") & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(
                name=f"{name}_being_sent_since_some_time",
                condition=~Q(state="sending") | Q(sending_since__isnull=False),
            ),
            models.CheckConstraint(
                name=f"{name}_is_in_doubt_for_a_reason",
                condition=~Q(state__in=["failed", "uncertain"]) | ~Q(failure=""),
            ),
        ]


class Hold(models.Model):
    """While the row is there, nothing is done by itself: after a restore, until somebody has looked and releases it."""

    since = models.DateTimeField()
    because = models.CharField(max_length=500)

    class Meta:
        constraints = [models.CheckConstraint(name="one_hold_at_most", condition=Q(pk=1))]
