"""Reaching the child: logging attempts, offers, responses and appointments, and taking back a slip."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rhi import codes, findings, wording
from rhi.actions import contact as actions
from rhi.actions import slips, visitor_warnings
from rhi.actions.contact import ContactRefused
from rhi.forms.contact import AppointmentForm, AttemptForm, BecauseForm, MoveForm, OfferForm, ResponseForm
from rhi.forms.fields import DeskForm
from rhi.models import Appointment, Attempt, Offer, TakenBack
from rhi.views.contact_panel import contact_panel, interviews_of
from rhi.views.reaching import beneath, denied, person, put_on_trail, the_referral
from rhi.wording import moment, who_has
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User
from staff.permissions import Permission, requires

FROM_WORK = "work"


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def log_attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Log one try. From My work it goes back there, unless somebody was reached: then the referral says what next."""
    now = timezone.now()
    referral = the_referral(request, pk, now=now, work=True)
    form = AttemptForm(request.POST or None, now=now, initial=_usual_attempt(request, referral, now=now))
    if form.is_valid():

        def log() -> HttpResponse:
            with transaction.atomic():
                logged = actions.log_attempt(referral, **form.cleaned_data, by=person(request), now=now)
                if logged.attempt.result == codes.Result.SPOKE_TO_CHILD:
                    findings.refresh([referral.child_id], now=now)
            return _after_the_attempt(request, referral, logged, now=now)

        if done := _tried(form, log):
            return done
    return _page(request, "rhi/log_attempt.html", referral, form, now=now, panel=contact_panel(referral, now=now))


def _usual_attempt(request: HttpRequest, referral: Referral, *, now: datetime) -> dict[str, object]:
    """What stands in the form: the time it is, and how and whom this person tried last on this referral."""
    last = (
        Attempt.objects.filter(interview__in=interviews_of(referral), recorded_by=person(request))
        .order_by("-recorded_at", "-pk")
        .first()
    )
    return {
        "attempted_at": now.replace(second=0, microsecond=0),
        "method": last.method if last else codes.AttemptMethod.PHONE,
        "contacted": last.contacted if last else codes.Contacted.CHILD,
    }


def _after_the_attempt(
    request: HttpRequest, referral: Referral, logged: actions.Logged, *, now: datetime
) -> HttpResponse:
    """Say what was logged and when to try again, and go on."""
    said = logged.attempt.get_result_display().lower()
    words = f"Logged: {said}." if logged.is_new else f"This attempt is already logged: {said}."
    panel = contact_panel(referral, now=now)
    if panel and panel.spoken:
        messages.success(request, f"{words} Offer the interview next.")
        return redirect("rhi:referral", referral.pk)
    if panel and panel.suggestion:
        words += f" Try again {moment(panel.suggestion.at, now=now)}."
    messages.success(request, words)
    if request.GET.get("from") == FROM_WORK:
        return redirect("rhi:home")
    return redirect("rhi:referral", referral.pk)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def record_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that the interview was offered to the child or, apart, to a parent or carer."""
    now = timezone.now()
    referral = the_referral(request, pk, now=now, work=True)
    offers = _offers(referral)
    # To whom is never filled in: a bare Save would record that somebody was offered the interview and stop a clock.
    usual = {
        "route": codes.OfferRoute.PHONE,
        "method": next(iter(referral.version.procedure.methods.interviews)),
        "offered_at": now.replace(second=0, microsecond=0),
    }
    form = OfferForm(request.POST or None, now=now, initial=usual)
    if form.is_valid():

        def record() -> HttpResponse:
            with transaction.atomic():
                offer = actions.record_offer(referral, **form.cleaned_data, by=person(request), now=now)
                findings.refresh([referral.child_id], now=now)
            messages.success(request, f"The offer to the {offer.get_to_display().lower()} is recorded.")
            return redirect("rhi:referral", referral.pk)

        if done := _tried(form, record):
            return done
    panel = contact_panel(referral, now=now)
    return _page(request, "rhi/record_offer.html", referral, form, now=now, panel=panel, offers=offers)


def _offers(referral: Referral) -> list[Offer]:
    return list(_offers_of(referral).order_by("pk"))


def _offers_of(referral: Referral) -> QuerySet[Offer]:
    return Offer.objects.filter(interview__in=interviews_of(referral))


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def record_response(request: HttpRequest, pk: int, offer: int) -> HttpResponse:
    """Record what came back to one offer; `?response=accepted` has that response chosen already."""
    now = timezone.now()
    referral = the_referral(request, pk, now=now, work=True)
    asked = beneath(_offers_of(referral), offer)
    usual = {
        "shown": actions.response_shown(asked),
        "response": request.GET.get("response", ""),
        "responded_at": now.replace(second=0, microsecond=0),
    }
    form = ResponseForm(request.POST or None, offer=asked, now=now, initial=usual)
    if form.is_valid():

        def record() -> HttpResponse:
            recorded = actions.record_response(referral, asked, **form.cleaned_data, by=person(request), now=now)
            messages.success(request, f"Recorded: {recorded.get_response_display().lower()}.")
            return redirect("rhi:referral", referral.pk)

        if done := _tried(form, record):
            return done
        asked = Offer.objects.filter(pk=asked.pk).first() or asked
        form.show_with(actions.response_shown(asked))
    return _page(request, "rhi/record_response.html", referral, form, now=now, offer=asked)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Book the interview for a day and place."""
    now = timezone.now()
    referral = the_referral(request, pk, now=now, work=True)
    offers = _offers(referral)
    agreed = next((each.method for each in offers if each.response == codes.Response.ACCEPTED), "")
    form = AppointmentForm(request.POST or None, now=now, initial={"method": agreed or codes.Method.FACE_TO_FACE})
    if form.is_valid():

        def do() -> HttpResponse:
            booked = actions.book(referral, **form.cleaned_data, by=person(request), now=now)
            messages.success(request, f"The interview is booked for {moment(booked.at, now=now)}.")
            return redirect("rhi:referral", referral.pk)

        if done := _tried(form, do):
            return done
    accepted = any(each.response == codes.Response.ACCEPTED for each in offers)
    return _page(
        request, "rhi/appointment.html", referral, form, now=now, accepted=accepted, waiting=_unanswered(offers)
    )


