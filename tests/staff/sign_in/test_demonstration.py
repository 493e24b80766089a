"""The people of the demonstration."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from staff.demonstration import PASSWORD as DEMONSTRATION_PASSWORD
from staff.demonstration import PEOPLE
from staff.models import Team, User
from staff.permissions import Role
from tests.staff.sign_in.signing_in import SIGN_IN, sign_in

pytestmark = pytest.mark.django_db


def test_the_demonstration_has_one_person_per_role_who_can_sign_in():
    call_command("demo_people", stdout=StringIO())

    assert {person.role for person in User.objects.all()} == set(Role.values)
    for person in PEOPLE:
        assert sign_in(Client(), person.email, DEMONSTRATION_PASSWORD).headers["Location"] == "/"


def test_demonstration_people_are_made_once_and_their_password_kept():
    call_command("demo_people", stdout=StringIO())
    robin = User.objects.get(email="robin.hale@example.org")
    robin.set_password("something-else-now")
    robin.save()

    out = StringIO()
    call_command("demo_people", stdout=out)

    assert User.objects.count() == 7
    assert sign_in(Client(), password=DEMONSTRATION_PASSWORD).headers["Location"] == "/"
    assert "Team leader          sam.okoro@example.org" in out.getvalue()


def test_demonstration_people_join_the_first_team_that_is_open():
    Team.objects.create(name="Old Team", closed_on=datetime(2020, 1, 1, tzinfo=UTC).date())
    Team.objects.create(name="Missing Team")
    Team.objects.create(name="Return Interviews Ltd", kind=Team.Kind.PROVIDER)

    for _ in range(2):
        call_command("demo_people", stdout=StringIO())

    members = {person.role: [team.name for team in person.teams.all()] for person in User.objects.all()}
    assert members == {
        "caseworker": ["Missing Team"],
        "team_leader": ["Missing Team"],
        "interviewer": ["Return Interviews Ltd"],
        "coordinator": [],
        "manager": [],
        "administrator": [],
        "auditor": [],
    }


def test_there_are_no_demonstration_people_outside_the_demonstration(client, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="RHI_DEMO=1"):
        call_command("demo_people")
    assert User.objects.count() == 0


def test_only_the_demonstration_shows_its_sign_ins(client, settings):
    call_command("demo_people", stdout=StringIO())
    assert DEMONSTRATION_PASSWORD in client.get(SIGN_IN).content.decode()

    settings.DEMO = False

    page = client.get(SIGN_IN).content.decode()
    assert DEMONSTRATION_PASSWORD not in page
    assert "Demonstration" not in page
