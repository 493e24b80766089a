"""Interview records name episodes: the referral that each belongs to, who holds it, and when it is closed."""

from datetime import date

import pytest

from episodes.models import Access
from procedures.actions import source
from rhi import deadlines
from rhi.models import Outcome
from routing.models import Allocation, Deadline, Referral, ReferralEpisode
from staff.models import Team, User
from tests.records import NOW, bring, child, episode, interview, involvement, london, publish

pytestmark = pytest.mark.django_db

HELD_BY_ANN = {"team": "South", "worker_email": "ann@example.org"}
HELD_BY_BEN = {"team": "West", "worker_email": "ben@example.org"}
SECOND = {"last_seen_at": "2026-05-14T20:00", "returned_at": "2026-05-15T07:00", "notified_at": "2026-05-15T09:00"}


def referral_of(episode_id: str) -> Referral:
    return ReferralEpisode.objects.get(episode__episode_id=episode_id).referral


def holders_of(episode_id: str) -> list[tuple[str | None, str | None]]:
    """The teams and workers who have held an episode's referral, the one who holds it now last."""
    history = referral_of(episode_id).allocations.select_related("team", "worker").order_by("since", "pk")
    return [(held.team and held.team.name, held.worker and held.worker.email) for held in history]


def outcomes() -> dict[str, tuple[str, str]]:
    return {each.episode.episode_id: (each.code, each.reason) for each in Outcome.objects.select_related("episode")}


# The referral of a record


def test_a_record_makes_the_referral_of_its_episode_unrouted_and_held_by_its_team_and_worker(tmp_path):
    version = publish("wokingham")
    record = interview(offered_at="2026-05-12T11:00", offered_to="child", **HELD_BY_ANN)
    result = bring(
        tmp_path, children=[child()], involvements=[involvement()], episodes=[episode()], interviews=[record]
    )

    assert result.routed == 0
    referral = referral_of("E1")
    assert (referral.version, referral.destination, referral.in_tray_at, referral.closed_at) == (
        version,
        "",
        None,
        None,
    )
    assert ReferralEpisode.objects.get().decision is None
    allocation = referral.allocations.get()
    assert holders_of("E1") == [("South", "ann@example.org")]
    assert (allocation.since, allocation.rule) == (london("2026-05-12 11:00"), "")
    assert allocation.because == "The interview record names them."


def test_a_record_joins_the_referral_that_routing_opened_and_takes_it_over(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    opened = referral_of("E1")

    bring(tmp_path, interviews=[interview(offered_at="2026-05-13T11:00", offered_to="child", **HELD_BY_ANN)])

    assert referral_of("E1") == opened == Referral.objects.get()
    assert opened.destination == "tray"
    assert ReferralEpisode.objects.get().decision["rule"] == "default"
    assert holders_of("E1") == [("Family Intervention Service: Taunton", None), ("South", "ann@example.org")]
    first, second = Allocation.objects.order_by("pk")
    assert first.until == second.since == london("2026-05-13 11:00")


def test_who_may_see_the_child_moves_with_the_referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    bring(tmp_path, interviews=[interview(offered_at="2026-05-13T11:00", offered_to="child", **HELD_BY_ANN)])

    before, after = Access.objects.order_by("pk")
    assert (before.team.name, before.user, before.until) == (
        "Family Intervention Service: Taunton",
        None,
        london("2026-05-13 11:00"),
    )
    assert (after.team.name, after.user.email, after.until) == ("South", "ann@example.org", None)


def test_a_team_that_holds_another_referral_of_the_child_keeps_seeing_the_child(tmp_path):
    publish("", text=source("somerset").replace("[routing]", "[routing]\njoining = false", 1))
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **SECOND)])

    bring(tmp_path, interviews=[interview(**HELD_BY_ANN)])

    tray = Team.objects.get(name="Family Intervention Service: Taunton")
    assert holders_of("E2") == [("Family Intervention Service: Taunton", None)]
    assert Access.objects.filter(team=tray, until__isnull=True).exists()


