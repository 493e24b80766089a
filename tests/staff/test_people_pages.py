"""The administrator's pages: who works here, in which teams, and what becomes of what they hold."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from routing.models import Allocation
from staff.models import AuditEvent, Membership, Team, User
from staff.permissions import Role
from tests.records import bring, child, episode, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alex(client):
    person = make_person("alex@example.org", "Alex Brand", Role.ADMINISTRATOR)
    client.force_login(person)
    return person


@pytest.fixture
def robin():
    return make_person("robin@example.org", "Robin Hale")


def words(response):
    return " ".join(response.content.decode().split())


def listed(response):
    return [person.name for person, _ in response.context["people"]]


def changed(person, **answers):
    """What the form about a person sends."""
    return {"do": "change", "name": person.name, "role": person.role, **answers}


def last_line():
    line = AuditEvent.objects.order_by("-pk").first()
    return line.type, line.subject, line.detail


# The lists


def test_people_stand_by_name_with_their_role_teams_and_standing(client, alex, robin):
    Membership.objects.create(user=robin, team=Team.objects.create(name="East Team"))

    page = client.get("/people/")

    assert [(who.name, standing.words) for who, standing in page.context["people"]] == [
        ("Alex Brand", "Can sign in"),
        ("Robin Hale", "Can sign in"),
    ]
    assert "East Team" in words(page)


def test_somebody_whom_only_records_name_is_not_invited_yet(client, alex):
    User.objects.create_user("new@example.org", "new@example.org")

    page = client.get("/people/?standing=not_invited")

    assert [(who.email, standing.words) for who, standing in page.context["people"]] == [
        ("new@example.org", "Not invited yet")
    ]


def test_people_can_be_listed_by_team_role_and_whether_they_have_left(client, alex, robin):
    east = Team.objects.create(name="East Team")
    Membership.objects.create(user=robin, team=east)
    make_person("kim@example.org", "Kim Gone", left_on=date(2026, 1, 31))
    make_person("lee@example.org", "Lee Closed", is_active=False)

    assert listed(client.get(f"/people/?team={east.pk}")) == ["Robin Hale"]
    assert listed(client.get("/people/?role=administrator")) == ["Alex Brand"]
    assert listed(client.get("/people/?standing=left")) == ["Kim Gone", "Lee Closed"]
    assert listed(client.get("/people/")) == ["Alex Brand", "Robin Hale"]


def test_a_choice_that_is_none_lists_everybody_and_says_so(client, alex):
    page = client.get("/people/?team=zebra")

    assert listed(page) == ["Alex Brand"]
    assert "There is a problem" in words(page)


def test_a_long_list_goes_on_over_pages(client, alex):
    for number in range(50):
        make_person(f"p{number:02}@example.org", f"Person {number:02}", password=None)

    first = client.get("/people/?standing=here")
    second = client.get("/people/" + first.context["later"])

    assert (len(listed(first)), first.context["earlier"], first.context["later"]) == (50, "", "?standing=here&page=2")
    assert (listed(second), second.context["later"]) == (["Person 49"], "")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_cost_the_same_however_long_they_are(client, alex, django_assert_num_queries, rows):
    for number in range(rows):
        person = make_person(f"p{number}@example.org", f"Person {number}")
        Membership.objects.create(user=person, team=Team.objects.create(name=f"Team {number}"))
    client.get("/people/")

    with django_assert_num_queries(6):  # session, person, teams, people, their teams, their invitations
        client.get("/people/")


# One person


def test_changing_somebody_changes_name_role_and_teams_and_stands_in_the_trail_by_field_and_id(client, alex, robin):
    east, west = Team.objects.create(name="East Team"), Team.objects.create(name="West Team")
    Membership.objects.create(user=robin, team=east)

    answer = client.post(
        f"/people/{robin.pk}/",
        changed(
            robin, name="Robin Hill", role="team_leader", memberships=[west.pk], memberships_may_reassign=[west.pk]
        ),
    )

    robin.refresh_from_db()
    assert answer.headers["Location"] == f"/people/{robin.pk}/"
    assert (robin.name, robin.role) == ("Robin Hill", "team_leader")
    assert list(robin.memberships.values_list("team__name", "may_reassign")) == [("West Team", True)]
    assert last_line() == (
        "person_changed",
        f"staff.User:{robin.pk}",
        {
            "fields": ["name", "role"],
            "role_before": "caseworker",
            "role": "team_leader",
            "joined": [west.pk],
            "left": [east.pk],
            "may_reassign": [west.pk],
        },
    )


def test_the_right_to_reassign_can_be_taken_away_again(client, alex, robin):
    east = Team.objects.create(name="East Team")
    Membership.objects.create(user=robin, team=east, may_reassign=True)

    client.post(f"/people/{robin.pk}/", changed(robin, memberships=[east.pk]))

    assert robin.memberships.get().may_reassign is False
    assert last_line()[2] == {"fields": [], "may_not_reassign": [east.pk]}


def test_what_was_typed_comes_back_after_an_error(client, alex, robin):
    east = Team.objects.create(name="East Team")

    page = client.post(
        f"/people/{robin.pk}/", changed(robin, name="", role="manager", memberships_may_reassign=[east.pk])
    )

    assert page.status_code == 200
    assert page.context["form"].errors == {"name": ["Enter a name"]}
    ticked = [tag for tag in re.findall(r"<input[^>]*>", page.content.decode()) if " checked" in tag]
    assert [re.search(r' value="(.*?)"', tag).group(1) for tag in ticked] == ["manager", str(east.pk), str(east.pk)]
    assert robin.memberships.count() == 0


@pytest.mark.parametrize("team", ["999999", "zebra"])
def test_a_team_that_is_not_on_the_list_is_refused(client, alex, robin, team):
    page = client.post(f"/people/{robin.pk}/", changed(robin, memberships=[team]))

    assert page.context["form"].errors == {"memberships": ["Choose from the list"]}


def test_nobody_takes_their_own_administrator_role(client, alex):
    page = client.post(f"/people/{alex.pk}/", changed(alex, role="manager"))

    alex.refresh_from_db()
    assert alex.role == "administrator"
    assert "You cannot take the administrator role from yourself." in words(page)


def test_nobody_marks_themselves_as_left(client, alex):
    page = client.post(f"/people/{alex.pk}/", {"do": "leave", "left_on": "2026-01-31"})

    alex.refresh_from_db()
    assert alex.left_on is None
    assert "You cannot mark yourself as having left." in words(page)


def test_somebody_is_marked_as_left_from_a_day_and_put_back(client, alex, robin):
    client.post(f"/people/{robin.pk}/", {"do": "leave", "left_on": "2026-01-31"})
    robin.refresh_from_db()
    assert robin.left_on == date(2026, 1, 31)
    assert last_line() == (
        "person_changed",
        f"staff.User:{robin.pk}",
        {"fields": ["left_on"], "left_on": "2026-01-31"},
    )

    client.post(f"/people/{robin.pk}/", {"do": "put_back"})
    robin.refresh_from_db()
    assert (robin.left_on, robin.is_active) == (None, True)


@pytest.mark.parametrize("typed", ["", "soon", "31/02/2026", "0001-01-01"])
def test_leaving_needs_a_day(client, alex, robin, typed):
    page = client.post(f"/people/{robin.pk}/", {"do": "leave", "left_on": typed})

    robin.refresh_from_db()
    assert robin.left_on is None
    assert list(page.context["form"].errors) == ["left_on"]


def test_the_page_says_what_somebody_holds_and_leaving_leaves_it_in_the_tray(client, alex, robin, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    Allocation.objects.update(worker=robin)

    before = client.get(f"/people/{robin.pk}/")
    client.post(f"/people/{robin.pk}/", {"do": "leave", "left_on": "2026-01-31"})

    assert [(row["number"], row["tray"]) for row in before.context["held"]] == [
        (1, "Family Intervention Service: Taunton")
    ]
    assert Allocation.objects.get(until__isnull=True).worker == robin
    assert "Example" not in words(before)  # the child's name


@pytest.mark.parametrize("address", ["/people/999999/", "/people/teams/999999/", f"/people/{'9' * 30}/"])
def test_what_does_not_exist_is_not_found(client, alex, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_a_persons_page_costs_the_same_with_many_teams(client, alex, robin, rows):
    for number in range(rows):
        Membership.objects.create(user=robin, team=Team.objects.create(name=f"Team {number}"))
    client.get(f"/people/{robin.pk}/")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(f"/people/{robin.pk}/")
    assert len(queries) == 7  # session, administrator, person, memberships, teams, invitations, what they hold


# Teams


def test_a_team_is_made_and_its_people_put_in(client, alex, robin):
    made = client.post("/people/teams/new/", {"name": "Night Team", "kind": "service"})
    team = Team.objects.get(name="Night Team")
    assert made.headers["Location"] == f"/people/teams/{team.pk}/"

    client.post(made.headers["Location"], {"name": "Night Team", "kind": "service", "add": "ROBIN@example.org"})

    assert list(team.members.all()) == [robin]
    assert last_line() == ("team_changed", f"staff.Team:{team.pk}", {"fields": [], "joined": [robin.pk]})


def test_adding_somebody_keeps_the_others(client, alex, robin):
    team = Team.objects.create(name="Night Team")
    Membership.objects.create(user=alex, team=team)

    client.post(
        f"/people/teams/{team.pk}/",
        {
            "name": "Night Team",
            "kind": "service",
            "memberships": [alex.pk],
            "memberships_may_reassign": [alex.pk],
            "add": robin.email,
        },
    )

    assert sorted(team.memberships.values_list("user__name", "may_reassign")) == [
        ("Alex Brand", True),
        ("Robin Hale", False),
    ]


def test_only_somebody_on_the_books_can_be_added(client, alex):
    team = Team.objects.create(name="Night Team")

    page = client.post(
        f"/people/teams/{team.pk}/", {"name": "Night Team", "kind": "service", "add": "nobody@example.org"}
    )

    assert page.context["form"].errors == {"add": ["Nobody has this address. Invite them first."]}


def test_a_team_is_renamed_and_closed_from_a_day(client, alex):
    team = Team.objects.create(name="Night Team")

    client.post(f"/people/teams/{team.pk}/", {"name": "Late Team", "kind": "social_care", "closed_on": "2026-01-31"})

    team.refresh_from_db()
    assert (team.name, team.kind, team.closed_on) == ("Late Team", "social_care", date(2026, 1, 31))
    assert last_line()[2] == {"fields": ["name", "kind", "closed_on"]}


@pytest.mark.parametrize("address", ["/people/teams/new/", "other"])
def test_two_teams_have_different_names_whatever_their_capitals(client, alex, address):
    Team.objects.create(name="Night Team")
    other = Team.objects.create(name="Day Team")
    address = f"/people/teams/{other.pk}/" if address == "other" else address

    page = client.post(address, {"name": "NIGHT team", "kind": "service"})

    assert page.context["form"].errors == {"name": ["There is a team of this name already. Choose another name."]}


def test_a_provider_has_the_dates_of_its_contract(client, alex):
    page = client.post("/people/teams/new/", {"name": "Listening Ear", "kind": "provider"})
    assert page.context["form"].errors == {"opened_on": ["Enter the first day of the provider’s contract"]}

    page = client.post(
        "/people/teams/new/",
        {"name": "Listening Ear", "kind": "provider", "opened_on": "2026-04-01", "closed_on": "2026-03-31"},
    )
    assert page.context["form"].errors == {"closed_on": ["A team cannot close before it takes work"]}


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "says"),
    [
        (None, None, "Takes work"),
        (None, date(2026, 1, 31), "Closed from Sat 31 Jan"),
        (None, date(2999, 1, 31), "Takes work; closes Thu 31 Jan 2999"),
        (date(2999, 1, 31), None, "Takes work from Thu 31 Jan 2999"),
    ],
)
def test_a_team_says_whether_it_takes_work(client, alex, opened_on, closed_on, says):
    team = Team.objects.create(name="Night Team", opened_on=opened_on, closed_on=closed_on)

    assert client.get(f"/people/teams/{team.pk}/").context["standing"].words == says
