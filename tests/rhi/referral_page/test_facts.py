"""What stands beside: people, episodes, contacts, guidance, and why it came here."""

import pytest

from episodes.models import Carer, Child, Episode
from routing.models import Referral, ReferralEpisode
from tests.records import NOW, bring, child, episode, interview, involvement, publish
from tests.rhi.referral_page.reading import TAUNTON, links, member, offered, open_page, the_words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("safe", "said"),
    [
        (True, "Safe to contact 01823 555 010"),
        (False, "Not safe: do not contact Police advice"),
        (None, "Not known if safe: ask before you contact 01823 555 010"),
    ],
)
def test_a_carer_is_shown_with_whether_they_may_be_contacted(client, priya, referral, safe, said):
    Carer.objects.create(
        child=referral.child,
        name="Alex Example",
        relationship="Mother",
        safe_to_contact=safe,
        reason="" if safe is not False else "Police advice",
        phone="01823 555 010",
    )

    page = open_page(client, referral)

    assert f"Alex Example Mother {said}" in the_words(page)
    assert ("01823" in page.content.decode()) is (safe is not False)


def test_the_workers_of_open_involvements_are_named(client, priya, tmp_path):
    publish("somerset")
    make_person("ann@example.org", "Ann Lee")
    ended = involvement("assessment", end="2026-03-01", team="Assessment Team")
    bring(tmp_path, children=[child()], involvements=[involvement(), ended], episodes=[episode()])

    words = the_words(open_page(client, Referral.objects.get()))

    assert "Child in need Ann Lee North" in words
    assert "Assessment Team" not in words


@pytest.mark.clause("SOM-6a")
def test_an_unaccompanied_child_is_marked(client, priya, referral):
    Child.objects.update(uasc=True)

    assert "Unaccompanied asylum-seeking child" in open_page(client, referral).context["statuses"]


@pytest.mark.parametrize(
    ("precision", "said"),
    [
        ("exact", "Back Tue 12 May, 07:00 After 11 hours Came back"),
        ("estimated", "Back Tue 12 May, 07:00 Estimated After 11 hours Came back"),
        ("date", "Back Tue 12 May Date only Came back"),
    ],
)
def test_how_well_a_return_is_known_is_said(client, priya, referral, precision, said):
    Episode.objects.update(return_precision=precision, ended_how="returned")

    assert said in the_words(open_page(client, referral))


def test_a_closed_referral_says_how_and_when_it_ended(client, priya, tmp_path):
    publish("somerset")
    bring(
        tmp_path,
        children=[child()],
        episodes=[episode()],
        interviews=[
            interview(
                offered_at="2026-05-13T10:00",
                offered_to="child",
                response="declined_by_child",
                responded_at="2026-05-13T10:05",
                outcome="declined",
                reason="not_needed",
            )
        ],
    )
    referral = Referral.objects.get()

    page = open_page(client, referral)

    assert "Closed Wed 13 May, 10:05. Declined: says that it is not needed." in the_words(page)
    assert "Log an attempt" not in links(page)


def test_several_episodes_that_ended_alike_are_told_together(client, priya, tmp_path):
    publish("somerset")
    nights = [episode(), episode("E2", last_seen_at="2026-05-14T20:00", returned_at="2026-05-15T07:00")]
    told = interview(episode_ids="E1 E2", outcome="no_contact", reason="no_answer")
    bring(tmp_path, children=[child()], episodes=nights, interviews=[told])

    page = open_page(client, Referral.objects.get())

    assert page.context["ended"] == ["No contact: no answer (2 episodes)"]


def test_once_child_and_parent_are_offered_it_there_is_no_offer_left_to_record(client, referral):
    member(client)
    offered(referral)
    assert "Record an offer" in links(open_page(client, referral))
    offered(referral, to="parent")

    assert "Record an offer" not in links(open_page(client, referral))


def test_a_withdrawn_episode_is_marked_and_owes_no_outcome(client, priya, referral):
    Episode.objects.update(withdrawn_at=NOW, withdrawn_because="A duplicate.")

    page = open_page(client, referral)

    assert "Withdrawn A duplicate." in the_words(page)
    assert "Record the outcome" not in links(page)


@pytest.mark.clause("SUR-23")
def test_the_operational_and_oversight_contacts_stand_beside_a_child_who_is_not_looked_after(client, priya, tmp_path):
    publish("surrey")
    bring(tmp_path, children=[child()], episodes=[episode()])

    page = open_page(client, Referral.objects.get())

    assert [(contact.role, contact.service) for contact in page.context["contacts"]] == [
        ("Operational contact", "Surrey Family Services"),
        ("Operational overview", "Surrey Family Services"),
        ("Operational overview", "Surrey Children's Services"),
    ]
    assert "rhi-operations@surrey.example.org" in the_words(page)


@pytest.mark.clause("SUR-23")
def test_those_contacts_do_not_stand_beside_a_looked_after_child(client, priya, tmp_path):
    publish("surrey")
    bring(tmp_path, children=[child()], involvements=[involvement("looked_after")], episodes=[episode()])

    page = open_page(client, Referral.objects.get())

    assert page.context["contacts"] == []
    assert "surrey.example.org" not in the_words(page)


@pytest.mark.clause("SOM-2")
def test_the_authoritys_guidance_opens_from_the_page(client, priya, referral):
    page = open_page(client, referral).content.decode()

    for document in referral.version.procedure.guidance:
        assert f'href="{document.address}"' in page


def test_why_it_came_here_is_told_with_every_rule_considered(client, priya, referral):
    page = open_page(client, referral)

    (decision,) = page.context["decisions"]
    assert (decision["destination"], decision["team"], decision["clause"]) == (
        "A team's tray",
        TAUNTON,
        "Somerset 4.1 and 8.1.2",
    )
    assert decision["considered"] == [
        {
            "rule": "Under eight",
            "matched": False,
            "because": "The child was 14 on the day of return, not under 8.",
        },
        {"rule": "Otherwise", "matched": True, "because": referral.version.procedure.routing.default.because},
    ]


def test_a_referral_that_a_record_made_says_so(client, priya, referral):
    ReferralEpisode.objects.update(decision=None)

    assert "No rule brought it here: an interview record named the episode." in the_words(open_page(client, referral))
