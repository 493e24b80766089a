"""An attempt to reach somebody, logged in the browser."""

from datetime import timedelta

import pytest

from rhi.actions import contact
from rhi.actions.contact import ContactRefused
from rhi.models import Attempt, Interview
from routing.models import Referral
from tests.records import NOW, london
from tests.rhi.contact.sent import attempt, clock, page, the_words, trail
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


def test_the_form_for_an_attempt_comes_filled_in_but_for_the_result(signed_in, referral):
    form = signed_in.get(page("log_attempt", referral)).context["form"]

    assert form.initial["method"] == "phone"
    assert form.initial["contacted"] == "child"
    assert now() - form.initial["attempted_at"] < timedelta(minutes=2)
    assert form["result"].value() is None


def test_an_attempt_is_logged_with_whoever_logged_it(signed_in, referral, worker):
    answer = signed_in.post(page("log_attempt", referral), attempt(note="Rang twice"))

    assert answer.headers["Location"] == page("referral", referral)
    logged = Attempt.objects.get()
    assert (logged.attempted_at, logged.method, logged.contacted, logged.result, logged.note) == (
        london("2026-05-13 10:00"),
        "phone",
        "child",
        "no_answer",
        "Rang twice",
    )
    assert logged.recorded_by == worker
    assert logged.interview.referral == referral


def test_an_attempt_is_put_on_the_trail_in_codes_only(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt(note="Rang Robin Example"))

    assert trail("attempt_logged") == [
        (["C1"], {"referral": referral.pk, "method": "phone", "contacted": "child", "result": "no_answer"})
    ]


def test_a_page_that_shows_a_child_is_put_on_the_trail(signed_in, referral):
    signed_in.get(page("log_attempt", referral))

    assert trail("referral_read") == [(["C1"], {})]


def test_who_and_how_were_tried_last_are_chosen_already(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt(method="home_visit", contacted="parent"))

    form = signed_in.get(page("log_attempt", referral)).context["form"]

    assert (form.initial["method"], form.initial["contacted"]) == ("home_visit", "parent")


def test_from_my_work_a_call_without_answer_leads_back_there(signed_in, referral):
    answer = signed_in.post(page("log_attempt", referral) + "?from=work", attempt())

    assert answer.headers["Location"] == "/"


def test_somebody_reached_leads_to_the_referral_and_the_offer(signed_in, referral):
    answer = signed_in.post(page("log_attempt", referral) + "?from=work", attempt(result="spoke_to_child"), follow=True)

    assert answer.redirect_chain == [(page("referral", referral), 302)]
    assert [str(message) for message in answer.context["messages"]] == [
        "Logged: spoke to the child. Offer the interview next."
    ]


def test_the_same_attempt_sent_twice_is_logged_once_and_no_error(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt())
    answer = signed_in.post(page("log_attempt", referral), attempt(), follow=True)

    assert Attempt.objects.count() == 1
    assert len(trail("attempt_logged")) == 1
    (said,) = [str(message) for message in answer.context["messages"] if "already" in str(message)]
    assert said.startswith("This attempt is already logged: no answer.")


def test_two_results_of_one_attempt_are_refused_with_everything_typed(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt())
    answer = signed_in.post(page("log_attempt", referral), attempt(result="left_message", note="Beep"))

    assert Attempt.objects.get().result == "no_answer"
    assert answer.context["form"].non_field_errors() == [
        (
            "You have already logged an attempt at this time and in this way: no answer. Take that one back, or enter"
            " another time."
        )
    ]
    assert answer.context["form"]["note"].value() == "Beep"


@pytest.mark.parametrize(
    ("cells", "field", "why"),
    [
        (
            {"result": "spoke_to_child", "contacted": "social_worker"},
            "result",
            "You tried the social worker, so you did not speak to the child. Choose the child as who was tried.",
        ),
        (
            {"result": "spoke_to_carer"},
            "result",
            "You spoke to a parent or carer. Choose the parent, foster carer or placement staff as who was tried.",
        ),
        (
            {"result": "spoke_to_child", "method": "letter"},
            "result",
            "Nobody is spoken to by a letter. Choose another result, or the way in which you spoke.",
        ),
        (
            {"result": "number_not_in_use", "method": "home_visit"},
            "result",
            "A number that is not in use is found out by a call or a text. Choose how you tried.",
        ),
        (
            {"result": "not_at_address"},
            "result",
            "“Not at the address” is found out by a visit or a letter. Choose how you tried.",
        ),
        (
            {"attempted_at": "2026-05-12T06:59"},
            "attempted_at",
            "This lies before the child’s return, Tue 12 May, 07:00.",
        ),
        ({"attempted_at": "2126-05-12T07:00"}, "attempted_at", "This lies in the future. Enter a time that has passed"),
        ({"result": ""}, "result", "Choose what came of it"),
    ],
)
def test_an_attempt_that_cannot_be_is_refused_in_words(signed_in, referral, cells, field, why):
    answer = signed_in.post(page("log_attempt", referral), attempt(**cells))

    assert answer.context["form"].errors == {field: [why]}
    assert "Error:" in answer.content.decode()
    assert not Attempt.objects.exists()
    assert not Interview.objects.exists()


def test_the_action_itself_refuses_the_future(referral, worker):
    with pytest.raises(ContactRefused, match="This lies in the future"):
        contact.log_attempt(
            referral,
            attempted_at=NOW + timedelta(minutes=1),
            method="phone",
            contacted="child",
            result="no_answer",
            by=worker,
            now=NOW,
        )


def test_the_contact_clock_stops_with_the_attempt_that_reaches_somebody(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt(result="spoke_to_child"))

    assert clock(referral, "contact").met_at == london("2026-05-13 10:00")


def test_a_closed_referral_takes_no_attempt(signed_in, referral):
    Referral.objects.update(closed_at=NOW)

    assert "This referral is closed" in the_words(signed_in.get(page("log_attempt", referral)))
    answer = signed_in.post(page("log_attempt", referral), attempt())
    assert answer.context["form"].non_field_errors() == ["This referral is closed: every episode has its outcome."]
    assert not Attempt.objects.exists()


def test_another_team_s_referral_is_not_found(client, referral):
    client.force_login(make_person("other@example.org"))

    assert client.get(page("log_attempt", referral)).status_code == 404
    assert client.post(page("log_attempt", referral), attempt()).status_code == 404
    assert not Attempt.objects.exists()
