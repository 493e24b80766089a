"""The people of the demonstration, who exist nowhere else. Every name is invented."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest

from staff.models import User
from staff.permissions import Role


class Person(NamedTuple):
    email: str
    name: str
    role: Role


PASSWORD = "return-home-safely"  # noqa: S105  # pragma: allowlist secret
PEOPLE = [
    Person("robin.hale@example.org", "Robin Hale", Role.CASEWORKER),
    Person("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER),
    Person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR),
    Person("morgan.ellis@example.org", "Morgan Ellis", Role.MANAGER),
    Person("jo.lindley@example.org", "Jo Lindley", Role.INTERVIEWER),
    Person("alex.brand@example.org", "Alex Brand", Role.ADMINISTRATOR),
    Person("chris.wynn@example.org", "Chris Wynn", Role.AUDITOR),
]


def context(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 a context processor's shape
    """For every page: `demonstration`, with its sign-ins for the one page that shows them; nothing in production."""
    if not settings.DEMO:
        return {}
    people = User.objects.filter(email__in=[person.email for person in PEOPLE]).order_by("pk")
    return {"demonstration": {"people": people, "password": PASSWORD}}
