"""A day and place for the interview: booked, moved, cancelled."""

from datetime import timedelta

import pytest

from rhi.actions import contact
from rhi.models import Appointment, Interview
from routing.models import Referral
from tests.records import NOW, bring, child, episode, london
from tests.rhi.contact.sent import accepted, offered, page, the_words, trail, typed
from tests.staff.people import now

pytestmark = pytest.mark.django_db

SOON = timedelta(days=3)


def appointment(**cells):
    return {"at": typed(now() + SOON), "method": "face_to_face", "place": "Family centre", **cells}


def booked(referral, worker, at=None):
    when = at or (now() + SOON).replace(second=0, microsecond=0)
    return contact.book(referral, at=when, place="Family centre", method="face_to_face", by=worker, now=now())


def test_an_appointment_is_booked(signed_in, referral, worker):
    accepted(referral, worker)

    answer = signed_in.post(page("book", referral), appointment())

    assert answer.headers["Location"] == page("referral", referral)
    made = Appointment.objects.get()
    assert (typed(made.at), made.place, made.method, made.recorded_by) == (
        typed(now() + SOON),
        "Family centre",
        "face_to_face",
        worker,
    )
    ((children, detail),) = trail("appointment_booked")
    assert children == ["C1"]
    assert detail == {"referral": referral.pk, "at": made.at.isoformat(), "method": "face_to_face"}


def test_without_an_acceptance_booking_suggests_to_record_it(signed_in, referral, worker):
    where = page("book", referral)
    assert page("record_offer", referral) in signed_in.get(where).content.decode()

    made = offered(referral, worker)
    assert page("record_response", referral, made.pk) + "?response=accepted" in signed_in.get(where).content.decode()

    contact.record_response(
        referral, made, response="accepted", responded_at=london("2026-05-13 11:00"), by=worker, now=NOW
    )
    assert "Nobody has accepted yet" not in the_words(signed_in.get(where))


@pytest.mark.parametrize(
    ("cells", "field", "why"),
    [
        ({"at": "2026-05-13T10:00"}, "at", "This lies in the past. Enter a time to come"),
        ({"place": ""}, "place", "Say where to meet."),
        ({"method": ""}, "method", "Choose how it will be held"),
    ],
)
def test_an_appointment_that_cannot_be_kept_is_refused(signed_in, referral, cells, field, why):
    answer = signed_in.post(page("book", referral), appointment(**cells))

    assert answer.context["form"].errors == {field: [why]}
    assert not Appointment.objects.exists()


def test_a_call_needs_no_place(signed_in, referral):
    assert signed_in.post(page("book", referral), appointment(method="telephone", place="")).status_code == 302


def test_only_one_appointment_is_booked_at_a_time(signed_in, referral, worker):
    first = booked(referral, worker)
    same = appointment(at=typed(first.at))
    assert signed_in.post(page("book", referral), same).status_code == 302
    assert Appointment.objects.count() == 1

    answer = signed_in.post(page("book", referral), appointment(place="School"))

    (why,) = answer.context["form"].non_field_errors()
    assert why.startswith("You have already booked an appointment for ")


def test_no_appointment_once_the_interview_was_held(signed_in, referral, worker):
    accepted(referral, worker)
    Interview.objects.update(held_at=NOW)

    answer = signed_in.post(page("book", referral), appointment())

    assert answer.context["form"].non_field_errors() == ["The interview has been held already."]


def test_an_appointment_is_moved_with_the_reason(signed_in, referral, worker):
    earlier = booked(referral, worker)
    where = page("move", referral, earlier.pk)
    assert signed_in.get(where).context["form"].initial["place"] == "Family centre"

    answer = signed_in.post(where, appointment(place="School", because="The family asked"))

    assert answer.status_code == 302
    earlier.refresh_from_db()
    later = Appointment.objects.get(ended_at=None)
    assert (earlier.moved_to, earlier.ended_because, earlier.ended_by) == (later, "The family asked", worker)
    assert later.place == "School"
    ((_, detail),) = trail("appointment_moved")
    assert detail["moved_from"] == earlier.pk


def test_an_appointment_is_cancelled_with_the_reason(signed_in, referral, worker):
    made = booked(referral, worker)
    where = page("cancel", referral, made.pk)
    assert signed_in.post(where, {"because": " "}).context["form"].errors == {"because": ["Say why"]}

    signed_in.post(where, {"because": "Ill"})

    made.refresh_from_db()
    assert (made.ended_because, made.ended_by, made.moved_to) == ("Ill", worker, None)
    assert len(trail("appointment_cancelled")) == 1


def test_the_appointment_of_a_closed_referral_can_still_be_cancelled(signed_in, referral, worker):
    made = booked(referral, worker)
    Referral.objects.update(closed_at=now())
    where = page("cancel", referral, made.pk)
    shown = signed_in.get(page("referral", referral)).content.decode()
    assert where in shown
    assert page("move", referral, made.pk) not in shown

    assert signed_in.post(where, {"because": "No longer needed"}).status_code == 302

    made.refresh_from_db()
    assert (made.ended_because, made.ended_by) == ("No longer needed", worker)


def test_what_has_been_cancelled_is_neither_moved_nor_cancelled_again(signed_in, referral, worker):
    made = booked(referral, worker)
    contact.cancel(referral, made, because="Ill", by=worker, now=now())

    answer = signed_in.post(page("move", referral, made.pk), appointment(because="Again"))

    (why,) = answer.context["form"].non_field_errors()
    assert why.startswith("This appointment was cancelled by Robin Hale, ")


def test_an_appointment_of_another_referral_is_not_found(signed_in, referral, worker, tmp_path):
    bring(tmp_path / "more", children=[child("C2")], episodes=[episode("E2", "C2")])
    made = booked(Referral.objects.select_related("child", "version").get(child__child_id="C2"), worker)

    assert signed_in.get(page("cancel", referral, made.pk)).status_code == 404


def test_an_appointment_that_cannot_be_kept_is_not_moved_to_either(signed_in, referral, worker):
    earlier = booked(referral, worker)

    answer = signed_in.post(page("move", referral, earlier.pk), appointment(place="", because="They asked."))

    assert answer.context["form"].errors == {"place": ["Say where to meet."]}
    assert Appointment.objects.get().ended_at is None


def test_the_same_place_and_time_in_another_way_is_another_appointment(signed_in, referral, worker):
    first = booked(referral, worker)

    answer = signed_in.post(page("book", referral), appointment(at=typed(first.at), method="video"))

    (why,) = answer.context["form"].non_field_errors()
    assert why.startswith("You have already booked an appointment for ")
