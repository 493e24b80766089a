"""Whatever dies between committing that something is being sent and hearing back, it does not go twice by itself."""

import multiprocessing
import os
import signal
from datetime import timedelta

import pytest
from django.db import connection

from jobs import claims, handover, sweep, work
from jobs.models import Job
from rhi.actions import sending
from rhi.delivery import emails
from rhi.models import Email
from tests.records import NOW
from tests.rhi import smtp_sink
from tests.rhi.delivery.conftest import queue
from tests.staff.people import make_person

MINUTE = timedelta(minutes=1)

State = Email.State


def begun(email, *, now=NOW):
    """The job as a worker has it that vanishes after it began to send."""
    job = claims.claim(email.job_id, now=now)
    assert handover.begin(email, now=now)
    return job


@pytest.mark.django_db
def test_the_sweep_after_the_lease_says_that_it_is_uncertain(email):
    begun(email)

    sweep.sweep(now=NOW + claims.LEASE - MINUTE)
    email.refresh_from_db()
    assert email.state == State.SENDING

    sweep.sweep(now=NOW + claims.LEASE)
    email.refresh_from_db()
    assert (email.state, email.failure) == (State.UNCERTAIN, handover.DIED)
    assert handover.uncertain_count() == 1


@pytest.mark.django_db
def test_the_next_attempt_sends_nothing_and_says_that_it_is_uncertain(sink, email):
    """Without any sweep in between: a broker handed the message out a second time."""
    begun(email)
    job = work.do(email.job_id, now=NOW + claims.LEASE)

    email.refresh_from_db()
    assert (email.state, job.state) == (State.UNCERTAIN, Job.State.DONE)
    assert sink.taken == []


@pytest.mark.django_db
def test_a_worker_that_fails_in_an_unforeseen_way_leaves_doubt_not_a_second_email(sink, email, monkeypatch):
    def take_and_fail(message):
        sink.taken.append(message)
        raise ZeroDivisionError

    monkeypatch.setattr(emails, "send", take_and_fail)
    for minutes in (0, 1, 11, 21):
        work.do(email.job_id, now=NOW + minutes * MINUTE)

    email.refresh_from_db()
    assert (email.state, len(sink.taken)) == (State.UNCERTAIN, 1)


@pytest.mark.django_db
def test_an_answer_that_comes_after_the_lease_still_ends_the_doubt(email):
    job = begun(email)
    sweep.sweep(now=NOW + claims.LEASE)

    sending.send_email(email=email.pk, handed=handover.Outcome(State.SENT), now=NOW + claims.LEASE)
    claims.finish(job, now=NOW + claims.LEASE)
    email.refresh_from_db()
    assert email.state == State.SENT


@pytest.mark.django_db
def test_a_worker_that_was_thought_dead_leaves_what_a_person_has_settled(email):
    begun(email)
    sweep.sweep(now=NOW + claims.LEASE)
    sending.settle(email, went=False, by=make_person("alex@example.org"), now=NOW + claims.LEASE)

    assert not handover.store(email, handover.Outcome(State.SENT), now=NOW + claims.LEASE)
    email.refresh_from_db()
    assert email.state == State.APPROVED


@pytest.mark.django_db
def test_the_earlier_job_does_nothing_once_a_person_has_given_it_another(sink, email):
    earlier = begun(email)
    sweep.sweep(now=NOW + claims.LEASE)
    sending.settle(email, went=False, by=make_person("alex@example.org"), now=NOW + claims.LEASE)

    assert work.do(earlier.pk, now=NOW + claims.LEASE).state == Job.State.DONE
    assert sink.taken == []
    email.refresh_from_db()
    assert email.state == State.APPROVED
    work.do(email.job_id, now=NOW + claims.LEASE)
    assert len(sink.taken) == 1


