"""Stub of the recording views."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from staff.permissions import Permission, requires


@requires(Permission.RECORD_EPISODES)
def new_child(request: HttpRequest) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.RECORD_EPISODES)
def new_episode(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.RECORD_EPISODES)
def record_return(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.CORRECT_RECORDS)
def correct_child(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.CORRECT_RECORDS)
def correct_episode(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")


@requires(Permission.CORRECT_RECORDS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """To be written."""
    return HttpResponse("")
