"""Screens, plans and interventions that a procedure asks for beside the interview. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from rhi.following.shapes import REVIEW_AFTER, Demand, Facts, Kind, Owner

#: By these answers a screen was done; the day beside them says whether it is of this episode.
SCREENED = frozenset({"completed", "already_done_by_social_worker_since_the_episode"})
#: By these a plan is there.
PLANNED = frozenset({"created", "updated"})
NO_PLAN = "not_done_reason"


def review_after(due_on: date) -> date:
    """When its owner looks at something again that was due on a day: four weeks on, so on the same day of the week."""
    return due_on + timedelta(days=REVIEW_AFTER)


def by_procedure(facts: Facts) -> str:
    """Where a demand comes from, when the authority's procedure asks for it."""
    return f"{facts.procedure.authority.name}’s procedure"


def screened(facts: Facts) -> bool:
    """Whether a screen has been done since the earliest episode began; one from before it is of no use here.

    Somerset 4.12: "unless a Social Worker has completed a new screen since the reported missing episode".
    """
    done_on = facts.dated("ce_screen", "date")
    since = done_on is not None and facts.began_on <= done_on <= facts.today
    return since and bool(facts.says("ce_screen") & SCREENED)


def screen(facts: Facts) -> Iterator[Demand]:
    """A child exploitation screen from an age on, whether or not an interview was held (Somerset 4.12)."""
    age = facts.procedure.plans.exploitation_screen_from_age
    if age is None or facts.age < age or screened(facts):
        return
    due_on = facts.due()
    yield Demand(
        Kind.SCREEN,
        "Complete a child exploitation screen, unless a social worker has done a new one since the episode began.",
        by_procedure(facts),
        Owner.HOLDER,
        due_on=due_on,
    )


def prevention_plan(facts: Facts) -> Iterator[Demand]:
    """A risk assessment and prevention plan: ours without a social worker, else asked of her (Somerset 4.13, 4.16).

    Without a social worker the reason why there is none lifts it too.
    """
    answer = facts.says("prevention_plan")
    if not facts.procedure.plans.prevention_plan_without_social_worker or answer & PLANNED:
        return
    if facts.has_social_worker:
        about = "Complete or update the prevention plan for missing episodes."
        if not facts.social_worker:
            about = "Ask the child’s social worker in the other authority to complete or update the prevention plan."
        owner = facts.professional if facts.social_worker else Owner.HOLDER
    elif NO_PLAN in answer:
        return
    else:
        about, owner = "Complete the risk assessment and prevention plan: the child has no social worker.", Owner.HOLDER
    due_on = facts.due()
    yield Demand(Kind.PREVENTION_PLAN, about, by_procedure(facts), owner, due_on, review_after(due_on))


def safety_plan(facts: Facts) -> Iterator[Demand]:
    """A multi-agency safety plan after every episode, or the reason why not (Surrey, the importance of the plan)."""
    answer = facts.says("prevention_plan")
    if not facts.procedure.plans.safety_plan_every_episode or answer & PLANNED or NO_PLAN in answer:
        return
    due_on = facts.due()
    about = "See that a multi-agency safety plan is put in place."
    yield Demand(Kind.SAFETY_PLAN, about, by_procedure(facts), facts.professional, due_on, review_after(due_on))


def intervention(facts: Facts) -> Iterator[Demand]:
    """A short, targeted intervention early for a child who begins to go missing repeatedly (Croydon 1.5)."""
    after = facts.procedure.plans.targeted_intervention_after_episodes
    if after is None or facts.missing_in_year < after:
        return
    due_on = facts.due()
    yield Demand(
        Kind.INTERVENTION,
        f"Offer a short, targeted intervention: missing {facts.missing_in_year} times within a year.",
        by_procedure(facts),
        facts.professional,
        due_on,
        review_after(due_on),
    )
