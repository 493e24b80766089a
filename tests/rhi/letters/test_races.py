"""Two people at one letter at the same moment: one wins, the other is told by whom, and nothing is done twice."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection

from episodes.access import restrict
from episodes.models import Child
from rhi.actions import letters
from rhi.models import Interview, Letter
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import AuditEvent
from staff.permissions import Role
from tests.jobs.conftest import processes
from tests.records import bring, child, episode, publish
from tests.rhi.letters.families import HOME, OVER, carer, member, run, use_up
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db


def approve(letter, by):
    letters.approve(letter, channel="print", although_flagged=True, by=by, now=OVER)


def cancel(letter, by):
    letters.cancel(letter, because="It is the wrong house.", by=by, now=OVER)


def post(letter, by):
    letters.mark_posted([letter], by=by, now=OVER)


def second(letter, by):
    letters.second(letter, by=by, now=OVER)


def write(letter, by):
    letters.write(letter.referral, "refusal", carer=None, because="Due.", by=by, now=OVER)


def restricted(letter, ann):
    """Of a restricted child, and approved by the first person."""
    restrict(letter.child, people=[ann], because="At risk.", by=ann, now=OVER)
    approve(letter, ann)


@dataclass(frozen=True)
class Failure:
    """What went wrong in the process of one of the two."""

    traceback: str


@dataclass(frozen=True)
class Contest:
    """What each of two people does to a letter that has been prepared, and what the second is told by who was first.

    `lines` are what the trail has of the two acts.
    """

    acts: tuple[Callable[..., object], Callable[..., object]]
    told: tuple[str, str]
    lines: tuple[audit.Type, ...]
    prepare: Callable[..., object] = lambda letter, ann: None  # noqa: ARG005


T = audit.Type
APPROVED, CANCELLED = "{} has approved this letter, ", "{} has cancelled this letter, "
PULLED, POSTED = "{} has pulled back this letter, ", "{} has posted it, "
CONTESTS = {
    "approve": Contest((approve, approve), (APPROVED, APPROVED), (T.LETTER_APPROVED,)),
    "cancel": Contest((cancel, cancel), (CANCELLED, CANCELLED), (T.LETTER_CANCELLED,)),
    "post": Contest((post, post), (POSTED, POSTED), (T.LETTERS_POSTED,), prepare=approve),
    "post or pull back": Contest((post, cancel), (PULLED, POSTED), (T.LETTERS_POSTED, T.LETTER_CANCELLED), approve),
    "second": Contest((second, second), ("Ann has approved this letter, ",) * 2, (T.LETTER_SECONDED,), restricted),
    "write": Contest((write, write), ("{} has already proposed this letter, ",) * 2, (T.LETTER_PROPOSED,)),
}


def put_up(folder, number):
    """As many letters, each to the child of a referral of its own; Ann has tried all of them."""
    publish("somerset")
    keys = [f"C{key}" for key in range(number)]
    bring(
        folder,
        children=[child(key, **HOME) for key in keys],
        carers=[carer(child_id=key, safe="N", address_1="2 Oak Road", postcode="TA1 2BB") for key in keys],
        episodes=[episode(f"E{key}", key) for key in keys],
    )
    ann = member("Ann", Role.COORDINATOR)
    for referral in Referral.objects.select_related("child", "version"):
        use_up(referral, ann)
    run()
    return ann


def both(elsewhere, people, acts, rows):
    """What each of the people is told of each letter, by letter and person; None for who was first."""
    gate, answers = processes.Barrier(len(people)), processes.Queue()

    def one_after_the_other(number):
        for row in rows:
            gate.wait(60)
            try:
                acts[number](row, people[number])
                answers.put((row.pk, number, None))
            except Refused as refusal:
                answers.put((row.pk, number, str(refusal)))
            except BaseException:
                answers.put((row.pk, number, Failure(traceback.format_exc())))  # before the other meets a broken gate
                raise

    started = [elsewhere.start(one_after_the_other, number) for number in range(len(people))]
    try:
        said = [heard(answers) for _ in range(len(rows) * len(people))]
    finally:
        gate.abort()  # nobody waits any longer for who has failed; all have passed it when nobody has
        for process in started:
            process.join(60)
    return {(letter, number): answer for letter, number, answer in said}


def heard(answers):
    """The next answer; when it is that somebody failed, so does the test, at once and with their traceback."""
    letter, number, answer = answers.get(timeout=90)
    if isinstance(answer, Failure):
        pytest.fail(answer.traceback)
    return letter, number, answer


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", CONTESTS)
def test_of_two_at_one_letter_at_the_same_moment_one_wins_and_the_other_is_told_by_whom(
    elsewhere, tmp_path, soak_seed, kind
):
    contest, number = CONTESTS[kind], soak_count(200)
    ann = put_up(tmp_path / "records", number)
    people = [member("Lee", Role.COORDINATOR), member("Nia", Role.COORDINATOR)]
    rows = list(Letter.objects.select_related("child", "referral").order_by("pk"))
    assert len(rows) == number
    for row in rows:
        contest.prepare(row, ann)

    answers = both(elsewhere, people, contest.acts, rows)

    by = elsewhere.call(
        lambda: list(
            AuditEvent.objects.filter(type__in=contest.lines, by_id__in=[each.pk for each in people]).values_list(
                "by_id", flat=True
            )
        )
    )
    first = [next(each for each in (0, 1) if answers[row.pk, each] is None) for row in rows]
    assert sorted(by) == sorted(people[each].pk for each in first)
    for row, winner in zip(rows, first, strict=True):
        told = answers[row.pk, 1 - winner]
        assert told is not None, "both were told that they had done it"
        assert contest.told[1 - winner].format(people[winner].name) in told
    evidence(
        f"letter_{kind.replace(' ', '_')}_races_{connection.vendor}",
        seed=soak_seed,
        n=number,
        result="one winner each, the other told by whom",
    )


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_runs_of_the_job_at_the_same_moment_propose_each_letter_once(elsewhere, tmp_path, soak_seed):
    number = soak_count(200)
    put_up(tmp_path / "records", number)
    Letter.objects.all().delete()
    assert Interview.objects.count() == Child.objects.count() == number

    elsewhere.race(run, rivals=4)

    found = elsewhere.call(lambda: (Letter.objects.count(), Letter.objects.values("referral").distinct().count()))
    assert found == (number, number)
    evidence(f"letter_runs_at_once_{connection.vendor}", seed=soak_seed, n=number, result="each proposed once")
