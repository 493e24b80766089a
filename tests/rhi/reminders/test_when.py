"""When it is announced that a clock will run out: in core hours, never later than the lead, weekends respected."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.actions import source
from procedures.calendar import ENGLAND, LONDON, Calendar
from procedures.clocks import IN_HAND, announced_at
from procedures.models import Version
from procedures.spans import CoreHours, Hours
from rhi.actions.running_out import horizon
from routing.models import ClockName
from tests.records import london

VERSION = Version(text=source("somerset"))


@pytest.mark.parametrize(
    ("due", "announced"),
    [
        ("2026-06-11 10:00", "2026-06-10 10:00"),  # Thursday in core hours: a day before to the minute
        ("2026-06-11 20:00", "2026-06-10 13:00"),  # a day before would be Wednesday evening
        ("2026-06-14 14:00", "2026-06-12 13:00"),  # Sunday: on Friday
        ("2026-06-13 16:30", "2026-06-12 13:00"),  # Saturday: on Friday, with half a day in hand
        ("2026-06-15 08:00", "2026-06-12 13:00"),  # Monday before work begins: on Friday
        ("2026-06-15 11:00", "2026-06-12 13:00"),  # Monday, a day before which is Sunday
        ("2026-06-15 23:59:59", "2026-06-12 13:00"),
        ("2026-06-16 10:00", "2026-06-15 10:00"),
        ("2026-05-25 12:00", "2026-05-22 13:00"),  # a bank holiday Monday: on Friday
        ("2026-05-26 08:59", "2026-05-22 13:00"),  # the morning after it
        ("2026-12-28 12:00", "2026-12-24 13:00"),  # over Christmas: on Christmas Eve, a Thursday
        ("2026-03-29 12:00", "2026-03-27 13:00"),  # the Sunday on which the clocks go forward
        ("2026-03-30 10:00", "2026-03-27 13:00"),
        ("2026-10-26 09:30", "2026-10-23 13:00"),  # the Monday after they went back
        ("2026-06-11 00:00", "2026-06-09 13:00"),  # midnight: a day before is midnight, too
    ],
)
def test_the_end_of_a_clock_is_announced_a_day_before_in_core_hours(due, announced):
    assert announced_at(london(due), Hours(24), ENGLAND).astimezone(LONDON) == london(announced)


@pytest.mark.parametrize(
    ("due", "announced"),
    [
        ("2026-06-09 14:30", "2026-06-09 10:30"),
        ("2026-06-09 10:30", "2026-06-08 14:30"),
        ("2026-06-08 09:00", "2026-06-05 13:00"),
        ("2026-06-07 12:00", "2026-06-05 13:00"),
        ("2026-06-05 17:00", "2026-06-05 13:00"),
    ],
)
def test_that_of_a_shorter_one_four_core_hours_before(due, announced):
    assert announced_at(london(due), CoreHours(4), ENGLAND).astimezone(LONDON) == london(announced)


def test_the_authoritys_own_closure_days_and_core_hours_count():
    closed = Calendar(
        core_start=london("2026-01-01 08:00").time(), closure_days=frozenset({london("2026-06-12").date()})
    )

    assert announced_at(london("2026-06-13 12:00"), Hours(24), closed).astimezone(LONDON) == london("2026-06-11 13:00")
    assert announced_at(london("2026-06-11 10:00"), CoreHours(4), closed).astimezone(LONDON) == london(
        "2026-06-10 15:00"
    )


minutes = st.integers(0, 3 * 366 * 24 * 60)
leads = st.one_of(st.builds(Hours, st.integers(1, 96)), st.builds(CoreHours, st.integers(1, 24)))


@given(minutes, leads)
def test_it_is_announced_in_core_hours_or_as_they_end_and_some_are_left(minute, lead):
    due = london("2025-01-01") + timedelta(minutes=minute)
    at = announced_at(due, lead, ENGLAND)

    assert ENGLAND.is_core_time(at)
    assert at < due
    if isinstance(lead, Hours):
        assert due - at >= timedelta(hours=lead.number)
        assert at <= ENGLAND.core_hours_before(due, IN_HAND)
    # The hours of core time between the two, counted minute by minute.
    left = sum(
        ENGLAND.is_core_time(at + timedelta(minutes=each)) for each in range(int((due - at).total_seconds() // 60))
    )
    wanted = lead.number if isinstance(lead, CoreHours) else IN_HAND
    assert left >= wanted * 60
    assert left == wanted * 60 or isinstance(lead, Hours)


@given(minutes, st.integers(0, 60 * 24 * 60))
def test_no_clock_that_is_to_be_announced_ends_later_than_a_run_looks(minute, later):
    now = london("2025-01-01") + timedelta(minutes=minute)
    due = now + timedelta(minutes=later)
    leads = [lead for name, lead in VERSION.procedure.reminders if name in ClockName.values]
    announced = any(announced_at(due, lead, ENGLAND) <= now for lead in leads)

    assert not announced or due <= horizon(now, VERSION)
