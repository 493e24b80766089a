"""That an interview was held, and what became of each episode, as people record it."""

import re
from html import unescape

import pytest
from django.db import transaction
from django.urls import reverse

from rhi.actions.contradictions import OutcomeRefused, Settled
from rhi.actions.outcomes_by_hand import HeldRefused, record_held, record_outcomes
from rhi.models import Answer, Interview, Offer, Outcome
from routing.models import Deadline, Referral
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

NOW = london("2026-05-14 09:00")
HELD_AT = london("2026-05-13 10:00")
TAUNTON = "Family Intervention Service: Taunton"


@pytest.fixture
def referral(tmp_path):
    """One child who was missing twice before the interview: two episodes, one referral."""
    publish("somerset")
    second = {"last_seen_at": "2026-05-12T20:00", "returned_at": "2026-05-13T07:00", "notified_at": "2026-05-13T08:00"}
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **second)])
    return Referral.objects.get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


def member(email, name, role=Role.CASEWORKER):
    person = make_person(email, name, role)
    Membership.objects.create(user=person, team=Team.objects.get(name=TAUNTON))
    return person


def hold(referral, by, **facts):
    facts = {"held_at": HELD_AT, "method": "face_to_face", **facts}
    return record_held(referral, **facts, by=by, now=NOW)


def absences(referral):
    return [cover.episode_id for cover in referral.covered.order_by("episode__last_seen_at")]


def settle(referral, by, *codes, although=True, **more):
    """Give the episodes these outcomes in order: `completed`, `declined distrust`; whatever has been logged."""
    settled = {pk: Settled(*code.split()) for pk, code in zip(absences(referral), codes, strict=False)}
    return record_outcomes(referral, settled=settled, although=although, by=by, now=NOW, **more)


def outcomes():
    return [f"{each.code} {each.reason}".strip() for each in Outcome.objects.order_by("episode__episode_id")]


