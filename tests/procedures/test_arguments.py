"""What people type on the command line is read, or refused in words."""

from argparse import ArgumentTypeError
from datetime import UTC, date, datetime

import pytest

from procedures.arguments import day, instant


def test_a_day_is_read():
    assert day("2026-03-29") == date(2026, 3, 29)


@pytest.mark.parametrize("typed", ["29/03/2026", "2026-02-30", "tomorrow", ""])
def test_what_is_no_day_is_refused_in_words(typed):
    with pytest.raises(ArgumentTypeError, match=f"^'{typed}' is not a day such as 2026-03-29$"):
        day(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("2026-01-05T14:00", datetime(2026, 1, 5, 14, tzinfo=UTC), id="winter"),
        pytest.param("2026-07-05T14:00", datetime(2026, 7, 5, 13, tzinfo=UTC), id="summer"),
        pytest.param("2026-07-05T14:00Z", datetime(2026, 7, 5, 14, tzinfo=UTC), id="with an offset"),
        pytest.param("2026-10-25T01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), id="the first of a doubled hour"),
        pytest.param("2026-03-29T01:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), id="an hour that does not exist"),
    ],
)
def test_a_time_without_an_offset_is_local(typed, meant):
    assert instant(typed) == meant


def test_what_is_no_time_is_refused_in_words():
    with pytest.raises(ArgumentTypeError, match=r"^'soon' is not a time such as 2026-03-29T22:15$"):
        instant("soon")
