"""What a page that stays open asks by itself, once a minute: whether there is more to show.

The answer is a number in words and nothing of anybody's record, so that the trail has a line for a denial only. Being
asked keeps nobody signed in (staff.middleware).
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from rhi import listing
from rhi.views import marks, reaching, work
from routing.models import trays_of
from staff.middleware import asked_by_itself
from staff.models import Team
from staff.permissions import Permission, requires


@asked_by_itself
@requires(Permission.SEE_TRAYS)
@require_safe
def tray_news(request: HttpRequest, pk: int) -> JsonResponse:
    """How many referrals have come into a tray since its page was opened; `after` and `of` are its marks."""
    now, user = timezone.now(), reaching.person(request)
    if not trays_of(user).filter(pk=pk).exists():
        raise reaching.denied(Team, pk)
    after, lay = _number(request, "after"), _number(request, "of")
    if after is None:
        return _says("", now)
    new = listing.arrived(user, now, pk, after=after)
    lies = listing.in_tray(user, now, pk).count() if lay is not None else None
    if lay is not None and lies is not None and not new:
        new = max(lies - lay, 0)  # what was being recorded in the very instant in which the page was made
    if new:
        return _says(f"{new} new in this tray", now)
    return _says("" if lies == lay else "This tray has changed", now)


@asked_by_itself
@requires(Permission.SEE_WORK)
@require_safe
def work_news(request: HttpRequest) -> JsonResponse:
    """How much has come into somebody's work since the page was opened, which says what it `shown`."""
    now = timezone.now()
    shown = frozenset(request.GET.get("shown", "").split("."))
    if "shown" not in request.GET:
        return _says("", now)
    waits = work.waiting(reaching.person(request), now)
    if new := waits - shown:
        return _says(f"{len(new)} new for you", now)
    return _says("" if not shown - waits - {""} else "Your work has changed", now)


@asked_by_itself
@requires(Permission.SEE_REFERRALS)
@require_safe
def referral_news(request: HttpRequest, pk: int) -> JsonResponse:
    """Whether anything of a referral has changed since its page was opened, when it stood `as` the page says."""
    now = timezone.now()
    mark = marks.referral_mark(reaching.the_referral(request, pk, now=now))
    changed = request.GET.get("as", mark) != mark
    return _says("Somebody has changed this referral" if changed else "", now)


def _number(request: HttpRequest, name: str) -> int | None:
    """A number of the address; None for anything that is none."""
    typed = request.GET.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 18 else None


def _says(words: str, now: datetime) -> JsonResponse:
    """The answer: what the page may offer to show, empty for nothing, and the time by which its clocks count."""
    return JsonResponse({"says": words, "now": now.isoformat()})
