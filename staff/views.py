"""The trail, for the auditor: who looked at and changed what. Never what a case says. And the way to single sign-on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, cast

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from staff import audit
from staff.forms import TrailForm
from staff.models import AuditEvent, User
from staff.permissions import Permission, requires

PAGE = 50
WHAT = dict(audit.Type.choices)


@login_not_required
@require_safe
def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go and sign in with the authority's own account; one that does not answer is refused in words."""
    try:
        there: HttpResponse = openid_connect.login(request, provider_id=provider_id)
    except RequestException:
        get_adapter().on_authentication_error(request)
        raise
    return there


@login_not_required
@require_safe
def back_from_single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from there, known or not."""
    back: HttpResponse = openid_connect.callback(request, provider_id=provider_id)
    return back


@requires(Permission.SEE_TRAIL)
@require_http_methods(["GET", "POST"])
def trail(request: HttpRequest) -> HttpResponse:
    """The newest lines first. What to look for is sent, not written into the address; reading leaves its own line."""
    now = timezone.now()
    people = {person.pk: person for person in User.objects.order_by(Lower("name"), "pk")}
    form = TrailForm(request.POST if request.method == "POST" else None, people=people.values())
    wanted = form.cleaned_data if form.is_valid() else {}
    page = wanted.get("page") or 1
    lines = [] if form.errors else list(_wanted(wanted)[(page - 1) * PAGE : page * PAGE + 1])
    with transaction.atomic():
        audit.record(
            audit.Type.LIST_READ,
            by=cast(User, request.user),
            at=now,
            detail={"page": "rhi:trail", "filters": sorted(name for name, value in wanted.items() if value)},
        )
    context = {
        "form": form,
        "now": now,
        "lines": [
            (line, people.get(line.by_id or 0), WHAT.get(line.type, line.type), _words(line.detail))
            for line in lines[:PAGE]
        ],
        "looked_for": [(form[name].html_name, form[name].value() or "") for name in ("person", "type", "child", "day")],
        "earlier": page + 1 if len(lines) > PAGE else None,
        "later": page - 1 if page > 1 else None,
    }
    return render(request, "staff/trail.html", context)


def _wanted(wanted: Mapping[str, Any]) -> QuerySet[AuditEvent]:
    """The lines that a filter lets through, newest first."""
    rows = AuditEvent.objects.order_by("-at", "-pk")
    if wanted.get("person") == TrailForm.SYSTEM:
        rows = rows.filter(by_id__isnull=True)
    elif wanted.get("person"):
        rows = rows.filter(by_id=wanted["person"])
    if wanted.get("type"):
        rows = rows.filter(type=wanted["type"])
    if wanted.get("child"):
        # As text, which both databases can search; they keep letters beyond ASCII in different ways.
        spellings = {json.dumps(wanted["child"], ensure_ascii=ascii_only) for ascii_only in (True, False)}
        either = Q(*[("text__contains", spelling) for spelling in spellings], _connector=Q.OR)
        rows = rows.annotate(text=Cast("children", TextField())).filter(either)
    if wanted.get("day"):
        midnight = timezone.make_aware(datetime.combine(wanted["day"], time()))
        next_midnight = timezone.make_aware(datetime.combine(wanted["day"] + timedelta(days=1), time()))
        rows = rows.filter(at__gte=midnight, at__lt=next_midnight)
    return rows


def _words(detail: Mapping[str, object]) -> list[tuple[str, str]]:
    """What changed, as pairs of a word and its value; lists joined by commas."""
    return [
        (name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in detail.items()
        if value not in (None, "", [])
    ]
