"""Who is told by itself that a task is overdue, or to be reviewed."""

from datetime import date

import pytest

from rhi.actions import reminding, tasks
from rhi.models import Notice
from routing.models import Task
from staff.models import Membership
from staff.permissions import Role
from tests.records import NOW, london
from tests.rhi.following.cases import holder_of, referral_of
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(tmp_path):
    return referral_of(tmp_path)


@pytest.fixture
def robin(referral):
    return holder_of(referral)


@pytest.fixture(autouse=True)
def sam(referral):
    person = make_person("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)
    Membership.objects.create(user=person, team=referral.allocations.get(until__isnull=True).team)
    return person


def task_of(referral, owner, **days):
    about = {"kind": "need", "about": "Ask the school.", "clause": "Example", "opened_at": NOW}
    return Task.objects.create(child=referral.child, referral=referral, owner=owner, **about, **days)


def told(at, kind):
    at = london(at)
    reminding.remind(now=at)
    return sorted(notice.to.name for notice in Notice.objects.filter(kind=kind))


@pytest.mark.clause("SOM-4.17")
def test_owner_and_leader_are_told_once_when_a_task_is_overdue(referral, robin):
    task_of(referral, robin, due_on=date(2026, 6, 18))

    assert told("2026-06-18 23:45", "task_overdue") == []
    assert told("2026-06-19 00:15", "task_overdue") == ["Robin Hale", "Sam Okoro"]
    assert told("2026-06-19 00:30", "task_overdue") == ["Robin Hale", "Sam Okoro"]


@pytest.mark.clause("WOK-11")
def test_the_owner_is_told_when_a_review_has_come(referral, robin):
    task_of(referral, robin, done_at=NOW, review_on=date(2026, 6, 19))

    assert told("2026-06-18 23:45", "task_review") == []
    assert told("2026-06-19 00:15", "task_review") == ["Robin Hale"]


def test_nobody_is_told_of_what_was_done_in_time(referral, robin):
    task = task_of(referral, robin, due_on=date(2026, 6, 18))
    tasks.tick_off(task, done_at=NOW, by=robin, now=NOW)

    assert told("2026-06-19 00:15", "task_overdue") == []
