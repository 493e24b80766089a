"""What the installation does to keep itself tidy."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from jobs import sweep, work
from jobs.models import Job

NOON = datetime(2026, 7, 9, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shipped(settings):
    settings.JOB_MODULES = ["jobs.housekeeping"]


def test_sign_ins_that_have_run_out_are_removed_once_a_day_and_others_stay():
    Session.objects.create(session_key="run out", session_data="", expire_date=NOON)
    Session.objects.create(session_key="still good", session_data="", expire_date=NOON + SECOND)

    (job_id,) = sweep.sweep(now=NOON)
    assert work.do(job_id, now=NOON).state == Job.State.DONE
    assert list(Session.objects.values_list("session_key", flat=True)) == ["still good"]
    assert sweep.sweep(now=NOON + timedelta(hours=13, minutes=59)) == []  # until 02:59 local
    assert len(sweep.sweep(now=NOON + timedelta(hours=14))) == 1