def test_a_record_of_a_time_before_the_referral_lay_in_a_tray_keeps_the_history_in_order(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    bring(tmp_path, interviews=[interview(offered_at="2026-05-12T08:00", offered_to="child", **HELD_BY_ANN)])

    first, second = Allocation.objects.order_by("pk")
    assert first.since == first.until == second.since == london("2026-05-12 09:00")


@pytest.mark.parametrize("read_first", ["E1", "E2"])
def test_a_record_with_several_episodes_is_one_referral_governed_by_the_earliest_return(tmp_path, read_first):
    earlier = publish("somerset")
    publish("somerset", effective_from=date(2026, 5, 13))
    episodes = [episode("E1"), episode("E2", **SECOND)]
    bring(
        tmp_path,
        children=[child()],
        episodes=sorted(episodes, key=lambda row: row["episode_id"] != read_first),
        interviews=[interview(episode_ids="E2 E1", **HELD_BY_ANN)],
    )

    assert referral_of("E1") == referral_of("E2")
    assert referral_of("E1").version == earlier


@pytest.mark.parametrize(("named", "its_own"), [("E1", "E2"), ("E2", "E1")])
def test_an_episode_that_no_record_names_is_routed_for_itself(tmp_path, named, its_own):
    publish("", text=source("somerset").replace("[routing]", "[routing]\njoining = false", 1))
    result = bring(
        tmp_path,
        children=[child()],
        episodes=[episode("E1"), episode("E2", **SECOND)],
        interviews=[interview(episode_ids=named, **HELD_BY_ANN)],
    )

    assert result.routed == 1
    assert referral_of(its_own).destination == "tray"
    assert referral_of(named).destination == ""


def test_a_later_return_joins_a_referral_that_a_record_made(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E1")], interviews=[interview(**HELD_BY_ANN)])
    bring(tmp_path, episodes=[episode("E2", **SECOND)])

    assert referral_of("E2") == referral_of("E1")
    joined = ReferralEpisode.objects.get(episode__episode_id="E2").decision
    assert (joined["destination"], joined["team"], joined["worker"]) == ("joined", "South", "ann@example.org")


def test_an_interview_that_covers_two_referrals_brings_them_together(tmp_path):
    publish("", text=source("somerset").replace("[routing]", "[routing]\njoining = false", 1))
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **SECOND)])
    emptied = referral_of("E2")

    bring(tmp_path, interviews=[interview(episode_ids="E1 E2", **HELD_BY_ANN)])

    assert referral_of("E2") == referral_of("E1")
    emptied.refresh_from_db()
    assert emptied.closed_at == london("2026-05-15 09:00")


def test_no_clock_of_a_referral_runs_on_for_an_episode_that_has_left_it(tmp_path):
    publish("", text=source("somerset").replace("[routing]", "[routing]\njoining = false", 1))
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **SECOND)])
    emptied = referral_of("E2")

    bring(tmp_path, interviews=[interview(episode_ids="E1 E2", **HELD_BY_ANN)])

    assert not Deadline.objects.filter(referral=emptied, settled="").exists()
    assert not Deadline.objects.filter(referral=emptied, episode__isnull=False).exists()
    assert_deadlines_are_what_the_clocks_say()


def assert_deadlines_are_what_the_clocks_say():
    before = list(Deadline.objects.order_by("pk").values())
    deadlines.refresh(Referral.objects.values_list("pk", flat=True))
    assert list(Deadline.objects.order_by("pk").values()) == before


def test_an_episode_with_a_record_of_its_own_stays_in_its_referral(tmp_path):
    publish("", text=source("somerset").replace("[routing]", "[routing]\njoining = false", 1))
    bring(
        tmp_path,
        children=[child()],
        episodes=[episode("E1"), episode("E2", **SECOND)],
        interviews=[interview("I1", episode_ids="E1", **HELD_BY_ANN), interview("I2", episode_ids="E2", **HELD_BY_BEN)],
    )
    bring(tmp_path, interviews=[interview("I1", episode_ids="E1 E2", **HELD_BY_ANN)])

    assert referral_of("E1") != referral_of("E2")


def test_no_record_takes_an_episode_out_of_a_referral_that_another_of_the_same_file_has_spoken_for(tmp_path):
    publish("", text=source("somerset").replace("[routing]", "[routing]\njoining = false", 1))
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **SECOND)])
    first, second = referral_of("E1"), referral_of("E2")

    bring(
        tmp_path,
        interviews=[
            interview("I1", episode_ids="E1", **HELD_BY_ANN),
            interview("I2", episode_ids="E2 E1", **HELD_BY_BEN),
        ],
    )

    assert (referral_of("E1"), referral_of("E2")) == (first, second)


# Closing


@pytest.mark.clause("NOT-34")
def test_two_episodes_in_one_day_have_two_outcomes_also_when_one_interview_covers_both(tmp_path):
    publish("nottinghamshire")
    held = interview(episode_ids="E1 E2", held_at="2026-05-14T10:00", outcome="completed", **HELD_BY_ANN)
    bring(
        tmp_path,
        children=[child()],
        episodes=[
            episode("E1", last_seen_at="2026-05-12T08:00", returned_at="2026-05-12T10:00", notified_at=""),
            episode("E2", last_seen_at="2026-05-12T12:00", returned_at="2026-05-12T23:00", notified_at=""),
        ],
        interviews=[held],
    )

    assert outcomes() == {"E1": ("covered", ""), "E2": ("completed", "")}
    assert referral_of("E1") == referral_of("E2")
    assert referral_of("E1").closed_at == london("2026-05-14 10:00")


