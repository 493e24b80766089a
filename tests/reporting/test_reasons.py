"""The reason why a case is in a figure: for each measure its whole sentence, on records made for it."""

import pytest

from reporting import measures
from reporting.cases import cases
from reporting.tables import Month
from rhi.models import Interview
from tests.records import NOW, bring, child, episode, interview, involvement, publish

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # many, and together they take a while

MARCH, APRIL, JUNE = Month(2026, 3), Month(2026, 4), Month(2026, 6)
KENT = "E10000016"


@pytest.fixture(autouse=True)
def procedure():
    return publish("croydon")


def absence(episode_id="E1", **cells):
    """A Tuesday evening: last seen at 22:00, back at 23:00, the service told the next morning."""
    times = {
        "last_seen_at": "2026-03-10T22:00",
        "returned_at": "2026-03-10T23:00",
        "notified_at": "2026-03-11T09:00",
    }
    return episode(episode_id, **times | cells)


def held(at, interview_id="I1", **cells):
    return interview(interview_id, **{"held_at": at, "outcome": "completed", **cells})


def offered(interview_id="I1", **cells):
    return interview(interview_id, **{"offered_at": "2026-03-12T10:00", "offered_to": "child", **cells})


def the_case(key, month=MARCH):
    [case] = cases(key, month, now=NOW).page(1)
    return case


IN_CARE = {"involvements": [involvement("looked_after")]}
THEIRS = {"children": [child(responsible_authority=KENT)]}
OFFERED = {"interviews": [offered()]}
DONE = {"interviews": [held("2026-03-12T16:00")]}
WRITTEN_UP = {"interviews": [held("2026-03-12T16:00", written_up_at="2026-03-13T09:00")]}

BY_INDEPENDENT = (
    "Held on Thu 12 March 2026 at 16:00. Independent (not caring for the child, not placement, not allocated worker)"
)

#: The records of one case of each measure, and the sentence that says why it counts.
EACH = {
    "children_missing": ({}, "Last seen on Tue 10 March 2026 at 22:00"),
    "children_offered": (OFFERED, "Offered to the child on Thu 12 March 2026 at 10:00"),
    "children_done": (DONE, "Held on Thu 12 March 2026 at 16:00"),
    "episodes": ({}, "Last seen on Tue 10 March 2026 at 22:00"),
    "episodes_done": (DONE, "Held on Thu 12 March 2026 at 16:00"),
    "offer_rate": (OFFERED, "Offered to the child on Thu 12 March 2026 at 10:00"),
    "episodes_done_rate": (DONE, "Held on Thu 12 March 2026 at 16:00"),
    "children_done_rate": (DONE, "Held on Thu 12 March 2026 at 16:00"),
    "looked_after_done_rate": (
        IN_CARE | DONE,
        "Looked after since Mon 5 January 2026; held on Thu 12 March 2026 at 16:00",
    ),
    "looked_after_episodes": (
        IN_CARE,
        "Looked after since Mon 5 January 2026; last seen on Tue 10 March 2026 at 22:00",
    ),
    "looked_after_episodes_done": (
        IN_CARE | DONE,
        "Looked after since Mon 5 January 2026; held on Thu 12 March 2026 at 16:00",
    ),
    "episodes_offered": (OFFERED, "Offered to the child on Thu 12 March 2026 at 10:00"),
    "episodes_accepted": (
        {"interviews": [offered(response="accepted", responded_at="2026-03-12T11:30")]},
        "Accepted by the child on Thu 12 March 2026 at 11:30",
    ),
    "episodes_declined": (
        {"interviews": [offered(response="declined_by_child", responded_at="2026-03-12T11:30")]},
        "Declined by the child on Thu 12 March 2026 at 11:30",
    ),
    "held_within_72_hours": (DONE, "Held on Thu 12 March 2026 at 16:00, 41 hours after the return"),
    "held_within_72_hours_of_notification": (
        {"interviews": [held("2026-03-13T10:30")]},
        "Held on Fri 13 March 2026 at 10:30, 49 hours 30 minutes after the service learned of the return",
    ),
    "held_within_3_calendar_days": (
        {"interviews": [held("2026-03-13T23:59")]},
        "Held on Fri 13 March 2026 at 23:59; the third day after the return was Fri 13 March 2026",
    ),
    "held_within_3_working_days": (
        {"interviews": [held("2026-03-13T09:00")]},
        "Held on Fri 13 March 2026 at 09:00; the third working day after the return was Fri 13 March 2026",
    ),
    "in_time": (DONE, "Held on Thu 12 March 2026 at 16:00, 41 hours after the return"),
    "late": (
        {"interviews": [held("2026-03-14T00:30")]},
        "Held on Sat 14 March 2026 at 00:30, 73 hours 30 minutes after the return",
    ),
    "open_in_time": (
        {"episodes": [absence(last_seen_at="2026-06-13T22:00", returned_at="2026-06-14T10:00")], "month": JUNE},
        "No outcome yet; the 72 hours end on Wed 17 June 2026 at 10:00",
    ),
    "open_late": ({}, "No outcome yet; the 72 hours ended on Fri 13 March 2026 at 23:00"),
    "other_authority_children": (THEIRS, "Last seen on Tue 10 March 2026 at 22:00; Kent is responsible"),
    "other_authority_episodes": (THEIRS, "Last seen on Tue 10 March 2026 at 22:00; Kent is responsible"),
    "away_episodes": (
        {"episodes": [absence(kind="away")]},
        "Last seen on Tue 10 March 2026 at 22:00; away without authorisation",
    ),
    "children_offered_in_month": (
        {"interviews": [offered(offered_at="2026-04-01T10:00")], "month": APRIL},
        "Offered to the child on Wed 1 April 2026 at 10:00; last seen on Tue 10 March 2026 at 22:00",
    ),
    "children_interviewed_in_month": (
        {"interviews": [held("2026-04-01T10:00")], "month": APRIL},
        "Held on Wed 1 April 2026 at 10:00; last seen on Tue 10 March 2026 at 22:00",
    ),
    "children_interviewed_by_independent": (
        WRITTEN_UP | {"independence": "independent"},
        BY_INDEPENDENT,
    ),
    "children_interviewed_elsewhere": (
        WRITTEN_UP | {"independence": "elsewhere"},
        "Held on Thu 12 March 2026 at 16:00. Other LA or provider",
    ),
    "children_interviewed_by_own_worker": (
        WRITTEN_UP | {"independence": "asked_for"},
        "Held on Thu 12 March 2026 at 16:00. Allocated worker - child asked for them",
    ),
    "children_interviewed_by_not_recorded": (
        WRITTEN_UP,
        "Held on Thu 12 March 2026 at 16:00. No form here says by whom",
    ),
    "independent_rate": (
        WRITTEN_UP | {"independence": "independent"},
        BY_INDEPENDENT,
    ),
}


