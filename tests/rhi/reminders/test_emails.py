"""Emails about notices: bundled, as each person prefers, never in quiet hours, and without a word about any child."""

from datetime import date, datetime, time

import pytest
from django.core import mail

from jobs import sweep, work
from rhi.actions import bundling
from rhi.delivery.emails import WORDS
from rhi.models import Email, Notice, NoticeKind, Preferences
from staff.actions import invite
from staff.permissions import Role
from tests.records import london
from tests.rhi.reminders.week import give, leader, person, returned, run

pytestmark = pytest.mark.django_db


def prefer(somebody, **how):
    return Preferences.objects.create(user=somebody, **how)


def notice(referral, to, *, at="2026-06-09 10:00", kind="due", **more):
    return Notice.objects.create(
        child=referral.child, referral=referral, to=to, kind=kind, about="Something.", at=london(at), **more
    )


def mailed(at):
    """To whom a run wrote, and what it counted."""
    before = set(Email.objects.values_list("pk", flat=True))
    bundling.send(now=london(at))
    return [(email.to.name, email.numbers) for email in Email.objects.exclude(pk__in=before).order_by("to__name")]


@pytest.fixture
def told(tmp_path):
    """Ann has been told of two things."""
    referral, ann = returned(tmp_path), person("Ann")
    notice(referral, ann)
    notice(referral, ann, kind="breach")
    return referral, ann


def test_everything_that_waits_goes_in_one_email_and_once(told):
    assert mailed("2026-06-09 10:00") == [("Ann", {"due": 1, "breach": 1})]
    assert mailed("2026-06-09 10:15") == []
    assert set(Notice.objects.values_list("email__kind", flat=True)) == {"notices"}


def test_what_has_been_seen_is_not_mailed(told):
    Notice.objects.filter(kind="due").update(seen_at=london("2026-06-09 10:05"))

    assert mailed("2026-06-09 10:15") == [("Ann", {"breach": 1})]


def test_the_email_itself_says_how_many_and_leads_to_the_work_and_names_nobody(tmp_path):
    referral = returned(tmp_path)
    give(referral, person("Ann"))
    leader()
    now = london("2026-06-10 10:00")
    for _ in range(2):
        for job in sweep.sweep(now=now):
            work.do(job, now=now)

    assert sorted(message.to for message in mail.outbox) == [["ann@example.org"], ["sam@example.org"]]
    for message in mail.outbox:
        said = f"{message.subject} {message.body}"
        assert [
            word for word in ("Robin", "Example", "C1", "E1", f"R{referral.pk}", "Taunton", "Ann") if word in said
        ] == []
        assert "deadline" in said


def test_every_kind_of_notice_has_words_in_an_email():
    assert set(NoticeKind.values) <= WORDS.keys()


def test_never_means_never(told):
    prefer(told[1], by_email="never")

    assert mailed("2026-06-09 10:00") == []
    assert mailed("2026-06-19 10:00") == []


def test_once_a_day_means_from_eight_in_the_morning_and_once(told):
    referral, ann = told
    prefer(ann, by_email="daily")

    assert mailed("2026-06-10 07:45") == []
    assert mailed("2026-06-10 08:00") == [("Ann", {"due": 1, "breach": 1})]
    notice(referral, ann, at="2026-06-10 09:00")
    assert mailed("2026-06-10 09:00") == []
    assert mailed("2026-06-10 23:45") == []
    assert mailed("2026-06-11 08:00") == [("Ann", {"due": 1})]


@pytest.mark.parametrize("gone", [{"left_on": date(2026, 6, 9)}, {"is_active": False}, {"email": ""}])
def test_who_has_left_or_has_no_address_gets_none(told, gone):
    for name, value in gone.items():
        setattr(told[1], name, value)
    told[1].save()

    assert mailed("2026-06-09 10:00") == []


def test_who_is_only_known_from_records_gets_one_once_they_are_invited(tmp_path):
    referral = returned(tmp_path)
    ann = person("Ann", password=None)
    notice(referral, ann)
    assert mailed("2026-06-09 10:00") == []

    alex = person("Alex", Role.ADMINISTRATOR, team=None)
    invite(email=ann.email, name="Ann", role="caseworker", memberships={}, by=alex, now=london("2026-06-09 10:05"))

    assert mailed("2026-06-09 10:15") == [("Ann", {"due": 1})]


def test_while_somebody_is_away_nothing_is_mailed_to_them(told):
    prefer(told[1], away_from=date(2026, 6, 9), away_until=date(2026, 6, 10))

    assert mailed("2026-06-10 12:00") == []
    assert mailed("2026-06-11 07:00") == [("Ann", {"due": 1, "breach": 1})]


