"""What the interview itself raised: the actions of its form, and the support that the child would like. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rhi.following.plans import review_after
from rhi.following.shapes import Demand, Facts, Kind
from rhi.questions import SECTIONS
from rhi.questions.shapes import CHILD_MAY, MAIN, Part, day

FROM = "The interview’s form"
#: As long as an item can be.
ITEM = 30
OPEN = "open"

#: What an action of the form is; all others are needs like any. Those without an item of their own are the one task of
#: their kind, so that what the procedure asks for as well stands once.
KINDS = {
    "mash_or_csc_referral": Kind.MASH,
    "police_intelligence_report": Kind.INTELLIGENCE,
    "ce_screening_panel": Kind.SCREEN,
    "safety_plan": Kind.SAFETY_PLAN,
    "post_missing_support": Kind.SUPPORT,
    "early_help_referral": Kind.SERVICE,
    "health": Kind.SERVICE,
    "camhs": Kind.SERVICE,
    "substance_misuse": Kind.SERVICE,
    "advocacy": Kind.SERVICE,
}
ONE_OF_A_KIND = frozenset({Kind.MASH, Kind.INTELLIGENCE, Kind.SCREEN, Kind.SAFETY_PLAN})

#: The actions by which something that the child would like is taken up, so that it is not asked for twice.
TAKEN_UP_BY = {
    "someone_to_talk_to": frozenset({"post_missing_support", "early_help_referral", "camhs"}),
    "change_at_placement_or_home": frozenset({"placement_change_or_review", "early_help_referral"}),
    "contact_with_family": frozenset({"post_missing_support"}),
    "school_help": frozenset({"school"}),
    "health_or_camhs": frozenset({"health", "camhs"}),
    "substance_misuse_service": frozenset({"substance_misuse"}),
    "advocate_or_independent_visitor": frozenset({"advocacy"}),
    "activities": frozenset({"post_missing_support"}),
    "mediation": frozenset({"post_missing_support", "early_help_referral"}),
}
NOTHING = frozenset({"none", *(option.code for option in CHILD_MAY)})


def _parts(key: str) -> dict[str, Part]:
    """The parts of a question, its columns too, by name."""
    question = next(each for section in SECTIONS for each in section.questions if each.key == key)
    return {part.name: part for part in (*question.parts, *question.columns)}


ACTION = _parts("actions")["action_type"]
WANTED = _parts("wants_support")[MAIN]


def actions(facts: Facts) -> Iterator[Demand]:
    """A task for every action of the form that is open, the allocated professional's where there is one.

    Somerset 4.17, Wokingham 3a, Nottinghamshire 7a. Due on the day that the form says, else by the level of risk.
    """
    seen: Counter[str] = Counter()
    for row in facts.rows("actions"):
        action = str(row.get("action_type", ""))
        seen[action] += 1
        if not action or str(row.get("action_status", OPEN)) != OPEN:
            continue
        kind = KINDS.get(action, Kind.NEED)
        due_on = day(str(row.get("action_due", ""))) or facts.due()
        who = str(row.get("action_owner", "")).strip()
        yield Demand(
            kind,
            ACTION.words(action) + (f". The form names: {who[:200]}." if who else "."),
            FROM,
            facts.professional,
            due_on,
            review_after(due_on),
            item="" if kind in ONE_OF_A_KIND else _item(action, seen[action]),
        )


def _item(action: str, number: int) -> str:
    """Which action of the form it is: the same when the form is written up anew."""
    return action[:ITEM] if number == 1 else f"{action[: ITEM - 3]}_{number}"


def wanted(facts: Facts) -> Iterator[Demand]:
    """Support for each thing that the child would like, unless an action of the form takes it up."""
    taken = {str(row.get("action_type", "")) for row in facts.rows("actions")}
    for option in WANTED.options:
        code = option.code
        if code not in facts.says("wants_support") - NOTHING or TAKEN_UP_BY.get(code, frozenset()) & taken:
            continue
        due_on = facts.due()
        about = f"The child would like: {option.words}."
        yield Demand(
            Kind.SUPPORT, about, FROM, facts.professional, due_on, review_after(due_on), item=f"wants_{code}"[:ITEM]
        )


def needs(facts: Facts) -> Iterator[Demand]:
    """Everything that the interview itself raised."""
    yield from actions(facts)
    yield from wanted(facts)
