"""The page of a referral: what it says, and what it lets each person do."""

import html
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.urls import reverse

from episodes.models import Access, Carer, Child, Episode
from rhi import deadlines
from rhi.actions.interviews import of_referral
from rhi.models import Appointment, Attempt, Interview, Offer, Outcome, TakenBack
from routing.models import Referral, ReferralEpisode
from staff import audit
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, interview, involvement, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

TAUNTON = "Family Intervention Service: Taunton"


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("rhi.views.referral.timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def priya(client):
    priya = make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)
    client.force_login(priya)
    return priya


@pytest.fixture
def referral(tmp_path):
    """One night in May, under Somerset's procedure, in the tray of Taunton."""
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


def member(client, role=Role.CASEWORKER, team=TAUNTON, **more):
    """Somebody of the team, signed in."""
    robin = make_person(role=role)
    Membership.objects.create(user=robin, team=Team.objects.get(name=team), **more)
    client.force_login(robin)
    return robin


def interview_of(referral) -> Interview:
    with transaction.atomic():
        return of_referral(referral)


def log(referral, at: str, result="no_answer", **more) -> Attempt:
    fields = {"method": "phone", "contacted": "child", "result": result, "attempted_at": london(at)} | more
    return Attempt.objects.create(child=referral.child, interview=interview_of(referral), **fields)


def offered(referral, **more) -> Offer:
    fields = {"to": "child", "offered_at": london("2026-06-12 10:00"), "route": "phone"} | more
    return Offer.objects.create(child=referral.child, interview=interview_of(referral), **fields)


def open_page(client, referral):
    return client.get(reverse("rhi:referral", args=[referral.pk]))


def the_words(page) -> str:
    """What a page says, without its tags, each space once."""
    body = re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def links(page) -> list[str]:
    """What the list of things to do says, in order."""
    return [way["words"] for way in page.context["actions"]]


def happened(page) -> list[str]:
    return [event.title for event in page.context["events"]]


# Who may open it, and that it is kept


def test_opening_it_is_on_the_trail(client, priya, referral):
    open_page(client, referral)

    event = AuditEvent.objects.get(type=audit.Type.REFERRAL_READ)
    assert (event.by_email, event.subject, event.children) == (priya.email, f"routing.Referral:{referral.pk}", ["C1"])


def test_somebody_of_another_team_does_not_find_it(client, referral):
    client.force_login(make_person())

    assert open_page(client, referral).status_code == 404


def test_nothing_is_sent_to_it(client, priya, referral):
    assert client.post(reverse("rhi:referral", args=[referral.pk])).status_code == 405


# What to do next, and what one may do


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
    "Open the form",
    "Record the outcome",
]
GIVE = ["Assign or reassign", "Hand to another team", "Decide otherwise than the rules"]


