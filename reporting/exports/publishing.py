"""What is left out of a table that anybody may read: small numbers, and what would let one of them be worked out.

Whoever reads the table knows more than its cells: there are never fewer episodes than children, never fewer asked than
offered. So leaving out the counts from 1 to 4 is not enough: a count that is left out stays so only if it could as well
have been another, with every cell that is shown as it is. Where it could not, another cell is left out too.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from reporting.measures import MEASURES, Rate
from reporting.tables import HIDDEN, SMALL, Month, Table, Value

Keys = tuple[str, ...]
Rule = tuple[Keys, Keys]

MOVES = 6
"""How many other counts may move with one, in looking for what it could be instead."""

#: What everybody knows of a month's counts, or will suppose: the first are together never fewer than the second. What
#: does not hold of a month's figures is not supposed of it.
NEVER_FEWER: tuple[Rule, ...] = (
    (("episodes",), ("children_missing",)),
    (("children_missing",), ("children_offered",)),
    (("children_missing",), ("children_done",)),
    (("episodes",), ("episodes_offered",)),
    (("episodes_offered",), ("children_offered",)),
    (("episodes_offered",), ("episodes_done",)),
    (("episodes_done",), ("children_done",)),
    # A child who was not offered one, or has none done, has at least one episode like that.
    (("episodes", "children_offered"), ("children_missing", "episodes_offered")),
    (("episodes", "children_done"), ("children_missing", "episodes_done")),
    (("episodes",), ("episodes_done", "open_in_time", "open_late")),
    (("episodes",), ("looked_after_episodes",)),
    (("looked_after_episodes",), ("looked_after_episodes_done",)),
    (("episodes_done",), ("looked_after_episodes_done",)),
    (("episodes", "looked_after_episodes_done"), ("looked_after_episodes", "episodes_done")),
    (("episodes_offered",), ("episodes_accepted", "episodes_declined")),
    (("episodes_accepted",), ("episodes_done",)),
    (("in_time",), ("held_within_72_hours",)),
    (("held_within_72_hours",), ("in_time",)),
    (("episodes_done",), ("in_time", "late")),
    (("in_time", "late"), ("episodes_done",)),
    (("held_within_3_calendar_days",), ("held_within_72_hours",)),
    (("held_within_3_working_days",), ("held_within_3_calendar_days",)),
    (("in_time", "late"), ("held_within_3_working_days",)),
    (("held_within_72_hours_of_notification",), ("held_within_72_hours",)),
    (("in_time", "late"), ("held_within_72_hours_of_notification",)),
    (("other_authority_episodes",), ("other_authority_children",)),
    # Where the procedure counts them too.
    (("children_missing",), ("other_authority_children",)),
    (("episodes",), ("other_authority_episodes", "looked_after_episodes")),
)


def for_publishing(table: Table) -> Table:
    """The table with `HIDDEN` in the place of what is left out, and nothing beside what is printed.

    A rate goes with its part or its whole. Raises ValueError for a narrowed table: held against that of all episodes,
    the rest of what is left out of it could be worked out.
    """
    if table.narrowing:
        raise ValueError("A table of only part of the episodes is not for publishing.")
    values: dict[str, dict[Month, Value]] = {measure.key: {} for measure in MEASURES}
    for month in table.months:
        figures = {measure.key: table.values[measure.key][month] for measure in MEASURES}
        hidden = left_out({key: value for key, value in figures.items() if isinstance(value, int)})
        for measure in MEASURES:
            parts = {measure.part, measure.whole} if isinstance(measure, Rate) else {measure.key}
            value = figures[measure.key]
            values[measure.key][month] = HIDDEN if value is not None and parts & hidden else value
    return replace(table, values=values)


def left_out(counts: Mapping[str, int]) -> Set[str]:
    """Which of a month's counts are left out: those from 1 to 4, and as few others as keep these from being known.

    Noughts are never left out: they say of no child anything.
    """
    hidden = {key for key, count in counts.items() if count in SMALL}
    known = [rule for rule in NEVER_FEWER if _holds(rule, counts)]
    while exposed := next((key for key in sorted(hidden) if not _could_differ(key, counts, hidden, known)), None):
        shown = {key for key, count in counts.items() if count and key not in hidden}
        near = {key for rule in known for key in _keys(rule) if exposed in _keys(rule)} & shown
        if not shown:
            break
        hidden.add(min(near or shown, key=lambda key: (counts[key], key)))
    return hidden


def _could_differ(key: str, counts: Mapping[str, int], hidden: Set[str], known: list[Rule]) -> bool:
    """Whether a count could be one more or one less, with all that is shown as it is and all that is known true."""
    return any(
        _mended(dict(counts) | {key: counts[key] + by}, hidden - {key}, known, MOVES)
        for by in (-1, 1)
        if _is_possible(counts[key], by)
    )


def _mended(counts: Mapping[str, int], movable: Set[str], known: list[Rule], moves: int) -> bool:
    """Whether moving so many of these counts at most, by one each, makes everything true that is known."""
    broken = next((rule for rule in known if not _holds(rule, counts)), None)
    if broken is None or not moves:
        return broken is None
    more, fewer = broken
    return any(
        _mended(dict(counts) | {key: counts[key] + by}, movable - {key}, known, moves - 1)
        for keys, by in ((more, 1), (fewer, -1))
        for key in keys
        if key in movable and _is_possible(counts[key], by)
    )


def _is_possible(count: int, by: int) -> bool:
    """Whether a count that is left out can be so many more: a small one stays from 1 to 4, any other above."""
    return (count + by in SMALL) is (count in SMALL)


def _holds(rule: Rule, counts: Mapping[str, int]) -> bool:
    more, fewer = rule
    return sum(counts.get(key, 0) for key in more) >= sum(counts.get(key, 0) for key in fewer)


def _keys(rule: Rule) -> Keys:
    return rule[0] + rule[1]
