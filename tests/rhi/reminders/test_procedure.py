"""What a procedure says about reminders: what is read, what is refused, and how the page says it."""

import html
import re

import pytest

from procedures.actions import source
from procedures.spans import CoreDays, CoreHours, Hours
from procedures.types import ProcedureInvalid, read
from tests.records import publish
from tests.rhi.reminders.week import give, leader, person, returned, run

pytestmark = pytest.mark.django_db

SPANS = (
    "expected one of hours, calendar_days, working_days, core_days with a whole number above 0, such as { hours = 72 }"
)


def somerset(written):
    return f"{source('somerset')}\n[reminders]\n{written}\n"


def the_words(answer):
    body = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_without_a_word_about_them_the_usual_times_hold():
    reminders = read(source("surrey")).reminders

    assert (reminders.seventy_two_hours, reminders.write_up) == (Hours(24), CoreHours(4))
    assert (reminders.no_attempt, reminders.not_assigned) == (Hours(24), CoreDays(1))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "offer = { working_days = 1 }",
            "reminders.offer: expected one of hours, core_hours with a whole number above 0, such as { hours = 24 }.",
        ),
        (
            "offer = { hours = 0 }",
            "reminders.offer: expected one of hours, core_hours with a whole number above 0, such as { hours = 24 }.",
        ),
        (
            "no_attempt = { core_hours = 4 }",
            f"reminders.no_attempt: {SPANS}.",
        ),
        (
            "no_attempt = { hours = 241 }",
            "reminders: expected ten days or less, 240 hours or 40 core hours for each of them.",
        ),
        ("lunch = { hours = 1 }", "reminders.lunch: expected no such key; it is unknown."),
    ],
)
def test_what_cannot_be_is_refused_in_words(written, message):
    with pytest.raises(ProcedureInvalid) as refused:
        read(somerset(written))

    assert str(refused.value) == message


def test_the_authoritys_own_times_hold(tmp_path):
    publish("somerset", text=somerset("seventy_two_hours = { core_hours = 2 }\nno_attempt = { hours = 3 }"))
    referral = returned(tmp_path, 2)
    give(referral, person("Ann"), at="2026-06-08 10:30")
    run("2026-06-08 13:15")
    assert [notice.kind for notice in run("2026-06-08 13:30")] == ["no_attempt"]
    run("2026-06-10 15:45")

    about = [notice.about for notice in run("2026-06-10 16:00")]

    assert about == ["Interview within 72 hours: runs out on Thu 11 June 2026 at 10:00."]


@pytest.mark.clause("SOM-4.2b")
def test_the_page_says_when_people_are_reminded(client):
    publish("somerset", text=somerset("contact = { hours = 48 } # 9: ours"))
    client.force_login(leader(team=None))

    words = the_words(client.get("/procedure/"))

    assert "24 hours before: interview within 72 hours, interview within 3 working days, offer" in words
    assert "48 hours before: contact." in words
    assert "4 core hours before: a worker assigned, written up." in words
    assert "1 core day (counted in core hours) from reaching the tray, until a worker holds it." in words
    assert "24 hours in a worker’s hands." in words
    assert "Nobody assigned" not in words


def test_where_there_is_no_clock_the_page_says_what_holds_instead(client):
    publish("croydon")
    client.force_login(leader(team=None))

    words = the_words(client.get("/procedure/"))

    assert "1 core day (counted in core hours) without a worker." in words
    assert "48 hours after the interview or the outcome." in words
