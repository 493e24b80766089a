"""People and teams as records name them."""

from datetime import date

import pytest

from staff import actions
from staff.models import Membership, Team, User


@pytest.mark.django_db
def test_somebody_whom_nobody_knows_yet_is_created_and_cannot_sign_in():
    person = actions.people_named(["new@example.org"])["new@example.org"]

    assert (person.name, person.has_usable_password()) == ("new@example.org", False)


@pytest.mark.django_db
def test_somebody_who_has_left_stays_as_they_are_and_joins_nothing():
    gone = User.objects.create_user("gone@example.org", "Kim Gone")
    gone.left_on = date(2026, 1, 31)
    gone.save()
    team = actions.teams_named({"East Team": Team.Kind.SOCIAL_CARE})["East Team"]
    known = actions.people_named(["gone@example.org", "here@example.org"])

    actions.join((person, team) for person in known.values())

    assert known["gone@example.org"] == gone
    assert list(Membership.objects.values_list("user__email", flat=True)) == ["here@example.org"]


@pytest.mark.django_db
def test_a_team_that_is_known_keeps_its_kind():
    Team.objects.create(name="East Team", kind=Team.Kind.PROVIDER)

    assert actions.teams_named({"East Team": Team.Kind.SERVICE})["East Team"].kind == Team.Kind.PROVIDER


@pytest.mark.django_db
def test_capital_letters_do_not_make_another_team():
    Team.objects.create(name="East Team")

    named = actions.teams_named(
        {"east team": Team.Kind.SERVICE, "New Team": Team.Kind.SERVICE, "NEW TEAM": Team.Kind.SERVICE}
    )

    assert {name: team.name for name, team in named.items()} == {
        "east team": "East Team",
        "New Team": "New Team",
        "NEW TEAM": "New Team",
    }
    assert Team.objects.count() == 2
