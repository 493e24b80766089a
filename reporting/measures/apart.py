"""What stands beside the month's cohort: what is shown apart from it, and what is counted by its own date."""

from __future__ import annotations

from reporting.measures import conditions, reasons
from reporting.measures.shapes import Count, Measure, Rate
from rhi.codes import Independence

APART: tuple[Measure, ...] = (
    Count(
        key="other_authority_children",
        name="Other authorities' children who went missing",
        words="Children for whom another authority is responsible, each counted once; shown apart.",
        unit="children",
        over="other_authorities",
        reason=reasons.in_the_month,
    ),
    Count(
        key="other_authority_episodes",
        name="Other authorities' children's missing episodes",
        words="Missing episodes of children for whom another authority is responsible; shown apart.",
        over="other_authorities",
        reason=reasons.in_the_month,
    ),
    Count(
        key="away_episodes",
        name="Away without authorisation",
        words="Episodes of looked-after children whose whereabouts were known; shown apart.",
        over="away",
        reason=reasons.in_the_month,
    ),
)

BY_DATE: tuple[Measure, ...] = (
    Count(
        key="children_offered_in_month",
        name="Children offered an interview in the month, by the date of the offer",
        words="Children to whom, or to a parent or carer of whom, an interview was offered in the month, each counted"
        " once, whenever they were missing. The rows above are of the children who went missing in the month.",
        unit="children",
        over="offered_in_month",
        reason=reasons.offered_in_month,
    ),
    Count(
        key="children_interviewed_in_month",
        name="Children interviewed in the month, by the date of the interview",
        words="Children with whom an interview was held in the month, at least in part, each counted once, whenever"
        " they were missing.",
        unit="children",
        over="held_in_month",
        reason=reasons.held_in_month,
    ),
    Count(
        key="children_interviewed_by_independent",
        name="Of these, by somebody independent",
        words="Children whose interview in the month was held by somebody independent of their care, as its form says:"
        " neither a carer nor of the placement nor the allocated worker. Counted once it is written up; who held it"
        " another time counts there.",
        unit="children",
        where=conditions.by_whom(Independence.INDEPENDENT),
        over="held_in_month",
        reason=reasons.held_by(Independence.INDEPENDENT),
    ),
    Count(
        key="children_interviewed_elsewhere",
        name="Of these, by another authority or a provider",
        words="Children whose interview in the month was held by another authority or a provider, as its form says.",
        unit="children",
        where=conditions.by_whom(Independence.ELSEWHERE),
        over="held_in_month",
        reason=reasons.held_by(Independence.ELSEWHERE),
    ),
    Count(
        key="children_interviewed_by_own_worker",
        name="Of these, by somebody not independent",
        words="Children whose interview in the month was held by the allocated worker, because the child asked for them"
        " or by local policy, or by somebody else who is not independent: the form says why.",
        unit="children",
        where=conditions.by_whom(Independence.ASKED_FOR, Independence.LOCAL_POLICY, Independence.NOT_INDEPENDENT),
        over="held_in_month",
        reason=reasons.held_by(Independence.ASKED_FOR, Independence.LOCAL_POLICY, Independence.NOT_INDEPENDENT),
    ),
    Count(
        key="children_interviewed_by_not_recorded",
        name="Of these, written up without saying by whom",
        words="Children whose interview in the month is written up, and no form here says whether the interviewer was"
        " independent: it came with the records.",
        unit="children",
        where=conditions.by_whom(""),
        over="held_in_month",
        reason=reasons.held_by(""),
    ),
    Rate(
        key="independent_rate",
        name="Held by somebody independent, % of children",
        words="Children interviewed in the month by somebody independent, in percent of those of whose interview the"
        " form says by whom it was held.",
        part="children_interviewed_by_independent",
        whole="children_interviewed_by_known",
        otherwise=reasons.held_by(*Independence.values),
        by_another="The child counts: interviewed by somebody independent about another episode",
        over="held_in_month",
    ),
)

#: Counted, but not printed: what a rate is taken from.
OF_RATES: tuple[Count, ...] = (
    Count(
        key="children_interviewed_by_known",
        name="Children interviewed by somebody of whom the form says whether they are independent",
        words="Children whose interview in the month is written up, and whose form says who held it.",
        unit="children",
        where=conditions.by_whom(*Independence.values),
        over="held_in_month",
        reason=reasons.held_by(*Independence.values),
    ),
)
