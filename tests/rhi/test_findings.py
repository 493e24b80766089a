"""What is odd goes in and becomes a finding, which is settled when it is no longer so."""

from datetime import timedelta

import pytest
from django.db import transaction

from episodes.models import Child, Finding
from rhi import findings
from routing.models import ReferralEpisode
from tests import state
from tests.records import NOW, bring, child, episode, interview, involvement, publish

pytestmark = pytest.mark.django_db

Kind = Finding.Kind
LATER = NOW + timedelta(days=1)
CARED_FOR = involvement("looked_after", placement_area="in_area")
HELD = interview(held_at="2026-05-13T10:00", outcome="completed")
SPOKEN = {
    "interview_id": "I1",
    "attempted_at": "2026-05-13T10:00",
    "method": "phone",
    "contacted": "child",
    "result": "spoke_to_child",
}

#: For each kind: what is odd, the record that the finding names, what it says, and what mends it.
CASES = {
    Kind.REPEATED_KEY: (
        {"children": [child(), child(last_name="Sample")]},
        *("children.csv C1", ""),
        {"children": [child()]},
    ),
    Kind.TYPED_DIFFERS: (
        {"children": [child(phone="01632 960001")]},
        *("children.csv C1", "Stays as typed: phone."),
        {"children": [child(phone="01632 960999")]},
    ),
    Kind.UNKNOWN_AUTHORITY: (
        {"children": [child(responsible_authority="E06999999")]},
        *("children.csv", "The responsible authority's code is E06999999."),
        {"children": [child(responsible_authority="E09000008")]},
    ),
    Kind.OVERLAP: (
        {"episodes": [episode(), episode("E2", last_seen_at="2026-05-12T06:59", returned_at="2026-05-12T08:00")]},
        *("episodes.csv E2", "Begins before E1 has ended."),
        {"episodes": [episode(returned_at="2026-05-12T06:59")]},
    ),
    Kind.ENDED_WITHOUT_TIME: (
        {"episodes": [episode(returned_at="", ended_how="returned")]},
        *("episodes.csv E1", ""),
        {"episodes": [episode()]},
    ),
    Kind.AWAY_NOT_LOOKED_AFTER: (
        {"episodes": [episode(kind="away")]},
        *("episodes.csv E1", ""),
        {"involvements": [CARED_FOR | {"start": "2026-05-11"}]},
    ),
    Kind.LOOKED_AFTER_WITHOUT_PLACEMENT: (
        {"involvements": [CARED_FOR | {"placement_area": ""}]},
        *("involvements.csv looked_after 2026-01-05", ""),
        {"involvements": [CARED_FOR]},
    ),
    Kind.ADULT: (
        {"children": [child(date_of_birth="2008-05-11")], "episodes": [episode()]},
        *("episodes.csv E1", ""),
        {"children": [child(date_of_birth="2008-05-12")]},
    ),
    Kind.RESPONSE_DOES_NOT_FIT: (
        {"episodes": [episode()], "interviews": [interview(offered_to="child", response="declined_by_parent")]},
        *("interviews.csv I1", "The response is declined_by_parent, but who was asked is: child."),
        {"interviews": [interview(offered_to="both", response="declined_by_parent")]},
    ),
    Kind.OUTCOME_WITHOUT_REASON: (
        {"episodes": [episode()], "interviews": [interview(outcome="no_contact")]},
        *("episodes.csv E1", ""),
        {"interviews": [interview(outcome="no_contact", reason="no_answer")]},
    ),
    Kind.OUTCOMES_DISAGREE: (
        {"episodes": [episode()], "interviews": [HELD, interview("I2", outcome="declined", reason="ashamed")]},
        *("episodes.csv E1", "Recorded: completed, declined."),
        {"interviews": [interview("I2", outcome="", reason="")]},
    ),
    Kind.HELD_BEFORE_RETURN: (
        {"episodes": [episode()], "interviews": [HELD | {"held_at": "2026-05-12T06:59"}]},
        *("episodes.csv E1", ""),
        {"interviews": [HELD | {"held_at": "2026-05-12T07:00"}]},
    ),
    Kind.DONE_NOT_HELD: (
        {"episodes": [episode()], "interviews": [HELD | {"held_at": ""}]},
        *("episodes.csv E1", ""),
        {"interviews": [HELD]},
    ),
    Kind.HELD_NOT_DONE: (
        {"episodes": [episode()], "interviews": [HELD | {"outcome": "declined", "reason": "no_reason"}]},
        *("episodes.csv E1", ""),
        {"interviews": [HELD | {"reason": ""}]},
    ),
    Kind.SPOKEN_NOT_OFFERED: (
        {"episodes": [episode()], "interviews": [interview()], "attempts": [SPOKEN]},
        *("episodes.csv E1", ""),
        {"interviews": [interview(offered_to="child", offered_at="2026-05-13T10:05")]},
    ),
    Kind.ORDER_OF_TIMES: (
        {"episodes": [episode(notified_at="2026-05-12T06:59")]},
        *("episodes.csv E1", "The service was told before the return."),
        {"episodes": [episode()]},
    ),
    Kind.ROUTED_OTHERWISE: (
        {"episodes": [episode()]},
        *("episodes.csv E1", "Would go to ann@example.org."),
        {"involvements": [involvement(end="2026-05-11")]},
    ),
}


