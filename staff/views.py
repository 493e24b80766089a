"""Stub of the people views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.MANAGE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.MANAGE_PEOPLE)
def invite(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.MANAGE_PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.MANAGE_PEOPLE)
def new_team(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.MANAGE_PEOPLE)
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.SEE_TRAIL)
def trail(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
