"""What keeps a letter from going out, each in words, before it is approved and until it is posted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from episodes import actions as episodes
from episodes.access import restrict
from rhi.actions import letters, outcomes_by_hand
from rhi.actions.letters import LetterRefused
from rhi.actions.recording import record_episode
from rhi.models import Letter
from staff.permissions import Role
from tests.records import bring, child, episode, involvement, london, publish
from tests.rhi.letters.families import (
    HOME,
    OVER,
    approved,
    carer,
    family,
    member,
    no_contact_letter,
    refuse,
    run,
    settle,
    stranger,
    tried,
    use_up,
)

pytestmark = pytest.mark.django_db

LATER = OVER + timedelta(hours=1)


@pytest.fixture
def referral(tmp_path):
    return family(tmp_path / "records")


@pytest.fixture
def ann(referral):
    return member()


def correct(record, by, **values):
    return episodes.correct(record, values=values, by=by, now=LATER)


def to_child(referral, ann):
    return no_contact_letter(referral, ann)


def to_mother(referral, ann):
    return no_contact_letter(referral, ann, to=Letter.To.CARER)


def blocks(letter, now=LATER):
    return letters.blocks(Letter.objects.get(pk=letter.pk), now=now)


def assert_blocked(letter, ann, *whys):
    """The letter says why it may not go, and nobody can approve it."""
    assert blocks(letter) == list(whys)
    with pytest.raises(LetterRefused) as refusal:
        approved(letter, ann, at=LATER, confirmed=True)
    assert str(refusal.value) == " ".join(whys)
    assert Letter.objects.get(pk=letter.pk).state == "proposed"


def test_nothing_keeps_a_letter_that_is_in_order(referral, ann):
    assert blocks(to_child(referral, ann)) == []


@pytest.mark.parametrize(
    ("safe", "why"),
    [(False, "Marked as not safe to contact."), (None, "Nobody has recorded that it is safe to contact them.")],
)
def test_a_carer_who_is_no_longer_marked_as_safe(referral, ann, safe, why):
    letter = to_mother(referral, ann)
    correct(letter.carer, ann, safe_to_contact=safe)

    assert_blocked(letter, ann, why)


def test_a_carer_of_a_young_person_who_lives_independently_by_now(tmp_path):
    referral = family(tmp_path, date_of_birth="2009-01-15")
    ann = member()
    letter = to_mother(referral, ann)
    correct(referral.child, ann, living_independently=True)

    assert_blocked(letter, ann, "Aged 17 and living independently: only the young person gets a letter.")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ({"address_1": "", "address_2": ""}, "There is no address on the record. Add it first."),
        ({"address_1": "Unknown", "address_2": ""}, "There is no address on the record. Add it first."),
        ({"address_1": "Not known", "address_2": "n/a"}, "There is no address on the record. Add it first."),
        ({"postcode": ""}, "The address does not end with a UK postcode. Add the postcode, or correct it."),
        ({"postcode": "TA1 1A"}, "The address does not end with a UK postcode. Add the postcode, or correct it."),
        ({"address_1": "No fixed abode"}, "The address is no fixed abode. A letter cannot be delivered there."),
        ({"address_1": "NFA"}, "The address is no fixed abode. A letter cannot be delivered there."),
        ({"address_1": "Unknown address"}, "The address says “Unknown address”. A letter cannot be delivered there."),
        ({"address_1": "Homeless"}, "The address says “Homeless”. A letter cannot be delivered there."),
        (
            {"address_1": "Address withheld/not known", "address_2": ""},
            "The address says “Address withheld/not known”. A letter cannot be delivered there.",
        ),
        ({"address_1": "ADDRESS WITHHELD"}, "The address says “ADDRESS WITHHELD”. A letter cannot be delivered there."),
        ({"address_1": "No known address"}, "The address says “No known address”. A letter cannot be delivered there."),
        ({"address_2": "c/o friend, N.F.A."}, "The address is no fixed abode. A letter cannot be delivered there."),
    ],
)
def test_an_address_that_no_letter_reaches(referral, ann, address, why):
    letter = to_child(referral, ann)
    correct(referral.child, ann, **address)

    assert_blocked(letter, ann, why)


@pytest.mark.parametrize("address_1", ["Homeless Centre", "Unknown Farm", "Not Known Cottage", "The Street", "No 1"])
def test_a_house_whose_name_only_sounds_like_none_gets_its_letter(referral, ann, address_1):
    letter = to_child(referral, ann)
    correct(referral.child, ann, address_1=address_1)

    assert blocks(letter) == []


@pytest.mark.parametrize(("born", "of_age"), [("2008-05-20", True), ("2008-05-21", False)])
def test_a_parent_gets_no_letter_about_somebody_who_has_turned_18_since_the_return(tmp_path, born, of_age):
    referral = family(tmp_path / "grown", date_of_birth=born)
    ann = member()
    letter = to_mother(referral, ann)

    assert blocks(Letter.objects.get(to="child")) == []
    if of_age:
        assert_blocked(letter, ann, "The child is 18 by now: a parent or carer gets no letter any more.")
    else:
        assert blocks(letter) == []


def test_a_placement_that_has_begun_since_it_was_proposed(referral, ann, tmp_path):
    letter = to_child(referral, ann)
    placed = involvement("looked_after", start="2026-05-20", placement_kind="foster_care", placement_area="in_area")
    bring(tmp_path / "more", involvements=[placed])

    assert_blocked(letter, ann, "Where the child is placed, or by whom, has changed since this letter was proposed.")


def test_a_placement_that_has_changed_since_it_was_proposed(tmp_path):
    placed = involvement("looked_after", placement_kind="foster_care", placement_area="in_area")
    referral = family(tmp_path / "records", involvements=[placed])
    ann = member()
    letter = to_child(referral, ann)
    assert blocks(letter) == []
    bring(
        tmp_path / "more", involvements=[placed | {"placement_provider": "Elm House", "placement_area": "out_of_area"}]
    )

    assert_blocked(letter, ann, "Where the child is placed, or by whom, has changed since this letter was proposed.")


def test_a_placement_that_began_after_the_address_was_typed(tmp_path):
    referral = family(tmp_path / "records")
    ann = member()
    episodes.correct(referral.child, values=dict(HOME), by=ann, now=london("2026-05-12 12:00"))
    placed = involvement("looked_after", start="2026-05-14", placement_kind="foster_care", placement_area="in_area")
    bring(tmp_path / "more", involvements=[placed])
    letter = to_child(referral, ann)

    assert_blocked(letter, ann, "The placement began on Thu 14 May, after the address was typed on Tue 12 May.")

    correct(referral.child, ann, **HOME)
    assert blocks(letter) == []


def test_the_address_of_the_family_does_not_move_with_the_placement(tmp_path):
    referral = family(tmp_path / "records")
    ann = member()
    mother = referral.child.carers.get()
    episodes.correct(mother, values=dict(HOME), by=ann, now=london("2026-05-12 12:00"))
    placed = involvement("looked_after", start="2026-05-14", placement_kind="foster_care", placement_area="in_area")
    bring(tmp_path / "more", involvements=[placed])
    use_up(referral, ann)
    run()
    interview = Letter.objects.get().interview

    chosen = letters.propose(interview, "no_contact", to="carer", carer=mother, because="Agreed.", by=ann, now=OVER)

    assert blocks(chosen) == []


def test_a_child_who_is_missing_again(referral, ann):
    letter = to_child(referral, ann)
    values = {"kind": "missing", "last_seen_at": london("2026-05-20 08:30")}
    record_episode(referral.child, values=values, although=False, by=ann, now=LATER)

    assert_blocked(letter, ann, "The child is missing again since Wed 20 May, 08:30.")


def test_somebody_who_was_reached_since(referral, ann):
    letter = to_mother(referral, ann)
    tried(referral, ann, "2026-05-20 07:30", contacted="parent", result="spoke_to_carer")

    assert_blocked(letter, ann, "Somebody has been reached or has answered since.")


def test_the_outcome_no_contact_lets_the_letter_go_and_any_other_does_not(referral, ann):
    letter = to_mother(referral, ann)
    settle(referral, ann, "no_contact", "no_answer")

    assert blocks(letter) == []


@pytest.mark.parametrize(
    ("code", "reason", "why"),
    [
        ("not_offered", "abroad", "An outcome has been recorded: Not offered."),
        ("not_required", "died", "The child has died."),
    ],
)
def test_an_outcome_that_says_something_else(referral, ann, code, reason, why):
    letter = to_mother(referral, ann)
    settle(referral, ann, code, reason)

    assert_blocked(letter, ann, why)


def test_no_letter_of_any_kind_goes_to_the_family_of_a_child_who_has_died(referral, ann):
    from rhi.actions.interviews import of_referral

    mother = referral.child.carers.get()
    letter = letters.propose(
        of_referral(referral),
        "signposting",
        to="carer",
        carer=mother,
        because="Asked for.",
        leaflets=["A"],
        by=ann,
        now=OVER,
    )
    settle(referral, ann, "not_required", "died")

    assert_blocked(letter, ann, "The child has died.")


def test_a_refusal_that_was_taken_back_by_accepting(referral, ann):
    from rhi.actions import contact

    offer = refuse(referral, ann)
    run()
    letter = Letter.objects.get(kind="refusal", to="child")
    contact.record_response(
        referral,
        offer,
        response="accepted",
        responded_at=london("2026-05-19 10:00"),
        shown=contact.response_shown(offer),
        by=ann,
        now=OVER,
    )

    assert_blocked(letter, ann, "The interview has been accepted since.")


def test_an_episode_that_was_withdrawn(referral, ann):
    from rhi.actions import withdrawing

    letter = to_mother(referral, ann)
    [covered] = outcomes_by_hand.covered_episodes(referral)
    withdrawing.withdraw(
        covered, why="error", because="Another child.", shown=withdrawing.shown_as(covered), by=ann, now=LATER
    )

    assert_blocked(letter, ann, "Every episode of this referral has been withdrawn.")


def test_a_chase_letter_that_a_later_one_has_overtaken(tmp_path):
    referral = family(tmp_path, procedure="surrey")
    kim = stranger()
    tried(referral, kim, "2026-05-13 10:00")
    run(london("2026-05-18 08:00"))
    run(london("2026-05-26 08:00"))
    first, second = Letter.objects.filter(to="child").order_by("step")

    assert blocks(first) == ["A later letter of this kind has been proposed."]
    assert blocks(second) == []


# What was approved, until it is posted


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"address_1": "2 Oak Road"}, "The address on record has changed since this letter was approved."),
        ({"last_name": "Other"}, "The name on record has changed since this letter was approved."),
    ],
)
def test_an_approved_letter_whose_name_or_address_has_changed_is_neither_printed_nor_posted(referral, ann, values, why):
    letter = approved(to_child(referral, ann), ann)
    correct(referral.child, ann, **values)

    assert blocks(letter) == [why]
    for act in (letters.print_run, letters.mark_posted):
        with pytest.raises(LetterRefused) as refusal:
            act([letter], by=ann, now=LATER)
        assert str(refusal.value) == f"Letter {letter.pk} may not go: {why} Pull it back."


def test_an_approved_letter_of_a_child_who_was_restricted_since_needs_a_second_person(referral, ann):
    leader = member("Lee", Role.TEAM_LEADER)
    letter = approved(to_child(referral, ann), ann)
    restrict(referral.child, people=[ann], because="At risk.", by=leader, now=LATER)

    assert blocks(letter) == ["The child is restricted, and nobody but who approved it has looked at this letter."]
    letters.second(letter, by=leader, now=LATER)
    assert blocks(letter) == []


def test_the_blocks_of_many_cost_the_queries_of_one(tmp_path):
    publish("somerset")
    keys = ["C1", "C2", "C3"]
    bring(
        tmp_path,
        children=[child(key, **HOME) for key in keys],
        carers=[carer(child_id=key) for key in keys],
        episodes=[episode(f"E{key}", key) for key in keys],
    )
    from routing.models import Referral

    ann = member()
    for referral in Referral.objects.select_related("child", "version"):
        use_up(referral, ann)
    run()
    every = list(Letter.objects.order_by("pk"))
    assert len(every) == 6

    counts = []
    for some in (every[:1], every):
        with CaptureQueriesContext(connection) as queries:
            assert set(map(tuple, letters.blocks_of(some, now=LATER).values())) == {()}
        counts.append(len(queries))
    assert counts[0] == counts[1]
