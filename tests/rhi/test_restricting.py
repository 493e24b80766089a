"""Naming people for a restricted child: they are found by name or team, and a holder who loses sight is told."""

import pytest
from django.urls import reverse

from episodes import access
from episodes.models import Child
from rhi.actions import restricting
from rhi.models import Notice
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client, desk):
    client.force_login(desk.coordinator)
    return desk.coordinator


@pytest.fixture
def ash(desk):
    """A child whose referral the caseworker holds."""
    desk.hand(desk.referrals[1], desk.caseworker)
    return desk.referrals[1].child


@pytest.fixture
def mendip(desk):
    """Another team with two people, who have no access to the child."""
    team = Team.objects.create(name="Family Intervention Service: Mendip", kind=Team.Kind.SERVICE)
    people = [make_person("ida@example.org", "Ida Fern"), make_person("lee@example.org", "Lee Moss")]
    for person in people:
        Membership.objects.create(user=person, team=team)
    return people


def at(child):
    return reverse("rhi:restrict", args=[child.pk])


def offered(response, field):
    return [each.label for each in response.context["restrict_form"].fields[field].choices]


def ticked(response, field):
    return [str(key) for key in response.context["restrict_form"][field].value() or []]


def told():
    """What people were told of a restriction; of what has come back they are told besides."""
    return Notice.objects.filter(kind="restricted")


def find(client, child, words, **typed):
    return client.post(at(child), {"do": "find", "words": words} | typed)


def test_only_who_has_access_is_listed_until_somebody_is_looked_for(client, coordinator, desk, ash, mendip):
    response = client.get(at(ash))

    assert offered(response, "near") == ["Nia Frost", "Robin Hale", "Sam Okoro"]
    assert offered(response, "others") == []


