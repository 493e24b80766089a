"""Years of schedule with outages, two schedulers and the nights when the clocks change: none missed, none doubled."""

import calendar
import random
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from jobs import declared, sweep, work
from jobs.models import Job, Run
from jobs.schedule import Daily, Monthly, Recurring, Weekly
from rhi.settings import JOB_MODULES
from staff.models import Team
from tests.jobs import chores
from tests.soak import evidence, full

LONDON = ZoneInfo("Europe/London")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

BY_DAY = (
    Recurring(chores.daily_at_half_past_one, every=Daily(time(1, 30))),
    Recurring(chores.weekly, every=Weekly(time(1, 30), weekday=calendar.SUNDAY)),
    Recurring(chores.monthly, every=Monthly(time(7), day=1)),
)

#: The site's own, read from its documents and not from its code: minutes past the hour (elapsed time), or a time of
#: day, with the day of the week where it is not each.
BY_THE_HOUR = {
    "rhi.actions.reminding.remind": (0, 15, 30, 45),
    "rhi.actions.proposing.propose_due": (5,),
    "rhi.actions.sending.ask_notify": (20,),
}
BY_THE_CLOCK = {
    "jobs.housekeeping.clear_expired_sessions": (time(3), None),
    "reporting.actions.clear_expired_downloads": (time(3, 30), None),
    "rhi.actions.digests.daily": (time(8), None),
    "rhi.actions.digests.weekly": (time(8), calendar.MONDAY),
}

pytestmark = pytest.mark.django_db


def instants(start, end, step):
    """Every so often, from two days before the start."""
    instant = start.replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    while instant <= end:
        yield instant
        instant += step


def shown_on_the_wall(start, end, step):
    """What clocks show at those instants, and when: of a doubled time the first."""
    shown = {}
    for instant in instants(start, end, step):
        local = instant.astimezone(LONDON)
        shown.setdefault((local.date(), local.time()), instant)
    return shown


def week_of(day):
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def chores_due(start, end):
    """What is due of the tests' own chores after `start` and until `end`, and when, found by looking at the clock.

    Nothing of ours is used. What is due at a time that the clock never shows is due when it shows an hour later.
    """
    due, shown = {}, shown_on_the_wall(start, end, 30 * MINUTE)
    for day in sorted({day for day, _ in shown}):
        at_half_past_one = shown.get((day, time(1, 30))) or shown.get((day, time(2, 30)))
        due["tests.jobs.chores.daily_at_half_past_one", f"{day}"] = at_half_past_one
        if day.weekday() == calendar.SUNDAY:
            due["tests.jobs.chores.weekly", week_of(day)] = at_half_past_one
        if day.day == 1:
            due["tests.jobs.chores.monthly", f"{day:%Y-%m}"] = shown.get((day, time(7)))
    return {name: instant for name, instant in due.items() if instant and start < instant <= end}


def ours_due(start, end):
    """The same of what the site itself does."""
    due = {}
    for instant in instants(start, end, 5 * MINUTE):
        for name, minutes in BY_THE_HOUR.items():
            if instant.minute in minutes:
                period = f"{instant:%Y-%m-%dT%H:%M}Z" if len(minutes) > 1 else f"{instant:%Y-%m-%dT%H}Z"
                due[name, period] = instant
    shown = shown_on_the_wall(start, end, 30 * MINUTE)
    for day in {day for day, _ in shown}:
        for name, (at, weekday) in BY_THE_CLOCK.items():
            if weekday in (None, day.weekday()):
                due[name, f"{day}" if weekday is None else week_of(day)] = shown.get((day, at))
    return {name: instant for name, instant in due.items() if instant and start < instant <= end}


