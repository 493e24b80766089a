"""What happens when two decide on a referral at once."""

from datetime import UTC, datetime

import pytest

from episodes.models import Child
from rhi.actions import assigning
from rhi.actions.assigning import Seen
from staff.models import Team
from staff.permissions import Role
from tests.rhi.holders import AFTER, TAUNTON, YEOVIL, errors, give, holding, member, post, the_words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


def test_who_comes_second_is_told_who_was_first_and_keeps_what_they_typed(client, referral, sam, robin, taunton):
    pat = member(taunton, "Pat Moss", Role.TEAM_LEADER)
    ann = member(taunton, "Ann Lee")
    shown = holding(referral).pk
    give(referral, robin, by=sam, at=datetime(2026, 6, 15, 13, 2, tzinfo=UTC))
    client.force_login(pat)

    response = post(client, "assign", referral, holding=shown, holder=ann.pk, reason="Ann knows them.")

    assert errors(response) == ["Sam Okoro gave this to Robin Hale on Mon 15 Jun, 14:02."]
    assert response.context["form"]["reason"].value() == "Ann knows them."
    assert response.context["form"]["holder"].value() == str(ann.pk)
    assert holding(referral).worker == robin


def test_saving_again_after_being_told_goes_through(client, referral, sam, robin, taunton):
    ann = member(taunton, "Ann Lee")
    shown = holding(referral).pk
    give(referral, robin, by=sam)
    client.force_login(sam)
    told = post(client, "assign", referral, holding=shown, holder=ann.pk, reason="Ann knows them.")

    post(
        client,
        "assign",
        referral,
        holding=told.context["form"]["holding"].value(),
        holder=ann.pk,
        reason="Ann knows them.",
    )

    assert holding(referral).worker == ann


@pytest.mark.parametrize("shown", ["", "no number", "99999999999999999999", "0"])
def test_a_form_that_does_not_say_what_it_was_shown_with_changes_nothing(client, referral, sam, robin, shown):
    client.force_login(sam)

    response = post(client, "assign", referral, holding=shown, holder=robin.pk)

    assert errors(response) == ["The procedure put this in the tray of " + TAUNTON + " on Tue 12 May, 09:00."]
    assert holding(referral).worker is None


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-06-15T13:02+00:00", "Sam Okoro gave this to Robin Hale at 14:02."),
        ("2026-06-14T22:59+00:00", "Sam Okoro gave this to Robin Hale on Sun 14 Jun, 23:59."),
        ("2026-06-14T23:00+00:00", "Sam Okoro gave this to Robin Hale at 00:00."),
    ],
)
def test_when_somebody_was_faster_is_told_by_the_clock_on_the_wall(referral, sam, robin, at, words):
    give(referral, robin, by=sam, at=datetime.fromisoformat(at))

    assert (
        assigning.how_it_moved(
            assigning.holders_of([referral.pk])[referral.pk], to=make_person("x@example.org"), now=AFTER
        )
        == words
    )


def test_one_is_told_of_oneself_as_you(referral, sam, robin):
    give(referral, sam, by=sam)

    words = assigning.how_it_moved(assigning.holders_of([referral.pk])[referral.pk], to=sam, now=AFTER)

    assert words == "You gave this to you at 14:02."


def test_who_lost_it_to_another_team_is_told_and_gets_back_what_they_typed(client, referral, sam, robin, taunton):
    pat = member(taunton, "Pat Moss", Role.TEAM_LEADER)
    yeovil = Team.objects.create(name=YEOVIL)
    shown = holding(referral).pk
    assigning.hand_over(seen=Seen(referral.pk, shown), team=yeovil, reason="Lives there.", by=sam, now=AFTER)
    client.force_login(pat)

    response = post(client, "assign", referral, holding=shown, holder=robin.pk, reason="Robin knows them.")

    page = the_words(response)
    assert f"R{referral.pk}: Sam Okoro gave this to another team on Mon 15 Jun, 14:02." in page
    assert "Robin knows them." in page
    assert "Yeovil" not in page
    assert "Example" not in page
    assert holding(referral).team == yeovil


def test_of_a_child_who_has_been_restricted_since_nothing_is_told(client, referral, sam, robin, taunton):
    pat = member(taunton, "Pat Moss", Role.TEAM_LEADER)
    shown = holding(referral).pk
    give(referral, robin, by=sam)
    Child.objects.update(restricted=True)
    client.force_login(pat)

    assert post(client, "assign", referral, holding=shown, holder=robin.pk).status_code == 404
