"""The administrator's page of the work in the background: everything that waits for a word, and nothing of any case."""

import logging
from datetime import timedelta

import pytest
from django.urls import reverse

from jobs import claims, handover, sweep, work
from jobs.models import Hold, Job
from rhi.actions import letters, sending
from rhi.models import Email, Letter, Offer
from routing.models import Allocation
from staff import audit
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import NOW
from tests.rhi.case_work import case
from tests.rhi.delivery.conftest import PDF, queue
from tests.staff.people import make_person, now

MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db

State = Email.State


@pytest.fixture
def administrator(client):
    person = make_person("alex@example.org", "Alex Brand", role=Role.ADMINISTRATOR)
    client.force_login(person)
    return person


def words(response):
    return " ".join(response.content.decode().split())


def page(client):
    response = client.get(reverse("rhi:background"))
    assert response.status_code == 200
    return words(response)


def given_up(*, at=NOW):
    """A job that was given up after its last attempt."""
    email = queue(key=f"notices:{Email.objects.count()}", now=at)
    Job.objects.filter(pk=email.job_id).update(
        state=Job.State.DEAD, attempts=3, reason="The mail server does not answer.", finished_at=at
    )
    return email.job


def in_state(state, **fields):
    email = queue(key=f"notices:{Email.objects.count()}")
    Email.objects.filter(pk=email.pk).update(state=state, sending_since=NOW, failure="The line went dead.", **fields)
    email.refresh_from_db()
    return email


def test_with_nothing_to_settle_the_page_says_so(client, administrator):
    shown = page(client)

    for sentence in ("Nothing waits", "Everything that was handed over was answered.", "Nothing has been given up."):
        assert sentence in shown


def test_a_job_that_was_given_up_is_shown_with_its_reason_and_tried_again(client, administrator):
    job = given_up()
    shown = page(client)
    assert "Send an email to a member of staff." in shown
    assert "The mail server does not answer." in shown

    assert client.post(reverse("rhi:background"), {"do": "retry", "job": job.pk}).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.attempts, job.finished_at) == (Job.State.WAITING, 0, None)
    line = AuditEvent.objects.get(type=audit.Type.JOB_TRIED_AGAIN)
    assert (line.by_id, line.subject) == (administrator.pk, f"jobs.Job:{job.pk}")


def test_a_job_that_was_given_up_is_set_aside_and_no_longer_counted(client, administrator):
    job = given_up()
    client.post(reverse("rhi:background"), {"do": "set_aside", "job": job.pk})

    job.refresh_from_db()
    assert (job.state, sweep.dead_count()) == (Job.State.SET_ASIDE, 0)
    assert AuditEvent.objects.get(type=audit.Type.JOB_SET_ASIDE).by_id == administrator.pk


@pytest.mark.parametrize("do", ["retry", "set_aside"])
def test_what_somebody_else_has_dealt_with_is_told(client, administrator, do):
    job = given_up()
    claims.retry(job, by=administrator, now=now())

    answer = client.post(reverse("rhi:background"), {"do": do, "job": job.pk})
    assert f"Somebody has dealt with job {job.pk} meanwhile." in words(answer)
    assert AuditEvent.objects.filter(type__in=[audit.Type.JOB_TRIED_AGAIN, audit.Type.JOB_SET_ASIDE]).count() == 1


@pytest.mark.parametrize("sent", [{}, {"do": "retry"}, {"do": "explode"}, {"do": "retry", "job": 987}])
def test_what_is_no_button_of_the_page_changes_nothing(client, administrator, sent):
    job = given_up()
    answer = client.post(reverse("rhi:background"), sent)

    assert "There is a problem" in words(answer)
    job.refresh_from_db()
    assert job.state == Job.State.DEAD


def test_a_job_of_an_earlier_version_is_shown_without_its_action(client, administrator):
    job = given_up()
    Job.objects.filter(pk=job.pk).update(name="rhi.actions.sending.sent_by_pigeon")

    assert "Something that this version of the program does not do any more." in page(client)


def test_while_everything_is_held_the_page_says_why_and_releases_it(client, administrator):
    Hold.objects.create(pk=1, since=NOW, because="A backup was restored.")
    email = queue()
    assert "A backup was restored." in page(client)
    assert sweep.sweep(now=NOW) == []
    assert work.do(email.job_id, now=NOW) is None

    client.post(reverse("rhi:background"), {"do": "release"})
    assert email.job_id in sweep.sweep(now=NOW)
    line = AuditEvent.objects.get(type=audit.Type.HOLD_RELEASED)
    assert (line.by_id, line.detail["because"]) == (administrator.pk, "A backup was restored.")


def test_what_is_released_is_released_once(client, administrator):
    answer = client.post(reverse("rhi:background"), {"do": "release"})

    assert "Somebody has released the work meanwhile." in words(answer)
    assert AuditEvent.objects.filter(type=audit.Type.HOLD_RELEASED).count() == 0


