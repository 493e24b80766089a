"""Our side of signing in that needs the desk: whoever asks for a page comes with how much waits for them."""

# mypy: allow-subclassing-any
# allauth publishes no types.

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, cast

from django.db import connections
from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Now  # noqa: TID251 a request begins here, and nobody hands an instant in

from rhi.actions.reading import to_read
from rhi.models import Letter, Notice
from staff import adapter
from staff.models import User
from staff.permissions import ROLES, Permission, Role

#: Stands for the person's primary key in the query that is written once.
ANYBODY = -1


class Backend(adapter.Backend):
    """Fetches the person of a session, as every request does, with what waits for them in the same query.

    `unseen` are their notices that they have not seen, `letters` those that wait for them, `to_read` the interviews
    that they are to read: the numbers of the header and of the menu cost no query.
    """

    def get_user(self, user_id: int) -> User | None:
        sql, params = _query(connections[User.objects.db].vendor)
        own = [user_id if param == ANYBODY else param for param in params]
        user: User | None = next(iter(User.objects.raw(sql, own)), None)
        return user if user and self.user_can_authenticate(user) else None


@cache
def _query(vendor: str) -> tuple[str, tuple[object, ...]]:  # noqa: ARG001 each kind of database has words of its own
    """The query and its parameters, with ANYBODY for the person. Written once, as writing it takes longer than asking.

    A number goes by the role, and by the very condition under which the person's own lists show a letter.
    """
    waiting = Notice.objects.filter(to=OuterRef("pk"), seen_at__isnull=True).order_by().values("to")
    unseen = Subquery(waiting.annotate(number=Count("pk")).values("number"), output_field=IntegerField())
    letters = [When(role=role, then=_letters(role)) for role in Role if Permission.APPROVE_LETTERS in ROLES[role]]
    reading = [When(role=role, then=_to_read(role)) for role in Role if Permission.READ_INTERVIEWS in ROLES[role]]
    people = User.objects.filter(pk=ANYBODY).annotate(
        unseen=Coalesce(unseen, 0), letters=Coalesce(Case(*letters), 0), to_read=Coalesce(Case(*reading), 0)
    )
    return people.query.sql_with_params()


def _letters(role: Role) -> Subquery:
    """How many letters wait for somebody of this role, by the database's own clock."""
    return _number(Letter.objects.waiting().approvable_by(User(pk=ANYBODY, role=role), cast("datetime", Now())))


def _to_read(role: Role) -> Subquery:
    """How many interviews somebody of this role is to read, likewise."""
    return _number(to_read(User(pk=ANYBODY, role=role), cast("datetime", Now())))


def _number(rows: QuerySet[Any]) -> Subquery:
    number = rows.order_by().values(all=Value(1)).annotate(number=Count("pk")).values("number")
    return Subquery(number, output_field=IntegerField())
