"""The second step: the code, recovery codes, and where it is required."""

from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator

from tests.staff.people import PASSWORD, code
from tests.staff.sign_in.signing_in import WAIT, is_signed_in, sign_in, trail

pytestmark = pytest.mark.django_db


def set_up_second_step(client, person):
    """As the person does it; answers the key and the recovery codes."""
    client.force_login(person)
    client.post("/account/confirm/?next=/account/second-step/", {"password": PASSWORD})
    secret = client.get("/account/second-step/").context["form"].secret
    done = client.post("/account/second-step/", {"code": code(secret)}, follow=True)
    assert done.redirect_chain == [("/account/recovery-codes/", 302)]
    client.logout()
    return secret, done.context["unused_codes"]


def test_with_a_second_step_the_password_alone_is_not_enough(client, robin):
    secret, _ = set_up_second_step(client, robin)

    assert sign_in(client).headers["Location"] == "/account/sign-in/code/"
    assert not is_signed_in(client)

    assert client.post("/account/sign-in/code/", {"code": code(secret)}).headers["Location"] == "/"
    assert is_signed_in(client)
    assert [line for line in trail() if line[0] == "signed_in"] == [
        ("signed_in", "robin.hale@example.org", {"steps": ["password", "mfa"]})
    ]


def test_a_wrong_code_stands_in_the_trail(client, robin):
    set_up_second_step(client, robin)
    sign_in(client)

    response = client.post("/account/sign-in/code/", {"code": "12345"})

    assert response.context["form"].errors["code"] == [
        "That code is not right. Wait until the app shows a new one, then enter that."
    ]
    assert trail()[-1] == ("sign_in_failed", "", {"email": "robin.hale@example.org", "because": "wrong code"})
    assert not is_signed_in(client)


def test_after_five_wrong_codes_even_the_right_one_has_to_wait(client, robin):
    secret, _ = set_up_second_step(client, robin)
    sign_in(client)
    for _ in range(5):
        client.post("/account/sign-in/code/", {"code": "12345"})

    response = client.post("/account/sign-in/code/", {"code": code(secret)})

    assert response.context["form"].errors["code"] == [WAIT]
    assert len([line for line in trail() if line[0] == "sign_in_failed"]) == 5


def test_a_code_works_once(client, robin):
    secret, _ = set_up_second_step(client, robin)
    shown = code(secret)
    sign_in(client)
    client.post("/account/sign-in/code/", {"code": shown})
    client.post("/account/sign-out/")
    sign_in(client)

    assert client.post("/account/sign-in/code/", {"code": shown}).status_code == 200
    assert not is_signed_in(client)


def test_a_recovery_code_stands_in_for_the_phone_once(client, robin):
    _, (first, *_) = set_up_second_step(client, robin)
    sign_in(client)
    assert client.post("/account/sign-in/code/", {"code": first}).headers["Location"] == "/"
    client.post("/account/sign-out/")
    sign_in(client)

    assert client.post("/account/sign-in/code/", {"code": first}).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("page", ["/account/second-step/", "/account/second-step/off/", "/account/recovery-codes/new/"])
def test_what_protects_the_account_changes_only_for_whoever_has_just_proved_who_they_are(client, robin, page):
    if page != "/account/second-step/":
        set_up_second_step(client, robin)
    client.force_login(robin)

    assert client.post(page).headers["Location"] == f"/account/confirm/?next={quote(page, safe='')}"


def test_turning_the_second_step_off_is_told_to_its_owner(client, robin, mailoutbox):
    set_up_second_step(client, robin)
    client.force_login(robin)
    client.post("/account/confirm/?next=/account/second-step/off/", {"password": PASSWORD})

    client.post("/account/second-step/off/")

    assert Authenticator.objects.count() == 0
    assert mailoutbox[-1].subject == "Your second step is off"


def test_the_second_step_is_optional_in_the_demonstration_only(client, robin, settings):
    sign_in(client)
    assert is_signed_in(client)

    settings.SECOND_STEP_REQUIRED = True

    for page in ["/", "/account/", "/account/password/"]:
        assert client.get(page).headers["Location"] == "/account/second-step/"


def test_where_it_is_required_setting_up_the_second_step_opens_the_rest(client, robin, settings):
    settings.SECOND_STEP_REQUIRED = True
    sign_in(client)
    client.post("/account/confirm/?next=/account/second-step/", {"password": PASSWORD})
    secret = client.get("/account/second-step/").context["form"].secret

    client.post("/account/second-step/", {"code": code(secret)})

    assert is_signed_in(client)


def test_where_the_second_step_is_required_one_can_still_sign_out(client, robin, settings):
    settings.SECOND_STEP_REQUIRED = True
    sign_in(client)

    client.post("/account/sign-out/")

    assert client.get("/").headers["Location"] == "/account/sign-in/?next=/"
