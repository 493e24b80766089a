"""Taking an episode out of an interview: it is routed anew, by itself, and what was done stays where it was done."""

import pytest

from episodes.models import Episode
from rhi.actions import contact
from rhi.actions.contradictions import Settled
from rhi.actions.episodes_covered import CoveringRefused, take_in, take_out
from rhi.actions.outcomes_by_hand import record_held, record_outcomes
from rhi.models import EpisodeMoved, Interview, InterviewEpisode, Offer
from routing.models import Allocation, Deadline, Referral
from staff.models import AuditEvent
from tests.records import bring, episode, interview, london
from tests.rhi.covering.conftest import give, of
from tests.rhi.deadlines.books import stored, worked_out

pytestmark = pytest.mark.django_db

NOW = london("2026-05-20 09:00")
BECAUSE = "Another matter altogether."


def take(referral, name, by):
    return take_out(referral, episode=pk(name), because=BECAUSE, by=by, now=NOW)


def pk(name):
    return Episode.objects.get(episode_id=name).pk


def covers(referral):
    return list(referral.covered.order_by("episode__last_seen_at").values_list("episode__episode_id", flat=True))


def offer(referral, by):
    at = london("2026-05-19 11:00")
    return contact.record_offer(
        referral, to="child", offered_at=at, route="phone", method="face_to_face", by=by, now=NOW
    )


def settle(referral, by, *names):
    settled = {pk(name): Settled("not_required", "agreed_exception") for name in names}
    record_outcomes(referral, settled=settled, although=True, by=by, now=NOW)


def test_an_episode_taken_out_gets_a_referral_of_its_own_although_the_other_is_open(together, robin):
    own = take(together, "E2", robin)

    assert (covers(together), covers(own)) == (["E1", "E3"], ["E2"])
    assert own.in_tray_at == london("2026-05-15 09:00")
    assert stored() == worked_out()
    assert Deadline.objects.get(name="assign", referral=own).due_at == london("2026-05-18 09:00")


def test_who_took_it_out_and_why_is_kept(together, robin):
    own = take(together, "E2", robin)

    moved = EpisodeMoved.objects.get()
    assert (moved.episode.episode_id, moved.out_of, moved.into, moved.joined) == ("E2", together, own, False)
    assert (moved.because, moved.by, moved.at) == (BECAUSE, robin, NOW)
    line = AuditEvent.objects.get(type="episode_taken_out")
    assert (line.subject, line.by_id) == (f"routing.Referral:{together.pk}", robin.pk)
    assert line.detail == {"episode": "E2", "out_of": together.pk, "into": own.pk}


def test_whoever_holds_the_interview_goes_on_with_the_other(together, robin):
    give(together, robin)

    own = take(together, "E2", robin)

    assert Allocation.objects.get(referral=own, until=None).worker == robin


def test_what_was_offered_stays_and_the_other_is_offered_anew(together, robin):
    offer(together, robin)

    own = take(together, "E2", robin)

    assert Offer.objects.get().interview.referral == together
    met = {deadline.referral_id: deadline.met_at for deadline in Deadline.objects.filter(name="offer")}
    assert met == {together.pk: london("2026-05-19 11:00"), own.pk: None}
    assert set(InterviewEpisode.objects.values_list("episode__episode_id", flat=True)) == {"E1", "E3"}


def test_an_interview_that_was_not_about_it_stops_its_clock_no_longer(together, robin):
    record_held(together, held_at=london("2026-05-19 15:00"), method="telephone", by=robin, now=NOW)
    clock = Deadline.objects.get(name="seventy_two_hours", episode__episode_id="E2")
    assert clock.met_at == london("2026-05-19 15:00")

    take(together, "E2", robin)

    clock = Deadline.objects.get(name="seventy_two_hours", episode__episode_id="E2")
    assert clock.met_at is None
    assert stored() == worked_out()


def test_without_the_last_episode_that_lacked_its_outcome_the_referral_is_over(together, robin):
    settle(together, robin, "E1", "E3")

    own = take(together, "E2", robin)

    assert Referral.objects.get(pk=together.pk).closed_at == NOW
    assert own.closed_at is None
    assert stored() == worked_out()


def test_a_family_that_expects_somebody_is_not_forgotten(together, robin):
    settle(together, robin, "E1", "E3")
    at = london("2026-05-21 15:30")
    contact.book(together, at=at, place="School", method="face_to_face", by=robin, now=NOW)

    with pytest.raises(
        CoveringRefused, match=r"an interview is booked on it for Thu 21 May, 15:30\. Cancel that first"
    ):
        take(together, "E2", robin)

    assert covers(together) == ["E1", "E2", "E3"]


def test_the_only_episode_is_not_taken_out(together, robin):
    take(together, "E2", robin)
    take(together, "E3", robin)

    with pytest.raises(CoveringRefused, match="the only episode that this interview is about"):
        take(together, "E1", robin)


def test_an_episode_with_its_outcome_is_not_taken_out(together, robin):
    settle(together, robin, "E2")

    with pytest.raises(CoveringRefused, match="It has its outcome"):
        take(together, "E2", robin)


def test_nothing_is_taken_out_of_an_interview_that_is_written_up(together, robin):
    held = record_held(together, held_at=london("2026-05-19 15:00"), method="telephone", by=robin, now=NOW)
    Interview.objects.filter(pk=held.pk).update(written_up_at=NOW, written_up_by=robin)

    with pytest.raises(CoveringRefused, match="Robin Hale has written this interview up"):
        take(together, "E2", robin)


def test_an_episode_that_a_record_names_is_not_taken_out(together, robin, tmp_path):
    bring(tmp_path / "more", interviews=[interview("I7", episode_ids="E1 E2", offered_at="2026-05-15T12:00")])

    with pytest.raises(CoveringRefused, match="The interview record I7 names it"):
        take(of("E2"), "E2", robin)


def test_of_two_who_take_it_out_the_second_is_told(together, robin):
    take(together, "E2", robin)

    with pytest.raises(CoveringRefused, match="Somebody has moved or settled this episode since"):
        take(together, "E2", robin)


def test_an_episode_that_the_procedure_routes_nowhere_lies_in_none_again(together, robin, tmp_path):
    away = {"kind": "away", "last_seen_at": "2026-05-16T20:00", "returned_at": "2026-05-17T07:00"}
    bring(tmp_path / "more", episodes=[episode("E4", **away)])
    take_in(together, episode=pk("E4"), because="Told of together.", by=robin, now=NOW)

    assert take(together, "E4", robin) is None

    assert covers(together) == ["E1", "E2", "E3"]
    assert not Referral.objects.filter(covered__episode__episode_id="E4").exists()
    assert stored() == worked_out()


def test_taken_out_and_in_again_all_is_as_it_was(together, robin):
    before = stored()

    own = take(together, "E2", robin)
    take_in(together, episode=pk("E2"), because="It belongs here after all.", by=robin, now=NOW)

    after = stored()
    assert after[together.pk] == before[together.pk]
    assert Referral.objects.get(pk=own.pk).closed_at == NOW
