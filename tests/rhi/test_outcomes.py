"""Which outcome each episode has, and when a referral is closed by them."""

import pytest
from django.db import transaction

from episodes.models import Episode
from rhi import outcomes
from rhi.actions.corrections import correct_episode
from rhi.models import Interview, Outcome
from routing.models import Referral
from tests.records import NOW, bring, child, episode, interview, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

FIRST = episode("E1")  # back on 12 May
SECOND = episode("E2", last_seen_at="2026-05-20T20:00", returned_at="2026-05-21T07:00")
THIRD = episode("E3", last_seen_at="2026-06-01T20:00", returned_at="2026-06-02T07:00")


@pytest.fixture(autouse=True)
def absences(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[FIRST, SECOND, THIRD])


def settled():
    return {
        each.episode.episode_id: (each.code, each.interview and each.interview.reference)
        for each in Outcome.objects.select_related("episode", "interview")
    }


def closed_at():
    return Referral.objects.get().closed_at


# One record, several episodes


def test_an_interview_for_several_completes_the_one_that_ended_last_and_covers_the_others(tmp_path):
    bring(tmp_path, interviews=[interview(episode_ids="E3 E1 E2", outcome="completed", held_at="2026-06-03T10:00")])

    assert settled() == {"E1": ("covered", "I1"), "E2": ("covered", "I1"), "E3": ("completed", "I1")}


def test_an_episode_that_has_not_ended_ends_after_all_others(tmp_path):
    bring(
        tmp_path,
        episodes=[FIRST, SECOND | {"returned_at": ""}, THIRD],
        interviews=[interview(episode_ids="E1 E2 E3", outcome="completed")],
    )

    assert settled()["E2"] == ("completed", "I1")


@pytest.mark.parametrize(
    ("code", "reason"), [("part_completed", "interrupted"), ("no_contact", "no_answer"), ("covered", "")]
)
def test_any_other_outcome_applies_to_each(tmp_path, code, reason):
    bring(tmp_path, interviews=[interview(episode_ids="E1 E2", outcome=code, reason=reason)])

    assert list(Outcome.objects.values_list("code", "reason")) == [(code, reason)] * 2


def test_which_one_is_completed_follows_when_a_file_moves_a_return(tmp_path):
    bring(tmp_path, interviews=[interview(episode_ids="E1 E2", outcome="completed")])
    assert settled() == {"E1": ("covered", "I1"), "E2": ("completed", "I1")}

    bring(tmp_path, episodes=[FIRST | {"returned_at": "2026-05-22T07:00"}])
    assert settled() == {"E1": ("completed", "I1"), "E2": ("covered", "I1")}


def test_which_one_is_completed_follows_when_a_person_corrects_a_return(tmp_path):
    bring(tmp_path, interviews=[interview(episode_ids="E1 E2", outcome="completed")])
    values = {"returned_at": london("2026-05-22 07:00")}
    correct_episode(Episode.objects.get(episode_id="E1"), values=values, by=make_person(), now=NOW)

    assert settled() == {"E1": ("completed", "I1"), "E2": ("covered", "I1")}


def test_a_withdrawn_episode_is_not_the_one_that_an_interview_completed(tmp_path):
    Episode.objects.filter(episode_id="E2").update(withdrawn_at=NOW, withdrawn_because="A duplicate.")
    bring(tmp_path, interviews=[interview(episode_ids="E1 E2", outcome="completed")])

    assert settled()["E1"] == ("completed", "I1")


# One episode, several records

ELEVEN, TWELVE = "2026-05-13T11:00", "2026-05-13T12:00"


@pytest.mark.parametrize(
    ("first", "second", "decides"),
    [
        ({"outcome": "no_contact"}, {"outcome": "completed"}, "I2"),
        ({"outcome": "completed", "held_at": ELEVEN}, {"outcome": "declined", "responded_at": TWELVE}, "I1"),
        ({"outcome": "part_completed", "held_at": ELEVEN}, {"outcome": "no_contact", "offered_at": TWELVE}, "I1"),
        ({"outcome": "declined", "responded_at": TWELVE}, {"outcome": "no_contact", "offered_at": ELEVEN}, "I1"),
        ({"outcome": "declined", "offered_at": ELEVEN}, {"outcome": "no_contact", "offered_at": TWELVE}, "I2"),
        ({"outcome": "declined", "written_up_at": TWELVE}, {"outcome": "no_contact", "offered_at": ELEVEN}, "I1"),
        ({"outcome": "completed", "held_at": TWELVE}, {"outcome": "completed", "held_at": ELEVEN}, "I1"),
        ({"outcome": "declined"}, {"outcome": "no_contact"}, "I2"),
        ({"outcome": "declined"}, {"outcome": ""}, "I1"),
        ({"outcome": ""}, {"outcome": ""}, None),
    ],
)
@pytest.mark.parametrize("order", [1, -1], ids=["in order", "the other way round"])
def test_a_held_interview_decides_before_all_else_then_the_latest_word(tmp_path, first, second, decides, order):
    rows = [interview("I1", **{"response": "", **first}), interview("I2", **{"response": "", **second})]
    bring(tmp_path, interviews=rows[::order])

    assert settled().get("E1", (None, None))[1] == decides


