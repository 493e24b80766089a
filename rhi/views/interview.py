"""Stub of the interview views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.WORK_REFERRALS)
def record_held(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def form_section(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def record_outcomes(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.SIGN_OFF)
def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.SEE_REFERRALS)
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
