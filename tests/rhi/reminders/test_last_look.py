"""An email that waited is looked at once more as it is handed over: whether it may still go, and may go now."""

from datetime import date, time, timedelta

import pytest
from django.core import mail

from episodes import access
from jobs import handover, work
from jobs.models import Job
from rhi.actions import bundling, last_look, sending
from rhi.models import Email, Notice, Preferences
from staff.permissions import Role
from tests.records import london
from tests.rhi.reminders.week import coordinator, give, leader, person, returned, run

pytestmark = pytest.mark.django_db

State = Email.State
AT = "2026-06-09 19:50"


def notice(referral, to, kind="due", key="", **more):
    return Notice.objects.create(
        child=referral.child, referral=referral, to=to, kind=kind, key=key, about="Something.", at=london(AT), **more
    )


def prefer(somebody, **how):
    Preferences.objects.update_or_create(user=somebody, defaults=how)


def hand_over(email, at):
    """The email's job, done once; both as they then stand."""
    job = work.do(email.job_id, now=london(at))
    email.refresh_from_db()
    return job


@pytest.fixture
def told(tmp_path):
    """Ann holds a referral, and an email about two notices has been made and not handed over yet."""
    referral, ann = returned(tmp_path), person("Ann")
    give(referral, ann)
    notice(referral, ann, "breach", "breach:1"), notice(referral, ann)
    (email,) = bundling.send(now=london(AT))
    return referral, ann, email


@pytest.mark.parametrize(
    ("how", "at", "why"),
    [
        ({}, "2026-06-09 20:00", last_look.QUIET),
        ({"quiet_from": time(19), "quiet_until": time(23)}, "2026-06-09 19:55", last_look.QUIET),
        ({"by_email": "never"}, "2026-06-09 19:55", last_look.UNWANTED),
        ({"away_from": date(2026, 6, 9), "away_until": date(2026, 6, 9)}, "2026-06-09 19:55", last_look.AWAY),
    ],
)
def test_what_is_not_wanted_now_waits_and_goes_once_when_it_is(told, how, at, why):
    referral, ann, email = told
    prefer(ann, **how)

    assert hand_over(email, at).state == Job.State.DONE
    assert (email.state, email.failure, mail.outbox) == (State.CANCELLED, why, [])
    notice(referral, ann)
    assert bundling.send(now=london(at)) == []

    prefer(ann, by_email="at_once", quiet_from=None, quiet_until=None)
    (again,) = bundling.send(now=london("2026-06-10 07:00"))
    hand_over(again, "2026-06-10 07:00")

    assert (again.state, again.numbers) == (State.SENT, {"due": 2, "breach": 1})
    assert len(mail.outbox) == 1


def test_what_somebody_was_to_be_mailed_who_has_gone_meanwhile_is_told_to_others(told):
    _, ann, email = told
    sam = leader()
    ann.left_on = date(2026, 6, 9)
    ann.save()

    hand_over(email, "2026-06-09 19:55")

    assert (email.state, email.failure) == (State.CANCELLED, last_look.LEFT)
    assert (sam.name, "breach:1") in run("2026-06-09 20:00").values_list("to__name", "key")


def test_so_it_is_of_whoever_is_away_by_then(told):
    _, ann, email = told
    ben = person("Ben")
    prefer(ann, away_from=date(2026, 6, 9), away_until=date(2026, 6, 19), cover=ben)

    hand_over(email, "2026-06-09 19:55")

    assert list(run("2026-06-09 20:00").filter(key="breach:1").values_list("to__name", flat=True)) == ["Ben"]


def test_it_counts_what_is_still_unseen(told):
    Notice.objects.filter(kind="due").update(seen_at=london("2026-06-09 19:52"))
    email = told[2]
    hand_over(email, "2026-06-09 19:55")

    assert (email.state, email.numbers) == (State.SENT, {"breach": 1})
    assert mail.outbox[0].subject == "One thing to look at: return home interviews"


def test_of_what_has_all_been_seen_nothing_is_mailed(told):
    Notice.objects.update(seen_at=london("2026-06-09 19:52"))
    email = told[2]
    hand_over(email, "2026-06-09 19:55")

    assert (email.state, mail.outbox) == (State.CANCELLED, [])
    assert Notice.objects.filter(email=email).count() == 2


def restrict(referral, *people, by):
    access.restrict(referral.child, people=people, because="A threat.", by=by, now=london("2026-06-09 19:52"))