def test_there_is_a_sentence_for_every_measure():
    assert set(EACH) == {measure.key for measure in measures.MEASURES}


@pytest.mark.parametrize("key", EACH)
def test_the_reason_says_why_the_case_is_in(tmp_path, key):
    records, sentence = EACH[key]
    month = records.get("month", MARCH)
    files = {"children": [child()], "episodes": [absence()]} | {
        name: rows for name, rows in records.items() if name not in ("month", "independence")
    }
    bring(tmp_path, **files)
    Interview.objects.update(independence=records.get("independence", ""))  # a form written here says it, and no file

    case = the_case(key, month)
    assert (case.episode_id, case.child_id, case.reason, case.counts) == ("E1", "C1", sentence, True)


# Of several records the one is named that makes the case count


@pytest.mark.parametrize("key", ["episodes_offered", "children_offered", "offer_rate"])
def test_of_several_offers_the_first_is_named_whose_time_and_whose_addressee_are_known(tmp_path, key):
    bring(
        tmp_path,
        children=[child()],
        episodes=[absence()],
        interviews=[
            offered("I1", offered_at="2026-03-11T08:00", offered_to=""),
            offered("I2", offered_at=""),
            offered("I3", offered_at="2026-03-14T09:00"),
            offered("I4", offered_at="2026-03-13T09:00", offered_to="parent"),
        ],
    )

    assert the_case(key).reason == "Offered to a parent or carer on Fri 13 March 2026 at 09:00"


def test_an_offer_to_both_at_once_names_both(tmp_path):
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=[offered(offered_to="both")])

    reason = the_case("episodes_offered").reason
    assert reason == "Offered to the child and to a parent or carer on Thu 12 March 2026 at 10:00"


def test_by_the_date_of_the_offer_the_first_offer_of_that_month_is_named(tmp_path):
    rows = [offered("I1"), offered("I2", offered_at="2026-04-20T10:00"), offered("I3", offered_at="2026-04-02T10:00")]
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=rows)

    assert the_case("children_offered_in_month", APRIL).reason == (
        "Offered to the child on Thu 2 April 2026 at 10:00; last seen on Tue 10 March 2026 at 22:00"
    )


