"""No letter goes into the house of a carer who is not safe to contact, and its page names whoever is not."""

import re

import pytest
from django.urls import reverse

from episodes import actions as episodes
from rhi.actions import letters
from rhi.actions.letters import LetterRefused
from rhi.letters import same_house
from rhi.models import Letter
from staff import audit
from staff.models import AuditEvent
from tests.rhi.letters.families import HOME, OVER, approved, carer, family, member, no_contact_letter, run, use_up
from tests.rhi.letters.reading import page, post, words_of

pytestmark = pytest.mark.django_db

WHY = "Alex Example (father) is marked as not safe to contact and has the same address."
MAY_LIVE_THERE = "Alex Example (father) is marked as not safe to contact, and may live where this letter goes:"
NOWHERE = (
    "Alex Example (father) is marked as not safe to contact, and nobody has recorded where they live. Confirm that"
    " it is not where this letter goes."
)


def with_father(folder, safe="N", **address):
    return family(folder, carers=[carer(), carer("Alex Example", "father", safe, **address)])


def whys():
    """Why the letters may not go, by whom they are to."""
    return {letter.to: letters.blocks(letter, now=OVER) for letter in Letter.objects.order_by("pk")}


@pytest.mark.parametrize(
    "address",
    [
        HOME,
        {"address_1": "1 ELM  ROAD,", "address_2": "taunton", "postcode": "ta11aa"},
        {"address_1": "1 Elm Road, Taunton", "address_2": "Somerset", "postcode": "TA1 1AA"},
        {"address_1": "1 Elm Road", "address_2": "", "postcode": "TA1 1AA"},
        {"address_1": "1 Elm Road", "address_2": "Taunton", "postcode": ""},
    ],
)
def test_neither_the_childs_nor_the_other_carers_letter_goes_where_an_unsafe_carer_lives(tmp_path, address):
    use_up(with_father(tmp_path, **address), member())
    run()

    assert whys() == {"child": [WHY], "carer": [WHY]}


@pytest.mark.parametrize(
    "address",
    [
        {"address_1": "2 Elm Road", "postcode": "TA1 1AB"},
        {"address_1": "1 Oak Road", "postcode": "TA2 1AA"},
        {"address_1": "", "address_2": "", "postcode": "BA1 1AA"},
    ],
)
def test_letters_go_where_the_unsafe_carer_does_not_live(tmp_path, address):
    use_up(with_father(tmp_path, **address), member())
    run()

    assert whys() == {"child": [], "carer": []}


#: What may be the house of a letter, written in other words, and how it is shown.
PERHAPS = [
    ({"address_1": "1 Elm Rd"}, "1 Elm Rd, Taunton, TA1 1AA"),
    ({"address_1": "Flat 1", "address_2": "1 Elm Road"}, "Flat 1, 1 Elm Road, TA1 1AA"),
    ({"address_1": "Rose Cottage, 1 Elm Road"}, "Rose Cottage, 1 Elm Road, Taunton, TA1 1AA"),
    ({"address_1": "2 Elm Road"}, "2 Elm Road, Taunton, TA1 1AA"),
    ({"address_1": "1 Elm Rd", "postcode": ""}, "1 Elm Rd, Taunton"),
    ({"address_1": "1 Elm Rd", "postcode": "TA1"}, "1 Elm Rd, Taunton, TA1"),
    ({"postcode": "TA1 1AB"}, "1 Elm Road, Taunton, TA1 1AB"),
    ({"address_1": "", "address_2": "", "postcode": "TA1 1AA"}, "TA1 1AA"),
]


@pytest.mark.parametrize(("address", "shown"), PERHAPS)
def test_where_an_unsafe_carer_may_live_somebody_has_to_say_first_that_they_do_not(tmp_path, address, shown):
    use_up(with_father(tmp_path, **address), member())
    run()

    why = f"{MAY_LIVE_THERE} {shown}. Confirm that this is another house."
    assert whys() == {"child": [why], "carer": [why]}


def test_so_they_have_where_nobody_has_recorded_where_an_unsafe_carer_lives(tmp_path):
    use_up(with_father(tmp_path, address_1="", address_2="", postcode=""), member())
    run()

    assert whys() == {"child": [NOWHERE], "carer": [NOWHERE]}


