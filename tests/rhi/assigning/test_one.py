"""Giving one referral to a worker, or back to its tray."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils.html import escape

from episodes.models import Child
from rhi.actions import assigning
from routing.models import Deadline, Referral
from staff import audit
from staff.models import AuditEvent, User
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, involvement
from tests.rhi.holders import AFTER, errors, give, holding, member, post

pytestmark = pytest.mark.django_db


def test_a_leader_gives_a_referral_to_a_worker(client, referral, sam, robin, taunton):
    first = holding(referral)
    client.force_login(sam)

    response = post(client, "assign", referral, holder=robin.pk)

    assert response.headers["Location"] == reverse("rhi:tray", args=[taunton.pk])
    now = holding(referral)
    assert (now.team, now.worker, now.by, now.rule) == (taunton, robin, sam, "")
    first.refresh_from_db()
    assert (first.until, first.rule, first.by) == (now.since, "default", None)


def test_the_assign_clock_stops_when_a_worker_holds_the_referral(referral, sam, robin):
    give(referral, robin, by=sam)

    clock = Deadline.objects.get(referral=referral, name="assign")
    assert clock.met_at == AFTER


def test_assigning_is_put_on_the_trail(referral, sam, robin, taunton):
    give(referral, robin, by=sam)

    line = AuditEvent.objects.get(type=audit.Type.REFERRAL_ASSIGNED)
    assert (line.at, line.by_id, line.subject, line.children) == (
        AFTER,
        sam.pk,
        f"routing.Referral:{referral.pk}",
        ["C1"],
    )
    assert line.detail == {
        "from_team": taunton.pk,
        "from_worker": None,
        "team": taunton.pk,
        "worker": robin.pk,
    }


def test_without_its_line_in_the_trail_nothing_is_assigned(referral, sam, robin, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    before = holding(referral)
    monkeypatch.setattr(audit, "record", fail)

    with pytest.raises(RuntimeError):
        give(referral, robin, by=sam)

    assert holding(referral) == before


def test_the_first_assignment_needs_no_reason(referral, sam, robin):
    give(referral, robin, by=sam, reason="")

    assert holding(referral).because == "Given from the tray."


@pytest.mark.parametrize("to", ["ann", "the tray"])
def test_taking_a_referral_from_a_worker_needs_a_reason(client, referral, sam, robin, taunton, to):
    ann = member(taunton, "Ann Lee")
    give(referral, robin, by=sam)
    client.force_login(sam)

    response = post(client, "assign", referral, holder=ann.pk if to == "ann" else "tray", reason=" ")

    assert response.context["form"].errors == {"reason": ["Say why"]}
    assert holding(referral).worker == robin


def test_a_reason_stays_with_the_allocation(client, referral, sam, robin, taunton):
    give(referral, robin, by=sam)
    client.force_login(sam)

    post(client, "assign", referral, holder="tray", reason="Robin is ill.")

    now = holding(referral)
    assert (now.team, now.worker, now.because) == (taunton, None, "Robin is ill.")


def test_whoever_holds_it_is_not_offered_again(client, referral, sam, robin):
    give(referral, robin, by=sam)
    client.force_login(sam)

    page = client.get(reverse("rhi:assign", args=[referral.pk]))

    assert [each.person for each in page.context["people"]] == [sam]


def test_giving_it_to_whom_holds_it_already_is_refused(referral, sam, robin):
    give(referral, robin, by=sam)

    with pytest.raises(assigning.AssigningRefused, match=r"^Robin Hale holds this already\.$"):
        give(referral, robin, by=sam)


def test_laying_into_the_tray_what_lies_there_is_refused(referral, sam):
    with pytest.raises(assigning.AssigningRefused, match=r"^This lies in the tray already\.$"):
        give(referral, None, by=sam)


@pytest.mark.parametrize("gone", [{"is_active": False}, {"left_on": date(2026, 6, 1)}])
def test_somebody_who_has_left_is_neither_offered_nor_given_anything(client, referral, sam, robin, gone):
    User.objects.filter(pk=robin.pk).update(**gone)
    robin.refresh_from_db()
    client.force_login(sam)

    page = client.get(reverse("rhi:assign", args=[referral.pk]))

    assert [each.person for each in page.context["people"]] == [sam]
    with pytest.raises(assigning.AssigningRefused, match=r"^Robin Hale has left and can be given nothing\."):
        give(referral, robin, by=sam)


def test_people_of_the_team_who_do_no_case_work_are_not_offered(client, referral, sam, taunton):
    member(taunton, "Morgan Ellis", Role.MANAGER)
    client.force_login(sam)

    page = client.get(reverse("rhi:assign", args=[referral.pk]))

    assert [each.person for each in page.context["people"]] == [sam]


def test_a_closed_referral_is_given_to_nobody(client, referral, sam, robin):
    Referral.objects.update(closed_at=NOW)
    client.force_login(sam)

    response = post(client, "assign", referral, holder=robin.pk)

    assert errors(response) == [f"R{referral.pk} has been closed, so nobody can be given it any more."]
    assert holding(referral).worker is None


@pytest.mark.parametrize("page", ["assign", "hand_over", "override"])
def test_of_a_closed_referral_there_is_nothing_to_decide(client, referral, sam, page):
    Referral.objects.update(closed_at=NOW)
    client.force_login(sam)

    answer = client.get(reverse(f"rhi:{page}", args=[referral.pk]))

    assert answer.headers["Location"] == reverse("rhi:referral", args=[referral.pk])


def test_a_name_is_shown_as_text(client, referral, sam, taunton):
    member(taunton, "Ann <b>Lee</b> & Co")
    client.force_login(sam)

    page = client.get(reverse("rhi:assign", args=[referral.pk])).content.decode()

    assert page.count(escape("Ann <b>Lee</b> & Co")) == 1
    assert "<b>Lee" not in page


def test_the_page_says_how_much_everybody_holds(client, tmp_path, referral, sam, robin):
    bring(
        tmp_path / "more",
        children=[child("C2"), child("C3"), child("C4", area="Yeovil")],
        episodes=[episode("E2", "C2"), episode("E3", "C3"), episode("E4", "C4")],
    )
    two, three = Referral.objects.filter(child__child_id__in=["C2", "C3"])
    give(two, robin, by=sam)
    give(three, robin, by=sam)
    Deadline.objects.filter(referral=three, settled="").update(due_at=datetime(2999, 1, 1, tzinfo=UTC))
    client.force_login(sam)

    page = client.get(reverse("rhi:assign", args=[referral.pk]))

    assert {each.person.name: each.hint for each in page.context["people"]} == {
        "Robin Hale": "Dedicated worker. Holds 2 referrals, 1 late.",
        "Sam Okoro": "Dedicated worker. Holds none.",
    }


def test_a_restricted_child_is_in_no_workload(client, tmp_path, referral, sam, robin):
    bring(tmp_path / "more", children=[child("C2")], episodes=[episode("E2", "C2")])
    give(Referral.objects.get(child__child_id="C2"), robin, by=sam)
    Child.objects.filter(child_id="C2").update(restricted=True)
    client.force_login(sam)

    page = client.get(reverse("rhi:assign", args=[referral.pk]))

    assert {each.person.name: each.held for each in page.context["people"]} == {"Robin Hale": 0, "Sam Okoro": 0}


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_many_can_be_chosen(
    client, tmp_path, referral, sam, taunton, django_assert_num_queries, number
):
    for each in range(number):
        member(taunton, f"Ann {each}")
    services = ["looked_after", "child_in_need", "family_service"][:number]
    bring(
        tmp_path / "open",
        involvements=[involvement(service, worker_email=f"{service}@example.org") for service in services],
    )
    client.force_login(sam)
    address = reverse("rhi:assign", args=[referral.pk])
    client.get(address)

    # session, person; referral, allocation; involvements, their workers' teams, members, workload; clock; trail (3)
    with django_assert_num_queries(12):
        page = client.get(address)

    assert len(page.context["people"]) == 2 * number + 1


def test_what_the_page_shows_is_put_on_the_trail(client, referral, sam):
    client.force_login(sam)

    client.get(reverse("rhi:assign", args=[referral.pk]))

    line = AuditEvent.objects.get(type=audit.Type.REFERRAL_READ)
    assert (line.by_id, line.subject, line.children) == (sam.pk, f"routing.Referral:{referral.pk}", ["C1"])
