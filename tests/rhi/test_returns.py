"""Every return becomes a referral, or joins the one that is open, when records come in."""

from datetime import date, datetime

import pytest
from django.contrib.auth import authenticate

from episodes.models import Access, Child, Episode, Finding, Involvement
from procedures.actions import source
from rhi.actions import returns
from routing.models import Allocation, Referral, ReferralEpisode, Task
from staff.models import AuditEvent, Membership, Team, User
from tests.records import NOW, bring, child, episode, interview, involvement, london, publish

pytestmark = pytest.mark.django_db


def referral_of(episode_id: str) -> Referral:
    return ReferralEpisode.objects.get(episode__episode_id=episode_id).referral


def holder_of(episode_id: str) -> tuple[str | None, str | None]:
    """The team and the worker who hold an episode's referral now."""
    held = referral_of(episode_id).allocations.get(until__isnull=True)
    return held.team and held.team.name, held.worker and held.worker.email


def decision_on(episode_id: str) -> dict:
    return ReferralEpisode.objects.get(episode__episode_id=episode_id).decision


# A return becomes a referral


@pytest.mark.clause("WOK-02")
def test_a_return_becomes_a_referral_held_by_whom_the_rule_names(tmp_path):
    version = publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode()])

    referral = referral_of("E1")
    assert (referral.destination, referral.question, referral.closed_at) == ("worker", "", None)
    assert referral.version == version
    assert referral.in_tray_at == london("2026-05-12 09:00")
    allocation = referral.allocations.get()
    assert (allocation.team.name, allocation.worker.email) == ("North", "ann@example.org")
    assert (allocation.since, allocation.until, allocation.by) == (london("2026-05-12 09:00"), None, None)
    assert allocation.rule == "open_to_social_care"
    assert allocation.because == (
        "The child is open to children's social care, so the allocated social worker holds the interview."
        " Open to child in need."
    )


@pytest.mark.parametrize(
    ("returned", "notified", "reached"),
    [
        ("2026-05-12T07:00", "2026-05-14T09:00", "2026-05-14 09:00"),
        ("2026-05-12T07:00", "2026-05-12T06:00", "2026-05-12 07:00"),  # told before the child was back
        ("2026-05-12T07:00", "", "2026-05-12 07:00"),
    ],
)
def test_a_referral_reaches_the_tray_when_the_service_learns_of_the_return(tmp_path, returned, notified, reached):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(returned_at=returned, notified_at=notified)])

    assert referral_of("E1").in_tray_at == london(reached)


@pytest.mark.parametrize(
    ("procedure", "facts", "destination", "held_by"),
    [
        ("surrey", {"service": "looked_after"}, "team_member", ("North", None)),
        ("surrey", {"service": "assessment"}, "discuss", ("Rapid Engagement Team", None)),
        ("surrey", {"service": "youth_justice"}, "tray", ("Rapid Engagement Team", None)),
        ("nottinghamshire", {"worker_email": ""}, "tray", ("North", None)),
        ("croydon", {"service": "looked_after"}, "worker", ("North", "ann@example.org")),
        ("croydon", {"service": "looked_after", "placement_area": "out_of_area"}, "provider", ("Missing Team", None)),
        ("somerset", {"service": "looked_after"}, "tray", ("Family Intervention Service: Taunton", None)),
    ],
)
def test_whoever_the_decision_names_holds_the_referral(tmp_path, procedure, facts, destination, held_by):
    publish(procedure)
    bring(tmp_path, children=[child()], involvements=[involvement(**facts)], episodes=[episode()])

    assert referral_of("E1").destination == destination
    assert holder_of("E1") == held_by


@pytest.mark.clause("SUR-13")
def test_a_question_lies_with_the_team_that_asks_and_names_whom_it_asks(tmp_path):
    publish("surrey")
    bring(tmp_path, children=[child()], involvements=[involvement("assessment")], episodes=[episode()])

    assert holder_of("E1") == ("Rapid Engagement Team", None)
    assert decision_on("E1")["worker"] == "ann@example.org"
    assert referral_of("E1").question == "Which of you holds the interview: Rapid Engagement Team, or ann@example.org?"


