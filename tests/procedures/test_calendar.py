"""Working days and core hours, against the government's own list and on the edges of days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays

from procedures.calendar import ENGLAND, Calendar, PartOfDay, bank_holidays, end_of_day, local_date, start_of_day

GOVERNMENT = BankHolidays(use_cached_holidays=True)


def london(local: str) -> datetime:
    """A time as a clock on a wall in England shows it."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/London"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


# Working days


@pytest.mark.parametrize("year", range(2012, 2029))
def test_every_day_is_worked_exactly_when_the_government_says_so(year):
    for day in days(date(year, 1, 1), date(year, 12, 31)):
        assert ENGLAND.is_working_day(day) is GOVERNMENT.is_work_day(day, BankHolidays.ENGLAND_AND_WALES), day


@pytest.mark.parametrize("year", range(2029, 2041))
def test_years_beyond_the_governments_list_still_have_their_bank_holidays(year):
    free_weekdays = [
        day
        for day in days(date(year, 1, 1), date(year, 12, 31))
        if day.weekday() < 5 and not ENGLAND.is_working_day(day)
    ]

    assert len(free_weekdays) == 8, free_weekdays


def test_easter_christmas_and_may_day_of_a_year_beyond_the_governments_list():
    assert {
        date(2030, 1, 1),
        date(2030, 4, 19),
        date(2030, 4, 22),
        date(2030, 5, 6),
        date(2030, 5, 27),
        date(2030, 8, 26),
        date(2030, 12, 25),
        date(2030, 12, 26),
    } == bank_holidays(2030)


def test_scotlands_and_northern_irelands_own_holidays_are_worked_in_england():
    assert ENGLAND.is_working_day(date(2026, 1, 2))
    assert ENGLAND.is_working_day(date(2026, 3, 17))
    assert ENGLAND.is_working_day(date(2026, 11, 30))


def test_a_closure_day_of_the_authority_is_not_worked():
    closed_between_the_years = Calendar(closure_days=frozenset({date(2026, 12, 29), date(2026, 12, 30)}))

    assert ENGLAND.is_working_day(date(2026, 12, 29))
    assert not closed_between_the_years.is_working_day(date(2026, 12, 29))
    assert closed_between_the_years.is_working_day(date(2026, 12, 31))
    assert closed_between_the_years.working_day_after(date(2026, 12, 24), 1) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        ("2026-11-23", 1, "2026-11-24"),  # Monday to Tuesday
        ("2026-11-20", 1, "2026-11-23"),  # Friday to Monday
        ("2026-11-21", 1, "2026-11-23"),  # a Saturday is day 0, Monday day 1
        ("2026-11-22", 1, "2026-11-23"),  # likewise a Sunday
        ("2026-11-20", 5, "2026-11-27"),
        ("2026-04-02", 3, "2026-04-09"),  # over Easter
        ("2026-04-03", 1, "2026-04-07"),  # Good Friday is day 0
        ("2026-12-24", 3, "2026-12-31"),  # over Christmas, Boxing Day made up for on Monday
        ("2027-12-24", 1, "2027-12-29"),  # Christmas on a Saturday, made up for on Monday and Tuesday
        ("2026-12-31", 1, "2027-01-04"),  # New Year's Day on a Friday
        ("2022-06-01", 1, "2022-06-06"),  # the Platinum Jubilee
        ("2026-11-20", 0, "2026-11-20"),
    ],
)
def test_working_days_are_counted_from_a_day_that_is_itself_day_nought(day, number, expected):
    assert ENGLAND.working_day_after(date.fromisoformat(day), number) == date.fromisoformat(expected)


def test_a_working_day_ends_at_its_last_second_in_england():
    thursday_before_easter = london("2026-04-02 10:00:00")

    assert ENGLAND.end_of_working_day(thursday_before_easter, after=3) == london("2026-04-09 23:59:59")


def test_the_day_of_an_instant_is_its_day_in_england():
    late_on_thursday_in_utc = utc("2026-04-02 23:30:00")  # Good Friday, 00:30, in England

    assert ENGLAND.end_of_working_day(late_on_thursday_in_utc, after=1) == london("2026-04-07 23:59:59")


# Core hours


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-11-23 08:59:59.999999", False),
        ("2026-11-23 09:00:00", True),
        ("2026-11-23 16:59:59.999999", True),
        ("2026-11-23 17:00:00", False),
        ("2026-07-01 09:00:00", True),  # 08:00 in UTC
        ("2026-07-01 17:00:00", False),
        ("2026-11-21 12:00:00", False),  # Saturday
        ("2026-12-25 12:00:00", False),
        ("2026-12-28 12:00:00", False),  # Boxing Day's substitute
    ],
)
def test_core_hours_are_nine_to_five_local_time_on_working_days(local, expected):
    assert ENGLAND.is_core_time(london(local)) is expected