@pytest.mark.parametrize(
    ("role", "more", "shown"),
    [
        (Role.CASEWORKER, {}, WORK),
        (Role.CASEWORKER, {"may_reassign": True}, WORK + GIVE),
        (Role.TEAM_LEADER, {}, WORK + GIVE),
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


# Clocks


def test_open_clocks_stand_first_each_in_words(client, priya, referral):
    words = the_words(open_page(client, referral))

    assert words.index("A worker assigned 33 days late Due Wed 13 May, 09:00") < words.index(
        "Interview within 72 hours"
    )
    assert "Interview within 72 hours 31 days late Due Fri 15 May, 07:00" in words


def test_clocks_that_have_ended_stand_behind_the_open_ones(client, priya, referral):
    offered(referral, offered_at=london("2026-05-13 10:00"))
    with transaction.atomic():
        deadlines.refresh([referral.pk])

    clocks = open_page(client, referral).context["clocks"]

    assert "offer" not in [clock.name for clock in clocks.first]
    assert "offer" in [clock.name for clock in clocks.rest]


def test_with_several_episodes_a_clock_says_of_which(client, priya, tmp_path, referral):
    bring(tmp_path, episodes=[episode("E2", last_seen_at="2026-05-14T20:00", returned_at="2026-05-15T07:00")])

    page = open_page(client, referral)

    assert len(page.context["clocks"].first) == 6
    assert "Due Fri 15 May, 07:00 Missing from Mon 11 May, 20:00" in the_words(page)
    assert "2 episodes" in the_words(page)


# What has happened


@pytest.mark.clause("CARD-10")
def test_five_attempts_show_in_order_with_time_method_person_result_and_hours(client, priya, referral):
    robin = make_person()
    log(referral, "2026-06-08 10:00", recorded_by=robin)
    log(referral, "2026-06-08 18:30", contacted="parent", result="left_message")
    log(referral, "2026-06-09 16:59", method="text", result="left_message")
    log(referral, "2026-06-10 17:00", method="home_visit", result="not_at_address", note="Curtains drawn.")
    log(referral, "2026-06-13 11:00", contacted="foster_carer", result="spoke_to_carer")

    page = open_page(client, referral)

    attempts = [event for event in page.context["events"] if event.title.startswith("Attempt")]
    assert [(event.at, event.title, event.facts) for event in attempts] == [
        (
            london("2026-06-13 11:00"),
            "Attempt: Spoke to a parent or carer",
            ("Phone call", "Foster carer", "Outside core hours"),
        ),
        (london("2026-06-10 17:00"), "Attempt: Not at the address", ("Home visit", "Child", "Outside core hours")),
        (london("2026-06-09 16:59"), "Attempt: Left a message", ("Text", "Child", "In core hours")),
        (london("2026-06-08 18:30"), "Attempt: Left a message", ("Phone call", "Parent", "Outside core hours")),
        (london("2026-06-08 10:00"), "Attempt: No answer", ("Phone call", "Child", "In core hours")),
    ]
    words = the_words(page)
    assert "Attempt: Not at the address Wed 10 Jun, 17:00 Home visit Child Outside core hours Curtains drawn." in words
    assert "Attempt: No answer by Robin Hale Mon 8 Jun, 10:00 Phone call Child In core hours" in words


def test_the_course_of_a_case_is_told_newest_first(client, priya, referral):
    robin = make_person()
    offered(
        referral,
        response="accepted",
        responded_at=london("2026-06-12 10:05"),
        recorded_by=robin,
        response_by=robin,
    )
    earlier = Appointment.objects.create(
        child=referral.child,
        interview=interview_of(referral),
        at=london("2026-06-13 15:00"),
        method="face_to_face",
        place="School",
        recorded_at=london("2026-06-12 10:10"),
        ended_at=london("2026-06-12 16:00"),
        ended_because="The child has an exam.",
        ended_by=robin,
    )
    Appointment.objects.filter(pk=earlier.pk).update(
        moved_to=Appointment.objects.create(
            child=referral.child,
            interview=interview_of(referral),
            at=london("2026-06-14 10:00"),
            method="face_to_face",
            recorded_at=london("2026-06-12 16:00"),
        )
    )
    Interview.objects.update(
        held_at=london("2026-06-14 10:00"),
        method="face_to_face",
        written_up_at=london("2026-06-14 12:00"),
        written_up_by=robin,
        signed_off_at=london("2026-06-14 14:00"),
        signed_off_by=priya,
        sign_off_comment="Clear and kind.",
    )
    Outcome.objects.create(
        child=referral.child, episode=Episode.objects.get(), code="completed", at=london("2026-06-14 10:30")
    )

    page = open_page(client, referral)

    assert happened(page) == [
        "Signed off",
        "Written up",
        "Outcome: Completed",
        "Interview held",
        "Appointment booked for Sun 14 Jun, 10:00",
        "Appointment of Sat 13 Jun, 15:00 moved to Sun 14 Jun, 10:00",
        "Appointment booked for Sat 13 Jun, 15:00",
        "Response: Accepted",
        "Offered to the child",
        f"In the tray of {TAUNTON}",
        "Service told of the return",
        "Child back",
        "Last seen",
    ]
    words = the_words(page)
    assert "Signed off by Priya Dean Sun 14 Jun, 14:00 Clear and kind." in words
    assert "moved to Sun 14 Jun, 10:00 by Robin Hale Fri 12 Jun, 16:00 The child has an exam." in words
    assert f"In the tray of {TAUNTON} Tue 12 May, 09:00 By the rule “Otherwise”" in words


def test_an_offer_without_its_time_stands_last_and_says_so(client, priya, referral):
    offered(referral, offered_at=None)

    page = open_page(client, referral)

    assert happened(page)[-1] == "Offered to the child"
    assert "Offered to the child At a time that nobody recorded" in the_words(page)


def test_what_was_taken_back_shows_as_such(client, priya, referral):
    TakenBack.objects.create(
        child=referral.child,
        referral=referral,
        kind="attempt",
        record={},
        by=make_person(),
        at=NOW,
        because="Wrong child.",
    )

    words = the_words(open_page(client, referral))

    assert "Taken back: Attempt by Robin Hale Mon 15 Jun, 12:00 Logged by a slip; counted nowhere Wrong child." in words


def test_one_takes_back_ones_own_slip_and_nobody_elses(client, referral):
    robin = member(client)
    own = log(referral, "2026-06-08 10:00", recorded_by=robin)
    log(referral, "2026-06-08 11:00", recorded_by=make_person("sam.okoro@example.org"))

    page = open_page(client, referral).content.decode()

    assert re.findall(r'href="([^"]*take-back[^"]*)"', page) == [
        reverse("rhi:take_back", args=[referral.pk, "attempt", own.pk])
    ]


def test_after_sign_off_nothing_is_taken_back(client, referral):
    robin = member(client)
    log(referral, "2026-06-08 10:00", recorded_by=robin)
    Interview.objects.update(held_at=NOW, written_up_at=NOW, signed_off_at=NOW)

    assert "take-back" not in open_page(client, referral).content.decode()


def test_that_it_was_held_is_taken_back_by_whoever_recorded_it(client, referral):
    robin = member(client)
    held = interview_of(referral)
    Interview.objects.update(held_at=london("2026-06-14 10:00"))
    with transaction.atomic():
        audit.record(audit.Type.INTERVIEW_HELD, by=robin, at=NOW, subject=held, children=["C1"])

    page = open_page(client, referral)

    assert reverse("rhi:take_back", args=[referral.pk, "held", held.pk]) in page.content.decode()
    assert "Interview held by Robin Hale Sun 14 Jun, 10:00" in the_words(page)


# Offers and the appointment


def test_a_response_is_one_link_away(client, referral):
    member(client)
    offer = offered(referral)

    page = open_page(client, referral).content.decode()

    answer = reverse("rhi:record_response", args=[referral.pk, offer.pk])
    assert re.findall(rf'href="{answer}(\?[^"]*)"', page) == [
        "?response=accepted",
        "?response=declined_by_child",
        "?response=no_response",
    ]


def test_a_parents_refusal_is_the_parents(client, referral):
    member(client)
    offered(referral, to="parent")

    assert "?response=declined_by_parent" in open_page(client, referral).content.decode()


def test_what_is_booked_can_be_moved_and_cancelled(client, referral):
    member(client)
    booked = Appointment.objects.create(
        child=referral.child,
        interview=interview_of(referral),
        at=london("2026-06-16 15:00"),
        place="School",
        method="face_to_face",
        recorded_at=NOW,
    )

    page = open_page(client, referral)

    assert (
        "Appointment Tue 16 Jun, 15:00 Face to face, School Move the appointment Cancel the appointment"
        in the_words(page)
    )
    assert reverse("rhi:move", args=[referral.pk, booked.pk]) in page.content.decode()
    assert "Book the interview" not in links(page)


# People, episodes, contacts, guidance, the decision


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


# The cost


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_has_happened(client, tmp_path, django_assert_num_queries, rows):
    publish("somerset")
    nights = [
        episode(
            f"E{night}",
            last_seen_at=f"2026-05-{11 + 2 * night}T20:00",
            returned_at=f"2026-05-{12 + 2 * night}T07:00",
        )
        for night in range(rows)
    ]
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=nights)
    referral = Referral.objects.get()
    robin = member(client)
    offered(referral, recorded_by=robin)
    for number in range(rows):
        log(referral, f"2026-06-0{number + 1} 10:00", recorded_by=robin)
        Carer.objects.create(child=referral.child, name=f"Carer {number}", relationship="Aunt")
        Appointment.objects.create(
            child=referral.child,
            interview=interview_of(referral),
            at=NOW + timedelta(days=number),
            method="telephone",
            recorded_at=NOW,
            ended_at=NOW,
            ended_because="Ill.",
        )
        TakenBack.objects.create(
            child=referral.child, referral=referral, kind="attempt", record={}, by=robin, at=NOW, because="Wrong."
        )
    open_page(client, referral)

    # session, person, referral; 13 kinds of rows; what she may do; the contact panel (5); the audit row (3)
    with django_assert_num_queries(24):
        page = open_page(client, referral)
    assert len(page.context["case"].covered) == rows
    assert len(page.context["case"].attempts) == rows