def test_it_is_confirmed_of_one_letter_with_a_reason_and_until_an_address_changes(tmp_path):
    referral = with_father(tmp_path, address_1="9 Elm Road")
    ann = member()
    letter = no_contact_letter(referral, ann)
    with pytest.raises(LetterRefused, match="may live where this letter goes: 9 Elm Road"):
        approved(letter, ann)
    with pytest.raises(LetterRefused, match="Say why"):
        letters.confirm_address(letter, because=" ", by=ann, now=OVER)

    letters.confirm_address(letter, because="He moved to number 9.", by=ann, now=OVER)

    assert [bool(each) for each in whys().values()] == [False, True]
    line = AuditEvent.objects.get(type=audit.Type.ADDRESS_CONFIRMED)
    father = referral.child.carers.get(name="Alex Example")
    assert (line.detail["because"], line.detail["beside carers"]) == ("He moved to number 9.", [father.pk])
    approved(letter, ann)
    assert letters.print_run([letter], by=ann, now=OVER)
    episodes.correct(father, values={"address_1": "1 Elm Rd"}, by=ann, now=OVER)
    with pytest.raises(LetterRefused, match="may live where this letter goes: 1 Elm Rd"):
        letters.mark_posted([letter], by=ann, now=OVER)


def test_nobody_confirms_what_they_have_not_seen(client, tmp_path):
    referral = with_father(tmp_path, address_1="9 Elm Road")
    lee = member("Lee", "team_leader")
    letter = no_contact_letter(referral, lee)
    client.force_login(lee)
    assert "9 Elm Road, Taunton, TA1 1AA" in page(client, "letter", letter.pk)
    assert "may live where this letter goes: 9 Elm Road" in page(client, "letter_came_back", letter.pk)
    html = client.get(reverse("rhi:letter_came_back", args=[letter.pk])).content.decode()
    [shown] = re.findall(r'name="shown" value="(\w{64})"', html)
    father = referral.child.carers.get(name="Alex Example")
    episodes.correct(father, values={"address_1": "1 Elm Rd"}, by=lee, now=OVER)

    answer = post(client, "letter_came_back", letter.pk, because="He lives at number 9.", shown=shown)

    assert "What is on record has changed since you opened this page" in words_of(answer)
    [now_shown] = re.findall(r'name="shown" value="(\w{64})"', answer.content.decode())
    assert Letter.objects.get(pk=letter.pk).confirmed_beside == ""
    assert now_shown != shown
    assert post(client, "letter_came_back", letter.pk, because="I asked him.", shown=now_shown).status_code == 302
    assert "Approve the letter" in page(client, "letter", letter.pk)


def test_the_very_house_of_an_unsafe_carer_is_confirmed_by_nobody(tmp_path):
    referral = with_father(tmp_path)
    ann = member()
    letter = no_contact_letter(referral, ann)

    with pytest.raises(LetterRefused, match="Nothing speaks against this address"):
        letters.confirm_address(letter, because="She asked for it.", by=ann, now=OVER)
    assert letters.blocks(letter, now=OVER) == [WHY]


def test_a_carer_of_whom_nobody_has_said_whether_it_is_safe_keeps_no_letter_of_others(tmp_path):
    use_up(with_father(tmp_path, safe=""), member())
    run()

    assert whys() == {"child": [], "carer": []}


def test_it_keeps_a_letter_from_the_moment_at_which_somebody_is_marked_as_unsafe(tmp_path):
    referral = with_father(tmp_path, safe="Y")
    ann = member()
    letter = no_contact_letter(referral, ann)
    assert letters.blocks(letter, now=OVER) == []

    father = referral.child.carers.get(name="Alex Example")
    episodes.correct(father, values={"safe_to_contact": False}, by=ann, now=OVER)

    assert letters.blocks(letter, now=OVER) == [WHY]
    with pytest.raises(letters.LetterRefused, match="has the same address"):
        letters.approve(letter, channel="print", by=ann, now=OVER)


def test_the_page_of_a_letter_names_whoever_is_not_safe_to_contact(client, tmp_path):
    referral = with_father(tmp_path, address_1="2 Oak Road", postcode="TA2 2AA")
    lee = member("Lee", "team_leader")
    letter = no_contact_letter(referral, lee)
    client.force_login(lee)

    said = page(client, "letter", letter.pk)

    assert "Not safe to contact Alex Example (father) 2 Oak Road, Taunton, TA2 2AA" in said
    assert "Approve the letter" in said


def test_two_addresses_without_a_line_are_not_one_house():
    assert same_house(["1 Elm Road", "TA1 1AA"], ["1 Elm Road", "Taunton", "ta1 1aa"])
    assert not same_house(["", "TA1 1AA"], ["", "TA1 1AA"])
    assert not same_house(["1 Elm Road", "TA1 1AA"], ["1 Elm Road", "TA2 1AA"])
