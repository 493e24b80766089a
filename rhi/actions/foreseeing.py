"""What would follow from a change, worked out by making it and undoing it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from episodes.models import Child, Finding
from rhi.deadlines import STORED
from rhi.models import Outcome
from routing.models import Deadline, Referral


@dataclass(frozen=True)
class ClockMove:
    """A clock before and after; nothing where there was or would be none."""

    before: Deadline | None
    after: Deadline | None


@dataclass(frozen=True)
class Consequences:
    """What would follow: the clocks that move, and what becomes of referrals, outcomes and findings, in words."""

    clocks: tuple[ClockMove, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class _Standing:
    """What rests on the facts of a child, at one instant."""

    clocks: dict[tuple[int, str, int | None], Deadline]
    referrals: dict[int, bool]
    outcomes: dict[str, str]
    findings: dict[tuple[str, str], str]

    @classmethod
    def of(cls, child: Child) -> _Standing:
        """Four queries."""
        deadlines = Deadline.objects.filter(child=child).select_related("episode").order_by("referral", "pk")
        outcomes = Outcome.objects.filter(child=child).select_related("episode").order_by("episode__last_seen_at")
        return cls(
            clocks={(row.referral_id, row.name, row.episode_id): row for row in deadlines},
            referrals={row.pk: row.closed_at is None for row in Referral.objects.filter(child=child).order_by("pk")},
            outcomes={row.episode.episode_id: row.get_code_display() for row in outcomes},
            findings={
                (row.kind, row.record): row.get_kind_display()
                for row in Finding.objects.filter(child=child, settled_at__isnull=True).order_by("pk")
            },
        )


def foresee(child: Child, act: Callable[[], object]) -> Consequences:
    """What `act` would do to what rests on the facts of a child. It is done and undone; what it refuses is raised."""
    with transaction.atomic():
        before = _Standing.of(child)
        act()
        after = _Standing.of(child)
        transaction.set_rollback(True)
    return Consequences(tuple(_moved(before, after)), tuple(_said(before, after)))


def _moved(before: _Standing, after: _Standing) -> list[ClockMove]:
    moves = []
    for key in dict.fromkeys([*before.clocks, *after.clocks]):
        old, new = before.clocks.get(key), after.clocks.get(key)
        if old and new and all(getattr(old, name) == getattr(new, name) for name in STORED):
            continue
        moves.append(ClockMove(old, new))
    return moves


def _said(before: _Standing, after: _Standing) -> list[str]:
    said = []
    for referral, is_open in after.referrals.items():
        was_open = before.referrals.get(referral)
        if was_open is None:
            said.append("A new referral opens.")
        elif was_open is not is_open:
            said.append(f"Referral R{referral} {'opens again' if is_open else 'closes'}.")
    for episode in dict.fromkeys([*before.outcomes, *after.outcomes]):
        old, new = before.outcomes.get(episode, "none"), after.outcomes.get(episode, "none")
        if old != new:
            said.append(f"The outcome of {episode} changes from “{old}” to “{new}”.")
    said += [
        f"Something odd will be noted: {words.lower()}."
        for finding, words in after.findings.items()
        if finding not in before.findings
    ]
    said += [
        f"No longer odd: {words.lower()}."
        for finding, words in before.findings.items()
        if finding not in after.findings
    ]
    return said
