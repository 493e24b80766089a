"""Withdrawing an episode that was a duplicate or an error, and putting it back.

A withdrawn episode stays in the history with all that was recorded about it and is counted nowhere. It moves no
clock; a referral that has no other is closed without an outcome.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models, transaction

from episodes.actions import fingerprint, refuse_second_open
from episodes.intake import locked, wait_for_turn
from episodes.models import Episode
from rhi import outcomes, wording
from rhi.actions.corrections import OF_EPISODE, refuse_changed
from rhi.actions.returns import route_returns
from rhi.models import Interview
from routing.models import Task
from staff import audit
from staff.actions import Refused
from staff.models import User


class Why(models.TextChoices):
    """Why an episode is withdrawn."""

    DUPLICATE = "duplicate", "It is a duplicate of another record"
    ERROR = "error", "It is an error: this episode did not happen"


class WhyBack(models.TextChoices):
    """Why a withdrawn episode is put back."""

    NOT_A_DUPLICATE = "not_a_duplicate", "It is not a duplicate after all"
    HAPPENED = "happened", "The episode did happen"
    WRONG_RECORD = "wrong_record", "The wrong record was withdrawn"


class WithdrawalRefused(Refused):
    """The episode cannot be withdrawn, or not be put back, as things stand."""


@transaction.atomic
def withdraw(
    episode: Episode,
    *,
    why: Why,
    because: str,
    shown: str,
    by: User,
    now: datetime,
    duplicate_of: Episode | None = None,
) -> Episode:
    """Withdraw an episode; outcomes, clocks and the referral follow, and its open tasks are set aside.

    An episode about which alone an interview was held is not withdrawn: of two records of one episode the one without
    the interview goes. Raises WithdrawalRefused and ChangedMeanwhile.
    """
    wait_for_turn()
    stored = locked(Episode.objects.filter(pk=episode.pk).select_related("child")).get()
    if stored.withdrawn_at:
        raise WithdrawalRefused(f"This episode was withdrawn {wording.moment(stored.withdrawn_at, now=now)} already.")
    refuse_changed(stored, OF_EPISODE, shown, now=now)
    if duplicate_of and (
        duplicate_of.child_id != stored.child_id or duplicate_of.pk == stored.pk or duplicate_of.withdrawn_at
    ):
        raise WithdrawalRefused("An episode is a duplicate only of another episode of the same child that stands.")
    if _held_for_it_alone(stored):
        raise WithdrawalRefused(
            "An interview was held about this episode alone. If there are two records of it, withdraw the other one."
        )
    reason = f"Duplicate of {duplicate_of.episode_id}. {because}" if duplicate_of else because
    stored.withdrawn_at, stored.withdrawn_because = now, reason[:1000]
    stored.save(update_fields=["withdrawn_at", "withdrawn_because"])
    Task.objects.filter(episode=stored, done_at__isnull=True, set_aside_at__isnull=True).update(
        set_aside_at=now, not_done_because="The episode was withdrawn.", settled_by=by
    )
    audit.record(
        audit.Type.EPISODE_WITHDRAWN,
        by=by,
        at=now,
        subject=stored,
        children=[stored.child.child_id],
        detail={"why": why, "duplicate_of": duplicate_of.episode_id if duplicate_of else ""},
    )
    outcomes.episodes_changed([stored.child_id], now=now)
    return stored


def _held_for_it_alone(episode: Episode) -> bool:
    """Whether an interview was held about this episode and about no other that stands."""
    held = Interview.objects.filter(about__episode=episode, held_at__isnull=False)
    others = Episode.objects.filter(withdrawn_at__isnull=True).exclude(pk=episode.pk)
    return held.exclude(pk__in=Interview.objects.filter(about__episode__in=others).values("pk")).exists()


@transaction.atomic
def put_back(episode: Episode, *, why: WhyBack, shown: str, by: User, now: datetime) -> Episode:
    """Let a withdrawn episode count again, as it was: its referral opens again unless it has its outcome.

    The tasks that were set aside with it wait again. Raises WithdrawalRefused, SecondOpenEpisode and
    ChangedMeanwhile.
    """
    wait_for_turn()
    stored = locked(Episode.objects.filter(pk=episode.pk).select_related("child")).get()
    if not stored.withdrawn_at:
        raise WithdrawalRefused("This episode is not withdrawn.")
    refuse_changed(stored, OF_EPISODE, shown, now=now)
    refuse_second_open(stored)
    Task.objects.filter(episode=stored, set_aside_at=stored.withdrawn_at, done_at__isnull=True).update(
        set_aside_at=None, not_done_because="", settled_by=None
    )
    stored.withdrawn_at, stored.withdrawn_because = None, ""
    stored.save(update_fields=["withdrawn_at", "withdrawn_because"])
    audit.record(
        audit.Type.RECORD_CORRECTED,
        by=by,
        at=now,
        subject=stored,
        children=[stored.child.child_id],
        detail={"put_back": why},
    )
    outcomes.episodes_changed([stored.child_id], now=now)
    route_returns(by=by, now=now, of=stored.child)
    return stored


def shown_as(episode: Episode) -> str:
    """The fingerprint of an episode as a page shows it."""
    return fingerprint(episode, OF_EPISODE)
