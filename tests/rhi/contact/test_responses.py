"""What comes back to an offer."""

import pytest

from rhi.actions import contact
from rhi.actions.contact import ContactRefused
from rhi.models import Interview, Offer
from routing.models import Referral
from tests.records import NOW, bring, child, episode, london, publish
from tests.rhi.contact.sent import TRAY, accepted, clock, offered, page, response, the_words, trail
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


def test_a_response_is_recorded_and_starts_the_clock_of_the_interview(signed_in, referral, worker):
    made = offered(referral, worker)

    answer = signed_in.post(page("record_response", referral, made.pk), response())

    assert answer.headers["Location"] == page("referral", referral)
    made.refresh_from_db()
    assert (made.response, made.responded_at, made.response_by) == ("accepted", london("2026-05-13 11:00"), worker)
    assert clock(referral, "interview").starts_at == london("2026-05-13 11:00")


def test_an_acceptance_can_be_chosen_already(signed_in, referral, worker):
    made = offered(referral, worker)

    answer = signed_in.get(page("record_response", referral, made.pk) + "?response=accepted")

    assert answer.context["form"]["response"].value() == "accepted"


def test_a_refusal_says_why(signed_in, referral, worker):
    made = offered(referral, worker)
    where = page("record_response", referral, made.pk)

    answer = signed_in.post(where, response(response="declined_by_child"))
    assert answer.context["form"].errors == {
        "declined_because": ["Say why it was declined. “Gave no reason” is one of the answers."]
    }

    signed_in.post(where, response(response="declined_by_child", declined_because="distrust"))
    made.refresh_from_db()
    assert (made.response, made.declined_because) == ("declined_by_child", "distrust")


def test_a_reason_left_over_from_another_answer_is_not_kept(signed_in, referral, worker):
    made = offered(referral, worker)

    signed_in.post(page("record_response", referral, made.pk), response(declined_because="distrust"))

    made.refresh_from_db()
    assert (made.response, made.declined_because) == ("accepted", "")


@pytest.mark.parametrize(
    ("to", "wrong", "right"),
    [("child", "declined_by_parent", "declined_by_child"), ("parent", "declined_by_child", "declined_by_parent")],
)
def test_only_whoever_was_asked_can_decline(signed_in, referral, worker, to, wrong, right):
    made = offered(referral, worker, to=to)
    where = page("record_response", referral, made.pk)

    answer = signed_in.post(where, response(response=wrong, declined_because="distrust"))
    assert answer.context["form"].errors == {
        "response": [f"Select a valid choice. {wrong} is not one of the available choices."]
    }
    with pytest.raises(ContactRefused, match="who cannot have given this response"):
        contact.record_response(
            referral,
            made,
            response=wrong,
            declined_because="distrust",
            responded_at=london("2026-05-13 11:00"),
            by=worker,
            now=NOW,
        )

    assert signed_in.post(where, response(response=right, declined_because="distrust")).status_code == 302


def test_the_child_s_refusal_is_not_the_parent_s(referral, worker):
    made = offered(referral, worker)

    with pytest.raises(ContactRefused, match="the child’s own reason is needed"):
        contact.record_response(
            referral,
            made,
            response="declined_by_child",
            declined_because="by_parent",
            responded_at=london("2026-05-13 11:00"),
            by=worker,
            now=NOW,
        )


def test_of_an_offer_to_nobody_known_either_may_have_declined(signed_in, referral, worker):
    made = offered(referral, worker)
    Offer.objects.update(to="not_recorded")
    where = page("record_response", referral, made.pk)

    assert "Declined by a parent or carer" in the_words(signed_in.get(where))
    sent = response(response="declined_by_parent", declined_because="by_parent")
    assert signed_in.post(where, sent).status_code == 302


def test_a_newer_response_takes_the_place_of_the_first_and_the_trail_keeps_both(signed_in, referral, worker):
    made = offered(referral, worker)
    where = page("record_response", referral, made.pk)
    signed_in.post(where, response(response="declined_by_child", declined_because="distrust"))

    shown = signed_in.get(where).context["form"]["shown"].value()
    signed_in.post(where, response(responded_at="2026-05-15T11:00", shown=shown))

    made.refresh_from_db()
    assert (made.response, made.declined_because) == ("accepted", "")
    newest, first = (detail for _, detail in trail("response_recorded"))
    assert (first["response"], first["because"], first["was"]["response"]) == ("declined_by_child", "distrust", "")
    assert (newest["response"], newest["was"]["response"], newest["was"]["declined_because"]) == (
        "accepted",
        "declined_by_child",
        "distrust",
    )


