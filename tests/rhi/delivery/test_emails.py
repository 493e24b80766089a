"""Emails to staff: made with their job, said in numbers, and handed to a real mail server that fails in every way."""

import socket
from datetime import timedelta

import pytest
from django.db import transaction

from checks.servers import free_port
from jobs import sweep, work
from jobs.models import Job
from rhi.actions import sending
from rhi.delivery import emails
from rhi.models import Email, NoticeKind
from tests.records import NOW, bring, child, publish
from tests.rhi.delivery.conftest import queue
from tests.staff.people import make_person

MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db

State = Email.State


def do(email, *, now=NOW):
    """The email's job, done once."""
    job = work.do(email.job_id, now=now)
    email.refresh_from_db()
    return job


# Made


def test_an_email_and_its_job_are_made_together():
    email = queue()

    assert (email.state, email.made_at) == (State.APPROVED, NOW)
    assert (email.job.name, email.job.arguments) == ("rhi.actions.sending.send_email", {"email": email.pk})
    assert email.job_id in sweep.sweep(now=NOW)


def test_an_email_goes_with_the_action_that_wanted_it():
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)

    assert (Email.objects.count(), Job.objects.count()) == (0, 0)


def test_the_same_key_is_the_same_email():
    person = make_person()

    assert queue(to=person) == queue(to=person)
    assert (Email.objects.count(), Job.objects.count()) == (1, 1)


@pytest.mark.parametrize("numbers", [{"Robin Example": 1}, {"due": "Robin"}, {"due": True}, {"due": -1}])
def test_what_is_no_number_of_something_known_cannot_be_said(numbers):
    with pytest.raises(emails.UnknownNumberError):
        sending.queue_email(make_person(), Email.Kind.NOTICES, "a", numbers, now=NOW)

    assert Email.objects.count() == 0


def test_every_kind_of_notice_has_its_words():
    assert [kind.value for kind in NoticeKind if kind.value not in emails.WORDS] == []


# Said

HOSTILE = "Robin<script>\r\nBcc: everybody@example.org"


@pytest.mark.parametrize("kind", Email.Kind.values)
def test_no_email_says_anything_of_anybody(kind, settings, tmp_path):
    settings.SITE_URL = "https://rhi.example.org"
    publish("somerset")
    bring(tmp_path, children=[child("C-Hostile", first_name=HOSTILE, last_name="Example")])
    person = make_person("zora.quist@example.org", f"Zora Quist {HOSTILE}")
    numbers = {name: number for number, name in enumerate(emails.WORDS, start=1)}
    if kind == Email.Kind.INTERVIEW_HELD:
        numbers = {emails.REFERRAL: 12, emails.HELD_ON: 20260513}
    email = sending.queue_email(person, kind, "C-Hostile: Robin", numbers, now=NOW)

    message = emails.compose(email)
    written = message.message().as_string().replace("zora.quist@example.org", "", 1)

    assert "To: zora.quist@example.org" in message.message().as_string()
    for word in ("Robin", "Example ", "Hostile", "Zora", "Quist", "zora", "script", "everybody", "C-"):
        assert word not in written, word
    assert "https://rhi.example.org/" in written


def test_an_email_says_how_many_of_what_and_where_to_see_it(email, settings):
    settings.SITE_URL = "https://rhi.example.org"
    message = emails.compose(email)

    assert message.subject == "3 things to look at: return home interviews"
    assert message.body == (
        "Since the last email to you:\n\n"
        "- 2 deadlines run out soon\n"
        "- 1 deadline has run out\n\n"
        "See them under My work: https://rhi.example.org/\n\n"
        "This email names nobody, so that it can be lost without harm. Nobody reads what is answered to it.\n"
    )


# Handed over


