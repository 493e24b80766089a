"""Correcting an absence: what rests on its times follows in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from episodes import actions as episodes
from episodes.actions import CorrectionRefused
from episodes.intake import locked
from episodes.models import Episode, ReturnPrecision
from procedures.calendar import local_date, start_of_day
from rhi import outcomes
from staff.models import User


@transaction.atomic
def correct_episode(episode: Episode, *, values: Mapping[str, Any], by: User, now: datetime) -> Episode:
    """Correct an absence; its child's outcomes and deadlines follow.

    A return is corrected together with how well it is known: exactly, unless the person says otherwise. One that has
    not been recorded yet is not corrected but received, because a referral must be opened. Raises CorrectionRefused.
    """
    stored = locked(Episode.objects.filter(pk=episode.pk)).get()
    returned_at = values.get("returned_at")
    if returned_at and not stored.returned_at:
        raise CorrectionRefused("The child's return has not been recorded yet.")
    if "returned_at" in values:
        values = {"return_precision": ReturnPrecision.EXACT if returned_at else ""} | dict(values)
        if returned_at and values["return_precision"] == ReturnPrecision.DATE:
            values["returned_at"] = start_of_day(local_date(returned_at))
    corrected = episodes.correct(episode, values=values, by=by, now=now)
    outcomes.absences_changed([corrected.child_id])
    return corrected
