"""What follows from an interview, as pure rules: facts in, demands out."""

from dataclasses import replace
from datetime import date

import pytest

from procedures import actions as published
from procedures import types
from rhi.following import Facts, Kind, Owner, demands
from rhi.following.harm import SEXUAL, SEXUAL_SIGNS, SIGNIFICANT, SPECIFIC
from rhi.following.needs import KINDS, TAKEN_UP_BY
from rhi.questions import SECTIONS
from routing.models import Task
from tests.rhi.following.cases import QUIET, action

TODAY = date(2026, 5, 14)  # a Thursday
MISSING_SINCE = date(2026, 5, 11)


def procedure(name):
    return types.read(published.source(name))


def facts(name="somerset", **known):
    answers = QUIET | known.pop("answers", {})
    known = {"held": True, "declined": False, "age": 14, "began_on": MISSING_SINCE} | known
    return Facts(procedure(name), answers, TODAY, **known)


def ours(of):
    """What follows, but for what is to be passed on."""
    return [each for each in demands(of) if each.kind not in {Kind.SHARE, Kind.SEND_FORM, Kind.INTELLIGENCE}]


def kinds(of):
    return [demand.kind for demand in ours(of)]


def only(of, kind):
    [found] = [demand for demand in demands(of) if demand.kind is kind]
    return found


def risk(level):
    return {"risk_level": {"again": "low", "harm": level, "reason": "…"}}


def options_of(key):
    question = next(each for section in SECTIONS for each in section.questions if each.key == key)
    return {option.code for part in (*question.parts, *question.columns) for option in part.options}


def test_every_kind_is_one_that_a_task_can_have():
    assert {kind.value for kind in Kind} == set(Task.Kind.values) - {Task.Kind.TELL_AUTHORITY}


def test_every_answer_that_is_looked_for_is_one_of_the_form():
    assert options_of("harm_types") >= SIGNIFICANT | SEXUAL
    assert options_of("indicators") >= SEXUAL_SIGNS
    assert options_of("radicalisation_fm_fgm") >= SPECIFIC
    assert options_of("actions") >= KINDS.keys() | set().union(*TAKEN_UP_BY.values())
    assert options_of("wants_support") >= TAKEN_UP_BY.keys()


def test_nothing_follows_from_a_form_that_raises_nothing():
    assert ours(facts()) == []


# The exploitation screen


@pytest.mark.clause("SOM-4.12a")
@pytest.mark.parametrize(("age", "demanded"), [(12, []), (13, [Kind.SCREEN]), (17, [Kind.SCREEN])])
def test_a_screen_is_demanded_from_thirteen(age, demanded):
    assert kinds(facts(age=age, answers={"ce_screen": {"answer": "outstanding"}})) == demanded


@pytest.mark.clause("SOM-4.12a")
def test_a_screen_is_demanded_of_every_missing_child_also_without_an_interview():
    assert kinds(facts(held=False, answers={"ce_screen": {}})) == [Kind.SCREEN]


def test_a_procedure_without_the_rule_asks_for_no_screen():
    assert kinds(facts("croydon", answers={"ce_screen": {"answer": "outstanding"}})) == []


@pytest.mark.clause("SOM-4.12b")
@pytest.mark.parametrize(
    ("done_on", "demanded"),
    [("2026-05-10", [Kind.SCREEN]), ("2026-05-11", []), ("2026-05-14", []), ("2026-05-15", [Kind.SCREEN])],
)
@pytest.mark.parametrize("answer", ["already_done_by_social_worker_since_the_episode", "completed"])
def test_only_a_screen_since_the_episode_began_lifts_the_demand(answer, done_on, demanded):
    assert kinds(facts(answers={"ce_screen": {"answer": answer, "date": done_on}})) == demanded


def test_a_screen_for_a_younger_child_is_one_of_the_actions_of_the_form():
    asked = facts(age=12, answers={"actions": {"rows": [action("ce_screening_panel")]}})

    assert kinds(asked) == [Kind.SCREEN]


# Plans


@pytest.mark.clause("SOM-4.13a")
def test_without_a_social_worker_the_prevention_plan_is_ours():
    demand = only(facts(answers={"prevention_plan": {"answer": "sw_to_do"}}), Kind.PREVENTION_PLAN)

    assert demand.owner is Owner.HOLDER


@pytest.mark.clause("SOM-4.13a")
def test_with_a_social_worker_the_plan_is_asked_of_her_instead():
    asked = facts(social_worker=True, services=frozenset({"child_in_need"}))
    demand = only(replace(asked, answers=QUIET | {"prevention_plan": {"answer": "sw_to_do"}}), Kind.PREVENTION_PLAN)

    assert demand.owner is Owner.SOCIAL_WORKER


