import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from staff.demonstration import PASSWORD as DEMONSTRATION_PASSWORD
from staff.demonstration import PEOPLE
from staff.models import AuditEvent, Team, User
from staff.permissions import Role
from tests.staff.people import PASSWORD, code, make_person, now

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/sign-in/"
WRONG = "The email address or the password is not right. Check both and try again."
WAIT = "There were too many wrong attempts. Wait 15 minutes, then try again."


@pytest.fixture
def robin():
    return make_person()


def sign_in(client, email="robin.hale@example.org", password=PASSWORD):
    return client.post(SIGN_IN, {"login": email, "password": password})


def trail():
    """What the trail says, oldest first, without the network address that every line of it carries."""
    return [
        (event.type, event.by_email, {key: value for key, value in event.detail.items() if key != "address"})
        for event in AuditEvent.objects.order_by("pk")
    ]


def is_signed_in(client):
    return client.get("/").status_code == 200


def the_link(mail):
    return re.search(r"https?://testserver(/account/password/new/\S+)", mail.body)[1]


def set_up_second_step(client, person):
    """As the person does it; answers the key and the recovery codes."""
    client.force_login(person)
    client.post("/account/confirm/?next=/account/second-step/", {"password": PASSWORD})
    secret = client.get("/account/second-step/").context["form"].secret
    done = client.post("/account/second-step/", {"code": code(secret)}, follow=True)
    assert done.redirect_chain == [("/account/recovery-codes/", 302)]
    client.logout()
    return secret, done.context["unused_codes"]


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


# Passwords


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


# The second step


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


# How long it lasts


def test_a_session_ends_after_thirty_idle_minutes_and_with_the_browser(client, robin):
    before = now()
    sign_in(client)

    assert client.cookies["sessionid"]["max-age"] == ""
    session = Session.objects.get()
    assert timedelta(minutes=30) <= session.expire_date - before < timedelta(minutes=31)

    Session.objects.update(expire_date=now())
    assert not is_signed_in(client)


def test_work_keeps_the_session_alive_and_is_stored_once_a_minute(client, robin):
    sign_in(client)
    client.get("/")
    first = Session.objects.get().expire_date

    client.get("/")
    assert Session.objects.get().expire_date == first

    session = client.session
    session["stored_at"] = (now() - timedelta(minutes=1)).isoformat()
    session.save()
    first = Session.objects.get().expire_date
    client.get("/")
    assert Session.objects.get().expire_date > first


@pytest.mark.parametrize(("hours", "lasts"), [(11.99, True), (12, False)])
def test_a_session_ends_after_twelve_hours_however_busy(client, robin, hours, lasts):
    sign_in(client)
    client.get("/")
    session = client.session
    session["began_at"] = (now() - timedelta(hours=hours)).isoformat()
    session.save()

    assert is_signed_in(client) is lasts


def test_the_end_of_twelve_hours_is_explained_and_stands_in_the_trail(client, robin):
    sign_in(client)
    session = client.session
    session["began_at"] = datetime(2026, 11, 21, 9, tzinfo=UTC).isoformat()
    session.save()

    response = client.get("/account/", follow=True)

    assert response.redirect_chain == [("/account/sign-in/?next=/account/", 302)]
    assert "You were signed out because 12 hours had passed." in response.content.decode()
    assert trail()[-1] == ("signed_out", "robin.hale@example.org", {})


# The demonstration


def test_the_demonstration_has_one_person_per_role_who_can_sign_in():
    call_command("demo_people", stdout=StringIO())

    assert {person.role for person in User.objects.all()} == set(Role.values)
    for person in PEOPLE:
        assert sign_in(Client(), person.email, DEMONSTRATION_PASSWORD).headers["Location"] == "/"


def test_demonstration_people_are_made_once_and_their_password_kept():
    call_command("demo_people", stdout=StringIO())
    robin = User.objects.get(email="robin.hale@example.org")
    robin.set_password("something-else-now")
    robin.save()

    out = StringIO()
    call_command("demo_people", stdout=out)

    assert User.objects.count() == 7
    assert sign_in(Client(), password=DEMONSTRATION_PASSWORD).headers["Location"] == "/"
    assert "Team leader          sam.okoro@example.org" in out.getvalue()


def test_demonstration_people_join_the_first_team_that_is_open():
    Team.objects.create(name="Old Team", closed_on=datetime(2020, 1, 1, tzinfo=UTC).date())
    Team.objects.create(name="Missing Team")
    Team.objects.create(name="Return Interviews Ltd", kind=Team.Kind.PROVIDER)

    for _ in range(2):
        call_command("demo_people", stdout=StringIO())

    members = {person.role: [team.name for team in person.teams.all()] for person in User.objects.all()}
    assert members == {
        "caseworker": ["Missing Team"],
        "team_leader": ["Missing Team"],
        "interviewer": ["Return Interviews Ltd"],
        "coordinator": [],
        "manager": [],
        "administrator": [],
        "auditor": [],
    }


def test_there_are_no_demonstration_people_outside_the_demonstration(client, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="RHI_DEMO=1"):
        call_command("demo_people")
    assert User.objects.count() == 0


def test_only_the_demonstration_shows_its_sign_ins(client, settings):
    call_command("demo_people", stdout=StringIO())
    assert DEMONSTRATION_PASSWORD in client.get(SIGN_IN).content.decode()

    settings.DEMO = False

    page = client.get(SIGN_IN).content.decode()
    assert DEMONSTRATION_PASSWORD not in page
    assert "Demonstration" not in page
