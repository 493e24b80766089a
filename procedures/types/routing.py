"""Who holds an interview."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from procedures.types.frozen import Frozen, Words
from procedures.types.vocabulary import Destination, Kind, PlacementArea, Service


class Rule(Frozen):
    """One sentence of the authority's on who holds an interview. The first that matches decides.

    A rule that names services is about our own children unless `responsible` says otherwise.
    """

    name: Words
    clause: Words
    because: Words
    services: tuple[Service, ...] = ()
    age_below: Annotated[int, Field(gt=0)] | None = None
    responsible: Literal["ours", "other", "any"] | None = None
    placement: tuple[PlacementArea, ...] = ()
    to: Destination
    team: Words | None = None

    @property
    def whose_children(self) -> Literal["ours", "other", "any"]:
        """Whose children the rule speaks of, stated or implied."""
        return self.responsible or ("ours" if self.services else "any")

    @model_validator(mode="after")
    def _names_what_it_needs(self) -> Self:
        rests_on_an_involvement = {Destination.WORKER, Destination.TEAM_MEMBER, Destination.DISCUSS}
        if self.to is Destination.JOINED:
            raise ValueError("a destination that a rule can name; joining is set by routing.joining")
        if self.to in rests_on_an_involvement and not self.services:
            raise ValueError(f"services, because '{self.to}' sends to the worker or team of one of them")
        lies_in_a_named_tray = self.to in {Destination.TRAY, Destination.SOCIAL_CARE, Destination.DISCUSS}
        if lies_in_a_named_tray and not self.team:
            raise ValueError(f"team, because '{self.to}' lies in the tray of a named team")
        if self.team and not lies_in_a_named_tray:
            raise ValueError(f"no team, because '{self.to}' does not send to a team that a rule names")
        if self.placement and Service.LOOKED_AFTER not in self.services:
            raise ValueError("looked_after among the services, because only a looked-after child has a placement")
        if self.to is Destination.AUTHORITY and self.responsible != "other":
            raise ValueError('responsible = "other", because only another authority\'s child is theirs to interview')
        return self


class DefaultRule(Frozen):
    """Where a referral goes when no rule matches, so that routing always answers."""

    team: Words
    clause: Words
    because: Words


#: What decisions call the procedure's default and the joining of an open referral.
TAKEN_NAMES = ("default", "joining")


class Routing(Frozen):
    """Who holds an interview: the rules in their order, and what happens when none matches."""

    rules: tuple[Rule, ...]
    default: DefaultRule
    joining: bool = True
    kinds: frozenset[Kind] = frozenset({Kind.MISSING})
    providers_allowed: bool = False
    better_placed: Words | None = None
    dedicated_workers: bool = False

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        names = Counter([*(rule.name for rule in self.rules), *TAKEN_NAMES])
        if twice := [name for name, number in names.items() if number > 1]:
            raise ValueError(f"each rule with a name of its own; {', '.join(twice)} is taken")
        if any(rule.to is Destination.PROVIDER for rule in self.rules) and not self.providers_allowed:
            raise ValueError("providers_allowed = true, because a rule sends to a provider")
        for template in [*(rule.team for rule in self.rules if rule.team), self.default.team]:
            if set("{}") & set(template.replace("{area}", "")):
                raise ValueError(f"no placeholder but {{area}} in a team's name; found {template!r}")
        return self
