"""Opening another team's child after giving a reason: for reading, for a day, and the team's leader is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from episodes.access import in_force
from episodes.intake import locked
from episodes.models import Access, Child
from procedures.calendar import local_date
from rhi.models import Notice
from staff import audit
from staff.actions import Refused
from staff.models import Membership, Team, User
from staff.permissions import Role

#: How long a reason opens a child: the rest of the day on which it was given, and the next morning.
OPEN_FOR = timedelta(hours=24)
LONGEST_REASON = 800


class OpeningRefused(Refused):
    """The child cannot be opened with this reason."""


class NotForOpening(Exception):
    """Nobody who is not named opens a restricted child, and must not learn that there is one."""


@dataclass(frozen=True)
class Opened:
    """The access that was given, and who was told of it."""

    access: Access
    told: tuple[User, ...]


def teams_of(child: Child, now: datetime) -> list[Team]:
    """The teams that work with a child now: by an involvement or a referral, and those of workers named alone."""
    rows = Access.objects.filter(
        in_force(now), child=child, basis__in=[Access.Basis.INVOLVEMENT, Access.Basis.ALLOCATION]
    )
    alone = rows.filter(team__isnull=True).values("user")
    ours = Q(pk__in=rows.filter(team__isnull=False).values("team")) | Q(
        pk__in=Membership.objects.filter(user__in=alone).values("team")
    )
    return list(Team.objects.filter(ours).order_by("name"))


@transaction.atomic
def open_with_reason(child: Child, *, because: str, by: User, now: datetime) -> Opened:
    """Let somebody read another team's child until the same time tomorrow, and tell that team's leaders why.

    Where no leader is on the books the missing coordinators are told. Raises OpeningRefused, and NotForOpening for a
    child who has been restricted.
    """
    because = because.strip()
    if not because:
        raise OpeningRefused("Say why you need to see this child’s record.")
    if len(because) > LONGEST_REASON:
        raise OpeningRefused(f"Say it in {LONGEST_REASON} characters or fewer.")
    child = locked(Child.objects.filter(pk=child.pk)).get()
    if child.restricted:
        raise NotForOpening
    # By a second press, a moment after this one's clock was read, they may have opened it already.
    opened = Access.objects.filter(child=child, user=by, basis=Access.Basis.BREAK_GLASS, until__gt=now)
    if opened.exists() or Child.objects.visible_to(by, now).filter(pk=child.pk).exists():
        raise OpeningRefused("You can see this child’s record already.")
    access = Access.objects.create(
        child=child, user=by, basis=Access.Basis.BREAK_GLASS, since=now, until=now + OPEN_FOR, because=because
    )
    told = _to_be_told(teams_of(child, now), now)
    Notice.objects.bulk_create(
        Notice(child=child, to=person, about=f"{by.name} opened this record, giving a reason: {because}", by=by, at=now)
        for person in told
    )
    audit.record(
        audit.Type.CHILD_OPENED_WITH_REASON,
        by=by,
        at=now,
        subject=child,
        children=[child.child_id],
        detail={"access": access.pk, "told": [person.pk for person in told]},
    )
    return Opened(access, tuple(told))


def _to_be_told(teams: list[Team], now: datetime) -> list[User]:
    """The leaders of these teams who are here, or else every missing coordinator."""
    here = User.objects.filter(Q(left_on__isnull=True) | Q(left_on__gt=local_date(now)), is_active=True)
    leaders = here.filter(role=Role.TEAM_LEADER, memberships__team__in=teams).distinct().order_by("name", "pk")
    return list(leaders) or list(here.filter(role=Role.COORDINATOR).order_by("name", "pk"))
