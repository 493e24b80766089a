import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver, path

from jobs.models import Job, Sweep
from procedures.models import Version
from rhi.urls import urlpatterns as our_addresses
from staff.models import Membership, Team
from staff.permissions import Role
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
SOMERSET = (ROOT / "procedures" / "somerset.toml").read_text()

# What somebody who has not signed in may reach; everything else asks them to. Each has its reason.
PUBLIC = {
    "rhi:health",  # asked by whatever watches the process; says nothing about anybody
    "account_login",
    "account_logout",
    "account_inactive",  # what somebody who has left is told
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "openid_connect_login",  # to the authority's own sign-in, and back
    "openid_connect_callback",
    "mfa_authenticate",  # between the password and the code
}


# This module is also a list of addresses, for the tests of what people see when something goes wrong.
def _refuse(request):
    raise PermissionDenied


def _make_no_sense(request):
    raise SuspiciousOperation


def _break(request):
    raise RuntimeError("a fault of ours")


urlpatterns = [
    *our_addresses,
    path("refuse", _refuse),
    path("make-no-sense", _make_no_sense),
    path("break", _break),
]


def addresses(patterns, namespace=""):
    """Every address of the site, with the name by which the program knows it."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses(pattern.url_patterns, namespace + inner)


ADDRESSES = list(addresses(get_resolver().url_patterns))


def the_words(response):
    """The page's own words, each space once."""
    return " ".join(response.content.decode().split())


# Who reaches what


@pytest.mark.parametrize(("name", "pattern"), ADDRESSES, ids=[name for name, _ in ADDRESSES])
def test_every_address_asks_to_sign_in_but_the_public_ones(name, pattern):
    assert getattr(pattern.callback, "login_required", True) is (name not in PUBLIC)


def test_every_public_address_exists():
    assert {name for name, _ in ADDRESSES} >= PUBLIC


def test_the_first_page_asks_to_sign_in(client):
    assert client.get("/").headers["Location"] == "/account/sign-in/?next=/"


# What browsers are told


@pytest.mark.parametrize(
    "address", ["/", "/account/", "/account/sign-out/", "/account/password/", "/nothing-here", "/health"]
)
def test_every_page_carries_the_same_protection(client, address):
    client.force_login(make_person())

    headers = client.get(address).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    assert dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; ")) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def in_production(*command, **environment):
    """Run our program as an installation with real children would, in a process of its own."""
    variables = {
        "PATH": os.environ["PATH"],
        "RHI_VAR": os.environ.get("RHI_VAR", ""),
        "SECRET_KEY": "q7" + "kD3!vN8^xR2@mZ5&" * 4,
        "ALLOWED_HOSTS": "rhi.example.org",
        "EMAIL_URL": "smtp+tls://mail.example.org:587",
        "DJANGO_SETTINGS_MODULE": "rhi.settings",
    } | environment
    variables = {name: value for name, value in variables.items() if value}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_production_settings_leave_nothing_for_djangos_own_check():
    checked = in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert checked.returncode == 0, checked.stderr
    assert "no issues (0 silenced)" in checked.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL"])
def test_production_does_not_start_without(name):
    started = in_production("manage.py", "check", **{name: ""})

    assert started.returncode == 1
    assert f"{name} is not set. Production needs it" in started.stderr


ASK = """
import json, sys, django
django.setup()
from django.conf import settings
from django.test import Client
answers = []
for address, secure, proxied in json.loads(sys.argv[1]):
    headers = {"host": "rhi.example.org", "accept": "application/json"}
    headers |= {"x-forwarded-proto": "https"} if proxied else {}
    answer = Client(headers=headers).get(address, secure=secure)
    answers.append([answer.status_code, dict(answer.headers)])
cookies = [settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE]
cookies += [settings.CSRF_COOKIE_SECURE, settings.CSRF_COOKIE_HTTPONLY, settings.SECOND_STEP_REQUIRED]
print(json.dumps([answers, cookies]))
"""


