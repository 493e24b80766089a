"""A restricted child is given to nobody who would not see the child."""

from datetime import timedelta

import pytest
from django.urls import reverse

from episodes import access
from episodes.models import Access, Child
from rhi.actions import assigning
from rhi.actions.assigning import Answer, Place, Seen
from rhi.actions.sight import Sight
from routing.actions import Holder, allocate
from routing.models import Referral
from staff.models import Team, User
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, involvement, publish
from tests.rhi.holders import AFTER, TAUNTON, YEOVIL, errors, give, holding, member, post, the_words
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db

NOT_NAMED = (
    "R{} cannot go to Robin Hale. The child is restricted, and Robin Hale is not named for the child."
    " A missing coordinator can name them first."
)
NOBODY_THERE = (
    "R{} cannot go to {}. The child is restricted, and nobody there is named for the child."
    " A missing coordinator can name somebody first."
)


@pytest.fixture
def referral(tmp_path):
    """One referral in Taunton's tray, which nobody holds yet, of a child who is not restricted yet."""
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def taunton(referral):
    return Team.objects.get(name=TAUNTON)


@pytest.fixture
def sam(taunton):
    return member(taunton, "Sam Okoro", Role.TEAM_LEADER)


@pytest.fixture
def robin(taunton):
    return member(taunton, "Robin Hale")


@pytest.fixture
def priya(referral):
    return make_person("priya@example.org", "Priya Dean", Role.COORDINATOR)


def restrict(referral, *people, by):
    return access.restrict(referral.child, people=people, because="At risk from a relative.", by=by, now=NOW)


def people_offered(client, referral):
    page = client.get(reverse("rhi:assign", args=[referral.pk]))
    return [each.person.name for each in page.context["people"]], the_words(page)


def test_only_who_is_named_is_offered(client, taunton, referral, sam, robin, priya):
    member(taunton, "Ann Lee")
    client.force_login(sam)
    assert people_offered(client, referral)[0] == ["Ann Lee", "Robin Hale", "Sam Okoro"]

    restrict(referral, sam, robin, by=priya)

    offered, words = people_offered(client, referral)
    assert offered == ["Robin Hale", "Sam Okoro"]
    assert "A missing coordinator can name somebody else first." in words


def test_a_coordinator_is_led_to_naming_somebody(client, referral, robin, priya):
    restrict(referral, by=priya)
    client.force_login(priya)

    offered, words = people_offered(client, referral)

    assert offered == []
    assert reverse("rhi:restrict", args=[referral.child_id]) in words
    assert f"Nobody else of {TAUNTON} is named for this child." in words


def test_a_page_that_was_shown_before_the_restriction_gives_nothing(client, referral, sam, robin, priya):
    restrict(referral, sam, by=priya)
    client.force_login(sam)

    response = post(client, "assign", referral, holder=robin.pk)

    assert errors(response) == ["This person cannot be chosen any more"]
    assert holding(referral).worker is None


def test_the_action_refuses_and_says_what_to_do(referral, sam, robin, priya):
    restrict(referral, sam, by=priya)

    with pytest.raises(assigning.AssigningRefused) as refused:
        give(referral, robin, by=sam)

    assert str(refused.value) == NOT_NAMED.format(referral.pk)
    assert holding(referral).worker is None

    access.change_names(referral.child, people=[sam, robin], because="Robin holds it.", by=priya, now=AFTER)
    give(referral, robin, by=sam, at=AFTER + timedelta(minutes=1))
    assert holding(referral).worker == robin


def test_several_say_of_whom_they_cannot_be_given_to_and_none_moves(
    client, tmp_path, referral, sam, robin, taunton, priya
):
    bring(tmp_path / "more", children=[child("C2")], episodes=[episode("E2", "C2")])
    other = Referral.objects.get(child__child_id="C2")
    restrict(referral, sam, by=priya)
    client.force_login(sam)
    both = {"referrals": [referral.pk, other.pk]} | {
        f"holding-{each.pk}": holding(each).pk for each in (referral, other)
    }
    address = reverse("rhi:assign_many", args=[taunton.pk])

    page = client.post(address, both)
    hints = {each.person.name: each.about for each in page.context["people"]}
    answer = client.post(address, both | {"listed": both["referrals"], "holder": robin.pk})

    assert hints == {
        "Robin Hale": f"Cannot be given R{referral.pk}: restricted, and not named for the child.",
        "Sam Okoro": "",
    }
    assert errors(answer) == [NOT_NAMED.format(referral.pk)]
    assert (holding(referral).worker, holding(other).worker) == (None, None)


