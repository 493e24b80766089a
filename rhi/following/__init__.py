"""What follows from an interview that is written up: who must do what, by when. Pure; what is stored are tasks.

Somerset 4.12 to 4.17, Wokingham 3a, Nottinghamshire 7, Surrey on the safety plan, Croydon 1.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from rhi.following import harm, needs, plans, sharing
from rhi.following.shapes import Demand, Facts, Kind, Owner

__all__ = ["RULES", "Demand", "Facts", "Kind", "Owner", "demands"]

#: Each answers what it demands. Of two demands for the same task the first stands, so rules of the procedure come
#: before what the form says.
RULES: tuple[Callable[[Facts], Iterator[Demand]], ...] = (
    harm.mash,
    plans.screen,
    plans.prevention_plan,
    plans.safety_plan,
    harm.specialist,
    plans.intervention,
    needs.needs,
    sharing.concerns,
    sharing.intelligence,
    sharing.family,
    sharing.form_to_authority,
)


def demands(facts: Facts) -> tuple[Demand, ...]:
    """Everything that follows, each kind and item once: of several demands for one task the earliest day holds."""
    found: dict[tuple[Kind, str], Demand] = {}
    for rule in RULES:
        for demand in rule(facts):
            first = found.setdefault((demand.kind, demand.item), demand)
            if demand.due_on < first.due_on:
                found[demand.kind, demand.item] = replace(first, due_on=demand.due_on)
    return tuple(found.values())
