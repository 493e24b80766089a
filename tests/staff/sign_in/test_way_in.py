"""Email and password lead in, wrong guesses have to wait, and whoever has left stays out."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from staff.models import AuditEvent, User
from tests.staff.people import PASSWORD, make_person
from tests.staff.sign_in.signing_in import SIGN_IN, WAIT, is_signed_in, sign_in, trail

pytestmark = pytest.mark.django_db


WRONG = "The email address or the password is not right. Check both and try again."


# The way in


def test_email_and_password_lead_to_the_first_page(client, robin):
    assert sign_in(client).headers["Location"] == "/"
    assert client.get("/").context["user"] == robin


def test_email_may_be_typed_in_capitals(client, robin):
    assert sign_in(client, email="Robin.Hale@Example.ORG").headers["Location"] == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(client, robin):
    asked = client.get("/account/")
    assert asked.headers["Location"] == "/account/sign-in/?next=/account/"

    response = client.post(asked.headers["Location"], {"login": robin.email, "password": PASSWORD})

    assert response.headers["Location"] == "/account/"


def test_signing_in_leads_to_no_other_site(client, robin):
    response = client.post(f"{SIGN_IN}?next=https://example.com/", {"login": robin.email, "password": PASSWORD})

    assert response.headers["Location"] == "/"


def test_signing_in_and_out_stand_in_the_trail(client, robin):
    sign_in(client)
    client.post("/account/sign-out/")

    assert trail() == [
        ("signed_in", "robin.hale@example.org", {"steps": ["password"]}),
        ("signed_out", "robin.hale@example.org", {}),
    ]
    assert not is_signed_in(client)


def test_the_trail_says_from_which_network_address(client, robin):
    sign_in(client)

    assert AuditEvent.objects.get().detail["address"] == "127.0.0.1"


def test_following_a_link_does_not_sign_anybody_out(client, robin):
    sign_in(client)

    assert "Do you want to sign out?" in client.get("/account/sign-out/").content.decode()
    assert is_signed_in(client)


def test_nobody_can_sign_up(client):
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert client.get("/account/signup/").status_code == 404


# Wrong guesses


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("robin.hale@example.org", "cloud-ladder-knife"),
        ("nobody.here@example.org", PASSWORD),
        ("named.by.a.record@example.org", PASSWORD),
    ],
)
def test_an_unknown_address_is_answered_like_a_wrong_password(client, robin, email, password):
    make_person("named.by.a.record@example.org", "Nia Record", password=None)

    response = sign_in(client, email, password)

    assert response.status_code == 200
    assert response.context["form"].non_field_errors() == [WRONG]
    assert trail() == [("sign_in_failed", "", {"email": email, "because": "wrong email or password"})]


@pytest.mark.parametrize("email", ["robin.hale@example.org", "nobody.here@example.org"])
def test_after_five_wrong_guesses_at_an_address_even_the_right_password_has_to_wait(client, robin, email):
    for _ in range(5):
        assert sign_in(client, email, "cloud-ladder-knife").context["form"].non_field_errors() == [WRONG]

    assert sign_in(client, email, PASSWORD).context["form"].non_field_errors() == [WAIT]
    assert not is_signed_in(client)


def test_guesses_at_one_address_leave_the_others_alone(client, robin):
    make_person("sam.okoro@example.org", "Sam Okoro")
    for _ in range(5):
        sign_in(client, password="cloud-ladder-knife")

    assert sign_in(client, "sam.okoro@example.org").headers["Location"] == "/"


def test_guesses_from_one_network_address_end_after_thirty(client, robin):
    for number in range(30):
        sign_in(client, f"guess{number}@example.org")

    assert sign_in(client).context["form"].non_field_errors() == [WAIT]


def test_guesses_are_counted_in_the_database_so_that_losing_the_broker_forgets_none(client, robin):
    sign_in(client, password="cloud-ladder-knife")

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache WHERE cache_key LIKE '%login_failed%'")
        assert len(cursor.fetchall()) == 2  # one for the email address, one for the network address


@pytest.mark.slow
def test_sign_ins_from_one_office_are_not_taken_for_guesses(client, robin):
    for _ in range(60):
        assert sign_in(Client()).headers["Location"] == "/"


# Leavers


@pytest.mark.parametrize("gone", [{"left_on": timezone.localdate()}, {"is_active": False}])
def test_somebody_who_has_left_cannot_sign_in(client, gone):
    make_person(**gone)

    response = sign_in(client)

    assert response.headers["Location"] == "/account/closed/"
    assert list(client.session.keys()) == ["_session_expiry"]  # no step of the way in is kept
    assert not is_signed_in(client)
    assert trail() == [("sign_in_failed", "", {"email": "robin.hale@example.org", "because": "has left"})]


def test_somebody_who_leaves_tomorrow_can_still_sign_in(client):
    make_person(left_on=timezone.localdate() + timedelta(days=1))

    assert sign_in(client).headers["Location"] == "/"


@pytest.mark.parametrize("gone", [{"left_on": timezone.localdate()}, {"is_active": False}])
def test_somebody_who_leaves_is_out_at_the_next_request(client, robin, gone):
    sign_in(client)
    assert is_signed_in(client)

    User.objects.filter(pk=robin.pk).update(**gone)

    assert client.get("/").headers["Location"] == "/account/sign-in/?next=/"
