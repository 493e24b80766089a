"""What was written up prints the same for ever, whatever becomes of the questions meanwhile."""

from dataclasses import replace

import pytest
from django.urls import reverse

from rhi.actions import form_document, form_facts, signing
from rhi.actions.form_facts import case_of
from rhi.models import Answer
from rhi.questions import SECTIONS
from rhi.questions.shapes import Question
from tests.rhi.form_proofs.cases import answer, case
from tests.staff.people import now

pytestmark = pytest.mark.django_db


def reworded(part):
    """A part with other words, and other options under the codes that there were."""
    options = tuple(replace(option, words=f"Now: {option.words}") for option in part.options[1:])
    return replace(part, text=f"Changed: {part.text}", options=options)


def another(question):
    parts, columns = (tuple(map(reworded, each)) for each in (question.parts, question.columns))
    return replace(question, text=f"Asked otherwise: {question.text}", parts=parts, columns=columns)


def otherwise(section):
    """The section as it may stand some years on: everything reworded, one question gone, a new one first."""
    new = Question(f"new_{section.letter}", "A question that nobody has heard of")
    return replace(section, title=f"Renamed: {section.title}", questions=(new, *map(another, section.questions[1:])))


@pytest.fixture
def changed(monkeypatch):
    """Let the questions be others than they are: `changed()`. They are data, declared once and read from here."""

    def change():
        later = tuple(map(otherwise, SECTIONS))
        monkeypatch.setattr(form_document, "SECTIONS", later)
        words = {question.key: question.text for section in later for question in section.questions}
        monkeypatch.setattr(form_facts, "WORDS", words)

    return change


def record(client, referral):
    """The record, to the byte: all of it but who prints it and when."""
    html = client.get(reverse("rhi:record", args=[referral.pk])).content.decode()
    return html[html.index('<div class="rhi-record">') : html.index("rhi-record__marking--foot")]


@pytest.mark.parametrize("outcome", ["completed, looked after and missing before", "declined by the child"])
def test_a_record_prints_the_same_after_questions_options_and_texts_have_changed(client, tmp_path, changed, outcome):
    referral, worker = case(tmp_path, outcome)
    situation = case_of(referral).situation
    interview = referral.interviews.get()
    for section in SECTIONS:
        for question in section.asked_in(situation):
            own = {"child": referral.child, "value": answer(question), "by": worker, "at": now()}
            Answer.objects.update_or_create(interview=interview, question=question.key, defaults=own)
    client.force_login(worker)

    signing.write_up(referral, by=worker, now=now())
    before = record(client, referral)
    assert "Written up" in before

    changed()

    assert record(client, referral) == before


def test_while_it_is_a_draft_it_follows_the_questions(client, tmp_path, changed):
    referral, worker = case(tmp_path, "no contact")
    client.force_login(worker)
    assert "Asked otherwise" not in record(client, referral)

    changed()

    assert "Asked otherwise" in record(client, referral)
