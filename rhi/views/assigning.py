"""Stub of the assigning views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.ASSIGN)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.ASSIGN)
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.SETTLE_QUESTIONS)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.ASSIGN)
def override(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
