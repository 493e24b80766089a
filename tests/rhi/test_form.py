"""The interview's form in a browser: its sections, saving, and two people at once."""

import re

import pytest
from django.urls import reverse

from rhi.models import Answer, Interview
from routing.models import Referral
from staff.models import AuditEvent
from tests.records import bring, child, episode, publish
from tests.rhi.writing import SLUGS, address, hold, member, save, shown, stored, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


# Answering


@pytest.mark.parametrize("letter", list(SLUGS))
def test_every_section_has_its_page(client, referral, robin, letter):
    hold(referral, robin)
    client.force_login(robin)

    response = client.get(address(referral, letter))

    assert response.status_code == 200
    assert response.templates[0].name == "rhi/form_section.html"


def test_a_section_that_nobody_has_declared_is_not_there(client, referral, robin):
    client.force_login(robin)

    assert client.get(reverse("rhi:form_section", args=[referral.pk, "no-such-section"])).status_code == 404


def test_answers_are_kept_as_they_were_given(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    answers = {
        "child_own_account": "We argued.\r\nI left.",
        "thinks_was_missing": "no",
        "push_factors": ["bullying", "other"],
        "push_factors__detail": "“They” never listen & shout",
        "worry_at_home_or_placement__instead": ["not_asked"],
    }
    response = save(client, referral, "G", answers)

    assert response.headers["Location"] == address(referral, "G")
    assert {key: value for key, value in stored().items() if key != "interview_place"} == {
        "child_own_account": {"answer": "We argued.\nI left."},
        "thinks_was_missing": {"answer": "no"},
        "push_factors": {"answer": ["bullying", "other"], "detail": "“They” never listen & shout"},
        "worry_at_home_or_placement": {"instead": ["not_asked"]},
    }


def test_tables_keep_the_rows_that_were_filled_in(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    save(client, referral, "H", {"who_with__0__name": "Jay", "who_with__0__age": "16", "who_with__3__name": "Lu"})

    assert stored()["who_with"] == {"rows": [{"name": "Jay", "age": "16"}, {"name": "Lu"}]}
    page = client.get(address(referral, "H")).content.decode()
    assert 'value="Lu"' in page


def test_the_way_there_and_the_way_back_are_kept_apart(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    save(client, referral, "H", {"travel__there": ["train"], "travel__back": ["someone_s_car"]})

    assert stored()["travel"] == {"there": ["train"], "back": ["someone_s_car"]}


def test_dates_are_kept_as_days_and_shown_as_they_are_written_here(client, referral, robin):
    client.force_login(robin)

    save(client, referral, "O", {"actions__0__action_type": "camhs", "actions__0__action_due": "1/6/2026"})

    assert stored()["actions"] == {"rows": [{"action_type": "camhs", "action_due": "2026-06-01"}]}
    assert 'value="01/06/2026"' in client.get(address(referral, "O")).content.decode()


def test_saving_and_going_on_leads_to_the_next_section(client, referral, robin):
    client.force_login(robin)

    response = save(client, referral, "N", {"analysis": "An argument at home."}, on="yes")

    assert response.headers["Location"] == address(referral, "O")


def test_an_emptied_answer_is_cleared(client, referral, robin):
    client.force_login(robin)
    save(client, referral, "N", {"analysis": "An argument at home."})

    save(client, referral, "N", {"analysis": ""})

    assert stored() == {"analysis": {}}


def test_where_it_was_held_is_not_asked_twice(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    page = client.get(address(referral, "F")).content.decode()

    assert re.search(r'name="interview_place"[^>]*value="home"\s+checked', page)
    assert 'value="Robin Hale"' in page


def test_saving_names_the_questions_on_the_trail_and_never_what_was_said(client, referral, robin):
    client.force_login(robin)

    save(client, referral, "N", {"analysis": "An argument at home.", "protective_factors": "A good school."})

    line = AuditEvent.objects.get(type="form_saved")
    assert (line.by_email, line.children) == ("robin.hale@example.org", ["C1"])
    assert line.detail == {"referral": referral.pk, "section": "N", "questions": ["analysis", "protective_factors"]}


def test_saving_what_stands_there_changes_nothing(client, referral, robin):
    client.force_login(robin)
    save(client, referral, "N", {"analysis": "An argument at home."})

    save(client, referral, "N", {"analysis": "An argument at home."})

    assert Answer.objects.get().revision == 1
    assert AuditEvent.objects.filter(type="form_saved").count() == 1


# What cannot be


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"alcohol": "a lot"}, "Choose from the list"),
        ({"where_slept": ["vehicle", "not_asked"]}, "Choose “Not asked” or other answers, not both"),
        ({"activities": "Walked", "activities__instead": ["not_asked"]}, "Either leave this empty"),
        ({"activities": "x" * 20_001}, "This is longer than 20,000 characters"),
        ({"activities": "a\x00b"}, "There is an invisible character in this"),
    ],
)
def test_what_contradicts_itself_is_refused_and_the_rest_is_kept(client, referral, robin, answers, error):
    hold(referral, robin)
    client.force_login(robin)

    response = save(client, referral, "H", {"drugs__detail": "Two pills, from Jay", **answers})

    assert response.status_code == 200
    assert error in words(response)
    assert "Two pills, from Jay" in response.content.decode()
    assert stored()["drugs"] == {"detail": "Two pills, from Jay"}


