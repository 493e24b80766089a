"""A person's word on a letter that is uncertain or was refused; before it goes again, Notify is asked."""

from datetime import timedelta

import pytest

from jobs import work
from jobs.models import Job
from rhi.actions import sending
from rhi.models import Letter, Offer
from staff import audit
from staff.models import AuditEvent
from tests.records import NOW
from tests.rhi.delivery.conftest import PDF
from tests.staff.people import make_person

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db

State = Letter.State


def do(letter, *, now=NOW):
    """The letter's job, done once."""
    work.do(letter.job_id, now=now)
    letter.refresh_from_db()


def uncertain(notify, letter):
    notify.meets.append("drop")
    do(letter)
    assert letter.state == State.UNCERTAIN
    return letter


def test_a_person_says_that_it_went(notify, letter):
    person = make_person("alex@example.org", role="administrator")
    sending.settle(uncertain(notify, letter), went=True, by=person, now=NOW + HOUR)

    letter.refresh_from_db()
    assert (letter.state, letter.sent_at, letter.settled_by, letter.settled_at) == (
        *(State.SENT, NOW + HOUR, person, NOW + HOUR),
    )
    line = AuditEvent.objects.get(type=audit.Type.SENDING_SETTLED)
    assert (line.by_id, line.children, line.detail) == (person.pk, ["C1"], {"decision": "it went"})
    assert len(notify.posts) == 1


def test_a_person_has_it_sent_again_by_a_new_job(notify, letter):
    person = make_person("alex@example.org", role="administrator")
    earlier = uncertain(notify, letter).job
    sending.settle(letter, went=False, by=person, now=NOW + HOUR)
    letter.refresh_from_db()
    assert (letter.state, letter.settled_by) == (State.APPROVED, person)
    assert letter.job != earlier

    do(letter, now=NOW + HOUR)
    assert (letter.state, len(notify.letters), len(notify.posts)) == (State.SENT, 1, 2)


def test_a_letter_that_notify_has_after_all_is_not_sent_again_whatever_was_chosen(notify, letter):
    person = make_person("alex@example.org", role="administrator")
    uncertain(notify, letter)
    taken = notify.take(str(letter.reference), PDF)

    settled = sending.settle(letter, went=False, by=person, now=NOW + HOUR)
    assert (settled.state, settled.outside_id) == (State.SENT, taken["id"])
    assert Job.objects.exclude(state=Job.State.DONE).count() == 0


@pytest.mark.parametrize("meets", [500, 403, "drop"])
def test_a_letter_does_not_go_again_while_notify_cannot_be_asked(notify, letter, meets):
    person = make_person("alex@example.org", role="administrator")
    uncertain(notify, letter)
    notify.asking_meets = meets

    with pytest.raises(sending.SendingRefused, match="It is asked before a letter goes again"):
        sending.settle(letter, went=False, by=person, now=NOW + HOUR)
    letter.refresh_from_db()
    assert letter.state == State.UNCERTAIN


def test_what_is_settled_is_settled_once(notify, letter):
    person = make_person("alex@example.org", role="administrator")
    sending.settle(uncertain(notify, letter), went=True, by=person, now=NOW)

    with pytest.raises(sending.SendingRefused, match="meanwhile"):
        sending.settle(letter, went=False, by=person, now=NOW)
    assert Offer.objects.count() == 0
    assert AuditEvent.objects.filter(type=audit.Type.SENDING_SETTLED).count() == 1


def test_what_was_refused_is_sent_again_once_its_cause_is_mended(notify, letter):
    person = make_person("alex@example.org", role="administrator")
    notify.meets.append(403)
    do(letter)
    sending.send_again(letter, by=person, now=NOW + HOUR)
    letter.refresh_from_db()

    do(letter, now=NOW + HOUR)
    assert (letter.state, len(notify.letters)) == (State.SENT, 1)
    with pytest.raises(sending.SendingRefused, match="meanwhile"):
        sending.send_again(letter, by=person, now=NOW + HOUR)


def test_what_was_refused_is_left_at_that(notify, letter):
    person = make_person("alex@example.org", role="administrator")
    notify.meets.append(400)
    do(letter)
    sending.set_aside(letter, by=person, now=NOW + HOUR)

    letter.refresh_from_db()
    assert (letter.state, letter.settled_by) == (State.CANCELLED, person)
    with pytest.raises(sending.SendingRefused, match="meanwhile"):
        sending.set_aside(letter, by=person, now=NOW + HOUR)