@pytest.mark.parametrize(
    ("words", "found", "said"),
    [
        ("ida", ["Ida Fern"], "1 person found."),
        ("FERN id", ["Ida Fern"], "1 person found."),
        ("lee@example", ["Lee Moss"], "1 person found."),
        ("mendip", ["Ida Fern", "Lee Moss"], "2 people found."),
        ("mendip lee", ["Lee Moss"], "1 person found."),
        ("robin", [], "Nobody else of this name or team does case work here."),  # is listed above already
        ("jo lindley", [], "Nobody else of this name or team does case work here."),  # a provider's interviewer
        ("%", [], "Nobody else of this name or team does case work here."),
    ],
)
def test_people_are_found_by_name_address_or_team(client, coordinator, ash, mendip, words, found, said):
    response = find(client, ash, words)

    assert offered(response, "others") == found
    assert said in response.content.decode()
    assert not Child.objects.get(pk=ash.pk).restricted


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (" ", "Enter a name, an email address or a team"),
        ("ida\x00", "Null characters are not allowed."),
        ("x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_what_cannot_be_looked_for_is_said_and_loses_nothing(client, coordinator, ash, mendip, words, said):
    response = find(client, ash, words, others=[str(mendip[0].pk)], because="At risk.")

    assert response.context["form"].errors == {"words": [said]}
    assert (offered(response, "others"), ticked(response, "others")) == (["Ida Fern"], [str(mendip[0].pk)])
    assert response.context["restrict_form"]["because"].value() == "At risk."


def test_of_many_the_first_twenty_are_shown_and_more_is_asked_for(client, coordinator, ash):
    for number in range(21):
        make_person(f"many{number}@example.org", f"Many {number:02}")

    response = find(client, ash, "many")

    assert offered(response, "others") == [f"Many {number:02}" for number in range(20)]
    assert "These are the first 20. Type more of the name to see others." in response.content.decode()


def test_what_was_ticked_and_typed_stays_while_somebody_else_is_looked_for(client, coordinator, desk, ash, mendip):
    ida, lee = mendip
    first = {"near": [str(desk.leader.pk)], "others": [str(ida.pk)], "because": "At risk from a relative."}

    response = find(client, ash, "lee", **first)

    assert offered(response, "others") == ["Lee Moss", "Ida Fern"]
    assert (ticked(response, "near"), ticked(response, "others")) == ([str(desk.leader.pk)], [str(ida.pk)])
    assert response.context["restrict_form"]["because"].value() == "At risk from a relative."
    client.post(at(ash), first | {"others": [str(ida.pk), str(lee.pk)], "words": "lee"})
    named = access.named_for(ash, now())
    assert {row.user for row in named} == {ida, lee, desk.leader, coordinator}


def test_a_missing_reason_loses_nobody_who_was_found(client, coordinator, ash, mendip):
    ida, _ = mendip

    response = client.post(at(ash), {"others": [str(ida.pk)], "because": ""})

    assert response.context["form"].errors == {"because": ["Say why"]}
    assert (offered(response, "others"), ticked(response, "others")) == (["Ida Fern"], [str(ida.pk)])


@pytest.mark.parametrize("key", ["0", "x", "9" * 40, "-1", "²"])
def test_a_choice_that_is_nobody_is_refused(client, coordinator, ash, key):
    response = client.post(at(ash), {"others": [key], "because": "Why"})

    assert list(response.context["form"].errors) == ["others"]
    assert not Child.objects.get(pk=ash.pk).restricted


def test_looking_is_on_the_trail_as_reading_who_may_see(client, coordinator, ash, mendip):
    find(client, ash, "ida")

    line = AuditEvent.objects.filter(type="child_read").first()
    assert (line.by_id, line.children, line.detail) == (coordinator.pk, [ash.child_id], {"shown": "who may see"})


@pytest.mark.parametrize("rows", [1, 3])
def test_looking_costs_the_same_however_many_are_found(client, coordinator, ash, django_assert_num_queries, rows):
    for number in range(rows):
        make_person(f"many{number}@example.org", f"Many {number}")
    find(client, ash, "many")

    # session, person, child, who has access, who is found, who is named, holders, trail in a savepoint (3)
    with django_assert_num_queries(10):
        response = find(client, ash, "many")
    assert len(offered(response, "others")) == rows


# The holder


def test_the_page_names_who_holds_the_referral(client, coordinator, desk, ash):
    page = " ".join(client.get(at(ash)).content.decode().split())

    assert f"{desk.referrals[1]}: Robin Hale, who is told if they are not named" in page


def test_a_holder_who_loses_sight_is_told_without_a_name_and_the_coordinator_warned(client, coordinator, desk, ash):
    answer = client.post(at(ash), {"near": [str(desk.leader.pk)], "because": "At risk from a relative."}, follow=True)

    notice = told().get()
    assert (notice.to, notice.by, notice.referral, notice.kind) == (
        desk.caseworker,
        coordinator,
        desk.referrals[1],
        "restricted",
    )
    assert ash.first_name not in notice.about
    said = " ".join(answer.content.decode().split())
    assert f"Referral {desk.referrals[1]} is held by Robin Hale and not by anybody who is named." in said
    client.force_login(desk.caseworker)
    work = " ".join(client.get("/").content.decode().split())
    assert notice.about in work
    assert f"{ash.first_name} {ash.last_name}" not in work


def test_a_holder_who_is_named_is_told_nothing(client, coordinator, desk, ash):
    client.post(at(ash), {"near": [str(desk.caseworker.pk)], "because": "At risk from a relative."})

    assert Child.objects.get(pk=ash.pk).restricted
    assert not told().exists()


def test_a_holder_is_told_once_when_the_names_are_changed_without_them(client, coordinator, desk, ash):
    both = {"near": [str(desk.caseworker.pk)], "because": "At risk from a relative."}
    client.post(at(ash), both)

    client.post(at(ash), {"near": [str(desk.leader.pk)], "because": "No longer works here."})
    assert [notice.to for notice in told()] == [desk.caseworker]
    client.post(at(ash), {"near": [str(desk.colleague.pk)], "because": "Somebody else."})

    assert told().count() == 1


def test_nobody_is_told_when_the_restriction_is_refused(desk, ash):
    interviewer = make_person("int@example.org", "Jo Marsh", Role.INTERVIEWER)
    with pytest.raises(access.RestrictionRefused):
        restricting.name(ash, people=[interviewer], because="Why", by=desk.coordinator, now=now())

    assert not told().exists()
    assert not Child.objects.get(pk=ash.pk).restricted
