"""Digests: a leader's numbers every working day, the managers' on Mondays, once each, in counts."""

from datetime import date, time

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from episodes.models import Access, Child
from jobs import sweep, work
from jobs.models import Job
from rhi.actions import digests, letters, outcomes_by_hand
from rhi.models import Email, Letter, Preferences
from routing.models import Deadline
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import london
from tests.rhi.reminders.week import TRAY, coordinator, give, leader, person, returned

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def digests_alone(settings):
    settings.JOB_MODULES = ["rhi.actions.sending", "rhi.actions.digests"]


def live(at):
    """Sweep and work until nothing is due at an instant."""
    at = london(at)
    while ids := sweep.sweep(now=at):
        for job in ids:
            work.do(job, now=at)
    assert not Job.objects.filter(state=Job.State.DEAD).exists()


def sent(kind="daily"):
    went = Email.objects.filter(kind=kind, state="sent").order_by("pk")
    return [(email.to.name, email.numbers, email.key) for email in went]


def dropped(kind="daily"):
    """What was not sent, and why."""
    gone = Email.objects.filter(kind=kind, state="cancelled").order_by("pk")
    return [(email.key.split(":")[1], email.failure) for email in gone]


@pytest.fixture
def tray(tmp_path):
    """One that is late, one due today, one not assigned and one to be signed, in the tray of Sam's team on Thursday."""
    late = returned(tmp_path, 1, at="2026-06-07T08:00", told="2026-06-07T08:10")
    today = returned(tmp_path, 2, at="2026-06-08T16:00", told="2026-06-08T16:10")
    signing = returned(tmp_path, 3, at="2026-06-10T16:00", told="2026-06-10T16:10")
    ann = person("Ann")
    for referral in (late, today, signing):
        give(referral, ann, at="2026-06-10 17:00")
    returned(tmp_path, 4, at="2026-06-10T20:00", told="2026-06-10T20:10")
    held = outcomes_by_hand.record_held(
        signing, held_at=london("2026-06-10 18:00"), method="face_to_face", by=ann, now=london("2026-06-10 18:30")
    )
    held.written_up_at, held.written_up_by = london("2026-06-10 19:00"), ann
    held.save()
    return Team.objects.get(name=TRAY)


def test_a_leader_gets_the_numbers_of_her_trays_at_eight_on_a_working_day(tray):
    sam = leader()
    leader("Ursula", team="Another team")
    live("2026-06-11 07:55")
    live("2026-06-11 08:00")

    ((name, numbers, key),) = sent()
    assert (name, key) == ("Sam", f"daily:20260611:{sam.pk}")
    assert {each: numbers[each] for each in ("open", "late", "not_assigned", "signing")} == {
        "open": 4,
        "late": 1,
        "not_assigned": 1,
        "signing": 1,
    }
    assert numbers["due_today"] > 0
    (message,) = mail.outbox
    assert "Robin" not in f"{message.subject} {message.body}"


def test_it_comes_once_however_often_work_is_looked_for(tray):
    leader()
    live("2026-06-11 07:00")
    for at in ("2026-06-11 08:00", "2026-06-11 08:01", "2026-06-11 12:00"):
        live(at)

    assert len(sent()) == 1


@pytest.mark.parametrize("day", ["2026-06-13", "2026-06-14", "2026-05-25"])
def test_on_weekends_and_bank_holidays_none_comes(tray, day):
    leader()
    live(f"{day} 07:00")
    live(f"{day} 08:30")

    assert sent() == []


def test_after_days_of_outage_only_todays_comes(tray):
    leader()
    live("2026-06-11 07:00")

    live("2026-06-17 10:00")

    assert [key.split(":")[1] for _, _, key in sent()] == ["20260617"]


def test_one_whose_job_comes_on_another_day_is_dropped(tray):
    leader()
    live("2026-06-11 07:00")
    for job in sweep.sweep(now=london("2026-06-11 08:00")):
        work.do(job, now=london("2026-06-11 08:00"))  # and then the machine went down
    assert sent() == []

    live("2026-06-12 08:00")

    assert [key.split(":")[1] for _, _, key in sent()] == ["20260612"]
    assert dropped() == [("20260611", "Its day was over before it could be written.")]


