"""The case note about a prevention plan that was not made: to copy, or as a file."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from rhi.actions import plan_note
from rhi.actions.form_facts import case_of
from rhi.views import reaching
from routing.models import Referral
from staff import audit
from staff.permissions import Permission, requires


def _on_trail(request: HttpRequest, referral: Referral, now: datetime) -> None:
    reaching.put_on_trail(
        request, audit.Type.RECORD_PRINTED, now=now, children=[referral.child.child_id], subject=referral
    )


@requires(Permission.WORK_REFERRALS)
@require_safe
def no_plan_note(request: HttpRequest, pk: int) -> HttpResponse:
    """The note to copy into the child's main record (Somerset 4.13)."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    text = plan_note.no_plan_note(case_of(referral), now=now)
    _on_trail(request, referral, now)
    context = {"now": now, "referral": referral, "child": referral.child, "text": text}
    return render(request, "rhi/no_plan_note.html", context)


@requires(Permission.WORK_REFERRALS)
@require_safe
def no_plan_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as a file of plain text, whose name says nothing of the child; without a note, back to the page."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    text = plan_note.no_plan_note(case_of(referral), now=now)
    if not text:
        return redirect("rhi:no_plan_note", pk=referral.pk)
    _on_trail(request, referral, now)
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="no-prevention-plan-{referral}.txt"'
    return answer
