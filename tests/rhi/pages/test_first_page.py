"""The first page of who does no case work."""

from datetime import date, datetime

import pytest

from procedures.models import Version
from staff.models import Membership, Team
from staff.permissions import Role
from tests.rhi.pages.production import ROOT
from tests.rhi.pages.words import the_words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


SOMERSET = (ROOT / "procedures" / "somerset.toml").read_text()


def publish_somerset(effective_from):
    return Version.objects.create(
        name="somerset",
        effective_from=effective_from,
        text=SOMERSET,
        published_at=datetime.fromisoformat("2026-01-05T09:00+00:00"),
    )


def test_the_first_page_of_who_does_no_case_work_says_who_one_is_and_by_whose_rules_one_works(client):
    robin = make_person(role=Role.AUDITOR)
    for name in ["Missing Team", "Children's Social Care"]:
        Membership.objects.create(user=robin, team=Team.objects.create(name=name))
    publish_somerset(date(2026, 1, 5))
    client.force_login(robin)

    page = client.get("/")

    assert [team.name for team in page.context["teams"]] == ["Children's Social Care", "Missing Team"]
    assert "Auditor</span>" in the_words(page)
    assert "Robin Hale</h1>" in the_words(page)
    assert "Somerset, in force since 5 January 2026" in the_words(page)


def test_the_first_page_of_who_does_no_case_work_says_what_is_missing_and_who_can_help(client):
    client.force_login(make_person(role=Role.AUDITOR))

    page = the_words(client.get("/"))

    assert "None. An administrator can put you in one." in page
    assert "None has been published, so nothing can be routed or counted yet." in page


def test_the_first_page_of_who_does_no_case_work_tells_of_a_procedure_that_is_not_in_force_yet(client):
    publish_somerset(date(2999, 1, 5))
    client.force_login(make_person(role=Role.AUDITOR))

    assert "Somerset, in force from 5 January 2999" in the_words(client.get("/"))


@pytest.mark.parametrize("teams", [1, 3])
def test_the_first_page_of_who_does_no_case_work_costs_the_same_with_many_teams(
    client, django_assert_num_queries, teams
):
    robin = make_person(role=Role.AUDITOR)
    for number in range(teams):
        Membership.objects.create(user=robin, team=Team.objects.create(name=f"Team {number}"))
    client.force_login(robin)
    client.get("/")

    with django_assert_num_queries(4):  # session, person, procedure versions, teams
        client.get("/")