def found(kind):
    return list(Finding.objects.filter(kind=kind).values_list("child__child_id", "record", "detail", "settled_at"))


@pytest.fixture(autouse=True)
def procedure():
    return publish("wokingham")


def test_every_kind_is_shown_here():
    assert set(CASES) == set(Kind)


@pytest.mark.parametrize("kind", CASES, ids=str)
def test_what_is_odd_is_found_once_and_settled_when_it_has_been_mended(tmp_path, kind):
    odd, record, detail, mended = CASES[kind]
    bring(tmp_path, children=[child()])
    if kind == Kind.TYPED_DIFFERS:
        Child.objects.update(phone="01632 960999", typed={"phone": "2026-06-01T10:00:00+01:00"})
    result = bring(tmp_path, **odd)
    if kind == Kind.ROUTED_OTHERWISE:  # found when something that was not known arrives after routing
        result = bring(tmp_path, involvements=[involvement()])

    [(child_id, named, said, settled_at)] = found(kind)
    assert (child_id, named, settled_at) == ("C1", record, None)
    assert said.startswith(detail)
    assert result.findings[kind] == 1

    again = bring(tmp_path, now=LATER)
    assert again.findings[kind] == 0
    assert found(kind) == [("C1", named, said, None)]

    bring(tmp_path, **mended, now=LATER)
    assert found(kind) == [("C1", named, said, LATER)]


@pytest.mark.parametrize("kind", CASES, ids=str)
def test_ordinary_records_are_not_odd(tmp_path, kind):
    bring(
        tmp_path,
        children=[child()],
        involvements=[CARED_FOR],
        episodes=[
            episode(reported_at="2026-05-11T20:00", ended_how="returned"),
            episode("E2", last_seen_at="2026-05-12T07:00", returned_at="", kind="away"),
        ],
        interviews=[
            interview(
                offered_at="2026-05-12T10:00",
                offered_to="both",
                response="accepted",
                responded_at="2026-05-12T10:00",
                held_at="2026-05-12T10:00",
                written_up_at="2026-05-12T10:00",
                outcome="completed",
            )
        ],
    )

    assert found(kind) == []


def test_what_is_odd_again_is_open_again(tmp_path):
    bring(tmp_path, children=[child()], episodes=[episode(notified_at="2026-05-12T06:59")])
    bring(tmp_path, episodes=[episode()])
    bring(tmp_path, episodes=[episode(notified_at="2026-05-12T06:58")], now=LATER)

    [finding] = Finding.objects.all()
    assert (finding.found_at, finding.settled_at) == (NOW, None)


@pytest.mark.parametrize(
    ("absence", "record", "detail"),
    [
        ({"reported_at": "2026-05-11T19:59"}, {}, "Reported before the child was last seen."),
        (
            {"returned_at": "2026-05-12", "reported_at": "2026-05-11T19:59"},
            {},
            "Reported before the child was last seen.",
        ),
        ({"notified_at": "2026-05-12T06:59"}, {}, "The service was told before the return."),
        (
            {"returned_at": "", "notified_at": "2026-05-11T19:59"},
            {},
            "The service was told before the return.",
        ),
        (
            {},
            {"held_at": "2026-05-13T10:00", "written_up_at": "2026-05-13T09:59"},
            "Written up before it was held.",
        ),
        (
            {},
            {"offered_at": "2026-05-13T10:00", "offered_to": "child", "responded_at": "2026-05-13T09:59"},
            "Answered before it was offered.",
        ),
        (
            {"reported_at": "2026-05-11T19:59", "notified_at": "2026-05-11T19:59"},
            {},
            "Reported before the child was last seen. The service was told before the return.",
        ),
    ],
)
def test_times_out_of_their_order_are_named_all_in_one_finding(tmp_path, absence, record, detail):
    bring(tmp_path, children=[child()], episodes=[episode(**absence)], interviews=[interview(**record)])

    assert found(Kind.ORDER_OF_TIMES) == [("C1", "episodes.csv E1", detail, None)]


