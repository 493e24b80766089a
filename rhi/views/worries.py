"""A worry that somebody puts to a manager, its one page for her, and withdrawing one that nobody has answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rhi.actions import escalating as actions
from rhi.actions.form_document import frozen_or_draft
from rhi.actions.form_facts import case_of
from rhi.forms.contact import BecauseForm
from rhi.forms.reading import AnswerForm, EscalateForm
from rhi.models import Escalation
from rhi.views import reaching
from routing.models import Referral
from staff import audit
from staff.permissions import Permission, requires


@requires(Permission.ESCALATE)
@require_http_methods(["GET", "POST"])
def escalate(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a worry about a referral to a manager, a team leader or a missing coordinator."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    user = reaching.person(request)
    form = EscalateForm(
        request.POST if request.method == "POST" else None,
        answerers=actions.answerers(referral, by=user, now=now),
        now=now,
        restricted=referral.child.restricted,
    )
    if form.is_valid():
        try:
            worry = actions.escalate(referral, **form.cleaned_data, by=user, now=now)
        except actions.EscalationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Put to {worry.to}, who is told. Until the answer comes it stands in My work.")
            return redirect("rhi:referral", referral.pk)
    return _page(request, "rhi/escalate.html", referral, now=now, form=form)


@requires(Permission.ESCALATE)
@require_http_methods(["GET", "POST"])
def withdraw_worry(request: HttpRequest, pk: int, worry: int) -> HttpResponse:
    """Withdraw a worry that nobody has answered, with the reason. It can then be put to somebody else."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    rows = Escalation.objects.filter(referral=referral).select_related("referral", "to", "by", "child", "answered_by")
    wanted = reaching.beneath(rows, worry)
    form = BecauseForm(request.POST if request.method == "POST" else None)
    form.fields["because"].label = "Why do you withdraw it?"
    if form.is_valid():
        try:
            actions.withdraw(wanted, because=form.cleaned_data["because"], by=reaching.person(request), now=now)
        except actions.EscalationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Withdrawn. If it still worries you, put it to somebody else here.")
            return redirect("rhi:escalate", referral.pk)
    return _page(request, "rhi/withdraw_worry.html", referral, now=now, form=form, worry=wanted)


def _page(request: HttpRequest, template: str, referral: Referral, *, now: datetime, **context: Any) -> HttpResponse:
    """A page about a referral, put on the trail before it is sent."""
    reaching.put_on_trail(
        request, audit.Type.REFERRAL_READ, now=now, children=[referral.child.child_id], subject=referral
    )
    return render(request, template, {"referral": referral, "child": referral.child, "now": now, **context})


@requires(Permission.ANSWER_WORRIES)
@require_http_methods(["GET", "POST"])
def worry(request: HttpRequest, pk: int) -> HttpResponse:
    """What was put to somebody, and their answer, with the interview as written up; nothing else of the child."""
    now = timezone.now()
    user = reaching.person(request)
    rows = actions.put_to(user, now).select_related("child", "referral__child", "referral__version", "by", "to")
    put = rows.filter(pk=pk).first()
    if put is None:
        raise reaching.denied(Escalation, pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.answer(put, words=form.cleaned_data["words"], by=user, now=now)
        except actions.EscalationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Answered. {put.by} is told.")
            return redirect("rhi:home")
    case = case_of(put.referral)
    written = bool(case.interview and case.interview.written_up_at)
    reaching.put_on_trail(request, audit.Type.FORM_READ, now=now, children=[put.child.child_id], subject=put)
    context = {
        "now": now,
        "worry": put,
        "child": put.child,
        "form": form,
        "interview": case.interview,
        "written": written,
        "pages": frozen_or_draft(case, now=now).values() if written else [],
        "addenda": case.addenda if written else (),
    }
    return render(request, "rhi/worry.html", context)
