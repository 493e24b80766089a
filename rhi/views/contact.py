"""Stub of the contact views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.WORK_REFERRALS)
def log_attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def record_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def record_response(request: HttpRequest, pk: int, offer: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def move(request: HttpRequest, pk: int, appointment: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def cancel(request: HttpRequest, pk: int, appointment: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def take_back(request: HttpRequest, pk: int, kind: str, record: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