def test_one_whose_email_lies_until_the_next_day_is_dropped(tray, settings):
    leader()
    live("2026-06-11 07:00")
    settings.EMAIL_BACKEND = "tests.rhi.reminders.test_digests.Away"
    live("2026-06-11 08:00")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    live("2026-06-12 08:00")

    assert [key.split(":")[1] for _, _, key in sent()] == ["20260612"]
    assert dropped() == [("20260611", "Its numbers are those of a day that is over.")]
    assert len(mail.outbox) == 1


def test_quiet_hours_that_end_on_the_next_day_drop_none(tray):
    Preferences.objects.create(user=leader(), quiet_from=time(7, 30), quiet_until=time(6))
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")
    assert sent() == []

    live("2026-06-12 06:00")

    assert [key.split(":")[1] for _, _, key in sent()] == ["20260611"]


def test_who_has_nothing_in_their_trays_is_left_alone(tmp_path):
    returned(tmp_path)
    leader("Ursula", team="Another team")
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")

    assert sent() == []


def test_restricted_children_are_not_among_a_leaders_numbers(tray):
    leader()
    Child.objects.update(restricted=True)
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")

    assert sent() == []


@pytest.mark.parametrize(
    "how",
    [{"by_email": "never"}, {"away_from": date(2026, 6, 11), "away_until": date(2026, 6, 11)}],
)
def test_who_does_not_want_it_or_is_away_gets_none(tray, how):
    Preferences.objects.create(user=leader(), **how)
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")

    assert sent() == []


def test_in_quiet_hours_it_waits_for_their_end(tray):
    Preferences.objects.create(user=leader(), quiet_from=time(20), quiet_until=time(9, 30))
    live("2026-06-11 07:00")
    live("2026-06-11 09:29")
    assert sent() == []

    live("2026-06-11 09:30")

    assert len(sent()) == 1


def test_somebody_of_two_teams_gets_both_in_one(tray, tmp_path):
    sam = leader()
    other = Team.objects.create(name="Another team")
    Membership.objects.create(user=sam, team=other)
    give(
        returned(tmp_path, 5, at="2026-06-10T21:00", told="2026-06-10T21:10"),
        None,
        at="2026-06-10 22:00",
        team=other.name,
    )
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")

    ((_, numbers, _),) = sent()
    assert (numbers["open"], numbers["not_assigned"]) == (5, 2)


def test_a_manager_gets_the_weeks_numbers_on_monday(tray):
    person("Morgan", Role.MANAGER, team=None)
    live("2026-06-14 12:00")
    live("2026-06-15 08:00")
    live("2026-06-15 09:00")

    ((name, numbers, key),) = sent("weekly")
    assert (name, key.rsplit(":", 1)[0]) == ("Morgan", "weekly:202625")
    assert (numbers["open"], numbers["returned"], numbers["held"], numbers["missing"]) == (4, 3, 1, 0)
    assert set(numbers) == {*digests.NUMBERS, "returned", "held", "missing", *WAITING}


def test_on_a_bank_holiday_monday_the_weeks_numbers_wait_for_tuesday(tmp_path):
    returned(tmp_path, at="2026-05-20T10:00", told="2026-05-20T10:30")
    person("Morgan", Role.MANAGER, team=None)
    live("2026-05-24 12:00")
    live("2026-05-25 08:00")
    assert sent("weekly") == []

    live("2026-05-26 08:00")

    assert [key.split(":")[1] for _, _, key in sent("weekly")] == ["202622"]


def test_last_weeks_is_not_made_up_for(tray):
    person("Morgan", Role.MANAGER, team=None)
    live("2026-06-14 12:00")
    live("2026-06-24 12:00")

    assert [key.split(":")[1] for _, _, key in sent("weekly")] == ["202626"]


def test_a_week_that_is_over_before_its_job_is_done_is_dropped(tray):
    person("Morgan", Role.MANAGER, team=None)
    live("2026-06-14 12:00")
    for job in sweep.sweep(now=london("2026-06-15 08:00")):
        work.do(job, now=london("2026-06-15 08:00"))  # and then the machine went down for a week
    assert sent("weekly") == []

    live("2026-06-22 08:00")

    assert [key.split(":")[1] for _, _, key in sent("weekly")] == ["202626"]
    assert dropped("weekly") == [("202625", "Its week was over before it could be written.")]