def words(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


# Held


def test_an_interview_that_was_held_keeps_when_how_where_and_by_whom(referral, robin):
    hold(referral, robin, place="school_or_college")

    interview = Interview.objects.get()
    assert (interview.held_at, interview.method, interview.worker) == (HELD_AT, "face_to_face", robin)
    assert sorted(interview.typed) == ["held_at", "method"]
    assert Answer.objects.get().value == {"answer": "school_or_college"}
    line = AuditEvent.objects.get(type="interview_held")
    assert (line.by_email, line.children, line.subject) == (
        "robin.hale@example.org",
        ["C1"],
        f"rhi.Interview:{interview.pk}",
    )


def test_holding_the_interview_stops_its_clocks(referral, robin):
    hold(referral, robin)

    stopped = Deadline.objects.filter(name="seventy_two_hours").values_list("met_at", "settled")
    assert list(stopped) == [(HELD_AT, "met"), (HELD_AT, "met")]


@pytest.mark.parametrize(
    ("held_at", "refused"),
    [
        ("2026-05-14 09:01", "This lies in the future."),
        ("2026-05-12 06:59", "The child returned Tue 12 May, 07:00."),
    ],
)
def test_an_interview_lies_between_the_return_and_now(referral, robin, held_at, refused):
    with pytest.raises(HeldRefused, match=re.escape(refused)):
        hold(referral, robin, held_at=london(held_at))

    assert not Interview.objects.exclude(held_at=None).exists()


def test_an_interview_may_be_held_in_the_minute_of_the_return(referral, robin):
    assert hold(referral, robin, held_at=london("2026-05-13 07:00")).held_at == london("2026-05-13 07:00")


def test_an_interview_that_was_recorded_as_held_says_by_whom(referral, robin):
    hold(referral, robin)

    with pytest.raises(HeldRefused, match=r"Robin Hale has recorded that this interview was held Wed 13 May, 10:00\."):
        hold(referral, member("nia.frost@example.org", "Nia Frost"))


def test_what_was_typed_stays_when_the_interview_is_recorded_already(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    typed = {"held_at": "2026-05-13T16:30", "method": "telephone", "place": ""}
    response = client.post(reverse("rhi:record_held", args=[referral.pk]), typed)

    assert response.status_code == 200
    assert "Robin Hale has recorded that this interview was held" in words(response)
    assert 'value="2026-05-13T16:30"' in response.content.decode()


def test_recording_that_it_was_held_leads_to_the_form(client, referral, robin):
    client.force_login(robin)

    typed = {"held_at": "2026-05-13T10:00", "method": "video", "place": "home"}
    response = client.post(reverse("rhi:record_held", args=[referral.pk]), typed)

    assert response.headers["Location"] == reverse("rhi:form", args=[referral.pk])
    assert Interview.objects.get().held_at == HELD_AT


# Outcomes


@pytest.mark.clause("SUR-09")
def test_without_an_interview_with_the_child_nothing_is_completed(referral, robin):
    for code in ("completed", "covered", "part_completed child_stopped"):
        with pytest.raises(OutcomeRefused, match="talking to an adult is not the interview"):
            settle(referral, robin, code)

    assert outcomes() == []


@pytest.mark.clause("SOM-4.18a")
def test_each_episode_gets_its_own_outcome_and_the_last_one_closes_the_referral(referral, robin):
    hold(referral, robin)

    settle(referral, robin, "covered", "completed")

    assert outcomes() == ["covered", "completed"]
    first = Outcome.objects.first()
    assert (first.recorded_by, first.recorded_at, first.at) == (robin, NOW, HELD_AT)
    assert first.interview == Interview.objects.get()
    assert Referral.objects.get().closed_at == HELD_AT


def test_the_referral_stays_open_while_an_episode_lacks_its_outcome(referral, robin):
    settle(referral, robin, "no_contact no_answer")

    assert Referral.objects.get().closed_at is None


def test_an_outcome_without_an_interview_is_settled_when_it_is_recorded_and_stops_the_clocks(referral, robin):
    settle(referral, robin, "no_contact no_answer", "no_contact no_answer")

    assert Referral.objects.get().closed_at == NOW
    assert not Deadline.objects.filter(settled="").exists()


def test_episodes_are_covered_only_by_an_interview_that_completes_another(referral, robin):
    hold(referral, robin)

    with pytest.raises(OutcomeRefused, match="An episode is covered by an interview that is completed for another one"):
        settle(referral, robin, "covered", "covered")


@pytest.mark.parametrize("code", ["no_contact", "no_contact distrust", "no_such_outcome", "declined died"])
def test_a_reason_must_belong_to_its_outcome(referral, robin, code):
    with pytest.raises(OutcomeRefused, match="from the list"):
        settle(referral, robin, code)


@pytest.mark.parametrize("response", ["", "accepted", "declined_by_child", "no_response"])
def test_a_parent_cannot_decline_for_a_child_who_was_asked(referral, robin, response):
    offer(referral, response)

    with pytest.raises(OutcomeRefused, match="The child was asked, so the child’s own answer counts"):
        settle(referral, robin, "declined by_parent")


@pytest.mark.parametrize("asked", [False, True])
def test_a_parent_may_decline_where_the_child_could_not_be_asked(referral, robin, asked):
    if asked:
        offer(referral, "not_asked")
    offer(referral, "declined_by_parent", to="parent")

    settle(referral, robin, "declined by_parent", "declined by_parent")

    assert outcomes() == ["declined by_parent", "declined by_parent"]


def offer(referral, response, to="child", **facts):
    interview, _ = Interview.objects.get_or_create(reference="I", child=referral.child, referral=referral)
    return Offer.objects.create(child=referral.child, interview=interview, to=to, response=response, **facts)


def test_episodes_of_another_referral_are_refused(referral, robin):
    with pytest.raises(OutcomeRefused, match="These episodes are not, or no longer, part of this referral"):
        record_outcomes(referral, settled={0: Settled("no_contact", "no_answer")}, by=robin, now=NOW)
    with pytest.raises(OutcomeRefused, match="These episodes are not"):
        record_outcomes(referral, settled={}, by=robin, now=NOW)


def test_the_trail_names_the_episodes_and_their_outcomes(referral, robin):
    settle(referral, robin, "no_contact no_answer", "not_offered hospital")

    assert AuditEvent.objects.get(type="outcome_recorded").detail == {
        "referral": referral.pk,
        "outcomes": {"E1": "no_contact no_answer", "E2": "not_offered hospital"},
    }


def test_an_outcome_and_its_line_in_the_trail_fail_together(referral, robin, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the trail cannot be written")

    monkeypatch.setattr("staff.audit.record", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        settle(referral, robin, "no_contact no_answer")

    assert outcomes() == []


# The page


def typed(referral, *codes):
    fields = {}
    for pk, code in zip(absences(referral), codes, strict=False):
        outcome, _, reason = code.partition(" ")
        fields |= {f"outcome_{pk}": outcome, f"reason_{pk}_{outcome}": reason}
    return fields


def page_of(referral):
    return reverse("rhi:record_outcomes", args=[referral.pk])


def test_of_a_held_interview_completed_is_suggested_for_the_episode_that_ended_last(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    form = client.get(page_of(referral)).context["form"]

    assert [form[f"outcome_{pk}"].value() for pk in absences(referral)] == ["covered", "completed"]


def test_a_refusal_is_suggested_with_its_reason(client, referral, robin):
    offer(referral, "declined_by_child")
    Offer.objects.update(declined_because="distrust")
    client.force_login(robin)

    form = client.get(page_of(referral)).context["form"]

    first = absences(referral)[0]
    assert (form[f"outcome_{first}"].value(), form[f"reason_{first}_declined"].value()) == ("declined", "distrust")


def test_outcomes_are_recorded_all_on_one_page(client, referral, robin):
    client.force_login(robin)

    response = client.post(page_of(referral), typed(referral, "not_required now_18", "not_offered hospital"))

    assert response.headers["Location"] == reverse("rhi:form", args=[referral.pk])
    assert outcomes() == ["not_required now_18", "not_offered hospital"]


def test_an_outcome_without_its_reason_is_asked_again_with_what_was_chosen(client, referral, robin):
    client.force_login(robin)

    response = client.post(page_of(referral), typed(referral, "no_contact", "not_offered hospital"))

    assert "Choose the reason" in words(response)
    assert re.search(r'value="not_offered"\s+checked', response.content.decode())
    assert outcomes() == []


def test_of_two_who_record_one_outcome_the_second_learns_who_was_first_and_keeps_what_was_typed(
    client, referral, robin
):
    settle(referral, member("nia.frost@example.org", "Nia Frost"), "no_contact no_answer", "no_contact no_answer")
    client.force_login(robin)

    response = client.post(page_of(referral), typed(referral, "not_offered hospital", "not_offered abroad"))

    assert response.status_code == 200
    assert (
        "Nia Frost has recorded “No contact” for the episode of Mon 11 May, 20:00 (Thu 14 May, 09:00). "
        "Nothing was changed." in words(response)
    )
    assert len(re.findall(r'value="not_offered"\s+checked', response.content.decode())) == 2
    assert outcomes() == ["no_contact no_answer", "no_contact no_answer"]


@pytest.mark.parametrize("fields", [{}, {"outcome_x": "completed"}, {"outcome_1": "\x00"}])
def test_a_page_that_was_tampered_with_is_asked_again(client, referral, robin, fields):
    client.force_login(robin)

    assert client.post(page_of(referral), fields).status_code == 200
    assert outcomes() == []