def test_an_email_is_taken_once_and_known_by_its_reference(sink, email):
    assert do(email).state == Job.State.DONE

    (taken,) = sink.taken
    assert (email.state, email.sent_at, email.failure) == (State.SENT, NOW, "")
    assert taken["To"] == email.to.email
    assert taken["Message-ID"].startswith(f"<{email.reference}@")
    assert taken["Auto-Submitted"] == "auto-generated"
    assert work.do(email.job_id, now=NOW) is None
    assert len(sink.taken) == 1


def test_with_nobody_there_it_waits_and_goes_later(settings, email):
    settings.EMAIL_BACKEND = "rhi.delivery.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    job = do(email)

    assert (job.state, job.attempts, job.next_try_at) == (Job.State.WAITING, 0, NOW + MINUTE)
    assert job.reason == "The mail server does not answer (ConnectionRefusedError)."
    assert (email.state, email.sending_since, email.failure) == (State.APPROVED, None, job.reason)


def test_a_mail_server_whose_name_is_not_known_is_waited_for(settings, email, monkeypatch):
    settings.EMAIL_BACKEND = "rhi.delivery.smtp.EmailBackend"
    settings.EMAIL_HOST = "mail.invalid"

    assert do(email).reason == "The mail server’s name is not known."
    assert email.state == State.APPROVED


def test_a_mail_server_that_takes_the_line_and_says_nothing_is_waited_for(settings, email):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND, settings.DELIVERY_TIMEOUT = "rhi.delivery.smtp.EmailBackend", 0.2
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        job = do(email)

    assert job.state == Job.State.WAITING
    assert email.state == State.APPROVED


@pytest.mark.parametrize(
    ("where", "meets", "state", "reason"),
    [
        ("recipient", "450 4.2.0 Later", State.APPROVED, "The mail server does not take the recipient for now (450)."),
        (
            "recipient",
            "421 Closing",
            State.APPROVED,
            "The mail server does not take the recipient for now (421).",
        ),
        ("recipient", "550 5.1.1 ada@example.org?", State.FAILED, "The mail server refused the recipient (550)."),
        ("recipient", "drop", State.APPROVED, "The mail server broke off before it was given the message."),
        ("message", "451 4.3.0 Later", State.APPROVED, "The mail server does not take the message for now (451)."),
        ("message", "421 Closing", State.APPROVED, "The mail server does not take the message for now (421)."),
        ("message", "554 5.7.1 Spam", State.FAILED, "The mail server refused the message (554)."),
        ("message", "drop", State.UNCERTAIN, "The mail server did not say whether it took the message."),
        ("message", "take and drop", State.UNCERTAIN, "The mail server did not say whether it took the message."),
        ("message", "take and dawdle", State.UNCERTAIN, "The mail server did not say whether it took the message."),
    ],
)
def test_what_a_failure_says_of_an_email(sink, email, where, meets, state, reason):
    getattr(sink, f"at_{where}").append(meets)
    job = do(email)

    assert (email.state, email.failure) == (state, reason)
    assert job.state == (Job.State.WAITING if state == State.APPROVED else Job.State.DONE)


@pytest.mark.parametrize(
    ("where", "meets"),
    [("recipient", "450 4.2.0 Later"), ("recipient", "drop"), ("message", "451 4.3.0 Later")],
)
def test_what_was_not_taken_goes_once_at_the_next_try(sink, email, where, meets):
    getattr(sink, f"at_{where}").append(meets)
    do(email)
    do(email, now=NOW + MINUTE)

    assert (email.state, email.sent_at) == (State.SENT, NOW + MINUTE)
    assert len(sink.taken) == 1


@pytest.mark.parametrize("meets", ["drop", "take and drop", "take and dawdle"])
def test_what_may_have_been_taken_never_goes_again_by_itself(sink, email, meets):
    sink.at_message.append(meets)
    do(email)
    taken = len(sink.taken)
    for minutes in range(0, 3000, 10):
        for job in sweep.sweep(now=NOW + minutes * MINUTE):
            work.do(job, now=NOW + minutes * MINUTE)
    email.refresh_from_db()

    assert email.state == State.UNCERTAIN
    assert len(sink.taken) == taken


