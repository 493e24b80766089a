"""The clocks on the page of a referral: which come first, and what they say."""

import pytest
from django.db import transaction

from procedures.clocks import State
from rhi import deadlines
from tests.records import NOW, bring, episode, london
from tests.rhi.referral_page.reading import offered, open_page, the_words

pytestmark = pytest.mark.django_db


def test_open_clocks_stand_first_each_in_words(client, priya, referral):
    words = the_words(open_page(client, referral))

    assert words.index("A worker assigned 33 days late Due Wed 13 May, 09:00") < words.index(
        "Interview within 72 hours"
    )
    assert "Interview within 72 hours 31 days late Due Fri 15 May, 07:00" in words


def test_clocks_that_have_ended_stand_behind_the_open_ones(client, priya, referral):
    offered(referral, offered_at=london("2026-05-13 10:00"))
    with transaction.atomic():
        deadlines.refresh([referral.pk])

    clocks = open_page(client, referral).context["clocks"]

    assert "offer" not in [clock.name for clock in clocks.first]
    assert "offer" in [clock.name for clock in clocks.rest]


def test_what_can_still_be_done_in_time_stands_before_what_has_run_out(client, priya, tmp_path, referral):
    bring(
        tmp_path,
        episodes=[
            episode(
                "E2",
                last_seen_at="2026-06-13T20:00",
                returned_at="2026-06-14T07:00",
                notified_at="2026-06-15T10:00",
            )
        ],
    )

    clocks = open_page(client, referral).context["clocks"]

    stood = [(clock.state(NOW), clock.due_at) for clock in clocks.first]
    running = [due for state, due in stood if state is State.RUNNING]
    assert len(running) >= 2
    assert [due for _, due in stood] == sorted(running) + sorted(due for state, due in stood if due not in running)
    assert [state for state, _ in stood[len(running) :]] == [State.MISSED] * (6 - len(running))
    assert State.RUNNING not in [clock.state(NOW) for clock in clocks.rest]


def test_with_several_episodes_a_clock_says_of_which(client, priya, tmp_path, referral):
    bring(tmp_path, episodes=[episode("E2", last_seen_at="2026-05-14T20:00", returned_at="2026-05-15T07:00")])

    page = open_page(client, referral)

    assert len(page.context["clocks"].first) == 6
    assert "Due Fri 15 May, 07:00 Missing from Mon 11 May, 20:00" in the_words(page)
    assert "2 episodes" in the_words(page)
