"""The letters that wait: to be approved, to be printed, to be marked as posted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import claims
from procedures.calendar import local_date
from rhi.actions import age
from rhi.actions import letters as actions
from rhi.actions.letters import LetterRefused
from rhi.forms.letters import ChosenForm
from rhi.models import Letter, LetterQuerySet
from rhi.views import reaching
from rhi.views.letters import ViewedPdf
from rhi.views.trays import address, page_number
from staff import audit
from staff.permissions import Permission, requires

PAGE = 50
"""How many letters a page shows, and one run prints."""

#: How long a letter that was pulled back after it was printed is shown, so that it is taken out of the pile.
PULLED_BACK = timedelta(days=7)


class Row(NamedTuple):
    """One letter of a list, what keeps it, and for how many working days it has waited for somebody."""

    letter: Letter
    whys: list[str]
    days: int = 0

    @property
    def is_old(self) -> bool:
        """Whether it has waited for long."""
        return self.days >= age.LONG

    @property
    def to(self) -> str:
        """Who it is to, by name."""
        child = self.letter.child
        who = self.letter.carer.name if self.letter.carer else f"{child.first_name} {child.last_name}"
        return self.letter.addressee or who


def _rows(found: Sequence[Letter], now: datetime) -> list[Row]:
    whys = actions.blocks_of(found, now=now)
    return [Row(letter, whys[letter.pk], _days(letter, now)) for letter in found]


def _days(letter: Letter, now: datetime) -> int:
    """For how many working days it has waited to be approved; once it is, to be posted."""
    to_post = letter.state == Letter.State.APPROVED
    since = letter.approved_at if to_post and letter.approved_at else letter.proposed_at
    return age.working_days(since, now=now)


def _with_names(rows: LetterQuerySet) -> LetterQuerySet:
    return rows.select_related("child", "carer", "referral__version", "proposed_by", "approved_by").defer("pdf")


@requires(Permission.APPROVE_LETTERS)
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """The letters that wait to be approved, of the referrals that the person holds or leads; the oldest first.

    Above them, on the first page, those that failed or of which nobody knows whether they went.
    """
    now = timezone.now()
    theirs = Letter.objects.approvable_by(reaching.person(request), now)
    page = page_number(request.GET)
    found = list(_with_names(theirs.to_approve()).order_by("proposed_at", "pk")[PAGE * (page - 1) : PAGE * page + 1])
    rows = _rows(found[:PAGE], now)
    stuck = list(_with_names(theirs.stuck()).order_by("sending_since", "pk")[:PAGE]) if page == 1 else []
    _on_trail(request, [*rows, *(Row(letter, []) for letter in stuck)], now)
    context = {
        "now": now,
        "hold": claims.on_hold(),
        "rows": rows,
        "stuck": stuck,
        "more_stuck": len(stuck) == PAGE,
        "waiting": theirs.numbers(long_since=age.long_since(now)),
        "page": page,
        "previous": address(request.GET, page - 1) if page > 1 else "",
        "next": address(request.GET, page + 1) if len(found) > PAGE else "",
    }
    return render(request, "rhi/letters.html", context)


def _on_trail(request: HttpRequest, rows: Sequence[Row], now: datetime, **detail: object) -> None:
    children = {row.letter.child.child_id for row in rows}
    reaching.put_on_trail(
        request, audit.Type.LIST_READ, now=now, children=children, subject=Letter._meta.label, **detail
    )


@requires(Permission.APPROVE_LETTERS)
@require_safe
def print_queue(request: HttpRequest) -> HttpResponse:
    """The approved letters that are printed here: those to print, and those printed that are to be marked as posted.

    A page shows so many of either, those that wait longest first.
    """
    return _queue(request, timezone.now())


def _queue(request: HttpRequest, now: datetime, refused: str = "", *, ask: bool = False) -> HttpResponse:
    theirs = Letter.objects.approvable_by(reaching.person(request), now)
    page = page_number(request.GET)
    # Each for itself, so that what waits to be posted hides nothing that waits to be printed.
    queues = [
        list(
            _with_names(theirs.to_print().filter(printed_at__isnull=not printed)).order_by("approved_at", "pk")[
                PAGE * (page - 1) : PAGE * page + 1
            ]
        )
        for printed in (False, True)
    ]
    rows = _rows([letter for queue in queues for letter in queue[:PAGE]], now)
    pulled_back = list(
        _with_names(theirs.filter(state=Letter.State.CANCELLED, printed_at__isnull=False))
        .filter(settled_at__gte=now - PULLED_BACK)
        .select_related("settled_by")
        .order_by("-settled_at")
    )
    _on_trail(request, [*rows, *(Row(letter, []) for letter in pulled_back)], now, queue=True)
    context = {
        "now": now,
        "hold": claims.on_hold(),
        "to_print": [row for row in rows if not row.letter.printed_at],
        "printed": [row for row in rows if row.letter.printed_at],
        "pulled_back": pulled_back,
        "refused": refused,
        "ask": ask,
        "ticked": request.POST.getlist("letters"),
        "page": page,
        "previous": address(request.GET, page - 1) if page > 1 else "",
        "next": address(request.GET, page + 1) if any(len(queue) > PAGE for queue in queues) else "",
    }
    return render(request, "rhi/letters_to_print.html", context)


def _chosen(request: HttpRequest, *, printed: bool, now: datetime) -> tuple[ChosenForm, list[Letter]]:
    """The letters that were ticked, of those that were on offer.

    One that is no longer to be printed stays chosen, so that the action says who was first.
    """
    theirs = Letter.objects.approvable_by(reaching.person(request), now).filter(approved_at__isnull=False)
    if printed:
        theirs = theirs.filter(printed_at__isnull=False)
    ticked = [int(each) for each in request.POST.getlist("letters") if each.isdecimal() and len(each) < 15]
    found = list(_with_names(theirs.filter(pk__in=ticked)).order_by("pk"))
    form = ChosenForm(request.POST, offered=[letter.pk for letter in found])
    return form, found


@requires(Permission.APPROVE_LETTERS)
@require_POST
def print_letters(request: HttpRequest) -> HttpResponse:
    """The ticked letters as one PDF."""
    now = timezone.now()
    form, found = _chosen(request, printed=False, now=now)
    if not form.is_valid():
        messages.warning(request, "Tick at least one letter to print.")
        return redirect("rhi:print_queue")
    try:
        again = form.cleaned_data["again"]
        document = actions.print_run(found, again=again, by=reaching.person(request), now=now)
    except LetterRefused as refusal:
        return _queue(request, now, str(refusal))
    return ViewedPdf(document, f"letters-{local_date(now)}.pdf")


@requires(Permission.APPROVE_LETTERS)
@require_http_methods(["POST"])
def post_letters(request: HttpRequest) -> HttpResponse:
    """Mark the ticked letters as posted, all of them or none."""
    now = timezone.now()
    form, found = _chosen(request, printed=True, now=now)
    if not form.is_valid():
        messages.warning(request, "Tick at least one letter that you have posted.")
        return redirect("rhi:print_queue")
    try:
        done = actions.mark_posted(found, although=form.cleaned_data["although"], by=reaching.person(request), now=now)
    except LetterRefused as refusal:
        return _queue(request, now, str(refusal), ask=any(row.whys for row in _rows(found, now)))
    messages.success(request, f"{len(done)} {'letter is' if len(done) == 1 else 'letters are'} marked as posted.")
    return redirect("rhi:print_queue")
