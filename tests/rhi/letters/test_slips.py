"""A letter that rests on a slip goes with it, and comes again when it is called for after all."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from rhi.actions import letters, slips
from rhi.models import Attempt, Letter, Offer, Outcome
from staff import audit
from staff.models import AuditEvent
from tests.records import bring, child, episode, london
from tests.rhi.letters.families import (
    HOME,
    OVER,
    approved,
    carer,
    family,
    member,
    proposed,
    refuse,
    run,
    settle,
    tried,
    use_up,
)

pytestmark = pytest.mark.django_db

SOON = london("2026-05-18 10:00")
BECAUSE = "What called for it was taken back (outcome): The wrong child."


@pytest.fixture
def referral(tmp_path):
    return family(tmp_path / "records")


@pytest.fixture
def ann(referral):
    return member()


@pytest.fixture
def nobody_reached(referral, ann):
    """No contact recorded by a slip, before the days for trying are over, and the letters that this brings."""
    tried(referral, ann, "2026-05-13 10:00")
    settle(referral, ann, "no_contact", "wrong_number", at=SOON)
    run(SOON)
    return list(Letter.objects.order_by("pk"))


def take_back(referral, by, kind, record, at=SOON):
    slips.take_back(referral, kind=kind, record=record.pk, because="The wrong child.", by=by, now=at)


def states():
    return [letter.state for letter in Letter.objects.order_by("pk")]


def test_letters_that_an_outcome_brought_are_cancelled_when_it_is_taken_back_and_say_why(referral, ann, nobody_reached):
    approved(nobody_reached[1], ann, at=SOON)

    take_back(referral, ann, "outcome", Outcome.objects.get())

    assert states() == ["cancelled", "cancelled"]
    said = Letter.objects.values_list("cancelled_because", "settled_by", "settled_at", "rested_on_slip").distinct()
    assert list(said) == [(BECAUSE, ann.pk, SOON, True)]
    lines = AuditEvent.objects.filter(type=audit.Type.LETTER_CANCELLED)
    assert [(line.by_id, line.children, line.detail["slip"]) for line in lines] == [(ann.pk, ["C1"], True)] * 2


def test_neither_what_has_gone_nor_what_is_going_is_touched(referral, ann, nobody_reached):
    for letter in nobody_reached:
        approved(letter, ann, at=SOON)
    letters.mark_posted([nobody_reached[0]], by=ann, now=SOON)
    Letter.objects.filter(pk=nobody_reached[1].pk).update(state="sending", sending_since=SOON)

    take_back(referral, ann, "outcome", Outcome.objects.get())

    assert states() == ["sent", "sending"]


def test_it_is_proposed_again_when_the_outcome_was_right_after_all(referral, ann, nobody_reached):
    take_back(referral, ann, "outcome", Outcome.objects.get())
    run(SOON)
    assert states() == ["cancelled", "cancelled"]

    settle(referral, ann, "no_contact", "no_answer", at=SOON)
    run(SOON + timedelta(hours=1))

    assert states() == ["cancelled", "cancelled", "proposed", "proposed"]


def test_what_is_still_called_for_comes_again_with_what_is_true_now(referral, ann):
    use_up(referral, ann)
    settle(referral, ann, "no_contact", "no_answer", at=OVER)
    run(OVER)

    take_back(referral, ann, "outcome", Outcome.objects.get(), at=OVER)
    run(OVER + timedelta(hours=1))

    becauses = [letter.because.split(".")[0] for letter in Letter.objects.filter(to="child").order_by("pk")]
    assert becauses == [
        "It has been recorded that nobody was reached",
        "Nobody was reached in 3 attempts, and the days for it ended on Tue 19 May",
    ]
    assert states() == ["cancelled", "cancelled", "proposed", "proposed"]


def test_a_persons_no_still_stands_when_the_slip_is_taken_back_later(referral, ann, nobody_reached):
    letters.cancel(nobody_reached[0], because="She has moved out.", by=ann, now=SOON)

    take_back(referral, ann, "outcome", Outcome.objects.get())
    settle(referral, ann, "no_contact", "no_answer", at=SOON)
    run(SOON)

    assert proposed() == ["child", "Sam Example", "Sam Example"]
    assert Letter.objects.get(to="child").cancelled_because == "She has moved out."


def test_a_letter_written_by_hand_stays_for_whoever_wrote_it(referral, ann):
    use_up(referral, ann)
    settle(referral, ann, "no_contact", "wrong_number", at=SOON)
    letters.write(referral, "no_contact", carer=None, because="They asked for it.", by=ann, now=SOON)

    take_back(referral, ann, "outcome", Outcome.objects.get())

    assert states() == ["proposed"]


def test_it_goes_also_while_the_child_is_missing_again(referral, ann, nobody_reached, tmp_path):
    bring(
        tmp_path / "again",
        now=SOON,
        children=[child(**HOME)],
        carers=[carer()],
        episodes=[episode("E2", last_seen_at="2026-05-17T20:00", returned_at="", notified_at="")],
    )

    take_back(referral, ann, "outcome", Outcome.objects.get())

    assert states() == ["cancelled", "cancelled"]


def test_an_attempt_without_which_there_were_too_few_takes_the_letters_with_it(referral, ann):
    use_up(referral, ann)
    run()
    assert states() == ["proposed", "proposed"]

    take_back(referral, ann, "attempt", Attempt.objects.latest("attempted_at"), at=OVER)

    assert states() == ["cancelled", "cancelled"]
    assert Letter.objects.first().cancelled_because == "What called for it was taken back (attempt): The wrong child."


def test_an_attempt_too_many_takes_nothing_with_it(referral, ann):
    use_up(referral, ann)
    run()
    tried(referral, ann, "2026-05-19 19:00")

    take_back(referral, ann, "attempt", Attempt.objects.latest("attempted_at"), at=OVER)

    assert states() == ["proposed", "proposed"]


def test_a_refusal_that_was_none_takes_its_letters_with_it(referral, ann):
    refuse(referral, ann)
    run()
    assert states() == ["proposed", "proposed"]

    take_back(referral, ann, "response", Offer.objects.get(), at=OVER)

    assert states() == ["cancelled", "cancelled"]


def test_only_a_cancelled_letter_can_have_rested_on_a_slip(nobody_reached):
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.update(rested_on_slip=True)
