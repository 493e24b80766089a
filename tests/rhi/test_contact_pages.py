"""Logging attempts, offers, responses and appointments in the browser's own words."""

from datetime import timedelta

import pytest
from django.urls import reverse

from procedures.calendar import LONDON
from procedures.models import Version
from rhi.actions import contact
from rhi.actions.contact import ContactRefused
from rhi.models import Appointment, Attempt, Interview, Offer
from rhi.views.contact_panel import contact_panel
from routing.models import Deadline, Referral
from staff.models import AuditEvent, Membership, Team
from tests.records import NOW, bring, child, episode, london, publish
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db

TRAY = "Family Intervention Service: Taunton"


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.select_related("child", "version").get()


@pytest.fixture
def worker(referral):
    person = make_person()
    Membership.objects.create(user=person, team=Team.objects.get(name=TRAY))
    return person


@pytest.fixture
def signed_in(client, worker):
    client.force_login(worker)
    return client


def page(name, referral, *more):
    return reverse(f"rhi:{name}", args=[referral.pk, *more])


def typed(at):
    return f"{at.astimezone(LONDON):%Y-%m-%dT%H:%M}"


def attempt(**cells):
    """What the form for an attempt sends: a call to the child on a Wednesday in May, nobody answering."""
    sent = {"attempted_at": "2026-05-13T10:00", "method": "phone", "contacted": "child", "result": "no_answer"}
    return sent | {"note": ""} | cells


def offer(**cells):
    sent = {"to": "child", "offered_at": "2026-05-13T10:00", "route": "phone", "method": "face_to_face"}
    return sent | cells


def response(**cells):
    return {"response": "accepted", "responded_at": "2026-05-13T11:00", **cells}


def offered(referral, worker, **values):
    """An offer to the child on the Wednesday morning, recorded."""
    facts = {"to": "child", "offered_at": london("2026-05-13 10:00"), "route": "phone", "method": "face_to_face"}
    return contact.record_offer(referral, **facts | values, by=worker, now=NOW)


def accepted(referral, worker):
    made = offered(referral, worker)
    at = london("2026-05-13 11:00")
    return contact.record_response(referral, made, response="accepted", responded_at=at, by=worker, now=NOW)


def the_words(response):
    return " ".join(response.content.decode().split())


def clock(referral, name):
    return Deadline.objects.get(referral=referral, name=name)


def trail(kind):
    return list(AuditEvent.objects.filter(type=kind).values_list("children", "detail"))


# An attempt


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
            "An attempt at this time and in this way is already logged: no answer. Take that one back, or enter another"
            " time."
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


# The panel


def panel(referral, at="2026-05-13 10:00"):
    return contact_panel(referral, now=london(at))


def log(referral, worker, at, **values):
    facts = {"method": "phone", "contacted": "child", "result": "no_answer"} | values
    return contact.log_attempt(referral, attempted_at=london(at), **facts, by=worker, now=NOW)


@pytest.mark.clause("SOM-4.5c")
def test_the_panel_asks_for_another_part_of_the_day_and_for_one_outside_core_hours(referral, worker):
    log(referral, worker, "2026-05-13 10:00")
    log(referral, worker, "2026-05-14 10:00", contacted="parent")
    log(referral, worker, "2026-05-15 10:00")

    assert panel(referral, "2026-05-15 11:00").still == [
        "one outside core hours",
        "another part of the day: afternoon or evening",
    ]


@pytest.mark.clause("SOM-4.5a")
def test_the_panel_says_that_the_child_has_not_been_tried(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt(contacted="parent"))

    words = the_words(signed_in.get(page("log_attempt", referral)))

    assert "<li>the child has not been tried</li>" in words
    assert "Try the child." in words


def test_the_panel_says_until_when_to_go_on(referral):
    assert panel(referral).until == london("2026-05-19 23:59:59")
    assert panel(referral).is_over is False
    assert panel(referral, "2026-05-20 00:00").is_over is True


def test_nothing_is_suggested_once_somebody_was_reached(referral, worker):
    log(referral, worker, "2026-05-13 10:00", result="spoke_to_child")

    assert panel(referral).spoken is True
    assert panel(referral).suggestion is None
    assert panel(referral).still == []


def test_whoever_answered_an_offer_was_reached(referral, worker):
    accepted(referral, worker)

    assert panel(referral).spoken is True


def test_everything_is_tried_when_the_attempts_are_made_and_the_days_are_over(referral, worker):
    log(referral, worker, "2026-05-13 10:00")
    log(referral, worker, "2026-05-14 14:00", contacted="parent")
    log(referral, worker, "2026-05-15 18:00")

    assert panel(referral, "2026-05-19 23:59").all_tried is False
    assert panel(referral, "2026-05-20 00:00").all_tried is True


def test_without_contact_rules_the_panel_says_so_and_lists_what_was_tried(client, tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    referral = Referral.objects.select_related("child", "version").get()
    worker = make_person()
    Membership.objects.create(user=worker, team=Team.objects.get(name="Prevention and Youth Justice Service"))
    log(referral, worker, "2026-05-13 10:00")
    client.force_login(worker)

    words = the_words(client.get(page("log_attempt", referral)))

    assert "The procedure does not say how often to try." in words
    assert "Wed 13 May, 10:00" in words
    assert panel(referral).until is None


def test_a_carer_who_is_not_safe_to_contact_is_named_in_the_panel(signed_in, referral):
    referral.child.carers.create(name="Pat Example", relationship="uncle", safe_to_contact=False)
    referral.child.carers.create(name="Kim Example", relationship="aunt", safe_to_contact=True)

    words = the_words(signed_in.get(page("log_attempt", referral)))

    assert "Do not contact Pat Example (uncle): marked not safe" in words
    assert "Kim Example" not in words


@pytest.mark.clause("SOM-8.1.2")
def test_of_another_authority_s_child_the_placement_is_the_first_to_call(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child(responsible_authority="E10000028")], episodes=[episode()])
    referral = Referral.objects.select_related("child", "version").get()
    worker = make_person()

    assert panel(referral).placement_first is True
    log(referral, worker, "2026-05-13 10:00", contacted="placement_staff")
    assert panel(referral).placement_first is False


