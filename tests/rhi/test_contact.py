"""What remains to be done before a child counts as not reached: Somerset 4.5, case by case."""

import random
from datetime import datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.actions import source
from procedures.calendar import ENGLAND, LONDON, Calendar, PartOfDay
from procedures.types import Contact, read
from rhi.codes import AttemptMethod, Contacted, Result
from rhi.contact import Attempt, a_carer_may_be_tried, misfit, next_suggested, remaining, settled_at, still_to_do
from tests.records import london

SOMERSET = read(source("somerset"))
RULES, CALENDAR = SOMERSET.contact, SOMERSET.calendar

MON_10, TUE_10, WED_10 = (london(f"2026-05-{day} 10:00") for day in (11, 12, 13))
TUE_14, WED_0859, WED_17, SAT_10 = (
    london(text) for text in ("2026-05-12 14:00", "2026-05-13 08:59", "2026-05-13 17:00", "2026-05-16 10:00")
)
BANK_HOLIDAY_14 = london("2026-05-25 14:00")


def call(at, contacted="child", *, method="phone", result="no_answer"):
    return Attempt(at, method, contacted, result)


def left(*attempts):
    """What is still to be done, in words."""
    rest = remaining(attempts, RULES, CALENDAR)
    words = {
        f"{rest.needed - rest.made} more": rest.made < rest.needed,
        f"{rest.outside_core_hours_missing} outside core hours": rest.outside_core_hours_missing,
        "another part of the day": rest.other_part_of_day_missing,
        "the child": rest.child_untried,
        "a carer": rest.carer_untried,
    }
    missing = [text for text, is_missing in words.items() if is_missing]
    assert rest.nothing is (not missing)
    return missing


CASES = [
    ("nothing yet", [], ["3 more", "1 outside core hours", "another part of the day", "the child", "a carer"]),
    (
        "three calls at ten in the morning of three weekdays",
        [call(MON_10), call(TUE_10, "parent"), call(WED_10)],
        ["1 outside core hours", "another part of the day"],
    ),
    (
        "a call on Saturday is outside core hours, but another morning",
        [call(MON_10), call(TUE_10, "parent"), call(SAT_10)],
        ["another part of the day"],
    ),
    ("an afternoon besides", [call(MON_10), call(TUE_14, "parent"), call(SAT_10)], []),
    ("a bank holiday is outside core hours", [call(MON_10), call(TUE_10, "parent"), call(BANK_HOLIDAY_14)], []),
    ("before nine is outside core hours", [call(MON_10), call(TUE_14, "parent"), call(WED_0859)], []),
    (
        "five in the afternoon is outside core hours, and evening",
        [call(MON_10), call(TUE_10, "parent"), call(WED_17)],
        [],
    ),
    ("two are not enough", [call(MON_10), call(WED_17, "parent")], ["1 more"]),
    (
        "a letter is not one of the three",
        [call(MON_10), call(WED_17, "parent"), call(TUE_14, method="letter")],
        ["1 more"],
    ),
    ("a text is one of the three", [call(MON_10), call(WED_17, "parent"), call(TUE_14, method="text")], []),
    (
        "a message left is one of the three",
        [call(MON_10), call(WED_17, "parent"), call(TUE_14, result="left_message")],
        [],
    ),
    ("a visit is one of the three", [call(MON_10), call(WED_17, "parent"), call(TUE_14, method="home_visit")], []),
    ("only the child was tried", [call(MON_10), call(TUE_14), call(WED_17)], ["a carer"]),
    ("only the parent was tried", [call(at, "parent") for at in (MON_10, TUE_14, WED_17)], ["the child"]),
    ("a foster carer is a carer", [call(MON_10), call(TUE_14), call(WED_17, "foster_carer")], []),
    ("placement staff are carers", [call(MON_10), call(TUE_14), call(WED_17, "placement_staff")], []),
    ("a school is no carer", [call(MON_10), call(TUE_14), call(WED_17, "school")], ["a carer"]),
    (
        "a letter to the child does not try the child",
        [*(call(at, "parent") for at in (MON_10, TUE_14, WED_17)), call(WED_10, method="letter")],
        ["the child"],
    ),
]


