"""Every return becomes a referral, or joins the one that is open, when records come in."""

from datetime import date

import pytest
from django.contrib.auth import authenticate

from episodes.models import Episode
from procedures.actions import source
from rhi.actions import returns
from routing.models import Allocation, Referral, ReferralEpisode
from staff.models import AuditEvent, Membership, Team, User
from tests.records import NOW, bring, child, episode, involvement, london, publish
from tests.rhi.routed import decision_on, holder_of, referral_of

pytestmark = pytest.mark.django_db


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


def test_an_episode_without_authorisation_is_left_alone_unless_the_procedure_routes_it(tmp_path):
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