def test_our_own_child_s_placement_need_not_be_first(referral):
    assert panel(referral).placement_first is False


def test_there_is_no_panel_once_the_interview_was_held_or_the_referral_closed(referral, worker):
    log(referral, worker, "2026-05-13 10:00")
    Interview.objects.update(held_at=NOW)
    assert panel(referral) is None

    Interview.objects.update(held_at=None)
    referral.closed_at = NOW
    assert panel(referral) is None


@pytest.mark.parametrize("attempts", [1, 3])
def test_the_panel_costs_the_same_however_much_was_tried(referral, worker, attempts, django_assert_num_queries):
    for day in range(attempts):
        log(referral, worker, f"2026-05-{13 + day} 10:00")

    with django_assert_num_queries(5):  # interviews, attempts, answers, the clock, carers
        assert len(panel(referral).tried) == attempts


# An offer


def test_an_offer_is_recorded_and_stops_its_clock(signed_in, referral, worker):
    answer = signed_in.post(page("record_offer", referral), offer())

    assert answer.headers["Location"] == page("referral", referral)
    made = Offer.objects.get()
    assert (made.to, made.offered_at, made.route, made.method, made.recorded_by) == (
        "child",
        london("2026-05-13 10:00"),
        "phone",
        "face_to_face",
        worker,
    )
    assert clock(referral, "offer").met_at == london("2026-05-13 10:00")
    assert trail("offer_recorded") == [
        (["C1"], {"referral": referral.pk, "to": "child", "route": "phone", "method": "face_to_face"})
    ]


def test_an_offer_to_a_parent_alone_does_not_stop_the_clock(signed_in, referral):
    signed_in.post(page("record_offer", referral), offer(to="parent"))

    assert Offer.objects.get().to == "parent"
    assert clock(referral, "offer").met_at is None


def test_child_and_parent_are_offered_it_apart(signed_in, referral):
    signed_in.post(page("record_offer", referral), offer())
    form = signed_in.get(page("record_offer", referral)).context["form"]
    assert form.initial["to"] == "parent"

    signed_in.post(page("record_offer", referral), offer(to="parent"))

    assert sorted(Offer.objects.values_list("to", flat=True)) == ["child", "parent"]


def test_the_same_offer_sent_twice_is_recorded_once(signed_in, referral):
    for _ in range(2):
        assert signed_in.post(page("record_offer", referral), offer()).status_code == 302

    assert Offer.objects.count() == 1
    assert len(trail("offer_recorded")) == 1


@pytest.mark.parametrize(
    ("cells", "field", "why"),
    [
        (
            {"route": "letter"},
            "route",
            (
                "Under this procedure a letter is not an offer. Log it as an attempt by letter; record the offer when"
                " you have put it to them in another way."
            ),
        ),
        (
            {"to": "parent", "route": "via_carer"},
            "route",
            "An offer to the parent or carer does not go through them. Choose how it was put.",
        ),
        (
            {"offered_at": "2026-05-12T06:00"},
            "offered_at",
            "This lies before the child’s return, Tue 12 May, 07:00.",
        ),
        ({"to": "not_recorded"}, "to", "Select a valid choice. not_recorded is not one of the available choices."),
    ],
)
def test_an_offer_that_cannot_be_is_refused_in_words(signed_in, referral, cells, field, why):
    answer = signed_in.post(page("record_offer", referral), offer(**cells))

    assert answer.context["form"].errors == {field: [why]}
    assert not Offer.objects.exists()


def test_where_the_procedure_counts_a_letter_as_an_offer_it_is_one(signed_in, referral):
    text = referral.version.text.replace("counts_as_offer = false", "counts_as_offer = true")
    Version.objects.update(text=text)

    signed_in.post(page("record_offer", referral), offer(route="letter"))

    assert Offer.objects.get().route == "letter"


def test_a_second_offer_to_the_child_is_a_new_response_to_the_first(signed_in, referral, worker):
    offered(referral, worker)

    answer = signed_in.post(page("record_offer", referral), offer(offered_at="2026-05-14T10:00"))

    assert answer.context["form"].non_field_errors() == [
        (
            "The interview has already been offered to the child Wed 13 May, 10:00. If you have put it to them again,"
            " record their new response to that offer."
        )
    ]


# A response


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

    signed_in.post(where, response(responded_at="2026-05-15T11:00"))

    made.refresh_from_db()
    assert (made.response, made.declined_because) == ("accepted", "")
    newest, first = (detail for _, detail in trail("response_recorded"))
    assert (first["response"], first["because"], first["was"]["response"]) == ("declined_by_child", "distrust", "")
    assert (newest["response"], newest["was"]["response"], newest["was"]["declined_because"]) == (
        "accepted",
        "declined_by_child",
        "distrust",
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


# An appointment

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
    assert why.startswith("An appointment is already booked for ")


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
