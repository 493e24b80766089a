"""Before a visit: the records that were checked, and what whoever visits or rings must know first."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from episodes.models import Child
from rhi.actions import checking, visitor_warnings
from rhi.forms.contact import BecauseForm
from rhi.forms.visiting import CheckForm, WarningForm
from rhi.models import VisitorWarning
from rhi.views import reaching
from rhi.views.reaching import person
from routing.models import Referral
from staff import audit
from staff.permissions import Permission, allowed, requires

get_or_post = require_http_methods(["GET", "POST"])


@requires(Permission.WORK_REFERRALS)
@get_or_post
def check_records(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what the records say before the first contact (Somerset 4.4). The last check stands beside the form."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    usual = {"checked_at": now.replace(second=0, microsecond=0)}
    form = CheckForm(request.POST if request.method == "POST" else None, now=now, initial=usual)
    if form.is_valid():
        try:
            checking.record_check(referral, **form.cleaned_data, by=person(request), now=now)
        except checking.CheckRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "Recorded. It stands in the form as known from the records.")
            return redirect("rhi:referral", referral.pk)
    checks = list(referral.records_checks.select_related("by").order_by("-checked_at", "-pk"))
    children = [referral.child.child_id]
    reaching.put_on_trail(request, audit.Type.REFERRAL_READ, now=now, children=children, subject=referral)
    context = {"referral": referral, "child": referral.child, "form": form, "checks": checks, "now": now}
    return render(request, "rhi/check_records.html", context)


@requires(Permission.WORK_REFERRALS)
@get_or_post
def new_warning(request: HttpRequest, pk: int) -> HttpResponse:
    """A warning for whoever visits or rings this child; from a referral it goes back there."""
    now = timezone.now()
    child = reaching.the_child(request, pk, now=now, work=True)
    form = WarningForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            visitor_warnings.warn(child, **form.values(), by=person(request), now=now)
        except visitor_warnings.WarningRefused as refusal:
            form.add_error(form.field_of(refusal.field), str(refusal))
        else:
            messages.success(request, "The warning is recorded. It stands on the child’s pages until somebody ends it.")
            return _back(request, child, now=now)
    standing = list(visitor_warnings.in_force([child.pk]))
    return _page(request, "rhi/new_warning.html", child, now=now, form=form, warnings=standing)


@requires(Permission.WORK_REFERRALS)
@get_or_post
def end_warning(request: HttpRequest, pk: int, warning: int) -> HttpResponse:
    """Let a warning hold no longer, with the reason."""
    now = timezone.now()
    child = reaching.the_child(request, pk, now=now, work=True)
    theirs = VisitorWarning.objects.filter(child=child).select_related("by", "ended_by")
    standing = reaching.beneath(theirs, warning)
    form = BecauseForm(request.POST if request.method == "POST" else None)
    form.fields["because"].label = "Why does it hold no longer?"
    if form.is_valid():
        try:
            visitor_warnings.end(standing, because=form.cleaned_data["because"], by=person(request), now=now)
        except visitor_warnings.WarningRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Ended: {standing.words}.")
            return _back(request, child, now=now)
    return _page(request, "rhi/end_warning.html", child, now=now, form=form, warning=standing)


def _from(request: HttpRequest, child: Child, *, now: datetime) -> Referral | None:
    """The referral of this child from which somebody came, if they may see it."""
    named = request.GET.get("referral", "")
    if not (named.isascii() and named.isdigit() and len(named) <= 10):
        return None
    return Referral.objects.visible_to(person(request), now).filter(child=child, pk=int(named)).first()


def _back(request: HttpRequest, child: Child, *, now: datetime) -> HttpResponse:
    """Where somebody came from: the referral, else the child's page, else (for whom has none) their work."""
    if referral := _from(request, child, now=now):
        return redirect("rhi:referral", referral.pk)
    return (
        redirect("rhi:child", child.pk) if allowed(person(request), Permission.FIND_CHILDREN) else redirect("rhi:home")
    )


def _page(request: HttpRequest, template: str, child: Child, *, now: datetime, **context: object) -> HttpResponse:
    """A page about a child, put on the trail before it is sent."""
    reaching.put_on_trail(request, audit.Type.CHILD_READ, now=now, children=[child.child_id], subject=child)
    came_from = _from(request, child, now=now)
    may_see_child = allowed(person(request), Permission.FIND_CHILDREN)
    context |= {"child": child, "now": now, "referral": came_from, "may_see_child": may_see_child}
    return render(request, template, context)
