"""The trial's own books see what is missing and what is there twice, and its places are where it says they are."""

import pkgutil
from dataclasses import dataclass, field

import pytest

from checks.faults import kept, points
from rhi.models import Notice
from routing.models import ClockName
from staff.permissions import Role
from tests.rhi.letters.families import OVER, family, give, member, settle
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@dataclass
class Acknowledged:
    """As much of the work of the trial as its books look at."""

    attempts: list = field(default_factory=list)
    children: list = field(default_factory=list)
    episodes: list = field(default_factory=list)
    refusals: list = field(default_factory=list)
    downloads: list = field(default_factory=list)


@pytest.fixture
def manager():
    return make_person(kept.MANAGER, "Morgan", role=Role.MANAGER)


@pytest.mark.parametrize("point", points.POINTS, ids=lambda point: point.name)
def test_every_place_is_there(point):
    assert callable(pkgutil.resolve_name(point.function))


def test_what_was_acknowledged_and_is_in_no_table_is_lost(manager):
    work = Acknowledged(
        attempts=["Trial 1"], children=["T1"], episodes=["T1"], refusals=[17], downloads=[("2000-01",) * 2]
    )

    found = kept.reckon(work)

    assert len(found.lost) == 5
    assert not found.once.total()


@pytest.fixture
def trial(tmp_path, manager):
    """A child of the trial whose referral is open and lies with a team that has a leader."""
    referral = family(tmp_path / "records", first_name="Trial")
    ann = member()
    give(referral, ann)
    return referral, ann, member("Lee", Role.TEAM_LEADER)


def notice(referral, to, key):
    words = f"{ClockName.SEVENTY_TWO_HOURS.label}: runs out on Friday."
    return Notice.objects.create(
        child=referral.child, referral=referral, to=to, kind="due", key=key, about=words, at=OVER
    )


def test_a_notice_that_nobody_got_and_one_that_somebody_got_twice_are_seen(trial):
    referral, _, lee = trial

    missing = kept.reckon(Acknowledged()).lost
    notice(referral, lee, "due:clock 1:Friday")
    once = kept.reckon(Acknowledged())
    notice(referral, lee, "due:clock 2:Friday")
    twice = kept.reckon(Acknowledged()).twice

    assert missing == [f"notice ({referral.pk}, {lee.pk})"]
    assert (once.once["notice"], once.lost, once.twice) == (1, [], [])
    assert any(each.startswith(f"notice ({referral.pk}, {lee.pk}), 2 times") for each in twice)


def test_a_letter_that_was_due_and_is_not_proposed_is_seen(trial):
    referral, ann, _ = trial
    settle(referral, ann, "declined", "not_needed")

    found = kept.reckon(Acknowledged(refusals=[referral.pk]))

    assert found.once["outcome of referral"] == 1
    assert f"proposal of referral {referral.pk}" in found.lost
