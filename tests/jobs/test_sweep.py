"""The sweep: one run per job and period, missed ones caught up once each, and what the health page tells of it."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError

from jobs import claims, sweep, work
from jobs.models import Hold, Job, Run
from jobs.schedule import Daily, Hourly, Period, Recurring
from staff.models import Team
from tests.jobs import chores

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOON = utc("2026-01-09 12:00")


@pytest.fixture
def daily(monkeypatch):
    monkeypatch.setattr(chores, "SCHEDULE", (Recurring(chores.daily_at_three, every=Daily(time(3))),), raising=False)


@pytest.fixture
def hourly(monkeypatch):
    monkeypatch.setattr(chores, "SCHEDULE", (Recurring(chores.hourly, every=Hourly()),), raising=False)


def runs():
    return list(Run.objects.order_by("job__due_at").values_list("period", "late"))


def enqueue(number=1, *, due_at=NOON):
    return claims.enqueue("tests.jobs.chores.open_team", arguments={"number": number}, due_at=due_at)


def test_a_sweep_answers_the_jobs_to_be_done_the_longest_due_first():
    later = enqueue(1, due_at=NOON)
    earlier = enqueue(2, due_at=NOON - MINUTE)
    enqueue(3, due_at=NOON + MINUTE)
    claims.claim(enqueue(4).pk, now=NOON)

    assert sweep.sweep(now=NOON) == [earlier.pk, later.pk]


def test_a_sweep_answers_the_job_of_a_vanished_worker_once_its_lease_has_run_out():
    job = claims.claim(enqueue().pk, now=NOON)

    assert sweep.sweep(now=NOON + claims.LEASE - MINUTE) == []
    assert sweep.sweep(now=NOON + claims.LEASE) == [job.pk]


def test_a_sweep_hands_out_no_more_than_a_thousand_jobs():
    made = Job.objects.bulk_create([Job(name="a.job", due_at=NOON, next_try_at=NOON) for _ in range(1_001)])

    assert sweep.sweep(now=NOON) == [job.pk for job in made[:1_000]]


def test_a_sweep_makes_the_run_that_has_come_due_with_its_job(daily):
    work.do(*sweep.sweep(now=utc("2026-01-10 02:59")), now=utc("2026-01-10 02:59"))
    (job_id,) = sweep.sweep(now=utc("2026-01-10 03:00"))

    job = Job.objects.get(pk=job_id)
    assert (job.run.name, job.run.period, job.run.late) == ("tests.jobs.chores.daily_at_three", "2026-01-10", False)
    assert (job.name, job.arguments) == ("tests.jobs.chores.daily_at_three", {"period": "2026-01-10"})
    assert (job.due_at, job.next_try_at) == (utc("2026-01-10 03:00"), utc("2026-01-10 03:00"))


def test_a_run_is_called_with_the_name_of_its_period(daily):
    (job_id,) = sweep.sweep(now=NOON)

    assert work.do(job_id, now=NOON).state == Job.State.DONE
    assert Team.objects.get().name == "daily_at_three 2026-01-09"


def test_on_a_fresh_installation_only_the_newest_period_is_made(daily):
    sweep.sweep(now=NOON)

    assert runs() == [("2026-01-09", True)]


def test_another_sweep_in_the_same_period_makes_no_second_run(daily):
    sweep.sweep(now=NOON)
    sweep.sweep(now=NOON + MINUTE)

    assert runs() == [("2026-01-09", True)]
    assert Job.objects.count() == 1


def test_periods_missed_in_an_outage_are_caught_up_once_each_and_marked_late(daily):
    sweep.sweep(now=utc("2026-01-05 03:01"))
    sweep.sweep(now=utc("2026-01-09 03:01"))

    assert runs() == [
        ("2026-01-05", False),
        ("2026-01-06", True),
        ("2026-01-07", True),
        ("2026-01-08", True),
        ("2026-01-09", False),
    ]


def test_a_run_counts_as_late_when_it_is_made_more_than_five_minutes_after_its_time(daily):
    sweep.sweep(now=utc("2026-01-05 03:05"))
    sweep.sweep(now=utc("2026-01-06 03:05:01"))

    assert runs() == [("2026-01-05", False), ("2026-01-06", True)]


def test_a_run_that_was_made_in_time_and_begun_late_counts_as_late_and_is_logged(daily, caplog):
    (job_id,) = sweep.sweep(now=utc("2026-01-05 03:00"))

    work.do(job_id, now=utc("2026-01-05 03:05:01"))

    assert runs() == [("2026-01-05", True)]
    which = f"Job {job_id} (tests.jobs.chores.daily_at_three, 2026-01-05)"
    assert caplog.messages == [f"{which} comes late: it was due at 2026-01-05T03:00:00+00:00."]


def test_a_run_that_is_begun_in_time_does_not(daily, caplog):
    (job_id,) = sweep.sweep(now=utc("2026-01-05 03:00"))

    work.do(job_id, now=utc("2026-01-05 03:05"))

    assert runs() == [("2026-01-05", False)]
    assert caplog.messages == []


def test_a_run_that_waited_while_everything_was_held_counts_as_late(daily):
    sweep.sweep(now=utc("2026-01-05 03:00"))
    hold = Hold.objects.create(pk=1, since=utc("2026-01-05 03:00"), because="A restore.")
    sweep.sweep(now=utc("2026-01-05 04:00"))
    hold.delete()

    work.do(*sweep.sweep(now=utc("2026-01-05 05:00")), now=utc("2026-01-05 05:00"))

    assert runs() == [("2026-01-05", True)]


def test_a_job_that_is_no_run_comes_late_without_a_word(caplog):
    work.do(enqueue().pk, now=NOON + DAY)

    assert caplog.messages == []


def test_a_long_outage_is_caught_up_in_portions_without_a_gap(hourly):
    sweep.sweep(now=utc("2026-01-01 00:00"))

    for portion in (100, 200, 240, 240):
        sweep.sweep(now=utc("2026-01-11 00:00"))
        assert Run.objects.filter(late=True).count() == min(portion, 239)
    assert [period for period, _ in runs()] == [
        f"{utc('2026-01-01 00:00') + timedelta(hours=hours):%Y-%m-%dT%H}Z" for hours in range(241)
    ]


def test_a_clock_that_was_ahead_and_is_set_back_hides_no_period(daily):
    sweep.sweep(now=utc("2026-01-05 12:00"))
    Run.objects.create(
        name="tests.jobs.chores.daily_at_three",
        period="2030-01-01",
        job=Job.objects.create(
            name="tests.jobs.chores.daily_at_three", due_at=utc("2030-01-01 03:00"), next_try_at=utc("2030-01-01 03:00")
        ),
        late=False,
    )

    sweep.sweep(now=utc("2026-01-07 12:00"))
    assert [period for period, _ in runs()] == ["2026-01-05", "2026-01-06", "2026-01-07", "2030-01-01"]


def test_what_a_clock_that_was_ahead_had_done_is_done_again_when_its_time_comes(daily, caplog):
    sweep.sweep(now=utc("2026-01-05 12:00"))
    ahead = utc("2026-01-07 12:00")
    for job_id in sweep.sweep(now=ahead):
        work.do(job_id, now=ahead)
    Team.objects.all().delete()

    sweep.sweep(now=utc("2026-01-05 12:05"))
    assert [period for period, _ in runs()] == ["2026-01-05"]
    assert Job.objects.filter(run=None, state=Job.State.DONE).count() == 2
    assert "2 runs were ended ahead of their time. They are made again when it comes." in caplog.messages

    for day in ("2026-01-06", "2026-01-07"):
        for job_id in sweep.sweep(now=utc(f"{day} 03:00")):
            work.do(job_id, now=utc(f"{day} 03:00"))
    assert [team.name for team in Team.objects.order_by("pk")] == [
        "daily_at_three 2026-01-06",
        "daily_at_three 2026-01-07",
    ]


def test_a_clock_that_is_a_few_minutes_behind_repeats_nothing(daily):
    sweep.sweep(now=utc("2026-01-04 03:00"))
    for job_id in sweep.sweep(now=utc("2026-01-05 03:00")):
        work.do(job_id, now=utc("2026-01-05 03:00"))

    sweep.sweep(now=utc("2026-01-05 02:55"))

    assert sweep.sweep(now=utc("2026-01-05 03:00")) == []
    assert [period for period, _ in runs()] == ["2026-01-04", "2026-01-05"]


def test_a_period_that_was_done_is_not_repeated_when_its_time_of_day_moves(daily, monkeypatch):
    sweep.sweep(now=utc("2026-01-09 03:00"))
    monkeypatch.setattr(chores, "SCHEDULE", (Recurring(chores.daily_at_three, every=Daily(time(5))),))

    sweep.sweep(now=utc("2026-01-09 05:00"))
    sweep.sweep(now=utc("2026-01-10 05:00"))
    assert runs() == [("2026-01-09", False), ("2026-01-10", False)]
    assert Job.objects.count() == 2


def test_a_single_job_of_a_recurring_action_stands_for_no_period(daily):
    sweep.sweep(now=utc("2026-01-05 03:00"))
    claims.enqueue("tests.jobs.chores.daily_at_three", arguments={}, due_at=utc("2026-01-06 12:00"))

    sweep.sweep(now=utc("2026-01-07 03:00"))
    assert [period for period, _ in runs()] == ["2026-01-05", "2026-01-06", "2026-01-07"]


def test_a_run_that_cannot_be_made_leaves_no_job_behind():
    with pytest.raises(IntegrityError):
        sweep.make_run("tests.jobs.chores.daily_at_three", Period(None, NOON), now=NOON)

    assert Job.objects.count() == 0


def test_four_schedulers_at_once_make_each_run_and_its_job_once(hourly, elsewhere):
    start = utc("2026-01-01 00:00")
    sweep.sweep(now=start)

    elsewhere.race(lambda: sweep.sweep(now=start + 48 * timedelta(hours=1)), rivals=4)

    assert elsewhere.call(lambda: [Run.objects.count(), Job.objects.count(), Job.objects.filter(run=None).count()]) == [
        *(49, 49, 0)
    ]


def test_a_sweep_gives_up_a_job_whose_worker_vanished_three_times():
    job = enqueue()
    for attempt in range(3):
        claims.claim(job.pk, now=NOON + attempt * claims.LEASE)

    assert sweep.sweep(now=NOON + 3 * claims.LEASE) == []
    assert Job.objects.get().state == Job.State.DEAD
    assert sweep.dead_count() == 1


def test_the_last_sweep_is_known():
    assert sweep.last_sweep() is None

    sweep.sweep(now=NOON)
    sweep.sweep(now=NOON + MINUTE)
    assert sweep.last_sweep() == NOON + MINUTE


def test_a_sweep_that_failed_does_not_count_as_the_last(daily, monkeypatch):
    sweep.sweep(now=NOON)
    monkeypatch.setattr(chores, "SCHEDULE", (Recurring(Team.delete, every=Hourly()),))

    with pytest.raises(Exception, match="is not an action"):
        sweep.sweep(now=NOON + MINUTE)
    assert sweep.last_sweep() == NOON


def test_the_oldest_due_work_counts_from_its_own_time_also_while_it_waits_for_a_retry():
    assert sweep.oldest_due(NOON) is None

    finished = claims.claim(enqueue(1, due_at=NOON - 2 * DAY).pk, now=NOON)
    claims.finish(finished, now=NOON)
    failed = claims.claim(enqueue(2, due_at=NOON - DAY).pk, now=NOON)
    claims.fail(failed, reason="No leader.", now=NOON)
    enqueue(3, due_at=NOON)

    assert sweep.oldest_due(NOON) == NOON - DAY
    assert sweep.oldest_due(NOON - DAY - MINUTE) is None


def test_nothing_is_dead_while_it_is_still_tried():
    claims.fail(claims.claim(enqueue().pk, now=NOON), reason="No leader.", now=NOON)

    assert sweep.dead_count() == 0


def test_while_everything_is_held_a_sweep_makes_and_answers_nothing_and_all_is_caught_up_afterwards(daily):
    sweep.sweep(now=utc("2026-01-05 03:00"))
    hold = Hold.objects.create(pk=1, since=NOON, because="A restore.")

    assert sweep.sweep(now=utc("2026-01-08 03:00")) == []
    assert sweep.last_sweep() == utc("2026-01-08 03:00")
    assert [period for period, _ in runs()] == ["2026-01-05"]

    hold.delete()
    assert len(sweep.sweep(now=utc("2026-01-08 03:01"))) == 4
    assert [period for period, _ in runs()] == ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]
