"""The trays: which there are, and what lies in one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rhi import listing
from rhi.actions import telling
from rhi.filters import NARROWING, QUICK, TrayFilter
from rhi.listing import PAGE, Counts
from rhi.views import marks, reaching, tray_rows
from routing.models import trays_of
from staff import audit
from staff.models import Team
from staff.permissions import Permission, requires


@requires(Permission.SEE_TRAYS)
@require_safe
def trays(request: HttpRequest) -> HttpResponse:
    """The teams whose tray the person may see, and how much lies in each; the tray itself where there is one only."""
    now = timezone.now()
    user = reaching.person(request)
    teams = trays_of(user)
    named = list(teams.order_by("name"))
    if len(named) == 1:
        return redirect("rhi:tray", named[0].pk)
    counts = listing.by_team(user, now, teams)
    context = {
        "now": now,
        "waiting": [(team, counts[team.pk]) for team in named if team.pk in counts],
        "empty": [team for team in named if team.pk not in counts],
    }
    return render(request, "rhi/trays.html", context)


@requires(Permission.SEE_TRAYS)
@require_safe
def tray(request: HttpRequest, pk: int) -> HttpResponse:
    """What lies in a tray, the next deadline first: a page of it, as the filters say."""
    now = timezone.now()
    user = reaching.person(request)
    the_tray = listing.the_tray(user, pk, now)
    if the_tray is None:
        raise reaching.denied(Team, pk)
    counted = not the_tray.crowded or "counted" in request.GET
    workload = listing.workload(user, now, the_tray) if counted else None
    holders = [*workload.holdings, *workload.left] if workload else []
    workers = [(holding.worker, holding.name) for holding in holders] if workload else the_tray.members
    narrowed = TrayFilter(request.GET, listing.in_tray(user, now, pk), now=now, workers=workers)
    asked = narrowed.form.cleaned_data if narrowed.is_valid() else {}
    page = page_number(request.GET)
    shown = listing.entries(narrowed.qs, now, PAGE * (page - 1), PAGE * page + 1) if asked else []
    rows, more = shown[:PAGE], len(shown) > PAGE
    done = listing.progress([entry.pk for entry in rows])
    filters = {name: value for name, value in asked.items() if value}
    reaching.put_on_trail(
        request,
        audit.Type.LIST_READ,
        now=now,
        children=[entry.child_id for entry in rows],
        subject=f"{Team._meta.label}:{pk}",
        page=page,
        filters=filters,
    )
    context = {
        "tray": the_tray,
        "reminded": [*the_tray.reminders, *([] if the_tray.led else telling.without_leader(pk, now=now))],
        "now": now,
        "rows": tray_rows.rows(rows, done, now, may_assign=the_tray.may_assign),
        "quick": quick(filters.get("show", "all"), workload.all if workload else None),
        "fields": narrowed.fields(),
        "show": filters.get("show", ""),
        "narrowed": any(filters.get(name) for name in NARROWING) or not asked,
        "filtered": any(value for name, value in filters.items() if (name, value) != ("show", "all")) or not asked,
        "workload": workload,
        "page": page,
        "previous": address(request.GET, page - 1) if page > 1 else "",
        "next": address(request.GET, page + 1) if more else "",
        "look": marks.tray_look(the_tray, workload),
    }
    return render(request, "rhi/tray.html", context)


def page_number(asked: QueryDict) -> int:
    """The page that the address names; the first one for anything that is none."""
    typed = asked.get("page", "")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else 1


def address(asked: QueryDict, page: int) -> str:
    """The address of another page of the same list."""
    other = asked.copy()
    other["page"] = str(page)
    return f"?{other.urlencode()}"


def quick(chosen: str, counts: Counts | None) -> list[tuple[str, str, int | None, bool]]:
    """The links above the list: what each shows, its words, its count where it was counted, whether it is chosen."""
    return [(name, words, getattr(counts, name) if counts else None, name == chosen) for name, words in QUICK]
