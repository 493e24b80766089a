"""The interviews that a missing coordinator is to read, that she has read one, and what is added to one later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rhi.actions import reading as actions
from rhi.actions.form_facts import interview_of
from rhi.codes import REASON_WORDS
from rhi.forms.reading import AddForm
from rhi.models import Answer, Interview, Outcome
from rhi.questions import SECTIONS
from rhi.questions.shapes import chosen
from rhi.views import reaching
from rhi.views.trays import address, page_number
from staff import audit
from staff.permissions import Permission, requires

PAGE = 50
"""How many interviews a page of the list shows."""

RISK, HARM = "risk_level", "harm_types"
PARTS = {
    (question.key, part.name): part
    for section in SECTIONS
    for question in section.questions
    if question.key in (RISK, HARM)
    for part in question.parts
}
#: The levels of risk, the lowest first, and their words.
LEVELS = {option.code: option.words for option in PARTS[RISK, "again"].options}


class Row(NamedTuple):
    """An interview that is to be read: what became of the episodes, the highest risk, and harm, each in words.

    `risk` is a code of LEVELS, empty where the form does not say; `harm` holds what was disclosed or is suspected.
    """

    interview: Interview
    outcomes: list[str]
    risk: str
    harm: list[str]

    @property
    def risk_words(self) -> str:
        """The level of risk as the form words it."""
        return LEVELS.get(self.risk, "")

    @property
    def is_high(self) -> bool:
        """Whether the risk stands out in the list."""
        return self.risk in {"high", "immediate"}


@requires(Permission.READ_INTERVIEWS)
@require_safe
def to_read(request: HttpRequest) -> HttpResponse:
    """The interviews that were written up and that no missing coordinator has read, the oldest first."""
    now = timezone.now()
    page = page_number(request.GET)
    rows = actions.to_read(reaching.person(request), now).select_related("child", "referral", "written_up_by")
    found = list(rows.order_by("written_up_at", "pk")[PAGE * (page - 1) : PAGE * page + 1])
    shown = found[:PAGE]
    reaching.put_on_trail(
        request,
        audit.Type.LIST_READ,
        now=now,
        children=[interview.child.child_id for interview in shown],
        page="to_read",
    )
    context = {
        "now": now,
        "rows": _rows(shown),
        "page": page,
        "previous": address(request.GET, page - 1) if page > 1 else "",
        "next": address(request.GET, page + 1) if len(found) > PAGE else "",
    }
    return render(request, "rhi/to_read.html", context)


def _rows(interviews: Sequence[Interview]) -> list[Row]:
    """These interviews with what their forms and outcomes say; two queries."""
    answers: dict[int, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for answer in Answer.objects.filter(interview__in=interviews, question__in=[RISK, HARM]):
        answers[answer.interview_id][answer.question] = answer.value
    ended: dict[int, list[str]] = defaultdict(list)
    outcomes = Outcome.objects.filter(
        episode__cover__referral__in=[interview.referral_id for interview in interviews],
        episode__withdrawn_at__isnull=True,
    )
    for referral, code, reason in outcomes.order_by("pk").values_list("episode__cover__referral", "code", "reason"):
        ended[referral].append(_ended(code, reason))
    return [
        Row(
            interview,
            list(dict.fromkeys(ended[interview.referral_id])),
            _highest(answers[interview.pk].get(RISK, {})),
            _harm(answers[interview.pk].get(HARM, {})),
        )
        for interview in interviews
    ]


def _ended(code: str, reason: str) -> str:
    """An outcome in words: `No contact: no answer`."""
    words = dict(Outcome._meta.get_field("code").flatchoices).get(code, code)
    return ": ".join(filter(None, [words, REASON_WORDS.get(reason, reason).lower()]))


def _highest(answer: Mapping[str, Any]) -> str:
    """The higher of the two risks that a form states: of going missing again, and of harm."""
    stated = [code for code in LEVELS if code in chosen(answer, "again") | chosen(answer, "harm")]
    return stated[-1] if stated else ""


def _harm(answer: Mapping[str, Any]) -> list[str]:
    """Whether harm was disclosed, and whether it is suspected, in words."""
    return [
        words
        for part, words in (("disclosed", "Disclosed"), ("suspected", "Suspected"))
        if any(not option.alone for option in PARTS[HARM, part].options_in(chosen(answer, part)))
    ]


@requires(Permission.READ_INTERVIEWS)
@require_POST
def mark_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one has read an interview as it was written up at the time that the page showed."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now)
    user = reaching.person(request)
    try:
        read = actions.mark_read(referral, written_up_at=_instant(request), by=user, now=now)
    except actions.ReadRefused as refusal:
        messages.warning(request, str(refusal))
        return redirect("rhi:record", referral.pk)
    if read.by == user:
        messages.success(request, f"Referral {referral}: you have read the interview.")
    else:
        messages.info(request, f"Referral {referral}: {read.by} has read the interview already.")
    return redirect("rhi:to_read")


def _instant(request: HttpRequest) -> datetime | None:
    """When, as the page said, the form was written up; None for anything else than an instant."""
    try:
        at = datetime.fromisoformat(request.POST.get("written_up_at", ""))
    except ValueError:
        return None
    return at if at.tzinfo else None


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def add_to_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Add to a signed-off interview what has become known since."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    form = AddForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.add(referral, text=form.cleaned_data["text"], by=reaching.person(request), now=now)
        except actions.AddRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Added. The record shows it with your name and the date.")
            return redirect("rhi:record", referral.pk)
    reaching.put_on_trail(
        request, audit.Type.REFERRAL_READ, now=now, children=[referral.child.child_id], subject=referral
    )
    context = {
        "now": now,
        "referral": referral,
        "child": referral.child,
        "form": form,
        "interview": interview_of(referral),
    }
    return render(request, "rhi/add_to_record.html", context)
