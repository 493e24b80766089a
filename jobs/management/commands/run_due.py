"""Do now whatever is due, without Celery."""

from __future__ import annotations

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from jobs import claims, sweep, work
from jobs.models import Job, Run
from procedures.arguments import instant
from procedures.calendar import LONDON


class Command(BaseCommand):
    help = (
        "Do now whatever is due (reminders, letters, publications), without Celery. Exit 1 if a job failed or is dead."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at",
            type=instant,
            metavar="ISO",
            help="do what is due at this time (default: now); what recurs and is done ahead is done again at its time",
        )

    def handle(self, *, at: datetime | None, **options: object) -> None:
        """Print a line a job; raises CommandError, so exit 1, when one failed, one stands given up, or all is held."""
        done = failed = 0
        # Without --at each step reads the clock: a lease counted from the start of a long run would have run out.
        while due := sweep.sweep(now=at or timezone.now()):
            for job_id in due:
                if job := work.do(job_id, now=at or timezone.now()):
                    self.stdout.write(line(job))
                    done += job.state == Job.State.DONE
                    failed += job.state in (Job.State.WAITING, Job.State.DEAD)
        if hold := claims.on_hold():
            raise CommandError(
                f"Nothing is done by itself since {local(hold.since)}: {hold.because} "
                "An administrator releases it under Work in the background."
            )
        dead = sweep.dead_count()
        self.stdout.write(f"{done} done, {failed} failed; {dead} given up in all.")
        if failed or dead:
            raise CommandError("A job failed, or was given up earlier. The reasons are kept with the jobs.")


def line(job: Job) -> str:
    """What became of a job, in one line."""
    late = " (late)" if Run.objects.filter(job=job, late=True).exists() else ""
    reason = "" if job.state == Job.State.DONE else f": {job.reason}"
    again = f" Next attempt {local(job.next_try_at)}." if job.state == Job.State.WAITING else ""
    return f"{job.get_state_display()}: job {job.pk}, {job.name}, due {local(job.due_at)}{late}{reason}{again}"


def local(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%a %-d %b %Y, %H:%M}"