def asked_in_production(*requests, **environment):
    done = in_production("-c", ASK, json.dumps(requests), **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_in_production_everything_is_encrypted(tmp_path):
    (plain, secure), cookies = asked_in_production(
        ["/", False, False], ["/", True, False], DATABASE_URL=f"sqlite:///{tmp_path}/rhi.sqlite3"
    )

    assert plain == [301, plain[1] | {"Location": "https://rhi.example.org/"}]
    assert secure[0] == 302
    assert secure[1]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert cookies == [True, True, "Lax", True, True, True]


@pytest.mark.slow
@pytest.mark.parametrize(("proxies", "status"), [("", 301), ("1", 302)])
def test_a_proxys_word_on_encryption_is_believed_only_where_there_is_a_proxy(tmp_path, proxies, status):
    database = f"sqlite:///{tmp_path}/rhi.sqlite3"

    (answer,), _ = asked_in_production(["/", False, True], DATABASE_URL=database, TRUSTED_PROXIES=proxies)

    assert answer[0] == status


# The first page


def publish_somerset(effective_from):
    return Version.objects.create(
        name="somerset",
        effective_from=effective_from,
        text=SOMERSET,
        published_at=datetime.fromisoformat("2026-01-05T09:00+00:00"),
    )


def test_the_first_page_of_who_does_no_case_work_says_who_one_is_and_by_whose_rules_one_works(client):
    robin = make_person(role=Role.MANAGER)
    for name in ["Missing Team", "Children's Social Care"]:
        Membership.objects.create(user=robin, team=Team.objects.create(name=name))
    publish_somerset(date(2026, 1, 5))
    client.force_login(robin)

    page = client.get("/")

    assert [team.name for team in page.context["teams"]] == ["Children's Social Care", "Missing Team"]
    assert "Manager</span>" in the_words(page)
    assert "Robin Hale</h1>" in the_words(page)
    assert "Somerset, in force since 5 January 2026" in the_words(page)


def test_the_first_page_of_who_does_no_case_work_says_what_is_missing_and_who_can_help(client):
    client.force_login(make_person(role=Role.MANAGER))

    page = the_words(client.get("/"))

    assert "None. An administrator can put you in one." in page
    assert "None has been published, so nothing can be routed or counted yet." in page


def test_the_first_page_of_who_does_no_case_work_tells_of_a_procedure_that_is_not_in_force_yet(client):
    publish_somerset(date(2999, 1, 5))
    client.force_login(make_person(role=Role.MANAGER))

    assert "Somerset, in force from 5 January 2999" in the_words(client.get("/"))


@pytest.mark.parametrize("teams", [1, 3])
def test_the_first_page_of_who_does_no_case_work_costs_the_same_with_many_teams(
    client, django_assert_num_queries, teams
):
    robin = make_person(role=Role.MANAGER)
    for number in range(teams):
        Membership.objects.create(user=robin, team=Team.objects.create(name=f"Team {number}"))
    client.force_login(robin)
    client.get("/")

    with django_assert_num_queries(4):  # session, person, procedure versions, teams
        client.get("/")


# The health page


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


# When something goes wrong


@pytest.mark.parametrize(
    ("address", "status", "title"),
    [
        ("/nothing-here", 404, "Page not found"),
        ("/refuse", 403, "You may not do this"),
        ("/make-no-sense", 400, "This address does not work"),
        ("/break", 500, "Something went wrong"),
    ],
)
@pytest.mark.urls("tests.rhi.test_pages")
def test_what_goes_wrong_is_said_in_plain_words(client, address, status, title):
    client.force_login(make_person())
    client.raise_request_exception = False

    response = client.get(address)

    assert response.status_code == status
    assert f'<h1 class="govuk-heading-l">{title}</h1>' in the_words(response)


def test_a_form_from_an_old_page_is_refused_in_plain_words():
    response = Client(enforce_csrf_checks=True).post("/account/sign-in/", {"login": "robin.hale@example.org"})

    assert response.status_code == 403
    assert "This page is out of date</h1>" in the_words(response)
    assert "Nothing was saved." in the_words(response)


def test_too_many_attempts_are_answered_in_plain_words(client):
    for _ in range(5):
        client.post("/account/password/forgotten/", {"email": "robin.hale@example.org"})

    response = client.post("/account/password/forgotten/", {"email": "robin.hale@example.org"})

    assert response.status_code == 429
    assert "Too many attempts</h1>" in the_words(response)
