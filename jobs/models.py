"""The rows that are the queue (README, invariant 6): what is to be done by itself, by when, and what became of it."""

from __future__ import annotations

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
    reason = models.TextField(blank=True, help_text="Why the last failed attempt failed; never personal data.")
    finished_at = models.DateTimeField(null=True, help_text="The `now` of the attempt that finished it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="job_state_is_known", condition=Q(state__in=["waiting", "claimed", "done", "dead"])
            ),
            models.CheckConstraint(
                name="job_is_claimed_by_somebody_until_some_time",
                condition=Q(state="claimed", claimed_by__isnull=False, lease_until__isnull=False)
                | (~Q(state="claimed") & Q(claimed_by__isnull=True, lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="job_is_finished_when_done_or_dead",
                condition=Q(state__in=["done", "dead"], finished_at__isnull=False)
                | (~Q(state__in=["done", "dead"]) & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(name="job_is_dead_for_a_reason", condition=~Q(state="dead", reason="")),
            models.CheckConstraint(name="job_is_not_tried_before_it_is_due", condition=Q(next_try_at__gte=F("due_at"))),
        ]
        indexes = [
            # Every sweep looks for what is left to do among years of what is done.
            models.Index(name="job_unfinished", fields=["next_try_at"], condition=Q(state__in=["waiting", "claimed"])),
            # And for the newest run of each recurring job.
            models.Index(name="job_name_and_due", fields=["name", "due_at"]),
        ]


class Run(models.Model):
    """One period of a recurring job. The unique name and period make it once, however many schedulers there are."""

    name = models.CharField(max_length=200, help_text="The dotted name of the action, as its job has it.")
    period = models.CharField(
        max_length=20, help_text="For instance 2026-03-29 of a daily job, 2026-W13 of a weekly one."
    )
    job = models.OneToOneField(Job, on_delete=models.PROTECT)
    late = models.BooleanField(help_text="Made well after its time: nothing swept when it was due.")

    class Meta:
        constraints = [models.UniqueConstraint(name="one_run_per_job_and_period", fields=["name", "period"])]


class Sweep(models.Model):
    """When due work was last looked for: a single row, for the health page."""

    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="one_row_for_the_last_sweep", condition=Q(pk=1))]
