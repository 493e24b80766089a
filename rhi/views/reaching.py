"""How a view reaches a record: by a scoping query, with a line in the trail for every read and every denial."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar, cast

from django.db import models, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from episodes.models import Child, Episode
from routing.models import Referral
from staff import audit
from staff.models import User
from staff.permissions import Denied

M = TypeVar("M", bound=models.Model)


def person(request: HttpRequest) -> User:
    """Who asks; LoginRequiredMiddleware has made sure that it is somebody."""
    return cast(User, request.user)


def the_referral(request: HttpRequest, pk: int, *, now: datetime, work: bool = False) -> Referral:
    """A referral that the person may see, or with `work` may change; with its child and version. Raises Http404."""
    rows = Referral.objects.select_related("child__responsible_authority", "version")
    user = person(request)
    return _one(rows.workable_by(user, now) if work else rows.visible_to(user, now), pk)


def the_child(request: HttpRequest, pk: int, *, now: datetime, work: bool = False) -> Child:
    """A child whom the person may see, or with `work` whose records they may change. Raises Http404."""
    rows = Child.objects.select_related("responsible_authority")
    user = person(request)
    return _one(rows.workable_by(user, now) if work else rows.visible_to(user, now), pk)


def the_episode(request: HttpRequest, pk: int, *, now: datetime) -> Episode:
    """An episode that the person may change, with its child. Raises Http404."""
    return _one(Episode.objects.select_related("child").workable_by(person(request), now), pk)


def beneath(records: QuerySet[M], pk: int) -> M:
    """What an address names beneath a record that the person may reach: one of these. Raises Http404.

    One that exists and belongs elsewhere is not theirs by this address, and the trail has a line for it.
    """
    return _one(records, pk)


def _one(scoped: QuerySet[M], pk: int) -> M:
    """The row, if the scoping query holds it; otherwise Denied if it exists at all, and Http404 if not."""
    row = scoped.filter(pk=pk).first()
    if row is not None:
        return row
    raise denied(scoped.model, pk)


def denied(model: type[models.Model], pk: int) -> Http404:
    """What to raise for a record that a scoping query does not hold: the trail learns whether it exists."""
    hidden = model._default_manager.filter(pk=pk).first()
    if hidden is None:
        return Http404()
    child = hidden if isinstance(hidden, Child) else getattr(hidden, "child", None)
    return Denied(
        "The record is not theirs.",
        subject=f"{model._meta.label}:{pk}",
        children=(child.child_id,) if isinstance(child, Child) else (),
    )


def put_on_trail(
    request: HttpRequest,
    type: audit.Type,  # noqa: A002 the trail's own word
    *,
    now: datetime,
    children: Iterable[str],
    subject: models.Model | str = "",
    **detail: object,
) -> None:
    """Write what a page is about to show, in one short transaction before it is sent (README, invariant 5)."""
    with transaction.atomic():
        audit.record(type, by=person(request), at=now, subject=subject, children=children, detail=detail)
