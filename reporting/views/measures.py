"""What every figure is: its name, its definition, its unit, and which settings of the procedure change it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from procedures.calendar import local_date
from procedures.models import NoProcedure, Rulebook
from reporting.wording import GROUPS
from rhi.views.procedure_words import sections
from staff.permissions import Permission, requires

UNITS = {"children": "Children", "episodes": "Episodes", "percent": "Percent, to two decimals"}


@requires(Permission.SEE_REPORTS)
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """Every measure, in the order of the table, with what the procedure in force today sets."""
    now = timezone.now()
    try:
        version = Rulebook.load().on(local_date(now))
    except NoProcedure:
        version = None
    said = sections(version.procedure, version.text) if version else []
    values = {line.name: (section.id, " ".join(line.words)) for section in said for line in section.lines}
    groups = [
        (
            heading,
            [
                (measure, UNITS[measure.unit], [(name, *values.get(name, ("", ""))) for name in measure.settings])
                for measure in group
            ],
        )
        for heading, group in GROUPS
    ]
    return render(request, "reporting/measures.html", {"now": now, "groups": groups, "version": version})
