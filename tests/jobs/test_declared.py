"""Only what a declared module defines may run by itself."""

from datetime import time

import pytest
from django.core.checks import Error, run_checks
from django.core.exceptions import ImproperlyConfigured

from jobs import declared
from jobs.schedule import Daily, Hourly, Recurring
from tests.jobs import chores


def test_an_action_of_a_declared_module_may_run():
    assert declared.action("tests.jobs.chores.open_team") is chores.open_team


@pytest.mark.parametrize(
    "name",
    [
        "tests.jobs.test_declared.declared",  # of a module that is not declared
        "os.system",
        "tests.jobs.chores.no_such_action",
        "tests.jobs.chores._open_team_privately",
        "tests.jobs.chores.OpenTeam",  # not a function
        "tests.jobs.chores.os",
        "tests.jobs.chores.os.kill",
        "tests.jobs.chores",
        "open_team",
        "",
    ],
)
def test_anything_else_may_not(name):
    with pytest.raises(declared.UnknownActionError) as refusal:
        declared.action(name)

    assert str(refusal.value) == f"{name} is not an action of a module in JOB_MODULES (tests.jobs.chores)."


def test_what_a_declared_module_only_imports_may_not_run(monkeypatch):
    monkeypatch.setattr(chores, "imported", declared.action, raising=False)

    with pytest.raises(declared.UnknownActionError):
        declared.action("tests.jobs.chores.imported")


def test_a_module_without_a_schedule_recurs_never():
    assert declared.schedule() == []


def test_an_action_that_is_scheduled_twice_is_refused(monkeypatch):
    twice = (Recurring(chores.hourly, every=Hourly()), Recurring(chores.hourly, every=Daily(time(3))))
    monkeypatch.setattr(chores, "SCHEDULE", twice, raising=False)

    with pytest.raises(ImproperlyConfigured, match=r"tests\.jobs\.chores\.hourly is scheduled twice"):
        declared.schedule()


def test_the_site_does_not_start_with_a_schedule_that_could_not_be_followed(monkeypatch):
    stray = (Recurring(declared.action, every=Hourly()),)
    monkeypatch.setattr(chores, "SCHEDULE", stray, raising=False)

    refused = "jobs.declared.action is not an action of a module in JOB_MODULES (tests.jobs.chores)."
    assert [check for check in run_checks() if check.id == "jobs.E001"] == [Error(refused, id="jobs.E001")]


def test_the_site_starts_with_the_schedule_that_it_ships(settings):
    settings.JOB_MODULES = ["jobs.housekeeping"]

    assert [check for check in run_checks() if check.id == "jobs.E001"] == []
    assert [recurring.name for recurring in declared.schedule()] == ["jobs.housekeeping.clear_expired_sessions"]
