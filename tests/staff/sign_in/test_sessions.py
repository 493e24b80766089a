"""How long somebody stays signed in."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from tests.staff.people import now
from tests.staff.sign_in.signing_in import is_signed_in, sign_in, trail

pytestmark = pytest.mark.django_db


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
