"""The monthly table in the browser, and as a file at once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from procedures.calendar import local_date
from procedures.models import NoProcedure
from reporting.actions import MONTHS_AT_ONCE, Wanted, filters
from reporting.charts import chart
from reporting.forms import FULL_MONTHS, ReportForm, length, months_before
from reporting.models import Download
from reporting.tables import Month, Table, monthly
from reporting.views import figures, sending
from reporting.wording import (
    authority,
    before_records,
    counted,
    groups,
    marking,
    named,
    narrowed,
    period,
    remark,
    sentences,
    small_numbers,
)
from rhi.views import reaching
from staff import audit
from staff.permissions import Permission, requires

AT_ONCE = (Download.Format.XLSX, Download.Format.CSV)
"""What is drawn while somebody waits, unless it is long."""


NOTE = "The PDF is for handing on, with table, graph, words and definitions. It is made in the background."


@requires(Permission.SEE_REPORTS)
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The months that are asked for, with their graph, their words and what each figure means."""
    now = timezone.now()
    form = ReportForm(request.GET, now=now)
    context: dict[str, Any] = {
        "form": form,
        "now": now,
        "periods": periods(now),
    }
    if form.is_valid():
        try:
            context |= shown(monthly(form.first, form.last, now=now, narrowing=form.narrowing), form)
        except NoProcedure:
            return render(request, "reporting/table.html", {"now": now, "no_procedure": True})
        reaching.put_on_trail(
            request,
            audit.Type.FIGURES_READ,
            now=now,
            children=(),
            months=f"{form.first} to {form.last}",
            filters=filters(form.narrowing),
        )
    return render(request, "reporting/table.html", context)


@requires(Permission.SEE_REPORTS)
@require_safe
def table_file(request: HttpRequest, format: str) -> HttpResponse:  # noqa: A002 the word of the address
    """The same table as a file at once; what takes long is asked for on the page, which says so."""
    now = timezone.now()
    if format not in AT_ONCE:
        raise Http404
    form = ReportForm(request.GET, now=now)
    if not form.is_valid():
        return redirect(f"{reverse('reporting:table')}?{request.GET.urlencode()}")
    if length(form.first, form.last) > MONTHS_AT_ONCE:
        messages.warning(request, f"More than {MONTHS_AT_ONCE} months take a while. Ask for the file under Download.")
        return redirect(f"{reverse('reporting:table')}?{form.query}")
    publish = request.GET.get("publish") == "yes"
    if publish and form.narrowing:
        messages.warning(request, "Only the table of all episodes is for publishing.")
        return redirect(f"{reverse('reporting:table')}?{form.query}")
    wanted = Wanted(Download.Format(format), form.first, form.last, form.narrowing, for_publishing=publish)
    return sending.at_once(request, wanted, now=now, otherwise=reverse("reporting:table"))


def shown(table: Table, form: ReportForm) -> dict[str, Any]:
    """What the page shows of a table."""
    query = form.query
    told = sentences(table)[::-1]
    return {
        "table": table,
        "query": query,
        "period": period(table.months),
        "authority": authority(table),
        "only": narrowed(table.narrowing),
        "before": before_records(table),
        "none_yet": not table.since,
        "heads": [(month, remark(table, month)) for month in table.months],
        "groups": figures.drawn(table, query),
        "definitions": groups(table),
        "chart": chart(table, link=lambda key, month: figures.address(key, month, query)),
        "newest": told[0],
        "earlier": told[1:],
        "governed": list(zip(counted(table), dict.fromkeys(table.versions.values()), strict=True)),
        "asked_as": uuid4(),
        "at_once": AT_ONCE if length(form.first, form.last) <= MONTHS_AT_ONCE else (),
        "formats": list(Download.Format),
        "files": f"{reverse('reporting:table')}file/",
        "note": NOTE,
        "small": small_numbers(table),
        "marking": marking(table),
        "publishing": bool(table.small) and not table.narrowing,
        "hidden": {"from": form.first, "to": form.last, **filters(form.narrowing)},
    }


def periods(now: datetime) -> list[tuple[str, str]]:
    """Periods that are asked for often: their words, and the end of their address."""
    today = local_date(now)
    current = Month(today.year, today.month)
    year = financial_year(today)
    before = Month(year.year - 1, 4)
    newest = months_before(current, 1)
    return [
        (f"Last month, {named(newest)}", f"from={newest}&to={newest}"),
        (f"The last {FULL_MONTHS} full months", f"from={months_before(current, FULL_MONTHS)}&to={newest}"),
        ("The last 12 full months", f"from={months_before(current, 12)}&to={newest}"),
        (f"This financial year, from {named(year)}", f"from={year}&to={current}"),
        ("Last financial year", f"from={before}&to={months_before(year, 1)}"),
    ]


def financial_year(today: date) -> Month:
    """The April in which the financial year of a day began."""
    return Month(today.year if today.month >= 4 else today.year - 1, 4)
