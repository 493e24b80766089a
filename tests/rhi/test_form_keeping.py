"""What an open page of the form saves by itself: nothing is lost, nobody is overwritten, and trouble is said."""

import re

import pytest
from django.urls import reverse

from rhi.forms.sections import UNSEEN
from rhi.models import Answer
from rhi.questions import missing
from rhi.questions.shapes import Situation
from routing.models import Referral
from staff.models import AuditEvent
from tests.records import bring, child, episode, publish
from tests.rhi.form_windows import Window
from tests.rhi.writing import SLUGS, address, answer_all, hold, member, save, stored, words

pytestmark = pytest.mark.django_db

LONGER = "This is longer than 20,000 characters. Shorten it, or put some of it into another answer"


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


@pytest.fixture
def nia(referral):
    return member("nia.frost@example.org", "Nia Frost")


@pytest.fixture
def window(client, referral):
    """Opens a section as somebody does in a browser."""

    def opened(person, letter="N"):
        client.force_login(person)
        return Window(client, referral, person, letter=letter)

    return opened


def test_what_is_written_is_stored_and_the_page_learns_when(window, robin):
    answer = window(robin).keep({"analysis": "An argument at home."})

    assert stored() == {"analysis": {"answer": "An argument at home."}}
    said = answer.json()
    assert re.fullmatch(r"\d\d:\d\d", said["saved"])
    assert (said["differing"], said["settled"], said["refused"]) == ({}, {}, {})


def test_what_is_written_on_is_stored_again_and_again(window, robin):
    page = window(robin)
    for text in ("A", "An", "An argument"):
        page.keep({"analysis": text})

    assert stored() == {"analysis": {"answer": "An argument"}}


def test_the_trail_has_a_line_for_a_question_and_none_for_every_letter(window, robin):
    page = window(robin)
    for text in ("A", "An", "An argument"):
        page.keep({"analysis": text})
    page.keep({"analysis": "An argument", "protective_factors": "School"})

    lines = [line.detail["questions"] for line in AuditEvent.objects.filter(type="form_saved").order_by("pk")]
    assert lines == [["analysis"], ["protective_factors"]]


def test_a_page_that_did_not_hear_that_it_was_saved_goes_on_with_its_own(window, robin):
    page = window(robin)
    page.send({"analysis": "An"})
    answer = page.keep({"analysis": "An argument"})

    assert answer.json()["differing"] == {}
    assert stored() == {"analysis": {"answer": "An argument"}}


def test_a_page_that_did_not_hear_may_take_its_words_back(window, robin):
    page = window(robin)
    page.send({"analysis": "An argument"})
    page.keep({"analysis": ""})

    assert stored() == {"analysis": {}}


def test_what_arrives_late_does_not_undo_what_is_newer(window, robin):
    page = window(robin)
    page.keep({"analysis": "An argument"})
    page.send({"analysis": "An"}, turn="0")

    assert stored() == {"analysis": {"answer": "An argument"}}


def test_two_windows_of_one_person_do_not_overwrite_each_other(window, robin):
    one, other = window(robin), window(robin)
    one.keep({"analysis": "In the first window"})
    answer = other.keep({"analysis": "In the second window"})

    assert stored() == {"analysis": {"answer": "In the first window"}}
    assert "In the first window" in answer.json()["differing"]["analysis"]
    assert "In the second window" in answer.json()["differing"]["analysis"]


def test_different_questions_of_two_people_are_both_kept(window, robin, nia):
    hers, his = window(nia), window(robin)
    hers.keep({"protective_factors": "Nia's words"})
    his.keep({"analysis": "Robin's words", "protective_factors": ""})

    assert stored() == {"analysis": {"answer": "Robin's words"}, "protective_factors": {"answer": "Nia's words"}}


def test_of_one_question_both_versions_are_shown_until_one_is_chosen(window, robin, nia):
    hers, his = window(nia), window(robin)
    hers.keep({"analysis": "Nia's words"})
    his.keep({"analysis": "Robin's words"})
    again = his.keep({"analysis": "Robin's words, and more"})

    assert stored() == {"analysis": {"answer": "Nia's words"}}
    shown = again.json()["differing"]["analysis"]
    assert "Nia Frost has answered this since you opened the page" in shown
    assert "Robin&#x27;s words, and more" in shown


def test_ones_own_version_stands_once_it_is_chosen(window, robin, nia):
    hers, his = window(nia), window(robin)
    hers.keep({"analysis": "Nia's words"})
    his.keep({"analysis": "Robin's words"})
    answer = his.keep({"analysis": "Robin's words", "keep__analysis": "mine"})

    assert answer.json()["differing"] == {}
    assert stored() == {"analysis": {"answer": "Robin's words"}}


def test_the_other_version_is_put_in_the_place_of_ones_own_once_it_is_chosen(window, robin, nia):
    hers, his = window(nia), window(robin)
    hers.keep({"analysis": "Nia's words"})
    his.keep({"analysis": "Robin's words"})
    answer = his.keep({"analysis": "Robin's words", "keep__analysis": "theirs"})

    fresh = answer.json()["settled"]["analysis"]
    assert "Nia&#x27;s words" in fresh
    assert "Robin" not in fresh
    his.keep({"analysis": "Nia's words, and mine"})
    assert stored() == {"analysis": {"answer": "Nia's words, and mine"}}


