"""The scrutiny committee's table (Croydon's): its eight rows in its order, and the two that its last one is made of."""

from __future__ import annotations

from reporting.measures import conditions, reasons
from reporting.measures.shapes import Count, Measure, Rate

COMMITTEE: tuple[Measure, ...] = (
    Count(
        key="children_missing",
        name="Children who went missing",
        words="Children with at least one missing episode in the month, each counted once.",
        unit="children",
        reason=reasons.in_the_month,
    ),
    Count(
        key="children_offered",
        name="Children who were offered a return home interview",
        words="Of these, children to whom, or to a parent or carer of whom, an interview was offered for any of the"
        " month's episodes, whenever the offer was made. It is not the number who accepted.",
        unit="children",
        where=conditions.OFFERED,
        reason=reasons.offered,
    ),
    Count(
        key="children_done",
        name="Children with a return home interview done",
        words="Of these, children with whom an interview was held, at least in part, for any of the month's episodes.",
        unit="children",
        where=conditions.DONE,
        reason=reasons.done,
    ),
    Count(
        key="episodes",
        name="Missing episodes",
        words="All missing episodes of the month. A child with several is counted with each; a duplicate or an error"
        " is not counted at all.",
        reason=reasons.in_the_month,
    ),
    Count(
        key="episodes_done",
        name="Episodes with a return home interview done",
        words="Of these, episodes for which an interview was held, at least in part, or which an interview for several"
        " episodes covers.",
        where=conditions.DONE,
        reason=reasons.done,
    ),
    Rate(
        key="offer_rate",
        name="Offer rate, % of children",
        words="Children who were offered an interview, in percent of children who went missing.",
        part="children_offered",
        whole="children_missing",
        otherwise=reasons.not_offered,
        by_another="The child counts: offered for another episode of the month",
    ),
    Rate(
        key="episodes_done_rate",
        name="Interviews done, % of episodes",
        words="Episodes with an interview done, in percent of missing episodes. The higher the better.",
        part="episodes_done",
        whole="episodes",
        otherwise=reasons.not_done,
    ),
    Rate(
        key="looked_after_done_rate",
        name="Interviews done, % of looked-after children's episodes",
        words="The same for our own looked-after children, placed in our area or out of it: looked after on the day"
        " on which they went missing.",
        part="looked_after_episodes_done",
        whole="looked_after_episodes",
        otherwise=reasons.looked_after_not_done,
        over="looked_after",
    ),
    Count(
        key="looked_after_episodes",
        name="Looked-after children's missing episodes",
        words="Missing episodes of our own children who were looked after on the day on which they went missing.",
        over="looked_after",
        reason=reasons.looked_after,
    ),
    Count(
        key="looked_after_episodes_done",
        name="Looked-after children's episodes with an interview done",
        words="Of these, episodes for which an interview was held, at least in part, or which one covers.",
        where=conditions.DONE_ASKED,
        over="looked_after",
        reason=reasons.looked_after_done,
    ),
)
