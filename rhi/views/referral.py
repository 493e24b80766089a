"""Stub of the referral views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.SEE_REFERRALS)
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.WORK_REFERRALS)
def settle_task(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
