"""A file of figures sent to whoever asked for it, with its line in the trail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from procedures.models import NoProcedure
from reporting import actions
from reporting.actions import Wanted
from rhi.views import reaching


def at_once(request: HttpRequest, wanted: Wanted, *, now: datetime, otherwise: str) -> HttpResponse:
    """Draw the file now and send it; without a procedure go `otherwise`, where that is said."""
    try:
        made = actions.make(wanted, now=now)
    except NoProcedure:
        return redirect(otherwise)
    with transaction.atomic():
        actions.put_on_trail(wanted, children=made.children, by=reaching.person(request), now=now)
    return file(wanted, made.content)


def file(wanted: Wanted, content: bytes) -> HttpResponse:
    """A file that browsers save, under a name that says what it is and of nobody."""
    return HttpResponse(
        content,
        content_type=wanted.content_type,
        headers={"Content-Disposition": f'attachment; filename="{wanted.file_name}"'},
    )
