"""The list of the cases behind a figure among a million episodes, beside hand-written SQL; and what narrowing costs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from django.db import connection

from checks.bench import Figure, ratio
from checks.bench.table import NOW, YEAR
from reporting.cases import cases
from reporting.narrowing import Narrowing
from reporting.tables import Month, monthly
from staff.models import Team

FOLDER = Path(__file__).resolve().parent
MONTH = Month(2024, 6)
PAIRS = 9

HELD = """EXISTS (
    SELECT FROM rhi_interviewepisode link JOIN rhi_interview interview ON interview.id = link.interview_id
    WHERE link.episode_id = episode.id AND {condition}
)"""
IS_DONE = "(outcome.id IS NULL OR outcome.code IN ('completed', 'covered', 'part_completed'))"
#: What puts an episode into a figure: an offer, an interview in time, and an interview that was not.
BY_HAND = {
    "children_offered": """EXISTS (
        SELECT FROM rhi_interviewepisode link JOIN rhi_offer offer ON offer.interview_id = link.interview_id
        WHERE link.episode_id = episode.id AND offer."to" IN ('child', 'parent') AND offer.offered_at IS NOT NULL
    )""",
    "in_time": f"{IS_DONE} AND "
    + HELD.format(condition="interview.held_at <= episode.returned_at + interval '72 hours'"),
    "late": f"{IS_DONE} AND "
    + HELD.format(condition="interview.held_at > episode.returned_at + interval '72 hours'")
    + " AND NOT "
    + HELD.format(condition="interview.held_at <= episode.returned_at + interval '72 hours'"),
}


def measure() -> Iterator[Figure]:
    """In the database that checks.bench.table has filled. Both lists must be the same, or nothing is compared."""
    for key in BY_HAND:
        if ours(key) != by_hand(key):
            raise SystemExit(f"{key} of {MONTH} lists other cases than the SQL.")
        yield ratio(
            f"the list behind {key}, beside hand-written SQL",
            partial(ours, key),
            partial(by_hand, key),
            limit=1.3,
            pairs=PAIRS,
        )
    team = Team.objects.values_list("pk", flat=True).first()
    for name, narrowing in (
        ("12 months of the table of one team, beside all teams", Narrowing(team=team)),
        ("12 months of the table, all narrowed, beside all", Narrowing(team, "Area 3", "13-15", "yes", "both")),
    ):
        yield ratio(name, partial(monthly, *YEAR, now=NOW, narrowing=narrowing), table, limit=2, pairs=3)


def table() -> object:
    """The figures of everything, as the page first shows them."""
    return monthly(*YEAR, now=NOW)


def ours(key: str) -> list[tuple[int, int]]:
    """The list as a page reads it, in order; the facts of the fifty cases that are shown come on top of it."""
    return [(listed.episode, listed.child) for listed in cases(key, MONTH, now=NOW).listed]


def by_hand(key: str) -> list[tuple[int, int]]:
    """The same rows by SQL."""
    behind = (FOLDER / "cases_behind.sql").read_text("utf-8").replace("{condition}", BY_HAND[key])
    with connection.cursor() as cursor:
        cursor.execute(behind, {"first": MONTH.first, "last": MONTH.last})
        return list(cursor.fetchall())
