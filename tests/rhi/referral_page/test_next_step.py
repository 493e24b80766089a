"""What is to be done next, and what each person may do."""

import pytest
from django.urls import reverse

from episodes.models import Access, Episode
from rhi.actions.outcomes_by_hand import Settled, record_outcomes
from rhi.models import Interview
from routing.models import Referral
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, involvement, london, publish
from tests.rhi.referral_page.reading import TAUNTON, interview_of, links, member, open_page, the_words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


def test_a_leader_is_asked_to_give_it_to_a_worker(client, referral):
    member(client, Role.TEAM_LEADER)

    page = open_page(client, referral)

    assert f"What to do next Give it to a worker It lies in the tray of {TAUNTON}, and nobody" in the_words(page)
    assert page.context["ways"] == [{"words": "Assign it", "to": reverse("rhi:assign", args=[referral.pk])}]


def test_a_caseworker_is_told_that_the_leader_gives_it_to_a_worker(client, referral):
    member(client)

    page = open_page(client, referral)

    assert page.context["ways"] == []
    assert "The team’s leader gives it to a worker." in the_words(page)


WORK = [
    "Log an attempt",
    "Record an offer",
    "Book the interview",
    "Record that it was held",
    "Record what the records say",
    "Form to fill in on paper",
    "Open the form",
    "Episodes in this interview",
    "Record the outcome",
]
GIVE = ["Assign or reassign", "Hand to another team", "Decide otherwise than the rules"]
ALWAYS = ["Write a case note", "Share what the interview says"]


@pytest.mark.parametrize(
    ("role", "more", "shown"),
    [
        (Role.CASEWORKER, {}, WORK + ALWAYS),
        (Role.CASEWORKER, {"may_reassign": True}, WORK + GIVE + ALWAYS),
        (Role.TEAM_LEADER, {}, [*WORK, *GIVE, *ALWAYS, "Put a worry to a manager"]),
    ],
)
def test_only_what_a_person_may_do_is_offered(client, referral, role, more, shown):
    member(client, role, **more)

    assert links(open_page(client, referral)) == shown


def test_whoever_gave_a_reason_reads_and_changes_nothing(client, referral):
    robin = make_person()
    Access.objects.create(child=referral.child, user=robin, basis="break_glass", since=NOW, because="On duty")
    client.force_login(robin)

    page = open_page(client, referral)

    assert links(page) == []
    assert "You can read this referral." in the_words(page)


def test_whoever_wrote_an_interview_up_is_not_asked_to_sign_it_off(client, referral):
    sam = member(client, Role.TEAM_LEADER)
    Interview.objects.filter(pk=interview_of(referral).pk).update(
        held_at=london("2026-06-14 10:00"), written_up_at=london("2026-06-14 12:00"), written_up_by=sam
    )

    page = open_page(client, referral)

    assert page.context["step"].title == "Read and sign off"
    assert "Read and sign off" not in links(page)
    assert [way["words"] for way in page.context["ways"]] == ["Record the outcome"]


def test_somebody_else_is_asked_to_sign_off(client, priya, referral):
    robin = make_person()
    Interview.objects.filter(pk=interview_of(referral).pk).update(
        held_at=london("2026-06-14 10:00"), written_up_at=london("2026-06-14 12:00"), written_up_by=robin
    )

    page = open_page(client, referral)

    assert "Robin Hale has written it up. Somebody else reads it and signs it off." in the_words(page)
    assert page.context["ways"][0]["to"] == reverse("rhi:sign_off", args=[referral.pk])


def test_without_an_interview_the_form_is_what_comes_next_and_then_sign_off(client, referral):
    robin = member(client)
    interview = interview_of(referral)
    (cover,) = referral.covered.all()
    record_outcomes(referral, settled={cover.episode_id: Settled("not_offered", "hospital")}, by=robin, now=NOW)

    page = open_page(client, referral)

    assert "What to do next Write up why there was no interview Every episode has its outcome." in the_words(page)
    assert page.context["ways"] == [{"words": "Open the form", "to": reverse("rhi:form", args=[referral.pk])}]

    Interview.objects.filter(pk=interview.pk).update(written_up_at=NOW, written_up_by=robin)
    page = open_page(client, referral)
    assert (page.context["step"].title, page.context["ways"]) == ("Read and sign off", [])
    assert "A team leader or missing coordinator who did not write it signs it off." in the_words(page)

    sam = make_person("sam@example.org", "Sam Okoro", Role.TEAM_LEADER)
    Membership.objects.create(user=sam, team=Team.objects.get(name=TAUNTON))
    client.force_login(sam)
    page = open_page(client, referral)
    assert page.context["ways"][0]["to"] == reverse("rhi:sign_off", args=[referral.pk])
    assert "Read and sign off" in links(page)

    Interview.objects.filter(pk=interview.pk).update(signed_off_at=NOW, signed_off_by=sam)
    page = open_page(client, referral)
    assert page.context["step"].title == "Nothing more to do"
    assert "Open the form" not in links(page)


def test_a_question_is_settled_first(client, tmp_path):
    publish("surrey")
    make_person("ann@example.org", "Ann Lee")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode()])
    referral = Referral.objects.get()
    member(client, Role.TEAM_LEADER, team="Rapid Engagement Team")

    page = open_page(client, referral)

    assert page.context["ways"] == [{"words": "Settle the question", "to": reverse("rhi:settle", args=[referral.pk])}]
    assert "Settle the question" in links(page)


def test_a_child_who_is_missing_again_is_waited_for(client, priya, tmp_path, referral):
    bring(tmp_path, episodes=[episode("E2", last_seen_at="2026-06-14T20:00", returned_at="", notified_at="")])
    referral.allocations.update(worker=make_person())

    page = open_page(client, referral)

    missing = Episode.objects.get(episode_id="E2")
    assert page.context["ways"] == [
        {"words": "Record the return", "to": reverse("rhi:record_return", args=[missing.pk])}
    ]
