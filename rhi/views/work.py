"""Stub of the work views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.SEE_WORK)
def my_work(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.SEE_WORK)
def notice_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
