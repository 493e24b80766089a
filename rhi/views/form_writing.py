"""Writing in the form: one section as a page, saved by a button and, while somebody types, every few seconds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.calendar import LONDON
from rhi.actions import forms as answering
from rhi.actions.checking import beside, taken_over
from rhi.actions.form_document import frozen_or_draft
from rhi.actions.form_facts import Case, case_of
from rhi.forms.sections import SectionForm, shown_as_text, shown_from_text, shown_now
from rhi.models import Answer
from rhi.questions import section_named, sections_for
from rhi.questions.shapes import Question, Section
from rhi.views import reaching
from rhi.views.earlier import earlier
from rhi.views.reaching import person
from routing.models import Referral
from staff import audit
from staff.middleware import asked_by_itself
from staff.models import User
from staff.permissions import Permission, requires

MOST_TURNS = 2**31 - 1


@dataclass
class Page:
    """A section as an opened page of somebody's shows it, or as it comes back from there.

    `page` names the opened page, `turn` counts its savings, `writer` (key) is who opened it, `typed` is what came back,
    with what its writer took over from the records.
    """

    case: Case
    section: Section
    questions: Sequence[Question]
    shown: dict[str, answering.Seen]
    page: str
    turn: int
    writer: int
    typed: QueryDict | None = None

    @classmethod
    def opened(cls, case: Case, section: Section, *, by: User) -> Page:
        """As somebody opens it now."""
        questions = section.asked_in(case.situation)
        return cls(case, section, questions, shown_now(questions, case.answers), uuid.uuid4().hex, 0, by.pk)

    @classmethod
    def sent(cls, request: HttpRequest, case: Case, section: Section) -> Page:
        """As a browser sends it. What does not read as ours counts as not said."""
        shown = shown_from_text(request.POST.get("shown", ""))
        asked = {each.key for each in section.asked_in(case.situation)}
        # What was typed is kept although a colleague has recorded meanwhile that there was no interview.
        kept = [each for each in section.questions if each.key in asked or (each.typed and each.key in shown)]
        questions = [each.of(case.situation) for each in kept]
        page = request.POST.get("page", "")
        return cls(
            case,
            section,
            questions,
            shown,
            page if page.isascii() and page.isalnum() and len(page) <= 32 else "",
            _number(request, "turn"),
            _number(request, "writer") or person(request).pk,
            _typed(request, case),
        )

    @property
    def differing(self) -> dict[str, Answer]:
        """The questions of which the page showed both versions, so that one had to be chosen."""
        answers = self.case.answers
        return {key: answers[key] for key, each in self.shown.items() if each.both and key in answers}

    def form(self, data: Mapping[str, Any] | None, *, now: datetime, add: str = "") -> SectionForm:
        """Its questions as a form: with what was sent, or as they are answered; with a row more where to `add` one."""
        holder = self.case.interview.worker if self.case.interview else None
        return SectionForm(
            data,
            questions=self.questions,
            situation=self.case.situation,
            answers=self.case.answers,
            differing=self.differing,
            now=now,
            add=add,
            prefilled={"interviewer": str(holder)} if holder else {},
            beside=beside(self.case.check),
        )

    def hidden(self) -> dict[str, str]:
        """What the page carries besides the answers."""
        return {
            "shown": shown_as_text(self.shown),
            "page": self.page,
            "turn": str(self.turn),
            "writer": str(self.writer),
        }


@dataclass
class Kept:
    """What came of saving a page: the form as it was sent, what both had changed, and where theirs was chosen."""

    form: SectionForm
    differing: frozenset[str]
    theirs: frozenset[str]


def _keep(request: HttpRequest, referral: Referral, page: Page, *, now: datetime) -> Kept:
    """Store everything of a page that can be stored, whatever is wrong with the rest. Raises FormRefused.

    The page then shows what was stored as stored, and both versions of what somebody else has changed.
    """
    by = person(request)
    if page.writer != by.pk:
        raise answering.FormRefused(
            f"Somebody else opened this page, and {by} is signed in now, so nothing was saved under {by}’s name. "
            "Sign in as whoever was writing to go on."
        )
    form = page.form(page.typed, now=now)
    form.full_clean()
    saved = answering.save_answers(
        referral,
        section=page.section.letter,
        values=form.kept(),
        shown=page.shown,
        theirs=form.theirs(),
        writing=answering.Writing(page.page, page.turn),
        by=by,
        now=now,
    )
    for key, answer in saved.stored.items():
        page.shown[key] = answering.seen(answer)
    for key, answer in saved.differing.items():
        page.shown[key] = answering.seen(answer, both=True)
    if saved.stored or saved.differing:
        page.case = case_of(referral)
    return Kept(form, frozenset(saved.differing) | form.undecided(), form.theirs())


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def form_section(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """One section: what is known, and its questions. Saved by a button; once written up it can only be read."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    case = case_of(referral)
    one = _named(section)
    locked = bool(case.interview and case.interview.written_up_at)
    following = next((each for each in sections_for(case.situation) if each.letter > one.letter), None)
    context: dict[str, Any] = {"section": one, "following": following, "locked": locked}
    opened = Page.opened(case, one, by=person(request))
    if request.method == "POST":
        page = Page.sent(request, case, one)
        refused = ""
        try:
            kept = _keep(request, referral, page, now=now)
        except answering.FormRefused as refusal:
            refused = str(refusal)
            page.writer = opened.writer  # whoever sends it again saves it as their own
        else:
            if kept.form.is_valid() and not kept.differing:
                messages.success(request, f"{one.title}: saved.")
                return redirect(_after(request, referral, one, following))
        form = page.form(page.typed, now=now)
        if refused:
            form.add_error(None, refused)
        context |= {"form": form, "hidden": page.hidden()}
        case = page.case
    elif opened.questions and not locked:
        context |= {"form": opened.form(None, now=now, add=request.GET.get("add", "")), "hidden": opened.hidden()}
    context |= {"case": case, "interview": case.interview, "page": frozen_or_draft(case, now=now).get(one.letter)}
    context["earlier"] = earlier(case, one, user=person(request), now=now)
    return _page(request, referral, now=now, **context)


