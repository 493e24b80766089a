"""What the authorities' documents ask of an interview and its form, sentence by sentence."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from rhi.actions import contact, slips
from rhi.actions.contradictions import OutcomeRefused
from rhi.actions.form_facts import case_of
from rhi.actions.outcomes_by_hand import record_held
from rhi.actions.signing import WriteUpRefused, sign_off, write_up
from rhi.models import Answer, Interview, SubmittedForm
from rhi.questions import missing
from routing.models import Allocation, Deadline, Referral
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.rhi.interview.cases import NOW, give, held, offer, ready, say, settle
from tests.rhi.writing import member, save, stored, words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


def opened(client, person, name, referral, *more):
    client.force_login(person)
    return client.get(reverse(f"rhi:{name}", args=[referral.pk, *more]))


# Surrey


@pytest.mark.clause("SUR-07")
def test_the_way_there_and_the_way_back_are_kept_and_printed_apart(client, referral, robin):
    held(referral, robin)
    client.force_login(robin)

    save(client, referral, "H", {"travel__there": ["train"], "travel__back": ["on_foot", "taxi_or_private_hire"]})

    assert stored()["travel"] == {"there": ["train"], "back": ["on_foot", "taxi_or_private_hire"]}
    printed = words(opened(client, robin, "record", referral))
    there, back = printed.index("On the way there"), printed.index("On the way back")
    assert "Train" in printed[there:back]
    assert "On foot" not in printed[there:back]
    assert "On foot" in printed[back : back + 60]


@pytest.mark.clause("SUR-07")
def test_neither_journey_stands_for_the_other(referral, robin):
    held(referral, robin)
    ready(referral, robin)
    say("travel", there=["train"])

    case = case_of(referral)

    assert [each.question.key for each in missing(case.situation, case.values)] == ["travel"]


@pytest.mark.clause("SUR-09")
def test_with_only_a_parents_account_nothing_is_completed(client, referral, robin):
    offer(referral, robin, "accepted", to="parent")
    how = {"method": "home_visit", "contacted": "parent", "result": "spoke_to_carer"}
    contact.log_attempt(referral, attempted_at=london("2026-05-12 18:00"), **how, by=robin, now=NOW)
    client.force_login(robin)
    [cover] = referral.covered.all()

    with pytest.raises(OutcomeRefused, match="talking to an adult is not the interview"):
        settle(referral, robin, "completed")
    typed = {f"outcome_{cover.episode_id}": "completed"}
    page = client.post(reverse("rhi:record_outcomes", args=[referral.pk]), typed)

    assert "No interview with the child has been recorded as held, and talking to an adult is not the interview" in (
        words(page)
    )
    assert Referral.objects.get().closed_at is None


OUTCOMES = {
    "completed": "",
    "part_completed": "child_stopped",
    "declined": "not_needed",
    "accepted_not_held": "not_present",
    "no_contact": "no_answer",
    "not_offered": "no_worker",
    "not_required": "agreed_exception",
}


@pytest.mark.clause("SUR-19")
@pytest.mark.parametrize(("code", "reason"), OUTCOMES.items())
def test_the_risk_level_with_its_reason_is_demanded_for_every_outcome(referral, robin, code, reason):
    if code in ("completed", "part_completed"):
        held(referral, robin)
    settle(referral, robin, f"{code} {reason}".strip())
    ready(referral, robin)
    say("risk_level", again="low", harm="medium")

    with pytest.raises(WriteUpRefused, match="1 answer is still needed: How high is the risk"):
        write_up(referral, by=robin, now=NOW)

    say("risk_level", again="low", harm="medium", reason="Stays with a friend the family knows.")
    assert write_up(referral, by=robin, now=NOW).written_up_at == NOW


@pytest.mark.clause("SUR-22")
def test_without_a_safety_plan_surrey_is_told_why(tmp_path):
    publish("surrey")
    bring(tmp_path, children=[child()], episodes=[episode()])
    referral = Referral.objects.select_related("child", "version").get()
    jo = worker_of(referral)
    held(referral, jo)
    settle(referral, jo, "completed")
    ready(referral, jo)

    say("prevention_plan", answer="not_done_reason")

    with pytest.raises(WriteUpRefused, match="1 answer is still needed: Is there a prevention or safety plan"):
        write_up(referral, by=jo, now=NOW)


def worker_of(referral):
    """Somebody of the team in whose tray it lies."""
    person = make_person("jo.lee@example.org", "Jo Lee")
    person.memberships.create(team=Allocation.objects.get(referral=referral, until=None).team)
    return person


# Somerset


@pytest.mark.clause("SOM-4.10")
def test_after_a_childs_refusal_the_parents_are_asked_or_the_reason_why_not_is_given(client, referral, robin):
    offer(referral, robin, "declined_by_child", reason="not_needed")
    settle(referral, robin, "declined not_needed")
    ready(referral, robin)

    page = words(opened(client, robin, "form_section", referral, "parent-carer-or-placement"))
    assert "No - could not reach" in page
    assert "Not applicable" not in page
    say("parent_asked", answer="not_applicable")
    with pytest.raises(WriteUpRefused, match="1 answer is still needed: Was a parent or carer asked"):
        write_up(referral, by=robin, now=NOW)

    say("parent_asked", answer="no_unsafe")
    assert write_up(referral, by=robin, now=NOW).written_up_at == NOW


@pytest.mark.clause("SOM-4.10")
def test_parents_who_were_asked_have_their_views_on_record_apart_from_the_childs_words(client, referral, robin):
    offer(referral, robin, "declined_by_child", reason="not_needed")
    settle(referral, robin, "declined not_needed")
    ready(referral, robin)
    say("parent_asked", answer="yes")
    Answer.objects.filter(question="parent_views").delete()
    with pytest.raises(WriteUpRefused, match="1 answer is still needed: What does the parent or carer say"):
        write_up(referral, by=robin, now=NOW)

    client.force_login(robin)
    save(client, referral, "M", {"parent_asked": "yes", "parent_views": "She was at her aunt’s."})
    say("declined_reason", answer="Leave me alone.")
    write_up(referral, by=robin, now=NOW)

    sections = {each["letter"]: each for each in SubmittedForm.objects.get().document["sections"]}
    spoken = {
        question["key"]: (letter, question["voice"], question["said"][0]["words"])
        for letter, section in sections.items()
        for question in section["questions"]
        if question["key"] in ("parent_views", "declined_reason")
    }
    assert spoken["parent_views"] == ("M", "carer", ["She was at her aunt’s."])
    assert spoken["declined_reason"][0] == "E"


def test_without_a_refusal_it_may_not_apply(referral, robin):
    settle(referral, robin, "no_contact no_answer")
    ready(referral, robin)
    say("parent_asked", answer="not_applicable")

    assert write_up(referral, by=robin, now=NOW).written_up_at == NOW


@pytest.mark.clause("SOM-4.11")
def test_accepted_booked_and_held_keeps_when_how_where_and_by_whom(client, referral, robin, nia, tray):
    give(referral, robin, tray)
    offer(referral, robin, "accepted")
    at = london("2026-05-14 15:30")
    contact.book(referral, at=at, place="Youth centre", method="face_to_face", by=robin, now=london("2026-05-12 14:00"))
    client.force_login(robin)
    page = reverse("rhi:record_held", args=[referral.pk])
    people = client.get(page).context["form"].fields["held_by"].choices
    assert people == [(str(robin.pk), "Robin Hale"), (str(nia.pk), "Nia Frost")]

    typed = {"held_at": "2026-05-14T15:40", "method": "video", "place": "home", "held_by": str(nia.pk)}
    assert client.post(page, typed).status_code == 302

    interview = Interview.objects.get()
    assert (interview.held_at, interview.method, interview.worker) == (london("2026-05-14 15:40"), "video", nia)
    assert stored()["interview_place"] == {"answer": "home"}
    assert Allocation.objects.get(referral=referral, until=None).worker == robin
    shown = words(opened(client, robin, "referral", referral))
    assert "Held by: Nia Frost" in shown
    assert "Given to Robin Hale" in shown
    printed = words(opened(client, robin, "record", referral))
    assert "Worker Robin Hale" in printed
    assert "Recorded as held by Nia Frost" in printed


def test_whoever_records_it_is_proposed_as_the_interviewer(client, referral, robin, nia, tray):
    give(referral, robin, tray)
    sam = member("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)
    proposed = {}
    for person in (robin, nia, sam):
        client.force_login(person)
        proposed[person] = client.get(reverse("rhi:record_held", args=[referral.pk])).context["form"]["held_by"].value()

    assert proposed == {robin: str(robin.pk), nia: str(nia.pk), sam: str(robin.pk)}


def test_taken_back_it_is_to_be_held_by_whoever_holds_the_referral(referral, robin, nia, tray):
    give(referral, robin, tray)
    offer(referral, robin, "accepted")
    held(referral, robin, held_by=nia)

    interview = Interview.objects.get()
    slips.take_back(referral, kind="held", record=interview.pk, because="Another child.", by=robin, now=NOW)

    interview.refresh_from_db()
    assert (interview.held_at, interview.worker, interview.typed) == (None, robin, {})


@pytest.mark.clause("SOM-4.14")
@pytest.mark.parametrize(
    ("day", "starts", "due"),
    [
        ("2026-05-13", "2026-05-13T09:00:00Z", "2026-05-15T09:00:00Z"),
        ("2026-03-28", "2026-03-28T10:00:00Z", "2026-03-30T10:00:00Z"),  # over the spring night: 11:00 by the clock
        ("2025-10-25", "2025-10-25T09:00:00Z", "2025-10-27T09:00:00Z"),  # over the autumn night: 09:00 by the clock
    ],
)
def test_explain_says_that_the_write_up_is_due_48_elapsed_hours_after_the_interview(tmp_path, day, starts, due):
    publish("somerset")
    times = {"last_seen_at": f"{day}T01:00", "returned_at": f"{day}T07:00", "notified_at": f"{day}T07:30"}
    bring(tmp_path, children=[child()], episodes=[episode(**times)])
    referral, at = Referral.objects.get(), london(f"{day} 10:00")
    by = member("robin.hale@example.org", "Robin Hale")
    record_held(referral, held_at=at, method="telephone", by=by, now=at)

    clock = explained("write_up", at=f"{day} 11:00")

    assert (clock["starts_at"], clock["due_at"], clock["met_at"], clock["state"]) == (starts, due, None, "running")


@pytest.mark.clause("SOM-4.14")
def test_the_write_up_clock_stops_at_submission_and_not_at_sign_off(referral, robin):
    held(referral, robin)
    settle(referral, robin, "completed")
    ready(referral, robin)
    sam = member("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)

    write_up(referral, by=robin, now=NOW)
    at_submission = explained("write_up", at="2026-05-20 09:00")
    sign_off(referral, by=sam, now=london("2026-05-19 09:00"))

    assert at_submission == explained("write_up", at="2026-05-20 09:00")
    assert (at_submission["state"], at_submission["met_at"]) == ("met", "2026-05-14T08:00:00Z")


def explained(name, *, at):
    out = StringIO()
    call_command("explain", "E1", "--at", london(at).isoformat(), "--format", "json", stdout=out)
    return next(clock for clock in json.loads(out.getvalue())["clocks"] if clock["name"] == name)


# Croydon


@pytest.mark.clause("CRO-23")
def test_after_three_refusals_running_the_fourth_return_is_offered_an_interview_of_its_own(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child()], episodes=[episode("E1", **night(1))])
    jo = worker_of(Referral.objects.get())
    for number in (1, 2, 3):
        referral = Referral.objects.select_related("child", "version").get(covered__episode__episode_id=f"E{number}")
        made = contact.record_offer(
            referral,
            to="child",
            offered_at=london(f"2026-05-0{number * 2} 10:00"),
            route="phone",
            method="telephone",
            by=jo,
            now=london(f"2026-05-0{number * 2} 11:00"),
        )
        at = london(f"2026-05-0{number * 2} 10:30")
        contact.record_response(
            referral,
            made,
            response="declined_by_child",
            responded_at=at,
            declined_because="not_needed",
            by=jo,
            now=london(f"2026-05-0{number * 2} 11:00"),
        )
        settle(referral, jo, "declined not_needed")
        bring(tmp_path / str(number), episodes=[episode(f"E{number + 1}", **night(number + 1))])

    fourth = Referral.objects.get(covered__episode__episode_id="E4")

    assert Referral.objects.count() == 4
    assert fourth.closed_at is None
    assert not fourth.interviews.exists()
    clock = Deadline.objects.get(referral=fourth, name="seventy_two_hours")
    assert (clock.due_at, clock.settled) == (london("2026-05-11 07:00"), "")


def night(number):
    day = number * 2 - 1
    return {
        "last_seen_at": f"2026-05-0{day}T20:00",
        "returned_at": f"2026-05-0{day + 1}T07:00",
        "notified_at": f"2026-05-0{day + 1}T09:00",
    }


@pytest.mark.clause("CRO-24")
def test_after_a_refusal_another_worker_place_or_method_is_suggested(client, referral, robin, tray):
    give(referral, robin, tray)
    offer(referral, robin, "declined_by_child", reason="too_many")

    page = opened(client, robin, "referral", referral)

    assert "Would another worker, another place or another method suit the child better?" in words(page)
    ways = [way["to"] for way in page.context["ways"]]
    assert reverse("rhi:form_section", args=[referral.pk, "parent-carer-or-placement"]) in ways
    assert reverse("rhi:record_outcomes", args=[referral.pk]) in ways
