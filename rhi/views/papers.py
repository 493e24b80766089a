"""Papers: a form to fill in by hand at a visit, and what is filed with an interview afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from rhi.actions import papers as actions
from rhi.actions.form_facts import case_of
from rhi.forms.contact import BecauseForm
from rhi.forms.visiting import PaperForm
from rhi.models import Attachment
from rhi.papers import ENDINGS, JPEG, PDF, PNG, TEXT
from rhi.questions import sections_for
from rhi.views import reaching
from rhi.views.letters import ViewedPdf
from rhi.views.reaching import person
from routing.models import Referral
from staff import audit
from staff.permissions import Permission, requires

#: How many rows of a table stand on paper.
ROWS = 4


@requires(Permission.WORK_REFERRALS)
@require_safe
def blank_form(request: HttpRequest, pk: int) -> HttpResponse:
    """The form to fill in by hand: every question that a held interview asks. A paper gets lost, so it names nobody.

    `?named=yes` puts the child's name on it.
    """
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    situation = replace(case_of(referral).situation, held=True, declined=False)
    asked = [(section, section.asked_in(situation)) for section in sections_for(situation)]
    named = request.GET.get("named") == "yes"
    return _page(
        request,
        "rhi/blank_form.html",
        referral,
        now=now,
        line=audit.Type.BLANK_FORM_PRINTED,
        named=named,
        sections=[(section, questions) for section, questions in asked if questions],
        rows=range(ROWS),
    )


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def file_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """File a photographed or typed paper with the interview."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PaperForm(*posted)
    if form.is_valid():
        try:
            content = form.cleaned_data["file"].read()
            actions.file_paper(referral, name=form.cleaned_data["name"], content=content, by=person(request), now=now)
        except actions.PaperRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "The paper is filed with the interview.")
            return redirect("rhi:referral", referral.pk)
    papers = list(actions.of_the_referral(referral))
    return _page(request, "rhi/file_paper.html", referral, now=now, form=form, papers=papers)


class AsItCame(HttpResponse):
    """Bytes that came from outside, to be shown or saved where nothing may run and nothing else may be fetched."""

    #: django-csp's: in place of what our own pages may do. Styles are those by which a browser's own viewer fits a
    #: picture to its window.
    _csp_replace: ClassVar[dict[str, Any]] = {
        "default-src": ["'none'"],
        "script-src": None,
        "style-src": ["'unsafe-inline'"],
        "img-src": None,
        "connect-src": None,
        "form-action": ["'none'"],
        "sandbox": True,
    }


@requires(Permission.SEE_REFERRALS)
@require_safe
def paper(request: HttpRequest, pk: int, paper: int) -> HttpResponse:
    """A paper itself. Each time that somebody opens it is on the trail."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now)
    filed = reaching.beneath(actions.of_the_referral(referral), paper)
    if filed.taken_out_at:
        raise Http404
    content = bytes(Attachment.objects.values_list("content", flat=True).get(pk=filed.pk))
    reaching.put_on_trail(
        request,
        audit.Type.PAPER_READ,
        now=now,
        children=[referral.child.child_id],
        subject=filed,
        referral=referral.pk,
    )
    name = f"paper-{filed.pk}.{ENDINGS[filed.kind]}"
    if filed.kind == PDF:
        return ViewedPdf(content, name)
    shown = "inline" if filed.kind in (JPEG, PNG) else "attachment"
    kind = f"{filed.kind}; charset=utf-8" if filed.kind == TEXT else filed.kind
    return AsItCame(content, content_type=kind, headers={"Content-Disposition": f'{shown}; filename="{name}"'})


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def take_out_paper(request: HttpRequest, pk: int, paper: int) -> HttpResponse:
    """Take a paper out that was filed by a slip, with the reason; its bytes go with it."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    filed = reaching.beneath(actions.of_the_referral(referral), paper)
    form = BecauseForm(request.POST if request.method == "POST" else None)
    form.fields["because"].label = "Why is it taken out?"
    if form.is_valid():
        try:
            actions.take_out(referral, filed, because=form.cleaned_data["because"], by=person(request), now=now)
        except actions.PaperRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Taken out: {filed.name}.")
            return redirect("rhi:referral", referral.pk)
    why_not = "" if filed.taken_out_at else actions.why_not_take_out(filed, by=person(request))
    return _page(request, "rhi/take_out_paper.html", referral, now=now, form=form, paper=filed, why_not=why_not)


def _page(
    request: HttpRequest,
    template: str,
    referral: Referral,
    *,
    now: datetime,
    line: audit.Type = audit.Type.REFERRAL_READ,
    **context: object,
) -> HttpResponse:
    """A page about a referral, put on the trail before it is sent."""
    reaching.put_on_trail(request, line, now=now, children=[referral.child.child_id], subject=referral)
    return render(request, template, {"referral": referral, "child": referral.child, "now": now, **context})
