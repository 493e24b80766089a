"""Who may open the page of a referral, that it is kept, and what it costs."""

from datetime import timedelta

import pytest
from django.urls import reverse

from episodes.models import Carer
from rhi.models import Appointment, TakenBack
from routing.models import Referral
from staff import audit
from staff.models import AuditEvent
from tests.records import NOW, bring, child, episode, involvement, publish
from tests.rhi.referral_page.reading import interview_of, log, member, offered, open_page
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


# Who may open it, and that it is kept


def test_opening_it_is_on_the_trail(client, priya, referral):
    open_page(client, referral)

    event = AuditEvent.objects.get(type=audit.Type.REFERRAL_READ)
    assert (event.by_email, event.subject, event.children) == (priya.email, f"routing.Referral:{referral.pk}", ["C1"])


def test_somebody_of_another_team_does_not_find_it(client, referral):
    client.force_login(make_person())

    assert open_page(client, referral).status_code == 404


def test_nothing_is_sent_to_it(client, priya, referral):
    assert client.post(reverse("rhi:referral", args=[referral.pk])).status_code == 405


# The cost


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_has_happened(client, tmp_path, django_assert_num_queries, rows):
    publish("somerset")
    nights = [
        episode(
            f"E{night}",
            last_seen_at=f"2026-05-{11 + 2 * night}T20:00",
            returned_at=f"2026-05-{12 + 2 * night}T07:00",
        )
        for night in range(rows)
    ]
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=nights)
    referral = Referral.objects.get()
    robin = member(client)
    offered(referral, recorded_by=robin)
    for number in range(rows):
        log(referral, f"2026-06-0{number + 1} 10:00", recorded_by=robin)
        Carer.objects.create(child=referral.child, name=f"Carer {number}", relationship="Aunt")
        Appointment.objects.create(
            child=referral.child,
            interview=interview_of(referral),
            at=NOW + timedelta(days=number),
            method="telephone",
            recorded_at=NOW,
            ended_at=NOW,
            ended_because="Ill.",
        )
        TakenBack.objects.create(
            child=referral.child, referral=referral, kind="attempt", record={}, by=robin, at=NOW, because="Wrong."
        )
    open_page(client, referral)

    # session, person, referral; how it stands; 24 kinds of rows; what she may do; the contact panel (6);
    # whom no letter may go to; the audit row (3)
    with django_assert_num_queries(40):
        page = open_page(client, referral)
    assert len(page.context["case"].covered) == rows
    assert len(page.context["case"].attempts) == rows
