"""Celery's messages: lost or repeated, nothing is lost and nothing done twice."""

from datetime import UTC, datetime, time

import pytest

from jobs import claims, sweep, tasks
from jobs.models import Job, Run
from jobs.schedule import Daily, Recurring
from staff.models import Team
from tests.jobs import chores
from tests.jobs.conftest import deliver

YESTERDAY = datetime(2026, 1, 8, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def enqueue():
    return claims.enqueue("tests.jobs.chores.open_team", arguments={"number": 7}, due_at=YESTERDAY)


def teams():
    return list(Team.objects.values_list("name", flat=True))


def test_a_sweep_sends_a_message_for_each_due_job(queue):
    enqueue()
    tasks.hand_out_due_jobs.delay()

    deliver(queue)
    deliver(queue)
    assert teams() == ["Team 7"]
    with pytest.raises(queue.Empty):
        queue.get(block=False)


def test_a_message_carries_the_id_of_its_job_and_nothing_else(queue):
    job = enqueue()
    tasks.hand_out_due_jobs()

    message = queue.get(block=False)
    assert message.headers["task"] == "jobs.work"
    assert message.payload[:2] == [[], {"job_id": job.pk}]
    message.ack()


def test_a_lost_message_is_sent_again_by_the_next_sweep(queue):
    enqueue()
    tasks.hand_out_due_jobs()
    queue.clear()

    tasks.hand_out_due_jobs()
    deliver(queue)
    assert teams() == ["Team 7"]


def test_a_repeated_message_does_nothing_twice(queue):
    enqueue()
    tasks.hand_out_due_jobs()
    tasks.hand_out_due_jobs()

    deliver(queue, times=2)
    deliver(queue, times=2)
    assert teams() == ["Team 7"]
    assert (Job.objects.get().state, Job.objects.get().attempts) == (Job.State.DONE, 1)


def test_a_message_of_a_newer_release_is_understood(queue):
    job = enqueue()

    tasks.do_job(job_id=job.pk, priority="high")
    tasks.hand_out_due_jobs(only="letters")
    assert teams() == ["Team 7"]


def test_a_message_of_a_job_that_is_gone_is_harmless(queue):
    tasks.do_job(job_id=4711)

    assert teams() == []


def test_work_carries_the_time_at_which_it_was_done(queue):
    enqueue()
    before = datetime.now(UTC)  # noqa: TID251 that the entry reads the clock is what is tested
    tasks.hand_out_due_jobs()
    deliver(queue)

    assert before <= Job.objects.get().finished_at <= datetime.now(UTC)  # noqa: TID251 likewise


def test_what_was_missed_is_caught_up_once_each_and_marked_late_also_by_its_messages(queue, monkeypatch, caplog):
    monkeypatch.setattr(chores, "SCHEDULE", (Recurring(chores.daily_at_three, every=Daily(time(3))),), raising=False)
    sweep.sweep(now=datetime(2026, 1, 5, 3, tzinfo=UTC))  # made in time; then everything was off until today
    tasks.hand_out_due_jobs.delay()
    deliver(queue)  # the sweep
    for _ in range(3):
        deliver(queue, times=2)

    first = Run.objects.order_by("job__due_at").values_list("period", "late", "job__state")[:3]
    assert list(first) == [(f"2026-01-0{day}", True, Job.State.DONE) for day in (5, 6, 7)]
    assert sorted(teams()) == [f"daily_at_three 2026-01-0{day}" for day in (5, 6, 7)]
    assert len([said for said in caplog.messages if "comes late" in said]) == 3
