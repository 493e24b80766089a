"""Stub of the procedure views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.SEE_PROCEDURE)
def procedure(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.SEE_PROCEDURE)
def parts(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
