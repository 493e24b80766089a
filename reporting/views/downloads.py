"""Files that are made in the background: asking for one, seeing how it stands, opening it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from reporting import actions
from reporting.actions import Wanted
from reporting.forms import DownloadForm, ReportForm
from reporting.models import Download
from reporting.views import figures, sending
from reporting.wording import narrowed
from rhi.views import reaching
from staff.permissions import Permission, requires

SHOWN = 50


@requires(Permission.SEE_REPORTS)
@require_http_methods(["GET", "POST"])
def downloads(request: HttpRequest) -> HttpResponse:
    """The files that a person asked for lately; by POST, ask for another."""
    now = timezone.now()
    if request.method == "POST":
        return _ask(request, now)
    mine = Download.objects.of(reaching.person(request)).select_related("job").defer("content", "children")
    rows = []
    for each in mine.order_by("-asked_at", "-pk")[:SHOWN]:
        state = each.state(now)
        rows.append((each, Wanted.by(each).title, state, so_far(each) if state == Download.State.BEING_MADE else ""))
    return render(request, "reporting/downloads.html", {"now": now, "rows": rows})


def _ask(request: HttpRequest, now: datetime) -> HttpResponse:
    """Have a file made, and go to where it will lie. The page that asks offers nothing that is refused here."""
    form, chosen = ReportForm(request.POST, now=now), DownloadForm(request.POST)
    if not form.is_valid() or not chosen.is_valid():
        messages.warning(request, "Choose what to download here.")
        return redirect("reporting:table")
    asked = chosen.cleaned_data
    if asked["publish"] and (asked["measure"] or form.narrowing):
        messages.warning(request, "Only the table of all episodes is for publishing.")
        return redirect("reporting:table")
    wanted = Wanted(
        Download.Format(asked["format"]),
        form.first,
        form.last,
        form.narrowing,
        asked["measure"],
        for_publishing=asked["publish"],
    )
    asked_as = asked["asked_as"] or uuid4()
    download = actions.ask(wanted, asked_as=asked_as, by=reaching.person(request), now=now)
    return redirect("reporting:download", download.key)


@requires(Permission.SEE_REPORTS)
@require_safe
def download(request: HttpRequest, key: UUID) -> HttpResponse:
    """How a download stands, and the link to it once it is ready."""
    now = timezone.now()
    mine = the_download(request, key)
    wanted = Wanted.by(mine)
    state = mine.state(now)
    context = {
        "now": now,
        "download": mine,
        "title": wanted.title,
        "only": narrowed(wanted.narrowing),
        "state": state.value,
        "words": state.label,
        "progress": progress(mine, state),
        "tried": mine.job is not None and mine.job.reason,
        "back": back(wanted),
    }
    return render(request, "reporting/download.html", context)


@requires(Permission.SEE_REPORTS)
@require_safe
def download_file(request: HttpRequest, key: UUID) -> HttpResponse:
    """The file itself; before it is ready and after it has expired, the page that says so."""
    now = timezone.now()
    mine = the_download(request, key, with_content=True)
    content = actions.open_download(mine, by=reaching.person(request), now=now)
    if content is None:
        return redirect("reporting:download", key)
    return sending.file(Wanted.by(mine), content)


def the_download(request: HttpRequest, key: UUID, *, with_content: bool = False) -> Download:
    """A download that the person asked for. Raises Denied for somebody else's, and Http404."""
    rows = Download.objects.of(reaching.person(request)).select_related("job")
    mine = (rows if with_content else rows.defer("content", "children")).filter(key=key).first()
    if mine is None:
        known = Download.objects.filter(key=key).values_list("pk", flat=True).first()
        raise reaching.denied(Download, known or 0)
    return mine


def progress(download: Download, state: Download.State) -> str:
    """How far a file is that is not ready yet; empty for any other."""
    match state:
        case Download.State.WAITING:
            return place_in_queue(download)
        case Download.State.BEING_MADE:
            return so_far(download)
        case _:
            return ""


def place_in_queue(waiting: Download) -> str:
    """When its turn comes. One query."""
    ahead = waiting.ahead()
    if not ahead:
        return "It is the next to be made."
    return f"{ahead:,} {'file is' if ahead == 1 else 'files are'} made before it."


def so_far(begun: Download) -> str:
    """How much of a file is done that is being made."""
    if not begun.whole:
        return "It has just been begun."
    if begun.what == Download.What.CASES:
        if begun.done < begun.whole:
            return f"{begun.done:,} of {begun.whole:,} cases have been read."
        return f"All {begun.whole:,} cases have been read; the file is being written."
    step = ["the figures are being counted", "the file is being drawn"][begun.done]
    return f"Step {begun.done + 1} of {begun.whole}: {step}."


def back(wanted: Wanted) -> str:
    """The page on which it was asked for."""
    if wanted.measure:
        return figures.address(wanted.measure, wanted.first, wanted.query)
    return f"{reverse('reporting:table')}?{wanted.query}"
