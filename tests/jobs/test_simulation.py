"""Years of schedule with outages, two schedulers and the nights when the clocks change: none missed, none doubled."""

import calendar
import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from jobs import sweep, work
from jobs.models import Job, Run
from jobs.schedule import Daily, Hourly, Monthly, Recurring, Weekly
from staff.models import Team
from tests.jobs import chores
from tests.soak import evidence, soak_count

LONDON = ZoneInfo("Europe/London")
HALF_AN_HOUR = timedelta(minutes=30)

BY_DAY = (
    Recurring(chores.daily_at_half_past_one, every=Daily(time(1, 30))),
    Recurring(chores.weekly, every=Weekly(time(1, 30), weekday=calendar.SUNDAY)),
    Recurring(chores.monthly, every=Monthly(time(7), day=1)),
)

pytestmark = pytest.mark.django_db


def expected(start, end):
    """What is due after `start` and until `end`, and when, found by looking at the clock every half hour.

    Nothing of ours is used. What is due at a time that the clock never shows is due when it shows an hour later.
    """
    due, shown = {}, {}
    instant = start.replace(minute=0) - timedelta(days=2)
    while instant <= end:
        local = instant.astimezone(LONDON)
        shown.setdefault((local.date(), local.time()), instant)  # of a doubled time, the first
        if local.minute == 0:
            due[f"hourly {instant.astimezone(UTC):%Y-%m-%dT%H}Z"] = instant
        instant += HALF_AN_HOUR
    for day in sorted({day for day, _ in shown}):
        at_half_past_one = shown.get((day, time(1, 30))) or shown.get((day, time(2, 30)))
        due[f"daily_at_half_past_one {day}"] = at_half_past_one
        if day.weekday() == 6:
            year, week, _ = day.isocalendar()
            due[f"weekly {year}-W{week:02}"] = at_half_past_one
        if day.day == 1:
            due[f"monthly {day:%Y-%m}"] = shown.get((day, time(7)))
    return {name: instant for name, instant in due.items() if instant and start < instant <= end}


def live_through(start, end, *, longest_pause, outages_per_sweep, chance):
    """Two schedulers sweep now and then, one shortly after the other, and all messages come twice; outages between."""
    now, outages = start, 0
    while now < end:
        for ids in (sweep.sweep(now=now), sweep.sweep(now=now)):
            for job_id in ids:
                work.do(job_id, now=now)
        if chance.random() < outages_per_sweep:
            outages += 1
            now += timedelta(hours=chance.uniform(1, 240))
        else:
            now += longest_pause * chance.random()
    while ids := sweep.sweep(now=end):
        for job_id in ids:
            work.do(job_id, now=end)
    return outages


def assert_none_missed_none_doubled(start, end, *, but_for):
    due = {name: instant for name, instant in expected(start, end).items() if not name.startswith(but_for)}
    first = set(Run.objects.filter(job__due_at__lte=start).values_list("job_id", flat=True))  # of the installation
    done = Job.objects.exclude(pk__in=first)

    assert {f"{job.name.rpartition('.')[2]} {job.arguments['period']}": job.due_at for job in done} == due
    assert done.count() == len(due) == done.filter(state="done", attempts=1).count()
    assert Team.objects.count() == len(due) + len(first)
    return len(due)


@pytest.mark.slow
def test_a_year_with_outages_two_schedulers_and_both_nights_misses_and_doubles_nothing(monkeypatch):
    monkeypatch.setattr(chores, "SCHEDULE", BY_DAY, raising=False)
    start, end = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)

    chance = random.Random(2026)
    outages = live_through(start, end, longest_pause=timedelta(hours=36), outages_per_sweep=0.05, chance=chance)

    assert outages > 5
    assert assert_none_missed_none_doubled(start, end, but_for="hourly") == 365 + 52 + 12


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_three_years_of_sweeps_miss_and_double_nothing(monkeypatch, soak_seed):
    monkeypatch.setattr(chores, "SCHEDULE", (*BY_DAY, Recurring(chores.hourly, every=Hourly())), raising=False)
    days, chance = soak_count(3 * 365), random.Random(soak_seed)
    start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(1_000_000))
    end = start + timedelta(days=days)

    outages = live_through(start, end, longest_pause=timedelta(hours=2), outages_per_sweep=0.005, chance=chance)

    periods = assert_none_missed_none_doubled(start, end, but_for=())
    evidence("schedule", seed=soak_seed, n=days, result=f"{periods} periods, {outages} outages: 0 missed, 0 doubled")
