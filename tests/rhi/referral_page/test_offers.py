"""Offers, responses and the appointment on the page of a referral."""

import re

import pytest
from django.urls import reverse

from rhi.models import Appointment
from tests.records import NOW, london
from tests.rhi.referral_page.reading import interview_of, links, member, offered, open_page, the_words

pytestmark = pytest.mark.django_db


def test_a_response_is_one_link_away(client, referral):
    member(client)
    offer = offered(referral)

    page = open_page(client, referral).content.decode()

    answer = reverse("rhi:record_response", args=[referral.pk, offer.pk])
    assert re.findall(rf'href="{answer}(\?[^"]*)"', page) == [
        "?response=accepted",
        "?response=declined_by_child",
        "?response=no_response",
    ]


def test_a_parents_refusal_is_the_parents(client, referral):
    member(client)
    offered(referral, to="parent")

    assert "?response=declined_by_parent" in open_page(client, referral).content.decode()


def test_what_is_booked_can_be_moved_and_cancelled(client, referral):
    member(client)
    booked = Appointment.objects.create(
        child=referral.child,
        interview=interview_of(referral),
        at=london("2026-06-16 15:00"),
        place="School",
        method="face_to_face",
        recorded_at=NOW,
    )

    page = open_page(client, referral)

    assert (
        "Appointment Tue 16 Jun, 15:00 Face to face, School Move the appointment Cancel the appointment"
        in the_words(page)
    )
    assert reverse("rhi:move", args=[referral.pk, booked.pk]) in page.content.decode()
    assert "Book the interview" not in links(page)
