"""Inviting: nobody signs up, so this is how everybody begins."""

import re
import smtplib
from datetime import date, timedelta

import pytest
from allauth.account.adapter import get_adapter
from django.core.management import CommandError, call_command

from staff import actions
from staff.models import AuditEvent, Membership, Team, User
from staff.permissions import Role
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db

NEW = "brown-kettle-window"


@pytest.fixture
def alex(client):
    person = make_person("alex@example.org", "Alex Brand", Role.ADMINISTRATOR)
    client.force_login(person)
    return person


def invite(client, email="new@example.org", **answers):
    return client.post("/people/invite/", {"email": email, "name": "Kim New", "role": "caseworker", **answers})


def link_in(text):
    return re.search(r"https?://\S+", text).group()


def choose_password(client, link):
    """Follow the link as its reader would, in a browser that is not signed in."""
    client.logout()
    form = client.get(link, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW}, follow=True)


def can_sign_in(client, email):
    client.logout()
    return client.post("/account/sign-in/", {"login": email, "password": NEW}).status_code == 302


def test_an_invited_person_chooses_a_password_and_signs_in(client, alex, mailoutbox):
    east = Team.objects.create(name="East Team")

    answer = invite(client, memberships=[east.pk], memberships_may_reassign=[east.pk])

    person = User.objects.get(email="new@example.org")
    assert answer.headers["Location"] == f"/people/{person.pk}/"
    assert (person.name, person.role, person.has_usable_password()) == ("Kim New", "caseworker", False)
    assert list(person.memberships.values_list("team__name", "may_reassign")) == [("East Team", True)]
    assert [mail.to for mail in mailoutbox] == [["new@example.org"]]
    choose_password(client, link_in(mailoutbox[0].body))
    assert can_sign_in(client, "new@example.org")


def test_the_invitation_stands_in_the_trail_without_a_name(client, alex):
    east = Team.objects.create(name="East Team")

    invite(client, memberships=[east.pk])

    line = AuditEvent.objects.get(type="person_invited")
    person = User.objects.get(email="new@example.org")
    assert (line.by_id, line.subject, line.detail) == (
        alex.pk,
        f"staff.User:{person.pk}",
        {"role": "caseworker", "joined": [east.pk]},
    )


def test_the_link_works_once(client, alex, mailoutbox):
    invite(client)
    link = link_in(mailoutbox[0].body)
    choose_password(client, link)

    assert "This link no longer works</h1>" in client.get(link, follow=True).content.decode()


def test_somebody_whom_records_named_is_taken_up_with_the_teams_that_they_gave(client, alex):
    named = User.objects.create_user("new@example.org", "new@example.org")
    east, west = Team.objects.create(name="East Team"), Team.objects.create(name="West Team")
    Membership.objects.create(user=named, team=east)

    invite(client, email="New@Example.org", memberships=[west.pk])

    named.refresh_from_db()
    assert named.name == "Kim New"
    assert sorted(named.teams.values_list("name", flat=True)) == ["East Team", "West Team"]


def test_an_address_that_somebody_signs_in_with_is_refused_and_nothing_typed_is_lost(client, alex, mailoutbox):
    make_person("robin@example.org", "Robin Hale")

    page = invite(client, email="robin@example.org")

    assert page.context["form"].non_field_errors() == ["Robin Hale has this address and can sign in already."]
    assert 'value="Kim New"' in page.content.decode()
    assert mailoutbox == []


def test_somebody_who_has_left_is_not_invited_by_the_way(client, alex):
    make_person("gone@example.org", "Kim Gone", left_on=date(2026, 1, 31))

    page = invite(client, email="gone@example.org")

    assert page.context["form"].non_field_errors() == [
        "Kim Gone has this address and has left. Put them back on their own page."
    ]


