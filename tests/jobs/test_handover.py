"""Handing over: every arrow between the states, and none besides."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from jobs import claims, handover, sweep, work
from jobs.models import Handover, Job
from rhi.models import Email
from staff.models import User
from tests.staff.people import make_person

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
State = Handover.State

pytestmark = pytest.mark.django_db


def row(state=State.APPROVED, **fields):
    """Something to hand over: an email, with a job that could do it."""
    needed = {
        State.SENDING: {"sending_since": NOON},
        State.SENT: {"sending_since": NOON, "sent_at": NOON},
        State.FAILED: {"failure": "Refused."},
        State.UNCERTAIN: {"failure": "Nobody knows.", "sending_since": NOON},
    }
    number = Email.objects.count()
    person = make_person(f"ada{number}@example.org")
    job = claims.enqueue("tests.jobs.chores.open_team", arguments={"number": number}, due_at=NOON)
    return Email.objects.create(
        to=person, kind="daily", key=f"{number}", made_at=NOON, state=state, job=job, **needed.get(state, {}) | fields
    )


def now_in(email):
    return Email.objects.get(pk=email.pk).state


def begin(email):
    return handover.begin(email, now=NOON)


def sent(email):
    return handover.sent(email, now=NOON)


def not_sent(email):
    return handover.not_sent(email, reason="Nobody there.")


def refused(email):
    return handover.refused(email, reason="No.")


def in_doubt(email):
    return handover.in_doubt(email, reason="Silence.")


def undelivered(email):
    return handover.undelivered(email, reason="Not printed.")


def withdraw(email):
    return handover.withdraw(email, reason="They have left.")


def it_went(email):
    return handover.settle(email, went_at=NOON, by=User.objects.first(), now=NOON)


def again(email):
    return handover.settle(email, went_at=None, by=User.objects.first(), now=NOON)


def try_again(email):
    return handover.try_again(email, by=User.objects.first(), now=NOON)


def set_aside(email):
    return handover.set_aside(email, by=User.objects.first(), now=NOON)


ARROWS = {
    begin: {State.APPROVED: State.SENDING},
    sent: {State.SENDING: State.SENT, State.UNCERTAIN: State.SENT},
    not_sent: {State.SENDING: State.APPROVED},
    refused: {State.SENDING: State.FAILED, State.UNCERTAIN: State.FAILED},
    in_doubt: {State.SENDING: State.UNCERTAIN},
    undelivered: {State.SENT: State.FAILED},
    withdraw: {State.APPROVED: State.CANCELLED},
    it_went: {State.UNCERTAIN: State.SENT},
    again: {State.UNCERTAIN: State.APPROVED},
    try_again: {State.FAILED: State.APPROVED},
    set_aside: {State.FAILED: State.CANCELLED},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", ARROWS, ids=lambda step: step.__name__)
def test_a_step_goes_where_it_is_drawn_and_nowhere_else(step, state):
    email = row(state)
    then = ARROWS[step].get(state)

    assert step(email) is (then is not None)
    assert now_in(email) == (then or state)


def test_whoever_settles_is_kept_with_the_time():
    for step, state in ((it_went, State.UNCERTAIN), (again, State.UNCERTAIN), (try_again, State.FAILED)):
        email = row(state)
        step(email)
        email.refresh_from_db()
        assert (email.settled_by, email.settled_at) == (User.objects.first(), NOON)


@pytest.mark.django_db(transaction=True)
def test_what_could_still_be_rolled_back_is_not_begun():
    email = row()

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        handover.begin(email, now=NOON)


def held(email):
    return claims.claim(email.job_id, now=NOON)


def never(*_):
    raise AssertionError("Something was handed over.")


def test_once_hands_over_what_may_go_and_says_what_came_of_it():
    email = row()

    outcome = handover.once(email, lambda: {"failure": "none"}, job=held(email), now=NOON)
    assert (outcome.state, outcome.facts, now_in(email)) == (State.SENT, {"failure": "none"}, State.SENDING)
    assert handover.store(email, outcome, now=NOON)
    assert now_in(email) == State.SENT


@pytest.mark.parametrize(
    ("error", "state"), [(handover.RefusedError, State.FAILED), (handover.InDoubtError, State.UNCERTAIN)]
)
def test_once_says_what_an_error_means(error, state):
    def fail():
        raise error("So it is.")

    email = row()
    outcome = handover.once(email, fail, job=held(email), now=NOON)

    assert (outcome.state, outcome.reason) == (state, "So it is.")
    handover.store(email, outcome, now=NOON)
    email.refresh_from_db()
    assert (email.state, email.failure) == (state, "So it is.")


def test_once_gives_back_what_has_not_left():
    def fail():
        raise handover.NotSentError("Nobody there.")

    email = row()
    with pytest.raises(handover.NotSentError):
        handover.once(email, fail, job=held(email), now=NOON)
    email.refresh_from_db()
    assert (email.state, email.failure, email.sending_since) == (State.APPROVED, "Nobody there.", None)


@pytest.mark.parametrize("state", [state for state in State if state not in (State.APPROVED, State.SENDING)])
def test_once_leaves_alone_what_may_not_go(state):
    email = row(state)

    assert handover.once(email, never, job=held(email), now=NOON) is None
    assert now_in(email) == state
    assert not handover.store(email, None, now=NOON)


def test_once_says_of_what_an_earlier_attempt_began_that_it_is_uncertain():
    email = row(State.SENDING)

    assert handover.once(email, never, job=held(email), now=NOON) is None
    email.refresh_from_db()
    assert (email.state, email.failure) == (State.UNCERTAIN, handover.DIED)


@pytest.mark.parametrize("state", [State.APPROVED, State.SENDING])
def test_once_leaves_to_another_job_what_is_its(state):
    email, other = row(state), row()

    assert handover.once(email, never, job=held(other), now=NOON) is None
    assert now_in(email) == state


def test_what_nobody_is_at_work_on_any_more_is_left_behind():
    being_sent, waiting, over, jobless = (row(State.SENDING) for _ in range(4))
    held(being_sent)
    Email.objects.filter(pk=jobless.pk).update(job=None)
    claims.finish(held(over), now=NOON)

    assert handover.doubt_left_behind(now=NOON) == 3
    assert now_in(being_sent) == State.SENDING
    assert {now_in(email) for email in (waiting, over, jobless)} == {State.UNCERTAIN}
    assert handover.doubt_left_behind(now=NOON + claims.LEASE - MINUTE) == 0
    assert handover.doubt_left_behind(now=NOON + claims.LEASE) == 1


def test_an_answer_that_comes_while_the_sweep_looks_is_not_overwritten(monkeypatch):
    """Between looking for what was left behind and saying so, the worker hears back after all."""
    email = row(State.SENDING)
    look = handover.left_behind

    def answer_first(model, *, now):
        keys = list(look(model, now=now).values_list("pk", flat=True))
        if model is Email:
            handover.sent(email, now=NOON)
        return model.objects.filter(pk__in=keys)

    monkeypatch.setattr(handover, "left_behind", answer_first)
    assert handover.doubt_left_behind(now=NOON) == 0
    assert now_in(email) == State.SENT


def test_every_sweep_looks_for_what_was_left_behind_also_while_everything_is_held():
    from jobs.models import Hold

    email = row(State.SENDING)
    Hold.objects.create(pk=1, since=NOON, because="A restore.")

    sweep.sweep(now=NOON)
    assert now_in(email) == State.UNCERTAIN
    assert handover.uncertain_count() == 1


# What a job does whose other side is away


def away(*, number, job, now):
    raise handover.NotSentError(f"Number {number} does not answer.")


def gone(*, number, job, now):
    raise handover.UnreachableError("Nobody answers.")


@pytest.fixture
def handing(monkeypatch):
    """Have the chore hand something over first."""
    from tests.jobs import chores

    def by(hand_over):
        monkeypatch.setattr(chores.open_team, "hand_over", hand_over, raising=False)

    return by


def enqueue(number=1, *, due_at=NOON):
    return claims.enqueue("tests.jobs.chores.open_team", arguments={"number": number}, due_at=due_at)


def test_what_is_put_off_costs_no_attempt_and_waits_as_long_as_it_has_waited(handing):
    handing(away)
    job, minutes, tries = enqueue(), 0, []
    while minutes < 60:
        if (done := work.do(job.pk, now=NOON + minutes * MINUTE)) is not None:
            tries.append(minutes)
            assert (done.state, done.attempts, done.put_off_since) == (Job.State.WAITING, 0, NOON)
            assert done.reason == "Number 1 does not answer."
        minutes += 1

    assert tries == [0, 1, 2, 4, 8, 16, 26, 36, 46, 56]


def test_after_a_day_it_is_given_up(handing):
    handing(away)
    job = enqueue()
    work.do(job.pk, now=NOON)

    last = work.do(job.pk, now=NOON + claims.PATIENCE)
    assert (last.state, last.reason) == (Job.State.DEAD, "Number 1 does not answer.")


def test_others_of_its_kind_wait_with_what_reaches_nobody(handing):
    handing(gone)
    first, second, later = enqueue(1), enqueue(2), enqueue(3, due_at=NOON + 9 * MINUTE)
    other = claims.enqueue("tests.jobs.chores.find_nobody", arguments={"number": 1}, due_at=NOON)
    work.do(first.pk, now=NOON)

    next_tries = dict(Job.objects.values_list("pk", "next_try_at"))
    assert next_tries == {
        first.pk: NOON + MINUTE,
        second.pk: NOON + MINUTE,
        later.pk: NOON + 9 * MINUTE,
        other.pk: NOON,
    }


def test_others_of_its_kind_do_not_wait_with_what_is_refused_for_now(handing):
    handing(away)
    first, second = enqueue(1), enqueue(2)
    work.do(first.pk, now=NOON)

    assert Job.objects.get(pk=second.pk).next_try_at == NOON


def test_who_lost_the_lease_puts_nothing_off(handing):
    def lose(*, number, job, now):
        Job.objects.filter(pk=job.pk).update(claimed_by="00000000-0000-4000-8000-000000000000")
        raise handover.UnreachableError("Nobody answers.")

    handing(lose)
    first, second = enqueue(1), enqueue(2)
    done = work.do(first.pk, now=NOON)

    assert (done.state, done.put_off_since) == (Job.State.CLAIMED, None)
    assert Job.objects.get(pk=second.pk).next_try_at == NOON


def test_a_failure_of_another_kind_ends_the_patience(handing):
    handing(away)
    job = enqueue()
    work.do(job.pk, now=NOON)
    handing(lambda **_: 1 / 0)

    failed = work.do(job.pk, now=NOON + MINUTE)
    assert (failed.state, failed.attempts, failed.put_off_since) == (Job.State.WAITING, 1, None)