@pytest.mark.clause("SOM-4.3")
def test_a_child_under_eight_lies_in_the_tray_of_social_care(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child(date_of_birth="2018-05-13")], episodes=[episode()])

    assert referral_of("E1").destination == "social_care"
    assert holder_of("E1") == ("Children's Social Care", None)
    assert Team.objects.get(name="Children's Social Care").kind == Team.Kind.SOCIAL_CARE


@pytest.mark.clause("SOM-4.3")
@pytest.mark.parametrize(
    ("returned", "destination"),
    [
        ("2026-05-11T22:59:59Z", "social_care"),  # the last second of 11 May in England
        ("2026-05-11T23:00:00Z", "tray"),  # midnight there, and the eighth birthday
    ],
)
def test_age_is_age_on_the_day_of_return_in_england(tmp_path, returned, destination):
    publish("somerset")
    back = episode(last_seen_at="2026-05-11T12:00", returned_at=returned, notified_at="")
    bring(tmp_path, children=[child(date_of_birth="2018-05-12")], episodes=[back])

    assert referral_of("E1").destination == destination


@pytest.mark.parametrize(
    ("dates", "held_by"),
    [
        ({"start": "2026-05-12"}, ("North", "ann@example.org")),
        ({"start": "2026-05-13"}, ("Prevention and Youth Justice Service", None)),
        ({"end": "2026-05-12"}, ("North", "ann@example.org")),
        ({"end": "2026-05-11"}, ("Prevention and Youth Justice Service", None)),
    ],
)
def test_an_involvement_covers_its_first_and_its_last_day_in_england(tmp_path, dates, held_by):
    publish("wokingham")
    late = episode(last_seen_at="2026-05-11T12:00", returned_at="2026-05-12T22:59:59Z", notified_at="")
    bring(tmp_path, children=[child()], involvements=[involvement(**dates)], episodes=[late])

    assert holder_of("E1") == held_by


@pytest.mark.clause("SUR-08")
def test_every_return_has_a_referral_or_has_joined_one_however_short_and_frequent(tmp_path):
    publish("surrey")
    result = bring(
        tmp_path,
        children=[child()],
        episodes=[
            episode("E1"),
            episode("E2", last_seen_at="2026-05-12T10:00", returned_at="2026-05-12T10:40", notified_at=""),
            episode("E3", last_seen_at="2026-05-12T11:00", returned_at="2026-05-13T11:00"),
        ],
    )

    assert result.routed == 3
    assert {referral_of(each).pk for each in ("E1", "E2", "E3")} == {Referral.objects.get().pk}


def test_a_child_who_is_not_back_has_no_referral_until_the_return(tmp_path):
    publish("somerset")
    away = episode(returned_at="", notified_at="")
    assert bring(tmp_path, children=[child()], episodes=[away]).routed == 0

    result = bring(tmp_path, episodes=[episode()])

    assert result.routed == 1
    assert referral_of("E1").destination == "tray"


def test_a_return_that_a_fast_clock_dates_a_little_ahead_is_routed_at_once(tmp_path):
    publish("somerset")
    ahead = episode(returned_at="2026-06-15T12:04", notified_at="2026-06-15T12:04")

    assert bring(tmp_path, children=[child()], episodes=[ahead]).routed == 1


def test_a_second_run_routes_nothing_again(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])

    assert bring(tmp_path).routed == 0
    assert Referral.objects.count() == Allocation.objects.count() == 1


def test_an_absence_without_authorisation_is_left_alone_unless_the_procedure_routes_it(tmp_path):
    publish("somerset")
    files = {"children": [child()], "episodes": [episode(kind="away")]}
    assert bring(tmp_path, **files).routed == 0

    publish("", text=source("somerset").replace("[routing]", '[routing]\nkinds = ["missing", "away"]', 1))
    assert bring(tmp_path).routed == 1


