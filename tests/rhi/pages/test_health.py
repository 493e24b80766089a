"""The health page: what it says to people, to programs and to whatever watches the process."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from jobs.models import Job, Sweep
from tests.rhi.pages.production import ASK, in_production
from tests.rhi.pages.words import the_words
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


def asked_for_json(client):
    response = client.get("/health", headers={"accept": "application/json"})
    return response.status_code, response.json()


@pytest.fixture
def swept_at():
    """Say when due work was last looked for."""

    def sweep(ago):
        at = now() - ago
        Sweep.objects.create(pk=1, at=at)
        return at

    return sweep


def test_health_is_public_and_says_so_in_words_and_as_data(client, swept_at):
    swept_at(timedelta(seconds=30))

    assert "The service is working" in the_words(client.get("/health"))
    status, answer = asked_for_json(client)
    assert status == 200
    assert answer["serving"] is True
    assert {name: check["well"] for name, check in answer["checks"].items()} == {
        "database": True,
        "tables": True,
        "sign-in": True,
        "background": True,
    }


def test_health_names_nobody(client):
    client.force_login(make_person())

    assert "Robin Hale" not in the_words(client.get("/health"))


def test_health_fails_while_a_migration_waits(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'staff'")

    status, answer = asked_for_json(client)

    assert status == 503
    assert answer["serving"] is False
    assert answer["checks"]["tables"]["well"] is False
    assert "migrations have not been applied" in answer["checks"]["tables"]["words"]
    assert "The service is not working" in the_words(client.get("/health"))


def test_health_fails_when_guesses_cannot_be_counted(client, settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "no_such_table"}}

    status, answer = asked_for_json(client)

    assert status == 503
    assert answer["checks"]["sign-in"] == {"well": False, "words": "The database does not answer this."}


@pytest.mark.slow
def test_health_fails_in_words_when_the_database_is_gone():
    done = in_production(
        "-c", ASK, json.dumps([["/health", False, False]]), DATABASE_URL="postgres://nobody@127.0.0.1:1/none"
    )

    ((status, _),), _ = json.loads(done.stdout)
    assert status == 503
    assert "Traceback" in done.stderr  # the cause, for the log


@pytest.mark.parametrize(("ago", "well"), [(timedelta(minutes=9), True), (timedelta(minutes=11), False), (None, False)])
def test_health_shows_that_nobody_looks_for_due_work_but_goes_on_serving_pages(client, swept_at, ago, well):
    if ago is not None:
        swept_at(ago)

    status, answer = asked_for_json(client)

    assert status == 200
    assert answer["checks"]["background"]["well"] is well
    title = "The service is working" if well else "Part of the service is not working"
    assert title in the_words(client.get("/health"))


@pytest.mark.parametrize(("ahead", "well"), [(timedelta(minutes=4), True), (timedelta(minutes=6), False)])
def test_health_does_not_trust_a_time_to_come_at_which_due_work_was_last_looked_for(client, swept_at, ahead, well):
    swept_at(-ahead)

    _, answer = asked_for_json(client)

    assert answer["checks"]["background"]["well"] is well
    assert answer["checks"]["background"]["words"].startswith("A clock is wrong: ") is not well


@pytest.mark.parametrize(("waiting", "well"), [(timedelta(minutes=9), True), (timedelta(minutes=11), False)])
def test_health_shows_work_that_is_not_being_done(client, swept_at, waiting, well):
    due_at = swept_at(timedelta(0)) - waiting
    Job.objects.create(name="jobs.housekeeping.tidy", due_at=due_at, next_try_at=due_at)

    _, answer = asked_for_json(client)

    assert answer["checks"]["background"]["well"] is well


def test_health_shows_work_that_was_given_up(client, swept_at):
    at = swept_at(timedelta(0))
    Job.objects.create(
        name="jobs.housekeeping.tidy", due_at=at, next_try_at=at, state="dead", reason="A fault.", finished_at=at
    )

    _, answer = asked_for_json(client)

    assert answer["checks"]["background"] == {
        "well": False,
        "words": "Pieces of work given up, for a person to look at: 1.",
    }
