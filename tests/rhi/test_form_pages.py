"""How far the interview's form is, what the records say in it, its record on paper, and what its pages cost."""

import re

import pytest
from django.urls import reverse

from rhi.models import Answer, Interview, Offer
from routing.models import Referral
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import bring, child, episode, involvement, london, publish
from tests.rhi.writing import address, hold, member, save, words
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


# The overview


def test_the_overview_says_how_far_each_section_is(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)
    save(client, referral, "N", {"analysis": "An argument at home."})

    page = words(client.get(reverse("rhi:form", args=[referral.pk])))

    assert "Your analysis 2 to answer" in page
    assert "Before: why Not started" in page
    assert "Contact attempts From the records" in page


@pytest.mark.clause("SOM-4.8b")
def test_a_refusal_asks_for_the_childs_own_words_and_for_no_interview(client, referral, robin):
    interview = Interview.objects.create(reference="I", child=referral.child, referral=referral)
    Offer.objects.create(
        child=referral.child,
        interview=interview,
        to="child",
        response="declined_by_child",
        declined_because="already_told",
    )
    client.force_login(robin)

    assert [
        each["section"].letter for each in client.get(reverse("rhi:form", args=[referral.pk])).context["sections"]
    ] == list("ABCDEMNOPQ")
    page = words(client.get(address(referral, "E")))
    assert "Has already told somebody" in page
    assert "In the child's own words" in page


def test_a_section_about_an_interview_that_was_not_held_says_so(client, referral, robin):
    client.force_login(robin)

    assert "These questions are asked when an interview was held." in words(client.get(address(referral, "G")))


def test_what_the_records_say_is_shown_and_not_asked(client, referral, robin, tmp_path):
    bring(tmp_path, involvements=[involvement("looked_after", placement_area="out_of_area")])
    client.force_login(robin)

    page = words(client.get(address(referral, "B")))

    assert "Name Robin Example" in page
    assert "Open to Looked after" in page
    assert "Living Further away" in page
    assert "Missing in the last 90 days once" in page


# The record


def test_the_record_keeps_the_childs_words_as_quotes_and_marks_other_people(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)
    save(client, referral, "G", {"child_own_account": "We argued."})
    save(client, referral, "H", {"who_with__0__name": "Jay", "who_with__0__relationship": "Friend"})

    response = client.get(reverse("rhi:record", args=[referral.pk]))

    page = response.content.decode()
    assert re.search(r'<blockquote class="rhi-answer__quote">\s*<p>We argued.</p>', page)
    assert "About other people: do not pass this on without checking it." in words(response)
    assert "Draft. Not written up yet" in words(response)
    assert "OFFICIAL-SENSITIVE" in words(response)


def test_the_record_names_an_ethnicity_that_is_held_as_a_code(client, referral, robin, tmp_path):
    bring(tmp_path, children=[child(ethnicity="BAFR")])
    hold(referral, robin)
    client.force_login(robin)

    record = words(client.get(reverse("rhi:record", args=[referral.pk])))
    assert "Black African" in record
    assert "BAFR" not in record


def test_opening_the_form_and_the_record_is_on_the_trail(client, referral, robin):
    client.force_login(robin)
    client.get(reverse("rhi:form", args=[referral.pk]))
    client.get(address(referral, "N"))
    client.get(reverse("rhi:record", args=[referral.pk]))

    lines = AuditEvent.objects.filter(type__in=["form_read", "record_printed"]).order_by("pk")
    assert [(line.type, line.children) for line in lines] == [
        ("form_read", ["C1"]),
        ("form_read", ["C1"]),
        ("record_printed", ["C1"]),
    ]


@pytest.mark.parametrize("name", ["form", "submit", "record_held", "record_outcomes", "sign_off", "record"])
def test_somebody_elses_referral_is_not_there(client, referral, name):
    client.force_login(make_person("other@example.org", "Other Person", Role.TEAM_LEADER))

    assert client.get(reverse(f"rhi:{name}", args=[referral.pk])).status_code == 404


# The cost


@pytest.fixture(params=[1, 3])
def busy(request, referral, robin, tmp_path):
    """A referral with as many attempts, involvements and answers as the parameter says."""
    bring(
        tmp_path,
        involvements=[
            involvement(service) for service in ["child_in_need", "assessment", "youth_justice"][: request.param]
        ],
        episodes=[
            episode(f"E{number}", last_seen_at=f"2026-05-0{number}T20:00", returned_at=f"2026-05-0{number + 1}T07:00")
            for number in range(2, 2 + request.param)
        ],
    )
    interview = hold(referral, robin)
    for number in range(request.param):
        interview.attempts.create(
            child=referral.child,
            attempted_at=london(f"2026-05-12 1{number}:00"),
            method="phone",
            contacted="child",
            result="no_answer",
        )
        Answer.objects.create(
            child=referral.child,
            interview=interview,
            question=["analysis", "present", "planned"][number],
            value={},
            by=robin,
            at=now(),
        )
    return referral


COSTS = {"form": 21, "submit": 19, "record": 22, "record_outcomes": 20}


@pytest.mark.parametrize("name", list(COSTS))
def test_a_page_costs_the_same_however_much_is_recorded(client, busy, robin, name, django_assert_num_queries):
    client.force_login(robin)
    page = reverse(f"rhi:{name}", args=[busy.pk])
    client.get(page)

    # session, person, referral, the case (10), the line in the trail (3); of the form also whether it was sent back,
    # of the record what was submitted, of the outcomes what is booked
    with django_assert_num_queries(COSTS[name]):
        client.get(page)


def test_a_section_costs_the_same_however_much_is_recorded(client, busy, robin, django_assert_num_queries):
    client.force_login(robin)
    client.get(address(busy, "N"))

    with django_assert_num_queries(22):  # and what was said before (2)
        client.get(address(busy, "N"))