def test_a_week_that_is_over_before_the_mail_server_answers_is_dropped(tray, settings):
    person("Morgan", Role.MANAGER, team=None)
    live("2026-06-21 12:00")
    settings.EMAIL_BACKEND = "tests.rhi.reminders.test_digests.Away"
    live("2026-06-22 08:00")
    email = Email.objects.get(kind="weekly")
    email.made_at = london("2026-06-21 23:59")
    email.save()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    live("2026-06-22 12:00")

    assert (sent("weekly"), mail.outbox) == ([], [])
    assert dropped("weekly") == [("202626", "Its numbers are those of a week that is over.")]


class Away(BaseEmailBackend):
    """A mail server that is not there."""

    def open(self):
        raise ConnectionRefusedError


# Letters


WAITING = ("letters", "posting", "old_letters", "stuck_letters")


def letters_for(kind="daily"):
    return [(name, tuple(numbers[each] for each in WAITING)) for name, numbers, _ in sent(kind)]


@pytest.fixture
def waiting(tmp_path):
    """A letter to approve since Wednesday, one to post since Tuesday, one that failed; nothing else is due."""
    referral = returned(tmp_path, 1, at="2026-06-08T16:00", told="2026-06-08T16:10")
    ann = person("Ann")
    give(referral, ann, at="2026-06-08 17:00")
    made = {
        at: letters.write(referral, "signposting", carer=None, because=f"They asked at {at}.", by=ann, now=london(at))
        for at in ("2026-06-10 09:00", "2026-06-09 09:00", "2026-06-09 10:00")
    }
    frozen = {"addressee": "Robin", "pdf": b"%PDF", "approved_by": ann, "approved_at": london("2026-06-09 11:00")}
    _, to_post, failed = made.values()
    Letter.objects.filter(pk=to_post.pk).update(state="approved", **frozen)
    Letter.objects.filter(pk=failed.pk).update(state="failed", failure="Refused.", **frozen)
    return referral


def test_letters_that_wait_are_in_a_leaders_digest_with_how_many_are_old(waiting):
    leader()
    leader("Ursula", team="Another team")
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")

    assert letters_for() == [("Sam", (1, 1, 1, 1))]
    body = mail.outbox[0].body
    for line in (
        "- 1 letter waits for approval",
        "- 1 letter waits to be printed and posted",
        "- 1 letter has waited for two working days or longer",
        "- 1 letter is not known to have gone",
    ):
        assert line in body


def test_a_letter_alone_is_reason_enough_for_a_digest(waiting):
    Deadline.objects.all().delete()
    leader()
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")

    ((_, numbers, _),) = sent()
    assert {name: number for name, number in numbers.items() if number} == {
        "open": 1,
        **dict.fromkeys(WAITING, 1),
    }


def test_what_a_leader_looks_after_a_coordinator_is_not_told_of(waiting):
    leader()
    coordinator()
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")

    assert [name for name, _ in letters_for()] == ["Sam"]


@pytest.mark.parametrize("who", ["nobody", "somebody who has left"])
def test_letters_of_a_tray_that_nobody_leads_are_in_the_coordinators_digest(waiting, who):
    if who != "nobody":
        leader(left_on=date(2026, 6, 1))
    coordinator()
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")

    assert letters_for() == [("Priya", (1, 1, 1, 1))]


def test_letters_of_a_restricted_child_are_counted_for_nobody_who_may_not_see_them(waiting):
    leader()
    named = leader("Nia")
    Child.objects.update(restricted=True)
    Access.objects.create(
        child=Child.objects.get(), user=named, basis="restriction", since=london("2026-06-01 09:00"), because="Named."
    )
    live("2026-06-11 07:00")
    live("2026-06-11 08:00")

    assert letters_for() == [("Nia", (1, 1, 1, 1))]


def test_a_manager_is_told_of_all_letters_that_wait(waiting):
    person("Morgan", Role.MANAGER, team=None)
    live("2026-06-14 12:00")
    live("2026-06-15 08:00")

    assert letters_for("weekly") == [("Morgan", (1, 1, 2, 1))]


@pytest.mark.parametrize("leaders", [1, 4])
def test_the_numbers_of_all_teams_cost_three_queries(tray, leaders, django_assert_num_queries):
    for number in range(leaders):
        leader(f"Sam{number}")
    with django_assert_num_queries(3):
        digests.of_teams(london("2026-06-11 08:00"), restricted=False)
