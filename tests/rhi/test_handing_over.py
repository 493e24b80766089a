"""Handing a referral to another team, and deciding otherwise than the rules."""

from datetime import date

import pytest
from django.urls import reverse

from rhi.actions import assigning
from rhi.actions.assigning import Seen
from routing.models import Allocation, Destination, Referral
from staff import audit
from staff.models import AuditEvent, Team, User
from staff.permissions import Role
from tests.records import bring, child, episode, involvement, publish
from tests.rhi.holders import AFTER, TAUNTON, YEOVIL, errors, give, holding, member, post, the_words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(tmp_path):
    """One referral in Taunton's tray, which nobody holds yet."""
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def taunton(referral):
    return Team.objects.get(name=TAUNTON)


@pytest.fixture
def sam(taunton):
    return member(taunton, "Sam Okoro", Role.TEAM_LEADER)


@pytest.fixture
def robin(taunton):
    return member(taunton, "Robin Hale")


# Handing over


def test_handing_over_lays_it_into_the_other_teams_tray_with_nobody(client, referral, sam, robin, taunton):
    yeovil = Team.objects.create(name=YEOVIL)
    give(referral, robin, by=sam)
    client.force_login(sam)

    response = post(client, "hand_over", referral, team=yeovil.pk, reason="The child lives in Yeovil.")

    assert response.headers["Location"] == reverse("rhi:tray", args=[taunton.pk])
    now = holding(referral)
    assert (now.team, now.worker, now.by, now.because) == (yeovil, None, sam, "The child lives in Yeovil.")
    line = AuditEvent.objects.get(type=audit.Type.REFERRAL_HANDED_OVER)
    assert (line.detail["from_team"], line.detail["from_worker"], line.detail["team"]) == (
        taunton.pk,
        robin.pk,
        yeovil.pk,
    )


def test_who_may_see_the_child_follows_the_referral(referral, sam, robin, taunton):
    yeovil = Team.objects.create(name=YEOVIL)
    theirs = member(yeovil, "Ann Lee")
    seen = Seen(referral.pk, holding(referral).pk)

    assigning.hand_over(seen=seen, team=yeovil, reason="Lives there.", by=sam, now=AFTER)

    assert [Referral.objects.visible_to(who, AFTER).count() for who in (robin, theirs)] == [0, 1]


def test_handing_over_needs_a_reason(client, referral, sam):
    yeovil = Team.objects.create(name=YEOVIL)
    client.force_login(sam)

    response = post(client, "hand_over", referral, team=yeovil.pk, reason="  ")

    assert response.context["form"].errors == {"reason": ["Say why"]}
    assert holding(referral).team.name == TAUNTON


def test_a_closed_team_and_ones_own_are_not_offered(client, referral, sam):
    Team.objects.create(name="Closed", closed_on=date(2026, 6, 1))
    Team.objects.create(name="Not yet", opened_on=date(2999, 6, 1))
    Team.objects.create(name=YEOVIL)
    client.force_login(sam)

    page = client.get(reverse("rhi:hand_over", args=[referral.pk]))

    assert [team.name for team in page.context["teams"]] == [YEOVIL]


def test_a_team_that_closed_meanwhile_receives_nothing(referral, sam):
    closed = Team.objects.create(name="Closed", closed_on=date(2026, 6, 15))

    with pytest.raises(assigning.AssigningRefused, match=r"^Closed can be given nothing"):
        assigning.hand_over(
            seen=Seen(referral.pk, holding(referral).pk), team=closed, reason="Why not.", by=sam, now=AFTER
        )


@pytest.mark.parametrize(
    ("procedure", "dates", "offered"),
    [
        ("croydon", {"opened_on": date(2026, 1, 1)}, True),
        ("croydon", {"opened_on": date(2999, 1, 1)}, False),
        ("croydon", {"closed_on": date(2026, 6, 1)}, False),
        ("wokingham", {"opened_on": date(2026, 1, 1)}, False),
    ],
)
def test_a_provider_is_offered_while_its_contract_holds_where_interviews_may_be_bought(
    client, tmp_path, procedure, dates, offered
):
    publish(procedure)
    bring(tmp_path, children=[child()], episodes=[episode()])
    referral = Referral.objects.get()
    Team.objects.create(name="Harbour Interviews", kind=Team.Kind.PROVIDER, **dates)
    client.force_login(make_person(role=Role.COORDINATOR))

    page = client.get(reverse("rhi:hand_over", args=[referral.pk]))

    assert [team.name for team in page.context["teams"]] == (["Harbour Interviews"] if offered else [])


def test_handing_over_what_somebody_else_has_moved_is_refused(client, referral, sam, robin):
    yeovil = Team.objects.create(name=YEOVIL)
    shown = holding(referral).pk
    give(referral, robin, by=sam)
    client.force_login(sam)

    response = post(client, "hand_over", referral, holding=shown, team=yeovil.pk, reason="Lives there.")

    assert errors(response) == ["You gave this to Robin Hale on Mon 15 Jun, 14:02."]
    assert response.context["form"]["reason"].value() == "Lives there."


