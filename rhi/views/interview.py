"""The interview: that it was held, its form, what became of each absence, write-up, sign-off and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from episodes.models import Episode
from rhi import codes
from rhi.actions import forms as answering
from rhi.actions import outcomes_by_hand, signing
from rhi.actions.form_document import document
from rhi.actions.form_facts import Case, case_of, interview_of
from rhi.forms.interview import (
    HeldForm,
    OutcomesForm,
    SectionForm,
    SignOffForm,
    shown_as_text,
    shown_from_text,
    shown_now,
)
from rhi.models import Answer, SubmittedForm
from rhi.questions import missing, section_named, sections_for
from rhi.questions.shapes import Question, Section
from rhi.views import reaching
from rhi.views.reaching import person
from routing.models import Referral
from staff import audit
from staff.permissions import Permission, requires


def _page(
    request: HttpRequest,
    template: str,
    referral: Referral,
    *,
    now: datetime,
    line: audit.Type = audit.Type.REFERRAL_READ,
    **context: Any,
) -> HttpResponse:
    """A page about a referral, put on the trail before it is sent."""
    reaching.put_on_trail(request, line, now=now, children=[referral.child.child_id], subject=referral)
    return render(request, template, {"referral": referral, "child": referral.child, "now": now, **context})


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, if anything was: a form sent empty is still a form sent."""
    return request.POST if request.method == "POST" else None


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def record_held(request: HttpRequest, pk: int) -> HttpResponse:
    """Say when and how the interview was held. Leads to its outcome."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    form = HeldForm(_posted(request), now=now)
    if form.is_valid():
        try:
            outcomes_by_hand.record_held(referral, **form.cleaned_data, by=person(request), now=now)
        except outcomes_by_hand.HeldRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The interview is recorded as held.")
            return redirect("rhi:form", referral.pk)
    return _page(request, "rhi/record_held.html", referral, now=now, form=form, interview=interview_of(referral))


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def record_outcomes(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of every absence that lacks its outcome, all on one page."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    case = case_of(referral)
    # What was typed stays on the page although a colleague recorded the outcome meanwhile.
    typed = [episode for episode in case.episodes if f"outcome_{episode.pk}" in request.POST]
    asked = typed or case.without_outcome
    form = OutcomesForm(_posted(request), episodes=asked, of=len(case.episodes), now=now, initial=_suggested(case))
    if asked and form.is_valid():
        try:
            outcomes_by_hand.record_outcomes(referral, settled=form.settled(), by=person(request), now=now)
        except outcomes_by_hand.OutcomeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The outcome is recorded." if len(asked) == 1 else "The outcomes are recorded.")
            return redirect("rhi:form", referral.pk)
    recorded = [case.outcomes[episode.pk] for episode in case.episodes if episode.pk in case.outcomes]
    return _page(
        request, "rhi/record_outcomes.html", referral, now=now, form=form, case=case, asked=asked, recorded=recorded
    )


def _suggested(case: Case) -> dict[str, str]:
    """What the records suggest: a held interview completes the absence that ended last and covers the others."""
    found: dict[str, str] = {}
    if case.interview and case.interview.held_at:
        last = max(case.episodes, key=_ended, default=None)
        for episode in case.episodes:
            code = codes.OutcomeCode.COMPLETED if episode == last else codes.OutcomeCode.COVERED
            found[f"outcome_{episode.pk}"] = code
        return found
    for offer in case.to(codes.OfferedTo.CHILD):
        if offer.response == codes.Response.DECLINED_BY_CHILD:
            for episode in case.episodes:
                found[f"outcome_{episode.pk}"] = codes.OutcomeCode.DECLINED
                found[f"reason_{episode.pk}_{codes.OutcomeCode.DECLINED}"] = offer.declined_because
    return found


def _ended(episode: Episode) -> tuple[bool, datetime, str]:
    return episode.returned_at is None, episode.returned_at or episode.last_seen_at, episode.episode_id


@requires(Permission.WORK_REFERRALS)
@require_safe
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """The form's sections, how far each is, and what is still needed."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    case = case_of(referral)
    return _page(
        request,
        "rhi/form.html",
        referral,
        now=now,
        line=audit.Type.FORM_READ,
        case=case,
        interview=case.interview,
        sections=[_standing(section, case) for section in sections_for(case.situation)],
        missing=missing(case.situation, case.values),
    )


