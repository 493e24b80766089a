"""Letters where a child has more than one episode: a death, and a refusal beside another outcome."""

from datetime import timedelta

import pytest

from episodes.models import Episode
from rhi.actions import letters, outcomes_by_hand
from rhi.actions.letters import LetterRefused
from rhi.actions.outcomes_by_hand import Settled
from rhi.models import Letter, Outcome
from routing.models import Referral
from tests.records import bring, episode, london
from tests.rhi.letters.families import OVER, approved, family, member, proposed, refuse, run, settle

pytestmark = pytest.mark.django_db

LATER = OVER + timedelta(days=5)
AGAIN = {"last_seen_at": "2026-05-18T20:00", "returned_at": "2026-05-19T02:00", "notified_at": "2026-05-19T09:00"}
NEXT_NIGHT = {"last_seen_at": "2026-05-12T20:00", "returned_at": "2026-05-13T02:00", "notified_at": "2026-05-13T09:00"}


@pytest.fixture
def referral(tmp_path):
    return family(tmp_path / "records")


@pytest.fixture
def ann(referral):
    return member()


def gone_again(folder):
    """A second episode of the child, with a referral of its own."""
    bring(folder / "again", episodes=[episode("E2", **AGAIN)])
    return Referral.objects.get(covered__episode__episode_id="E2")


def refused(referral, ann):
    refuse(referral, ann)
    settle(referral, ann, "declined", "not_needed")


# A death


def test_nothing_goes_to_the_family_of_a_child_who_has_died_whichever_referral_says_so(tmp_path, referral, ann):
    refused(referral, ann)
    run()
    letter = approved(Letter.objects.get(to="child"), ann)
    second = gone_again(tmp_path)
    assert second != referral

    settle(second, ann, "not_required", "died", at=LATER)

    assert letters.blocks(letter, now=LATER) == ["The child has died."]
    for act in (letters.print_run, letters.mark_posted):
        with pytest.raises(LetterRefused, match=r"The child has died\."):
            act([letter], by=ann, now=LATER)


def test_none_is_proposed_by_any_other_referral(tmp_path, referral, ann):
    refused(referral, ann)
    settle(gone_again(tmp_path), ann, "not_required", "died")

    run()

    assert proposed() == []


def test_a_death_that_was_recorded_of_a_withdrawn_episode_says_nothing(tmp_path, referral, ann):
    refused(referral, ann)
    settle(gone_again(tmp_path), ann, "not_required", "died")
    Episode.objects.filter(episode_id="E2").update(withdrawn_at=OVER, withdrawn_because="Of another child.")

    run()

    assert proposed() == ["child", "Sam Example"]


# A refusal


@pytest.fixture
def two(tmp_path):
    """One referral of two episodes, and whoever holds it."""
    referral = family(tmp_path / "two", episodes=[episode("E1"), episode("E2", **NEXT_NIGHT)])
    assert Referral.objects.count() == 1
    return referral, member()


def settled(referral, by, *outcomes):
    covered = outcomes_by_hand.covered_episodes(referral)
    each = {one.pk: Settled(*outcome) for one, outcome in zip(covered, outcomes, strict=True)}
    outcomes_by_hand.record_outcomes(referral, settled=each, although=True, by=by, now=OVER)


@pytest.mark.clause("SOM-4.8a")
@pytest.mark.parametrize("other", [("not_required", "agreed_exception"), ("not_required", "now_18")])
def test_the_letter_after_a_refusal_comes_whatever_became_of_another_episode(two, other):
    referral, ann = two
    refuse(referral, ann, at="2026-05-13 12:00")
    settled(referral, ann, ("declined", "not_needed"), other)

    run()

    assert proposed("refusal") == ["child", "Sam Example"]
    assert not any(letters.blocks(each, now=OVER) for each in Letter.objects.all())


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (("not_required", "other_authority"), "An outcome has been recorded: Not required."),
        (("not_offered", "unsafe"), "An outcome has been recorded: Not offered."),
    ],
)
def test_it_does_not_come_where_the_other_outcome_speaks_against_it(two, other, why):
    referral, ann = two
    refuse(referral, ann, at="2026-05-13 12:00")
    run()
    letter = Letter.objects.get(to="child")
    settled(referral, ann, ("declined", "not_needed"), ("not_required", "agreed_exception"))
    assert letters.blocks(letter, now=OVER) == []

    Outcome.objects.filter(episode__episode_id="E2").update(code=other[0], reason=other[1])  # as records may say

    assert letters.blocks(letter, now=london("2026-05-21 09:00")) == [why]
    Letter.objects.all().delete()
    run()
    assert proposed("refusal") == []
