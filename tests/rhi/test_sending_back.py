"""Whoever reads a written-up form can send it back to whoever wrote it, with a reason that is hard to miss."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from rhi.actions.contradictions import Settled
from rhi.actions.outcomes_by_hand import record_held, record_outcomes
from rhi.actions.signing import SignOffRefused, send_back, sign_off, write_up
from rhi.models import Answer, Interview, Notice, SentBack, SubmittedForm
from rhi.questions.shapes import Situation
from routing.models import Referral
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.rhi.writing import answer_all, member, words

pytestmark = pytest.mark.django_db

HELD_AT = london("2026-05-13 10:00")
NOW = london("2026-05-14 09:00")
LATER = london("2026-05-14 15:00")
WHY = "Say who <else> was there.\nAnd when."


@pytest.fixture
def robin(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return member("robin.hale@example.org", "Robin Hale")


@pytest.fixture
def sam(robin):
    return member("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)


@pytest.fixture
def written_up(robin):
    """A referral whose interview Robin has written up."""
    referral = Referral.objects.get()
    record_held(referral, held_at=HELD_AT, method="face_to_face", by=robin, now=NOW)
    [cover] = referral.covered.all()
    settled = {cover.episode_id: Settled("completed", "")}
    record_outcomes(referral, settled=settled, although=True, by=robin, now=NOW)
    answer_all(referral, robin, Situation(held=True), at=NOW)
    write_up(referral, by=robin, now=NOW)
    return referral


def address(name, referral):
    return reverse(f"rhi:{name}", args=[referral.pk])


def test_the_form_opens_again_with_its_answers_and_the_writer_is_told(written_up, robin, sam):
    answers = Answer.objects.count()
    document = SubmittedForm.objects.get().document

    sent = send_back(written_up, because=WHY, by=sam, now=LATER)

    interview = Interview.objects.get()
    assert (interview.written_up_at, interview.written_up_by) == (None, None)
    assert Answer.objects.count() == answers
    assert SubmittedForm.objects.count() == 0
    assert (sent.document, sent.written_up_by, sent.written_up_at) == (document, robin, NOW)
    notice = Notice.objects.get(kind="sent_back")
    assert (notice.to, notice.by, notice.referral) == (robin, sam, written_up)
    assert notice.about == f"The interview that you wrote up on referral {written_up} was sent back. The form says why."
    line = AuditEvent.objects.get(type="sent_back")
    assert (line.by_email, line.children, line.detail) == (sam.email, ["C1"], {"referral": written_up.pk})


def test_the_clock_of_the_write_up_runs_on_until_it_is_written_up_anew(written_up, robin, sam):
    clock = written_up.deadlines.get(name="write_up")
    assert clock.met_at == NOW

    send_back(written_up, because=WHY, by=sam, now=LATER)
    clock.refresh_from_db()
    assert clock.met_at is None

    write_up(written_up, by=robin, now=LATER)
    clock.refresh_from_db()
    assert clock.met_at == LATER


def test_why_stands_on_the_form_until_it_is_written_up_again(client, written_up, robin, sam):
    send_back(written_up, because=WHY, by=sam, now=LATER)
    client.force_login(robin)
    page = client.get(address("form", written_up))

    assert "Sam Okoro sent this back" in words(page)
    assert "Say who &lt;else&gt; was there.<br>And when." in page.content.decode()

    write_up(written_up, by=robin, now=LATER)
    assert "sent this back" not in words(client.get(address("form", written_up)))


def test_the_timeline_keeps_that_it_was_written_up_sent_back_and_why(client, written_up, robin, sam):
    send_back(written_up, because=WHY, by=sam, now=LATER)
    client.force_login(robin)

    page = words(client.get(address("referral", written_up)))

    assert "Sent back" in page
    assert "Say who <else> was there. And when." in page
    assert "Written up" in page


def test_a_leader_sends_it_back_from_the_page_where_it_is_read(client, written_up, sam):
    client.force_login(sam)
    assert address("send_back", written_up) in client.get(address("sign_off", written_up)).content.decode()

    answer = client.post(address("send_back", written_up), {"because": "Say who else was there."})

    assert answer.headers["Location"] == address("referral", written_up)
    assert SentBack.objects.get().because == "Say who else was there."


def test_without_a_reason_nothing_is_sent_back(client, written_up, sam):
    client.force_login(sam)

    answer = client.post(address("send_back", written_up), {"because": " "})

    assert "Say why" in words(answer)
    assert SentBack.objects.count() == 0


def test_nobody_sends_back_to_themselves(client, written_up, robin):
    robin.role = Role.TEAM_LEADER
    robin.save(update_fields=["role"])
    client.force_login(robin)

    answer = client.post(address("send_back", written_up), {"because": WHY})

    assert "somebody else signs it off" in words(answer)
    assert "Say who" in words(answer)
    assert SentBack.objects.count() == 0


def test_the_database_knows_that_too(written_up, robin, sam):
    sent = send_back(written_up, because=WHY, by=sam, now=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        SentBack.objects.filter(pk=sent.pk).update(by=robin)


def test_what_is_signed_off_stays(written_up, sam):
    sign_off(written_up, by=sam, now=LATER)
    with pytest.raises(SignOffRefused, match="Sam Okoro has signed this interview off"):
        send_back(written_up, because=WHY, by=sam, now=LATER)


def test_what_is_not_written_up_is_not_sent_back(client, robin, sam):
    client.force_login(sam)

    answer = client.post(address("send_back", Referral.objects.get()), {"because": WHY})

    assert "has not been written up yet" in words(answer)


def test_what_a_record_brought_is_sent_back_to_nobody(written_up, sam):
    SubmittedForm.objects.all().delete()
    with pytest.raises(SignOffRefused, match="nobody to send it back to"):
        send_back(written_up, because=WHY, by=sam, now=LATER)
    assert Interview.objects.get().written_up_at == NOW


def test_a_caseworker_sends_nothing_back(client, written_up):
    other = member("nia.frost@example.org", "Nia Frost")
    client.force_login(other)

    assert client.post(address("send_back", written_up), {"because": WHY}).status_code == 404


def test_a_form_can_be_sent_back_twice(client, written_up, robin, sam):
    send_back(written_up, because="First", by=sam, now=LATER)
    write_up(written_up, by=robin, now=LATER)
    send_back(written_up, because="Second", by=sam, now=LATER)
    client.force_login(robin)

    page = words(client.get(address("form", written_up)))

    assert "Second" in page
    assert "First" not in page
