"""Whether whoever is to hold a referral would see its child.

Holding opens a child to whoever holds, but for a restricted one: that child is seen by the people who are named,
whatever they hold. Given to anybody else, the referral would be with a worker who cannot open it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models.functions import Lower

from episodes.access import named_of, sees_once_held
from episodes.models import Child
from procedures.calendar import local_date
from staff.models import Membership, Team, User
from staff.permissions import ROLES, Permission, Role

#: The roles of people who can hold a referral.
WORKERS = [role for role, may in ROLES.items() if Permission.WORK_REFERRALS in may]


class Sight:
    """Who would see these children, at an instant, once they hold a referral. One query if any child is restricted."""

    def __init__(self, children: Iterable[Child], now: datetime) -> None:
        self.now = now
        self.named = named_of(children, now)

    def sees(self, person: User, child: int) -> bool:
        """Whether somebody who holds a referral of this child (primary key) sees the child."""
        return child not in self.named or sees_once_held(person, self.named[child])

    def open_to(self, teams: Iterable[Team], child: int) -> list[Team]:
        """Those of these teams of whom somebody would see this child; one query if the child is restricted."""
        teams = list(teams)
        if child not in self.named or not teams:
            return teams
        people = people_of([team.pk for team in teams], on=local_date(self.now))
        return [team for team in teams if any(self.sees(person, child) for person in people.get(team.pk, []))]


def people_of(teams: Iterable[int], *, on: date) -> dict[int, list[User]]:
    """The people of these teams (primary keys) who can hold a referral on a local day, by name: one query."""
    people: dict[int, list[User]] = {}
    rows = Membership.objects.filter(team__in=list(teams), user__role__in=WORKERS).select_related("user")
    for row in rows.order_by(Lower("user__name"), "user"):
        if not row.user.has_left(on):
            people.setdefault(row.team_id, []).append(row.user)
    return people


def why_not_to(worker: User) -> str:
    """Why a worker who would not see a restricted child cannot be given the referral, and what to do."""
    if worker.role == Role.INTERVIEWER:
        return "The child is restricted, and a provider’s interviewer never sees a restricted child."
    unnamed = f"The child is restricted, and {worker} is not named for the child."
    return f"{unnamed} A missing coordinator can name them first."


NOT_TO_TEAM = (
    "The child is restricted, and nobody there is named for the child. A missing coordinator can name somebody first."
)
