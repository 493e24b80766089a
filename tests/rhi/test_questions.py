"""The form's declaration, held against the list of fields, and what it asks in which situation."""

import csv
from itertools import groupby
from pathlib import Path

import pytest

from rhi.questions import SECTIONS, missing, section_named, sections_for
from rhi.questions.shapes import CHILD_MAY, INSTEAD, MAIN, Kind, Situation, Voice

FIELDS = Path(__file__).resolve().parents[2] / "docs" / "form-fields.csv"
LISTED = list(csv.DictReader(FIELDS.read_text(encoding="utf-8").splitlines()))
QUESTIONS = {question.key: question for section in SECTIONS for question in section.questions}
STANDS_FOR = {key: question for question in QUESTIONS.values() for key in question.keys}

HELD = Situation(held=True)
DECLINED = Situation(declined=True)
NO_CONTACT = Situation()

# Options of the list that are not options here, with what they are instead.
OTHERWISE = {
    "present": {"Other (name, role)"},  # Other, with the names and roles beside it
    "where_went": {"place", "area/postcode", "from", "to", "safe?"},  # the columns of its table
    "who_with": {
        "name/nickname",
        "age or approximate age",
        "relationship",
        "how met",
        "contact or social media handle",
        "also missing?",
        "concern yes/no",
    },
    "travel": {"Other; who paid; vehicle detail"},  # Other, with the details beside it
    "ce_screen": {"Completed (date)"},  # Completed, with the date beside it
    "nrm": {"Referral made (ref)"},  # Referral made, with the reference beside it
    "action_status": {"Overdue"},  # derived from the date
    "child_agrees_share": {  # a choice for each recipient
        "recipient: parent",
        "carer or placement",
        "school",
        "health",
        "other ; agree",
        "does not agree",
        "not asked",
    },
}


def test_the_form_has_the_120_fields_of_the_list_in_their_order():
    declared = [key for section in SECTIONS for question in section.questions for key in question.keys]

    assert len(declared) == 120
    assert declared == [row["key"] for row in LISTED]


def test_every_field_stands_in_its_section():
    listed = {
        letter: [row["key"] for row in rows] for letter, rows in groupby(LISTED, key=lambda row: row["section"][0])
    }

    assert {
        section.letter: [key for question in section.questions for key in question.keys] for section in SECTIONS
    } == listed


@pytest.mark.parametrize("row", LISTED, ids=lambda row: row["key"])
def test_every_listed_option_can_be_chosen(row):
    question = STANDS_FOR[row["key"]]
    if not row["options"] or not question.typed or question.fact:  # a fact's options are the records' codes
        return
    columns = [part for part in question.columns if part.name == row["key"] or not question.listed]
    offered = {option.words for part in (*question.parts, *columns) for option in part.options}

    assert set(row["options"].split("|")) - offered == OTHERWISE.get(row["key"], set())


@pytest.mark.parametrize("key", [key for key, question in QUESTIONS.items() if question.voice is Voice.CHILD])
def test_every_question_to_a_child_offers_not_asked_and_declined_to_say(key):
    question = QUESTIONS[key]
    offering = [part for part in question.parts if part.options and part.name in (MAIN, INSTEAD)] or list(
        question.parts
    )
    choices = [part for part in offering if part.kind in (Kind.CHOICE, Kind.MULTI) and part.options]
    last = choices[-1] if any(part.name == INSTEAD for part in choices) else choices[0]

    assert {option.words for option in CHILD_MAY} <= {option.words for option in last.options}


def test_the_childs_account_goes_from_g_to_l_and_is_asked_when_an_interview_was_held():
    assert [section.letter for section in sections_for(HELD)] == list("ABCDEFGHIJKLMNOPQ")


@pytest.mark.parametrize("situation", [DECLINED, NO_CONTACT])
def test_without_an_interview_only_the_sections_that_apply_are_asked(situation):
    assert [section.letter for section in sections_for(situation)] == list("ABCDEMNOPQ")


def test_no_contact_needs_why_there_was_none_and_the_workers_view_of_the_risk():
    assert [each.question.key for each in missing(NO_CONTACT, {})] == [
        "reported_by",
        "prevention_interview_done",
        "outcome_reason",
        "parent_asked",
        "analysis",
        "risk_level",
        "prevention_plan",
        "shared_with",
    ]


def test_a_refusal_also_needs_the_childs_own_words():
    assert {each.question.key for each in missing(DECLINED, {})} - {
        each.question.key for each in missing(NO_CONTACT, {})
    } == {"declined_reason"}


def test_looked_after_the_placement_is_asked_and_after_an_earlier_episode_what_is_new():
    asked = {each.question.key for each in missing(Situation(held=True, looked_after=True, repeat=True), {})}

    assert asked - {each.question.key for each in missing(HELD, {})} == {"placement_views", "new_info"}


def test_a_question_that_hangs_on_another_answer_is_needed_only_then():
    def nrm_is_needed(indicators):
        answers = {"indicators": {"answer": indicators}}
        return "nrm" in [each.question.key for each in missing(HELD, answers)]

    assert not nrm_is_needed([])
    assert not nrm_is_needed(["none"])
    assert nrm_is_needed(["debt_or_threats"])


@pytest.mark.parametrize(
    ("key", "value", "complete"),
    [
        ("alcohol", {"answer": "declined_to_say"}, True),
        ("child_own_account", {}, False),
        ("child_own_account", {"answer": "We argued."}, True),
        ("child_own_account", {"instead": ["not_asked"]}, True),
        ("risk_level", {"again": "low", "harm": "high"}, False),
        ("risk_level", {"again": "low", "harm": "high", "reason": "Second time."}, True),
        ("prevention_plan", {"answer": "created"}, True),
        ("prevention_plan", {"answer": "not_done_reason"}, False),
        ("prevention_plan", {"answer": "not_done_reason", "detail": "Moved away."}, True),
        ("push_factors", {"answer": ["bullying", "other"]}, True),
        ("who_with", {"rows": [{"name": "Jay"}]}, True),
        ("who_with", {"rows": [{"age": "16"}]}, False),
        ("who_with", {"instead": ["alone"]}, True),
        ("travel", {"there": ["train"]}, False),
        ("travel", {"there": ["train"], "back": ["on_foot"]}, True),
    ],
)
def test_an_answer_is_complete_when_nothing_it_needs_is_empty(key, value, complete):
    assert QUESTIONS[key].is_complete(value) is complete


def test_codes_of_options_are_unlike_each_other_and_short_enough_to_store():
    for question in QUESTIONS.values():
        for part in (*question.parts, *question.columns):
            codes = [option.code for option in part.options]
            assert len(set(codes)) == len(codes), question.key
        assert len(question.key) <= 50


def test_a_section_is_found_by_its_address():
    assert section_named("offer-and-outcome").letter == "E"
    assert section_named("no-such-section") is None
    assert len({section.slug for section in SECTIONS}) == 17