def test_of_another_authoritys_child_her_social_worker_is_asked_through_us():
    asked = facts(other_authority="Devon", answers={"prevention_plan": {"answer": "sw_to_do"}})

    demand = only(asked, Kind.PREVENTION_PLAN)

    assert demand.owner is Owner.HOLDER
    assert demand.about.startswith("Ask the child’s social worker in the other authority")


@pytest.mark.parametrize("answer", ["created", "updated"])
def test_a_plan_that_was_made_is_not_asked_for(answer):
    assert kinds(facts(answers={"prevention_plan": {"answer": answer}})) == []


@pytest.mark.clause("SOM-4.13b")
def test_a_reason_why_there_is_no_plan_lifts_the_demand_but_not_what_is_asked_of_a_social_worker():
    none = {"prevention_plan": {"answer": "not_done_reason", "reason": "the_child_or_family_declined", "detail": "…"}}

    assert kinds(facts(answers=none)) == []
    assert kinds(facts(answers=none, social_worker=True)) == [Kind.PREVENTION_PLAN]


@pytest.mark.parametrize(
    ("answer", "demanded"),
    [("sw_to_do", [Kind.SAFETY_PLAN]), ("created", []), ("updated", []), ("not_done_reason", [])],
)
def test_surrey_wants_a_safety_plan_after_every_episode_or_the_reason_why_not(answer, demanded):
    assert kinds(facts("surrey", answers={"prevention_plan": {"answer": answer}})) == demanded


# Harm


@pytest.mark.clause("NOT-21")
@pytest.mark.parametrize("part", ["disclosed", "suspected"])
@pytest.mark.parametrize("harm", sorted(SIGNIFICANT))
def test_signs_of_significant_harm_demand_a_referral_to_the_mash(harm, part):
    demand = only(facts("nottinghamshire", answers={"harm_types": {part: [harm]}}), Kind.MASH)

    assert (demand.demanded, demand.owner, demand.due_on) == (True, Owner.HOLDER, TODAY)


@pytest.mark.clause("NOT-21")
@pytest.mark.parametrize(
    "answers", [risk("immediate"), {"radicalisation_fm_fgm": {"answer": ["fgm"]}}], ids=["likely", "specific"]
)
def test_likely_and_specific_harm_are_significant_too(answers):
    assert only(facts("nottinghamshire", answers=answers), Kind.MASH).demanded


def test_harm_that_is_not_significant_by_itself_demands_nothing_in_nottinghamshire():
    assert kinds(facts("nottinghamshire", answers={"harm_types": {"suspected": ["emotional_or_threats"]}})) == []


def test_where_the_procedure_does_not_demand_it_significant_harm_still_opens_a_referral_to_the_mash():
    demand = only(facts("somerset", answers={"harm_types": {"disclosed": ["sexual"]}}), Kind.MASH)

    assert demand.demanded is False


@pytest.mark.clause("WOK-07")
@pytest.mark.parametrize(
    "answers",
    [
        {"actions": {"rows": [action("post_missing_support")]}},
        {"wants_support": {"answer": ["mediation"]}},
        {"harm_types": {"suspected": ["online_harm"]}},
        risk("high"),
    ],
    ids=["action", "wish", "harm", "risk"],
)
def test_a_need_of_a_child_open_to_nobody_proposes_the_mash(answers):
    demand = only(facts("wokingham", answers=answers), Kind.MASH)

    assert (demand.demanded, demand.owner) == (False, Owner.HOLDER)


@pytest.mark.clause("WOK-07")
@pytest.mark.parametrize(
    "service", ["looked_after", "child_protection", "child_in_need", "assessment", "family_service"]
)
def test_for_a_child_open_to_somebody_it_is_not_proposed(service):
    asked = facts("wokingham", services=frozenset({service}), answers={"wants_support": {"answer": ["mediation"]}})

    assert kinds(asked) == [Kind.SUPPORT]


@pytest.mark.parametrize("services", [frozenset(), frozenset({"youth_justice"}), frozenset({"care_leaver"})])
def test_youth_justice_and_leaving_care_are_nobody_in_this(services):
    asked = facts("wokingham", services=services, answers={"wants_support": {"answer": ["mediation"]}})

    assert kinds(asked) == [Kind.MASH, Kind.SUPPORT]


@pytest.mark.clause("NOT-22")
@pytest.mark.parametrize(
    "answers",
    [
        {"harm_types": {"suspected": ["sexual_exploitation"]}},
        {"indicators": {"answer": ["online_grooming"]}},
        {"known_risks": {"answer": ["cse", "previous_missing"]}},
    ],
    ids=["harm", "sign", "known before"],
)
def test_a_link_to_sexual_exploitation_proposes_the_specialist_service(answers):
    demand = only(facts("nottinghamshire", answers=answers), Kind.SPECIALIST)

    assert demand.demanded is False
    assert "Commissioned specialist service for child sexual exploitation" in demand.about