def _unanswered(offers: list[Offer]) -> Offer | None:
    """The offer whose response is still to be recorded, the child's first."""
    waiting = [each for each in offers if not each.response]
    return min(waiting, key=lambda each: (each.to != codes.OfferedTo.CHILD, each.pk), default=None)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int, appointment: int) -> HttpResponse:
    """Move an appointment, with the reason."""
    now = timezone.now()
    referral = the_referral(request, pk, now=now, work=True)
    booked = _appointment(referral, appointment)
    form = MoveForm(request.POST or None, now=now, initial={"method": booked.method, "place": booked.place})
    if form.is_valid():

        def do() -> HttpResponse:
            later = actions.move(referral, booked, **form.cleaned_data, by=person(request), now=now)
            messages.success(request, f"The interview is now booked for {moment(later.at, now=now)}.")
            return redirect("rhi:referral", referral.pk)

        if done := _tried(form, do):
            return done
    return _page(request, "rhi/appointment.html", referral, form, now=now, moving=booked, accepted=True)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int, appointment: int) -> HttpResponse:
    """Cancel an appointment, with the reason."""
    now = timezone.now()
    referral = the_referral(request, pk, now=now, work=True)
    booked = _appointment(referral, appointment)
    form = BecauseForm(request.POST or None)
    if form.is_valid():

        def do() -> HttpResponse:
            actions.cancel(referral, booked, **form.cleaned_data, by=person(request), now=now)
            messages.success(request, "The appointment is cancelled.")
            return redirect("rhi:referral", referral.pk)

        if done := _tried(form, do):
            return done
    return _page(request, "rhi/cancel_appointment.html", referral, form, now=now, appointment=booked)


def _appointment(referral: Referral, pk: int) -> Appointment:
    """An appointment of this referral; one that has been moved or cancelled too. Raises Http404."""
    return beneath(Appointment.objects.filter(interview__in=interviews_of(referral)), pk)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, pk: int, kind: str, record: int) -> HttpResponse:
    """Take back something that one recorded oneself by a slip, or somebody whose slips one mends, with the reason."""
    now = timezone.now()
    referral = the_referral(request, pk, now=now, work=True)
    slip = slips.the_slip(referral, kind, record)
    if slip is None:
        # Whoever sends it twice has done what they wanted, and is told so.
        if gone := slips.taken_back(referral, kind, record):
            who, when = who_has(gone.by, to=person(request)), moment(gone.at, now=now)
            messages.info(request, f"{who} already taken this back: {gone.get_kind_display().lower()}, {when}.")
            return redirect("rhi:referral", referral.pk)
        raise _no_slip(referral, kind, record)
    recorder = slips.recorded_by(kind, slip)
    form = BecauseForm(request.POST or None)
    if form.is_valid():

        def do() -> HttpResponse:
            with transaction.atomic():
                slips.take_back(referral, kind=kind, record=record, **form.cleaned_data, by=person(request), now=now)
                findings.refresh([referral.child_id], now=now)
            messages.success(request, f"Taken back: {TakenBack.Kind(kind).label.lower()}.")
            return redirect("rhi:referral", referral.pk)

        if done := _tried(form, do):
            return done
    return _page(
        request,
        "rhi/take_back.html",
        referral,
        form,
        now=now,
        slip=slip,
        kind=kind,
        what=TakenBack.Kind(kind).label.lower(),
        why_not=slips.why_not(recorder, by=person(request)),
        recorder=User.objects.filter(pk__in={recorder or 0} - {person(request).pk}).first(),
    )


def _no_slip(referral: Referral, kind: str, record: int) -> Http404:
    """What to raise for something that cannot be taken back here: gone already, or of another referral."""
    records = slips.records_of(referral, kind)
    if records is None or records.filter(pk=record).exists():
        return Http404()
    return denied(records.model, record)


def _tried(form: DeskForm, do: Callable[[], HttpResponse]) -> HttpResponse | None:
    """The answer after an action; None when it refused, and then the form says why."""
    try:
        return do()
    except ContactRefused as refusal:
        form.add_error(refusal.field, str(refusal))
    except Refused as refusal:
        form.add_error(None, str(refusal))
    return None


def _page(
    request: HttpRequest, template: str, referral: Referral, form: DeskForm, *, now: datetime, **context: object
) -> HttpResponse:
    """A form beside what it is about, put on the trail before it is sent."""
    put_on_trail(request, audit.Type.REFERRAL_READ, now=now, children=[referral.child.child_id], subject=referral)
    warnings = list(visitor_warnings.in_force([referral.child_id]))
    child = referral.child
    interpreter = wording.interpreter(child.interpreter_needed, child.language)
    shown = {"referral": referral, "child": child, "form": form, "warnings": warnings, "now": now}
    shown["statuses"] = [interpreter] if interpreter else []
    return render(request, template, shown | context)