def test_an_authority_may_keep_other_core_hours():
    early = Calendar(core_start=time(8, 30), core_end=time(16, 45))

    assert early.is_core_time(london("2026-11-23 08:30:00"))
    assert not early.is_core_time(london("2026-11-23 16:45:00"))
    assert early.first_core_minute(london("2026-11-23 16:45:00")) == london("2026-11-24 08:30:00")


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-11-20 16:00:00", "2026-11-20 16:00:00"),
        ("2026-11-20 16:59:59", "2026-11-20 16:59:59"),
        ("2026-11-20 08:59:59", "2026-11-20 09:00:00"),
        ("2026-11-20 00:00:00", "2026-11-20 09:00:00"),
        ("2026-11-20 17:00:00", "2026-11-23 09:00:00"),  # Friday evening
        ("2026-11-21 12:00:00", "2026-11-23 09:00:00"),  # Saturday
        ("2026-11-23 08:00:00", "2026-11-23 09:00:00"),
        ("2026-04-02 17:00:00", "2026-04-07 09:00:00"),  # Maundy Thursday
        ("2026-12-24 17:00:00", "2026-12-29 09:00:00"),  # Christmas Eve
        ("2026-03-28 12:00:00", "2026-03-30 09:00:00"),  # the spring night lies between
        ("2026-10-24 12:00:00", "2026-10-26 09:00:00"),  # the autumn night lies between
    ],
)
def test_the_first_core_minute_is_the_instant_itself_or_the_next_opening(local, expected):
    assert ENGLAND.first_core_minute(london(local)) == london(expected)


@pytest.mark.parametrize(
    ("local", "number", "expected"),
    [
        ("2026-11-20 16:00:00", 1, "2026-11-23 16:00:00"),
        ("2026-11-20 17:00:00", 1, "2026-11-24 09:00:00"),
        ("2026-11-21 11:00:00", 1, "2026-11-24 09:00:00"),
        ("2026-04-02 16:00:00", 1, "2026-04-07 16:00:00"),
        ("2026-12-24 16:30:15", 2, "2026-12-30 16:30:15"),
        ("2026-03-27 16:00:00", 1, "2026-03-30 16:00:00"),  # 71 elapsed hours
        ("2026-10-23 16:00:00", 1, "2026-10-26 16:00:00"),  # 73 elapsed hours
    ],
)
def test_core_days_end_at_the_same_local_time(local, number, expected):
    assert ENGLAND.core_days_after(london(local), number) == london(expected)


# Days and their parts


@pytest.mark.parametrize(
    ("local", "part"),
    [
        ("2026-07-01 00:00:00", PartOfDay.MORNING),
        ("2026-07-01 11:59:59", PartOfDay.MORNING),
        ("2026-07-01 12:00:00", PartOfDay.AFTERNOON),
        ("2026-07-01 16:59:59", PartOfDay.AFTERNOON),
        ("2026-07-01 17:00:00", PartOfDay.EVENING),
        ("2026-07-01 23:59:59", PartOfDay.EVENING),
    ],
)
def test_the_parts_of_a_day_change_at_noon_and_at_five_local_time(local, part):
    assert Calendar.part_of_day(london(local).astimezone(UTC)) is part


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-06-30 22:59:59", "2026-06-30"),
        ("2026-06-30 23:00:00", "2026-07-01"),  # summer time is an hour ahead
        ("2026-11-30 23:59:59", "2026-11-30"),
        ("2026-12-01 00:00:00", "2026-12-01"),
    ],
)
def test_an_instant_falls_on_the_day_that_england_had(instant, day):
    assert local_date(utc(instant)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "starts", "ends"),
    [
        ("2026-03-28", "2026-03-28 00:00:00", "2026-03-28 23:59:59"),
        ("2026-03-29", "2026-03-29 00:00:00", "2026-03-29 22:59:59"),  # 23 hours long
        ("2026-03-30", "2026-03-29 23:00:00", "2026-03-30 22:59:59"),
        ("2026-10-24", "2026-10-23 23:00:00", "2026-10-24 22:59:59"),
        ("2026-10-25", "2026-10-24 23:00:00", "2026-10-25 23:59:59"),  # 25 hours long
        ("2026-10-26", "2026-10-26 00:00:00", "2026-10-26 23:59:59"),
    ],
)
def test_days_start_and_end_at_englands_midnight_about_the_clock_changes(day, starts, ends):
    day = date.fromisoformat(day)

    assert (start_of_day(day), end_of_day(day)) == (utc(starts), utc(ends))
    assert (start_of_day(day).tzinfo, end_of_day(day).tzinfo) == (UTC, UTC)