# Deciding otherwise


@pytest.fixture
def wokingham(tmp_path):
    """A referral that Wokingham's rules gave to the allocated social worker."""
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()], involvements=[involvement()])
    Team.objects.create(name="Prevention and Youth Justice Service")
    return Referral.objects.get()


@pytest.mark.clause("WOK-03")
def test_pyjs_is_better_placed(client, wokingham):
    priya = make_person(role=Role.COORDINATOR)
    client.force_login(priya)

    refused = post(client, "override", wokingham, to="better_placed")
    response = post(client, "override", wokingham, to="better_placed", reason="He trusts his youth worker.")

    assert refused.context["form"].errors == {"reason": ["Say why"]}
    assert response.status_code == 302
    first, now = Allocation.objects.order_by("pk")
    assert (first.rule, first.by, first.worker.email) == ("open_to_social_care", None, "ann@example.org")
    assert (now.team.name, now.worker, now.rule, now.by, now.because) == (
        "Prevention and Youth Justice Service",
        None,
        "",
        priya,
        "He trusts his youth worker.",
    )
    counted = AuditEvent.objects.get(type=audit.Type.DECISION_OVERRIDDEN)
    assert (counted.detail["rule"], counted.detail["destination"]) == ("open_to_social_care", "worker")


def test_the_page_says_what_the_rules_decided_and_who_could_hold_it_instead(client, wokingham):
    client.force_login(make_person(role=Role.COORDINATOR))

    page = client.get(reverse("rhi:override", args=[wokingham.pk]))

    assert "the allocated social worker holds the interview. Open to child in need." in the_words(page)
    assert list(page.context["form"].labels.values()) == [
        "Prevention and Youth Justice Service is better placed",
        "Another team",
    ]


def test_an_override_can_choose_the_childs_worker(client, tmp_path, referral, sam):
    bring(tmp_path / "more", involvements=[involvement()])
    ann = User.objects.get(email="ann@example.org")
    client.force_login(sam)

    post(client, "override", referral, to=f"worker-{ann.pk}", reason="They have known each other for years.")

    now = holding(referral)
    assert (now.worker, now.team.name) == (ann, "North")
    assert Referral.objects.get().destination == Destination.WORKER


def test_an_override_can_choose_another_team(client, referral, sam):
    yeovil = Team.objects.create(name=YEOVIL)
    client.force_login(sam)

    forgot = post(client, "override", referral, to="team", reason="They know him.")
    post(client, "override", referral, to="team", team=yeovil.pk, reason="They know him.")

    assert forgot.context["form"].errors == {"team": ["Choose a team"]}
    assert holding(referral).team == yeovil
    assert Referral.objects.get().destination == Destination.TRAY


def test_an_override_to_where_it_lies_is_refused(referral, sam, taunton):
    with pytest.raises(assigning.AssigningRefused, match=rf"^{TAUNTON} holds this already\.$"):
        assigning.override(
            seen=Seen(referral.pk, holding(referral).pk),
            place=assigning.Place(taunton),
            reason="Why not.",
            by=sam,
            now=AFTER,
        )


def test_another_authoritys_referral_can_be_taken_over(client, tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000030")], episodes=[episode()])
    referral = Referral.objects.get()
    assert (referral.destination, holding(referral).team) == (Destination.AUTHORITY, None)
    client.force_login(make_person(role=Role.COORDINATOR))
    ours = Team.objects.get(name="Missing Team")

    empty = client.get(reverse("rhi:assign", args=[referral.pk]))
    response = post(client, "override", referral, to="team", team=ours.pk, reason="Agreed with Surrey.")

    assert "No team of ours holds it" in the_words(empty)
    assert response.headers["Location"] == reverse("rhi:referral", args=[referral.pk])
    assert holding(referral).team == ours
    assert Referral.objects.get().destination == Destination.TRAY


def test_whose_referral_it_was_is_told_where_another_authority_or_nobody_holds_it(client, tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000030")], episodes=[episode()])
    referral = Referral.objects.get()
    client.force_login(make_person(role=Role.COORDINATOR))
    ours = Team.objects.get(name="Missing Team")
    typed = {"to": "team", "team": ours.pk, "reason": "Agreed."}

    theirs = post(client, "override", referral, holding="", **typed)
    Allocation.objects.update(until=AFTER)
    nobodys = client.post(reverse("rhi:override", args=[referral.pk]), {"holding": "1", **typed})

    assert errors(theirs) == ["The procedure left this to another authority on Tue 12 May, 09:00."]
    assert errors(nobodys) == ["Nobody holds this any more."]
