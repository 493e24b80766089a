"""The interview: that it was held, its form, what became of each episode, write-up, sign-off and the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from episodes.models import Episode
from rhi import codes
from rhi.actions import contradictions, outcomes_by_hand, papers, reading, signing
from rhi.actions.form_document import frozen_or_draft
from rhi.actions.form_facts import Case, case_of, interview_of
from rhi.actions.interviews import back_by
from rhi.actions.plan_note import without_plan
from rhi.actions.tasks import demanded_first
from rhi.forms.contact import BecauseForm
from rhi.forms.interview import HeldForm, OutcomesForm, SignOffForm
from rhi.models import Attachment, SentBack
from rhi.questions import missing, sections_for
from rhi.questions.shapes import Section
from rhi.views import reaching
from rhi.views.reaching import person
from routing.models import Referral
from staff import audit
from staff.models import User
from staff.permissions import Permission, Role, allowed, requires


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
    people = outcomes_by_hand.interviewers(referral, by=person(request), now=now)
    form = HeldForm(_posted(request), now=now, interviewers=people, likely=_likely(people, by=person(request)))
    if form.is_valid():
        try:
            held = {name: form.cleaned_data[name] for name in ("held_at", "method", "place")}
            held["held_by"] = form.interviewer
            outcomes_by_hand.record_held(referral, **held, although=form.although, by=person(request), now=now)
        except outcomes_by_hand.HeldRefused as refusal:
            if isinstance(refusal, outcomes_by_hand.HeldBeforeReturn):
                form.ask()
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The interview is recorded as held.")
            return redirect("rhi:form", referral.pk)
    return _page(request, "rhi/record_held.html", referral, now=now, form=form, interview=interview_of(referral))


def _likely(people: Sequence[User], *, by: User) -> User:
    """Who is proposed as having held it: whoever does interviews and records it, else whoever is to hold it."""
    interviews = by.role in (Role.CASEWORKER, Role.INTERVIEWER)
    return by if interviews else next((each for each in people if each.role == Role.CASEWORKER), by)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def record_outcomes(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of every episode that lacks its outcome, all on one page."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    case = case_of(referral)
    # What was typed stays on the page although a colleague recorded the outcome meanwhile.
    typed = [episode for episode in case.episodes if f"outcome_{episode.pk}" in request.POST]
    asked = typed or case.without_outcome
    booked = outcomes_by_hand.booked_to_come(case.interview, now=now) if case.without_outcome else None
    form = OutcomesForm(
        _posted(request), episodes=asked, of=len(case.episodes), now=now, booked=booked, initial=_suggested(case)
    )
    if asked and form.is_valid():
        try:
            outcomes_by_hand.record_outcomes(
                referral,
                settled=form.settled(),
                although=form.although,
                cancel_booked=bool(form.cleaned_data.get("cancel_booked")),
                by=person(request),
                now=now,
            )
        except contradictions.OutcomeRefused as refusal:
            if isinstance(refusal, contradictions.Unlikely):
                form.ask()
            field = "cancel_booked" if isinstance(refusal, outcomes_by_hand.StillBooked) else None
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, "The outcome is recorded." if len(asked) == 1 else "The outcomes are recorded.")
            return redirect("rhi:form", referral.pk)
    recorded = [case.outcomes[episode.pk] for episode in case.episodes if episode.pk in case.outcomes]
    return _page(
        request,
        "rhi/record_outcomes.html",
        referral,
        now=now,
        form=form,
        case=case,
        asked=asked,
        recorded=recorded,
        booked=booked,
    )


def _suggested(case: Case) -> dict[str, str]:
    """What the records suggest: a held interview completes the episode that ended last before it, covers the others.

    Of an episode from which the child came back only later it suggests nothing.
    """
    found: dict[str, str] = {}
    if case.interview and case.interview.held_at:
        about = [episode for episode in case.episodes if back_by(episode, case.interview.held_at)]
        last = max(about, key=_ended, default=None)
        for episode in about:
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
        sent_back=_sent_back(case),
        papers=_papers(referral),
        no_plan=without_plan(case),
    )


def _papers(referral: Referral) -> list[Attachment]:
    """The papers that are filed with its interview."""
    return list(papers.of_the_referral(referral).filter(taken_out_at__isnull=True))


def _sent_back(case: Case) -> SentBack | None:
    """Why the form was last sent back, as long as it has not been written up again."""
    if case.interview is None or case.interview.written_up_at:
        return None
    return SentBack.objects.filter(interview=case.interview).select_related("by").order_by("-at", "-pk").first()


def _standing(section: Section, case: Case) -> dict[str, Any]:
    """How far a section is."""
    asked = section.asked_in(case.situation)
    values = case.values
    needed = len(missing(case.situation, values, only=section))
    answered = sum(bool(values.get(question.key)) for question in asked)
    return {"section": section, "asked": len(asked), "answered": answered, "needed": needed}


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
            comment = form.cleaned_data["comment"]
            signing.sign_off(referral, comment=comment, although=form.although, by=person(request), now=now)
        except signing.SignOffRefused as refusal:
            if isinstance(refusal, signing.RestsOnOther):
                form.ask()
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
        own=bool(case.interview and signing.is_own(case.interview, person(request).pk)),
        without_outcome=case.without_outcome,
        undone=demanded_first(referral),
        changed="" if case.interview and case.interview.signed_off_at else signing.changed_since(case),
        pages=frozen_or_draft(case, now=now).values(),
        addenda=case.addenda,
        to_read=allowed(person(request), Permission.READ_INTERVIEWS) and reading.is_to_read(case.interview),
        may_escalate=allowed(person(request), Permission.ESCALATE),
    )


@requires(Permission.SIGN_OFF)
@require_http_methods(["GET", "POST"])
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what somebody else has written up back to them, with the reason."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    form = BecauseForm(_posted(request))
    form.fields["because"].label = "What should be put right?"
    if form.is_valid():
        try:
            sent = signing.send_back(referral, because=form.cleaned_data["because"], by=person(request), now=now)
        except signing.SignOffRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Sent back to {sent.written_up_by}, who is told.")
            return redirect("rhi:referral", referral.pk)
    interview = interview_of(referral)
    return _page(request, "rhi/send_back.html", referral, now=now, form=form, interview=interview)


@requires(Permission.SEE_REFERRALS)
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole interview, readable on paper: as it was written up, or as far as it has come."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now)
    case = case_of(referral)
    user = person(request)
    works = Referral.objects.workable_by(user, now).filter(pk=referral.pk).exists()
    return _page(
        request,
        "rhi/record.html",
        referral,
        now=now,
        line=audit.Type.RECORD_PRINTED,
        interview=case.interview,
        papers=_papers(referral),
        pages=frozen_or_draft(case, now=now).values(),
        addenda=case.addenda,
        may_add=works and allowed(user, Permission.WORK_REFERRALS),
        to_read=allowed(user, Permission.READ_INTERVIEWS) and reading.is_to_read(case.interview),
        may_escalate=works and allowed(user, Permission.ESCALATE),
    )