@pytest.mark.django_db
def test_what_is_given_back_while_another_attempt_looks_is_tried_once_more(sink, email, monkeypatch):
    """A worker thought dead says "nothing left" between the other's two looks at the row."""
    begun(email)
    look = handover.in_doubt

    def give_back_first(row, *, reason):
        handover.not_sent(row, reason="Nobody there.")
        return look(row, reason=reason)

    monkeypatch.setattr(handover, "in_doubt", give_back_first)
    job = work.do(email.job_id, now=NOW + claims.LEASE)
    assert job.state == Job.State.WAITING
    monkeypatch.undo()

    work.do(email.job_id, now=NOW + claims.LEASE + MINUTE)
    email.refresh_from_db()
    assert (email.state, len(sink.taken)) == (State.SENT, 1)


#: Where a worker is killed, how the email ends, and how often the mail server has it.
POINTS = {
    "before anything is committed": ("jobs.handover.begin", "before", State.SENT, 1),
    "after it is committed that it is being sent": ("jobs.handover.begin", "after", State.UNCERTAIN, 0),
    "before the mail server is spoken to": ("rhi.delivery.emails.send", "before", State.UNCERTAIN, 0),
    "after the mail server has taken it": ("rhi.delivery.emails.send", "after", State.UNCERTAIN, 1),
    "before what came of it is stored": ("jobs.handover.store", "before", State.UNCERTAIN, 1),
    "before the job's end is committed": ("jobs.claims.finish", "after", State.UNCERTAIN, 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_between_any_two_steps_sends_at_most_once(elsewhere, settings, point):
    """A real process and SIGKILL; the rest is done by a worker that lives."""
    settings.DELIVERY_TIMEOUT = 2
    with smtp_sink.standing(settings) as sink:
        email = queue()
        name, when, state, taken = POINTS[point]
        killed = elsewhere.start(die_at, name, when, email.job_id)
        killed.join(30)
        assert killed.exitcode == -signal.SIGKILL

        def rest():
            for minutes in range(60):
                now = NOW + minutes * MINUTE
                for job in sweep.sweep(now=now):
                    work.do(job, now=now)
            return Email.objects.values_list("state", flat=True).get(pk=email.pk)

        assert elsewhere.call(rest) == state
        assert len(sink.taken) == taken


def die_at(name, when, job):
    """Do the job and be killed at one step of it."""
    from importlib import import_module

    module, _, function = name.rpartition(".")
    step = getattr(import_module(module), function)

    def die(*args, **kwargs):
        if when == "after":
            step(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(import_module(module), function, die)
    work.do(job, now=NOW)


@pytest.mark.slow
def test_four_workers_at_once_send_each_email_once(elsewhere, settings):
    settings.DELIVERY_TIMEOUT = 10
    with smtp_sink.standing(settings) as sink:
        jobs = [queue(key=f"notices:{number}").job_id for number in range(10)]
        together = multiprocessing.get_context("fork").Barrier(4)

        def send_all():
            done = []
            for job in jobs:
                together.wait(30)
                done.append(work.do(job, now=NOW) is not None)
            return sum(done)

        answers = elsewhere.race(send_all, rivals=4)

        assert sum(answers) == 10
        references = [taken["Message-ID"] for taken in sink.taken]
        assert (len(references), len(set(references))) == (10, 10)
        assert elsewhere.call(lambda: set(Email.objects.values_list("state", flat=True))) == {"sent"}


@pytest.mark.slow
def test_two_jobs_of_one_email_at_once_send_it_once(elsewhere, settings):
    """As if a person had it sent again while its first job still lay in some queue."""
    settings.DELIVERY_TIMEOUT = 10
    with smtp_sink.standing(settings) as sink:
        email = queue()
        other = claims.enqueue("rhi.actions.sending.send_email", arguments={"email": email.pk}, due_at=NOW)
        jobs = multiprocessing.get_context("fork").Queue()
        jobs.put(email.job_id)
        jobs.put(other.pk)
        connection.close()

        elsewhere.race(lambda: work.do(jobs.get(), now=NOW) is not None, rivals=2)

        assert len(sink.taken) == 1
