"""The page after signing in: a person's work, or for roles without any who they are here."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from procedures.models import NoProcedure, Rulebook
from rhi.views.work import my_work
from staff.models import User
from staff.permissions import Permission, allowed


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page. Every role has one, so it needs no permission."""
    person = cast(User, request.user)
    if allowed(person, Permission.SEE_WORK):
        return my_work(request)
    return about(request, person)


def about(request: HttpRequest, person: User) -> HttpResponse:
    """Who somebody is to this service, and by whose written rules it works today."""
    today = timezone.localdate()
    try:
        version = Rulebook.load().on(today)
    except NoProcedure:
        version = None
    return render(
        request,
        "rhi/home.html",
        {
            "person": person,
            "teams": person.teams.order_by("name"),
            "version": version,
            "in_force": version is not None and version.effective_from <= today,
        },
    )
