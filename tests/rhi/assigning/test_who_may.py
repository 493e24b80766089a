"""Who may say who holds a referral, and whom they are offered."""

import pytest
from django.urls import reverse

from episodes.models import Access
from routing.models import Referral
from staff import audit
from staff.models import AuditEvent, User
from staff.permissions import Role
from tests.records import bring, child, episode, involvement
from tests.rhi.holders import holding, member, post
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.clause("SOM-4.2a")
def test_a_practitioner_reassigns_in_her_own_area_and_in_no_other(client, tmp_path, referral, robin, taunton):
    bring(tmp_path / "more", children=[child("C2", area="Yeovil")], episodes=[episode("E2", "C2")])
    elsewhere = Referral.objects.get(child__child_id="C2")
    practitioner = member(taunton, "Pat Moss", may_reassign=True)
    client.force_login(practitioner)

    assert post(client, "assign", referral, holder=robin.pk).status_code == 302
    assert holding(referral).worker == robin
    assert post(client, "assign", elsewhere, holder=robin.pk).status_code == 404
    assert holding(elsewhere).worker is None


@pytest.mark.clause("SOM-4.2a")
def test_the_worker_holding_the_case_is_offered_first_then_the_dedicated_ones(client, tmp_path, referral, sam):
    bring(
        tmp_path / "more",
        involvements=[
            involvement("looked_after", worker_email="social.worker@example.org"),
            involvement("family_service", worker_email="zoe@example.org"),
        ],
    )
    client.force_login(sam)

    page = client.get(reverse("rhi:assign", args=[referral.pk]))

    assert [(each.person.email, each.about) for each in page.context["people"]] == [
        ("zoe@example.org", "The worker holding the case (Family service). Not independent of the child’s care."),
        (
            "social.worker@example.org",
            "The worker holding the case (Looked after). Not independent of the child’s care.",
        ),
        ("sam.okoro@example.org", "Dedicated worker."),
    ]


def test_a_worker_of_another_team_holds_it_in_the_tray_where_it_lies(client, tmp_path, referral, sam, taunton):
    bring(tmp_path / "more", involvements=[involvement("family_service", worker_email="zoe@example.org")])
    zoe = User.objects.get(email="zoe@example.org")
    client.force_login(sam)

    post(client, "assign", referral, holder=zoe.pk)

    assert (holding(referral).team, holding(referral).worker) == (taunton, zoe)
    assert Access.objects.filter(user=zoe, team=taunton, basis="allocation", until__isnull=True).count() == 1


@pytest.mark.parametrize("page", ["assign", "hand_over", "override"])
def test_a_plain_caseworker_says_of_nothing_who_holds_it(client, referral, robin, page):
    client.force_login(robin)

    assert client.get(reverse(f"rhi:{page}", args=[referral.pk])).status_code == 404
    assert AuditEvent.objects.get(type=audit.Type.DENIED).subject == f"routing.Referral:{referral.pk}"


def test_a_plain_caseworker_moves_no_group(client, referral, robin, taunton):
    client.force_login(robin)

    answer = client.post(reverse("rhi:assign_many", args=[taunton.pk]), {"referrals": [referral.pk]})

    assert answer.status_code == 404


def test_a_coordinator_assigns_in_every_tray(client, referral, robin):
    priya = make_person("priya@example.org", "Priya Dean", Role.COORDINATOR)
    client.force_login(priya)

    assert post(client, "assign", referral, holder=robin.pk).status_code == 302
    assert holding(referral).by == priya