def test_by_the_date_of_the_interview_the_first_interview_of_that_month_is_named(tmp_path):
    rows = [held("2026-03-12T10:00", "I1"), held("2026-04-20T10:00", "I2"), held("2026-04-02T10:00", "I3")]
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=rows)

    assert the_case("children_interviewed_in_month", APRIL).reason == (
        "Held on Thu 2 April 2026 at 10:00; last seen on Tue 10 March 2026 at 22:00"
    )


def test_of_several_interviews_the_first_decides_whether_it_was_in_time(tmp_path):
    rows = [held("2026-03-20T10:00", "I1"), held("2026-03-11T23:00", "I2", outcome="declined", reason="too_many")]
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=rows)

    assert the_case("in_time").reason == "Held on Wed 11 March 2026 at 23:00, 24 hours after the return"


def test_done_names_the_interview_that_the_outcome_rests_on(tmp_path):
    rows = [held("2026-03-20T10:00", "I1"), held("2026-03-11T23:00", "I2", outcome="declined", reason="too_many")]
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=rows)

    assert the_case("episodes_done").reason == "Held on Fri 20 March 2026 at 10:00"


def test_of_several_answers_the_first_is_named(tmp_path):
    no, yes = {"response": "declined_by_child"}, {"response": "accepted"}
    rows = [
        offered("I1", responded_at="2026-03-15T10:00", **yes),
        offered("I2", responded_at="2026-03-14T10:00", **yes),
        offered("I3", responded_at="2026-03-13T10:00", offered_to="parent", **yes),
        offered("I4", responded_at="2026-03-12T12:00", **no),
        offered("I5", responded_at="2026-03-11T12:00", offered_to="parent", response="declined_by_parent"),
        offered("I6", responded_at="", **no),
    ]
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=rows)

    assert the_case("episodes_accepted").reason == "Accepted by the child on Sat 14 March 2026 at 10:00"
    assert the_case("episodes_declined").reason == "Declined by a parent or carer on Wed 11 March 2026 at 12:00"


def test_of_several_stays_in_care_the_one_is_named_that_was_open_longest(tmp_path):
    stays = [
        involvement("looked_after", start="2025-01-06", end="2025-06-01"),
        involvement("looked_after", start="2026-02-02"),
        involvement("looked_after", start="2026-01-05", end="2026-03-10"),
        involvement("child_protection", start="2024-01-05"),
    ]
    bring(tmp_path, children=[child()], involvements=stays, episodes=[absence()])

    assert the_case("looked_after_episodes").reason.startswith("Looked after since Mon 5 January 2026; ")


# What is not known, and what is close


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"outcome": "completed", "held_at": ""}, "Completed; when it was held is not recorded"),
        (
            {"outcome": "part_completed", "reason": "interrupted", "held_at": "2026-03-12T16:00"},
            "Held in part on Thu 12 March 2026 at 16:00",
        ),
        ({"outcome": "part_completed", "reason": "other", "held_at": ""}, "Held in part; when is not recorded"),
        ({"outcome": "", "held_at": "2026-03-12T16:00"}, "Held on Thu 12 March 2026 at 16:00; no outcome yet"),
        (
            {"outcome": "covered", "held_at": "2026-03-12T16:00"},
            "Covered by an interview for several episodes, held on Thu 12 March 2026 at 16:00",
        ),
        (
            {"outcome": "covered", "held_at": ""},
            "Covered by an interview for several episodes; when it was held is not recorded",
        ),
    ],
)
def test_done_is_said_as_it_was_done(tmp_path, cells, sentence):
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=[interview(**cells)])

    assert the_case("episodes_done").reason == sentence


@pytest.mark.parametrize(
    ("key", "at", "length"),
    [
        ("in_time", "2026-03-13T23:00:00", "72 hours after"),
        ("late", "2026-03-13T23:00:01", "72 hours 1 second after"),
        ("in_time", "2026-03-10T23:00:00", "0 minutes after"),
        ("in_time", "2026-03-10T21:29:00", "1 hour 31 minutes before"),
    ],
)
def test_a_length_of_time_is_exact(tmp_path, key, at, length):
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=[held(at)])

    assert the_case(key).reason.endswith(f", {length} the return")


