"""People and teams as records name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.db.models.functions import Lower

from staff.models import Membership, Team, User


class Refused(ValueError):
    """What was asked cannot be done as things stand. The message says why, in words for the person who asked."""


def teams_named(kinds: Mapping[str, str]) -> dict[str, Team]:
    """The teams of these names; one that nobody knows yet is created, of the kind given beside its name.

    Capital letters do not make another team, so that one slip in an extract does not split a tray.
    """
    spellings = {name.lower() for name in kinds}
    rows = Team.objects.alias(lower=Lower("name")).filter(Q(lower__in=spellings) | Q(name__in=kinds)).order_by("pk")
    known: dict[str, Team] = {}
    for team in rows:
        known.setdefault(team.name.lower(), team)
    new: dict[str, Team] = {}
    for name, kind in kinds.items():
        if name.lower() not in known:
            new.setdefault(name.lower(), Team(name=name, kind=kind))
    Team.objects.bulk_create(new.values())
    known |= new
    return {name: known[name.lower()] for name in kinds}


def people_named(emails: Iterable[str]) -> dict[str, User]:
    """The people of these addresses, in lower case; one whom nobody knows yet is created, and cannot sign in.

    Somebody who has left stays as they are.
    """
    wanted = set(emails)
    known = User.objects.in_bulk(list(wanted), field_name="email")
    made = [User(email=email, name=email, password=make_password(None)) for email in sorted(wanted - known.keys())]
    User.objects.bulk_create(made)
    return known | {user.email: user for user in made}


def join(pairs: Iterable[tuple[User, Team]]) -> None:
    """Make these people members of these teams, where they are not yet. Somebody who has left joins nothing."""
    wanted = sorted({(user.pk, team.pk) for user, team in pairs if user.is_active and user.left_on is None})
    Membership.objects.bulk_create(
        [Membership(user_id=user, team_id=team) for user, team in wanted], ignore_conflicts=True
    )
