"""The print queue: one PDF of what was ticked, then posted; and what was pulled back in between."""

import re

import pytest
from django.urls import reverse

from episodes import actions as episodes
from jobs.models import Hold
from rhi import letters as writing
from rhi.actions import letters
from rhi.models import Letter
from staff.models import Membership, Team
from staff.permissions import Role
from tests.rhi.letters.families import (
    OVER,
    approved,
    run,
    use_up,
)
from tests.rhi.letters.reading import page, post, words_of
from tests.rhi.protection import HEADERS, POLICY, POLICY_OF_A_PDF, protection
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(referral, ann):
    use_up(referral, ann)
    run()
    return [approved(each, ann) for each in Letter.objects.order_by("pk")]


def test_the_ticked_letters_are_opened_as_one_pdf_then_marked_as_posted(client, queue, ann):
    client.force_login(ann)
    keys = [letter.pk for letter in queue]
    said = page(client, "print_queue")
    assert said.count("See or pull back") == 2
    assert "Printed, to be posted" not in said

    answer = post(client, "print_letters", letters=keys)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content == writing.run(list(Letter.objects.order_by("pk")))
    assert protection(answer) == (HEADERS, POLICY_OF_A_PDF)

    said = page(client, "print_queue")
    assert "Printed, to be posted" in said
    assert "To print" not in said
    assert post(client, "post_letters", letters=keys).headers["Location"] == reverse("rhi:print_queue")
    assert set(Letter.objects.values_list("state", "settled_by")) == {("sent", ann.pk)}
    assert "2 letters are marked as posted." in page(client, "print_queue")


def test_who_has_an_old_page_open_does_not_print_once_more_what_somebody_has_printed(client, queue, ann, lee):
    keys = [letter.pk for letter in queue]
    client.force_login(lee)
    page(client, "print_queue")
    letters.print_run(queue[:1], by=ann, now=OVER)

    answer = post(client, "print_letters", letters=keys)

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"Letter {keys[0]} has been printed already" in words_of(answer)
    assert list(Letter.objects.order_by("pk").values_list("printed_at", flat=True)) == [OVER, None]
    html = client.get(reverse("rhi:print_queue")).content.decode()
    assert re.search(r'name="again"\s+value="on"\s+formaction="[^"]+">Print the ticked again<', html)
    answer = post(client, "print_letters", letters=keys[:1], again="on")
    assert answer.headers["Content-Type"] == "application/pdf"


def test_what_is_printed_hides_nothing_that_is_to_be_printed_and_every_letter_has_its_page(
    client, queue, ann, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("rhi.views.letters_waiting.PAGE", 1)
    first, second = (f"Letter {letter.pk}, 1 page" for letter in queue)
    client.force_login(ann)
    said = page(client, "print_queue")
    assert (first in said, second in said) == (True, False)
    said = words_of(client.get(reverse("rhi:print_queue"), {"page": 2}))
    assert (first in said, second in said) == (False, True)

    letters.print_run(queue[:1], by=ann, now=OVER)

    with django_assert_num_queries(27):
        said = page(client, "print_queue")
    assert (first in said, second in said) == (True, True)
    assert "Next page" not in said


def test_a_run_that_is_refused_is_a_page_protected_like_every_other(client, queue, ann):
    client.force_login(ann)
    Hold.objects.create(pk=1, since=OVER, because="Restored.")

    answer = post(client, "print_letters", letters=[letter.pk for letter in queue])

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert protection(answer) == (HEADERS, POLICY)


def test_a_letter_that_was_not_printed_is_not_marked_as_posted(client, queue, ann):
    client.force_login(ann)

    answer = post(client, "post_letters", letters=[letter.pk for letter in queue])

    assert answer.headers["Location"] == reverse("rhi:print_queue")
    assert set(Letter.objects.values_list("state", flat=True)) == {"approved"}
    assert "Tick at least one letter that you have posted." in page(client, "print_queue")


def test_one_that_was_pulled_back_after_printing_is_named_to_whoever_posts_the_pile(client, queue, ann, lee):
    client.force_login(ann)
    keys = [letter.pk for letter in queue]
    post(client, "print_letters", letters=keys)
    letters.cancel(queue[0], because="Wrong house.", by=lee, now=now())

    answer = post(client, "post_letters", letters=keys)

    assert f"Letter {keys[0]}: Lee has pulled back this letter" in words_of(answer)
    assert Letter.objects.get(pk=keys[1]).state == "approved"
    said = page(client, "print_queue")
    assert "Pulled back after it was printed" in said
    assert "We could not reach you, to Robin Example" in said
    assert "Wrong house." in said


def test_one_that_may_not_go_any_more_is_not_ticked_and_says_why_and_what_happened_can_be_recorded(
    client, queue, ann, referral
):
    client.force_login(ann)
    keys = [letter.pk for letter in queue]
    post(client, "print_letters", letters=keys)
    episodes.correct(referral.child, values={"address_1": "9 Oak Road"}, by=ann, now=OVER)

    html = client.get(reverse("rhi:print_queue")).content.decode()
    assert len(re.findall(r"\bchecked\b", html)) == 1
    answer = post(client, "post_letters", letters=keys)
    assert "The address on record has changed since this letter was approved. Pull it back." in words_of(answer)
    assert "They have gone all the same: record what happened" in words_of(answer)

    assert post(client, "post_letters", letters=keys, although="on").status_code == 302
    assert set(Letter.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize("typed", [{}, {"letters": ["x"]}, {"letters": ["99999999999999999999"]}, {"letters": ["-1"]}])
def test_nothing_ticked_is_said_and_nothing_happens(client, queue, ann, typed):
    client.force_login(ann)
    for name in ("print_letters", "post_letters"):
        assert post(client, name, **typed).headers["Location"] == reverse("rhi:print_queue")

    assert set(Letter.objects.values_list("state", "printed_at")) == {("approved", None)}


def test_letters_of_other_teams_are_neither_listed_nor_printed(client, queue):
    other = make_person("pat@example.org", "Pat", Role.TEAM_LEADER)
    Membership.objects.create(user=other, team=Team.objects.create(name="Elsewhere"))
    client.force_login(other)

    assert "Nothing to print or to post." in page(client, "print_queue")
    answer = post(client, "print_letters", letters=[letter.pk for letter in queue])
    assert answer.headers["Location"] == reverse("rhi:print_queue")
    assert set(Letter.objects.values_list("printed_at", flat=True)) == {None}
