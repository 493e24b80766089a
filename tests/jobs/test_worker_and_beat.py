"""What worker and beat do by themselves, through the real broker and on the real schedule: only the clock is set."""

import pytest

from jobs import tasks
from rhi import settings as site
from rhi.actions import contact, outcomes_by_hand
from rhi.models import Letter, Notice
from tests.jobs.conftest import deliver
from tests.records import london
from tests.rhi.letters.families import family, stranger, tried
from tests.rhi.reminders.week import give, leader, person, returned

pytestmark = pytest.mark.django_db


class Clock:
    """Stands where it is put."""

    def __init__(self):
        self.at = None

    def now(self):
        return self.at


@pytest.fixture
def beat(queue, settings, monkeypatch):
    """Let beat send the sweep at a local time, and a worker do all that comes of it."""
    settings.JOB_MODULES = site.JOB_MODULES
    clock = Clock()
    monkeypatch.setattr(tasks, "timezone", clock)

    def at(time):
        clock.at = london(time)
        tasks.hand_out_due_jobs.delay()
        while True:
            try:
                deliver(queue, times=2)  # a broker may hand a message out twice
            except queue.Empty:
                break

    return at


def told(kind):
    return sorted(Notice.objects.filter(kind=kind, about__contains="72 hours").values_list("to__name", flat=True))


@pytest.fixture
def held(tmp_path):
    """Ann holds a referral whose 72 hours end on Thursday at ten, and Sam leads her team."""
    referral = returned(tmp_path)
    give(referral, person("Ann"))
    leader()
    return referral


@pytest.mark.clause("CARD-11")
def test_worker_and_leader_are_reminded_once_before_a_clock_runs_out(held, beat):
    beat("2026-06-10 09:46")
    assert told("due") == []

    for time in ("2026-06-10 10:01", "2026-06-10 10:02", "2026-06-10 10:16"):
        beat(time)
        assert told("due") == ["Ann", "Sam"]


@pytest.mark.clause("CARD-11")
def test_worker_and_leader_are_told_once_of_the_breach(held, beat):
    beat("2026-06-11 09:46")
    beat("2026-06-11 10:00")
    assert told("breach") == []  # exactly at the limit is met

    for time in ("2026-06-11 10:16", "2026-06-11 10:17", "2026-06-11 10:31"):
        beat(time)
        assert told("breach") == ["Ann", "Sam"]


@pytest.mark.clause("CARD-11")
@pytest.mark.parametrize("runs", [("2026-06-10 09:46", "2026-06-10 10:01"), ("2026-06-11 10:01", "2026-06-11 10:16")])
def test_after_the_outcome_nobody_is_reminded(held, beat, runs):
    (episode,) = outcomes_by_hand.covered_episodes(held)
    outcomes_by_hand.record_outcomes(
        held,
        settled={episode.pk: outcomes_by_hand.Settled("declined", "not_needed")},
        although=True,
        by=held.allocations.get(until__isnull=True).worker,
        now=london("2026-06-09 09:50"),
    )

    for time in runs:
        beat(time)

    assert told("due") == told("breach") == []


@pytest.fixture
def surrey(tmp_path):
    """Somebody has tried once, on a Wednesday, under a procedure with chase letters."""
    referral, kim = family(tmp_path, procedure="surrey"), stranger()
    tried(referral, kim, "2026-05-13 10:00")
    return referral, kim


def steps():
    return sorted(set(Letter.objects.filter(kind="chase").values_list("step", flat=True)))


@pytest.mark.clause("CARD-12")
def test_a_chase_letter_is_proposed_on_its_day_and_once(surrey, beat):
    beat("2026-05-17 23:06")
    assert steps() == []

    beat("2026-05-18 00:06")  # Monday, the third working day after it
    count = Letter.objects.count()
    beat("2026-05-18 01:06")

    assert (steps(), Letter.objects.count()) == ([1], count)


@pytest.mark.clause("CARD-12")
def test_the_next_step_follows_on_its_own_day(surrey, beat):
    beat("2026-05-26 08:06")

    assert steps() == [2]


@pytest.mark.clause("CARD-12")
def test_chase_letters_stop_at_contact(surrey, beat):
    referral, kim = surrey
    facts = {"method": "phone", "contacted": "child", "result": "spoke_to_child"}
    at = london("2026-05-15 10:00")
    contact.log_attempt(referral, attempted_at=at, **facts, by=kim, now=at)

    beat("2026-05-18 00:06")

    assert steps() == []
