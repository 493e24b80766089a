"""Whose an interview is when its referral is given to somebody else before or after it was held."""

from datetime import timedelta

import pytest

from episodes.models import Finding
from rhi.actions import assigning, contact
from rhi.actions.assigning import Place, Seen
from rhi.actions.outcomes_by_hand import record_held
from rhi.actions.slips import take_back
from rhi.models import Interview
from routing.models import Referral
from staff.models import Team
from staff.permissions import Role
from tests.records import bring, child, episode, interview, london, publish
from tests.rhi.holders import TAUNTON, YEOVIL, give, holding, member

pytestmark = pytest.mark.django_db

NOW = london("2026-05-13 09:00")
BOOKED = london("2026-05-13 16:00")
AFTER = london("2026-05-13 18:00")


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(
        tmp_path,
        children=[child(), child("C2", area="Yeovil")],
        episodes=[episode(), episode("E2", "C2")],
        now=london("2026-05-12 10:00"),
    )
    return Referral.objects.get(child__child_id="C1")


@pytest.fixture
def tray(referral):
    return Team.objects.get(name=TAUNTON)


@pytest.fixture
def sam(tray):
    return member(tray, "Sam Okoro", Role.TEAM_LEADER)


@pytest.fixture
def robin(referral, tray, sam):
    """A worker who holds the referral and has booked its interview."""
    robin = member(tray, "Robin Hale")
    give(referral, robin, by=sam, at=NOW)
    contact.book(referral, at=BOOKED, place="School", method="face_to_face", by=robin, now=NOW)
    assert whose() == (tray, robin)
    return robin


@pytest.fixture
def nia(tray):
    return member(tray, "Nia Frost")


def whose():
    each = Interview.objects.select_related("team", "worker").get()
    return each.team, each.worker


def hold(referral, by):
    return record_held(referral, held_at=BOOKED, method="face_to_face", by=by, now=AFTER)


def test_a_planned_interview_is_whoevers_the_referral_is_given_to(referral, tray, robin, nia, sam):
    give(referral, nia, by=sam, at=NOW)
    assert whose() == (tray, nia)

    hold(referral, nia)
    assert whose() == (tray, nia)


def test_laid_back_into_the_tray_it_is_nobodys_until_somebody_holds_it(referral, tray, robin, sam, nia):
    give(referral, None, by=sam, at=NOW)
    assert whose() == (tray, None)

    hold(referral, nia)
    assert whose() == (tray, nia)


def test_handed_to_another_team_it_goes_along(referral, robin, sam):
    yeovil = Team.objects.get(name=YEOVIL)
    seen = Seen(referral.pk, holding(referral).pk)
    assigning.hand_over(seen=seen, team=yeovil, reason="Moved house.", by=sam, now=NOW)
    assert whose() == (yeovil, None)


def test_decided_otherwise_than_the_rules_it_goes_along(referral, robin, sam):
    yeovil = Team.objects.get(name=YEOVIL)
    leigh = member(yeovil, "Leigh Marsh")
    seen = Seen(referral.pk, holding(referral).pk)
    assigning.override(seen=seen, place=Place(yeovil, leigh), reason="Knows her.", by=sam, now=NOW)
    assert whose() == (yeovil, leigh)


def test_an_interview_that_was_held_stays_with_whoever_held_it(referral, tray, robin, nia, sam):
    hold(referral, robin)

    give(referral, nia, by=sam, at=AFTER)

    assert whose() == (tray, robin)
    assert holding(referral).worker == nia


def test_held_by_a_slip_it_is_to_be_held_by_whoever_was_given_it_since(referral, tray, robin, nia, sam):
    held = hold(referral, robin)
    give(referral, nia, by=sam, at=AFTER)

    take_back(referral, kind="held", record=held.pk, because="Not yet.", by=robin, now=AFTER + timedelta(hours=1))

    assert whose() == (tray, nia)


def test_a_file_gives_it_back_to_nobody(referral, tray, nia, sam, tmp_path):
    row = interview(team=TAUNTON, worker_email="robin.hale@example.org")
    bring(tmp_path, interviews=[row], now=NOW)
    assert whose()[1].email == "robin.hale@example.org"
    give(referral, nia, by=sam, at=NOW + timedelta(hours=1))

    bring(tmp_path, interviews=[row], now=AFTER)

    assert whose() == (tray, nia)
    assert Finding.objects.get(kind="typed_differs").detail == "Stays as typed: worker."