def test_history_lies_in_no_tray(tmp_path):
    publish("somerset")
    result = bring(
        tmp_path,
        history_before=date(2026, 5, 12),
        children=[child("C1"), child("C2")],
        episodes=[
            episode("E1", "C1", last_seen_at="2026-05-10T09:00", returned_at="2026-05-11T22:59:59Z", notified_at=""),
            episode("E2", "C2", last_seen_at="2026-05-10T09:00", returned_at="2026-05-11T23:00:00Z", notified_at=""),
        ],
    )

    assert result.routed == 1
    assert [cover.episode.episode_id for cover in ReferralEpisode.objects.select_related("episode")] == ["E2"]


def test_a_withdrawn_episode_is_not_routed(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="", notified_at="")])
    Episode.objects.update(withdrawn_at=NOW, withdrawn_because="Entered twice.")

    assert bring(tmp_path, episodes=[episode()]).routed == 0


def test_routing_leaves_a_line_in_the_trail_that_names_the_children(tmp_path):
    publish("somerset")
    bring(
        tmp_path,
        children=[child("C1"), child("C2")],
        episodes=[episode("E1", "C2"), episode("E2", "C1"), episode("E3", "C1", returned_at="2026-05-12T08:00")],
    )

    line = AuditEvent.objects.get(type="referrals_routed")
    assert (line.children, line.detail, line.at) == (["C1", "C2"], {"opened": 2, "joined": 1}, NOW)


def test_a_childs_returns_are_routed_together_however_many_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(returns, "CHUNK", 2)
    publish("somerset")
    result = bring(
        tmp_path,
        children=[child("C1"), child("C2")],
        episodes=[
            *(episode(f"E{hour}", "C1", returned_at=f"2026-05-12T0{hour}:00") for hour in (7, 8, 9)),
            episode("E1", "C2"),
        ],
    )

    assert result.routed == 4
    assert {referral_of(each).pk for each in ("E7", "E8", "E9")} == {referral_of("E7").pk}
    assert referral_of("E1").pk != referral_of("E7").pk
    assert AuditEvent.objects.filter(type="referrals_routed").count() == 2


# Who is gone, and who is new


def test_a_team_and_a_worker_whom_nobody_knew_hold_the_referral_from_the_first_day(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode()])

    assert holder_of("E1") == ("North", "ann@example.org")
    assert Team.objects.get(name="North").kind == Team.Kind.SOCIAL_CARE
    assert Membership.objects.get().user.email == "ann@example.org"


def test_a_worker_whom_a_record_brought_cannot_sign_in(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()])

    ann = User.objects.get(email="ann@example.org")
    assert not ann.has_usable_password()
    assert authenticate(username="ann@example.org", password="") is None
    assert authenticate(username="ann@example.org", password=ann.password) is None


@pytest.mark.parametrize("gone", [{"left_on": date(2026, 6, 15)}, {"is_active": False}])
def test_somebody_who_has_left_is_neither_made_anew_nor_given_anything(tmp_path, gone):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()])
    User.objects.filter(email="ann@example.org").update(**gone)

    bring(tmp_path, episodes=[episode()], involvements=[involvement(worker_email="ANN@example.org")])

    assert User.objects.filter(email__iexact="ann@example.org").count() == 1
    assert holder_of("E1") == ("North", None)


def test_somebody_who_leaves_tomorrow_is_still_given_work(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()])
    User.objects.update(left_on=date(2026, 6, 16))

    bring(tmp_path, episodes=[episode()])

    assert holder_of("E1") == ("North", "ann@example.org")


def test_a_closed_team_is_given_nothing_and_a_workers_other_team_is(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement(worker_email=""), involvement("assessment")])
    Team.objects.filter(name="North").update(closed_on=date(2026, 6, 1))
    south = Team.objects.create(name="South")
    Membership.objects.create(user=User.objects.get(), team=south)

    bring(tmp_path, episodes=[episode()])

    assert holder_of("E1") == ("South", "ann@example.org")