def test_of_a_child_who_is_restricted_by_then_only_people_who_are_named_are_mailed(told, tmp_path):
    referral, ann, email = told
    other = returned(tmp_path, 2)
    kept = notice(other, ann, email=email)
    restrict(referral, by=coordinator())

    hand_over(email, "2026-06-09 19:55")

    assert (email.state, email.numbers) == (State.SENT, {"due": 1})
    assert list(Notice.objects.filter(email=email)) == [kept]
    # Nor does it go by the next email; that the child was restricted does.
    restricted = notice(referral, ann, "restricted")
    (again,) = bundling.send(now=london("2026-06-10 07:00"))
    assert list(again.notices.all()) == [restricted]


def test_whoever_is_named_is_mailed_as_before(told):
    referral, ann, email = told
    restrict(referral, ann, by=coordinator())
    hand_over(email, "2026-06-09 19:55")

    assert (email.state, email.numbers) == (State.SENT, {"due": 1, "breach": 1})


def test_what_they_may_not_see_any_more_is_told_to_others(told):
    referral, _, email = told
    sam, priya = leader(), coordinator()
    restrict(referral, sam, by=priya)

    hand_over(email, "2026-06-09 19:55")

    assert (email.state, mail.outbox) == (State.CANCELLED, [])
    assert list(run("2026-06-09 20:00").filter(key="breach:1").values_list("to__name", flat=True)) == ["Sam"]


# Digests, and the request for a plan


def digest(to, kind=Email.Kind.DAILY):
    return sending.queue_email(to, kind, f"{kind}:{to.pk}", {"late": 1}, now=london("2026-06-09 08:00"))


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"by_email": "never"}, last_look.UNWANTED),
        ({"away_from": date(2026, 6, 9), "away_until": date(2026, 6, 9)}, last_look.AWAY),
    ],
)
def test_a_digest_that_is_not_wanted_any_more_is_withdrawn(how, why):
    prefer(sam := leader(), **how)
    email = digest(sam)
    hand_over(email, "2026-06-09 09:00")

    assert (email.state, email.failure, mail.outbox) == (State.CANCELLED, why, [])


@pytest.mark.parametrize(("kind", "role"), [("daily", Role.TEAM_LEADER), ("weekly", Role.MANAGER)])
def test_whoever_has_another_part_by_then_gets_no_digest(kind, role):
    sam = person("Sam", role)
    email = digest(sam, kind)
    sam.role = Role.CASEWORKER
    sam.save()
    hand_over(email, "2026-06-09 09:00")

    assert (email.state, email.failure) == (State.CANCELLED, "Its numbers are no longer for whoever it was for.")


def test_whoever_stands_in_for_a_leader_gets_hers():
    sam, ben = leader(), person("Ben")
    prefer(sam, away_from=date(2026, 6, 8), away_until=date(2026, 6, 12), cover=ben)
    email = digest(ben)
    hand_over(email, "2026-06-09 09:00")

    assert email.state == State.SENT


def test_in_quiet_hours_a_digest_waits_for_their_end_and_no_attempt_is_lost():
    """The manager's: it is true all week. A leader's is that of the day, and is dropped then."""
    email, late = digest(person("Max", Role.MANAGER), Email.Kind.WEEKLY), digest(leader())
    job = hand_over(email, "2026-06-09 20:30")

    assert (job.state, job.attempts, job.reason) == (Job.State.WAITING, 0, last_look.QUIET)
    assert job.due_at == job.next_try_at == london("2026-06-10 07:00")
    assert (email.state, email.sending_since) == (State.APPROVED, None)
    hand_over(late, "2026-06-09 20:30")
    assert hand_over(email, "2026-06-10 07:00").state == Job.State.DONE
    hand_over(late, "2026-06-10 07:00")
    assert (email.state, late.failure) == (State.SENT, "Its numbers are those of a day that is over.")


def test_what_an_earlier_attempt_has_begun_stays_in_doubt_whatever_speaks_against_it(told):
    *_, email = told
    assert handover.begin(email, now=london(AT))
    hand_over(email, "2026-06-09 20:30")

    assert email.state == State.UNCERTAIN


@pytest.mark.parametrize("days", [0, 3])
def test_the_last_look_costs_the_same_for_many_notices(told, django_assert_num_queries, days):
    referral, ann, email = told
    for number in range(10 * days):
        notice(referral, ann, key=f"due:{number}", email=email)
    email.numbers = {"due": 1 + 10 * days, "breach": 1}
    now = london("2026-06-09 19:55") + timedelta(minutes=days)

    with django_assert_num_queries(3):  # preferences, whether it is about notices, the notices
        assert last_look.may_go(email, now=now)
