"""Who gets a leader's digest while she is away: whoever stands in, and of letters somebody who may approve them."""

from datetime import date

import pytest

from jobs import sweep, work
from rhi.actions import letters
from rhi.models import Email, Preferences
from routing.models import Deadline
from staff.models import Membership
from staff.permissions import Role
from tests.records import london
from tests.rhi.reminders.week import coordinator, give, leader, person, returned

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def digests_alone(settings):
    settings.JOB_MODULES = ["rhi.actions.sending", "rhi.actions.digests"]


@pytest.fixture(autouse=True)
def waiting(tmp_path):
    """A letter to approve in the tray of Sam's team, and a referral that is late."""
    referral = returned(tmp_path, at="2026-06-07T16:00", told="2026-06-07T16:10")
    ann = person("Ann")
    give(referral, ann, at="2026-06-08 17:00")
    letters.write(referral, "signposting", carer=None, because="They asked.", by=ann, now=london("2026-06-10 09:00"))
    return referral


def away(somebody, cover=None):
    Preferences.objects.create(user=somebody, away_from=date(2026, 6, 8), away_until=date(2026, 6, 26), cover=cover)
    return somebody


def digests_of_thursday():
    """Who got one: how many referrals are late, and how many letters wait."""
    for at in ("2026-06-11 07:55", "2026-06-11 08:00", "2026-06-11 09:00"):
        at = london(at)
        while ids := sweep.sweep(now=at):
            for job in ids:
                work.do(job, now=at)
    rows = Email.objects.filter(kind="daily", state="sent")
    return {row.to.name: (row.numbers.get("late"), row.numbers["letters"]) for row in rows}


def may_reassign(somebody):
    Membership.objects.filter(user=somebody).update(may_reassign=True)
    return somebody


def test_who_stands_in_and_may_approve_gets_the_leaders_and_the_coordinator_none():
    away(leader(), cover=may_reassign(person("Cora")))
    coordinator()

    assert digests_of_thursday() == {"Cora": (1, 1)}


def test_of_letters_that_whoever_stands_in_may_not_approve_the_coordinator_is_told():
    away(leader(), cover=person("Cora"))
    coordinator()

    assert digests_of_thursday() == {"Cora": (1, 0), "Priya": (None, 1)}


@pytest.mark.parametrize("cover", ["nobody", "one who is away", "one who has left"])
def test_letters_of_a_leader_who_is_away_with_nobody_here_instead_are_the_coordinators(cover):
    cora = {
        "nobody": lambda: None,
        "one who is away": lambda: away(may_reassign(person("Cora"))),
        "one who has left": lambda: may_reassign(person("Cora", left_on=date(2026, 6, 9))),
    }[cover]()
    away(leader(), cover=cora)
    coordinator()

    assert digests_of_thursday() == {"Priya": (None, 1)}


def test_another_leader_of_the_team_who_is_here_looks_after_them():
    away(leader())
    leader("Tess")
    coordinator()

    assert digests_of_thursday() == {"Tess": (1, 1)}


def test_a_leader_who_stands_in_for_one_of_another_team_is_told_of_her_own_alone():
    tess = leader("Tess", team="Another team")
    away(leader(), cover=tess)

    assert digests_of_thursday() == {}


def test_a_coordinator_who_stands_in_is_told_of_the_tray_too():
    away(leader(), cover=coordinator())

    assert digests_of_thursday() == {"Priya": (1, 1)}


def test_who_only_has_the_cases_given_to_her_stands_in_for_no_tray():
    away(leader(), cover=person("Ines", Role.INTERVIEWER))
    Deadline.objects.update(due_at=london("2026-06-11 12:00"))

    assert digests_of_thursday() == {}
