"""The case note about a prevention plan that was not made, for the child's main record (Somerset 4.13)."""

from __future__ import annotations

from datetime import datetime

from rhi.actions.form_document import frozen_or_draft
from rhi.actions.form_facts import Case
from rhi.following.plans import NO_PLAN
from rhi.wording import in_full

QUESTION = "prevention_plan"


def without_plan(case: Case) -> bool:
    """Whether the form says that there is no plan, with its reason."""
    return case.values.get(QUESTION, {}).get("answer") == NO_PLAN


def no_plan_note(case: Case, *, now: datetime) -> str:
    """The note as plain text, in the words of the form as it was written up; empty while it says nothing of the kind.

    The child is named by the number that records know: whoever reads the note has the record open.
    """
    if not without_plan(case):
        return ""
    pages = frozen_or_draft(case, now=now)
    said = next((each for each in pages["N"]["questions"] if each["key"] == QUESTION), None)
    if said is None:
        return ""
    value, options = said["value"], dict(said["options"].get("reason", []))
    reason = options.get(str(value.get("reason", "")), "")
    interview = case.interview
    by = interview.written_up_by if interview else None
    written = interview.written_up_at if interview else None
    lines = [
        "Missing from home: why there is no risk assessment and prevention plan",
        "",
        f"Child: {case.referral.child.child_id}",
        *(
            f"Episode: {episode.episode_id}, last seen {in_full(episode.last_seen_at)}"
            + (f", back {in_full(episode.returned_at)}" if episode.returned_at else "")
            for episode in case.episodes
        ),
        *([f"Return home interview: {in_full(interview.held_at)}"] if interview and interview.held_at else []),
        "",
        *([f"Reason: {reason}"] if reason else []),
        f"Evidence: {value.get('detail', '')}",
        "",
        f"Written up{f' by {by}' if by else ''}, {in_full(written)}" if written else "Not written up yet: a draft",
    ]
    return "\n".join(lines) + "\n"
