"""What waits for another side that was away goes as soon as it answers again, and nothing else does."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs import claims, handover, sweep, work
from jobs.models import Handover, Job
from tests.jobs import chores
from tests.staff.people import make_person

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
State = Handover.State

pytestmark = pytest.mark.django_db


def gone(*, number, job, now):
    raise handover.UnreachableError("Nobody answers.")


def away(*, number, job, now):
    raise handover.NotSentError(f"Number {number} does not answer.")


def answers(*, number, job, now):
    return handover.Outcome(State.SENT)


@pytest.fixture
def other_side(monkeypatch):
    """Have the other side behave like this from now on."""

    def behaves(hand_over):
        monkeypatch.setattr(chores.open_team_by_post, "hand_over", hand_over)

    return behaves


def enqueue(number=1, *, due_at=NOON):
    return claims.enqueue("tests.jobs.chores.open_team_by_post", arguments={"number": number}, due_at=due_at)


def put_off(*jobs, at):
    for job in jobs:
        Job.objects.filter(pk=job.pk).update(next_try_at=at + 10 * MINUTE, put_off_since=at, nobody_answered=True)


def next_tries(*jobs):
    return [Job.objects.get(pk=job.pk).next_try_at for job in jobs]


def test_as_soon_as_one_is_answered_all_that_wait_for_the_same_go_at_once(other_side):
    other_side(gone)
    first, second, third = enqueue(1), enqueue(2), enqueue(3)
    for minute in (0, 1, 2, 4, 8, 16, 26):
        work.do(first.pk, now=NOON + minute * MINUTE)
    assert next_tries(first, second, third) == [NOON + 36 * MINUTE] * 3

    other_side(answers)
    fresh, back = enqueue(4, due_at=NOON + 27 * MINUTE), NOON + 27 * MINUTE
    work.do(fresh.pk, now=back)

    assert next_tries(first, second, third) == [back] * 3
    assert [work.do(job.pk, now=back).state for job in (first, second, third)] == [Job.State.DONE] * 3


def test_what_was_given_up_because_nobody_answered_for_a_day_goes_too(other_side):
    other_side(gone)
    old = enqueue(1)
    work.do(old.pk, now=NOON)
    dead = work.do(old.pk, now=NOON + claims.PATIENCE)
    assert (dead.state, dead.attempts) == (Job.State.DEAD, 0)

    other_side(answers)
    back = NOON + claims.PATIENCE + MINUTE
    work.do(enqueue(2, due_at=back).pk, now=back)

    assert sweep.dead_count() == 0
    done = work.do(old.pk, now=back)
    assert (done.state, done.put_off_since, done.nobody_answered) == (Job.State.DONE, None, False)


def test_so_many_go_at_once_and_as_each_is_answered_so_many_more(monkeypatch):
    monkeypatch.setattr(claims, "LET_GO_AT_ONCE", 2)
    waiting = [enqueue(number, due_at=NOON - (9 - number) * MINUTE) for number in range(1, 6)]
    put_off(*waiting, at=NOON)

    work.do(enqueue(9).pk, now=NOON)
    assert next_tries(*waiting) == [NOON] * 2 + [NOON + 10 * MINUTE] * 3

    work.do(waiting[0].pk, now=NOON)
    assert next_tries(*waiting) == [NOON] * 4 + [NOON + 10 * MINUTE]


def refused_for_good(*, number, job, now):
    return handover.Outcome(State.FAILED, "No.")


def nobody_knows(*, number, job, now):
    return handover.Outcome(State.UNCERTAIN, "Silence.")


def nothing_to_do(*, number, job, now):
    return None


@pytest.mark.parametrize("outcome", [refused_for_good, nobody_knows, nothing_to_do])
def test_only_what_went_says_that_the_other_side_answers(other_side, outcome):
    waiting = enqueue(1)
    put_off(waiting, at=NOON)
    other_side(outcome)

    assert work.do(enqueue(2).pk, now=NOON).state == Job.State.DONE
    assert next_tries(waiting) == [NOON + 10 * MINUTE]


def test_what_waits_for_something_else_goes_on_waiting(other_side):
    other = claims.enqueue("tests.jobs.chores.find_nobody", arguments={"number": 1}, due_at=NOON)
    put_off(other, at=NOON)
    other_side(away)
    refused_for_now = enqueue(1)
    work.do(refused_for_now.pk, now=NOON)
    failed, aside = enqueue(2), enqueue(3)
    other_side(lambda **_: 1 / 0)
    work.do(failed.pk, now=NOON)
    put_off(aside, at=NOON)
    claims.give_up(Job.objects.filter(pk=aside.pk), reason="Nobody.", now=NOON, nobody_answered=True)
    claims.set_aside(aside, by=make_person("alex@example.org"), now=NOON)
    before = next_tries(other, refused_for_now, failed)

    other_side(answers)
    work.do(enqueue(4).pk, now=NOON)

    assert next_tries(other, refused_for_now, failed) == before
    assert min(before) > NOON
    assert Job.objects.get(pk=aside.pk).state == Job.State.SET_ASIDE


def test_what_failed_by_itself_after_it_had_waited_is_given_up_for_good(other_side):
    job = enqueue(1)
    put_off(job, at=NOON - 10 * MINUTE)
    Job.objects.filter(pk=job.pk).update(attempts=claims.ATTEMPTS - 1)
    other_side(lambda **_: 1 / 0)
    assert work.do(job.pk, now=NOON).state == Job.State.DEAD

    other_side(answers)
    work.do(enqueue(2).pk, now=NOON)
    assert Job.objects.get(pk=job.pk).state == Job.State.DEAD