def test_a_day_that_is_half_typed_is_kept_as_it_is_and_shown_again(window, robin, referral):
    answer = window(robin, "O").keep({"actions__0__action_type": "camhs", "actions__0__action_due": "1/6/"})

    assert answer.json()["refused"] == {}
    assert stored()["actions"] == {"rows": [{"action_type": "camhs", "action_due": "1/6/"}]}
    assert 'value="1/6/"' in window(robin, "O").client.get(address(referral, "O")).content.decode()


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("where_slept", {"answer": ["vehicle", "not_asked"]}),
        ("activities", {"answer": "Walked", "instead": ["not_asked"]}),
        ("actions", {"rows": [{"action_type": "camhs", "action_due": "1/6/"}]}),
    ],
)
def test_what_cannot_be_right_is_kept_but_must_be_mended_before_the_form_is_written_up(question, value):
    held = Situation(held=True)

    lacking = [each.question.key for each in missing(held, {question: value})]

    assert question in lacking


def test_a_form_with_a_day_that_is_none_is_not_written_up(client, window, robin, referral):
    hold(referral, robin)
    answer_all(referral, robin, Situation(held=True), at=AuditEvent.objects.latest("pk").at)
    window(robin, "O").keep({"actions__0__action_type": "camhs", "actions__0__action_due": "31/2/2026"})
    client.force_login(robin)

    page = client.post(reverse("rhi:submit", args=[referral.pk]))

    assert page.status_code == 200
    assert reverse("rhi:form_section", args=[referral.pk, SLUGS["O"]]) in page.content.decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x" * 50_000, LONGER),
        ("a\x00b", UNSEEN),
    ],
)
def test_what_cannot_be_stored_is_named_and_the_rest_is_kept(window, robin, text, why):
    answer = window(robin).keep({"analysis": text, "protective_factors": "A good school."})

    assert answer.json()["refused"] == {"analysis": ["Summary and analysis", why]}
    assert stored() == {"protective_factors": {"answer": "A good school."}}


@pytest.mark.parametrize("text", ["x" * 20_000, "‮left‬ «אבג» 👩‍👧 ​ \ufeff", "lone \ufffd"])
def test_hostile_characters_come_back_as_they_were_written(window, robin, text):
    window(robin).keep({"analysis": text})

    assert stored() == {"analysis": {"answer": text.strip()}}


def test_nothing_is_saved_under_the_name_of_somebody_else(window, robin, nia):
    page = window(robin)
    page.person = nia
    answer = page.keep({"analysis": "Robin's words"})

    assert answer.status_code == 409
    assert answer.json()["says"].startswith("Somebody else opened this page, and Nia Frost is signed in now")
    assert stored() == {}


def test_whoever_presses_the_button_as_somebody_else_is_told_and_their_words_stay(client, window, referral, robin, nia):
    page = window(robin)
    client.force_login(nia)

    told = client.post(address(referral, "N"), {**page.hidden, "analysis": "Robin's words"})

    assert told.status_code == 200
    assert "nothing was saved under Nia Frost’s name" in words(told)
    assert "Robin&#x27;s words" in told.content.decode()
    assert stored() == {}


def test_a_form_that_is_written_up_says_so_and_takes_nothing(window, robin, referral):
    page = window(robin)
    hold(referral, robin)
    referral.interviews.update(written_up_at=AuditEvent.objects.latest("pk").at)
    answer = page.keep({"analysis": "Too late"})

    assert answer.status_code == 409
    assert "has written this interview up" in answer.json()["says"]
    assert "analysis" not in stored()


def test_who_is_signed_out_is_led_to_sign_in_and_a_stale_page_gets_a_new_token(client, window, robin):
    page = window(robin)
    client.logout()
    gone = client.post(page.address, page.hidden | {"analysis": "Words"})
    client.force_login(robin)
    who = client.get(reverse("rhi:who_writes")).json()

    assert gone.status_code == 302
    assert who["writer"] == robin.pk
    assert who["token"]
    assert stored() == {}


def test_the_button_after_saving_by_itself_changes_nothing_more(client, window, referral, robin):
    page = window(robin)
    page.keep({"analysis": "An argument"})

    answer = client.post(address(referral, "N"), page.hidden | {"analysis": "An argument"})

    assert answer.status_code == 302
    assert Answer.objects.get().revision == 1


# Tables


def test_a_button_saves_and_adds_a_row(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    answer = save(client, referral, "H", {"who_with__0__name": "Jay"}, add="who_with")
    page = client.get(answer.headers["Location"]).content.decode()

    assert answer.headers["Location"] == f"{address(referral, 'H')}?add=who_with#question-who_with"
    assert 'name="who_with__1__name"' in page
    assert 'name="who_with__2__name"' not in page


def test_enter_in_a_field_saves_and_adds_no_row(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    page = client.get(address(referral, "H")).content.decode()
    form = page[page.index("data-rhi-keep") :]

    first = re.search(r'<button type="submit"[^>]*>', form)[0]
    assert "name=" not in first


def test_a_table_takes_as_many_rows_as_are_sent_up_to_its_room(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)
    rows = {f"who_with__{number}__name": f"Friend {number}" for number in range(40)}

    save(client, referral, "H", rows)

    assert [row["name"] for row in stored()["who_with"]["rows"]] == [f"Friend {number}" for number in range(30)]


def test_an_empty_page_saves_nothing(window, robin):
    window(robin).keep({})

    assert stored() == {}
