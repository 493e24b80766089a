"""When a child who goes missing again and again reaches a trigger: a window of days, and a calendar month."""

from datetime import date, timedelta

from procedures.actions import source
from procedures.triggers import reached
from procedures.types import read

TRIGGERS = read(source("nottinghamshire")).triggers
LAST = date(2026, 5, 20)


def names(*seen, on=LAST):
    return [trigger.name for trigger in reached(TRIGGERS, seen, on=on)]


def test_three_within_ninety_days_call_for_a_multi_agency_meeting():
    first = LAST - timedelta(days=89)

    assert names(first, date(2026, 4, 1), LAST) == ["multi_agency_meeting"]
    assert names(first - timedelta(days=1), date(2026, 4, 1), LAST) == []
    assert names(date(2026, 4, 1), LAST) == []


def test_five_within_one_calendar_month_call_for_the_monthly_panel():
    may = [date(2026, 5, day) for day in (1, 2, 9, 17, 20)]

    assert names(*may) == ["multi_agency_meeting", "monthly_panel"]
    assert names(date(2026, 4, 30), *may[1:]) == ["multi_agency_meeting"]


def test_what_comes_later_does_not_count():
    assert names(LAST, LAST, LAST + timedelta(days=1)) == []