def test_over_the_spring_clock_change_elapsed_hours_are_said(tmp_path):
    rows = [absence(last_seen_at="2026-03-28T20:00", returned_at="2026-03-28T22:00")]
    bring(tmp_path, children=[child()], episodes=rows, interviews=[held("2026-03-31T23:00")])

    assert the_case("in_time").reason == "Held on Tue 31 March 2026 at 23:00, 72 hours after the return"


def test_a_return_known_by_its_day_says_from_when_it_is_counted(tmp_path):
    rows = [absence(returned_at="2026-03-11", return_precision="date")]
    bring(tmp_path, children=[child()], episodes=rows, interviews=[held("2026-03-14T00:00:01")])

    assert the_case("late").reason == (
        "Held on Sat 14 March 2026 at 00:00, 72 hours 1 second after the return"
        " (its time is not known: counted from 00:00)"
    )


@pytest.mark.parametrize(
    ("cells", "key", "sentence"),
    [
        ({"response": "accepted"}, "episodes_accepted", "Accepted by the child; when is not recorded"),
        (
            {"response": "declined_by_parent", "offered_to": "parent"},
            "episodes_declined",
            "Declined by a parent or carer; when is not recorded",
        ),
    ],
)
def test_an_answer_without_its_time_says_so(tmp_path, cells, key, sentence):
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=[offered(**cells)])

    assert the_case(key).reason == sentence


def test_the_third_working_day_passes_over_bank_holidays(tmp_path):
    """Back on the Thursday before Easter."""
    rows = [absence(last_seen_at="2026-04-01T20:00", returned_at="2026-04-02T09:00")]
    bring(tmp_path, children=[child()], episodes=rows, interviews=[held("2026-04-09T17:00")])

    assert the_case("held_within_3_working_days", APRIL).reason == (
        "Held on Thu 9 April 2026 at 17:00; the third working day after the return was Thu 9 April 2026"
    )


# Why a case is only in the whole of a rate


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (None, "No offer is recorded"),
        ({"offered_at": "", "offered_to": "parent"}, "Offered, but when is not recorded"),
        ({"offered_at": "2026-03-12T10:00", "offered_to": ""}, "An offer is recorded, but not to whom"),
        ({"outcome": "not_offered", "reason": "under_8"}, "Not offered: under eight"),
        ({"outcome": "no_contact", "reason": "no_answer"}, "No offer is recorded"),
    ],
)
def test_a_case_that_lowers_the_offer_rate_says_what_is_missing(tmp_path, cells, sentence):
    rows = [interview(**cells)] if cells else []
    bring(tmp_path, children=[child()], episodes=[absence()], **({"interviews": rows} if rows else {}))

    case = the_case("offer_rate")
    assert (case.reason, case.counts) == (sentence, False)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({}, "No outcome yet"),
        ({"outcome": "declined", "reason": "no_reason"}, "Declined: gave no reason"),
        ({"outcome": "no_contact"}, "No contact"),
        (
            {"outcome": "no_contact", "reason": "no_answer", "held_at": "2026-03-12T16:00"},
            "No contact: no answer, although an interview is recorded as held on Thu 12 March 2026 at 16:00",
        ),
    ],
)
def test_a_case_that_lowers_a_share_of_interviews_done_says_how_it_stands(tmp_path, cells, sentence):
    bring(tmp_path, children=[child()], episodes=[absence()], interviews=[interview(**cells)], **IN_CARE)

    case = the_case("episodes_done_rate")
    assert (case.reason, case.counts) == (sentence, False)
    of_care = the_case("looked_after_done_rate")
    assert of_care.reason == f"Looked after since Mon 5 January 2026; {sentence[0].lower()}{sentence[1:]}"


# By which time an episode is in the month


@pytest.mark.parametrize(
    ("month_of", "cells", "sentence"),
    [
        ("reported", {"reported_at": "2026-03-10T22:45"}, "Reported on Tue 10 March 2026 at 22:45"),
        ("returned", {}, "Returned on Tue 10 March 2026 at 23:00"),
        (
            "returned",
            {"returned_at": "2026-03-11", "return_precision": "date"},
            "Returned on Wed 11 March 2026, at a time that is not known",
        ),
    ],
)
def test_the_reason_follows_the_procedure_s_month(tmp_path, month_of, cells, sentence):
    counting_by(month_of)
    bring(tmp_path, children=[child()], episodes=[absence(**cells)])

    assert the_case("episodes").reason == sentence


def counting_by(month_of):
    source = publish("croydon").text
    assert source.count('month_of = "last_seen"') == 1
    return publish("croydon", text=source.replace('month_of = "last_seen"', f'month_of = "{month_of}"'))
