"""`run_due`: whatever is due, done now and told line by line."""

from datetime import UTC, datetime, time, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from jobs import claims, sweep
from jobs.models import Hold, Job
from jobs.schedule import Daily, Recurring
from staff.models import Team
from tests.jobs import chores

NOON = datetime(2026, 7, 9, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def enqueue(action, number, *, due_at=NOON):
    return claims.enqueue(f"tests.jobs.chores.{action}", arguments={"number": number}, due_at=due_at)


def run_due(*arguments):
    """What the command prints, by lines."""
    said = StringIO()
    call_command("run_due", *arguments, stdout=said)
    return said.getvalue().splitlines()


def run_due_in_vain(*arguments):
    """What the command prints, by lines, and what it says at the end when its exit code is 1."""
    said = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("run_due", *arguments, stdout=said)
    assert failure.value.returncode == 1
    return said.getvalue().splitlines(), str(failure.value)


def test_nothing_is_due():
    assert run_due("--at", "2026-07-09T13:00") == ["0 done, 0 failed; 0 given up in all."]


def test_due_work_is_done_and_told_in_local_time():
    job = enqueue("open_team", 7)

    assert run_due("--at", "2026-07-09T13:00") == [
        f"Done: job {job.pk}, tests.jobs.chores.open_team, due Thu 9 Jul 2026, 13:00",
        "1 done, 0 failed; 0 given up in all.",
    ]
    assert Team.objects.get().name == "Team 7"


def test_without_a_time_the_time_is_now():
    now = datetime.now(UTC)  # noqa: TID251 that the command reads the clock is what is tested
    enqueue("open_team", 7, due_at=now)
    enqueue("open_team", 8, due_at=now + timedelta(hours=1))

    assert run_due()[-1] == "1 done, 0 failed; 0 given up in all."
    assert Team.objects.get().name == "Team 7"


@pytest.mark.parametrize("at", ["2026-07-09T12:00Z", "2026-07-09T14:00+02:00", "2026-07-09 13:00"])
def test_a_time_may_carry_its_offset_and_is_local_without(at):
    enqueue("open_team", 7, due_at=NOON)
    enqueue("open_team", 8, due_at=NOON + timedelta(seconds=1))

    run_due("--at", at)
    assert Team.objects.get().name == "Team 7"


@pytest.mark.parametrize(
    ("at", "utc_hour"),
    [("2026-10-25T01:30", "2026-10-25 00:30"), ("2026-03-29T01:30", "2026-03-29 01:30")],
    ids=["doubled: the first", "missing: an hour on"],
)
def test_a_local_time_of_a_night_when_the_clocks_change_is_understood_as_in_files(at, utc_hour):
    run_due("--at", at)

    assert sweep.last_sweep() == datetime.fromisoformat(utc_hour).replace(tzinfo=UTC)


def test_what_is_no_time_is_refused_in_plain_words():
    assert run_due_in_vain("--at", "tomorrow") == (
        [],
        "Error: argument --at: 'tomorrow' is not a time such as 2026-03-29T22:15",
    )


def test_a_failed_job_is_told_with_its_reason_and_next_attempt_and_ends_in_exit_code_1():
    job = enqueue("find_nobody", 7)
    enqueue("open_team", 8)

    lines, failure = run_due_in_vain("--at", "2026-07-09T13:00")
    assert lines[0] == (
        f"Waiting: job {job.pk}, tests.jobs.chores.find_nobody, due Thu 9 Jul 2026, 13:00: "
        "JobError: Team 7 has no leader to write to. Next attempt Thu 9 Jul 2026, 13:01."
    )
    assert lines[-1] == "1 done, 1 failed; 0 given up in all."
    assert failure == "A job failed, or was given up earlier. The reasons are kept with the jobs."
    assert Team.objects.get().name == "Team 8"


def test_a_job_given_up_is_told_and_ends_every_run_in_exit_code_1_until_somebody_looks_at_it():
    job = enqueue("find_nobody", 7)
    run_due_in_vain("--at", "2026-07-09T13:00")
    run_due_in_vain("--at", "2026-07-09T13:01")

    lines, _ = run_due_in_vain("--at", "2026-07-09T13:11")
    assert lines[0] == (
        f"Given up: job {job.pk}, tests.jobs.chores.find_nobody, due Thu 9 Jul 2026, 13:00: "
        "JobError: Team 7 has no leader to write to."
    )
    assert lines[1:] == ["0 done, 1 failed; 1 given up in all."]
    lines, _ = run_due_in_vain("--at", "2026-07-10T13:00")
    assert lines == ["0 done, 0 failed; 1 given up in all."]


def test_runs_missed_in_an_outage_are_all_caught_up_and_told_as_late(monkeypatch):
    monkeypatch.setattr(chores, "SCHEDULE", (Recurring(chores.daily_at_three, every=Daily(time(3))),), raising=False)
    run_due("--at", "2026-07-01T03:00")

    lines = run_due("--at", "2026-07-03T03:00")
    jobs = Job.objects.order_by("due_at")[1:]
    assert lines == [
        f"Done: job {jobs[0].pk}, tests.jobs.chores.daily_at_three, due Thu 2 Jul 2026, 03:00 (late)",
        f"Done: job {jobs[1].pk}, tests.jobs.chores.daily_at_three, due Fri 3 Jul 2026, 03:00",
        "2 done, 0 failed; 0 given up in all.",
    ]


def test_more_work_than_one_sweep_hands_out_is_all_done(monkeypatch):
    monkeypatch.setattr(sweep, "JOBS_AT_ONCE", 2)
    for number in range(5):
        enqueue("open_team", number)

    assert run_due("--at", "2026-07-09T13:00")[-1] == "5 done, 0 failed; 0 given up in all."


def test_a_job_that_another_worker_has_is_left_to_it():
    claims.claim(enqueue("open_team", 7).pk, now=NOON)

    assert run_due("--at", "2026-07-09T13:00") == ["0 done, 0 failed; 0 given up in all."]


def test_a_job_that_another_worker_did_meanwhile_is_passed_over():
    claims.enqueue("tests.jobs.chores.see_others_do_the_rest", arguments={}, due_at=NOON)
    enqueue("open_team", 7)

    assert run_due("--at", "2026-07-09T13:00")[-1] == "1 done, 0 failed; 0 given up in all."
    assert Team.objects.count() == 0


def test_while_everything_is_held_it_says_so_and_does_nothing():
    enqueue("open_team", 7)
    Hold.objects.create(pk=1, since=NOON, because="A backup was restored.")

    lines, failure = run_due_in_vain("--at", "2026-07-09T13:00")
    assert lines == []
    assert failure == (
        "Nothing is done by itself since Thu 9 Jul 2026, 13:00: A backup was restored. "
        "An administrator releases it under Work in the background."
    )
    assert Team.objects.count() == 0
