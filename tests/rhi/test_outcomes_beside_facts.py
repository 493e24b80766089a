"""An outcome beside what else is recorded: what cannot be is refused, what is odd is asked about."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from rhi.actions import contact
from rhi.actions.contradictions import OutcomeRefused, Settled, Unlikely
from rhi.actions.outcomes_by_hand import StillBooked, record_held, record_outcomes
from rhi.models import Appointment, Outcome
from routing.models import Referral
from tests.records import bring, child, episode, london, publish
from tests.rhi.writing import member, words

pytestmark = pytest.mark.django_db

HELD_AT = london("2026-05-13 10:00")
NOW = london("2026-05-14 09:00")


@pytest.fixture
def referral(tmp_path):
    """One child who was missing twice: back on 12 and on 13 May, both at seven."""
    publish("somerset")
    second = {"last_seen_at": "2026-05-12T20:00", "returned_at": "2026-05-13T07:00", "notified_at": "2026-05-13T08:00"}
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **second)])
    return Referral.objects.select_related("child", "version").get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


def episodes(referral):
    return [cover.episode_id for cover in referral.covered.order_by("episode__last_seen_at")]


def settle(referral, by, *codes, **more):
    settled = {pk: Settled(*code.split()) for pk, code in zip(episodes(referral), codes, strict=False)}
    return record_outcomes(referral, settled=settled, by=by, now=NOW, **more)


def outcomes():
    return [f"{each.code} {each.reason}".strip() for each in Outcome.objects.order_by("episode__episode_id")]


def hold(referral, by):
    return record_held(referral, held_at=HELD_AT, method="face_to_face", by=by, now=NOW)


def offer(referral, by, *, to="child", at="2026-05-13 08:00", response="", because=""):
    """An offer of the second morning, with what came back half an hour later."""
    made = contact.record_offer(
        referral, to=to, offered_at=london(at), route="phone", method="face_to_face", by=by, now=NOW
    )
    if response:
        contact.record_response(
            referral,
            made,
            response=response,
            declined_because=because,
            responded_at=london(at) + timedelta(minutes=30),
            by=by,
            now=NOW,
        )


def attempt(referral, by, *, at="2026-05-13 09:00", result="no_answer"):
    contact.log_attempt(
        referral, attempted_at=london(at), method="phone", contacted="child", result=result, by=by, now=NOW
    )


def book(referral, by, *, at="2026-05-18 15:30"):
    return contact.book(referral, at=london(at), place="School", method="face_to_face", by=by, now=NOW)


def page_of(referral):
    return reverse("rhi:record_outcomes", args=[referral.pk])


def typed(referral, *codes, **more):
    fields = dict(more)
    for pk, code in zip(episodes(referral), codes, strict=False):
        outcome, _, reason = code.partition(" ")
        fields |= {f"outcome_{pk}": outcome, f"reason_{pk}_{outcome}": reason}
    return fields


# Beside the interview


@pytest.mark.parametrize(
    "of_the_first",
    [
        "no_contact no_answer",
        "not_required died",
        "not_offered hospital",
        "accepted_not_held lapsed",
        "declined by_parent",
    ],
)
def test_of_an_episode_that_a_held_interview_was_about_nothing_else_is_said(referral, robin, of_the_first):
    hold(referral, robin)

    with pytest.raises(OutcomeRefused, match=r"The interview was held Wed 13 May, 10:00, after the child was back"):
        settle(referral, robin, of_the_first, "completed", although=True)

    assert outcomes() == []


def test_an_interview_that_was_held_was_not_declined_for_every_episode(referral, robin):
    hold(referral, robin)

    with pytest.raises(OutcomeRefused, match="after the child was back"):
        settle(referral, robin, "declined distrust", "declined distrust", although=True)


def test_a_child_may_speak_of_one_episode_and_not_of_another(referral, robin):
    hold(referral, robin)

    settle(referral, robin, "declined ashamed", "completed", although=True)

    assert outcomes() == ["declined ashamed", "completed"]


# Beside one another


def test_a_child_who_has_died_is_owed_no_interview_for_any_episode(referral, robin):
    with pytest.raises(OutcomeRefused, match="Then no other is owed an interview either"):
        settle(referral, robin, "no_contact no_answer", "not_required died", although=True)

    settle(referral, robin, "not_required died", "not_required died")
    assert outcomes() == ["not_required died", "not_required died"]


# Beside offers and answers


@pytest.mark.parametrize(
    ("response", "because", "told"),
    [("accepted", "", "Accepted, Wed 13 May, 08:30"), ("declined_by_child", "distrust", "Declined by the child, Wed")],
)
def test_there_was_contact_with_a_child_who_answered_since_the_return(referral, robin, response, because, told):
    offer(referral, robin, response=response, because=because)

    with pytest.raises(OutcomeRefused, match=re.escape(told)):
        settle(referral, robin, "no_contact no_answer", although=True)


def test_a_child_who_answered_before_going_missing_again_may_not_be_reached_afterwards(referral, robin):
    offer(referral, robin, at="2026-05-12 10:00", response="accepted")
    attempt(referral, robin)

    settle(referral, robin, "accepted_not_held missing_again", "no_contact no_answer")

    assert outcomes() == ["accepted_not_held missing_again", "no_contact no_answer"]


def test_what_was_offered_to_the_child_was_not_left_unoffered(referral, robin):
    offer(referral, robin)

    with pytest.raises(OutcomeRefused, match="An offer to the child is recorded, Wed 13 May, 08:00"):
        settle(referral, robin, "not_offered no_worker", although=True)


def test_a_parent_who_declined_has_been_asked(referral, robin):
    with pytest.raises(OutcomeRefused, match="No parent or carer is recorded as having declined"):
        settle(referral, robin, "declined by_parent", "declined by_parent", although=True)

    offer(referral, robin, to="parent", response="declined_by_parent", because="no_reason")
    settle(referral, robin, "declined by_parent", "declined by_parent")
    assert outcomes() == ["declined by_parent", "declined by_parent"]


# Odd, but possible


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("no_contact no_answer", "No attempt to reach the child is logged since the return, Wed 13 May, 07:00."),
        ("declined distrust", "No refusal by the child is recorded since the return, Wed 13 May, 07:00."),
        ("accepted_not_held lapsed", "No acceptance is recorded since the return, Wed 13 May, 07:00."),
    ],
)
def test_what_nothing_bears_out_is_asked_about_and_may_be_right(referral, robin, code, told):
    attempt(referral, robin, at="2026-05-12 09:00")
    last = {episodes(referral)[1]: Settled(*code.split())}

    with pytest.raises(Unlikely, match=re.escape(told)):
        record_outcomes(referral, settled=last, by=robin, now=NOW)
    assert outcomes() == []

    record_outcomes(referral, settled=last, although=True, by=robin, now=NOW)
    assert outcomes() == [code]


@pytest.mark.parametrize("tried", [attempt, lambda *a: offer(*a, to="parent")])
def test_no_contact_after_an_attempt_or_an_offer_is_not_asked_about(referral, robin, tried):
    tried(referral, robin)

    settle(referral, robin, "no_contact no_answer", "no_contact no_answer")

    assert outcomes() == ["no_contact no_answer", "no_contact no_answer"]


def test_no_contact_with_a_child_who_was_spoken_to_is_asked_about(referral, robin):
    attempt(referral, robin, result="spoke_to_child")

    with pytest.raises(Unlikely, match="the child was spoken to, Wed 13 May, 09:00"):
        settle(referral, robin, "no_contact no_answer", "no_contact no_answer")


def test_the_page_asks_and_a_tick_answers(client, referral, robin):
    client.force_login(robin)
    both = typed(referral, "no_contact no_answer", "no_contact no_answer")

    asked = client.post(page_of(referral), both)
    assert "Log the attempts first." in words(asked)
    assert "This is right all the same" in words(asked)
    assert outcomes() == []

    assert client.post(page_of(referral), both | {"although": "on"}).status_code == 302
    assert outcomes() == ["no_contact no_answer", "no_contact no_answer"]


# Beside an appointment


def test_an_outcome_that_closes_the_referral_calls_the_appointment_off(referral, robin):
    booked = book(referral, robin)
    with pytest.raises(StillBooked, match="The interview is booked for Mon 18 May, 15:30"):
        settle(referral, robin, "not_offered abroad", "not_offered abroad")

    settle(referral, robin, "not_offered abroad", "not_offered abroad", cancel_booked=True)

    booked.refresh_from_db()
    assert (booked.ended_at, booked.ended_because, booked.ended_by) == (NOW, "Outcome recorded: Not offered", robin)
    assert len(outcomes()) == 2


def test_while_an_episode_lacks_its_outcome_the_appointment_stands(referral, robin):
    booked = book(referral, robin)

    settle(referral, robin, "not_offered abroad")

    booked.refresh_from_db()
    assert booked.ended_at is None


def test_nobody_waits_for_an_appointment_that_is_past(referral, robin):
    booked = book(referral, robin)
    Appointment.objects.update(at=NOW - timedelta(hours=1))

    settle(referral, robin, "not_offered abroad", "not_offered abroad")

    booked.refresh_from_db()
    assert booked.ended_at is None


def test_the_page_says_what_is_booked_and_asks_to_call_it_off(client, referral, robin):
    at = (london("2126-05-18 15:30")).replace(second=0)
    booked = contact.book(referral, at=at, place="School", method="face_to_face", by=robin, now=NOW)
    client.force_login(robin)
    assert "The interview is booked for Sat 18 May 2126, 15:30, School." in words(client.get(page_of(referral)))
    both = typed(referral, "not_offered abroad", "not_offered abroad")

    refused = client.post(page_of(referral), both)
    assert list(refused.context["form"].errors) == ["cancel_booked"]
    assert outcomes() == []

    client.post(page_of(referral), both | {"cancel_booked": "on"})
    booked.refresh_from_db()
    assert booked.ended_at is not None
    assert len(outcomes()) == 2


# The page


def test_each_missing_outcome_is_named_by_its_episode(client, referral, robin):
    client.force_login(robin)

    page = client.post(page_of(referral), {})

    html = page.content.decode()
    links = re.findall(r'<a href="(#id_outcome_\d+_1)">([^<]*)</a>', html)
    assert [link[1] for link in links] == [
        "Choose the outcome of the episode of Mon 11 May, 20:00",
        "Choose the outcome of the episode of Tue 12 May, 20:00",
    ]
    assert all(f'id="{link[1:]}"' in html for link, _ in links)
    assert (
        len(re.findall(r"<legend class=\"govuk-fieldset__legend govuk-fieldset__legend--m\">\s*What became", html)) == 2
    )