@pytest.mark.clause("SOM-4.5c")
@pytest.mark.clause("SOM-4.5a")
@pytest.mark.parametrize(("attempts", "missing"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_remains_to_be_done(attempts, missing):
    assert left(*attempts) == missing


def test_no_carer_has_to_be_tried_where_none_may_be():
    only_the_child = [call(MON_10), call(TUE_14), call(WED_17)]

    assert remaining(only_the_child, RULES, CALENDAR).carer_untried is True
    assert remaining(only_the_child, RULES, CALENDAR, carer_may_be_tried=False).nothing is True
    assert next_suggested(only_the_child, RULES, CALENDAR, now=SAT_10).whom == "carer"
    assert next_suggested(only_the_child, RULES, CALENDAR, carer_may_be_tried=False, now=SAT_10) is None


@pytest.mark.parametrize(
    ("safe", "may_be_tried"),
    [([], True), ([True], True), ([None], True), ([False], False), ([False, False], False), ([False, None], True)],
)
def test_a_carer_may_be_tried_unless_all_on_record_are_marked_as_not_safe(safe, may_be_tried):
    assert a_carer_may_be_tried(safe) is may_be_tried


def test_the_parts_of_the_day_that_are_untried_are_named():
    assert remaining([call(MON_10), call(TUE_10)], RULES, CALENDAR).untried_parts_of_day == (
        PartOfDay.AFTERNOON,
        PartOfDay.EVENING,
    )


def test_attempts_made_are_counted_against_those_needed():
    rest = remaining([call(MON_10), call(TUE_10), call(WED_10, method="letter")], RULES, CALENDAR)

    assert (rest.made, rest.needed) == (2, 3)


def test_the_time_of_day_is_london_s():
    noon_in_summer_time = [call(london("2026-05-12 11:59")), call(london("2026-05-13 12:00"))]

    assert remaining(noon_in_summer_time, RULES, CALENDAR).untried_parts_of_day == (PartOfDay.EVENING,)


def test_another_authority_may_ask_for_less():
    lax = RULES.model_copy(
        update={"attempts": 1, "outside_core_hours": 0, "different_parts_of_day": 1, "child_and_carer": False}
    )

    assert remaining([], lax, CALENDAR).nothing is False
    assert remaining([call(MON_10, "school")], lax, CALENDAR).nothing is True


# When the clock stops


def test_the_clock_stops_with_the_last_attempt_that_was_needed():
    enough = [call(MON_10), call(TUE_14, "parent"), call(WED_17), call(SAT_10)]

    assert settled_at(enough, RULES, CALENDAR) == WED_17
    assert settled_at(enough[:2], RULES, CALENDAR) is None


def test_where_no_carer_may_be_tried_the_clock_stops_with_the_last_of_the_others():
    only_the_child = [call(MON_10), call(TUE_14), call(WED_17), call(SAT_10)]

    assert settled_at(only_the_child, RULES, CALENDAR) is None
    assert settled_at(only_the_child, RULES, CALENDAR, carer_may_be_tried=False) == WED_17


def test_the_order_in_which_attempts_were_written_down_makes_no_difference():
    attempts = [call(MON_10), call(TUE_14, "parent"), call(WED_17), call(SAT_10)]
    for seed in range(10):
        assert settled_at(random.Random(seed).sample(attempts, 4), RULES, CALENDAR) == WED_17


@pytest.mark.parametrize(
    ("contacted", "result", "reached"),
    [
        ("child", "spoke_to_child", True),
        ("parent", "spoke_to_carer", True),
        ("placement_staff", "spoke_to_child", True),
        ("child", "refused_to_talk", True),
        ("parent", "refused_to_talk", True),
        ("child", "appointment_made", True),
        ("foster_carer", "rearranged", True),
        ("social_worker", "appointment_made", False),
        ("school", "refused_to_talk", False),
        ("child", "left_message", False),
        ("child", "no_answer", False),
        ("parent", "number_not_in_use", False),
        ("child", "not_at_address", False),
        ("parent", "child_missing_again", False),
    ],
)
def test_the_clock_stops_at_once_when_the_child_or_a_carer_was_spoken_to(contacted, result, reached):
    first, second = call(MON_10), call(TUE_10, contacted, result=result)

    assert settled_at([first, second], RULES, CALENDAR) == (TUE_10 if reached else None)


def test_the_words_are_those_of_the_record_files():
    from rhi import contact

    assert set(Contacted.values) >= contact.CARERS | {"child"}
    assert set(Result.values) >= contact.SPOKEN
    assert "letter" in AttemptMethod.values


# When to try next


def next_after(*attempts, now, rules=RULES):
    return next_suggested(attempts, rules, CALENDAR, now=now)


SUGGESTIONS = [
    ("nobody tried yet: now", [], "2026-05-13 10:00", "2026-05-13 10:00", "child", "3 more attempts are needed."),
    ("at night: in the morning", [], "2026-05-13 22:30", "2026-05-14 08:00", "child", None),
    ("before eight: at eight", [], "2026-05-13 05:00", "2026-05-13 08:00", "child", None),
    (
        "after a call in the morning: in the afternoon",
        [call(WED_10)],
        "2026-05-13 10:05",
        "2026-05-13 12:00",
        "carer",
        "The afternoon has not been tried.",
    ),
    (
        "but two hours after the call before",
        [call(london("2026-05-13 11:30"))],
        "2026-05-13 11:35",
        "2026-05-13 13:30",
        "carer",
        "The afternoon has not been tried.",
    ),
    (
        "the last one outside core hours: in the evening",
        [call(MON_10), call(TUE_14, "parent")],
        "2026-05-13 10:00",
        "2026-05-13 17:00",
        "",
        "It is outside core hours, where an attempt is still missing.",
    ),
    (
        "or before nine",
        [call(MON_10), call(TUE_14, "parent")],
        "2026-05-13 20:01",
        "2026-05-14 08:00",
        "",
        "It is outside core hours, where an attempt is still missing.",
    ),
    (
        "outside core hours and another part of the day at once",
        [call(MON_10), call(TUE_10, "parent")],
        "2026-05-13 10:00",
        "2026-05-13 17:00",
        "",
        "It is outside core hours, where an attempt is still missing and the evening has not been tried.",
    ),
    (
        "any time of a Saturday is outside core hours",
        [call(MON_10), call(TUE_14, "parent")],
        "2026-05-16 10:00",
        "2026-05-16 10:00",
        "",
        None,
    ),
    (
        "only another attempt: at once",
        [call(MON_10), call(WED_17, "parent")],
        "2026-05-14 10:00",
        "2026-05-14 10:00",
        "",
        "1 more attempt is needed.",
    ),
    (
        "only the child is missing: at once",
        [call(MON_10, "parent"), call(TUE_14, "parent"), call(WED_17, "parent")],
        "2026-05-14 10:00",
        "2026-05-14 10:00",
        "child",
        "Somebody has not been tried.",
    ),
    ("a part of a minute counts for a whole one", [], "2026-05-13 10:00:01", "2026-05-13 10:01", "child", None),
    ("at eight in the evening still", [], "2026-05-13 20:00", "2026-05-13 20:00", "child", None),
]


@pytest.mark.parametrize(
    ("attempts", "now", "at", "whom", "because"), [case[1:] for case in SUGGESTIONS], ids=[c[0] for c in SUGGESTIONS]
)
def test_the_next_time_suggested_adds_what_is_missing(attempts, now, at, whom, because):
    suggestion = next_after(*attempts, now=london(now))

    assert (suggestion.at, suggestion.whom) == (london(at), whom)
    assert because in (None, suggestion.because)


def test_nothing_is_suggested_when_nothing_remains():
    assert next_after(call(MON_10), call(TUE_14, "parent"), call(WED_17), now=SAT_10) is None


def test_what_remains_is_said_in_a_few_words():
    assert still_to_do(remaining([], RULES, CALENDAR)) == [
        "3 more attempts",
        "one outside core hours",
        "another part of the day: morning, afternoon or evening",
        "the child has not been tried",
        "no parent or carer has been tried",
    ]
    assert still_to_do(remaining([call(MON_10), call(WED_17, "parent")], RULES, CALENDAR)) == ["1 more attempt"]
    assert still_to_do(remaining([call(MON_10), call(TUE_14, "parent"), call(WED_17)], RULES, CALENDAR)) == []


INSTANTS = st.datetimes(
    datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2028-12-31"), timezones=st.just(LONDON)
)
ATTEMPTS = st.lists(
    st.builds(
        Attempt,
        at=INSTANTS,
        method=st.sampled_from(AttemptMethod.values),
        contacted=st.sampled_from(Contacted.values),
        result=st.just("no_answer"),
    ),
    max_size=5,
)
ANY_RULES = st.builds(
    Contact,
    attempts=st.integers(1, 6),
    outside_core_hours=st.integers(0, 4),
    different_parts_of_day=st.integers(1, 3),
    child_and_carer=st.booleans(),
)
CALENDARS = st.sampled_from([ENGLAND, Calendar(core_start=time(7, 30), core_end=time(20, 30))])


@settings(deadline=None)
@given(attempts=ATTEMPTS, rules=ANY_RULES, calendar=CALENDARS, now=INSTANTS)
def test_a_suggestion_is_never_in_the_past_and_never_at_night(attempts, rules, calendar, now):
    past = [attempt for attempt in attempts if attempt.at <= now]

    suggestion = next_suggested(past, rules, calendar, now=now)

    assert (suggestion is None) is remaining(past, rules, calendar).nothing
    if suggestion:
        assert suggestion.at >= now
        assert time(8) <= suggestion.at.astimezone(LONDON).time() <= time(20)


@settings(deadline=None)
@given(attempts=ATTEMPTS, rules=ANY_RULES, calendar=CALENDARS, now=INSTANTS)
def test_following_the_suggestions_leaves_nothing_to_do_in_as_many_attempts_as_needed(attempts, rules, calendar, now):
    made = [attempt for attempt in attempts if attempt.at <= now]
    needed = remaining(made, rules, calendar).fewest

    for _ in range(max(0, needed)):
        suggestion = next_suggested(made, rules, calendar, now=now)
        assert suggestion is not None
        now = suggestion.at
        made.append(call(now, {"child": "child", "carer": "parent", "": "child"}[suggestion.whom]))

    assert remaining(made, rules, calendar).nothing


@settings(deadline=None)
@given(now=INSTANTS)
def test_from_nothing_somersets_three_attempts_suffice(now):
    assert remaining([], RULES, CALENDAR).fewest == 3

    made = []
    while suggestion := next_suggested(made, RULES, CALENDAR, now=now):
        now = suggestion.at
        made.append(call(now, {"child": "child", "carer": "parent", "": "child"}[suggestion.whom]))

    assert len(made) == 3


# What fits together


@pytest.mark.parametrize("result", Result.values)
def test_every_result_can_come_of_trying_somebody_in_some_way(result):
    ways = [(method, contacted) for method in AttemptMethod.values for contacted in Contacted.values]

    assert any(misfit(method=method, contacted=contacted, result=result) == "" for method, contacted in ways)


@pytest.mark.parametrize(
    ("method", "contacted", "result", "fits"),
    [
        ("phone", "child", "spoke_to_child", True),
        ("placement_visit", "placement_staff", "spoke_to_child", True),
        ("school_visit", "school", "spoke_to_child", True),
        ("phone", "social_worker", "spoke_to_child", False),
        ("phone", "parent", "spoke_to_carer", True),
        ("phone", "child", "spoke_to_carer", False),
        ("text", "child", "spoke_to_child", False),
        ("text", "child", "appointment_made", True),
        ("letter", "parent", "spoke_to_carer", False),
        ("letter", "parent", "not_at_address", True),
        ("phone", "child", "not_at_address", False),
        ("phone", "child", "number_not_in_use", True),
        ("home_visit", "child", "number_not_in_use", False),
    ],
)
def test_a_result_fits_how_and_whom(method, contacted, result, fits):
    assert (misfit(method=method, contacted=contacted, result=result) == "") is fits
