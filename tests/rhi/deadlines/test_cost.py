"""What working out deadlines costs: the same for one row as for thirty."""

import csv

import pytest
from django.db import transaction

from episodes import readers
from episodes.files import check
from episodes.intake import Terms
from rhi import deadlines
from rhi import readers as interviews
from routing.models import Deadline, Referral
from tests.records import NOW, bring, child, episode, interview, involvement, publish, write
from tests.rhi.deadlines.books import stored, undone, worked_out

pytestmark = pytest.mark.django_db


THIRTY = [f"{number:02}" for number in range(30)]


@pytest.fixture
def thirty_referrals(tmp_path):
    """Each of a child of its own, with an interview, an offer, an attempt and a later episode."""
    publish("somerset")
    bring(
        tmp_path,
        children=[child(each) for each in THIRTY],
        involvements=[involvement(child_id=each) for each in THIRTY],
        episodes=[episode(each, each) for each in THIRTY],
        interviews=[
            interview(each, each, each, team="North", worker_email="ann@example.org", offered_at="2026-05-12T10:00")
            for each in THIRTY
        ],
        attempts=[
            {
                "interview_id": each,
                "attempted_at": "2026-05-12T10:00",
                "method": "phone",
                "contacted": "child",
                "result": "no_answer",
            }
            for each in THIRTY
        ],
    )
    return tmp_path


def test_working_deadlines_out_costs_the_same_for_one_referral_as_for_thirty(
    thirty_referrals, django_assert_num_queries
):
    for number in (1, 30):
        keys = list(Referral.objects.order_by("pk").values_list("pk", flat=True)[:number])
        with transaction.atomic(), django_assert_num_queries(12):
            deadlines.refresh(keys)
        Deadline.objects.filter(referral__in=keys, name="offer").update(due_at=NOW)
        with transaction.atomic(), django_assert_num_queries(13):
            deadlines.refresh(keys)
    assert stored() == worked_out()


@pytest.mark.parametrize(
    ("layout", "take_rows", "column", "queries"),
    [
        (readers.CHILDREN, readers.take_children, "last_name", 2),
        (readers.INVOLVEMENTS, readers.take_involvements, "placement_provider", 7),
        (readers.EPISODES, readers.take_episodes, "police_ref", 3),
        (interviews.INTERVIEWS, interviews.take_interviews, "offered_at", 36),
        (interviews.ATTEMPTS, interviews.take_attempts, "note", 17),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_portion_of_rows_costs_the_same_for_one_row_as_for_thirty(
    thirty_referrals, django_assert_num_queries, layout, take_rows, column, queries
):
    path = thirty_referrals / layout.name
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row | {column: "2026-05-12T10:30"} for row in csv.DictReader(lines)]
    terms = Terms(NOW, "E06000066")
    for number in (1, 30):
        write(thirty_referrals, layout.name.removesuffix(".csv"), *rows[:number])
        portion = list(check(path, layout, NOW).rows(NOW))
        with undone(), django_assert_num_queries(queries):
            taken = take_rows(portion, terms)
        assert (taken.changed, taken.rejects) == (number, [])
