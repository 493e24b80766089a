"""Restricting a child to named people, and telling whoever holds the referral and loses sight of the child by it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from episodes import access
from episodes.intake import locked
from episodes.models import Child
from rhi.actions.sight import Sight
from rhi.models import Notice, NoticeKind
from routing.models import Allocation
from staff.models import User


def holders(child: Child) -> list[Allocation]:
    """Who holds the child's open referrals: a worker, a team, or nobody."""
    held = Allocation.objects.filter(child=child, until__isnull=True, referral__closed_at__isnull=True)
    return list(held.select_related("referral", "worker", "team").order_by("referral"))


@transaction.atomic
def name(child: Child, *, people: Iterable[User], because: str, by: User, now: datetime) -> list[Allocation]:
    """Restrict a child to these people, or say anew to whom; answers who holds open referrals and cannot see them then.

    A worker who could see the child until now is told. Raises access.RestrictionRefused.
    """
    child = locked(Child.objects.filter(pk=child.pk)).get()
    held, before = holders(child), Sight([child], now)
    change = access.change_names if child.restricted else access.restrict
    child = change(child, people=people, because=because, by=by, now=now)
    after = Sight([child], now)
    blind = [row for row in held if row.worker is None or not after.sees(row.worker, child.pk)]
    Notice.objects.bulk_create(
        Notice(
            child=child,
            to=row.worker,
            kind=NoticeKind.RESTRICTED,
            referral=row.referral,
            about=f"Referral {row.referral}, which you hold, is about a child whom only named people may see now. "
            "You are not one of them. Ask a missing coordinator to name you, or who takes the referral on.",
            by=by,
            at=now,
        )
        for row in blind
        if row.worker and before.sees(row.worker, child.pk)
    )
    return blind
