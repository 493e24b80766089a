"""Stub of the children views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.FIND_CHILDREN)
def find(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.FIND_CHILDREN)
def child(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.OPEN_WITH_REASON)
def open_with_reason(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.RESTRICT_CHILDREN)
def restrict(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
