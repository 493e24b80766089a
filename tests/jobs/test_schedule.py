"""When recurring work is due, the two nights on which the clocks change above all."""

import calendar
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.schedule import Daily, Every, Hourly, Monthly, Recurring, Weekly


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def london(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


def due(recurrence, since, until):
    return [(name, f"{due_at:%Y-%m-%d %H:%M}") for name, due_at in recurrence.periods(since, until)]


def test_a_daily_job_is_due_at_its_local_time_in_winter_and_in_summer():
    assert due(Daily(time(7)), london("2026-01-05"), london("2026-01-06")) == [("2026-01-05", "2026-01-05 07:00")]
    assert due(Daily(time(7)), london("2026-07-05"), london("2026-07-06")) == [("2026-07-05", "2026-07-05 06:00")]


def test_a_local_time_that_does_not_exist_moves_on_an_hour():
    spring = due(Daily(time(1, 30)), london("2026-03-28"), london("2026-03-31"))

    assert spring == [
        ("2026-03-28", "2026-03-28 01:30"),
        ("2026-03-29", "2026-03-29 01:30"),  # 02:30 summer time: from 01:00 the clocks showed 02:00
        ("2026-03-30", "2026-03-30 00:30"),
    ]


def test_a_local_time_that_happens_twice_is_the_first():
    autumn = due(Daily(time(1, 30)), london("2026-10-24"), london("2026-10-27"))

    assert autumn == [
        ("2026-10-24", "2026-10-24 00:30"),
        ("2026-10-25", "2026-10-25 00:30"),  # and not 01:30, when the clocks show 01:30 again
        ("2026-10-26", "2026-10-26 01:30"),
    ]


def test_an_hourly_job_has_every_elapsed_hour_of_the_spring_day():
    names = [name for name, _ in due(Hourly(minute=10), london("2026-03-29"), london("2026-03-30"))]

    assert len(names) == 23
    assert names[:3] == ["2026-03-29T00Z", "2026-03-29T01Z", "2026-03-29T02Z"]


def test_an_hourly_job_has_both_hours_that_the_autumn_day_shows_alike():
    names = [name for name, _ in due(Hourly(minute=10), london("2026-10-25"), london("2026-10-26"))]

    assert len(names) == 25
    assert names[:3] == ["2026-10-24T23Z", "2026-10-25T00Z", "2026-10-25T01Z"]


def test_a_job_of_every_quarter_of_an_hour_has_each_once_also_when_the_clocks_go_back():
    names = [name for name, _ in due(Every(minutes=15), london("2026-10-25"), london("2026-10-26"))]

    assert len(names) == 100
    assert names[:3] == ["2026-10-24T23:15Z", "2026-10-24T23:30Z", "2026-10-24T23:45Z"]


def test_a_weekly_job_is_named_by_the_week_also_across_new_year():
    mondays = due(Weekly(time(7), weekday=calendar.MONDAY), london("2024-12-22"), london("2025-01-07"))

    assert mondays == [
        ("2024-W52", "2024-12-23 07:00"),
        ("2025-W01", "2024-12-30 07:00"),
        ("2025-W02", "2025-01-06 07:00"),
    ]


def test_a_monthly_job_has_every_month_once():
    months = due(Monthly(time(7), day=28), london("2026-01-31"), london("2026-04-28 07:00"))

    assert months == [
        ("2026-02", "2026-02-28 07:00"),
        ("2026-03", "2026-03-28 07:00"),
        ("2026-04", "2026-04-28 06:00"),
    ]


def test_periods_leave_out_the_one_at_their_beginning_and_keep_the_one_at_their_end():
    days = due(Daily(time(7)), london("2026-01-05 07:00"), london("2026-01-07 07:00"))

    assert days == [("2026-01-06", "2026-01-06 07:00"), ("2026-01-07", "2026-01-07 07:00")]


def test_a_time_just_after_midnight_in_summer_is_found_from_the_utc_day_before():
    days = due(Daily(time(0, 15)), utc("2026-07-04 23:00"), utc("2026-07-04 23:15"))

    assert days == [("2026-07-05", "2026-07-04 23:15")]


@pytest.mark.parametrize(
    ("recurrence", "newest"),
    [
        (Every(minutes=20), "2026-10-25 02:40"),
        (Hourly(), "2026-10-25 02:00"),
        (Daily(time(3)), "2026-10-24 02:00"),
        (Weekly(time(3), weekday=calendar.SUNDAY), "2026-10-18 02:00"),
        (Monthly(time(3), day=25), "2026-09-25 02:00"),
    ],
)
def test_the_newest_period_is_found_also_when_the_autumn_hour_lies_between(recurrence, newest):
    a_moment_before_three = utc("2026-10-25 02:59")

    assert recurrence.newest(a_moment_before_three).due_at == utc(newest)


@pytest.mark.parametrize("day", [0, 29, 31])
def test_a_day_that_some_month_lacks_is_refused(day):
    with pytest.raises(ValueError, match=f"Every month has the days 1 to 28, but {day} was asked for."):
        Monthly(time(7), day=day)


@pytest.mark.parametrize("weekday", [-1, 7])
def test_an_eighth_weekday_is_refused(weekday):
    with pytest.raises(ValueError, match=rf"A week has the days 0 \(Monday\) to 6 \(Sunday\), but {weekday} was"):
        Weekly(time(7), weekday=weekday)


@pytest.mark.parametrize("minute", [-1, 60])
def test_a_sixtieth_minute_is_refused(minute):
    with pytest.raises(ValueError, match=f"An hour has the minutes 0 to 59, but {minute} was asked for."):
        Hourly(minute=minute)


@pytest.mark.parametrize("minutes", [0, -15, 7, 60, 90])
def test_minutes_that_make_no_whole_hour_are_refused(minutes):
    with pytest.raises(ValueError, match=f"An hour has no whole number of times {minutes} minutes."):
        Every(minutes=minutes)


def test_a_recurring_action_goes_by_its_dotted_name():
    assert Recurring(london, every=Daily(time(7))).name == "tests.jobs.test_schedule.london"


times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
instants = st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: utc("2025-01-01") + timedelta(minutes=minutes))
spans = st.integers(0, 70 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
recurrences = st.one_of(
    st.builds(Every, st.sampled_from([1, 5, 15, 20, 30])),
    st.builds(Hourly, st.integers(0, 59)),
    st.builds(Daily, times),
    st.builds(Weekly, times, st.integers(0, 6)),
    st.builds(Monthly, times, st.integers(1, 28)),
)


@pytest.mark.slow
@settings(deadline=None)
@given(recurrences, instants, spans, spans)
def test_however_time_is_cut_up_every_period_comes_once_and_in_order(recurrence, first, span, next_span):
    second, third = first + span, first + span + next_span
    whole = list(recurrence.periods(first, third))

    assert [*recurrence.periods(first, second), *recurrence.periods(second, third)] == whole
    assert len({period.name for period in whole}) == len(whole)
    assert all(earlier.due_at < later.due_at for earlier, later in pairwise(whole))


@pytest.mark.slow
@settings(deadline=None)
@given(recurrences, instants)
def test_the_newest_period_is_the_last_of_all_until_then(recurrence, now):
    *_, last = recurrence.periods(now - timedelta(days=40), now)

    assert recurrence.newest(now) == last
