"""A condition in another form: asked of one episode after the other, not of all joined with their interviews.

A table joins the interviews once for all of its figures. A list wants the episodes of one figure, each once, and a
database finds them soonest by asking of each whether there is such a record. Both forms come from one condition.
"""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import CombinedExpression

from rhi.models import InterviewEpisode

JOINED, ASKED = "interviews__", "interview__"


def asked(condition: Q) -> Q:
    """The condition with what it says of interviews as EXISTS; what one AND says of them is said of one interview."""
    if condition.connector == Q.OR:
        parts = [asked(part if isinstance(part, Q) else Q(part)) for part in condition.children]
        return Q(*parts, _connector=Q.OR, _negated=condition.negated)
    rest: list[Any] = []
    of_one: dict[str, Any] = {}
    for part in condition.children:
        if isinstance(part, Q):
            rest.append(asked(part))
        elif _is_of_interviews(part):
            lookup, value = cast("tuple[str, Any]", part)
            of_one[lookup.replace(JOINED, ASKED, 1)] = _of_the_episode(value)
        else:
            rest.append(part)
    if of_one:
        rest.append(Exists(InterviewEpisode.objects.filter(episode=OuterRef("pk"), **of_one)))
    return Q(*rest, _negated=condition.negated)


def asked_beside(part: Q, whole: Q) -> Q:
    """The condition of a part, for episodes that are known to meet the whole: what both say of the episode is left out.

    What they say of interviews stays, as one interview must meet all of it.
    """
    rest = [child for child in part.children if _is_of_interviews(child) or child not in whole.children]
    return asked(Q(*rest))


def _is_of_interviews(part: Any) -> bool:
    return isinstance(part, tuple) and part[0].startswith(JOINED)


def _of_the_episode(value: Any) -> Any:
    """What an interview is compared with: a time of the episode, at times with something added."""
    match value:
        case F():
            (name,) = value.deconstruct()[1]
            return OuterRef(name)
        case CombinedExpression():
            return _of_the_episode(value.lhs) + value.rhs
        case _:
            return value