def test_no_link_proposes_no_specialist_service():
    assert kinds(facts("nottinghamshire", answers={"indicators": {"answer": ["debt_or_threats"]}})) == []


# Repeat missing


@pytest.mark.clause("CRO-35")
@pytest.mark.parametrize(("times", "demanded"), [(1, []), (2, [Kind.INTERVENTION]), (5, [Kind.INTERVENTION])])
def test_an_intervention_is_offered_early_to_whoever_begins_to_go_missing_repeatedly(times, demanded):
    assert kinds(facts("croydon", missing_in_year=times)) == demanded


# Needs


@pytest.mark.clause("NOT-18")
def test_each_need_is_one_demand_of_the_allocated_professional():
    rows = [
        action("camhs"),
        action("school"),
        action("other", action_status="done"),
        action("health", action_status="not_needed"),
    ]
    asked = facts("nottinghamshire", social_worker=True, answers={"actions": {"rows": rows}})

    assert [(each.kind, each.item, each.owner) for each in ours(asked)] == [
        (Kind.SERVICE, "camhs", Owner.SOCIAL_WORKER),
        (Kind.NEED, "school", Owner.SOCIAL_WORKER),
    ]


@pytest.mark.parametrize(
    ("known", "owner"),
    [
        ({"social_worker": True, "early_help": True}, Owner.SOCIAL_WORKER),
        ({"early_help": True}, Owner.EARLY_HELP),
        ({}, Owner.HOLDER),
    ],
)
@pytest.mark.clause("SOM-4.17")
def test_follow_up_is_the_social_workers_then_early_helps_then_the_holders(known, owner):
    asked = facts(answers={"actions": {"rows": [action("school")]}}, **known)

    assert only(asked, Kind.NEED).owner is owner


@pytest.mark.clause("SOM-4.17")
@pytest.mark.parametrize(
    ("level", "due_on"),
    [
        ("immediate", date(2026, 5, 14)),
        ("high", date(2026, 5, 15)),
        ("medium", date(2026, 5, 21)),
        ("low", date(2026, 5, 29)),  # Monday 25 May is a bank holiday
    ],
)
def test_the_higher_the_risk_the_nearer_the_day(level, due_on):
    again = {"risk_level": {"again": level, "harm": "low", "reason": "…"}}

    assert only(facts(answers=again | {"actions": {"rows": [action("school")]}}), Kind.NEED).due_on == due_on


def test_the_day_that_the_form_says_goes_before_the_level_of_risk():
    row = action("school", action_due="2026-07-01")

    assert only(facts(answers={"actions": {"rows": [row]}}), Kind.NEED).due_on == date(2026, 7, 1)


def test_a_need_is_looked_at_again_four_weeks_after_its_day():
    assert only(facts(answers={"actions": {"rows": [action("school")]}}), Kind.NEED).review_on == date(2026, 6, 26)


def test_two_actions_of_one_sort_are_two_and_one_that_is_two_rows_long_keeps_its_name():
    rows = [action("school"), action("school"), action("child_abduction_warning_notice_suggested")]

    assert [each.item for each in ours(facts(answers={"actions": {"rows": rows}}))] == [
        "school",
        "school_2",
        "child_abduction_warning_notice",
    ]


def test_every_item_has_a_name_of_its_own_that_a_task_can_hold():
    codes = options_of("actions") - {"open", "done", "not_needed"}
    rows = [action(code) for code in sorted(codes)] * 2
    found = demands(
        facts(
            "wokingham",
            answers={"actions": {"rows": rows}, "wants_support": {"answer": sorted(options_of("wants_support"))}},
        )
    )

    assert len({(each.kind, each.item) for each in found}) == len(found)
    assert max(len(each.item) for each in found) <= Task._meta.get_field("item").max_length


def test_what_the_procedure_asks_for_and_the_form_too_is_asked_for_once_by_the_earlier_day():
    rows = [action("mash_or_csc_referral", action_due="2026-05-12")]
    asked = facts("nottinghamshire", answers={"harm_types": {"disclosed": ["physical"]}, "actions": {"rows": rows}})

    demand = only(asked, Kind.MASH)

    assert (demand.demanded, demand.due_on) == (True, date(2026, 5, 12))


def test_support_that_the_child_would_like_is_asked_for_unless_an_action_takes_it_up():
    wishes = {"wants_support": {"answer": ["school_help", "mediation", "not_asked"]}}

    assert [each.item for each in ours(facts(answers=wishes))] == ["wants_school_help", "wants_mediation"]
    taken_up = wishes | {"actions": {"rows": [action("school")]}}
    assert [each.item for each in ours(facts(answers=taken_up))] == ["school", "wants_mediation"]


def test_what_the_child_wishes_to_be_shared_with_whom():
    said = facts(answers={"child_agrees_share": {"parent": "agrees", "school": "does_not_agree"}})

    assert said.wishes == {"parent": "agrees", "school": "does_not_agree"}
