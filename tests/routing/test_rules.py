"""Routing answers whatever it is asked, gives its reasons in words, and sends nothing to anybody who has gone."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.actions import source
from procedures.types import DefaultRule, Destination, PlacementArea, Routing, Rule, Service, read
from routing.rules import (
    Considered,
    Facts,
    InvolvementFact,
    OpenReferral,
    TeamFact,
    WorkerFact,
    decide,
    team_name,
)
from tests.routing.words import facts


@cache
def routing_of(name: str) -> Routing:
    return read(source(name)).routing


def matched(rule: str, because: str) -> Considered:
    return Considered(rule, matched=True, because=because)


def not_matched(rule: str, because: str) -> Considered:
    return Considered(rule, matched=False, because=because)


# The reasons, in words


@pytest.mark.clause("SUR-17")
def test_every_rule_that_was_looked_at_is_explained():
    decision = decide(facts("child in need at West with ben; family service at Early"), routing_of("surrey"))

    assert decision.considered == (
        not_matched("looked_after", "On the day of return the child was not open to: looked after."),
        matched(
            "children_services",
            "The child is open to children's services, so the Rapid Engagement Team asks the allocated worker which of"
            " them holds the interview. Open to child in need.",
        ),
        not_matched("family_service", "Not needed: an earlier rule decided."),
    )


def test_the_default_is_explained_after_every_rule():
    decision = decide(facts("born 2018-05-12; of Kent"), routing_of("somerset"))

    assert decision.considered == (
        not_matched("under_eight", "The child was 8 on the day of return, not under 8."),
        matched(
            "default",
            "The Family Intervention Service of the child's area holds the interviews of all children of eight and"
            " over.",
        ),
    )


@pytest.mark.parametrize(
    ("name", "child", "rule", "because"),
    [
        (
            "wokingham",
            "of Kent; looked after at Medway with kim",
            "open_to_social_care",
            "The rule is about our own children; this child is the responsibility of Kent.",
        ),
        (
            "croydon",
            "open to nothing",
            "other_authority",
            "The rule is about other authorities' children; this child is ours.",
        ),
        (
            "croydon",
            "looked after at North, placed in area; looked after at North",
            "placed_far",
            "The placement is not out of area but in area, not recorded.",
        ),
        (
            "wokingham",
            "looked after; assessment at North with ann; ann has left; North has closed",
            "open_to_social_care",
            "Open to looked after, assessment, but the record names no worker or team that is still there.",
        ),
        (
            "surrey",
            "assessment at North with ann; Rapid Engagement Team has closed",
            "children_services",
            "Rapid Engagement Team has closed and receives nothing.",
        ),
        (
            "somerset",
            "born 2019-05-12; Children's Social Care has closed",
            "under_eight",
            "Children's Social Care has closed and receives nothing.",
        ),
    ],
)
def test_a_rule_that_does_not_match_says_why(name, child, rule, because):
    decision = decide(facts(child), routing_of(name))

    assert not_matched(rule, because) in decision.considered


@pytest.mark.parametrize(
    ("name", "child", "because"),
    [
        ("wokingham", "child in need at North with ann", "Open to child in need."),
        (
            "wokingham",
            "child in need at North with ann; ann has left",
            "Open to child in need. The allocated worker has left, so it lies in the team's tray.",
        ),
        (
            "wokingham",
            "child in need at North",
            "Open to child in need. No worker is named, so it lies in the team's tray.",
        ),
        (
            "nottinghamshire",
            "family service with eve",
            (
                "Open to family service. No open team of the worker's is on record, so it lies in the tray of Rapid"
                " Assessment Workers with them."
            ),
        ),
        ("surrey", "looked after at North", "Open to looked after."),
        ("croydon", "of Kent", "The responsible authority is Kent."),
        (
            "croydon",
            "looked after, placed out of area; Safe Talk is approved",
            "Safe Talk is an approved provider.",
        ),
        (
            "croydon",
            "looked after, placed out of area",
            "No approved provider is on file, so it waits as a question.",
        ),
    ],
)
def test_the_rule_that_matches_says_what_it_found(name, child, because):
    decision = decide(facts(child), routing_of(name))

    rule = next(rule for rule in routing_of(name).rules if rule.name == decision.rule)
    assert decision.because == f"{rule.because} {because}"


# What must be settled first


@pytest.mark.parametrize(
    ("name", "child", "question"),
    [
        (
            "surrey",
            "child in need at West with ben",
            "Which of you holds the interview: Rapid Engagement Team, or ben@example.org?",
        ),
        (
            "surrey",
            "child in need at West with ben; ben has left",
            "Which of you holds the interview: Rapid Engagement Team, or the team West?",
        ),
        (
            "croydon",
            "looked after, placed out of area",
            "No approved provider is on file. Who holds the interview?",
        ),
        ("croydon", "open to nothing; Missing Team has closed", "Missing Team has closed. Who holds the interview?"),
        (
            "croydon",
            "looked after with ann; Missing Team has closed",
            "Missing Team has closed. Who holds the interview?",
        ),
        ("croydon", "open to nothing", ""),
        ("wokingham", "child in need at West with ben", ""),
    ],
)
def test_what_nobody_can_decide_is_a_question(name, child, question):
    assert decide(facts(child), routing_of(name)).question == question


# Joining


@pytest.mark.parametrize("name", ["surrey", "wokingham", "nottinghamshire", "somerset", "croydon"])
def test_an_episode_joins_the_referral_that_is_open_whatever_the_rules_would_say(name):
    standing = OpenReferral("E0", "North", "ann@example.org")
    decision = decide(replace(facts("looked after at West with ben"), open_referral=standing), routing_of(name))

    because = "The child's referral for episode E0 is open and its interview not yet held, so this episode joins it."
    assert (decision.destination, decision.rule, decision.because) == ("joined", "joining", because)
    assert (decision.team, decision.worker, decision.question) == ("North", "ann@example.org", "")
    assert decision.considered == (
        matched("joining", because),
        *(not_matched(rule.name, "Not needed: an earlier rule decided.") for rule in routing_of(name).rules),
    )


def test_a_procedure_without_joining_gives_each_episode_its_own_referral():
    apart = routing_of("wokingham").model_copy(update={"joining": False})
    standing = OpenReferral("E0", "North", "ann@example.org")

    decision = decide(replace(facts("assessment at West with ben"), open_referral=standing), apart)

    assert (decision.destination, decision.worker) == ("worker", "ben@example.org")
    assert [each.rule for each in decision.considered] == ["open_to_social_care"]


@pytest.mark.parametrize(
    ("area", "team"),
    [("Yeovil", "FIS: Yeovil"), ("", "FIS: unknown area"), ("{area}", "FIS: {area}"), ("{0}{", "FIS: {0}{")],
)
def test_a_team_is_named_for_the_area_to_the_letter(area, team):
    assert team_name("FIS: {area}", area) == team


# Whatever the facts and the rules

TEMPLATES = ["North", "West", "Service: {area}", "Front Door"]
AREAS = ["", "Taunton", "{area}"]
TEAMS = ["North", "West", "Front Door", *(team_name("Service: {area}", area) for area in AREAS)]
PEOPLE = ["ann", "ben", "cay"]

often = settings(max_examples=60, deadline=None)


@st.composite
def rules(draw, name: str) -> Rule:
    to = draw(st.sampled_from([each for each in Destination if each is not Destination.JOINED]))
    needs_services = to in (Destination.WORKER, Destination.TEAM_MEMBER, Destination.DISCUSS)
    needs_team = to in (Destination.TRAY, Destination.SOCIAL_CARE, Destination.DISCUSS)
    services = draw(st.sets(st.sampled_from(Service), min_size=needs_services))
    placement = draw(st.sets(st.sampled_from(PlacementArea))) if Service.LOOKED_AFTER in services else ()
    whose = ["other"] if to is Destination.AUTHORITY else [None, "ours", "other", "any"]
    return Rule(
        name=name,
        clause="a clause",
        because=f"So says {name}.",
        services=tuple(services),
        age_below=draw(st.none() | st.integers(1, 18)),
        responsible=draw(st.sampled_from(whose)),
        placement=tuple(placement),
        to=to,
        team=draw(st.sampled_from(TEMPLATES)) if needs_team else None,
    )


@st.composite
def routings(draw) -> Routing:
    return Routing(
        rules=tuple(draw(rules(f"rule {number}")) for number in range(draw(st.integers(0, 6)))),
        default=DefaultRule(team=draw(st.sampled_from(TEMPLATES)), clause="a clause", because="Somebody must."),
        joining=draw(st.booleans()),
        providers_allowed=True,
    )


@st.composite
def cases(draw) -> Facts:
    """A child of whom anything may be on record; whoever has gone or closed has done so everywhere."""
    closed = draw(st.sets(st.sampled_from(TEAMS)))
    gone = draw(st.sets(st.sampled_from(PEOPLE)))
    teams = {name: TeamFact(name, open=name not in closed) for name in TEAMS}
    some_team = st.none() | st.sampled_from(list(teams.values()))
    people = [WorkerFact(name, left=name in gone, team=draw(some_team)) for name in PEOPLE]
    involvement = st.builds(
        InvolvementFact,
        service=st.sampled_from(Service),
        team=some_team,
        worker=st.none() | st.sampled_from(people),
        placement=st.none() | st.sampled_from(PlacementArea),
    )
    return Facts(
        age=draw(st.integers(0, 20)),
        involvements=tuple(draw(st.lists(involvement, max_size=5))),
        other_authority=draw(st.none() | st.just("Kent")),
        area=draw(st.sampled_from(AREAS)),
        open_referral=draw(st.none() | st.just(OpenReferral("E0", "Elsewhere", "dan"))),
        provider=draw(st.none() | st.just("Safe Talk")),
        closed_teams=tuple(sorted(closed)),
    )


@often
@given(cases(), routings())
def test_every_rule_is_looked_at_once_in_order_and_exactly_one_decides(case, routing):
    decision = decide(case, routing)

    joins = ["joining"] if routing.joining and case.open_referral else []
    falls_to_default = ["default"] if decision.rule == "default" else []
    assert [each.rule for each in decision.considered] == [
        *joins,
        *(rule.name for rule in routing.rules),
        *falls_to_default,
    ]
    assert [each for each in decision.considered if each.matched] == [matched(decision.rule, decision.because)]
    assert all(each.because for each in decision.considered)


@often
@given(cases(), routings())
def test_nothing_is_sent_to_anybody_who_has_gone(case, routing):
    decision = decide(case, routing)

    gone = {each.worker.email for each in case.involvements if each.worker and each.worker.left}
    default = team_name(routing.default.team, case.area)
    assert decision.worker not in gone
    if decision.team in case.closed_teams:
        assert decision.team == default
        assert decision.question


@often
@given(cases(), routings())
def test_a_team_is_always_named_but_where_another_authority_holds_the_interview(case, routing):
    decision = decide(case, routing)

    assert (decision.team is None) is (decision.destination is Destination.AUTHORITY)


@often
@given(cases(), routings(), st.randoms(use_true_random=False))
def test_the_same_facts_give_the_same_answer_in_whatever_order_services_are_on_record(case, routing, random):
    one_of_each = {each.service: each for each in case.involvements}
    listed = tuple(one_of_each.values())
    shuffled = tuple(random.sample(listed, len(listed)))

    assert decide(replace(case, involvements=shuffled), routing) == decide(replace(case, involvements=listed), routing)


@often
@given(cases(), routings())
def test_the_rule_that_decides_would_decide_alone(case, routing):
    decision = decide(case, routing)
    alone = routing.model_copy(update={"rules": tuple(rule for rule in routing.rules if rule.name == decision.rule)})

    assert replace(decide(case, alone), considered=()) == replace(decision, considered=())


@often
@given(cases(), routings())
def test_a_rule_about_our_own_children_sends_no_other_authoritys_child(case, routing):
    decision = decide(replace(case, other_authority="Kent", open_referral=None), routing)

    assert decision.rule not in {rule.name for rule in routing.rules if rule.whose_children == "ours"}


@pytest.mark.clause("WOK-05")
@often
@given(cases())
def test_wokingham_never_sends_a_child_to_a_provider_or_another_authority(case):
    decision = decide(case, routing_of("wokingham"))

    assert decision.destination in {"worker", "tray", "joined"}


@pytest.mark.clause("SUR-08")
@pytest.mark.parametrize("name", ["surrey", "wokingham", "nottinghamshire", "somerset", "croydon"])
@often
@given(case=cases())
def test_every_shipped_procedure_answers_for_every_child(name, case):
    decision = decide(case, routing_of(name))

    assert decision.team or decision.destination == "authority"
    assert decision.because