def test_when_the_default_team_has_closed_the_referral_is_a_question_and_not_forgotten(tmp_path):
    publish("croydon")
    Team.objects.create(name="Missing Team", closed_on=date(2026, 6, 1))

    bring(tmp_path, children=[child()], episodes=[episode()])

    assert holder_of("E1") == ("Missing Team", None)
    assert referral_of("E1").question == "Missing Team has closed. Who holds the interview?"


@pytest.mark.clause("CRO-31")
@pytest.mark.parametrize(
    ("contract", "held_by", "question"),
    [
        ({}, "Safe Talk", ""),
        ({"opened_on": date(2026, 6, 15)}, "Safe Talk", ""),
        ({"opened_on": date(2026, 6, 16)}, "Missing Team", "No approved provider is on file. Who holds the interview?"),
        ({"closed_on": date(2026, 6, 16)}, "Safe Talk", ""),
        ({"closed_on": date(2026, 6, 15)}, "Missing Team", "No approved provider is on file. Who holds the interview?"),
    ],
)
def test_a_provider_is_given_a_referral_only_while_its_contract_runs(tmp_path, contract, held_by, question):
    publish("croydon")
    Team.objects.create(name="Safe Talk", kind=Team.Kind.PROVIDER, **contract)
    far = involvement("looked_after", placement_area="out_of_area")

    bring(tmp_path, children=[child()], involvements=[far], episodes=[episode()])

    assert referral_of("E1").destination == "provider"
    assert holder_of("E1") == (held_by, None)
    assert referral_of("E1").question == question


# Another authority's child


@pytest.mark.clause("CRO-12")
def test_another_authoritys_child_is_theirs_and_somebody_is_to_tell_them(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])

    assert referral_of("E1").destination == "authority"
    assert holder_of("E1") == (None, None)
    task = Task.objects.get()
    assert (task.referral, task.kind, task.done_at) == (referral_of("E1"), "tell_authority", None)
    assert task.about == "Tell Kent that the child is back and the interview theirs to hold."
    assert task.clause == "Croydon, important note"
    assert task.owner_team.name == "Missing Team"
    assert task.opened_at == london("2026-05-12 09:00")


@pytest.mark.clause("CRO-12")
def test_another_authority_is_to_be_told_of_every_return_also_of_one_that_joins(tmp_path):
    publish("croydon")
    bring(
        tmp_path,
        children=[child(responsible_authority="E10000016")],
        episodes=[
            episode(),
            episode(
                "E2", last_seen_at="2026-05-13T20:00", returned_at="2026-05-14T07:00", notified_at="2026-05-14T10:00"
            ),
        ],
    )

    assert referral_of("E2") == referral_of("E1")
    assert list(Task.objects.order_by("pk").values_list("episode__episode_id", "opened_at", "owner_team__name")) == [
        ("E1", london("2026-05-12 09:00"), "Missing Team"),
        ("E2", london("2026-05-14 10:00"), "Missing Team"),
    ]


def test_a_child_of_our_own_brings_no_such_task(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E09000008")], episodes=[episode()])

    assert referral_of("E1").destination == "tray"
    assert not Task.objects.exists()


@pytest.mark.clause("CRO-12")
@pytest.mark.parametrize(
    "result",
    [
        {"outcome": "not_required", "reason": "other_authority"},
        {"outcome": "completed", "held_at": "2026-05-13T10:00"},
    ],
)
def test_what_the_other_authority_did_closes_the_referral(tmp_path, result):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])

    bring(tmp_path, interviews=[interview(**result)])

    assert referral_of("E1").destination == "authority"
    assert referral_of("E1").closed_at is not None


def test_another_authoritys_worker_is_kept_as_text_and_given_nothing(tmp_path):
    publish("wokingham")
    bring(
        tmp_path,
        children=[child(responsible_authority="E10000016")],
        involvements=[involvement("looked_after", worker_email="kim@medway.example.org")],
        episodes=[episode()],
    )

    assert Involvement.objects.get().worker_elsewhere == "kim@medway.example.org"
    assert not User.objects.exists()
    assert holder_of("E1") == ("Prevention and Youth Justice Service", None)


