"""Writing an interview up, which locks its form, and signing it off, which somebody else does."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from rhi.actions import slips
from rhi.actions.contradictions import Settled
from rhi.actions.outcomes_by_hand import HeldRefused, record_held, record_outcomes
from rhi.actions.signing import RestsOnOther, SignOffRefused, WriteUpRefused, sign_off, write_up
from rhi.models import Answer, Interview, Outcome, SubmittedForm, TakenBack
from rhi.questions import SECTIONS
from rhi.questions.shapes import MAIN, Situation
from routing.models import Deadline, Referral
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.rhi.writing import answer_all
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

HELD_AT = london("2026-05-13 10:00")
NOW = london("2026-05-14 09:00")
TAUNTON = "Family Intervention Service: Taunton"


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


@pytest.fixture
def sam(referral):
    return member("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)


def member(email, name, role=Role.CASEWORKER):
    person = make_person(email, name, role)
    Membership.objects.create(user=person, team=Team.objects.get(name=TAUNTON))
    return person


def settle(referral, by, code, reason=""):
    [cover] = referral.covered.all()
    record_outcomes(referral, settled={cover.episode_id: Settled(code, reason)}, although=True, by=by, now=NOW)


@pytest.fixture
def held(referral, robin):
    """A referral whose interview was held and whose form lacks nothing."""
    record_held(referral, held_at=HELD_AT, method="face_to_face", by=robin, now=NOW)
    settle(referral, robin, "completed")
    answer_all(referral, robin, Situation(held=True), at=NOW)
    return referral


@pytest.fixture
def written_up(held, robin):
    write_up(held, by=robin, now=NOW)
    return held


def words(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def page_of(name, referral):
    return reverse(f"rhi:{name}", args=[referral.pk])


# Writing up


def test_a_form_with_every_required_answer_is_written_up(written_up, robin):
    interview = Interview.objects.get()

    assert (interview.written_up_at, interview.written_up_by) == (NOW, robin)
    line = AuditEvent.objects.get(type="written_up")
    assert (line.by_email, line.children, line.detail) == (
        "robin.hale@example.org",
        ["C1"],
        {"referral": written_up.pk},
    )


def test_writing_up_stops_its_clock(written_up):
    assert Deadline.objects.get(name="write_up").met_at == NOW


def test_the_document_keeps_questions_options_answers_and_facts_as_they_were(written_up):
    sections = {each["letter"]: each for each in SubmittedForm.objects.get().document["sections"]}

    assert [*sections] == list("ABCDEFGHIJKLMNOPQ")
    question = next(each for each in sections["H"]["questions"] if each["key"] == "alcohol")
    assert question["text"] == "Did you drink alcohol?"
    assert ["declined_to_say", "Declined to say"] in question["options"][MAIN]
    assert (question["value"], question["said"][0]["words"]) == ({"answer": "yes"}, ["Yes"])
    assert {"text": "Name", "value": "Robin Example"} in sections["B"]["facts"][0]["rows"]
    assert {"text": "Returned", "value": "Tue 12 May 2026, 07:00"} in sections["A"]["facts"][0]["rows"]


def test_the_record_shows_what_was_written_up_whatever_changes_later(client, written_up, robin):
    Answer.objects.filter(question="analysis").update(value={"answer": "Changed behind the form's back"})
    client.force_login(robin)

    page = words(client.get(page_of("record", written_up)))

    assert "Changed behind" not in page
    assert "Words for answer" in page
    assert "Not signed off yet." in page


def test_a_form_that_lacks_an_answer_is_refused(client, held, robin):
    Answer.objects.filter(question__in=["analysis", "alcohol"]).delete()
    with pytest.raises(WriteUpRefused, match="2 answers are still needed: Did you drink alcohol"):
        write_up(held, by=robin, now=NOW)
    client.force_login(robin)

    page = client.get(page_of("submit", held)).content.decode()

    assert f'href="{reverse("rhi:form_section", args=[held.pk, "while-missing"])}#question-alcohol"' in page
    assert f'href="{reverse("rhi:form_section", args=[held.pk, "your-analysis"])}#question-analysis"' in page


def test_a_form_is_not_written_up_before_every_episode_has_its_outcome(client, referral, robin):
    record_held(referral, held_at=HELD_AT, method="face_to_face", by=robin, now=NOW)
    answer_all(referral, robin, Situation(held=True), at=NOW)
    client.force_login(robin)

    response = client.post(page_of("submit", referral))

    assert "Record what became of every episode first." in words(response)
    assert "The outcome of the episode" in words(response)


@pytest.mark.clause("SOM-4.7")
@pytest.mark.clause("SUR-19")
def test_no_contact_is_written_up_and_signed_off_with_why_and_the_workers_view_of_the_risk(referral, robin, sam):
    settle(referral, robin, "no_contact", "no_answer")
    answer_all(referral, robin, Situation(), at=NOW)
    for needed in ("outcome_reason", "risk_level"):
        row = Answer.objects.get(question=needed)
        row.delete()
        with pytest.raises(WriteUpRefused, match="1 answer is still needed"):
            write_up(referral, by=robin, now=NOW)
        row.save(force_insert=True)

    write_up(referral, by=robin, now=NOW)
    sign_off(referral, by=sam, now=NOW)

    sections = SubmittedForm.objects.get().document["sections"]
    assert [each["letter"] for each in sections] == list("ABCDEMNOPQ")
    assert Interview.objects.get().signed_off_by == sam


def test_an_interview_is_written_up_once(client, written_up, robin):
    with pytest.raises(WriteUpRefused, match=r"Robin Hale has written this interview up, Thu 14 May, 09:00\."):
        write_up(written_up, by=robin, now=NOW)


def test_writing_up_is_three_pages_away_and_says_what_it_does(client, held, robin):
    client.force_login(robin)

    assert "Everything that is needed is answered." in words(client.get(page_of("submit", held)))
    assert client.post(page_of("submit", held)).headers["Location"] == page_of("form", held)
    assert "It waits to be signed off by a leader or coordinator." in words(client.get(page_of("form", held)))


def test_a_form_that_is_written_up_can_only_be_read(client, written_up, robin):
    client.force_login(robin)

    for section in SECTIONS:
        page = client.get(reverse("rhi:form_section", args=[written_up.pk, section.slug]))
        assert "This interview is written up, so its form can only be read." in words(page)
        assert 'name="shown"' not in page.content.decode()


def test_what_was_typed_stays_on_the_page_when_the_form_was_written_up_meanwhile(client, written_up, robin):
    client.force_login(robin)
    address = reverse("rhi:form_section", args=[written_up.pk, "your-analysis"])

    response = client.post(address, {"shown": "", "analysis": "A second thought"})

    assert "Robin Hale has written this interview up" in words(response)
    assert "A second thought" in words(response)
    assert Answer.objects.get(question="analysis").value == {"answer": "Words for answer"}


# Signing off


def test_a_leader_signs_off_what_somebody_else_wrote_up(client, written_up, sam):
    client.force_login(sam)
    assert "Words for answer" in words(client.get(page_of("sign_off", written_up)))

    response = client.post(page_of("sign_off", written_up), {"comment": "Clear and kind."})

    assert response.headers["Location"] == page_of("referral", written_up)
    interview = Interview.objects.get()
    assert (interview.signed_off_by, interview.sign_off_comment) == (sam, "Clear and kind.")
    assert AuditEvent.objects.get(type="signed_off").by_email == "sam.okoro@example.org"


def test_a_comment_may_be_left_out(client, written_up, sam):
    client.force_login(sam)

    client.post(page_of("sign_off", written_up))

    assert Interview.objects.get().signed_off_by == sam


def test_nobody_signs_off_what_they_wrote_up(client, held, sam):
    write_up(held, by=sam, now=NOW)
    client.force_login(sam)

    assert "You held it or wrote it up, so somebody else signs it off." in words(client.get(page_of("sign_off", held)))
    response = client.post(page_of("sign_off", held), {"comment": "Well done, me"})

    assert "You wrote this interview up, so somebody else signs it off." in words(response)
    assert Interview.objects.get().signed_off_at is None


def test_nobody_signs_off_what_they_held_although_somebody_else_wrote_it_up(client, held, robin, sam):
    write_up(held, by=sam, now=NOW)

    with pytest.raises(SignOffRefused, match="You held this interview, so somebody else signs it off"):
        sign_off(held, by=robin, now=NOW)


def test_the_database_refuses_it_too(written_up, robin):
    with pytest.raises(IntegrityError), transaction.atomic():
        Interview.objects.update(signed_off_by=robin, signed_off_at=NOW)


def test_what_is_not_written_up_is_not_signed_off(client, held, referral, sam):
    with pytest.raises(SignOffRefused, match="This interview has not been written up yet"):
        sign_off(held, by=sam, now=NOW)
    client.force_login(sam)

    assert "This interview has not been written up yet." in words(client.get(page_of("sign_off", held)))


def test_an_interview_is_signed_off_once(written_up, sam):
    sign_off(written_up, by=sam, now=NOW)

    with pytest.raises(SignOffRefused, match=r"Sam Okoro has signed this interview off, Thu 14 May, 09:00\."):
        sign_off(written_up, by=make_person("kim@example.org", "Kim"), now=NOW + timedelta(hours=1))


def test_a_caseworker_signs_nothing_off(client, written_up):
    client.force_login(member("nia.frost@example.org", "Nia Frost"))

    assert client.post(page_of("sign_off", written_up)).status_code == 404
    assert Interview.objects.get().signed_off_at is None


def test_the_record_names_who_signed_it_off_and_how_the_clocks_stand(client, written_up, sam):
    sign_off(written_up, comment="Clear and kind.", by=sam, now=NOW)
    client.force_login(sam)

    page = words(client.get(page_of("record", written_up)))

    assert "Signed off by Sam Okoro" in page
    assert "Comment Clear and kind." in page
    assert "Interview within 72 hours Met Wed 13 May, 10:00" in page


# When what it rests on changes


def refused_form(referral, by):
    """Nobody was reached; written up as that."""
    settle(referral, by, "no_contact", "no_answer")
    answer_all(referral, by, Situation(), at=NOW)
    write_up(referral, by=by, now=NOW)
    return Outcome.objects.get()


def take_back(referral, outcome, by):
    slips.take_back(referral, kind="outcome", record=outcome.pk, because="It was held", by=by, now=NOW)


def test_taking_the_outcome_back_opens_the_form_again_and_keeps_what_was_written(client, referral, robin):
    outcome = refused_form(referral, robin)
    client.force_login(robin)
    page = client.get(reverse("rhi:take_back", args=[referral.pk, "outcome", outcome.pk]))
    assert "Taking it back opens the form again" in words(page)
    answers = set(Answer.objects.values_list("question", flat=True))

    take_back(referral, outcome, robin)

    interview = Interview.objects.get()
    assert (interview.written_up_at, interview.written_up_by, "written_up_at" in interview.typed) == (None, None, False)
    assert set(Answer.objects.values_list("question", flat=True)) == answers
    kept = TakenBack.objects.get().record["written_up"]
    assert (kept["at"], kept["by_id"]) == ("2026-05-14T08:00:00+00:00", robin.pk)
    assert [each["letter"] for each in kept["document"]["sections"]] == list("ABCDEMNOPQ")
    assert AuditEvent.objects.get(type="taken_back").detail["opened_again"] is True


def test_after_that_it_is_recorded_as_held_written_up_anew_and_signed_off(client, referral, robin, sam):
    take_back(referral, refused_form(referral, robin), robin)
    record_held(referral, held_at=HELD_AT, method="face_to_face", by=robin, now=NOW)
    settle(referral, robin, "completed")
    client.force_login(robin)

    assert "These questions are asked when an interview was held." not in words(
        client.get(reverse("rhi:form_section", args=[referral.pk, "while-missing"]))
    )
    answer_all(referral, robin, Situation(held=True), at=NOW)
    write_up(referral, by=robin, now=NOW)
    sign_off(referral, by=sam, now=NOW)
    assert Interview.objects.get().signed_off_by == sam


def test_what_is_written_up_as_not_held_is_not_recorded_as_held(client, referral, robin):
    refused_form(referral, robin)
    Referral.objects.update(closed_at=None)  # as when another episode of it is put back

    with pytest.raises(HeldRefused, match="Robin Hale has written this up as an interview that was not held"):
        record_held(referral, held_at=HELD_AT, method="face_to_face", by=robin, now=NOW)
    client.force_login(robin)

    assert "Take an outcome back first" in words(client.get(page_of("record_held", referral)))


def test_while_an_episode_lacks_its_outcome_nothing_is_signed_off(client, written_up, sam):
    Outcome.objects.all().delete()
    with pytest.raises(SignOffRefused, match="An episode has no outcome"):
        sign_off(written_up, although=True, by=sam, now=NOW)
    client.force_login(sam)

    page = client.get(page_of("sign_off", written_up))

    assert "An episode has no outcome, so this cannot be signed off yet." in words(page)
    assert 'name="comment"' not in page.content.decode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda: Outcome.objects.update(code="part_completed", reason="interrupted"), "the outcome has changed"),
        (lambda: Interview.objects.update(held_at=HELD_AT - timedelta(hours=1)), "when the interview was held has"),
    ],
)
def test_what_has_changed_since_is_read_before_it_is_signed_off(client, written_up, sam, change, told):
    change()  # as a file does
    with pytest.raises(RestsOnOther, match=told):
        sign_off(written_up, by=sam, now=NOW)
    client.force_login(sam)
    assert told in words(client.get(page_of("sign_off", written_up)))

    asked = client.post(page_of("sign_off", written_up), {"comment": "Read."})
    assert "I have read what has changed" in words(asked)
    assert Interview.objects.get().signed_off_at is None

    assert client.post(page_of("sign_off", written_up), {"comment": "Read.", "although": "on"}).status_code == 302
    assert Interview.objects.get().signed_off_by == sam


def test_the_page_of_outcomes_says_whether_the_form_can_still_be_written(client, held, robin):
    client.force_login(robin)
    assert "The form can still be written up." in words(client.get(page_of("record_outcomes", held)))

    write_up(held, by=robin, now=NOW)

    assert "The form is written up and can only be read." in words(client.get(page_of("record_outcomes", held)))
