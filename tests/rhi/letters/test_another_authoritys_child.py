"""A child for whom another authority is responsible counts as looked after, whether or not an involvement says so."""

import re

import pytest
from django.urls import reverse

from episodes.models import Child
from rhi.actions import letters
from rhi.actions.letter_facts import around
from rhi.actions.letters import LetterRefused
from rhi.models import Letter
from tests.records import bring, child
from tests.rhi.letters.families import HOME, OVER, approved, carer, family, give, member, proposed, run, use_up
from tests.rhi.letters.reading import page, post

pytestmark = pytest.mark.django_db

BRISTOL = "E06000023"
CHOICE = "Another authority is responsible for the child: their family gets a letter only when a worker chooses so."
BIRTH = {"address_1": "5 Mill Lane", "address_2": "Bristol", "postcode": "BS1 4ST"}
CARERS = [carer("Sam Example", "mother", **BIRTH), carer("Kit Foster", "foster carer")]


@pytest.fixture
def referral(tmp_path):
    """Of a child of twelve whom Bristol has placed with a foster carer here."""
    return family(tmp_path, responsible_authority=BRISTOL, carers=CARERS, date_of_birth="2014-02-01")


@pytest.fixture
def ann(referral):
    person = member()
    give(referral, person)
    return person


def tried_in_vain(referral, ann):
    use_up(referral, ann)
    run()
    return Letter.objects.get()


@pytest.mark.clause("SOM-4.6b")
def test_the_letter_goes_to_whoever_cares_for_the_child_here_and_the_family_is_a_workers_choice(referral, ann):
    tried_in_vain(referral, ann)

    assert proposed() == ["Kit Foster"]
    [facts] = around([referral.pk], now=OVER).values()
    assert {facts.carer(each.carer).name: each.because for each in facts.people if each.carer} == {
        "Kit Foster": "Aged 12: under 13, only a parent or carer gets a letter. Marked as safe to contact.",
        "Sam Example": CHOICE,
    }


def test_whoever_approves_it_confirms_person_and_address(client, referral, ann):
    letter = tried_in_vain(referral, ann)

    with pytest.raises(LetterRefused, match=r"Another authority is responsible for the child. Confirm that") as refusal:
        approved(letter, ann)
    assert refusal.value.field == "confirmed"
    client.force_login(ann)
    asked = "Another authority is responsible for the child: this person may get it, and the address is right"
    assert asked in page(client, "letter", letter.pk)
    html = client.get(reverse("rhi:letter", args=[letter.pk])).content.decode()
    shown = re.search(r'name="shown" value="([^"]*)"', html)[1]
    post(client, "letter", letter.pk, channel="print", shown=shown, confirmed="on")

    assert Letter.objects.get().state == Letter.State.APPROVED


def test_that_another_authority_is_responsible_for_the_child_stops_what_was_proposed_before(tmp_path):
    referral = family(tmp_path, carers=[carer()], date_of_birth="2014-02-01")
    ann = member()
    letter = approved(tried_in_vain(referral, ann), ann)

    theirs = child(responsible_authority=BRISTOL, date_of_birth="2014-02-01", **HOME)
    bring(tmp_path / "then", children=[theirs])
    assert Child.objects.get().responsible_authority_id

    assert letters.blocks(letter, now=OVER) == [
        f"{CHOICE} To choose so, cancel this letter and write one yourself.",
        "Where the child is placed, or by whom, has changed since this letter was proposed.",
    ]