def test_a_reason_without_an_outcome_is_found(tmp_path):
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[interview(reason="no_answer")])

    assert found(Kind.OUTCOME_WITHOUT_REASON) == [
        ("C1", "episodes.csv E1", "A reason is recorded, but no outcome.", None)
    ]


def test_an_unknown_host_authority_is_found(tmp_path):
    bring(tmp_path, children=[child()], involvements=[CARED_FOR | {"host_authority": "X"}])

    assert found(Kind.UNKNOWN_AUTHORITY) == [
        ("C1", "involvements.csv looked_after 2026-01-05", "The host authority's code is X.", None)
    ]


def test_an_episode_within_a_longer_one_overlaps_it_and_so_does_the_next(tmp_path):
    rows = [
        episode("E1", returned_at="2026-05-20T07:00"),
        episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00"),
        episode("E3", last_seen_at="2026-05-14T20:00", returned_at=""),
        episode("E4", last_seen_at="2026-05-21T20:00", returned_at="2026-05-22T07:00"),
    ]
    bring(tmp_path, children=[child()], episodes=rows)

    assert [(record, detail) for _, record, detail, _ in found(Kind.OVERLAP)] == [
        ("episodes.csv E2", "Begins before E1 has ended."),
        ("episodes.csv E3", "Begins before E1 has ended."),
        ("episodes.csv E4", "Begins before E3 has ended."),
    ]


def test_two_repeated_attempts_are_found_with_their_child(tmp_path):
    tried = {"interview_id": "I1", "method": "phone", "contacted": "child", "result": "no_answer"}
    bring(
        tmp_path,
        children=[child()],
        episodes=[episode()],
        interviews=[interview()],
        attempts=[tried | {"attempted_at": "2026-05-12T10:00"}, tried | {"attempted_at": "2026-05-12T09:00Z"}],
    )

    record = "attempts.csv I1 2026-05-12T10:00:00+01:00 phone child"
    assert found(Kind.REPEATED_KEY) == [("C1", record, "", None)]


def test_a_withdrawn_episode_is_not_looked_at(tmp_path):
    bring(tmp_path, children=[child()], episodes=[episode(notified_at="2026-05-12T06:59")])
    Finding.objects.get().child.episodes.update(withdrawn_at=NOW, withdrawn_because="A duplicate.")
    bring(tmp_path, now=LATER)

    assert found(Kind.ORDER_OF_TIMES)[0][-1] == LATER


def test_what_was_found_in_a_row_stays_until_that_row_comes_again(tmp_path):
    carers = [{"child_id": "C1", "name": "Sam Example", "relationship": "mother"}] * 2
    bring(tmp_path / "first", children=[child()], carers=carers)
    bring(tmp_path / "second", children=[child(area="South")], now=LATER)
    assert found(Kind.REPEATED_KEY) == [("C1", "carers.csv C1 Sam Example mother", "", None)]

    bring(tmp_path / "third", carers=carers[:1], now=LATER)
    assert found(Kind.REPEATED_KEY) == [("C1", "carers.csv C1 Sam Example mother", "", LATER)]


def test_a_run_leaves_the_findings_of_children_whom_it_does_not_speak_of(tmp_path):
    bring(tmp_path / "one", children=[child("C1", responsible_authority="E06999999")])
    before = state.everything()["episodes.Finding"]
    bring(tmp_path / "other", children=[child("C2")], now=LATER)

    assert state.everything()["episodes.Finding"] == before


def test_looking_costs_the_same_for_one_child_as_for_thirty(tmp_path, django_assert_num_queries):
    ids = [f"{number:02}" for number in range(30)]
    bring(
        tmp_path,
        children=[child(each, responsible_authority="E06999999") for each in ids],
        involvements=[CARED_FOR | {"child_id": each, "host_authority": "E09000008"} for each in ids],
        episodes=[
            row
            for each in ids
            for row in (episode(each, each), episode(f"R{each}", each, returned_at="2026-05-20T07:00"))
        ],
        interviews=[interview(each, each, each, held_at="2026-05-13T10:00", outcome="completed") for each in ids],
    )
    assert ReferralEpisode.objects.filter(decision__isnull=False).count() == 30
    for number in (1, 30):
        children = list(Child.objects.order_by("pk").values_list("pk", flat=True)[:number])
        with transaction.atomic(), django_assert_num_queries(15):
            findings.refresh(children, now=NOW)
