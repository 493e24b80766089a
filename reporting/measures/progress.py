"""Our own rows: how far the interviews owed for the month's episodes have come, and which of them were in time."""

from __future__ import annotations

from reporting.measures import conditions, reasons
from reporting.measures.shapes import Count, Difference, Measure, Rate

PROGRESS: tuple[Measure, ...] = (
    Rate(
        key="children_done_rate",
        name="Interviews done, % of children",
        words="Children with an interview done, in percent of children who went missing.",
        part="children_done",
        whole="children_missing",
        otherwise=reasons.not_done,
        by_another="The child counts: interviewed for another episode of the month",
    ),
    Count(
        key="episodes_offered",
        name="Episodes for which an interview was offered",
        words="Episodes for which an interview was offered to the child or to a parent or carer.",
        where=conditions.OFFERED,
        reason=reasons.offered,
    ),
    Count(
        key="episodes_accepted",
        name="Episodes for which the child accepted",
        words="Episodes for which the child accepted the offer. A parent's or carer's acceptance is not the child's.",
        where=conditions.ACCEPTED,
        reason=reasons.accepted,
    ),
    Count(
        key="episodes_declined",
        name="Episodes for which the offer was declined",
        words="Episodes for which the child, or a parent or carer, declined the offer.",
        where=conditions.DECLINED,
        reason=reasons.declined,
    ),
    Count(
        key="held_within_72_hours",
        name="Held within 72 hours of the return",
        words="Episodes whose interview was held at most 72 elapsed hours after the child's return. It is one standard"
        " beside the three below. “In time” is always the same number: there it is a part of the whole.",
        where=conditions.HELD_WITHIN_72_HOURS,
        reason=reasons.since_return,
    ),
    Count(
        key="held_within_72_hours_of_notification",
        name="Held within 72 hours of the notification",
        words="Episodes whose interview was held at most 72 elapsed hours after the service learned of the return.",
        where=conditions.HELD_WITHIN_72_HOURS_OF_NOTIFICATION,
        reason=reasons.since_notification,
    ),
    Count(
        key="held_within_3_calendar_days",
        name="Held within 3 calendar days of the return",
        words="Episodes whose interview was held by the end of the third day after the day of return.",
        where=conditions.HELD_WITHIN_3_CALENDAR_DAYS,
        reason=reasons.by_third_day,
    ),
    Count(
        key="held_within_3_working_days",
        name="Held within 3 working days of the return",
        words="Episodes whose interview was held by the end of the third working day after the day of return.",
        where=conditions.HELD_WITHIN_3_WORKING_DAYS,
        reason=reasons.by_third_working_day,
        by_working_days=True,
    ),
    Count(
        key="in_time",
        name="In time",
        words="Episodes whose interview was held within 72 hours of the return. It is one part of the whole, with late,"
        " open in time and open late. “Held within 72 hours of the return” is always the same number: there it is a"
        " standard.",
        where=conditions.HELD_WITHIN_72_HOURS,
        reason=reasons.since_return,
    ),
    Difference(
        key="late",
        name="Late",
        words="Episodes whose interview was held later than 72 hours after the return.",
        whole="held_at_known_time",
        part="in_time",
        reason=reasons.since_return,
    ),
    Difference(
        key="open_in_time",
        name="Open in time",
        words="Episodes with neither an outcome nor a held interview, whose 72 hours since the return are not over.",
        whole="no_outcome_in_time",
        part="no_outcome_but_held_in_time",
        reason=reasons.open_since_return,
    ),
    Difference(
        key="open_late",
        name="Open late",
        words="Episodes with neither an outcome nor a held interview, whose 72 hours since the return are over.",
        whole="no_outcome_late",
        part="no_outcome_but_held_late",
        reason=reasons.open_since_return,
    ),
)

#: Counted, but not printed: what another figure is taken from.
UNPRINTED: tuple[Count, ...] = (
    Count(
        key="held_at_known_time",
        name="Held at a known time",
        words="Episodes whose interview was held, where the times of return and of interview are known.",
        where=conditions.HELD_AT_KNOWN_TIME,
        reason=reasons.since_return,
    ),
    Count(
        key="no_outcome_in_time",
        name="Without an outcome, in time",
        words="Episodes without an outcome, among them interviews held but not written up, within 72 hours of the"
        " return.",
        where=conditions.NO_OUTCOME_IN_TIME,
        reason=reasons.not_done,
    ),
    Count(
        key="no_outcome_but_held_in_time",
        name="Held without an outcome, in time",
        words="Of these, episodes whose interview has been held.",
        where=conditions.NO_OUTCOME_IN_TIME & conditions.SINCE_HELD,
        reason=reasons.done,
    ),
    Count(
        key="no_outcome_late",
        name="Without an outcome, late",
        words="Episodes without an outcome, interviews held but not yet written up among them, later than 72 hours"
        " after it.",
        where=conditions.NO_OUTCOME_LATE,
        reason=reasons.not_done,
    ),
    Count(
        key="no_outcome_but_held_late",
        name="Held without an outcome, late",
        words="Of these later ones, episodes whose interview has been held.",
        where=conditions.NO_OUTCOME_LATE & conditions.SINCE_HELD,
        reason=reasons.done,
    ),
)
