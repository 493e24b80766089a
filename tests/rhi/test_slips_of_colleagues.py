"""Taking back a colleague's slip: a leader for the team, a missing coordinator for everybody; whose it was is told."""

import pytest
from django.urls import reverse

from rhi.actions.slips import TakeBackRefused
from rhi.models import Attempt, Notice
from routing.models import Referral
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, publish
from tests.rhi.test_slips import (
    LATER,
    SOMEBODY_ELSE,
    attempt,
    everything,
    hold,
    offer,
    page,
    respond,
    settle,
    take_back,
)
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

TAUNTON = "Family Intervention Service: Taunton"


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.select_related("child", "version").get()


@pytest.fixture
def worker(referral):
    return make_person()


def together(*people):
    for person in people:
        Membership.objects.create(user=person, team=Team.objects.get(name=TAUNTON))


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.COORDINATOR])
@pytest.mark.parametrize(
    ("kind", "slip"), [("attempt", attempt), ("offer", offer), ("held", hold), ("outcome", settle)]
)
def test_a_leader_or_coordinator_mends_a_colleagues_slip_and_all_is_as_it_was(referral, worker, kind, slip, role):
    together(worker)
    mender = make_person("mender@example.org", "Sam Okoro", role)
    if role == Role.TEAM_LEADER:
        together(mender)
    was = everything()
    recorded = slip(referral, worker)

    kept = take_back(referral, kind, recorded, mender)

    assert everything() == was
    assert (kept.by, kept.because) == (mender, "Wrong child")


def test_a_leader_mends_a_colleagues_response(referral, worker):
    leader = make_person("mender@example.org", "Sam Okoro", Role.TEAM_LEADER)
    together(worker, leader)
    made = offer(referral, worker)
    respond(referral, worker)

    take_back(referral, "response", made, leader)

    made.refresh_from_db()
    assert (made.response, made.response_by) == ("", None)


def test_whoever_logged_it_is_told_and_nobody_is_of_ones_own(referral, worker):
    leader = make_person("mender@example.org", "Sam Okoro", Role.TEAM_LEADER)
    together(worker, leader)
    first, second = attempt(referral, worker), attempt(referral, worker, at="2026-05-13 11:00")

    take_back(referral, "attempt", second, worker)
    assert not Notice.objects.filter(kind="taken_back").exists()
    take_back(referral, "attempt", first, leader)

    notice = Notice.objects.get(kind="taken_back")
    assert (notice.to, notice.by, notice.at, notice.referral) == (worker, leader, LATER, referral)
    assert notice.about == f"What you logged on referral {referral} was taken back: attempt. The referral says why."


def test_the_leader_of_another_team_mends_nobodys_slip_here(referral, worker):
    leader = make_person("mender@example.org", "Sam Okoro", Role.TEAM_LEADER)
    together(worker)
    Membership.objects.create(user=leader, team=Team.objects.create(name="Elsewhere"))

    with pytest.raises(TakeBackRefused, match=SOMEBODY_ELSE):
        take_back(referral, "attempt", attempt(referral, worker), leader)


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.INTERVIEWER])
def test_a_colleague_who_corrects_no_records_mends_nobodys_slip(referral, worker, role):
    colleague = make_person("mender@example.org", role=role)
    together(worker, colleague)

    with pytest.raises(TakeBackRefused, match=SOMEBODY_ELSE):
        take_back(referral, "attempt", attempt(referral, worker), colleague)


def test_a_leader_takes_back_from_the_timeline_and_learns_who_is_told(client, referral, worker):
    leader = make_person("mender@example.org", "Sam Okoro", Role.TEAM_LEADER)
    together(worker, leader)
    where = page(referral, "attempt", attempt(referral, worker).pk)
    client.force_login(leader)

    assert where in client.get(reverse("rhi:referral", args=[referral.pk])).content.decode()
    shown = " ".join(client.get(where).content.decode().split())
    assert f"{worker.name} logged this, and is told that you have taken it back." in shown
    client.post(where, {"because": "Wrong child"})

    assert not Attempt.objects.exists()


def test_a_timeline_offers_a_colleague_nothing_to_take_back(client, referral, worker):
    colleague = make_person("colleague@example.org")
    together(worker, colleague)
    where = page(referral, "attempt", attempt(referral, worker).pk)
    client.force_login(colleague)

    assert where not in client.get(reverse("rhi:referral", args=[referral.pk])).content.decode()