def test_an_invitation_can_be_sent_again_until_a_password_is_chosen(client, alex, mailoutbox):
    who = {"email": "new@example.org", "name": "Kim New", "role": Role.CASEWORKER, "memberships": {}}
    person = actions.invite(**who, by=alex, now=now() - timedelta(minutes=2))

    client.post(f"/people/{person.pk}/", {"do": "invite"})
    assert len(mailoutbox) == 1

    person.set_password(NEW)
    person.save()
    page = client.post(f"/people/{person.pk}/", {"do": "invite"})
    assert page.context["form"].non_field_errors() == ["Kim New has chosen a password already."]
    assert len(mailoutbox) == 1


def test_a_button_pressed_twice_sends_one_invitation(client, alex, mailoutbox):
    invite(client)
    person = User.objects.get(email="new@example.org")

    again, other_page = invite(client), client.post(f"/people/{person.pk}/", {"do": "invite"})

    for page in (again, other_page):
        assert page.context["form"].non_field_errors() == [
            "Kim New was invited a moment ago. One email is enough; another can go in a minute."
        ]
    assert len(mailoutbox) == 1


def test_somebody_who_has_left_gets_no_invitation(client, alex, mailoutbox):
    gone = make_person("gone@example.org", "Kim Gone", password=None, left_on=date(2026, 1, 31))

    page = client.post(f"/people/{gone.pk}/", {"do": "invite"})

    assert page.context["form"].non_field_errors() == ["Kim Gone has left. Put them back first."]
    assert mailoutbox == []


def test_whoever_was_invited_can_ask_for_another_link(client, alex, mailoutbox):
    invite(client)
    client.logout()

    client.post("/account/password/forgotten/", {"email": "new@example.org"})

    assert [mail.subject for mail in mailoutbox] == [
        "Your account for return home interviews",
        "Choose a new password",
    ]
    choose_password(client, link_in(mailoutbox[1].body))
    assert can_sign_in(client, "new@example.org")


def test_a_mail_server_that_does_not_answer_loses_the_email_and_nothing_else(client, alex, monkeypatch):
    def refuse(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(type(get_adapter()), "send_mail", refuse)

    page = invite(client)
    page = client.get(page.headers["Location"])

    assert User.objects.filter(email="new@example.org").exists()
    assert "The invitation was not sent: the mail server does not answer." in page.content.decode()


def test_the_email_says_nothing_about_any_child(client, alex, mailoutbox):
    invite(client)

    text = mailoutbox[0].subject + mailoutbox[0].body
    link = link_in(text)
    assert " ".join(text.replace(link, "LINK").split()) == (
        "Your account for return home interviews"
        "The administrator of this service in your authority has made an account for you. Choose a password here. "
        "The link works once, for one hour: LINK Later you can ask for another link: choose “I have forgotten my "
        "password” on the page for signing in. If you do not work with this service, do nothing and tell the "
        "administrator. Return home interviews http://testserver This message was sent by a machine. "
        "Please do not answer it."
    )


# The first person of an installation


def create_administrator(capsys, email="first@example.org", name="Alex First"):
    call_command("create_administrator", email, name)
    return capsys.readouterr().out


def test_the_first_administrator_is_made_with_a_link_and_without_mail(client, capsys, mailoutbox):
    said = create_administrator(capsys)

    person = User.objects.get()
    assert (person.email, person.name, person.role) == ("first@example.org", "Alex First", "administrator")
    assert mailoutbox == []
    choose_password(client, link_in(said).replace("http://127.0.0.1", ""))
    assert can_sign_in(client, "first@example.org")


def test_making_the_first_administrator_stands_in_the_trail_as_the_systems(capsys):
    create_administrator(capsys)

    line = AuditEvent.objects.get()
    assert (line.type, line.by_id, line.detail) == ("person_invited", None, {"role": "administrator"})


def test_the_first_administrator_can_have_another_link_until_they_have_chosen_a_password(capsys):
    create_administrator(capsys)
    create_administrator(capsys)
    person = User.objects.get()
    person.set_password(NEW)
    person.save()

    with pytest.raises(CommandError, match="can sign in already"):
        create_administrator(capsys)


def test_the_first_administrator_needs_an_address(capsys):
    with pytest.raises(CommandError, match="Give an email address"):
        create_administrator(capsys, email="first")
