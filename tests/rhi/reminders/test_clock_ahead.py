"""A clock that was ahead, or `run_due --at` of a time to come, swallows no email: each goes when its own time comes."""

from datetime import timedelta

import pytest

from jobs import sweep, work
from jobs.models import Job
from rhi.actions import bundling
from rhi.models import Email, Notice, Preferences
from tests.records import london
from tests.rhi.reminders.week import give, leader, person, returned

pytestmark = pytest.mark.django_db


def live(at):
    """Sweep and work until nothing is due at an instant."""
    at = london(at)
    while ids := sweep.sweep(now=at):
        for job in ids:
            work.do(job, now=at)
    assert not Job.objects.filter(state=Job.State.DEAD).exists()


def sent(kind, to):
    rows = Email.objects.filter(kind=kind, state="sent", to=to).order_by("pk")
    return [f"{row.made_at.astimezone(london('2026-06-10').tzinfo):%d %H:%M}" for row in rows]


def test_what_is_told_after_the_clock_was_put_right_is_mailed(tmp_path):
    referral, wen = returned(tmp_path), person("Wen")
    give(referral, wen)
    for at in ("2026-06-10 08:45", "2026-06-10 09:00", "2026-06-10 12:00", "2026-06-10 09:01"):
        live(at)
    again = returned(tmp_path, 2, at="2026-06-07T10:30", told="2026-06-10T09:05")
    give(again, wen, at="2026-06-10 09:06")

    live("2026-06-10 09:16")

    theirs = Notice.objects.filter(referral=again, to=wen)
    assert theirs.count() > 0
    assert {notice.email.made_at for notice in theirs} == {london("2026-06-10 09:16")}


@pytest.mark.parametrize("ahead", ["2026-06-11 08:00", "2026-06-11 15:00"])
def test_the_digest_of_a_day_to_come_goes_on_that_day_again(tmp_path, ahead):
    give(returned(tmp_path), person("Wen"))
    sam = leader()
    live("2026-06-10 09:00")
    live(ahead)

    for at in ("2026-06-10 09:01", "2026-06-10 09:16", "2026-06-11 07:59", "2026-06-11 08:00", "2026-06-11 08:15"):
        live(at)

    assert sent("daily", sam) == [ahead[8:], "11 08:00"]


def test_the_email_of_a_day_to_come_goes_on_that_day_again(tmp_path):
    referral, wen = returned(tmp_path), person("Wen")
    Preferences.objects.create(user=wen, by_email="daily")
    live("2026-06-10 07:00")

    def told(at):
        Notice.objects.create(child=referral.child, referral=referral, to=wen, kind="due", about="Soon.", at=london(at))

    told("2026-06-10 07:00")
    live("2026-06-11 08:00")
    live("2026-06-10 08:05")
    told("2026-06-10 08:10")
    live("2026-06-10 08:16")
    assert sent("notices", wen) == ["11 08:00", "10 08:16"]
    told("2026-06-10 12:00")

    live("2026-06-11 08:01")

    assert sent("notices", wen) == ["11 08:00", "10 08:16", "11 08:01"]


def test_an_email_that_was_made_ahead_and_has_not_gone_yet_is_made_anew_at_once(tmp_path):
    referral, wen = returned(tmp_path), person("Wen")
    notice = Notice.objects.create(
        child=referral.child, referral=referral, to=wen, kind="due", about="Soon.", at=london("2026-06-10 09:00")
    )
    (ahead,) = bundling.send(now=london("2026-07-10 12:00"))

    (email,) = bundling.send(now=london("2026-06-10 09:15"))

    notice.refresh_from_db()
    ahead.refresh_from_db()
    assert notice.email == email
    assert (ahead.state, ahead.failure) == ("cancelled", "It was made while a clock was ahead.")


def test_clocks_that_differ_a_little_take_nothing_back(tmp_path):
    referral, wen = returned(tmp_path), person("Wen")
    Notice.objects.create(
        child=referral.child, referral=referral, to=wen, kind="due", about="Soon.", at=london("2026-06-10 09:00")
    )
    (email,) = bundling.send(now=london("2026-06-10 09:22"))

    assert bundling.send(now=london("2026-06-10 09:15")) == []
    email.refresh_from_db()
    assert email.state == "approved"


def test_two_schedulers_whose_clocks_are_minutes_apart_do_nothing_twice(tmp_path):
    give(returned(tmp_path), person("Wen"))
    leader()
    live("2026-06-10 07:50")

    for minute in range(60):
        now = london("2026-06-10 07:55") + timedelta(minutes=minute)
        for each in (now, now - timedelta(minutes=7)):
            for job in sweep.sweep(now=each):
                work.do(job, now=each)

    periods = list(Job.objects.filter(arguments__has_key="period").values_list("name", "arguments__period"))
    assert len(periods) == len(set(periods))
    assert {name.rpartition(".")[2] for name, _ in periods} >= {"remind", "daily"}