# Joining

FIRST = {"last_seen_at": "2026-05-11T20:00", "returned_at": "2026-05-12T07:00"}
SECOND = {"last_seen_at": "2026-05-14T20:00", "returned_at": "2026-05-15T07:00", "notified_at": "2026-05-15T09:00"}


def one_after_the_other(folder, *, record: dict | None = None) -> None:
    """One return, what an interview record then says of it, and another return, each in a run of its own."""
    bring(folder, children=[child()], episodes=[episode("E1", **FIRST)], now=london("2026-05-12 10:00"))
    if record:
        bring(folder, interviews=[interview(**record)])
    bring(folder, episodes=[episode("E2", **SECOND)])


@pytest.mark.parametrize(
    "record",
    [
        None,
        {"team": "North", "worker_email": "ann@example.org"},
        {"offered_at": "2026-05-13T10:00", "offered_to": "child"},
        {"held_at": "2026-05-15T07:00:01"},  # after the second return
    ],
)
def test_a_return_joins_the_referral_that_is_open_and_not_yet_held(tmp_path, record):
    publish("somerset")
    one_after_the_other(tmp_path, record=record)

    assert referral_of("E2") == referral_of("E1")
    assert decision_on("E2")["destination"] == "joined"
    assert decision_on("E2")["because"] == (
        "The child's referral for episode E1 is open and its interview not yet held, so this episode joins it."
    )
    assert (decision_on("E2")["team"], decision_on("E2")["worker"]) == holder_of("E1")


@pytest.mark.parametrize(
    "record",
    [
        {"held_at": "2026-05-13T10:00"},
        {"held_at": "2026-05-15T07:00"},  # at the very moment of the second return
        {"held_at": "2026-05-13T10:00", "outcome": "completed"},
        {"outcome": "declined", "reason": "distrust", "response": "declined_by_child", "offered_to": "child"},
    ],
)
def test_a_return_after_the_interview_or_the_outcome_has_its_own_referral(tmp_path, record):
    publish("somerset")
    one_after_the_other(tmp_path, record=record)

    assert referral_of("E2") != referral_of("E1")
    assert decision_on("E2")["destination"] == "tray"


def test_returns_of_one_run_join_in_the_order_in_which_the_child_came_back(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E2", **SECOND), episode("E1", **FIRST)])

    assert decision_on("E1")["destination"] == "tray"
    assert decision_on("E2")["destination"] == "joined"
    assert referral_of("E1") == referral_of("E2") == Referral.objects.get()


def test_a_return_before_the_one_that_opened_the_referral_has_its_own(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E2", **SECOND)])
    bring(tmp_path, episodes=[episode("E1", **FIRST)])

    assert referral_of("E1") != referral_of("E2")
    assert decision_on("E1")["destination"] == "tray"


def test_a_return_joins_the_newest_of_several_open_referrals(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E2", **SECOND)])
    bring(tmp_path, episodes=[episode("E1", **FIRST)])
    bring(tmp_path, episodes=[episode("E3", last_seen_at="2026-05-20T20:00", returned_at="2026-05-21T07:00")])

    assert referral_of("E3") == referral_of("E2")


def test_nobody_joins_another_childs_referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child("C1")], episodes=[episode("E1", "C1", **FIRST)])
    bring(tmp_path, children=[child("C2")], episodes=[episode("E2", "C2", **SECOND)])

    assert referral_of("E1") != referral_of("E2")


def test_without_joining_each_return_has_its_own_referral(tmp_path):
    publish("", text=source("somerset").replace("[routing]", "[routing]\njoining = false", 1))
    bring(tmp_path, children=[child()], episodes=[episode("E1", **FIRST), episode("E2", **SECOND)])

    assert referral_of("E1") != referral_of("E2")


def test_joining_changes_no_holder(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode("E1", **FIRST)])
    bring(
        tmp_path,
        involvements=[involvement(team="West", worker_email="ben@example.org")],
        episodes=[episode("E2", **SECOND)],
    )

    assert holder_of("E2") == ("North", "ann@example.org")
    assert Allocation.objects.count() == 1