def _standing(section: Section, case: Case) -> dict[str, Any]:
    """How far a section is."""
    asked = section.asked_in(case.situation)
    values = case.values
    needed = len(missing(case.situation, values, only=section))
    answered = sum(bool(values.get(question.key)) for question in asked)
    return {"section": section, "asked": len(asked), "answered": answered, "needed": needed}


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def form_section(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """One section: what is known, and its questions. Saved by a button; once written up it can only be read."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    case = case_of(referral)
    one = section_named(section)
    if one is None:
        raise Http404
    locked = bool(case.interview and case.interview.written_up_at)
    following = next((each for each in sections_for(case.situation) if each.letter > one.letter), None)
    context: dict[str, Any] = {
        "case": case,
        "interview": case.interview,
        "section": one,
        "following": following,
        "locked": locked,
        "page": _frozen_or_draft(case, now=now).get(one.letter),
    }
    sent = shown_from_text(request.POST.get("shown", ""))
    # What was typed is kept although a colleague has recorded meanwhile that there was no interview.
    asked = one.asked_in(case.situation)
    questions = [each for each in one.questions if each in asked or (each.typed and each.key in sent)]
    shown = sent if request.method == "POST" else shown_now(questions, case.answers)
    if questions and (request.method == "POST" or not locked):
        section_form = _section_form(request, case, questions, _differing(case, shown), now=now)
        context["form"] = section_form
        if section_form.is_valid():
            try:
                saved = answering.save_answers(
                    referral,
                    section=one.letter,
                    values=section_form.values(),
                    shown=shown,
                    theirs=section_form.theirs(),
                    by=person(request),
                    now=now,
                )
            except answering.FormRefused as refusal:
                section_form.add_error(None, str(refusal))
            else:
                if not saved.differing:
                    messages.success(request, f"{one.title}: saved.")
                    return redirect(_after(request, referral, one, following))
                case = case_of(referral)
                context["form"] = _section_form(request, case, questions, saved.differing, now=now)
                for key in (*saved.stored, *saved.differing):
                    shown[key] = answering.seen(case.answers.get(key), both=key in saved.differing)
    context["shown"] = shown_as_text(shown)
    return _page(request, "rhi/form_section.html", referral, now=now, line=audit.Type.FORM_READ, **context)


def _section_form(
    request: HttpRequest,
    case: Case,
    questions: Sequence[Question],
    differing: Mapping[str, Answer],
    *,
    now: datetime,
) -> SectionForm:
    holder = case.interview.worker if case.interview else None
    return SectionForm(
        _posted(request),
        questions=questions,
        situation=case.situation,
        answers=case.answers,
        differing=differing,
        now=now,
        prefilled={"interviewer": str(holder)} if holder else {},
    )


def _differing(case: Case, shown: Mapping[str, answering.Seen]) -> dict[str, Answer]:
    """The questions of which the page showed both versions, so that one had to be chosen."""
    return {key: case.answers[key] for key, each in shown.items() if each.both and key in case.answers}


def _after(request: HttpRequest, referral: Referral, section: Section, following: Section | None) -> str:
    """Where saving leads: on to the next section, or back to this one."""
    if "on" not in request.POST:
        return reverse("rhi:form_section", args=[referral.pk, section.slug])
    if following is None:
        return reverse("rhi:form", args=[referral.pk])
    return reverse("rhi:form_section", args=[referral.pk, following.slug])


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the interview up, which locks its form; or see what is still needed."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    refused = ""
    if request.method == "POST":
        try:
            signing.write_up(referral, by=person(request), now=now)
        except signing.WriteUpRefused as refusal:
            refused = str(refusal)
        else:
            messages.success(request, "The interview is written up. A leader or coordinator now signs it off.")
            return redirect("rhi:form", referral.pk)
    case = case_of(referral)
    return _page(
        request,
        "rhi/submit.html",
        referral,
        now=now,
        line=audit.Type.FORM_READ,
        case=case,
        interview=case.interview,
        missing=missing(case.situation, case.values),
        refused=refused,
    )


@requires(Permission.SIGN_OFF)
@require_http_methods(["GET", "POST"])
def sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Read what somebody else has written up, and sign it off."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    form = SignOffForm(_posted(request))
    if form.is_valid():
        try:
            signing.sign_off(referral, **form.cleaned_data, by=person(request), now=now)
        except signing.SignOffRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The interview is signed off.")
            return redirect("rhi:referral", referral.pk)
    case = case_of(referral)
    return _page(
        request,
        "rhi/sign_off.html",
        referral,
        now=now,
        line=audit.Type.FORM_READ,
        form=form,
        interview=case.interview,
        own=bool(case.interview and case.interview.written_up_by == person(request)),
        pages=_frozen_or_draft(case, now=now).values(),
    )


@requires(Permission.SEE_REFERRALS)
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole interview, readable on paper: as it was written up, or as far as it has come."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now)
    case = case_of(referral)
    return _page(
        request,
        "rhi/record.html",
        referral,
        now=now,
        line=audit.Type.RECORD_PRINTED,
        interview=case.interview,
        pages=_frozen_or_draft(case, now=now).values(),
    )


def _frozen_or_draft(case: Case, *, now: datetime) -> dict[str, Any]:
    """The form's sections by letter, as they were written up or as they stand; the write-up itself as it stands."""
    draft = {page["letter"]: page for page in document(case, now=now)["sections"]}
    submitted = SubmittedForm.objects.filter(interview=case.interview).first() if case.interview else None
    if submitted is None:
        return draft
    return {page["letter"]: page for page in submitted.document["sections"]} | {"Q": draft["Q"]}