@pytest.mark.parametrize(
    "seen",
    ["", "analysis", "analysis:x:y:z", "analysis:1:2:3:4", ":::", "analysis:99999999999999:a:1", "é:²:b:0", "\x00"],
)
def test_a_page_that_was_tampered_with_saves_or_asks_and_never_breaks(client, referral, robin, seen):
    client.force_login(robin)

    response = save(client, referral, "N", {"analysis": "Mine"}, seen=seen)

    assert response.status_code == 302
    assert stored() == {"analysis": {"answer": "Mine"}}


def test_keys_of_other_sections_and_unknown_ones_are_not_taken(client, referral, robin):
    client.force_login(robin)

    save(
        client,
        referral,
        "N",
        {"alcohol": "yes", "nonsense": "1", "analysis": "Mine"},
        seen="alcohol:0:x:1 nonsense:0:x:0",
    )

    assert stored() == {"analysis": {"answer": "Mine"}}


def test_nothing_that_was_typed_can_become_markup(client, referral, robin):
    client.force_login(robin)
    save(client, referral, "N", {"analysis": "<script>alert(1)</script>"})

    for name in ("rhi:record", "rhi:form"):
        assert "<script>alert" not in client.get(reverse(name, args=[referral.pk])).content.decode()
    assert "<script>alert" not in client.get(address(referral, "N")).content.decode()


# Two people in one form


@pytest.fixture
def nia(referral):
    return member("nia.frost@example.org", "Nia Frost")


def test_two_who_answer_different_questions_both_keep_their_answers(client, referral, robin, nia):
    client.force_login(robin)
    seen = shown(client.get(address(referral, "N")))
    client.force_login(nia)
    save(client, referral, "N", {"protective_factors": "Nia's words"})
    client.force_login(robin)

    response = save(client, referral, "N", {"analysis": "Robin's words", "protective_factors": ""}, seen=seen)

    assert response.status_code == 302
    assert stored() == {"analysis": {"answer": "Robin's words"}, "protective_factors": {"answer": "Nia's words"}}


@pytest.fixture
def both_answered(client, referral, robin, nia):
    """Robin saves an answer that Nia has given since Robin opened the page; answers the page that Robin gets."""
    client.force_login(robin)
    seen = shown(client.get(address(referral, "N")))
    client.force_login(nia)
    save(client, referral, "N", {"analysis": "Nia's words"})
    client.force_login(robin)
    return save(client, referral, "N", {"analysis": "Robin's words", "protective_factors": "Friends"}, seen=seen)


def test_of_one_question_answered_by_two_both_versions_are_shown_and_neither_is_lost(both_answered):
    page = words(both_answered)

    assert both_answered.status_code == 200
    assert "Nia Frost has answered this since you opened the page" in page
    assert "Nia's words" in page
    assert "Robin's words" in page
    assert "Choose which answer to “Summary and analysis” stands" in page
    assert stored() == {"analysis": {"answer": "Nia's words"}, "protective_factors": {"answer": "Friends"}}


def test_without_a_choice_between_two_versions_it_is_asked_again(client, referral, both_answered):
    again = save(
        client, referral, "N", {"analysis": "Robin's words", "protective_factors": "Friends"}, seen=shown(both_answered)
    )

    assert again.status_code == 200
    assert "Choose which answer" in words(again)
    assert stored()["analysis"] == {"answer": "Nia's words"}


@pytest.mark.parametrize(("choice", "stands"), [("mine", "Robin's words"), ("theirs", "Nia's words")])
def test_the_version_that_was_chosen_stands(client, referral, both_answered, choice, stands):
    answers = {"analysis": "Robin's words", "protective_factors": "Friends", "keep__analysis": choice}

    response = save(client, referral, "N", answers, seen=shown(both_answered))

    assert response.status_code == 302
    assert stored()["analysis"] == {"answer": stands}


def test_a_third_version_that_came_meanwhile_is_asked_about_too(client, referral, both_answered, robin, nia):
    client.force_login(nia)
    save(client, referral, "N", {"analysis": "Nia's second thought"})
    client.force_login(robin)

    answers = {"analysis": "Robin's words", "protective_factors": "Friends", "keep__analysis": "mine"}
    response = save(client, referral, "N", answers, seen=shown(both_answered))

    assert response.status_code == 200
    assert "Nia's second thought" in words(response)
    assert stored()["analysis"] == {"answer": "Nia's second thought"}


def test_what_was_typed_is_kept_when_a_colleague_says_meanwhile_that_there_was_no_interview(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)
    seen = shown(client.get(address(referral, "K")))
    Interview.objects.update(held_at=None)

    save(client, referral, "K", {"feelings_now": "Tired"}, seen=seen)

    assert stored()["feelings_now"] == {"answer": "Tired"}
    assert "Tired" in words(client.get(reverse("rhi:record", args=[referral.pk])))
