"""The page where episodes are taken in and out."""

import pytest
from django.urls import reverse

from episodes.models import Episode
from rhi.models import EpisodeMoved
from routing.models import Referral
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import bring, episode
from tests.rhi.covering.conftest import give
from tests.rhi.writing import member, words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


def page(referral):
    return reverse("rhi:covered", args=[referral.pk])


def pk(name):
    return Episode.objects.get(episode_id=name).pk


@pytest.fixture
def signed_in(client, robin):
    client.force_login(robin)
    return client


def test_it_lists_what_the_interview_is_about_and_what_it_could_be_about(signed_in, apart, robin):
    give(apart["E2"], robin)

    response = signed_in.get(page(apart["E1"]))

    choices = [str(choice[1]) for choice in response.context["form"].fields["change"].choices]
    assert choices == ["Take in the episode of Thu 14 May, 20:00", "Take in the episode of Mon 18 May, 20:00"]
    shown = words(response)
    assert f"It lies in R{apart['E2'].pk}, held by Robin Hale." in shown
    assert "It is the only episode that this interview is about." in shown
    assert AuditEvent.objects.filter(type="referral_read", children=["C1"]).exists()


def test_an_episode_is_taken_in_with_a_reason(signed_in, apart):
    typed = {"change": f"in-{pk('E2')}", "because": "The same friend each time."}

    response = signed_in.post(page(apart["E1"]), typed, follow=True)

    assert response.redirect_chain == [(page(apart["E1"]), 302)]
    assert "This interview is now about that episode as well." in words(response)
    assert EpisodeMoved.objects.get().because == "The same friend each time."


def test_an_episode_is_taken_out_with_a_reason(signed_in, together):
    typed = {"change": f"out-{pk('E2')}", "because": "Another matter."}

    response = signed_in.post(page(together), typed, follow=True)

    own = Referral.objects.get(covered__episode__episode_id="E2")
    assert f"it has a referral of its own, {own}." in words(response)


def test_without_a_reason_nothing_moves(signed_in, apart):
    response = signed_in.post(page(apart["E1"]), {"change": f"in-{pk('E2')}", "because": " "})

    assert response.context["form"].errors == {"because": ["Say why"]}
    assert response.context["form"]["change"].value() == f"in-{pk('E2')}"
    assert not EpisodeMoved.objects.exists()


def test_what_cannot_be_moved_is_no_choice_and_nothing_typed_is_lost(signed_in, apart):
    response = signed_in.post(page(apart["E1"]), {"change": f"out-{pk('E1')}", "because": "By itself."})

    errors = response.context["form"].errors
    assert errors == {"change": ["This episode cannot be moved any more. Choose another one"]}
    assert "By itself." in words(response)


def test_a_child_with_one_episode_has_nothing_to_move(signed_in, together, tmp_path):
    Episode.objects.exclude(episode_id="E1").update(withdrawn_at="2026-05-20T09:00Z", withdrawn_because="Twice.")

    response = signed_in.get(page(together))

    assert "There is none. When the child goes missing again" in words(response)
    assert "Why?" not in words(response)


def test_a_closed_referral_says_why_nothing_can_be_moved(signed_in, together):
    Referral.objects.update(closed_at="2026-05-20T09:00Z")

    assert "This referral is closed: every episode has its outcome." in words(signed_in.get(page(together)))


def test_both_referrals_say_in_their_timeline_what_was_moved_why_and_by_whom(signed_in, apart):
    signed_in.post(page(apart["E1"]), {"change": f"in-{pk('E2')}", "because": "The same friend."})

    for name, title in (("E1", "Episode taken into this interview"), ("E2", "Episode taken into another interview")):
        shown = signed_in.get(reverse("rhi:referral", args=[apart[name].pk]))
        event = next(event for event in shown.context["events"] if event.title == title)
        assert (event.words, event.by) == ("The same friend.", "Robin Hale")
        other = {"E1": f"From: R{apart['E2'].pk}", "E2": f"Now in: R{apart['E1'].pk}"}[name]
        assert event.facts == ("Episode E2", other)


def test_the_referral_leads_to_the_page(signed_in, apart):
    shown = signed_in.get(reverse("rhi:referral", args=[apart["E1"].pk]))

    assert page(apart["E1"]) in [way["to"] for way in shown.context["actions"]]


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.INTERVIEWER, Role.MANAGER])
def test_whoever_may_not_work_on_the_referral_finds_no_page(client, apart, role):
    client.force_login(make_person("other@example.org", "Other Person", role))

    assert client.get(page(apart["E1"])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_many_episodes_there_are(
    signed_in, apart, tmp_path, rows, django_assert_num_queries
):
    more = [
        episode(f"F{day}", last_seen_at=f"2026-06-0{day}T20:00", returned_at=f"2026-06-0{day + 1}T07:00")
        for day in range(1, rows + 1)
    ]
    bring(tmp_path / "more", episodes=more)
    signed_in.get(page(apart["E1"]))

    # session, person, referral; the interview, its episodes, the others, what is about them, who holds those;
    # the line in the trail (3)
    with django_assert_num_queries(11):
        response = signed_in.get(page(apart["E1"]))
    assert len(response.context["covering"].others) == 2 + rows


def test_a_leader_and_a_coordinator_may_move_episodes_too(client, apart):
    leader = member("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)
    for person in (leader, make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)):
        client.force_login(person)
        assert client.get(page(apart["E1"])).status_code == 200
