"""The procedure in plain English."""

import html
import re
from datetime import date

import pytest

from rhi.views.procedure_words import sources
from staff.permissions import Role
from tests.records import publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

SHIPPED = ["croydon", "nottinghamshire", "somerset", "surrey", "wokingham"]


def the_words(page) -> str:
    """What a page says, without its tags, each space once."""
    body = re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture
def reader(client):
    client.force_login(make_person(role=Role.MANAGER))
    return client


@pytest.mark.clause("SOM-2")
@pytest.mark.parametrize("name", SHIPPED)
def test_the_page_says_every_rule_step_guidance_document_and_contact_with_its_clause(reader, name):
    procedure = publish(name).procedure

    words = the_words(reader.get("/procedure/"))

    for rule in [*procedure.routing.rules, procedure.routing.default]:
        assert rule.because in words
        assert rule.clause in words
    for step in procedure.casework:
        assert f"{step.text} {step.clause}" in words
    for document in procedure.guidance:
        assert document.title in words
    for contact in procedure.contacts:
        assert f"{contact.role} {contact.service} {contact.mailbox}" in words
    for rule in [*procedure.triggers, *procedure.meetings]:
        assert rule.clause in words


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_of_the_program_shows_through(reader, name):
    publish(name)

    words = the_words(reader.get("/procedure/"))

    assert re.findall(r"\bNone\b|\bTrue\b|\bFalse\b|\S*_\S*|\{|\}|\w+\(\w+=", words) == []


def test_clocks_are_told_in_words_with_where_they_come_from(reader):
    publish("somerset")

    words = the_words(reader.get("/procedure/"))

    assert (
        "Offer 72 hours from the service being told of the return, until the interview is offered to the child."
        ' 3.1: "within 72 hours of the Family Intervention Service being informed"'
    ) in words
    assert "A worker assigned 1 core day (counted in core hours) from reaching the tray, until a worker" in words


def test_rules_are_told_as_sentences(reader):
    publish("croydon")

    rules = [(rule.about, rule.holder) for rule in reader.get("/procedure/").context["rules"]]

    assert rules == [
        ("Another authority’s child", "The responsible authority, which is told"),
        (
            "Our own child who is looked after and placed beyond our area and its neighbours",
            "An approved provider",
        ),
        ("Our own child who is looked after", "The allocated worker"),
        ("Every other child", "Missing Team"),
    ]


def test_a_team_of_the_childs_area_is_said_so(reader):
    publish("somerset")

    rules = [(rule.about, rule.holder) for rule in reader.get("/procedure/").context["rules"]]

    assert rules == [
        ("Any child who is under 8 on the day of return", "Children's Social Care"),
        ("Every other child", "Family Intervention Service of the child’s area"),
    ]


def test_the_version_in_force_today_is_shown_and_another_when_asked_for(reader):
    first = publish("somerset", effective_from=date(2020, 1, 1))
    second = publish("surrey", effective_from=date(2021, 1, 1))
    coming = publish("croydon", effective_from=date(2999, 1, 1))

    assert "In force since 1 January 2021 Surrey’s procedure" in the_words(reader.get("/procedure/"))
    asked = the_words(reader.get("/procedure/", {"version": first.pk}))
    assert "In force from 1 January 2020 until 1 January 2021 Somerset’s procedure This is not the version" in asked
    assert "In force from 1 January 2999 Croydon’s" in the_words(reader.get("/procedure/", {"version": coming.pk}))
    assert (
        f'href="/procedure/?version={second.pk}"' in reader.get("/procedure/", {"version": coming.pk}).content.decode()
    )


@pytest.mark.parametrize("asked", ["", "0", "x", "²", "9" * 5000, "1\x00"])
def test_a_version_that_does_not_exist_is_not_found(reader, asked):
    publish("somerset")

    assert reader.get("/procedure/", {"version": asked}).status_code == 404


def test_without_a_procedure_the_page_says_how_one_is_published(reader):
    assert "No procedure yet Nothing has been published" in the_words(reader.get("/procedure/"))


@pytest.mark.parametrize("role", Role)
def test_everybody_reads_the_procedure(client, role):
    publish("somerset")
    client.force_login(make_person(role=role))

    assert client.get("/procedure/").status_code == 200


@pytest.mark.parametrize("versions", [1, 3])
def test_the_page_costs_the_same_with_many_versions(reader, django_assert_num_queries, versions):
    for year in range(versions):
        publish("somerset", effective_from=date(2020 + year, 1, 1))
    reader.get("/procedure/")

    with django_assert_num_queries(3):  # session, person, versions
        reader.get("/procedure/")


def test_a_comment_inside_a_text_is_no_source():
    said = sources('[plans]\na = "x # y"\nb = 1 # 4.5\nc = "x # y" # 4.6: "so # so"\n[[rules]]\nd = [\n "e"\n] # 4.7\n')

    assert said == {"plans.b": "4.5", "plans.c": '4.6: "so # so"', "rules.d": "4.7"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "somerset",
            ["No rule sends a referral to one, and nobody can hand one over.", "One keeps what it holds already."],
        ),
        ("croydon", ["Interviews may be bought from them."]),
    ],
)
def test_what_is_said_of_providers_is_true_also_where_one_holds_referrals_already(reader, name, words):
    publish(name)

    page = the_words(reader.get("/procedure/"))

    assert [each for each in words if each in page] == words
    assert "No provider is used" not in page
