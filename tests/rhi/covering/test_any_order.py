"""Whatever is moved in whatever order, and by two at once: every episode lies in one referral, and clocks are right."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from episodes.models import Episode
from rhi.actions import contact
from rhi.actions.contradictions import Settled
from rhi.actions.episodes_covered import CoveringRefused, take_in, take_out
from rhi.actions.outcomes_by_hand import record_held, record_outcomes
from rhi.models import EpisodeMoved
from routing.models import Referral, ReferralEpisode
from staff.actions import Refused
from staff.models import User
from tests import state
from tests.jobs.conftest import processes
from tests.records import london
from tests.rhi.covering.conftest import of
from tests.rhi.deadlines.books import stored, undone, worked_out
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db

NOW = london("2026-05-20 09:00")


def something(rng, by, now):
    """Something that people do on a referral of the child; mostly it is possible."""
    referral = rng.choice(list(Referral.objects.order_by("pk")))
    episode = rng.choice(list(Episode.objects.order_by("pk").values_list("pk", flat=True)))
    because = {"because": "So.", "by": by, "now": now}
    step = rng.randrange(8)
    if step < 3:
        take_in(referral, episode=episode, **because)
    elif step < 5:
        take_out(referral, episode=episode, **because)
    elif step == 5:
        how = {"route": "phone", "method": "telephone"}
        contact.record_offer(referral, to="child", offered_at=now, **how, by=by, now=now)
    elif step == 6:
        record_held(referral, held_at=now, method="telephone", although=True, by=by, now=now)
    else:
        settled = {episode: Settled("not_required", "agreed_exception")}
        record_outcomes(referral, settled=settled, although=True, by=by, now=now)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_after_any_moves_every_episode_lies_in_one_referral_and_the_clocks_are_what_the_facts_say(
    apart, robin, soak_seed
):
    histories = soak_count(500)
    for number in range(histories):
        rng, said = random.Random(f"{soak_seed}-{number}"), f"SOAK_SEED={soak_seed}, history {number}"
        with undone():
            for step in range(rng.randint(4, 16)):
                before = state.everything()
                try:
                    something(rng, robin, NOW + timedelta(hours=step))
                except Refused:
                    assert state.everything() == before, said
                assert stored() == worked_out(), said
                assert ReferralEpisode.objects.count() == 3, said
                open_ones = Referral.objects.filter(closed_at=None, covered__isnull=True)
                assert not open_ones.exists(), said
    evidence("moves", seed=soak_seed, n=histories, result="one referral an episode, all clocks as the facts say")


@pytest.mark.slow
def test_of_two_who_take_each_others_episode_in_at_the_same_moment_one_wins(elsewhere, apart, robin):
    names = {name: (of(name).pk, of(name).covered.get().episode_id) for name in ("E1", "E2")}
    turn = processes.Value("i", 0)

    def take():
        with turn.get_lock():
            mine, other = [("E1", "E2"), ("E2", "E1")][turn.value]
            turn.value += 1
        by = User.objects.get(email="robin.hale@example.org")
        with suppress(CoveringRefused):
            take_in(Referral.objects.get(pk=names[mine][0]), episode=names[other][1], because="So.", by=by, now=NOW)
            return mine
        return None

    won = [name for name in elsewhere.race(take, rivals=2) if name]

    def facts():
        lying = dict(ReferralEpisode.objects.values_list("episode__episode_id", "referral"))
        return lying, EpisodeMoved.objects.count(), stored() == worked_out()

    lying, moves, right = elsewhere.call(facts)
    assert len(won) == 1
    assert lying["E1"] == lying["E2"] == names[won[0]][0]
    assert (moves, right) == (1, True)
