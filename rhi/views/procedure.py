"""The authority's procedure in plain English, and the page that shows every part of which pages are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from procedures.models import NoProcedure, Rulebook, Version
from rhi.views.parts import invented
from rhi.views.procedure_words import rules, sections
from staff.permissions import Permission, requires


@dataclass(frozen=True)
class Standing:
    """One version beside the others: from when it is in force, until when, and whether it is today."""

    version: Version
    until: date | None
    is_in_force: bool
    is_to_come: bool


@requires(Permission.SEE_PROCEDURE)
@require_safe
def procedure(request: HttpRequest) -> HttpResponse:
    """The version in force today, or the one asked for; every sentence with the clause that it comes from."""
    now = timezone.now()
    today = timezone.localdate(now)
    try:
        rulebook = Rulebook.load()
    except NoProcedure:
        return render(request, "rhi/procedure.html", {"now": now})
    versions = standings(rulebook, today)
    shown = _asked_for(request, versions) or next(standing for standing in versions if standing.is_in_force)
    written = shown.version.procedure
    return render(
        request,
        "rhi/procedure.html",
        {
            "now": now,
            "shown": shown,
            "versions": versions,
            "procedure": written,
            "rules": rules(written),
            "sections": sections(written, shown.version.text),
        },
    )


def standings(rulebook: Rulebook, today: date) -> list[Standing]:
    """Every version, the newest first. Of two for one day the later published holds; before the first, the first."""
    in_force = rulebook.on(today)
    following = [version.effective_from for version in rulebook.versions[1:]]
    return [
        Standing(version, until, version == in_force, version.effective_from > today)
        for version, until in reversed(list(zip(rulebook.versions, [*following, None], strict=True)))
    ]


def _asked_for(request: HttpRequest, versions: list[Standing]) -> Standing | None:
    """The version that the address names, if it names one. Raises Http404 for one that does not exist."""
    asked = request.GET.get("version")
    if asked is None:
        return None
    found = next((standing for standing in versions if str(standing.version.pk) == asked), None)
    if found is None:
        raise Http404
    return found


@requires(Permission.SEE_PROCEDURE)
@require_safe
def parts(request: HttpRequest) -> HttpResponse:
    """Every part of which pages are made, once, with invented data: the style guide."""
    now = timezone.now()
    return render(request, "rhi/parts.html", {"now": now, **invented(now=now)})
