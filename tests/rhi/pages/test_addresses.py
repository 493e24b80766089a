"""Every address asks to sign in but the public ones, and each of these has its reason."""

import pytest
from django.urls import URLPattern, get_resolver

pytestmark = pytest.mark.django_db


# What somebody who has not signed in may reach; everything else asks them to. Each has its reason.
PUBLIC = {
    "rhi:health",  # asked by whatever watches the process; says nothing about anybody
    "rhi:letter_returned",  # GOV.UK Notify's word that a letter came back; without its token it is not there
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


def addresses(patterns, namespace=""):
    """Every address of the site, with the name by which the program knows it."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses(pattern.url_patterns, namespace + inner)


ADDRESSES = list(addresses(get_resolver().url_patterns))


@pytest.mark.parametrize(("name", "pattern"), ADDRESSES, ids=[name for name, _ in ADDRESSES])
def test_every_address_asks_to_sign_in_but_the_public_ones(name, pattern):
    assert getattr(pattern.callback, "login_required", True) is (name not in PUBLIC)


def test_every_public_address_exists():
    assert {name for name, _ in ADDRESSES} >= PUBLIC


def test_the_first_page_asks_to_sign_in(client):
    assert client.get("/").headers["Location"] == "/account/sign-in/?next=/"
