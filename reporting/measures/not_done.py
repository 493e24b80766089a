"""Why episodes have no interview: reasons that leave no episode out and take none twice, so they add up (Croydon 2.1).

Missing again stands by itself, whatever became of the offer: it is one of the two reasons that the committee is given.
"""

from __future__ import annotations

from django.db.models import Q

from reporting.measures import conditions, reasons
from reporting.measures.shapes import Count, Difference, Measure
from rhi.codes import OutcomeCode

MISSING_AGAIN = Q(outcome__code__in=[OutcomeCode.NOT_OFFERED, OutcomeCode.ACCEPTED_NOT_HELD]) & Q(
    outcome__reason="missing_again"
)
NOT_AGAIN = ~Q(outcome__reason="missing_again")
NOT_BACK = conditions.NO_OUTCOME & Q(returned_at__isnull=True)
BACK = conditions.NO_OUTCOME & Q(returned_at__isnull=False)

NOT_DONE: tuple[Measure, ...] = (
    Difference(
        key="episodes_not_done",
        name="Episodes without an interview",
        words="Missing episodes without those with an interview done. The reasons below add up to it.",
        whole="episodes",
        part="episodes_done",
        reason=reasons.not_done,
    ),
    Count(
        key="not_done_declined",
        name="Declined",
        words="Episodes whose outcome is that the interview was declined, by the child or, where the child could not be"
        " asked, by a parent or carer.",
        where=Q(outcome__code=OutcomeCode.DECLINED),
        reason=reasons.not_done,
    ),
    Count(
        key="not_done_missing_again",
        name="Missing again",
        words="Episodes whose interview was not offered, or accepted and not held, because the child went missing"
        " again.",
        where=MISSING_AGAIN,
        reason=reasons.not_done,
    ),
    Count(
        key="not_done_accepted",
        name="Accepted, but not held for another reason",
        words="Episodes whose interview was accepted and not held, but for those of a child missing again.",
        where=Q(outcome__code=OutcomeCode.ACCEPTED_NOT_HELD) & NOT_AGAIN,
        reason=reasons.not_done,
    ),
    Count(
        key="not_done_no_contact",
        name="No contact",
        words="Episodes whose outcome is that nobody could be reached.",
        where=Q(outcome__code=OutcomeCode.NO_CONTACT),
        reason=reasons.not_done,
    ),
    Count(
        key="not_done_not_offered",
        name="Not offered for another reason",
        words="Episodes whose interview was not offered, but for those of a child missing again.",
        where=Q(outcome__code=OutcomeCode.NOT_OFFERED) & NOT_AGAIN,
        reason=reasons.not_done,
    ),
    Count(
        key="not_done_not_required",
        name="Not required",
        words="Episodes whose outcome is that no interview is required. They are counted as episodes all the same.",
        where=Q(outcome__code=OutcomeCode.NOT_REQUIRED),
        reason=reasons.not_done,
    ),
    Difference(
        key="not_done_open",
        name="Still open",
        words="Episodes of children who are back, with neither an outcome nor a held interview: “open in time” and"
        " “open late” together.",
        whole="no_outcome_back",
        part="no_outcome_back_but_held",
        reason=reasons.not_done,
    ),
    Difference(
        key="not_done_not_back",
        name="Not back yet",
        words="Episodes from which no return is recorded, with neither an outcome nor a held interview.",
        whole="no_outcome_not_back",
        part="no_outcome_not_back_but_held",
        reason=reasons.not_done,
    ),
)

#: Counted, but not printed: what another figure is taken from.
UNPRINTED: tuple[Count, ...] = (
    Count(
        key="no_outcome_back",
        name="Without an outcome, the child being back",
        words="Episodes without an outcome of children who are back, those whose interview has been held among them.",
        where=BACK,
        reason=reasons.not_done,
    ),
    Count(
        key="no_outcome_back_but_held",
        name="Held without an outcome, the child being back",
        words="Of these children's episodes, those whose interview has been held.",
        where=BACK & conditions.SINCE_HELD,
        reason=reasons.done,
    ),
    Count(
        key="no_outcome_not_back",
        name="Without an outcome or a return",
        words="Episodes with neither an outcome nor a return, those whose interview has been held among them.",
        where=NOT_BACK,
        reason=reasons.not_done,
    ),
    Count(
        key="no_outcome_not_back_but_held",
        name="Held without an outcome or a return",
        words="Of these without a return, episodes whose interview has been held.",
        where=NOT_BACK & conditions.SINCE_HELD,
        reason=reasons.done,
    ),
)
