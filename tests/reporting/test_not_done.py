"""Why there is no interview: reasons that add up to the gap between episodes and interviews; and the rates in time."""

from decimal import Decimal

import pytest

from reporting.measures.not_done import NOT_DONE
from reporting.tables import Month, monthly
from tests.records import bring, child, episode, interview, london, publish

pytestmark = pytest.mark.django_db

MARCH = Month(2026, 3)
NOON = london("2026-03-31 12:00")

#: Each with its row: what became of the interview of an episode from which the child returned long ago.
SETTLED = [
    ("not_done_declined", {"outcome": "declined", "reason": "not_needed"}),
    ("not_done_declined", {"outcome": "declined", "reason": "by_parent"}),
    ("not_done_missing_again", {"outcome": "not_offered", "reason": "missing_again"}),
    ("not_done_missing_again", {"outcome": "accepted_not_held", "reason": "missing_again"}),
    ("not_done_accepted", {"outcome": "accepted_not_held", "reason": "distance"}),
    ("not_done_no_contact", {"outcome": "no_contact", "reason": "no_answer"}),
    ("not_done_not_offered", {"outcome": "not_offered", "reason": "told_too_late"}),
    ("not_done_not_required", {"outcome": "not_required", "reason": "agreed_exception"}),
    ("not_done_open", {}),
    ("in_time", {"held_at": "2026-03-04T08:00"}),  # and no outcome yet: it is done all the same
    ("late", {"held_at": "2026-03-09T08:00", "outcome": "completed"}),
]


@pytest.mark.clause("CRO-28")
def test_episodes_without_an_interview_are_split_by_reason_and_add_up(tmp_path):
    publish("croydon")
    back = {"last_seen_at": "2026-03-02T20:00", "returned_at": "2026-03-03T08:00", "notified_at": ""}
    rows = [episode(f"E{at}", **back) for at in range(len(SETTLED))]
    yesterday = {"last_seen_at": "2026-03-30T09:00", "returned_at": "2026-03-30T12:00", "notified_at": ""}
    rows.append(episode("STILL-POSSIBLE", **yesterday))
    rows.append(episode("NOT-BACK", last_seen_at="2026-03-30T20:00", returned_at="", notified_at=""))
    said = [interview(f"I{at}", "C1", f"E{at}", **cells) for at, (_, cells) in enumerate(SETTLED)]
    bring(tmp_path, now=NOON, children=[child()], episodes=rows, interviews=said)

    table = monthly(MARCH, MARCH, now=NOON)
    figures = {key: values[MARCH] for key, values in table.values.items()}

    reasons = {measure.key: figures[measure.key] for measure in NOT_DONE[1:]}
    assert reasons == {
        "not_done_declined": 2,
        "not_done_missing_again": 2,
        "not_done_accepted": 1,
        "not_done_no_contact": 1,
        "not_done_not_offered": 1,
        "not_done_not_required": 1,
        "not_done_open": 2,
        "not_done_not_back": 1,
    }
    assert sum(reasons.values()) == figures["episodes_not_done"] == figures["episodes"] - figures["episodes_done"] == 11
    assert figures["not_done_open"] == figures["open_in_time"] + figures["open_late"]
    # Of twelve returned episodes one was in time, and one more still can be.
    assert [figures[key] for key in ("episodes_returned", "in_time", "in_time_or_possible")] == [12, 1, 2]
    assert [figures["in_time_rate"], figures["best_rate"]] == [Decimal("8.33"), Decimal("16.67")]