def test_a_referral_stays_open_until_the_last_of_its_episodes_has_its_outcome(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **SECOND)])
    bring(tmp_path, interviews=[interview("I1", episode_ids="E1", outcome="no_contact", reason="no_answer")])
    assert referral_of("E1").closed_at is None

    second = interview("I2", episode_ids="E2", held_at="2026-05-16T10:00", outcome="completed")
    bring(tmp_path, interviews=[second])

    assert referral_of("E2").closed_at == london("2026-05-16 10:00")


def test_an_outcome_taken_back_opens_the_referral_again(tmp_path):
    publish("somerset")
    bring(
        tmp_path,
        children=[child()],
        episodes=[episode()],
        interviews=[interview(outcome="no_contact", reason="no_answer", **HELD_BY_ANN)],
    )
    bring(tmp_path, interviews=[interview(outcome="", reason="", **HELD_BY_ANN)])

    assert outcomes() == {}
    assert referral_of("E1").closed_at is None


# Who holds it


@pytest.mark.parametrize("nobody", [{}, {"team": "", "worker_email": ""}])
def test_an_open_record_that_names_nobody_lies_in_the_default_tray(tmp_path, nobody):
    publish("somerset")
    bring(tmp_path, children=[child(area="Yeovil")], episodes=[episode()], interviews=[interview(**nobody)])

    assert holders_of("E1") == [("Family Intervention Service: Yeovil", None)]
    assert Allocation.objects.get().because == "The interview record is open and names nobody who is still here."


def test_the_default_tray_is_that_of_the_procedure_that_governs_the_referral(tmp_path):
    publish("somerset")
    publish("croydon", effective_from=date(2030, 1, 1))
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[interview()])

    assert holders_of("E1") == [("Family Intervention Service: Taunton", None)]


def test_an_open_record_gives_nothing_to_anybody_who_has_gone(tmp_path):
    publish("somerset")
    User.objects.create_user("ann@example.org", "Ann")
    User.objects.update(left_on=date(2026, 6, 1))
    Team.objects.create(name="South", closed_on=date(2026, 6, 1))

    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[interview(**HELD_BY_ANN)])

    assert holders_of("E1") == [("Family Intervention Service: Taunton", None)]
    assert User.objects.count() == 1


def test_a_record_whose_worker_has_gone_leaves_the_referral_with_the_team(tmp_path):
    publish("somerset")
    User.objects.create_user("ann@example.org", "Ann")
    User.objects.update(left_on=date(2026, 6, 1))

    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[interview(**HELD_BY_ANN)])

    assert holders_of("E1") == [("South", None)]


def test_a_finished_record_says_who_held_it_although_they_have_gone(tmp_path):
    publish("somerset")
    User.objects.create_user("ann@example.org", "Ann")
    User.objects.update(left_on=date(2026, 6, 1))
    finished = interview(held_at="2026-05-13T10:00", outcome="completed", **HELD_BY_ANN)

    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[finished])

    assert holders_of("E1") == [("South", "ann@example.org")]


def test_an_open_record_that_names_nobody_leaves_the_referral_where_routing_laid_it(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode()])
    bring(tmp_path, interviews=[interview(offered_at="2026-05-13T11:00", offered_to="child")])

    assert holders_of("E1") == [("North", "ann@example.org")]


def test_two_records_on_one_referral_do_not_take_turns_from_run_to_run(tmp_path):
    publish("somerset")
    records = [interview("I1", **HELD_BY_ANN), interview("I2", **HELD_BY_BEN)]
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=records)
    after_the_first_run = holders_of("E1")

    for _ in range(3):
        result = bring(tmp_path)

    assert after_the_first_run[-1] == ("West", "ben@example.org")
    assert holders_of("E1") == after_the_first_run
    assert [file.changed for file in result.files] == [0, 0, 0]


def test_a_record_that_names_another_worker_hands_the_referral_over(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[interview(**HELD_BY_ANN)])
    bring(tmp_path, interviews=[interview(**HELD_BY_BEN)])

    assert holders_of("E1") == [("South", "ann@example.org"), ("West", "ben@example.org")]


def test_a_record_without_the_columns_leaves_the_holder(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[interview(**HELD_BY_ANN)])
    bring(tmp_path, interviews=[interview(offered_at="2026-05-13T11:00", offered_to="child")])

    assert holders_of("E1") == [("South", "ann@example.org")]


def test_a_record_does_not_undo_what_a_person_has_decided(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[interview(**HELD_BY_ANN)])
    held = Allocation.objects.get()
    leader = User.objects.create_user("lea@example.org", "Lea")
    Allocation.objects.update(until=NOW)
    Allocation.objects.create(
        child=held.child, referral=held.referral, worker=leader, since=NOW, by=leader, because="Knows her."
    )

    bring(tmp_path, interviews=[interview(**HELD_BY_BEN)])

    assert holders_of("E1")[-1] == (None, "lea@example.org")
