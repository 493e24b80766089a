"""Correcting a child or an episode: what rests on its facts follows in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from episodes import actions as episodes
from episodes.actions import CorrectionRefused, as_known, fingerprint, refuse_second_open
from episodes.intake import locked, wait_for_turn
from episodes.models import Child, Episode, ReturnPrecision, Typed
from rhi import outcomes
from rhi.actions.recording import recorded_by, with_authority
from rhi.actions.returns import route_returns
from staff import audit
from staff.actions import Refused
from staff.models import User

#: What the trail says when somebody has changed a record that another had open.
CHANGED = (
    audit.Type.RECORD_CORRECTED,
    audit.Type.RETURN_RECORDED,
    audit.Type.EPISODE_WITHDRAWN,
    audit.Type.CHILD_RESTRICTED,
)
#: The fields of a child and of an episode that the pages correct.
OF_CHILD = (
    *("first_name", "last_name", "date_of_birth", "sex", "ethnicity", "responsible_authority", "area", "language"),
    *("interpreter_needed", "living_independently", "uasc", "address_1", "address_2", "address_3", "address_4"),
    *("postcode", "phone", "email"),
)
OF_EPISODE = (
    *("kind", "last_seen_at", "reported_at", "returned_at", "return_precision", "ended_how", "notified_at"),
    *("source", "police_ref", "police_risk", "missing_from", "circumstances", "withdrawn_at"),
)


class ChangedMeanwhile(Refused):
    """The record is no longer as it was when the person opened it."""


@transaction.atomic
def correct_child(child: Child, *, values: Mapping[str, Any], shown: str, by: User, now: datetime) -> Child:
    """Correct a child; `authority` is the code of the responsible authority, empty when it is ours.

    `shown` is the fingerprint of what the person saw. Raises ChangedMeanwhile and CorrectionRefused.
    """
    stored = locked(Child.objects.filter(pk=child.pk)).get()
    refuse_changed(stored, OF_CHILD, shown, now=now)
    return episodes.correct(stored, values=with_authority(values), by=by, now=now)


@transaction.atomic
def correct_episode(
    episode: Episode, *, values: Mapping[str, Any], by: User, now: datetime, shown: str | None = None
) -> Episode:
    """Correct an episode; its child's outcomes and deadlines follow.

    A return is corrected together with how well it is known: exactly, unless the person says otherwise. One that has
    not been recorded yet is not corrected but received, because a referral must be opened; one that was recorded by
    mistake may be cleared. An episode that turns out to be of a kind that is routed is routed. `shown` is the
    fingerprint of what the person saw. Raises CorrectionRefused, SecondOpenEpisode and ChangedMeanwhile.
    """
    wait_for_turn()
    stored = locked(Episode.objects.filter(pk=episode.pk).select_related("child")).get()
    if shown is not None:
        refuse_changed(stored, OF_EPISODE, shown, now=now)
    if stored.withdrawn_at:
        raise CorrectionRefused("This episode was withdrawn. Put it back before you correct it.")
    returned_at = values.get("returned_at")
    if returned_at and not stored.returned_at:
        raise CorrectionRefused("The child's return has not been recorded yet.")
    if "returned_at" in values:
        values = {"return_precision": ReturnPrecision.EXACT if returned_at else ""} | dict(values)
        values["returned_at"] = as_known(returned_at, values["return_precision"])
    corrected = episodes.correct(stored, values=values, by=by, now=now)
    if "returned_at" in values:
        refuse_second_open(corrected)
    outcomes.episodes_changed([corrected.child_id], now=now)
    if "kind" in values:
        route_returns(by=by, now=now, of=stored.child)
    return corrected


def refuse_changed(record: Typed, names: Iterable[str], shown: str, *, now: datetime) -> None:
    """Refuse to change a record that differs from what the person saw. Raises ChangedMeanwhile."""
    if fingerprint(record, names) != shown:
        who = recorded_by(record, CHANGED, now=now)
        raise ChangedMeanwhile(
            f"The record has changed since you opened it. {who} What you typed is kept: look at it once more and go on."
        )