@pytest.mark.parametrize(
    ("state", "answer", "then", "decision"),
    [
        (State.UNCERTAIN, "went", State.SENT, "it went"),
        (State.UNCERTAIN, "again", State.APPROVED, "send again"),
        (State.FAILED, "again", State.APPROVED, "send again"),
        (State.FAILED, "leave", State.CANCELLED, "set aside"),
    ],
)
def test_what_was_sent_or_not_is_settled(client, administrator, state, answer, then, decision):
    email = in_state(state)
    address = reverse("rhi:settle_sending", args=[email.reference])
    assert address in page(client)
    assert "The line went dead." in words(client.get(address))

    assert client.post(address, {"answer": answer}).status_code == 302
    earlier = email.job_id
    email.refresh_from_db()
    assert (email.state, email.settled_by) == (then, administrator)
    assert (email.job_id != earlier) is (then == State.APPROVED)
    assert AuditEvent.objects.get(type=audit.Type.SENDING_SETTLED).detail == {"decision": decision}
    assert "Settled last" in page(client)
    assert "Alex Brand" in page(client)


@pytest.mark.parametrize(
    ("state", "answer"), [(State.UNCERTAIN, "leave"), (State.FAILED, "went"), (State.UNCERTAIN, "")]
)
def test_what_does_not_fit_is_asked_again(client, administrator, state, answer):
    email = in_state(state)
    response = client.post(reverse("rhi:settle_sending", args=[email.reference]), {"answer": answer})

    assert response.status_code == 200
    email.refresh_from_db()
    assert email.state == state


def test_what_is_settled_already_can_no_longer_be(client, administrator):
    email = in_state(State.SENT, sent_at=NOW)
    response = client.post(reverse("rhi:settle_sending", args=[email.reference]), {"answer": "again"})

    assert "There is nothing to settle here any more." in words(response)
    email.refresh_from_db()
    assert email.state == State.SENT


def test_a_letter_that_notify_turns_out_to_have_is_not_sent_again(client, administrator, notify, letter):
    Letter.objects.filter(pk=letter.pk).update(state=State.UNCERTAIN, sending_since=now(), failure="Nobody knows.")
    notify.take(str(letter.reference), PDF)
    address = reverse("rhi:settle_sending", args=[letter.reference])
    assert "GOV.UK Notify is asked whether it has it" in words(client.get(address))

    answer = client.post(address, {"answer": "again"}, follow=True)
    assert "GOV.UK Notify has the letter, so it went and is not sent again." in words(answer)
    letter.refresh_from_db()
    assert letter.state == State.SENT


def test_a_letter_waits_while_notify_cannot_be_asked(client, administrator, notify, letter):
    Letter.objects.filter(pk=letter.pk).update(state=State.UNCERTAIN, sending_since=now(), failure="Nobody knows.")
    notify.asking_meets = 500

    answer = client.post(reverse("rhi:settle_sending", args=[letter.reference]), {"answer": "again"})
    assert "It is asked before a letter goes again. Try again later." in words(answer)


def test_an_old_letter_is_not_said_to_be_known(client, administrator, notify, letter):
    Letter.objects.filter(pk=letter.pk).update(
        state=State.UNCERTAIN, sending_since=now() - sending.SURELY_KNOWN, failure="Nobody knows."
    )

    shown = words(client.get(reverse("rhi:settle_sending", args=[letter.reference])))
    assert "may have forgotten a letter of more than 3 days ago" in shown


def test_nothing_of_a_case_stands_on_these_pages(client, administrator, notify, letter):
    for state in (State.UNCERTAIN, State.FAILED):
        Letter.objects.filter(pk=letter.pk).update(
            state=state, sending_since=NOW, failure="Nobody knows.", settled_by=administrator, settled_at=NOW
        )
        shown = page(client) + words(client.get(reverse("rhi:settle_sending", args=[letter.reference])))
        assert "Letter by GOV.UK Notify" in shown
        for word in (letter.addressee, "Robin", "Example", "C1", "Somebody asked", *letter.address):
            assert word not in shown, word


def test_a_printed_letter_is_no_administrators_affair(client, administrator, letter):
    Letter.objects.filter(pk=letter.pk).update(
        state=State.FAILED, failure="Nobody knows.", channel=Letter.Channel.PRINT
    )

    assert client.get(reverse("rhi:settle_sending", args=[letter.reference])).status_code == 404


def test_a_printed_letter_in_doubt_is_said_to_wait_for_whoever_is_on_the_case(client, administrator, letter):
    said = "Besides, of 1 printed letter nobody knows whether it was posted."
    assert said not in page(client)

    Letter.objects.filter(pk=letter.pk).update(
        state=State.UNCERTAIN, failure="Restored.", sending_since=NOW, channel=Letter.Channel.PRINT
    )

    assert said in page(client)


