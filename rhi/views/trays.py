"""Stub of the trays views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.SEE_TRAYS)
def trays(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.SEE_TRAYS)
def tray(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.ASSIGN)
def assign_many(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