def test_a_response_that_a_colleague_recorded_meanwhile_is_not_replaced_unawares(signed_in, referral, worker):
    made = offered(referral, worker)
    where = page("record_response", referral, made.pk)
    shown = signed_in.get(where).context["form"]["shown"].value()
    nia = make_person("nia.frost@example.org", "Nia Frost")
    at = london("2026-05-13 11:00")
    contact.record_response(referral, made, response="accepted", responded_at=at, by=nia, now=NOW)
    typed = response(response="declined_by_child", declined_because="distrust", responded_at="2026-05-13T12:00")

    told = signed_in.post(where, typed | {"shown": shown}).context["form"]

    assert told.non_field_errors() == [
        "Nia Frost has recorded “Accepted” meanwhile. Nothing of yours has been saved. If it is newer, save it again."
    ]
    assert [told[name].value() for name in ("response", "declined_because")] == ["declined_by_child", "distrust"]
    made.refresh_from_db()
    assert (made.response, made.response_by) == ("accepted", nia)

    assert signed_in.post(where, typed | {"shown": told["shown"].value()}).status_code == 302
    made.refresh_from_db()
    assert (made.response, made.response_by) == ("declined_by_child", worker)


def test_a_response_that_was_taken_back_meanwhile_is_not_taken_for_the_one_that_was_shown(referral, worker):
    made = accepted(referral, worker)
    shown = contact.response_shown(made)
    Offer.objects.update(response="", responded_at=None)

    with pytest.raises(ContactRefused, match="The response that you saw has been taken back meanwhile"):
        contact.record_response(
            referral,
            made,
            response="declined_by_child",
            declined_because="distrust",
            responded_at=london("2026-05-13 12:00"),
            shown=shown,
            by=worker,
            now=NOW,
        )


def test_to_an_offer_that_was_taken_back_meanwhile_nothing_comes_back(referral, worker):
    made = offered(referral, worker)
    Offer.objects.all().delete()

    with pytest.raises(ContactRefused, match="This offer has been taken back meanwhile"):
        contact.record_response(
            referral, made, response="accepted", responded_at=london("2026-05-13 11:00"), by=worker, now=NOW
        )


def test_the_same_response_sent_twice_is_recorded_once(signed_in, referral, worker):
    made = offered(referral, worker)
    for _ in range(2):
        assert signed_in.post(page("record_response", referral, made.pk), response()).status_code == 302

    assert len(trail("response_recorded")) == 1


def test_a_response_lies_neither_before_its_offer_nor_after_the_interview(signed_in, referral, worker):
    made = offered(referral, worker)
    where = page("record_response", referral, made.pk)

    answer = signed_in.post(where, response(responded_at="2026-05-13T09:59"))
    assert answer.context["form"].errors == {"responded_at": ["This lies before the offer, Wed 13 May, 10:00."]}

    Interview.objects.update(held_at=london("2026-05-13 10:30"))
    answer = signed_in.post(where, response())
    assert answer.context["form"].errors == {"responded_at": ["This lies after the interview, held Wed 13 May, 10:30."]}


def test_another_referral_s_offer_is_not_found(signed_in, referral, worker, tmp_path):
    bring(tmp_path / "more", children=[child("C2")], episodes=[episode("E2", "C2")])
    other = Referral.objects.get(child__child_id="C2")
    made = offered(other, worker)

    assert signed_in.get(page("record_response", referral, made.pk)).status_code == 404


def test_what_a_person_recorded_of_an_offer_stays_when_the_record_comes_again(signed_in, tmp_path):
    publish("somerset")
    files = {
        "children": [child()],
        "episodes": [episode()],
        "interviews": [
            {
                "interview_id": "I1",
                "child_id": "C1",
                "episode_ids": "E1",
                "team": TRAY,
                "offered_at": "2026-05-13T10:00",
                "offered_to": "child",
            }
        ],
    }
    worker = make_person("ann@example.org")
    bring(tmp_path, **files)
    referral = Referral.objects.select_related("child", "version").get()
    at = london("2026-05-13 11:00")
    contact.record_response(referral, Offer.objects.get(), response="accepted", responded_at=at, by=worker, now=NOW)

    bring(tmp_path, **files)

    assert Offer.objects.get().response == "accepted"
