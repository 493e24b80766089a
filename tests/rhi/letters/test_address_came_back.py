"""An address from which a letter came back: blocked for everybody there, until it changes or somebody confirms it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from episodes import actions as episodes
from rhi.actions import letters
from rhi.actions.interviews import of_referral
from rhi.actions.letter_facts import around
from rhi.actions.letters import LetterRefused
from rhi.models import Letter
from routing.models import Referral
from staff import audit
from staff.models import AuditEvent
from tests.records import bring, child, episode
from tests.rhi.letters.families import HOME, OVER, approved, stranger
from tests.rhi.letters.reading import page, post, words_of

pytestmark = pytest.mark.django_db

LATER = OVER + timedelta(hours=1)
CAME_BACK = "A letter to this address came back on Wed 20 May. Correct the address, or confirm that it is right."
PERHAPS = (
    "A letter came back on Wed 20 May from what may be this address in other words. Correct the address, or confirm"
    " that it is right."
)


def correct(record, by, **values):
    return episodes.correct(record, values=values, by=by, now=LATER)


def blocks(letter):
    return letters.blocks(Letter.objects.get(pk=letter.pk), now=LATER)


def came_back(letter, ann):
    """A letter that is posted and comes back."""
    gone = approved(letter, ann)
    letters.mark_posted([gone], by=ann, now=OVER)
    return letters.record_returned(gone, by=ann, now=OVER)


@pytest.fixture
def mothers(letter):
    """The letter to the mother of the child to whom the other one is."""
    return Letter.objects.get(to="carer")


@pytest.fixture
def others(referral, ann, tmp_path):
    """A letter to another child of another family, at the same address in other words."""
    home = HOME | {"address_1": "1 ELM ROAD,", "address_2": ""}
    bring(tmp_path / "others", children=[child("C2", **home)], episodes=[episode("E2", "C2")])
    other = Referral.objects.get(child__child_id="C2")
    return letters.propose(of_referral(other), "signposting", to="child", because="Asked.", by=ann, now=OVER)


def test_the_next_letter_to_the_same_person_waits_until_the_address_is_corrected(letter, mothers, ann):
    came_back(mothers, ann)
    again = letters.propose(
        letter.interview, "signposting", to="carer", carer=mothers.carer, because="Asked.", by=ann, now=OVER
    )

    assert blocks(again) == [CAME_BACK]
    with pytest.raises(LetterRefused, match="came back on"):
        approved(again, ann, at=LATER)
    correct(mothers.carer, ann, address_1="3 Oak Road")
    assert blocks(again) == []


@pytest.mark.parametrize("other_words", ["1 Elm Rd", "Flat 1, 1 Elm Road", "Rose Cottage, 1 Elm Road", "Rose Cottage"])
def test_the_same_house_in_other_words_is_no_other_house(letter, mothers, ann, other_words):
    came_back(letter, ann)
    correct(mothers.carer, ann, address_1=other_words)
    assert blocks(mothers) == [PERHAPS]

    letters.confirm_address(mothers, because="She lives there, not he.", by=ann, now=LATER)

    assert blocks(mothers) == []
    assert Letter.objects.get(pk=letter.pk).address_confirmed_at is None
    correct(mothers.carer, ann, **HOME)
    assert blocks(mothers) == [CAME_BACK]


def test_the_address_is_blocked_for_everybody_who_is_written_to_there(letter, mothers, others, ann):
    assert [blocks(each) for each in (mothers, others)] == [[], []]

    came_back(letter, ann)

    assert [blocks(each) for each in (mothers, others)] == [[CAME_BACK], [CAME_BACK]]
    correct(others.child, ann, address_1="3 Elm Gardens")
    assert [blocks(each) for each in (mothers, others)] == [[CAME_BACK], []]


def test_whose_letter_came_back_is_no_part_of_another_familys_case(letter, others, ann):
    came_back(letter, ann)

    [facts] = around([others.referral_id], now=LATER).values()
    assert facts.letters == (others,)
    assert [each.letter for each in facts.came_back] == [letter.pk]


def test_an_approved_letter_is_neither_printed_nor_posted_there(letter, mothers, ann):
    approved(mothers, ann)
    came_back(letter, ann)

    for act in (letters.print_run, letters.mark_posted):
        with pytest.raises(LetterRefused, match="came back on"):
            act([mothers], by=ann, now=LATER)


def test_once_somebody_confirms_the_address_letters_go_there_until_the_next_comes_back(letter, mothers, others, ann):
    came_back(letter, ann)

    letters.confirm_address(mothers, because="The postman had the wrong road.", by=ann, now=LATER)

    assert [blocks(each) for each in (mothers, others)] == [[], []]
    letter.refresh_from_db()
    assert (letter.address_confirmed_at, letter.address_confirmed_by) == (LATER, ann)
    line = AuditEvent.objects.get(type=audit.Type.ADDRESS_CONFIRMED)
    assert (line.by_id, line.children, line.detail["letters"]) == (ann.pk, ["C1"], [letter.pk])
    with pytest.raises(LetterRefused, match="somebody has confirmed it meanwhile"):
        letters.confirm_address(others, because="I know them.", by=ann, now=LATER)

    came_back(mothers, ann)
    assert blocks(others) == [CAME_BACK]


@pytest.mark.parametrize("because", ["", "  "])
def test_it_is_not_confirmed_without_a_reason(letter, mothers, ann, because):
    came_back(letter, ann)

    with pytest.raises(LetterRefused, match="Say why"):
        letters.confirm_address(mothers, because=because, by=ann, now=LATER)
    assert blocks(mothers) == [CAME_BACK]


# Its page


@pytest.fixture
def blocked(letter, mothers, ann):
    """The letter to the mother, after the child's came back."""
    came_back(letter, ann)
    return mothers


def test_on_the_letters_page_somebody_confirms_the_address_and_says_how_they_know(client, blocked, ann):
    client.force_login(ann)
    assert "The address is right although a letter came back" in page(client, "letter", blocked.pk)
    assert "to whoever lives there" in page(client, "letter_came_back", blocked.pk)

    answer = post(client, "letter_came_back", blocked.pk, because="She showed me her tenancy.")

    assert answer.headers["Location"] == reverse("rhi:letter", args=[blocked.pk])
    said = page(client, "letter", blocked.pk)
    assert "came back" not in said
    assert "Approve the letter" in said


def test_a_reason_that_is_missing_is_asked_for_and_nothing_is_confirmed(client, blocked, ann):
    client.force_login(ann)

    assert "Say why" in words_of(post(client, "letter_came_back", blocked.pk))
    assert Letter.objects.filter(address_confirmed_at__isnull=False).count() == 0


def test_where_no_letter_came_back_there_is_nothing_to_confirm(client, letter, ann):
    client.force_login(ann)
    assert "although a letter came back" not in page(client, "letter", letter.pk)

    answer = post(client, "letter_came_back", letter.pk, because="I know.")
    assert "Nothing speaks against this address" in words_of(answer)


def test_a_second_click_on_it_came_back_confirms_nothing(client, letter, ann):
    approved(letter, ann)
    letters.mark_posted([letter], by=ann, now=OVER)
    client.force_login(ann)

    for _ in range(2):
        post(client, "letter_came_back", letter.pk)

    stored = Letter.objects.get(pk=letter.pk)
    assert stored.returned_at
    assert stored.address_confirmed_at is None


def test_nobody_else_confirms_it(client, blocked):
    client.force_login(stranger())

    assert post(client, "letter_came_back", blocked.pk, because="I know.").status_code == 404
    assert Letter.objects.filter(address_confirmed_at__isnull=False).count() == 0
