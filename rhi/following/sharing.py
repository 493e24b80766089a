"""What an interview asks to be shared: a concern with the police and others, the form with its authority. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from procedures.types import Service
from rhi.following.harm import SPECIFIC, harms
from rhi.following.needs import FROM
from rhi.following.plans import by_procedure
from rhi.following.shapes import Demand, Facts, Kind, Owner

#: Told of a concern where the procedure names nobody (Nottinghamshire 7b names them).
BY_DEFAULT = ("Police missing team",)
#: The bodies that procedures name, as rhi.models.Share names recipients; a share with one settles what was asked.
RECIPIENTS = {
    "police": "police",
    "health": "health",
    "mash": "mash",
    "social worker": "social_worker",
    "reviewing officer": "iro",
    "school": "school",
}
EXPLOITED = frozenset({"sexual_exploitation", "criminal_exploitation"})
MADE_TO = frozenset({"made_or_encouraged_to_offend", "carried_items_for_someone"})
CRIME = MADE_TO | {"victim", "witness", "offended"}
REPORT = "police_intelligence_report"


def concern(facts: Facts) -> bool:
    """Whether anything was said or seen that the police missing team should know (Nottinghamshire 7b)."""
    return bool(
        harms(facts)
        or "yes" in facts.says("hurt") | facts.says("afraid")
        or facts.says("indicators") - {"none"}
        or facts.says("crime_involved") & CRIME
        or facts.says("radicalisation_fm_fgm") & SPECIFIC
        or facts.says("immediate_action") - {"none_needed"}
        or {"high", "immediate"} & facts.says("risk_level", "harm")
        or company_of_concern(facts)
    )


def company_of_concern(facts: Facts) -> bool:
    """Whether the child was with somebody who is a concern."""
    return any(row.get("concern") == "yes" for row in facts.rows("who_with"))


def recipient(body: str) -> str:
    """The code of a body that a procedure names; of one that no share names, its words."""
    known = (code for words, code in RECIPIENTS.items() if words in body.lower())
    return next(known, re.sub(r"[^a-z0-9]+", "_", body.lower()).strip("_")[:30])


def concerns(facts: Facts) -> Iterator[Demand]:
    """A concern is shared with everybody whom the procedure names, else with the police missing team.

    By whoever held the interview (Nottinghamshire 7b). What was shared already is not asked for.
    """
    if not concern(facts):
        return
    named = facts.procedure.follow_up.tell
    for body in named or BY_DEFAULT:
        to = recipient(body)
        if to not in facts.shared:
            yield Demand(
                Kind.SHARE,
                f"Share what is relevant with: {body}. The interview raised a concern.",
                by_procedure(facts) if named else FROM,
                Owner.HOLDER,
                facts.due(),
                item=to,
            )


def intelligence(facts: Facts) -> Iterator[Demand]:
    """A police intelligence report where the interview names people of concern, exploitation or being made to offend.

    Not where the form itself says what became of one.
    """
    if any(row.get("action_type") == REPORT for row in facts.rows("actions")):
        return
    if company_of_concern(facts) or facts.says("crime_involved") & MADE_TO or harms(facts) & EXPLOITED:
        about = "Send the police an intelligence report: people, places or offences were named. Record what came of it."
        yield Demand(Kind.INTELLIGENCE, about, FROM, Owner.HOLDER, facts.due())


def family(facts: Facts) -> Iterator[Demand]:
    """What the placement, or a parent with the child's agreement, is told of it (Somerset 4.15, 8.1.3)."""
    if not facts.procedure.follow_up.consent_decides_what_is_shared:
        return
    # Another authority's child who is here is placed here, whether or not a record of ours says so.
    placed = Service.LOOKED_AFTER in facts.services or bool(facts.other_authority)
    if placed and "placement" not in facts.shared and (about := _to_placement(facts)):
        yield Demand(Kind.SHARE, about, by_procedure(facts), Owner.HOLDER, facts.due(), item="placement")
    agreed = facts.wishes.get("parent") == "agrees"
    if facts.held and not placed and agreed and "parent" not in facts.shared:
        about = "Share the outcome with the parent where that is right: the child agrees."
        yield Demand(Kind.SHARE, about, by_procedure(facts), Owner.HOLDER, facts.due(), item="parent")


def _to_placement(facts: Facts) -> str:
    """What the placement is to be told, as a task; empty where it is told nothing."""
    if facts.held and facts.wishes.get("carer_or_placement") == "agrees":
        return "Share the outcome with the placement: the child agrees."
    if facts.other_authority:
        return "Advise the placement to ask the child’s social worker: no agreement to share more is recorded."
    if facts.held:
        return (
            "Tell the placement only that the interview took place, on which day, and that it was not agreed to share."
        )
    return ""


def form_to_authority(facts: Facts) -> Iterator[Demand]:
    """The form goes to the named social worker of a child's own authority, held or refused (Somerset 8.1.3)."""
    asked = facts.procedure.follow_up.form_to_responsible_authority and facts.other_authority
    if not asked or not (facts.held or facts.declined):
        return
    who = facts.named_elsewhere or "the child’s social worker, who is not named on the record"
    yield Demand(
        Kind.SEND_FORM,
        f"Send the form by secure mail to {who} ({facts.other_authority}).",
        by_procedure(facts),
        Owner.HOLDER,
        facts.due(),
    )