def test_a_server_that_breaks_off_once_it_has_said_yes_changes_nothing(sink, email):
    sink.at_goodbye.append("drop")
    do(email)

    assert (email.state, sink.at_goodbye) == (State.SENT, [])


def test_what_is_no_address_fails_for_good(sink):
    email = queue(to=make_person("two@@example.org\n"))
    do(email)

    assert (email.state, email.failure) == (State.FAILED, "This is not an address to which an email can be sent.")


def test_no_address_at_all_is_no_success(sink):
    email = queue(to=make_person(""))
    do(email)

    assert (email.state, email.failure) == (State.FAILED, "There is no address to send it to.")


def test_nothing_is_sent_to_somebody_who_has_left(sink, email):
    email.to.left_on = NOW.date()
    email.to.save(update_fields=["left_on"])
    do(email)

    assert (email.state, email.failure) == (State.CANCELLED, "Whoever it was for has left.")
    assert sink.taken == []


def test_a_daily_digest_is_not_sent_on_another_day(sink):
    to = make_person("lea@example.org")
    row = sending.queue_email(to, Email.Kind.DAILY, f"daily:20260615:{to.pk}", {"late": 1}, now=NOW)
    work.do(row.job_id, now=NOW + timedelta(days=1))

    row.refresh_from_db()
    assert (row.state, row.failure) == (State.CANCELLED, "Its numbers are those of a day that is over.")
    assert sink.taken == []


def test_while_the_mail_server_is_away_one_email_asks_for_all(settings):
    settings.EMAIL_BACKEND = "rhi.delivery.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    first, *others = [queue(key=f"notices:{number}") for number in range(5)]
    do(first)

    jobs = {email.job_id for email in [first, *others]}
    assert jobs & set(sweep.sweep(now=NOW)) == set()
    assert {work.do(email.job_id, now=NOW) for email in others} == {None}
    assert set(Job.objects.filter(pk__in=jobs).values_list("next_try_at", flat=True)) == {NOW + MINUTE}


def test_a_recipient_at_whom_the_mail_server_breaks_off_holds_up_nobody_else(sink):
    bad, good, later = (queue(key=f"notices:{number}") for number in range(3))
    sink.at_recipient.append("drop")
    first = do(bad)

    assert first.next_try_at == NOW + MINUTE
    assert do(good).state == do(later).state == Job.State.DONE
    assert (len(sink.taken), bad.state) == (2, State.APPROVED)


def test_a_recipient_at_whom_it_always_breaks_off_is_given_up_after_a_day_though_others_are_answered(sink, email):
    tries, job = [], email.job
    while job.state != Job.State.DEAD:
        tries.append((job.next_try_at - NOW) // MINUTE)
        sink.at_recipient.append("drop")
        job = do(email, now=job.next_try_at)
        if len(tries) % 20 == 0:
            now = job.next_try_at - MINUTE
            do(queue(key=f"notices:{len(tries)}", to=email.to, now=now), now=now)

    assert tries[:8] == [0, 1, 2, 4, 8, 16, 26, 36]
    assert 24 * 60 <= tries[-1] < 24 * 60 + 11
    assert len(sink.taken) == len(tries) // 20


def test_a_mail_server_that_is_away_for_a_day_loses_nothing_and_is_shown_to_a_person(settings, email):
    settings.EMAIL_BACKEND = "rhi.delivery.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    tries, minutes = [], 0
    while not sweep.dead_count():
        for job in sweep.sweep(now=NOW + minutes * MINUTE):
            if job == email.job_id:
                tries.append(minutes)
                work.do(job, now=NOW + minutes * MINUTE)
        minutes += 1
    email.refresh_from_db()

    assert tries[:8] == [0, 1, 2, 4, 8, 16, 26, 36]
    assert tries[-1] >= 24 * 60
    assert (email.state, email.job.state) == (State.APPROVED, Job.State.DEAD)
