"""The database says the same as the code: a row that no step of a job's life could leave is refused."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from jobs.models import Job, Run, Sweep

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 27, 13, tzinfo=UTC)
TOKEN = UUID("11111111-1111-4111-8111-111111111111")

pytestmark = pytest.mark.django_db


def make_job(**fields):
    return Job.objects.create(**({"name": "a.job", "due_at": NOON, "next_try_at": NOON} | fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "waiting"},
        {"state": "claimed", "claimed_by": TOKEN, "lease_until": LATER},
        {"state": "done", "finished_at": LATER},
        {"state": "dead", "finished_at": LATER, "reason": "Nobody to write to."},
        {"state": "set_aside", "finished_at": LATER, "reason": "Nobody to write to."},
        {"next_try_at": LATER},
    ],
)
def test_a_step_of_a_jobs_life_is_stored(fields):
    make_job(**fields)

    assert Job.objects.filter(**fields).count() == 1


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("job_state_is_known", {"state": "resting"}),
        ("job_is_claimed_by_somebody_until_some_time", {"state": "claimed"}),
        ("job_is_claimed_by_somebody_until_some_time", {"state": "claimed", "claimed_by": TOKEN}),
        ("job_is_claimed_by_somebody_until_some_time", {"state": "claimed", "lease_until": LATER}),
        ("job_is_claimed_by_somebody_until_some_time", {"state": "waiting", "claimed_by": TOKEN}),
        ("job_is_claimed_by_somebody_until_some_time", {"state": "waiting", "lease_until": LATER}),
        ("job_is_finished_when_done_or_dead", {"state": "done"}),
        ("job_is_finished_when_done_or_dead", {"state": "dead", "reason": "Nobody to write to."}),
        ("job_is_finished_when_done_or_dead", {"state": "waiting", "finished_at": LATER}),
        ("job_is_finished_when_done_or_dead", {"state": "set_aside"}),
        ("job_is_dead_for_a_reason", {"state": "dead", "finished_at": LATER}),
        ("job_is_not_tried_before_it_is_due", {"due_at": LATER, "next_try_at": NOON}),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(constraint, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_job(**fields)


def test_a_second_run_of_a_period_is_refused():
    Run.objects.create(name="a.job", period="2026-03-27", job=make_job(), late=False)

    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(name="a.job", period="2026-03-27", job=make_job(), late=False)


def test_there_is_one_last_sweep():
    Sweep.objects.create(pk=1, at=NOON)

    with pytest.raises(IntegrityError, match="one_row_for_the_last_sweep"), transaction.atomic():
        Sweep.objects.create(pk=2, at=NOON)