def test_open_referrals_of_which_nobody_at_all_can_be_told_are_counted_by_team_with_the_way_to_name_a_leader(
    client, administrator, tmp_path
):
    assert "nobody at all to tell" not in page(client)
    north, south = (Team.objects.create(name=name) for name in ("North", "South"))
    lying = [case(tmp_path, number) for number in (1, 2, 3)]
    Allocation.objects.update(team=north, worker=None)
    Allocation.objects.filter(referral=lying[0]).update(team=south)

    shown = page(client)
    assert "Open referrals with nobody at all to tell" in shown
    for team, number in ((north, 2), (south, 1)):
        assert f'href="{reverse("rhi:team", args=[team.pk])}">{team.name}</a>: {number}' in shown
    assert "Robin" not in shown

    Membership.objects.create(user=make_person("lea@example.org", "Lea", role=Role.TEAM_LEADER), team=north)
    assert ">North</a>" not in page(client)
    assert ">South</a>: 1" in page(client)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_is_on_it(
    client, administrator, tmp_path, django_assert_num_queries, rows
):
    for number in range(1, rows + 1):
        case(tmp_path, number)
        given_up()
        in_state(State.UNCERTAIN)
        in_state(State.FAILED, settled_by=administrator, settled_at=NOW)
    client.get(reverse("rhi:background"))

    with django_assert_num_queries(24):
        client.get(reverse("rhi:background"))


# Called by Notify


def call(client, reference, given="a token of tests", **more):
    return client.post(
        reverse("rhi:letter_returned"),
        {"reference": str(reference), "notification_id": "x", "sent_by": "somebody@example.org", **more},
        content_type="application/json",
        headers={"authorization": f"Bearer {given}"},
    )


def test_notify_says_that_a_letter_came_back(client, settings, letter):
    settings.NOTIFY_CALLBACK_TOKEN = "a token of tests"
    work.do(letter.job_id, now=NOW)

    assert call(client, letter.reference).status_code == 204
    letter.refresh_from_db()
    assert letter.returned_at is not None


@pytest.mark.parametrize("died_while", ["it was posted", "nobody knows"])
def test_a_letter_in_doubt_that_comes_back_has_gone_and_its_address_is_blocked(client, settings, offering, died_while):
    settings.NOTIFY_CALLBACK_TOKEN = "a token of tests"
    state = State.SENDING if died_while == "it was posted" else State.UNCERTAIN
    Letter.objects.filter(pk=offering.pk).update(state=state, sending_since=NOW, failure="Nobody knows.")

    assert call(client, offering.reference).status_code == 204
    assert call(client, offering.reference).status_code == 204

    offering.refresh_from_db()
    assert (offering.state, offering.sent_at, offering.failure) == (State.SENT, NOW, "")
    assert offering.returned_at is not None
    assert Offer.objects.count() == 0
    assert AuditEvent.objects.filter(type=audit.Type.LETTER_RETURNED).count() == 1
    assert handover.uncertain_count() == 0
    again = Letter.objects.create(
        **{name: getattr(offering, name) for name in ("child", "referral", "interview", "to", "approved_by")},
        state=State.PROPOSED,
        kind="signposting",
        because="Asked.",
        proposed_at=NOW,
        proposed_by=offering.approved_by,
    )
    assert [why for why in letters.blocks(again, now=now()) if "came back on" in why] != []


@pytest.mark.parametrize("state", [State.APPROVED, State.FAILED, State.CANCELLED])
def test_of_a_letter_that_is_known_not_to_have_gone_it_is_only_noted(client, settings, letter, caplog, state):
    settings.NOTIFY_CALLBACK_TOKEN = "a token of tests"
    Letter.objects.filter(pk=letter.pk).update(state=state, failure="Refused.")

    with caplog.at_level(logging.WARNING):
        call(client, letter.reference)
    assert "which did not go from here" in caplog.text
    letter.refresh_from_db()
    assert (letter.state, letter.returned_at) == (state, None)


@pytest.mark.parametrize(("expected", "given"), [("a token of tests", "another"), ("a token of tests", ""), ("", "")])
def test_without_the_token_nobody_is_believed(client, settings, letter, expected, given):
    settings.NOTIFY_CALLBACK_TOKEN = expected
    work.do(letter.job_id, now=NOW)

    assert call(client, letter.reference, given).status_code == 404
    letter.refresh_from_db()
    assert letter.returned_at is None


def test_a_letter_that_did_not_go_from_here_is_only_noted(client, settings, letter, caplog):
    settings.NOTIFY_CALLBACK_TOKEN = "a token of tests"

    with caplog.at_level(logging.WARNING):
        assert call(client, letter.reference).status_code == 204
    assert "which did not go from here" in caplog.text
    assert AuditEvent.objects.filter(type=audit.Type.LETTER_RETURNED).count() == 0


@pytest.mark.parametrize("reference", ["not a reference", ""])
def test_what_cannot_be_read_is_refused(client, settings, reference):
    settings.NOTIFY_CALLBACK_TOKEN = "a token of tests"

    assert call(client, reference).status_code == 400
