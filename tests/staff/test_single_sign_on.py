"""Signing in with an account of the authority, against an OpenID Connect provider that runs here."""

import json
import os
import re
import subprocess
import sys
from datetime import date

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from oidc_provider_mock import run_server_in_thread

from staff.models import AuditEvent
from tests.staff.people import make_person

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),  # the provider's own way of signing
]


@pytest.fixture(scope="module")
def provider():
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def configured(settings, provider):
    app = {
        "provider_id": "authority",
        "name": "your council account",
        "client_id": "rhi",
        "secret": "a-secret-of-tests",  # pragma: allowlist secret
        "settings": {"server_url": provider},
    }
    settings.SINGLE_SIGN_ON = app["name"]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    return app


def sign_in(client, provider, *, email="robin.hale@example.org", verified=True, query=""):
    """Follow the link of the sign-in page, be known to the provider by this address, and come back."""
    claims = {"email": email, "email_verified": verified}
    requests.put(f"{provider}/users/somebody", json=claims, timeout=5).raise_for_status()
    there = client.get(f"/account/sign-in/with/authority/{query}")
    assert there.status_code == 302
    back = requests.post(there.headers["Location"], data={"sub": "somebody"}, allow_redirects=False, timeout=5)
    return client.get(back.headers["Location"].removeprefix("http://testserver"))


def is_signed_in(client):
    return client.get("/account/").status_code == 200


def why_refused():
    return [line.detail["because"] for line in AuditEvent.objects.filter(type="sign_in_failed")]


def test_somebody_known_by_a_verified_address_is_signed_in(client, configured, provider):
    robin = make_person()

    answer = sign_in(client, provider, email="Robin.Hale@Example.org")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(robin.pk)
    line = AuditEvent.objects.get(type="signed_in")
    assert (line.by_id, line.detail["steps"]) == (robin.pk, ["socialaccount"])


def test_one_goes_on_to_the_page_that_was_asked_for(client, configured, provider):
    make_person()

    assert sign_in(client, provider, query="?next=/procedure/").headers["Location"] == "/procedure/"


def test_nothing_about_the_other_account_is_kept_and_the_password_stays(client, configured, provider):
    robin = make_person()

    sign_in(client, provider)

    robin.refresh_from_db()
    assert robin.has_usable_password()
    assert SocialAccount.objects.count() == 0


def test_where_a_second_step_is_required_the_providers_own_will_do(client, configured, provider, settings):
    settings.SECOND_STEP_REQUIRED = True
    make_person()

    sign_in(client, provider)

    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("person", "claims", "because"),
    [
        ({}, {"verified": False}, "no such person, or an address that is not verified"),
        ({}, {"email": "else@example.org"}, "no such person, or an address that is not verified"),
        ({"password": None}, {}, "never invited"),
        ({"left_on": date(2026, 1, 31)}, {}, "has left"),
        ({"is_active": False}, {}, "has left"),
    ],
    ids=["not verified", "unknown", "never invited", "has left", "closed"],
)
def test_only_whom_an_administrator_has_let_in_is_let_in(client, configured, provider, person, claims, because):
    make_person(**person)

    sign_in(client, provider, **claims)

    assert not is_signed_in(client)
    assert why_refused() == [because]


def test_a_refusal_says_whom_to_ask(client, configured, provider):
    answer = sign_in(client, provider)

    assert answer.status_code == 403
    assert "You could not be signed in</h1>" in answer.content.decode()


def test_an_address_is_taken_for_verified_where_the_installation_says_so(client, configured, provider):
    configured["settings"]["verified_email"] = True
    make_person()

    sign_in(client, provider, verified=False)

    assert is_signed_in(client)


def test_no_account_can_be_tied_to_another(client, configured, provider):
    robin = make_person()
    client.force_login(robin)

    answer = sign_in(client, provider, query="?process=connect")

    assert answer.status_code == 403
    assert SocialAccount.objects.count() == 0


def test_an_answer_that_nobody_asked_for_is_refused(client, configured):
    make_person()

    answer = client.get("/account/sign-in/with/authority/back/?code=made-up&state=made-up")

    assert answer.status_code == 403
    assert why_refused() == ["single sign-on did not work"]


def test_a_provider_that_does_not_answer_is_a_refusal_in_words(client, configured):
    configured["settings"]["server_url"] = "http://127.0.0.1:1"

    answer = client.get("/account/sign-in/with/authority/")

    assert answer.status_code == 403
    assert "You could not be signed in</h1>" in answer.content.decode()


def test_the_sign_in_page_offers_it_where_it_is_set_up(client, configured):
    page = client.get("/account/sign-in/?next=/procedure/").content.decode()

    assert re.search(r'href="([^"]*)"\s+role="button"', page).group(1) == (
        "/account/sign-in/with/authority/?next=/procedure/"
    )
    assert "Sign in with your council account" in page


def test_without_its_settings_there_is_none(client):
    assert "Sign in with" not in client.get("/account/sign-in/").content.decode()
    assert client.get("/account/sign-in/with/authority/").status_code == 404
    assert client.get("/account/sign-in/with/authority/back/").status_code == 404


SHOW = """
import json
from rhi import settings
print(json.dumps([settings.SINGLE_SIGN_ON, settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]]))
"""


@pytest.mark.slow
def test_its_settings_come_from_the_environment():
    server = "https://login.example.org/tenant/v2.0"
    environment = {"OIDC_SERVER_URL": server, "OIDC_CLIENT_ID": "rhi", "OIDC_CLIENT_SECRET": "s", "RHI_DEMO": "1"}

    done = subprocess.run(
        [sys.executable, "-c", SHOW], env=os.environ | environment, capture_output=True, text=True, check=True
    )

    name, (app,) = json.loads(done.stdout)
    assert (name, app["client_id"], app["secret"]) == ("your work account", "rhi", "s")
    assert app["settings"] == {"server_url": server, "verified_email": False}