def test_a_record_that_loses_its_outcome_leaves_the_episode_to_the_other(tmp_path):
    bring(
        tmp_path,
        interviews=[interview("I1", outcome="completed"), interview("I2", outcome="declined", offered_at=ELEVEN)],
    )
    assert settled() == {"E1": ("completed", "I1")}

    bring(tmp_path, interviews=[interview("I1", outcome="")])
    assert settled() == {"E1": ("declined", "I2")}
    bring(tmp_path, interviews=[interview("I2", outcome="")])
    assert settled() == {}


@pytest.mark.parametrize(
    ("cells", "at"),
    [
        ({"outcome": "completed", "held_at": ELEVEN, "written_up_at": TWELVE}, "2026-05-13 11:00"),
        ({"outcome": "no_contact", "offered_at": ELEVEN, "written_up_at": TWELVE}, "2026-05-13 12:00"),
        ({"outcome": "declined", "offered_at": ELEVEN, "responded_at": TWELVE}, "2026-05-13 12:00"),
        ({"outcome": "completed"}, "2026-05-12 09:00"),  # when the service was told
    ],
)
def test_an_outcome_is_settled_when_the_interview_was_held_or_else_with_the_latest_word(tmp_path, cells, at):
    bring(tmp_path, interviews=[interview(**cells)])

    assert Outcome.objects.get().at == london(at)


def test_the_outcome_that_a_person_gave_without_a_record_stays(tmp_path):
    absence = Episode.objects.get(episode_id="E1")
    Outcome.objects.create(
        child=absence.child,
        episode=absence,
        code="not_required",
        reason="agreed_exception",
        at=london("2026-05-12 10:00"),
    )
    bring(tmp_path, interviews=[interview(outcome="declined", offered_at=ELEVEN)])
    bring(tmp_path, interviews=[interview(outcome="")])

    assert settled() == {"E1": ("not_required", None)}


# Closing and opening again


def test_a_referral_is_closed_when_the_last_of_its_episodes_has_its_outcome_and_opened_when_one_loses_it(tmp_path):
    both = interview("I1", episode_ids="E1 E2", outcome="no_contact", offered_at="2026-05-22T10:00")
    bring(tmp_path, interviews=[both])
    assert closed_at() is None

    bring(
        tmp_path, interviews=[both, interview("I2", episode_ids="E3", outcome="completed", held_at="2026-06-03T10:00")]
    )
    assert closed_at() == london("2026-06-03 10:00")

    bring(tmp_path, interviews=[both | {"outcome": ""}])
    assert closed_at() is None


def test_a_referral_is_closed_anew_when_the_time_of_its_last_outcome_moves(tmp_path):
    record = interview(episode_ids="E1 E2 E3", outcome="completed", held_at="2026-06-03T10:00")
    bring(tmp_path, interviews=[record])
    bring(tmp_path, interviews=[record | {"held_at": "2026-06-03T11:00"}])

    assert closed_at() == london("2026-06-03 11:00")


def test_settling_costs_the_same_for_one_episode_as_for_thirty(tmp_path, django_assert_num_queries):
    ids = [f"E{number}" for number in range(30)]
    bring(
        tmp_path,
        episodes=[episode(each, returned_at=f"2026-05-12T{7 + number % 10:02}:00") for number, each in enumerate(ids)],
        interviews=[interview(f"I{each}", "C1", each, outcome="declined", offered_at=ELEVEN) for each in ids],
    )
    for number in (1, 30):
        keys = list(Episode.objects.order_by("pk").values_list("pk", flat=True)[:number])
        Interview.objects.update(outcome="")
        with transaction.atomic(), django_assert_num_queries(15):
            outcomes.settle(keys, now=NOW)
        Interview.objects.update(outcome="declined")
        with transaction.atomic(), django_assert_num_queries(16):
            outcomes.settle(keys, now=NOW)
        assert Outcome.objects.count() == 30


def test_an_episode_without_any_record_has_no_outcome():
    with transaction.atomic():
        outcomes.settle(Episode.objects.values_list("pk", flat=True), now=NOW)

    assert (settled(), closed_at()) == ({}, None)