@requires(Permission.WORK_REFERRALS)
@require_POST
def keep_section(request: HttpRequest, pk: int, section: str) -> JsonResponse:
    """Save what stands on an open page; answers what the page must show differently now.

    `differing` are questions that somebody else changed too, `settled` those where theirs was chosen, each as the page
    shows it; `refused` are those that cannot be stored as they are, with the reason. 409: nothing can be saved, `says`.
    """
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    page = Page.sent(request, case_of(referral), _named(section))
    try:
        kept = _keep(request, referral, page, now=now)
    except answering.FormRefused as refusal:
        return JsonResponse({"says": str(refusal)}, status=409)
    named = {question.key: question for question in page.questions}
    for key in kept.theirs:
        page.shown[key] = answering.seen(page.case.answers.get(key))
    both, stored = page.form(page.typed, now=now), page.form(None, now=now)
    if kept.differing or kept.theirs:
        children = [referral.child.child_id]
        reaching.put_on_trail(request, audit.Type.FORM_READ, now=now, children=children, subject=referral)
    return JsonResponse(
        {
            "saved": f"{now.astimezone(LONDON):%H:%M}",
            "shown": shown_as_text(page.shown),
            "differing": {key: both.alone(named[key]) for key in sorted(kept.differing)},
            "settled": {key: stored.alone(named[key]) for key in sorted(kept.theirs)},
            "refused": {key: [named[key].text, why] for key, why in kept.form.refused().items()},
        }
    )


@asked_by_itself
@requires(Permission.WORK_REFERRALS)
@require_safe
def who_writes(request: HttpRequest) -> JsonResponse:
    """Who is signed in, with the token that their next form must carry: for a page that was open while signed out."""
    return JsonResponse({"writer": person(request).pk, "name": str(person(request)), "token": get_token(request)})


@requires(Permission.WORK_REFERRALS)
@require_safe
def signed_in_again(request: HttpRequest) -> HttpResponse:
    """Where signing in again leads that began from an open page: back to that page."""
    return render(request, "rhi/signed_in_again.html", {})


def _page(request: HttpRequest, referral: Referral, *, now: datetime, **context: Any) -> HttpResponse:
    """The page, put on the trail before it is sent."""
    children = [referral.child.child_id]
    shown = sorted({before.referral for before in context["earlier"].interviews})
    more = {"earlier": shown} if shown else {}
    reaching.put_on_trail(request, audit.Type.FORM_READ, now=now, children=children, subject=referral, **more)
    return render(
        request, "rhi/form_section.html", {"referral": referral, "child": referral.child, "now": now, **context}
    )


def _named(slug: str) -> Section:
    """The section of this address. Raises Http404."""
    found = section_named(slug)
    if found is None:
        raise Http404
    return found


def _typed(request: HttpRequest, case: Case) -> QueryDict:
    """What a browser sent; where its writer pressed the button, with what the records say beside that question."""
    taken = request.POST.get("take", "")
    known = beside(case.check).get(taken)
    if known is None:
        return request.POST
    typed = request.POST.copy()
    typed.setlist(taken, taken_over(typed.getlist(taken), known.found))
    return typed


def _number(request: HttpRequest, name: str) -> int:
    """A number that a page sent; 0 for anything that is none."""
    typed = request.POST.get(name, "")
    return min(int(typed), MOST_TURNS) if typed.isascii() and typed.isdigit() and len(typed) <= 10 else 0


def _after(request: HttpRequest, referral: Referral, section: Section, following: Section | None) -> str:
    """Where saving leads: on to the next section, or back to this one, to the row that was asked for."""
    here = reverse("rhi:form_section", args=[referral.pk, section.slug])
    add = request.POST.get("add", "")
    if any(add == question.key for question in section.questions):
        return f"{here}?add={add}#question-{add}"
    if any(request.POST.get("take") == question.key for question in section.questions):
        return f"{here}#question-{request.POST['take']}"
    if "on" not in request.POST:
        return here
    if following is None:
        return reverse("rhi:form", args=[referral.pk])
    return reverse("rhi:form_section", args=[referral.pk, following.slug])
