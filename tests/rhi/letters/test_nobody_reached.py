"""The letter when nobody was reached: where that is recorded as the outcome, and where no carer may be tried."""

from datetime import timedelta

import pytest

from rhi.actions import letters, outcomes_by_hand
from rhi.models import Letter
from tests.records import bring, child, episode, interview, london, publish
from tests.rhi.letters.families import HOME, OVER, carer, family, member, proposed, run, settle, tried, use_up

pytestmark = pytest.mark.django_db

#: A day before the last one for trying.
SOON = london("2026-05-18 10:00")


@pytest.mark.clause("SOM-4.6a")
@pytest.mark.parametrize("at", [SOON, OVER])
def test_it_is_proposed_at_once_when_no_contact_is_recorded_which_closes_the_referral(tmp_path, at):
    referral = family(tmp_path)
    ann = member()
    use_up(referral, ann)
    settle(referral, ann, "no_contact", "no_answer", at=at)
    referral.refresh_from_db()
    assert referral.closed_at

    run(at)
    run(at + timedelta(days=1))

    assert proposed() == ["child", "Sam Example"]
    letter = Letter.objects.get(to="child")
    assert letter.because.startswith("It has been recorded that nobody was reached. Aged 14")
    assert letters.blocks(letter, now=at) == []


def test_it_does_not_ask_for_the_attempts_that_whoever_recorded_it_went_without(tmp_path):
    referral = family(tmp_path)
    ann = member()
    tried(referral, ann, "2026-05-13 10:00")
    settle(referral, ann, "no_contact", "wrong_number", at=SOON)

    run(SOON)

    assert proposed() == ["child", "Sam Example"]


def test_while_another_episode_has_no_outcome_the_last_day_is_waited_for(tmp_path):
    second = episode(
        "E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00", notified_at="2026-05-13T08:00"
    )
    referral = family(tmp_path, episodes=[episode(), second])
    ann = member()
    tried(referral, ann, "2026-05-13 10:00")
    tried(referral, ann, "2026-05-14 14:00", contacted="parent")
    tried(referral, ann, "2026-05-15 18:00")
    [first, _] = outcomes_by_hand.covered_episodes(referral)
    settled = {first.pk: outcomes_by_hand.Settled("no_contact", "no_answer")}
    outcomes_by_hand.record_outcomes(referral, settled=settled, although=True, by=ann, now=SOON)

    run(SOON)
    assert proposed() == []

    run(london("2026-05-25 10:00"))
    assert proposed() == ["child", "Sam Example"]


def test_none_is_proposed_where_somebody_was_reached_although_no_contact_is_recorded(tmp_path):
    referral = family(tmp_path)
    ann = member()
    tried(referral, ann, "2026-05-13 10:00", contacted="parent", result="spoke_to_carer")
    settle(referral, ann, "no_contact", "no_answer", at=SOON)

    run(SOON)

    assert proposed() == []


def test_none_is_proposed_for_no_contact_recorded_long_ago(tmp_path):
    referral = family(tmp_path)
    ann = member()
    use_up(referral, ann)
    settle(referral, ann, "no_contact", "no_answer", at=SOON)

    run(SOON + timedelta(days=29))

    assert proposed() == []


def test_none_is_proposed_for_no_contact_that_a_record_brought(tmp_path):
    publish("somerset")
    row = interview(offered_at="2026-05-12T12:00", outcome="no_contact", reason="no_answer")
    bring(tmp_path, children=[child(**HOME)], episodes=[episode()], interviews=[row])

    run()

    assert proposed() == []


# Whom nobody may try


def never_the_parent(referral):
    """Three attempts, all of them to the child."""
    ann = member()
    for at in ("2026-05-13 10:00", "2026-05-14 14:00", "2026-05-15 18:00"):
        tried(referral, ann, at)


def test_no_carer_need_be_tried_before_it_where_none_is_safe_to_contact(tmp_path):
    never_the_parent(family(tmp_path, carers=[carer(safe="N")]))

    run()

    assert proposed() == ["child"]


@pytest.mark.parametrize("safe", ["Y", ""])
def test_a_carer_who_may_be_safe_has_to_be_tried_before_it(tmp_path, safe):
    never_the_parent(family(tmp_path, carers=[carer(safe="N"), carer("Jo Example", "aunt", safe)]))

    run()

    assert proposed() == []


# Where nobody recorded when the service was told of the return


@pytest.mark.clause("SOM-4.6a")
def test_the_days_are_counted_from_the_return_where_nobody_recorded_when_the_service_was_told(tmp_path):
    referral = family(tmp_path, episodes=[episode(notified_at="")])
    use_up(referral, member())

    run(london("2026-05-19 23:00"))
    assert proposed() == []

    run(OVER)
    run(OVER + timedelta(days=3))
    assert proposed() == ["child", "Sam Example"]
    assert Letter.objects.first().because.startswith(
        "Nobody was reached in 3 attempts, and the days for it ended on Tue 19 May."
    )


def test_of_two_episodes_the_last_day_is_that_of_the_later_return_though_nobody_recorded_its_notification(tmp_path):
    second = episode("E2", last_seen_at="2026-05-13T20:00", returned_at="2026-05-14T07:00", notified_at="")
    referral = family(tmp_path, episodes=[episode(), second])
    ann = member()
    tried(referral, ann, "2026-05-14 10:00")
    tried(referral, ann, "2026-05-15 14:00", contacted="parent")
    tried(referral, ann, "2026-05-18 18:00")

    run(OVER)
    assert proposed() == []

    run(london("2026-05-22 08:00"))
    assert proposed() == ["child", "Sam Example"]
