"""Letters after a refusal, and the steps of chase letters: each on its day, until something comes back."""

from datetime import timedelta

import pytest

from rhi.actions import contact, letters
from rhi.models import Interview, Letter
from tests.records import bring, child, episode, interview, london, publish
from tests.rhi.letters.families import (
    HOME,
    OVER,
    family,
    member,
    offered,
    proposed,
    refuse,
    run,
    settle,
    stranger,
    tried,
    use_up,
)

pytestmark = pytest.mark.django_db


# After a refusal


@pytest.mark.clause("SOM-4.8a")
def test_a_childs_refusal_proposes_a_letter_about_services(tmp_path):
    referral = family(tmp_path)
    refuse(referral, member())

    run()
    run()

    assert proposed("refusal") == ["child", "Sam Example"]
    assert Letter.objects.get(to="child").because == (
        "The child has declined the interview. Aged 14: from 13 on, the child and a parent or carer each get a letter."
    )
    assert proposed("no_contact") == []


@pytest.mark.clause("SOM-4.8a")
def test_it_is_proposed_although_the_outcome_has_closed_the_referral_meanwhile(tmp_path):
    referral = family(tmp_path)
    ann = member()
    refuse(referral, ann)
    settle(referral, ann, "declined", "not_needed")
    referral.refresh_from_db()
    assert referral.closed_at

    run()

    assert proposed() == ["child", "Sam Example"]
    assert letters.blocks(Letter.objects.get(to="child"), now=OVER) == []


def test_a_parents_refusal_proposes_none(tmp_path):
    referral = family(tmp_path)
    ann = member()
    offer = offered(referral, ann, to="parent")
    contact.record_response(
        referral,
        offer,
        response="declined_by_parent",
        responded_at=london("2026-05-13 11:00"),
        declined_because="distrust",
        by=ann,
        now=OVER,
    )

    run()

    assert proposed() == []


def test_a_refusal_long_past_on_a_closed_referral_proposes_none(tmp_path):
    referral = family(tmp_path)
    ann = member()
    refuse(referral, ann)
    settle(referral, ann, "declined", "not_needed")

    run(OVER + timedelta(days=29))

    assert proposed() == []


def test_a_refusal_that_a_record_brought_with_its_outcome_proposes_none(tmp_path):
    publish("somerset")
    said = {"response": "declined_by_child", "outcome": "declined", "reason": "not_needed"}
    row = interview(offered_at="2026-05-12T11:00", offered_to="child", responded_at="2026-05-12T12:00", **said)
    bring(tmp_path, children=[child(**HOME)], episodes=[episode()], interviews=[row])

    run(london("2026-05-13 10:00"))

    assert proposed() == []


# Chase letters


@pytest.mark.clause("CARD-12")
@pytest.mark.parametrize("procedure", ["surrey", "wokingham", "nottinghamshire", "croydon"])
def test_chase_steps_are_proposed_on_their_days(tmp_path, procedure):
    referral = family(tmp_path, procedure=procedure)
    tried(referral, stranger(), "2026-05-13 10:00")  # a Wednesday

    run(london("2026-05-17 23:59"))
    assert proposed() == []
    run(london("2026-05-18 00:05"))  # Monday, the third working day after it
    assert proposed("chase") == ["child", "Sam Example"]
    run(london("2026-05-25 12:00"))  # a bank holiday
    assert set(Letter.objects.values_list("step", flat=True)) == {1}
    run(london("2026-05-26 08:00"))
    run(london("2026-06-26 08:00"))
    assert list(Letter.objects.order_by("pk").values_list("step", "to")) == [
        (1, "child"),
        (1, "carer"),
        (2, "child"),
        (2, "carer"),
    ]


def test_an_earlier_step_is_not_proposed_once_a_later_one_stands(tmp_path):
    referral = family(tmp_path, procedure="surrey")
    kim = stranger()
    tried(referral, kim, "2026-05-13 10:00")
    letters.propose(Interview.objects.get(), "chase", to="child", step=2, because="Sooner.", by=kim, now=OVER)

    run(london("2026-05-18 08:00"))

    assert list(Letter.objects.values_list("step", "to")) == [(2, "child")]


@pytest.mark.clause("CARD-12")
def test_somerset_sends_no_chase_letters(tmp_path):
    tried(family(tmp_path), member(), "2026-05-13 10:00")

    run(london("2026-06-10 10:00"))

    assert proposed() == []


@pytest.mark.clause("CARD-12")
@pytest.mark.parametrize("what", ["contact", "response", "outcome", "appointment"])
def test_chase_letters_stop_at_any_contact_response_or_outcome(tmp_path, what):
    referral = family(tmp_path, procedure="surrey")
    kim = stranger()
    offer = offered(referral, kim)
    run(london("2026-05-18 08:00"))
    assert proposed("chase") == ["child", "Sam Example"]
    at = london("2026-05-18 10:00")
    if what == "contact":
        tried(referral, kim, "2026-05-18 10:00", contacted="parent", result="spoke_to_carer")
    elif what == "response":
        contact.record_response(referral, offer, response="not_asked", responded_at=at, by=kim, now=OVER)
    elif what == "appointment":
        later = london("2026-05-29 10:00")
        contact.book(referral, at=later, place="School", method="face_to_face", by=kim, now=OVER)
    else:
        settle(referral, kim, "no_contact", "no_answer")

    run(london("2026-05-26 08:00"))

    assert set(Letter.objects.values_list("step", flat=True)) == {1}
    assert all(letters.blocks(letter, now=OVER) for letter in Letter.objects.all())


def test_that_nobody_answered_does_not_stop_them(tmp_path):
    referral = family(tmp_path, procedure="surrey")
    kim = stranger()
    offer = offered(referral, kim)
    contact.record_response(
        referral, offer, response="no_response", responded_at=london("2026-05-14 10:00"), by=kim, now=OVER
    )

    run(london("2026-05-18 08:00"))

    assert proposed("chase") == ["child", "Sam Example"]


def test_after_an_outage_only_the_step_that_is_still_due_is_proposed(tmp_path):
    referral = family(tmp_path, procedure="surrey")
    tried(referral, stranger(), "2026-05-13 10:00")

    run(london("2026-05-27 08:00"))
    run(london("2026-05-27 09:00"))

    assert list(Letter.objects.order_by("pk").values_list("step", "to")) == [(2, "child"), (2, "carer")]


def test_a_cancelled_letter_is_not_proposed_again(tmp_path):
    referral = family(tmp_path)
    ann = member()
    use_up(referral, ann)
    run()
    for letter in Letter.objects.all():
        letters.cancel(letter, because="The family has moved abroad.", by=ann, now=OVER)

    run(OVER + timedelta(days=1))

    assert set(Letter.objects.values_list("state", flat=True)) == {"cancelled"}
    assert Letter.objects.count() == 2
