"""Asking the command what it makes of an episode."""

import json
from io import StringIO

from django.core.management import call_command

TUESDAY_NOON = "2026-05-12T12:00"
SECOND = {"last_seen_at": "2026-05-14T20:00", "returned_at": "2026-05-15T07:00", "notified_at": "2026-05-15T09:00"}


def explain(*episodes: str, at: str = TUESDAY_NOON, form: str = "json") -> str:
    """What the command prints on standard output."""
    out = StringIO()
    call_command("explain", *episodes, "--format", form, "--at", at, stdout=out)
    return out.getvalue()


def explained(episode_id: str = "E1", *, at: str = TUESDAY_NOON) -> dict:
    return json.loads(explain(episode_id, at=at))


def clocks(explanation: dict) -> dict[str, str]:
    return {clock["name"]: clock["state"] for clock in explanation["clocks"]}
