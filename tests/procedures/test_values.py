"""What a procedure file says when it says little, and in which units."""

from datetime import date, time

import pytest

from procedures.spans import CalendarDays, CoreDays, Hours, WorkingDays
from procedures.types import read

SMALLEST = """
name = "smallest"
effective_from = 2026-04-01
authority = { code = "E06000066", name = "Somerset" }
routing = { rules = [], default = { team = "Everybody", clause = "1", because = "There is one team." } }
"""


def test_the_smallest_procedure_is_the_statutory_default():
    procedure = read(SMALLEST)

    assert procedure.routing.joining is True
    assert procedure.routing.kinds == {"missing"}
    assert procedure.routing.providers_allowed is False
    assert procedure.clocks.model_dump(exclude_none=True) == {"missing_again": "first"}
    assert procedure.contact is None
    assert procedure.letters.no_contact is False
    assert procedure.counting.kinds == {"missing"}
    assert (procedure.counting.month_of, procedure.counting.include_other_authorities) == ("last_seen", True)
    assert (procedure.counting.basis.start, procedure.counting.basis.limit) == ("returned", Hours(72))
    assert (procedure.calendar.core_start, procedure.calendar.core_end) == (time(9), time(17))


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("{ hours = 72 }", Hours(72)),
        ("{ calendar_days = 3 }", CalendarDays(3)),
        ("{ working_days = 5 }", WorkingDays(5)),
        ("{ core_days = 1 }", CoreDays(1)),
    ],
)
def test_a_length_of_time_has_its_unit(written, limit):
    assert read(f"{SMALLEST}clocks = {{ offer = {written} }}").clocks.offer == limit


def test_an_authority_adds_its_own_closure_days():
    procedure = read(f"{SMALLEST}working_time = {{ closure_days = [2026-12-29] }}")

    assert not procedure.calendar.is_working_day(date(2026, 12, 29))
    assert procedure.calendar.is_working_day(date(2026, 12, 30))


def test_a_procedure_cannot_be_changed_once_read():
    procedure = read(SMALLEST)

    with pytest.raises(ValueError, match="frozen"):
        procedure.routing.joining = False
