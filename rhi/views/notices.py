"""What somebody must be told and has been told, and the mark that they have seen it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from episodes.models import Child
from rhi.actions import notices
from rhi.models import Notice
from rhi.views import reaching
from rhi.views.trays import address, page_number
from routing.models import Referral
from staff import audit
from staff.models import User
from staff.permissions import Permission, allowed, requires

PAGE = 50
UNSEEN_FIRST = (F("seen_at").desc(nulls_first=True), "-at", "-pk")


@requires(Permission.SEE_WORK)
@require_safe
def of_mine(request: HttpRequest) -> HttpResponse:
    """Everything that the person was told: what they have not seen, then the rest, the newest first."""
    now = timezone.now()
    user = reaching.person(request)
    page = page_number(request.GET)
    rows = Notice.objects.filter(to=user).select_related("child", "by")
    found = list(rows.order_by(*UNSEEN_FIRST)[PAGE * (page - 1) : PAGE * page + 1])
    shown = found[:PAGE]
    referrals, children = openable(shown, user, now)
    reaching.put_on_trail(
        request,
        audit.Type.LIST_READ,
        now=now,
        children=[notice.child.child_id for notice in shown if notice.child_id in children],
        page="notices",
    )
    context = {
        "now": now,
        "notices": shown,
        "unseen": [notice.pk for notice in shown if not notice.seen_at],
        "may_open": children,
        "may_see": referrals,
        "earlier": address(request.GET, page - 1) if page > 1 else "",
        "later": address(request.GET, page + 1) if len(found) > PAGE else "",
    }
    return render(request, "rhi/notices.html", context)


def openable(told: Collection[Notice], user: User, now: datetime) -> tuple[frozenset[int], frozenset[int]]:
    """Of these notices the referrals and the children (keys) whose page the person may open: two queries."""
    referrals = Referral.objects.visible_to(user, now).filter(pk__in=[notice.referral_id for notice in told])
    children: frozenset[int] = frozenset()
    if allowed(user, Permission.FIND_CHILDREN):
        seen = Child.objects.visible_to(user, now).filter(pk__in=[notice.child_id for notice in told])
        children = frozenset(seen.values_list("pk", flat=True))
    return frozenset(referrals.values_list("pk", flat=True)), children


@requires(Permission.SEE_WORK)
@require_POST
def notice_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one's own notice as seen, and go on: to its referral, the list of notices, or My work.

    Somebody else's is not found.
    """
    now = timezone.now()
    user = reaching.person(request)
    notice = Notice.objects.filter(pk=pk, to=user).first()
    if notice is None:
        raise reaching.denied(Notice, pk)
    notices.see(notice, by=user, now=now)
    then = request.POST.get("then")
    if then == "referral" and notice.referral_id in openable([notice], user, now)[0]:
        return redirect("rhi:referral", notice.referral_id)
    return redirect("rhi:notices" if then == "notices" else "rhi:home")


@requires(Permission.SEE_WORK)
@require_POST
def all_seen(request: HttpRequest) -> HttpResponse:
    """Mark everything as seen that stood on the page when it was drawn: the page names each of them."""
    named = [key for key in request.POST.getlist("shown") if key.isascii() and key.isdigit() and len(key) < 19]
    if named:
        shown = [int(key) for key in named[:PAGE]]
        notices.see_all(shown=shown, by=reaching.person(request), now=timezone.now())
    return redirect("rhi:notices")
