"""Forgotten and changed passwords."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from staff.models import User
from tests.staff.people import PASSWORD, make_person
from tests.staff.sign_in.signing_in import is_signed_in, sign_in, trail

pytestmark = pytest.mark.django_db


def the_link(mail):
    return re.search(r"https?://testserver(/account/password/new/\S+)", mail.body)[1]


def test_a_forgotten_password_is_replaced_through_an_emailed_link(client, robin, mailoutbox):
    client.post("/account/password/forgotten/", {"email": robin.email})
    form = client.get(the_link(mailoutbox[0])).headers["Location"]
    client.post(form, {"password1": "river-candle-moth", "password2": "river-candle-moth"})

    assert sign_in(client, password="river-candle-moth").headers["Location"] == "/"
    assert trail()[0] == ("password_changed", "robin.hale@example.org", {})


def test_a_link_to_a_new_password_works_once(client, robin, mailoutbox):
    client.post("/account/password/forgotten/", {"email": robin.email})
    link = the_link(mailoutbox[0])
    form = client.get(link).headers["Location"]
    client.post(form, {"password1": "river-candle-moth", "password2": "river-candle-moth"})

    assert "This link no longer works" in client.get(link).content.decode()


def test_a_link_to_a_new_password_works_for_an_hour(client, robin, mailoutbox, settings):
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
    client.post("/account/password/forgotten/", {"email": robin.email})

    settings.PASSWORD_RESET_TIMEOUT = -1

    assert "This link no longer works" in client.get(the_link(mailoutbox[0])).content.decode()


def test_asking_for_a_new_password_does_not_tell_whether_an_address_is_known(client, robin, mailoutbox):
    known = client.post("/account/password/forgotten/", {"email": "robin.hale@example.org"}, follow=True)
    unknown = client.post("/account/password/forgotten/", {"email": "nobody.here@example.org"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain == [("/account/password/forgotten/sent/", 302)]
    assert known.content == unknown.content
    assert [mail.to for mail in mailoutbox] == [["robin.hale@example.org"], ["nobody.here@example.org"]]


@pytest.mark.parametrize(
    "person",
    [{"password": None}, {"left_on": timezone.localdate()}, {"is_active": False}],
    ids=["never invited", "has left", "closed"],
)
def test_only_who_may_sign_in_gets_a_link(client, mailoutbox, person):
    make_person(**person)

    client.post("/account/password/forgotten/", {"email": "robin.hale@example.org"})

    assert "nobody can sign in with this email address" in mailoutbox[0].body
    assert "/account/password/new/" not in mailoutbox[0].body


def test_a_new_password_ends_the_wait_after_wrong_guesses(client, robin, mailoutbox):
    for _ in range(5):
        sign_in(client, password="cloud-ladder-knife")
    client.post("/account/password/forgotten/", {"email": robin.email})
    form = client.get(the_link(mailoutbox[0])).headers["Location"]
    client.post(form, {"password1": "river-candle-moth", "password2": "river-candle-moth"})

    assert sign_in(client, password="river-candle-moth").headers["Location"] == "/"


def test_a_changed_password_ends_the_sessions_elsewhere(client, robin):
    elsewhere = Client()
    sign_in(elsewhere)
    sign_in(client)

    response = client.post(
        "/account/password/",
        {"oldpassword": PASSWORD, "password1": "river-candle-moth", "password2": "river-candle-moth"},
    )

    assert response.headers["Location"] == "/account/"
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)


def test_a_changed_password_is_told_to_its_owner(client, robin, mailoutbox):
    sign_in(client)
    new = {"oldpassword": PASSWORD, "password1": "river-candle-moth", "password2": "river-candle-moth"}
    client.post("/account/password/", new)

    (mail,) = mailoutbox
    assert mail.to == ["robin.hale@example.org"]
    assert mail.subject == "Your password was changed"
    assert "If it was not you, tell the administrator" in mail.body


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("spoon-cloud", "This password is too short. It must contain at least 12 characters."),
        ("startfinding", "This password is too common."),
        ("robin.hale@example", "The password is too similar to the email address."),
        ("739215648031", "This password is entirely numeric."),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(client, robin, password, says):
    sign_in(client)

    response = client.post(
        "/account/password/", {"oldpassword": PASSWORD, "password1": password, "password2": password}
    )

    assert response.context["form"].errors["password1"] == [says]
    assert User.objects.get().check_password(PASSWORD)


def test_the_email_address_is_stored_in_one_place_only(client, robin, mailoutbox):
    client.post("/account/password/forgotten/", {"email": robin.email})
    sign_in(client)

    assert EmailAddress.objects.count() == 0
