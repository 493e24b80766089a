"""What has happened is told newest first, and what may be taken back."""

import re

import pytest
from django.db import transaction
from django.urls import reverse

from episodes.models import Episode
from rhi.models import Appointment, Interview, Outcome, TakenBack
from staff import audit
from tests.records import NOW, london
from tests.rhi.referral_page.reading import TAUNTON, interview_of, log, member, offered, open_page, the_words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


def happened(page) -> list[str]:
    return [event.title for event in page.context["events"]]


@pytest.mark.clause("CARD-10")
def test_five_attempts_show_in_order_with_time_method_person_result_and_hours(client, priya, referral):
    robin = make_person()
    log(referral, "2026-06-08 10:00", recorded_by=robin)
    log(referral, "2026-06-08 18:30", contacted="parent", result="left_message")
    log(referral, "2026-06-09 16:59", method="text", result="left_message")
    log(referral, "2026-06-10 17:00", method="home_visit", result="not_at_address", note="Curtains drawn.")
    log(referral, "2026-06-13 11:00", contacted="foster_carer", result="spoke_to_carer")

    page = open_page(client, referral)

    attempts = [event for event in page.context["events"] if event.title.startswith("Attempt")]
    assert [(event.at, event.title, event.facts) for event in attempts] == [
        (
            london("2026-06-13 11:00"),
            "Attempt: Spoke to a parent or carer",
            ("Phone call", "Foster carer", "Outside core hours"),
        ),
        (london("2026-06-10 17:00"), "Attempt: Not at the address", ("Home visit", "Child", "Outside core hours")),
        (london("2026-06-09 16:59"), "Attempt: Left a message", ("Text", "Child", "In core hours")),
        (london("2026-06-08 18:30"), "Attempt: Left a message", ("Phone call", "Parent", "Outside core hours")),
        (london("2026-06-08 10:00"), "Attempt: No answer", ("Phone call", "Child", "In core hours")),
    ]
    words = the_words(page)
    assert "Attempt: Not at the address Wed 10 Jun, 17:00 Home visit Child Outside core hours Curtains drawn." in words
    assert "Attempt: No answer by Robin Hale Mon 8 Jun, 10:00 Phone call Child In core hours" in words


def test_the_course_of_a_case_is_told_newest_first(client, priya, referral):
    robin = make_person()
    offered(
        referral,
        response="accepted",
        responded_at=london("2026-06-12 10:05"),
        recorded_by=robin,
        response_by=robin,
    )
    earlier = Appointment.objects.create(
        child=referral.child,
        interview=interview_of(referral),
        at=london("2026-06-13 15:00"),
        method="face_to_face",
        place="School",
        recorded_at=london("2026-06-12 10:10"),
        ended_at=london("2026-06-12 16:00"),
        ended_because="The child has an exam.",
        ended_by=robin,
    )
    Appointment.objects.filter(pk=earlier.pk).update(
        moved_to=Appointment.objects.create(
            child=referral.child,
            interview=interview_of(referral),
            at=london("2026-06-14 10:00"),
            method="face_to_face",
            recorded_at=london("2026-06-12 16:00"),
        )
    )
    Interview.objects.update(
        held_at=london("2026-06-14 10:00"),
        method="face_to_face",
        written_up_at=london("2026-06-14 12:00"),
        written_up_by=robin,
        signed_off_at=london("2026-06-14 14:00"),
        signed_off_by=priya,
        sign_off_comment="Clear and kind.",
    )
    Outcome.objects.create(
        child=referral.child, episode=Episode.objects.get(), code="completed", at=london("2026-06-14 10:30")
    )

    page = open_page(client, referral)

    assert happened(page) == [
        "Signed off",
        "Written up",
        "Outcome: Completed",
        "Interview held",
        "Appointment booked for Sun 14 Jun, 10:00",
        "Appointment of Sat 13 Jun, 15:00 moved to Sun 14 Jun, 10:00",
        "Appointment booked for Sat 13 Jun, 15:00",
        "Response: Accepted",
        "Offered to the child",
        f"In the tray of {TAUNTON}",
        "Service told of the return",
        "Child back",
        "Last seen",
    ]
    words = the_words(page)
    assert "Signed off by Priya Dean Sun 14 Jun, 14:00 Clear and kind." in words
    assert "moved to Sun 14 Jun, 10:00 by Robin Hale Fri 12 Jun, 16:00 The child has an exam." in words
    assert f"In the tray of {TAUNTON} Tue 12 May, 09:00 By the rule “Otherwise”" in words


def test_an_offer_without_its_time_stands_last_and_says_so(client, priya, referral):
    offered(referral, offered_at=None)

    page = open_page(client, referral)

    assert happened(page)[-1] == "Offered to the child"
    assert "Offered to the child At a time that nobody recorded" in the_words(page)


def test_what_was_taken_back_shows_as_such(client, priya, referral):
    TakenBack.objects.create(
        child=referral.child,
        referral=referral,
        kind="attempt",
        record={},
        by=make_person(),
        at=NOW,
        because="Wrong child.",
    )

    words = the_words(open_page(client, referral))

    assert "Taken back: Attempt by Robin Hale Mon 15 Jun, 12:00 Logged by a slip; counted nowhere Wrong child." in words


def test_one_takes_back_ones_own_slip_and_nobody_elses(client, referral):
    robin = member(client)
    own = log(referral, "2026-06-08 10:00", recorded_by=robin)
    log(referral, "2026-06-08 11:00", recorded_by=make_person("sam.okoro@example.org"))

    page = open_page(client, referral).content.decode()

    assert re.findall(r'href="([^"]*take-back[^"]*)"', page) == [
        reverse("rhi:take_back", args=[referral.pk, "attempt", own.pk])
    ]


def test_after_sign_off_nothing_is_taken_back(client, referral):
    robin = member(client)
    log(referral, "2026-06-08 10:00", recorded_by=robin)
    Interview.objects.update(held_at=NOW, written_up_at=NOW, signed_off_at=NOW)

    assert "take-back" not in open_page(client, referral).content.decode()


def test_that_it_was_held_is_taken_back_by_whoever_recorded_it(client, referral):
    robin = member(client)
    held = interview_of(referral)
    Interview.objects.update(held_at=london("2026-06-14 10:00"))
    with transaction.atomic():
        audit.record(audit.Type.INTERVIEW_HELD, by=robin, at=NOW, subject=held, children=["C1"])

    page = open_page(client, referral)

    assert reverse("rhi:take_back", args=[referral.pk, "held", held.pk]) in page.content.decode()
    assert "Interview held by Robin Hale Sun 14 Jun, 10:00" in the_words(page)
