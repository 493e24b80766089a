"""The 120 fields of the form: each is reached, saved, shown again and printed, for every outcome that asks it."""

import csv
import re
from html import unescape
from pathlib import Path

import pytest
from django.urls import reverse

from rhi.actions.form_facts import case_of
from rhi.models import Answer, SubmittedForm
from rhi.questions import SECTIONS, sections_for
from tests.rhi.form_proofs.cases import OUTCOMES, answer, as_sent, case, in_print, turns
from tests.rhi.matrix.world import undone
from tests.rhi.replay.browsing import forms_of
from tests.rhi.writing import address, save

pytestmark = pytest.mark.django_db

LISTED = [
    row["key"]
    for row in csv.DictReader(
        (Path(__file__).resolve().parents[3] / "docs" / "form-fields.csv").read_text(encoding="utf-8").splitlines()
    )
]
#: What the records say and nobody types. Beside some a question stands too: those are asked as well.
FACTS = {
    *("episode_ref", "police_ref", "episode_type", "last_seen_at", "reported_at", "police_risk", "missing_from"),
    *("returned_at", "returned_at_quality", "service_notified_at", "notified_via", "found_how", "linked_episodes"),
    *("child_name", "child_id", "dob", "sex_gender", "ethnicity", "language_interpreter", "legal_status_group"),
    *("responsible_la", "placement_location", "host_la", "allocated_worker", "uasc", "episodes_90d"),
    *("rhi_required", "route_rule", "allocated_team", "allocated_to", "allocated_at"),
    *("attempt_at", "attempt_out_of_hours", "attempt_method", "attempt_target", "attempt_result", "attempt_note"),
    *("offered_at", "offer_route", "offer_to_parent_at", "child_response", "outcome"),
    *("interview_at", "interview_method", "trigger_review"),
    *("written_up_at", "manager", "signed_off_at", "clock_result", "amendments"),
}


def plain(response):
    """The words of a page, each space once, whatever quotation marks stand around them."""
    html = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def shown_again(response):
    """What stands in the form of a section's page."""
    return next(form for form in forms_of(response) if "shown" in form)


def standing(sent):
    return {name: [value] if isinstance(value, str) else value for name, value in sent.items()}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_an_outcome_asks_is_reached_saved_shown_again_and_printed(client, tmp_path, outcome):
    referral, worker = case(tmp_path, outcome)
    situation = case_of(referral).situation
    client.force_login(worker)
    answered = {}
    for section in sections_for(situation):
        asked = section.asked_in(situation)
        page = client.get(address(referral, section.letter))
        assert page.status_code == 200
        reached = re.findall(r'id="question-(\w+)"', page.content.decode())
        assert reached == [question.key for question in asked]
        values = {question.key: answer(question) for question in asked}
        if not values:
            continue
        sent = {name: each for question in asked for name, each in as_sent(question, values[question.key]).items()}
        saved = save(client, referral, section.letter, sent)
        assert saved.status_code == 302, plain(saved)
        found = shown_again(client.get(address(referral, section.letter)))
        assert {name: found.get(name) for name in sent} == standing(sent)
        answered |= {question: values[question.key] for question in asked}
    assert {row.question: row.value for row in Answer.objects.all()} == {
        question.key: value for question, value in answered.items()
    }

    submitted = client.post(reverse("rhi:submit", args=[referral.pk]))

    assert submitted.status_code == 302, plain(submitted)
    printed = plain(client.get(reverse("rhi:record", args=[referral.pk])))
    assert "Draft." not in printed
    for question, value in answered.items():
        assert question.text in printed
        for line in in_print(question, value):
            assert line in printed, question.key
    kept = SubmittedForm.objects.get().document["sections"]
    assert {each["key"]: each["value"] for page in kept for each in page["questions"]} == {
        question.key: value for question, value in answered.items()
    }


@pytest.mark.parametrize(
    ("outcome", "letter"),
    [("declined by the child", "E"), ("declined by the child", "M"), ("no contact", "E")]
    + [("completed, looked after and missing before", each.letter) for each in SECTIONS if each.letter not in "DQ"],
)
def test_every_option_is_saved_shown_again_and_printed(client, tmp_path, outcome, letter):
    referral, worker = case(tmp_path, outcome)
    situation = case_of(referral).situation
    section = next(section for section in SECTIONS if section.letter == letter)
    asked = {question: turns(question) for question in section.asked_in(situation)}
    client.force_login(worker)
    for turn in range(max(map(len, asked.values()), default=0)):
        values = {question: mine[turn % len(mine)] for question, mine in asked.items()}
        sent = {name: each for question, value in values.items() for name, each in as_sent(question, value).items()}

        saved = save(client, referral, letter, sent)

        assert saved.status_code == 302, plain(saved)
        found = shown_again(client.get(address(referral, letter)))
        assert {name: found.get(name) for name in sent} == standing(sent)
        printed = plain(client.get(reverse("rhi:record", args=[referral.pk])))
        for question, value in values.items():
            for line in in_print(question, value):
                assert line in printed, question.key


def test_every_field_of_the_list_is_asked_or_said_by_the_records():
    asked = {key for section in SECTIONS for each in section.questions if each.typed for key in each.keys}

    assert len(LISTED) == 120
    assert set(LISTED) == asked | FACTS


def test_the_outcomes_ask_every_question_that_there_is(tmp_path):
    asked = set()
    for number, outcome in enumerate(OUTCOMES):
        with undone():
            referral, _ = case(tmp_path / str(number), outcome)
            situation = case_of(referral).situation
            asked |= {each.key for section in sections_for(situation) for each in section.asked_in(situation)}

    assert asked == {each.key for section in SECTIONS for each in section.questions if each.typed}