def test_many_at_once_are_mailed_over_several_runs(told, monkeypatch):
    monkeypatch.setattr(bundling, "ONE_BATCH", 1)

    assert mailed("2026-06-09 10:00") == [("Ann", {"due": 1})]
    assert mailed("2026-06-09 10:15") == [("Ann", {"breach": 1})]


@pytest.mark.parametrize(
    "how",
    [
        {"away_from": date(2026, 6, 9), "away_until": date(2026, 6, 19)},
        {"quiet_from": time(9), "quiet_until": time(12)},
        {"by_email": "daily"},
    ],
)
def test_many_that_wait_for_somebody_whose_email_does_not_go_now_hold_up_nobody_else(told, monkeypatch, how):
    referral, ann = told
    prefer(ann, **how)
    if "by_email" in how:
        assert mailed("2026-06-09 09:00") == [("Ann", {"due": 1, "breach": 1})]
        notice(referral, ann), notice(referral, ann)
    notice(referral, person("Ben"))
    monkeypatch.setattr(bundling, "ONE_BATCH", 2)

    assert mailed("2026-06-09 10:00") == [("Ben", {"due": 1})]


# Quiet hours


NIGHT = {"quiet_from": time(20), "quiet_until": time(7)}


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        (NIGHT, "2026-06-09 19:59:59", False),
        (NIGHT, "2026-06-09 20:00", True),
        (NIGHT, "2026-06-10 00:00", True),
        (NIGHT, "2026-06-10 06:59:59", True),
        (NIGHT, "2026-06-10 07:00", False),
        ({"quiet_from": time(12), "quiet_until": time(13)}, "2026-06-10 12:30", True),
        ({"quiet_from": time(12), "quiet_until": time(13)}, "2026-06-10 13:00", False),
        ({"quiet_from": time(0), "quiet_until": time(6)}, "2026-06-10 00:00", True),
        (NIGHT, "2026-01-10 06:59", True),  # in winter, too, by the clock on the wall
        ({}, "2026-06-10 03:15", True),  # who has set none is quiet by night
        ({}, "2026-06-10 07:00", False),
        ({"quiet_from": time(12), "quiet_until": time(13)}, "2026-06-10 03:15", False),
    ],
)
def test_quiet_hours_are_by_the_clock_on_the_wall(told, hours, at, quiet):
    prefer(told[1], **hours)

    assert mailed(at) == ([] if quiet else [("Ann", {"due": 1, "breach": 1})])


def test_whoever_has_said_nothing_is_not_mailed_at_night(told):
    assert mailed("2026-06-13 03:15") == []
    assert mailed("2026-06-13 06:59") == []
    assert mailed("2026-06-13 07:00") == [("Ann", {"due": 1, "breach": 1})]


@pytest.mark.parametrize(
    ("until", "now", "goes"),
    [
        (time(7), "2026-06-09 22:00+01:00", "2026-06-10 07:00+01:00"),
        (time(7), "2026-06-10 03:00+01:00", "2026-06-10 07:00+01:00"),
        (time(7), "2026-03-28 23:00+00:00", "2026-03-29 07:00+01:00"),  # an hour sooner: the clocks go forward
        (time(7), "2026-10-24 23:00+01:00", "2026-10-25 07:00+00:00"),  # an hour later
        (time(1, 30), "2026-03-28 23:00+00:00", "2026-03-29 02:30+01:00"),  # 01:30 is never shown
        (time(1, 30), "2026-10-24 23:00+01:00", "2026-10-25 01:30+01:00"),  # the first time
        (time(1, 30), "2026-10-25 01:15+00:00", "2026-10-25 01:30+00:00"),  # quiet again, until the second
        (time(7), "2026-06-10 12:00+01:00", "2026-06-10 12:00+01:00"),
    ],
)
def test_what_is_held_back_goes_when_they_end(until, now, goes):
    hours = Preferences(quiet_from=time(20), quiet_until=until)
    at = bundling.goes_at(hours, datetime.fromisoformat(now))

    assert at == datetime.fromisoformat(goes)
    assert not bundling.is_quiet(hours, at)


def test_nothing_is_lost_for_being_held_back(tmp_path):
    referral = returned(tmp_path)
    ann = person("Ann")
    give(referral, ann)
    prefer(ann, quiet_from=time(9), quiet_until=time(12))
    run("2026-06-10 10:00")
    run("2026-06-10 11:45")
    assert not Email.objects.exists()

    run("2026-06-10 12:00")

    # Within 72 hours, the offer, and that nobody has been tried.
    assert [(email.to, email.numbers) for email in Email.objects.all()] == [(ann, {"due": 2, "no_attempt": 1})]
