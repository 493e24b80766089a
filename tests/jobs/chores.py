"""Actions for tests to run as jobs. The effect of one is a team on the books; a second one of that name would fail."""

import ipaddress
import multiprocessing
import os
import signal

from django.db import connection, transaction

from jobs.declared import handed_over_by, prepared_by
from jobs.handover import Outcome
from jobs.models import Handover, Job
from jobs.work import JobError
from staff.models import Team, User

opened, go_on = multiprocessing.Event(), multiprocessing.Event()


def open_team(*, number, now):
    Team.objects.create(name=f"Team {number}")


@transaction.atomic
def open_team_and_fail(*, number, now):
    Team.objects.create(name=f"Team {number}")
    ipaddress.ip_address("Ada Example, 12 Sample Street")  # the failure's words will quote this


def find_nobody(*, number, now):
    raise JobError(f"Team {number} has no leader to write to.")


def add_a_person_twice(*, now):
    for _ in range(2):
        User.objects.create_user(email="ada@example.org", name="Ada Example")


def open_team_and_lose_the_job(*, number, now):
    """As if the lease had run out and somebody else had taken the job over while this was going on."""
    Team.objects.create(name=f"Team {number}")
    Job.objects.update(claimed_by="00000000-0000-4000-8000-000000000000")


def open_team_and_kill_the_worker(*, number, now):
    Team.objects.create(name=f"Team {number}")
    os.kill(os.getpid(), signal.SIGKILL)


def open_team_slowly(*, number, now):
    """Say that the team is open, then dawdle until told to go on."""
    Team.objects.create(name=f"Team {number} by a slow worker")
    opened.set()
    go_on.wait(30)


def see_others_do_the_rest(*, now):
    """As if other workers had been at it meanwhile."""
    Job.objects.filter(state=Job.State.WAITING).update(state=Job.State.DONE, finished_at=now)


def look_first(*, number, now):
    """What takes long: its answer says whether a transaction was open meanwhile."""
    return f"{number}{' in a transaction' if connection.in_atomic_block else ''}"


@prepared_by(look_first)
def open_team_looked_for(*, number, prepared, now):
    Team.objects.create(name=f"Team {prepared} of {number}")


def look_in_vain(*, number, now):
    raise JobError(f"Nothing is known of {number}.")


@prepared_by(look_in_vain)
def open_team_looked_for_in_vain(*, number, prepared, now):
    Team.objects.create(name=f"Team {number}")


def post(*, number, job, now):
    """Handing over, to a post office that takes everything."""
    return Outcome(Handover.State.SENT)


@handed_over_by(post)
def open_team_by_post(*, number, handed, now):
    Team.objects.create(name=f"Team {number}")


def _open_team_privately(*, number, now):
    Team.objects.create(name=f"Team {number}")


class OpenTeam:
    pass


def hourly(*, period, now):
    Team.objects.create(name=f"hourly {period}")


def half_hourly(*, period, now):
    Team.objects.create(name=f"half_hourly {period}")


def daily_at_three(*, period, now):
    Team.objects.create(name=f"daily_at_three {period}")


def daily_at_half_past_one(*, period, now):
    Team.objects.create(name=f"daily_at_half_past_one {period}")


def weekly(*, period, now):
    Team.objects.create(name=f"weekly {period}")


def monthly(*, period, now):
    Team.objects.create(name=f"monthly {period}")
