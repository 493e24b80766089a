"""Harm, and what it demands: a referral to the MASH, and to a specialist service for exploitation. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rhi.following.needs import needs
from rhi.following.plans import by_procedure, review_after
from rhi.following.shapes import Demand, Facts, Kind, Owner

#: Of the form's kinds of harm, those that are significant by themselves, disclosed or suspected. The others (emotional
#: harm or threats, robbery, online harm, an accident) are so where the worker sees an immediate risk of harm.
SIGNIFICANT = frozenset(
    {
        "physical",
        "sexual",
        "sexual_exploitation",
        "criminal_exploitation",
        "neglect_of_basic_needs",
        "self_harm",
    }
)
#: Any of these is.
SPECIFIC = frozenset({"radicalisation", "forced_marriage", "fgm", "honour_based_abuse"})
#: By these the child is linked to sexual exploitation (Nottinghamshire 7a).
SEXUAL = frozenset({"sexual", "sexual_exploitation"})
SEXUAL_SIGNS = frozenset({"sexual_health_concerns", "online_grooming", "hotel_or_house_used_with_adults"})
NONE = frozenset({"none_disclosed", "none_suspected"})
#: Working days after which somebody asks for the MASH's answer.
ANSWER_AFTER = 3


def harms(facts: Facts) -> frozenset[str]:
    """The kinds of harm that were disclosed or are suspected."""
    return (facts.says("harm_types", "disclosed") | facts.says("harm_types", "suspected")) - NONE


def significant_harm(facts: Facts) -> bool:
    """Whether there are signs of significant harm, past or likely (Nottinghamshire 7a)."""
    return bool(
        harms(facts) & SIGNIFICANT
        or facts.says("radicalisation_fm_fgm") & SPECIFIC
        or "immediate" in facts.says("risk_level", "harm")
    )


def in_need(facts: Facts) -> bool:
    """Whether the interview raised a need: something to be done, support wanted, harm, or a high risk."""
    return bool(harms(facts)) or facts.risk in ("high", "immediate") or any(True for _ in needs(facts))


def mash(facts: Facts) -> Iterator[Demand]:
    """A referral to the MASH: demanded at significant harm where the procedure says so, else to be done or set aside.

    Nottinghamshire 7a; at a need of a child who is open to nobody, Wokingham 3a. A demanded one is for whoever holds
    the interview, who signs nothing off without it; any other for whoever works with the child.
    """
    follow_up = facts.procedure.follow_up
    if significant_harm(facts):
        to, due_on = follow_up.significant_harm_to or "MASH", facts.due("immediate")
        demanded = follow_up.significant_harm_to is not None
        told = " The form says that it was told at once: say when." if _told_at_once(facts) else ""
        about = f"Refer to the {to}: there are signs of significant harm.{told}"
        owner = Owner.HOLDER if demanded else facts.professional
    elif follow_up.refer_when_open_to_nobody and not facts.open_to_somebody and in_need(facts):
        to, due_on, demanded, owner = follow_up.refer_when_open_to_nobody, facts.due(), False, Owner.HOLDER
        about = f"Refer to the {to} for review: the child needs support and is open to nobody."
    else:
        return
    yield Demand(
        Kind.MASH,
        about,
        by_procedure(facts),
        owner,
        due_on,
        facts.calendar.working_day_after(due_on, ANSWER_AFTER),
        demanded=demanded,
    )


def _told_at_once(facts: Facts) -> bool:
    return "mash_csc_told" in facts.says("immediate_action")


def linked_to_sexual_exploitation(facts: Facts) -> bool:
    """Whether anything in the form links the child to sexual exploitation (Nottinghamshire 7a: "any links to CSE")."""
    return bool(harms(facts) & SEXUAL or facts.says("indicators") & SEXUAL_SIGNS or "cse" in facts.says("known_risks"))


def specialist(facts: Facts) -> Iterator[Demand]:
    """A referral to the specialist service, which allocates a worker of its own to the child (Nottinghamshire 7a)."""
    service = facts.procedure.plans.specialist_service_for_exploitation
    if service is None or not linked_to_sexual_exploitation(facts):
        return
    due_on = facts.due()
    about = f"Refer to: {service}. Something in the interview points to sexual exploitation."
    yield Demand(Kind.SPECIALIST, about, by_procedure(facts), facts.professional, due_on, review_after(due_on))
