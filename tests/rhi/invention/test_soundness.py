"""Invented records contradict neither themselves nor the agreed lists."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from tests.rhi.invention.records import LONDON, at, by_child, generate, times

ENDS = datetime(2024, 11, 19, tzinfo=LONDON)
CODES = {
    ("children", "sex"): "F M U",
    ("children", "interpreter_needed"): "Y N",
    ("children", "living_independently"): "Y N",
    ("children", "uasc"): "Y N",
    ("children", "restricted"): "Y N",
    ("carers", "safe_to_contact"): "Y N",
    ("involvements", "service"): "looked_after child_protection child_in_need assessment family_service youth_justice "
    "care_leaver",
    ("involvements", "placement_kind"): "foster_care kinship childrens_home supported_accommodation "
    "residential_school secure other",
    ("involvements", "placement_area"): "in_area neighbouring out_of_area",
    ("episodes", "kind"): "missing away",
    ("episodes", "return_precision"): "exact estimated date",
    ("episodes", "source"): "police case_system social_worker placement parent other_authority other",
    ("episodes", "police_risk"): "no_apparent_risk low medium high not_known",
    ("episodes", "missing_from"): "family_home foster_care childrens_home supported_accommodation residential_school "
    "hospital secure independent other",
    ("episodes", "ended_how"): "returned found_by_police brought_by_carer brought_by_other hospital arrested "
    "whereabouts_known turned_18 other",
    ("interviews", "offered_to"): "child parent both",
    ("interviews", "response"): "accepted declined_by_child declined_by_parent no_response not_asked",
    ("interviews", "method"): "face_to_face telephone video other",
    ("interviews", "outcome"): "completed part_completed declined accepted_not_held no_contact not_offered "
    "not_required",
    ("attempts", "method"): "phone text video email home_visit placement_visit school_visit letter via_social_worker "
    "via_placement other",
    ("attempts", "contacted"): "child parent foster_carer placement_staff school social_worker other",
    ("attempts", "result"): "spoke_to_child spoke_to_carer left_message no_answer number_not_in_use not_at_address "
    "child_missing_again refused_to_talk appointment_made rearranged",
}
"""All that the files may hold but police_risk `absent`, of which there is a test, and `covered`, which follows from
`completed` with several episodes."""
REASONS = {
    "": "",
    "completed": "",
    "part_completed": "child_stopped interrupted other",
    "declined": "not_needed distrust already_told ashamed too_many communication by_parent no_reason other",
    "accepted_not_held": "not_present refused_on_arrival missing_again lapsed ill_or_custody worker_absent distance "
    "other",
    "no_contact": "no_answer wrong_number no_address no_fixed_abode carer_blocked",
    "not_offered": "missing_again told_too_late other_authority custody hospital abroad under_8 unsafe asked_to_delay "
    "no_worker process_error other",
    "not_required": "other_authority now_18 agreed_exception",
}
"""By outcome. `died` is left out on purpose: no child dies in a demonstration."""


@pytest.mark.parametrize(("name", "column"), list(CODES))
def test_each_code_of_a_list_appears_and_no_other(year, name, column):
    assert {row[column] for row in year[name]} - {""} == set(CODES[name, column].split())


@pytest.mark.parametrize("outcome", list(REASONS))
def test_each_reason_appears_with_its_outcome_and_no_other(year, outcome):
    reasons = {row["reason"] for row in year["interviews"] if row["outcome"] == outcome}

    assert reasons == (set(REASONS[outcome].split()) or {""})


def test_the_police_graded_children_as_absent_in_old_records_only(tmp_path):
    rows = generate(tmp_path, months=3, until=date(2018, 3, 1))["episodes"]

    graded = {row["last_seen_at"][:7] for row in rows if row["police_risk"] == "absent"}

    assert graded == {"2017-12"}


def test_what_must_not_repeat_does_not(year):
    keys = {
        "children": ["child_id"],
        "carers": ["child_id", "name", "relationship"],
        "involvements": ["child_id", "service", "start"],
        "episodes": ["episode_id"],
        "interviews": ["interview_id"],
        "attempts": ["interview_id", "attempted_at", "method", "contacted"],
    }
    for name, columns in keys.items():
        rows = Counter(tuple(row[column] for column in columns) for row in year[name])
        assert [row for row, count in rows.items() if count > 1] == [], name

    references = [row["police_ref"] for row in year["episodes"] if row["police_ref"]]
    assert len(references) == len(set(references))


def test_every_row_refers_to_rows_that_are_there(year):
    children = {row["child_id"] for row in year["children"]}
    child_of = {row["episode_id"]: row["child_id"] for row in year["episodes"]}
    told_about = [(row, episode) for row in year["interviews"] for episode in row["episode_ids"].split()]

    for name in ("carers", "involvements", "episodes", "interviews"):
        assert {row["child_id"] for row in year[name]} <= children, name
    assert all(child_of[episode] == row["child_id"] for row, episode in told_about)
    assert len(told_about) == len({episode for _, episode in told_about})
    assert {row["interview_id"] for row in year["attempts"]} <= {row["interview_id"] for row in year["interviews"]}


def test_no_time_is_at_or_after_the_end(year):
    assert max(at(text) for text in times(year)) < ENDS
    assert max(row["start"] for row in year["involvements"]) < "2024-11-19"
    assert max(row["end"] for row in year["involvements"]) < "2024-11-19"


def test_nothing_ends_before_it_starts(year):
    in_order = {
        "episodes": ["last_seen_at", "returned_at", "notified_at"],
        "interviews": ["offered_at", "responded_at", "held_at", "written_up_at"],
    }
    for name, columns in in_order.items():
        for row in year[name]:
            known = [at(row[column]) for column in columns if row[column]]
            assert known == sorted(known), row
    for row in year["episodes"]:
        if row["reported_at"]:
            assert at(row["last_seen_at"]) <= at(row["reported_at"]), row
            assert not row["returned_at"] or at(row["reported_at"]) <= at(row["returned_at"]), row
    for row in year["involvements"]:
        assert row["start"] <= (row["end"] or "9999"), row


def test_no_child_is_missing_twice_at_once(year):
    for rows in by_child(year["episodes"]).values():
        for earlier, later in pairwise(rows):
            assert earlier["returned_at"], earlier
            assert at(earlier["returned_at"]) < at(later["last_seen_at"]), (earlier, later)
            assert not earlier["notified_at"] or at(earlier["notified_at"]) < at(later["last_seen_at"]), earlier


def test_every_child_is_under_18_when_it_goes_missing(year):
    born = {row["child_id"]: row["date_of_birth"] for row in year["children"]}
    for row in year["episodes"]:
        turns_18 = str(int(born[row["child_id"]][:4]) + 18) + born[row["child_id"]][4:]
        assert row["last_seen_at"][:10] < turns_18, row


def test_what_is_not_known_together_is_not_written_alone(year):
    for row in year["episodes"]:
        returned = bool(row["returned_at"])
        assert bool(row["return_precision"]) == bool(row["ended_how"]) == returned, row
        assert returned or not row["notified_at"], row
        assert bool(row["police_ref"]) == bool(row["police_risk"]) == bool(row["reported_at"]), row
    for row in year["interviews"]:
        held = row["outcome"] in {"completed", "part_completed"}
        assert bool(row["held_at"]) == bool(row["method"]) == held, row
        assert held or not row["written_up_at"], row
        assert bool(row["offered_at"]) == bool(row["offered_to"]), row
        assert not row["responded_at"] or row["offered_at"], row


def test_the_response_fits_who_was_asked_and_what_came_of_it(year):
    fitting = {
        "accepted": {"completed", "part_completed", "accepted_not_held", ""},
        "declined_by_child": {"declined", ""},
        "declined_by_parent": {"declined", ""},
        "no_response": {"no_contact"},
        "not_asked": {"no_contact", ""},
        "": {"no_contact", "not_offered", "not_required", ""},
    }
    for row in year["interviews"]:
        assert row["outcome"] in fitting[row["response"]], row
        assert row["offered_to"] or not row["response"], row
        assert row["response"] != "declined_by_child" or row["offered_to"] in {"child", "both"}, row
        assert row["response"] != "declined_by_parent" or (row["offered_to"], row["reason"]) in {
            ("parent", "by_parent"),
            ("parent", ""),  # not closed yet
        }, row


def test_a_date_only_return_is_midnight_of_a_later_day(year):
    rows = [row for row in year["episodes"] if row["return_precision"] == "date"]

    assert rows
    for row in rows:
        assert row["returned_at"].endswith("T00:00")
        assert row["returned_at"][:10] > row["last_seen_at"][:10]


def test_children_are_out_in_both_nights_in_which_the_clocks_change(year):
    for change in (datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2024, 10, 27, 1, tzinfo=UTC)):
        out = [
            row
            for row in year["episodes"]
            if at(row["last_seen_at"]) < change and row["returned_at"] and at(row["returned_at"]) > change
        ]
        assert len(out) >= 2


def test_even_the_smallest_set_has_a_child_out_in_a_night_in_which_the_clocks_change(tmp_path):
    files = generate(tmp_path, months=1, episodes_per_month=1, children_per_month=1, until=date(2024, 4, 1))

    assert [row["last_seen_at"][:10] for row in files["episodes"]] in (["2024-03-30"], ["2024-03-31"])


def test_an_offset_is_written_in_the_doubled_hour_only_and_there_always(year):
    with_offset = {text for text in times(year) if re.search(r"[+-]\d\d:\d\d$", text)}
    doubled = {text for text in times(year) if text.startswith("2024-10-27T01:")}

    assert with_offset == doubled
    assert {text[-6:] for text in with_offset} == {"+00:00", "+01:00"}


def test_no_time_falls_into_the_hour_that_does_not_exist(year):
    assert [text for text in times(year) if text.startswith("2024-03-31T01:")] == []
    assert [text for text in times(year) if text.startswith("2024-03-31T02:")] != []
