"""The form to be filled in by hand at a visit."""

import re

import pytest

from rhi.questions import sections_for
from rhi.questions.shapes import Situation
from tests.rhi.visiting.doing import page, read, trail
from tests.rhi.writing import words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

HELD = Situation(held=True)


def test_it_asks_every_question_of_a_held_interview_although_none_was_held(signed_in, referral):
    said = read(signed_in, "blank_form", referral)

    asked = [question for section in sections_for(HELD) for question in section.asked_in(HELD)]
    assert [question.text for question in asked if question.text not in said] == []


def test_options_are_boxes_to_tick_and_words_have_lines(signed_in, referral):
    html = signed_in.get(page("blank_form", referral)).content.decode()

    assert re.search(r'<ul class="rhi-blank__options[^"]*">\s*<li>Yes</li>\s*<li>No</li>', html)
    assert 'class="rhi-blank__lines rhi-blank__lines--long"' in html
    assert "<input" not in html.split('class="rhi-record')[1].split("</main>")[0]


def test_the_childs_own_words_are_marked(signed_in, referral):
    said = read(signed_in, "blank_form", referral)

    assert "what was going on before you left? The child’s account, in the child’s words" in said


def test_a_paper_gets_lost_so_it_names_nobody(signed_in, referral):
    said = read(signed_in, "blank_form", referral)

    assert f"Referral {referral}" in said
    assert "Robin Example" not in said
    assert referral.child.child_id not in said.split()


def test_the_name_is_on_it_where_somebody_asks_for_it(signed_in, referral):
    assert "Child Robin Example" in words(signed_in.get(page("blank_form", referral) + "?named=yes"))


def test_that_it_was_opened_is_on_the_trail(signed_in, referral):
    signed_in.get(page("blank_form", referral))

    assert [event.subject for event in trail("blank_form_printed")] == [f"routing.Referral:{referral.pk}"]


def test_somebody_of_another_team_does_not_find_it(client, referral):
    client.force_login(make_person())

    assert client.get(page("blank_form", referral)).status_code == 404
