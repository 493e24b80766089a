"""What somebody sends after their session has ended, or from a page older than their signing in, is not lost."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from rhi.models import Attempt
from routing.models import Referral
from tests.records import bring, child, episode, publish
from tests.rhi.writing import member
from tests.staff.people import PASSWORD

pytestmark = pytest.mark.django_db

OURS = {"sec-fetch-site": "same-origin"}
NOTE = "Mum said: ring after six.\nShe was calm & <kind>."


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


@pytest.fixture
def address(referral):
    return reverse("rhi:log_attempt", args=[referral.pk])


def sent():
    """An attempt as the page sends it, by what the page shows."""
    return {
        "attempted_at": "2026-05-13T10:00",
        "method": "phone",
        "contacted": "parent",
        "result": "spoke_to_carer",
        "note": NOTE,
    }


def kept(page):
    """The fields that a page holds, as a browser would send them."""
    found = re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', page.content.decode())
    return {name: unescape(value) for name, value in found}


def test_what_is_sent_after_the_session_has_ended_is_kept_and_saved_after_signing_in(address, robin):
    browser = Client(enforce_csrf_checks=True)
    browser.get(reverse("account_login"))
    token = browser.cookies["csrftoken"].value

    page = browser.post(address, sent() | {"csrfmiddlewaretoken": token}, headers=OURS)

    assert page.status_code == 403
    assert "You are signed out" in page.content.decode()
    assert "Mum said: ring after six.<br>She was calm &amp; &lt;kind&gt;." in page.content.decode()
    fields = kept(page)
    assert {name: fields[name] for name in sent()} == sent()
    assert Attempt.objects.count() == 0

    signed_in = browser.post(
        reverse("account_login"),
        {"login": robin.email, "password": PASSWORD, "csrfmiddlewaretoken": fields["csrfmiddlewaretoken"]},
    )
    assert signed_in.status_code == 302
    again = browser.post(address, fields, headers=OURS)
    assert again.status_code == 403
    assert "Press the button to save it as Robin Hale" in again.content.decode()

    done = browser.post(address, kept(again), headers=OURS)
    assert done.status_code == 302
    assert Attempt.objects.get().note == NOTE


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}])
def test_what_another_site_sends_is_kept_by_nobody(address, robin, headers):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(robin)

    refused = browser.post(address, sent(), headers=headers)

    assert refused.status_code == 403
    assert "Mum said" not in refused.content.decode()
    assert "This page is out of date" in refused.content.decode()


def test_what_another_site_sends_to_somebody_signed_out_leads_to_signing_in(client, address):
    answer = client.post(address, sent(), headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("fields", [{}, {"note": " "}, {"password": "return-home-safely", "note": "words of mine"}])
def test_passwords_and_empty_forms_are_not_kept(client, address, fields):
    answer = client.post(address, fields, headers=OURS)

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{reverse('account_login')}?next={address}"


def test_the_page_is_kept_by_no_browser(client, address):
    page = client.post(address, sent(), headers=OURS)

    assert page.headers["Cache-Control"] == "no-store"