# Who may see the child


def test_whoever_holds_the_referral_may_see_the_child_from_then_on(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode()])

    access = Access.objects.get(basis="allocation")
    assert (access.child.child_id, access.team.name, access.user.email) == ("C1", "North", "ann@example.org")
    assert (access.since, access.until) == (london("2026-05-12 09:00"), None)


def test_a_referral_that_is_anothers_gives_nobody_here_access(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])

    assert not Access.objects.exists()


# What comes late


def findings_of_routing() -> list[tuple[str, str, datetime | None]]:
    rows = Finding.objects.filter(kind="routed_otherwise").order_by("pk")
    return [(finding.record, finding.detail, finding.settled_at) for finding in rows]


def test_a_late_involvement_changes_no_decision_but_is_a_finding(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    before = decision_on("E1")

    result = bring(tmp_path, involvements=[involvement()])

    assert result.findings["routed_otherwise"] == 1
    assert decision_on("E1") == before
    assert holder_of("E1") == ("Prevention and Youth Justice Service", None)
    decided_now = (
        "The child is open to children's social care, so the allocated social worker holds the interview."
        " Open to child in need."
    )
    assert findings_of_routing() == [
        (
            "episodes.csv E1",
            "Would go to ann@example.org. " + decided_now,
            None,
        )
    ]


def test_the_finding_is_settled_when_the_records_fit_again(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    bring(tmp_path, involvements=[involvement()])

    bring(tmp_path, involvements=[involvement(end="2026-05-11")], now=london("2026-06-16 12:00"))

    assert [settled for *_, settled in findings_of_routing()] == [london("2026-06-16 12:00")]


@pytest.mark.parametrize(
    "after",
    [
        {"involvements": [involvement(start="2026-05-13")]},  # began after the return
        {"involvements": [involvement("family_service")]},  # decides nothing here
    ],
)
def test_a_late_record_that_would_change_nothing_is_no_finding(tmp_path, after):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    bring(tmp_path, **after)

    assert findings_of_routing() == []


def test_a_person_who_has_decided_otherwise_is_not_put_in_doubt(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    leader = User.objects.create_user("lea@example.org", "Lea")
    Allocation.objects.update(until=NOW)
    Allocation.objects.create(
        child=Child.objects.get(), referral=referral_of("E1"), worker=leader, since=NOW, by=leader, because="Knows her."
    )

    bring(tmp_path, involvements=[involvement()])

    assert findings_of_routing() == []


def test_a_closed_referral_is_not_put_in_doubt(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    bring(tmp_path, interviews=[interview(outcome="no_contact", reason="no_answer")])
    bring(tmp_path, involvements=[involvement()])

    assert findings_of_routing() == []


# How much it costs


@pytest.mark.parametrize("children", [1, 15])
def test_routing_costs_the_same_number_of_queries_however_many_have_come_back(
    tmp_path, django_assert_num_queries, children
):
    publish("wokingham")
    numbers = range(children)
    bring(
        tmp_path,
        children=[child(f"C{each}") for each in numbers],
        involvements=[
            involvement(child_id=f"C{each}", team=f"Team {each}", worker_email=f"w{each}@example.org")
            for each in numbers
        ],
    )
    Episode.objects.bulk_create(
        Episode(
            episode_id=f"E{each.pk} {hour}",
            child=each,
            kind="missing",
            last_seen_at=london("2026-05-11 20:00"),
            returned_at=london(f"2026-05-12 0{hour}:00"),
        )
        for each in Child.objects.all()
        for hour in (7, 8)
    )

    with django_assert_num_queries(31):
        routed = returns.route_returns(by=None, now=NOW)

    assert routed == 2 * children
    assert Referral.objects.count() == children
