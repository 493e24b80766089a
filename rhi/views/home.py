"""The page after signing in."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from procedures.models import NoProcedure, Rulebook
from staff.models import User


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Who somebody is to this service, and by whose written rules it works today."""
    person = cast(User, request.user)
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
