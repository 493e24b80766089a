"""How long something has waited, in days that are worked."""

from datetime import timedelta

import pytest

from rhi.actions.age import LONG, long_since, working_days
from tests.records import london


@pytest.mark.parametrize(
    ("since", "now", "days"),
    [
        ("2026-06-11 09:00", "2026-06-11 17:00", 0),
        ("2026-06-11 23:59", "2026-06-12 00:01", 1),
        ("2026-06-12 17:00", "2026-06-14 12:00", 0),
        ("2026-06-12 17:00", "2026-06-15 08:00", 1),
        ("2026-06-11 17:00", "2026-06-15 08:00", 2),
        ("2026-05-22 17:00", "2026-05-26 08:00", 1),  # over a bank holiday
        ("2026-06-11 09:00", "2026-06-01 09:00", 0),  # a clock that was set back
    ],
)
def test_working_days_are_counted_without_the_day_on_which_it_began(since, now, days):
    assert working_days(london(since), now=london(now)) == days


@pytest.mark.parametrize("today", range(1, 31))
def test_what_has_waited_since_then_has_waited_long_and_a_second_later_not_yet(today):
    now = london(f"2026-05-{today:02} 10:00")
    edge = long_since(now)

    assert working_days(edge, now=now) >= LONG
    assert working_days(edge + timedelta(seconds=1), now=now) < LONG
