"""Who gets a digest: leaders and coordinators each working day, or who stands in for them; managers each week."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from procedures.calendar import local_date
from rhi.models import Email, Preferences
from staff.models import Membership, User, leavers
from staff.permissions import Role

#: Who gets a digest each working day.
DAILY = (Role.TEAM_LEADER, Role.COORDINATOR)


def reads(user: User, kind: str, now: datetime) -> bool:
    """Whether a digest of this kind is for somebody who is here, as things stand."""
    if kind == Email.Kind.WEEKLY:
        return user.role == Role.MANAGER
    return user.role in DAILY or bool(trays_of(user, now))


def away(now: datetime) -> QuerySet[Preferences]:
    """What those prefer who are away today."""
    today = local_date(now)
    return Preferences.objects.filter(away_from__lte=today, away_until__gte=today)


def stood_in_for(now: datetime) -> QuerySet[Preferences]:
    """What the leaders prefer who are away and for whom somebody stands in who sees their trays."""
    gone = leavers(local_date(now)).values("pk")
    rows = away(now).filter(user__role=Role.TEAM_LEADER, cover__isnull=False).exclude(user__in=gone)
    return rows.exclude(cover__role=Role.INTERVIEWER)


def trays_of(user: User, now: datetime) -> set[int]:
    """The teams (keys) of whose trays somebody is told: those they lead, or whose leader they stand in for.

    For a leader of another team only a coordinator stands in.
    """
    own = set(Membership.objects.filter(user=user).values_list("team", flat=True))
    leaders = stood_in_for(now).filter(cover=user).values("user")
    instead = set(Membership.objects.filter(user__in=leaders).values_list("team", flat=True))
    if user.role != Role.COORDINATOR:
        instead &= own
    return own | instead if user.role == Role.TEAM_LEADER else instead
