"""Why episodes have no interview, each under one reason: a part of the monthly table, counted a second time."""

from datetime import UTC

from tests.reference.record_rows import Row, instant

DONE = {"completed", "covered", "part_completed"}
REASONS = ("declined", "missing_again", "accepted", "no_contact", "not_offered", "not_required", "open", "not_back")


def not_done_by_reason(episodes: list) -> dict[str, list]:
    """These episodes without an interview, all of them and each under the one reason that it has."""
    by_reason: dict[str, list] = {f"not_done_{reason}": [] for reason in REASONS}
    for episode in episodes:
        by_reason[f"not_done_{reason_of(episode)}"].append(episode)
    return {"episodes_not_done": episodes, **by_reason}


def reason_of(episode) -> str:
    """Why there is no interview; a child missing again is one reason, whether or not the offer had been accepted."""
    if not episode.outcome:
        return "open" if episode.returned_at else "not_back"
    if episode.reason == "missing_again":
        return "missing_again"
    return {"accepted_not_held": "accepted"}.get(episode.outcome, episode.outcome)


def weight_of_outcome(interview: Row) -> tuple[bool, str, str]:
    """By which of several rows with an outcome the heaviest stands: done first, then the latest time in the row."""
    times = [
        instant(interview[name]).astimezone(UTC).isoformat()
        for name in ("written_up_at", "held_at", "responded_at", "offered_at")
        if name in interview
    ]
    return interview["outcome"] in DONE, max(times, default=""), interview["interview_id"]
