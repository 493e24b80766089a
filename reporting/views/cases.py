"""The cases behind a figure: the very episodes that it counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from episodes.models import Child
from procedures.calendar import local_date
from procedures.models import NoProcedure
from reporting.actions import ROWS_AT_ONCE, Wanted, filters
from reporting.cases import Case, Cases
from reporting.cases import cases as cases_behind
from reporting.forms import EARLIEST, ReportForm
from reporting.models import Download
from reporting.names import pseudonym
from reporting.tables import Month
from reporting.views import figures, sending
from reporting.wording import named, narrowed, shown
from rhi.views import reaching
from rhi.views.trays import address as page_address
from rhi.views.trays import page_number
from staff import audit
from staff.models import User
from staff.permissions import Permission, allowed, requires

FORMATS = (Download.Format.XLSX, Download.Format.CSV)


NOTE = "Files hold the whole list, without names: whoever gets one can read it."


@dataclass(frozen=True)
class Shown:
    """A case as a person sees it: with name and page of the child, or with what the child is called instead."""

    case: Case
    name: str
    child: int | None


@requires(Permission.SEE_REPORTS)
@require_safe
def cases(request: HttpRequest, key: str, month: Month) -> HttpResponse:
    """A page of the list. Names only of the children whom the person may open; the rest is the same for everybody."""
    now, user = timezone.now(), reaching.person(request)
    form = ReportForm(request.GET, now=now)
    if not form.is_valid():
        return redirect(f"{reverse('reporting:table')}?{request.GET.urlencode()}")
    found = _found(key, month, form, now)
    page = page_number(request.GET)
    listed = found.page(page)
    reaching.put_on_trail(
        request,
        audit.Type.LIST_READ,
        now=now,
        children=[case.child_id for case in listed],
        subject=f"reporting.Measure:{key}",
        months=str(month),
        page=page,
        filters=filters(form.narrowing),
    )
    rows = named_for(user, listed, now)
    at_once = found.episodes <= ROWS_AT_ONCE
    context = {
        "found": found,
        "figure": shown(found.measure, found.number),
        "made_of": made_of(found),
        "month": named(month),
        "only": narrowed(form.narrowing),
        "rows": rows,
        "unnamed": any(row.child is None for row in rows),
        "is_rate": found.measure.unit == "percent",
        "counted": counted(found),
        "may_name": allowed(user, Permission.FIND_CHILDREN),
        "query": form.query,
        "page": page,
        "earlier": page_address(request.GET, page - 1) if page > 1 else "",
        "later": page_address(request.GET, page + 1) if page < found.pages() else "",
        "now": now,
        "asked_as": uuid4(),
        "formats": FORMATS,
        "at_once": FORMATS if at_once else (),
        "files": f"{reverse('reporting:cases', args=[key, month])}file/",
        "note": NOTE,
        "hidden": {"measure": key, "from": month, "to": month, **filters(form.narrowing)},
    }
    return render(request, "reporting/cases.html", context)


@requires(Permission.SEE_REPORTS)
@require_safe
def cases_file(request: HttpRequest, key: str, month: Month, format: str) -> HttpResponse:  # noqa: A002 the word of the address
    """The whole list as a file at once, without names; a long one is asked for on the page, which says so."""
    now = timezone.now()
    if format not in FORMATS:
        raise Http404
    form = ReportForm(request.GET, now=now)
    if not form.is_valid():
        return redirect(f"{reverse('reporting:table')}?{request.GET.urlencode()}")
    found = _found(key, month, form, now)
    page = figures.address(key, month, form.query)
    if found.episodes > ROWS_AT_ONCE:
        messages.warning(request, f"More than {ROWS_AT_ONCE:,} cases take a while. Ask for the file under Download.")
        return redirect(page)
    wanted = Wanted(Download.Format(format), month, month, form.narrowing, key)
    return sending.at_once(request, wanted, now=now, otherwise=reverse("reporting:table"))


def _found(key: str, month: Month, form: ReportForm, now: datetime) -> Cases:
    """The list behind a figure.

    Raises Http404 for a figure that is none, for a month that the form refuses, and before there is a procedure.
    """
    today = local_date(now)
    if not EARLIEST <= month <= Month(today.year, today.month):
        raise Http404
    try:
        return cases_behind(key, month, now=now, narrowing=form.narrowing)
    except (KeyError, NoProcedure) as none:
        raise Http404 from none


def named_for(user: User, listed: list[Case], now: datetime) -> list[Shown]:
    """These cases for a person: one query, whatever their number."""
    names: dict[int, str] = {}
    if allowed(user, Permission.FIND_CHILDREN):
        seen = Child.objects.visible_to(user, now).filter(pk__in={case.child for case in listed})
        names = {pk: f"{first} {last}" for pk, first, last in seen.values_list("pk", "first_name", "last_name")}
    return [
        Shown(case, names.get(case.child) or pseudonym(case.child), case.child if case.child in names else None)
        for case in listed
    ]


def made_of(found: Cases) -> str:
    """What a rate is made of: `30 of 35 children`; empty for any other figure, and for a rate of nothing."""
    if found.measure.unit != "percent" or not found.whole:
        return ""
    return f"{found.part:,} of {found.whole:,} {found.unit}"


def counted(found: Cases) -> str:
    """What the list holds beside its figure: `98 episodes of 73 children`."""
    episodes = f"{found.episodes:,} {'episode' if found.episodes == 1 else 'episodes'}"
    children = f"{found.children:,} {'child' if found.children == 1 else 'children'}"
    of_them = ". Those that count in the rate come first." if found.measure.unit == "percent" else "."
    return f"The list holds {episodes} of {children}{of_them}"