def test_it_is_handed_to_no_team_in_which_nobody_is_named(client, referral, sam, priya):
    yeovil, empty = Team.objects.create(name=YEOVIL), Team.objects.create(name="Elsewhere")
    kim = member(yeovil, "Kim Ray")
    restrict(referral, sam, kim, by=priya)
    client.force_login(sam)

    page = client.get(reverse("rhi:hand_over", args=[referral.pk]))
    seen = Seen(referral.pk, holding(referral).pk)
    with pytest.raises(assigning.AssigningRefused) as refused:
        assigning.hand_over(seen=seen, team=empty, reason="Lives there.", by=sam, now=AFTER)

    assert page.context["teams"] == [yeovil]
    assert str(refused.value) == NOBODY_THERE.format(referral.pk, "Elsewhere")
    post(client, "hand_over", referral, team=yeovil.pk, reason="Lives there.")
    assert holding(referral).team == yeovil


def test_deciding_otherwise_gives_it_to_nobody_who_would_not_see_the_child(client, tmp_path, referral, sam, priya):
    bring(tmp_path / "more", involvements=[involvement("family_service", worker_email="zoe@example.org")])
    zoe = User.objects.get(email="zoe@example.org")
    client.force_login(sam)
    address = reverse("rhi:override", args=[referral.pk])
    assert f"worker-{zoe.pk}" in client.get(address).context["form"].places

    restrict(referral, sam, by=priya)

    form = client.get(address).context["form"]
    assert (form.places, form.teams) == ({}, {})
    for place in (Place(None, zoe), Place(Team.objects.exclude(name=TAUNTON).first())):
        with pytest.raises(assigning.AssigningRefused, match="The child is restricted"):
            assigning.override(
                seen=Seen(referral.pk, holding(referral).pk), place=place, reason="Knows them.", by=sam, now=AFTER
            )


def test_a_discussion_is_not_settled_with_who_would_not_see_the_child(client, tmp_path):
    publish("surrey")
    bring(tmp_path, children=[child()], episodes=[episode()], involvements=[involvement()])
    referral = Referral.objects.get()
    sam = member(holding(referral).team, "Sam Okoro", Role.TEAM_LEADER)
    restrict(referral, sam, by=make_person("priya@example.org", "Priya Dean", Role.COORDINATOR))
    client.force_login(sam)

    page = client.get(reverse("rhi:settle", args=[referral.pk]))
    with pytest.raises(assigning.AssigningRefused, match="The child is restricted"):
        assigning.settle_discussion(
            seen=Seen(referral.pk, holding(referral).pk), answer=Answer.ASKED, reason="Agreed.", by=sam, now=AFTER
        )

    assert [value for value, _ in page.context["form"].fields["answer"].choices] == ["asking"]
    assert "was asked and would not see this child" in the_words(page)
    post(client, "settle", referral, answer="asking", reason="Agreed.")
    assert holding(referral).worker is None
    assert Referral.objects.get().question_settled_at


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("named", ["nobody", "somebody else", "them"])
@pytest.mark.parametrize("restricted", [True, False])
def test_what_is_said_before_giving_is_what_is_seen_after(referral, taunton, role, named, restricted):
    """Asked before anything is stored, the rule says what the scoping query says of what is stored."""
    person, other = member(taunton, "Robin Hale", role), make_person("other@example.org")
    Child.objects.update(restricted=restricted)
    if named != "nobody":
        Access.objects.create(
            child=referral.child,
            user=person if named == "them" else other,
            basis="restriction",
            since=NOW,
            because="Risk.",
        )
    at = now()

    said = Sight(Child.objects.all(), at).sees(person, referral.child_id)

    allocate([(referral, Holder(taunton, person, rule="", because="Given", by=other), at)])
    if role in {Role.CASEWORKER, Role.TEAM_LEADER, Role.COORDINATOR, Role.INTERVIEWER}:
        assert said == Referral.objects.visible_to(person, at).filter(pk=referral.pk).exists()


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_a_restricted_child_costs_the_same_however_many_are_named(
    client, referral, sam, taunton, priya, django_assert_num_queries, number
):
    restrict(referral, sam, *(member(taunton, f"Ann {each}") for each in range(number)), by=priya)
    client.force_login(sam)
    address = reverse("rhi:assign", args=[referral.pk])
    client.get(address)

    # session, person; referral, allocation; who is named; involvements, members, workload; clock; trail (3)
    with django_assert_num_queries(12):
        page = client.get(address)

    assert len(page.context["people"]) == number + 1
