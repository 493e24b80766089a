"""What the demonstration's people find on their desks."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from routing.models import Allocation
from staff.models import Team, User
from tests.records import bring, child, episode, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def tray(tmp_path):
    """Twelve referrals that nobody holds, in one tray."""
    publish("somerset")
    numbers = range(12)
    bring(
        tmp_path,
        children=[child(f"C{number}") for number in numbers],
        episodes=[episode(f"E{number}", f"C{number}") for number in numbers],
    )
    call_command("demo_people", stdout=StringIO())
    return Team.objects.get(name="Family Intervention Service: Taunton")


def held(email):
    return Allocation.objects.filter(worker__email=email, until__isnull=True)


def said():
    out = StringIO()
    call_command("demo_work", stdout=out)
    return out.getvalue().strip()


def test_the_caseworker_and_the_providers_interviewer_hold_referrals_and_the_rest_lies_in_the_leaders_tray(tray):
    assert said() == "Robin Hale and Jo Lindley hold some referrals now."

    assert held("robin.hale@example.org").count() == 6
    assert set(held("jo.lindley@example.org").values_list("team__kind", flat=True)) == {"provider"}
    assert Allocation.objects.filter(team=tray, worker__isnull=True, until__isnull=True).count() == 3
    assert list(User.objects.get(email="sam.okoro@example.org").teams.all()) == [tray]


def test_a_second_time_changes_nothing(tray):
    said()

    assert said() == "They have work already."
    assert held("robin.hale@example.org").count() == 6


def test_without_any_referral_there_is_nothing_to_hand_out():
    call_command("demo_people", stdout=StringIO())

    assert said() == "No tray holds an open referral, so there is nothing to hand out."


def test_it_is_refused_where_children_are_real(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="belongs in a demonstration only"):
        said()