class Schedulers:
    """Two that sweep at the same time: between the one's looking for what is due and its making it the other comes in.

    `lost` says how often the one then found that the other had been faster.
    """

    def __init__(self, monkeypatch, chance):
        self.chance, self.other_is_in, self.lost = chance, False, 0
        self.make_run = sweep.make_run
        monkeypatch.setattr(sweep, "make_run", self.make_run_and_be_overtaken)

    def make_run_and_be_overtaken(self, name, period, *, now):
        if not self.other_is_in and self.chance.random() < 0.05:
            self.other_is_in = True
            self.hand_out(sweep.sweep(now=now), now)
            self.other_is_in = False
            self.lost += Run.objects.filter(name=name, period=period.name).exists()
        self.make_run(name, period, now=now)

    def hand_out(self, ids, now):
        """Each message comes, and now and then once more."""
        for job_id in ids:
            for _ in range(2 if self.chance.random() < 0.1 else 1):
                work.do(job_id, now=now)

    def sweep(self, now):
        """One sweep of the one; the other comes in between, or after it, or not at all. Whether there was work."""
        ids = sweep.sweep(now=now)
        if self.chance.random() < 0.1:
            self.hand_out(sweep.sweep(now=now), now)
        self.hand_out(ids, now)
        return bool(ids)


def live_through(schedulers, start, end, *, longest_pause, outages_per_sweep):
    """Sweep now and then; outages between, of an hour to ten days, short ones more often. Answers the outages."""
    now, outages, chance = start, [], schedulers.chance
    while now < end:
        schedulers.sweep(now)
        if chance.random() < outages_per_sweep:
            length = HOUR * 240 ** chance.random()
            outages.append((now, length))
            now += length
        else:
            now += longest_pause * chance.random()
    while schedulers.sweep(end):
        pass
    return outages


def assert_none_missed_none_doubled(due, start):
    """Of the installation are the runs that its first sweep makes."""
    first = set(Run.objects.filter(job__due_at__lte=start).values_list("job_id", flat=True))
    done = Job.objects.exclude(pk__in=first)
    made = dict(Counter(Run.objects.exclude(job__in=first).values_list("name", "period")))

    assert {(job.name, job.arguments["period"]): job.due_at for job in done} == due
    assert made == dict.fromkeys(due, 1)
    assert done.count() == len(due) == done.filter(state="done", attempts=1).count()
    return first


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_year_with_outages_two_schedulers_and_both_nights_misses_and_doubles_nothing(monkeypatch):
    """Of chores that are due in the hours that do not exist or come twice, each of which leaves a trace of its own."""
    monkeypatch.setattr(chores, "SCHEDULE", BY_DAY, raising=False)
    start, end = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)
    schedulers = Schedulers(monkeypatch, random.Random(2026))

    outages = live_through(schedulers, start, end, longest_pause=timedelta(hours=36), outages_per_sweep=0.05)

    due = chores_due(start, end)
    first = assert_none_missed_none_doubled(due, start)
    assert Team.objects.count() == len(due) + len(first)
    assert len(due) == 365 + 52 + 12
    assert len(outages) > 5
    assert schedulers.lost > 5


@pytest.mark.soak
@pytest.mark.timeout(4 * 3600)
def test_three_years_of_the_sites_own_schedule_miss_and_double_nothing(monkeypatch, settings, soak_seed):
    settings.JOB_MODULES = JOB_MODULES
    assert {each.name for each in declared.schedule()} == {*BY_THE_HOUR, *BY_THE_CLOCK}
    # A fiftieth would still be three thousand jobs; of a day there are some hundred and fifty.
    days, chance = 3 * 365 if full() else 5, random.Random(soak_seed)
    # However few the days are, one of the two nights is among them.
    night = chance.choice([datetime(2025, 3, 30, 1, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)])
    start = night - MINUTE * chance.randrange(60, days * 24 * 60 // 2)
    end = start + timedelta(days=days)
    schedulers = Schedulers(monkeypatch, chance)

    outages = live_through(schedulers, start, end, longest_pause=2 * HOUR, outages_per_sweep=0.004 if full() else 0.03)

    due = ours_due(start, end)
    assert_none_missed_none_doubled(due, start)
    assert schedulers.lost > days // 4
    away = sum((length for _, length in outages), timedelta())
    if full():
        assert len(outages) > 20
        assert max(length for _, length in outages) > timedelta(days=7)
    evidence(
        "schedule",
        seed=soak_seed,
        n=days,
        result={
            "periods": Counter(name for name, _ in sorted(due)),
            "outages": len(outages),
            "of days": round(away.total_seconds() / 86400, 1),
            "the other scheduler was faster": schedulers.lost,
            "missed": 0,
            "doubled": 0,
        },
    )
