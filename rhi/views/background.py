"""Work in the background, for the administrator: what waits, was given up, failed or is uncertain. No case content.

Of what is sent only reference, kind, times and reasons are shown: whom it is for and about is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from jobs import claims, declared, sweep
from jobs.models import Handover, Job
from rhi.actions import sending, telling
from rhi.delivery import notify
from rhi.forms.background import BackgroundForm, SendingForm
from rhi.models import Email, Letter
from rhi.views import reaching
from staff.models import Team
from staff.permissions import Permission, requires

SHOWN = 50
"""So many of each are shown, those that have waited longest first; how many there are in all is said."""

SETTLED_SHOWN = 20

State = Handover.State


class Given(NamedTuple):
    """A job that was given up, and what it is for in words."""

    job: Job
    words: str


class Sending(NamedTuple):
    """Something that is handed over, as an administrator may see it."""

    row: Handover
    what: str

    @property
    def reference(self) -> str:
        """The beginning of what outsiders know it by: enough to tell two apart."""
        return str(self.row.reference)[:8]


class Untold(NamedTuple):
    """How many open referrals lie with a team of which nobody at all can be told; without one they lie nowhere."""

    team: Team | None
    number: int


class Several(NamedTuple):
    """The first of them, and how many there are in all."""

    shown: list[Sending]
    number: int


@requires(Permission.RUN_SERVICE)
@require_http_methods(["GET", "POST"])
def background(request: HttpRequest) -> HttpResponse:
    """How the work stands that runs by itself; trying again what was given up, and releasing what is held."""
    now = timezone.now()
    form = BackgroundForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            messages.success(request, _done(request, form, now))
        except claims.SettledAlreadyError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("rhi:background")
    given_up = Job.objects.filter(state=Job.State.DEAD)
    context = {
        "form": form,
        "now": now,
        "swept": sweep.last_sweep(),
        "waiting_since": sweep.oldest_due(now),
        "hold": claims.on_hold(),
        "given_up": [Given(job, _words(job)) for job in given_up.order_by("finished_at", "pk")[:SHOWN]],
        "given_up_number": given_up.count(),
        "uncertain": _in_state(State.UNCERTAIN),
        "printed": Letter.objects.filter(state=State.UNCERTAIN, channel=Letter.Channel.PRINT).count(),
        "failed": _in_state(State.FAILED),
        "settled": _settled(),
        "untold": _untold(now),
    }
    return render(request, "rhi/background.html", context)


def _done(request: HttpRequest, form: BackgroundForm, now: datetime) -> str:
    """Do the one thing that was asked, and say so. Raises claims.SettledAlreadyError."""
    by = reaching.person(request)
    if form.cleaned_data["do"] == BackgroundForm.RELEASE:
        claims.release(by=by, now=now)
        return "The work is released. What is due is done within a minute."
    job = form.cleaned_data["job"]
    if form.cleaned_data["do"] == BackgroundForm.RETRY:
        claims.retry(job, by=by, now=now)
        return f"Job {job.pk} is tried again within a minute."
    sending.set_job_aside(job, by=by, now=now)
    return f"Job {job.pk} is set aside."


def _words(job: Job) -> str:
    """What the job is for: the first line of what its action says of itself."""
    try:
        return (declared.action(job.name).__doc__ or job.name).partition("\n")[0]
    except declared.UnknownActionError:
        return "Something that this version of the program does not do any more."


def _by_us() -> list[QuerySet[Handover]]:
    """Everything that is handed over by the program, without letters' PDFs; printed letters are posted by people."""
    emails, letters = Email.objects.all(), Letter.objects.filter(channel=Letter.Channel.NOTIFY).defer("pdf")
    return [emails, letters]


def _untold(now: datetime) -> list[Untold]:
    """The open referrals of which nobody at all can be told, counted by the team with which they lie."""
    numbers = Counter(referral.team for referral in telling.nobody_to_tell(now))  # type: ignore[attr-defined]  # annotated
    teams = Team.objects.in_bulk([team for team in numbers if team])
    return sorted(
        (Untold(teams.get(team), number) for team, number in numbers.items()), key=lambda each: str(each.team)
    )


def _in_state(state: Handover.State) -> Several:
    kinds = [rows.filter(state=state) for rows in _by_us()]
    found = [row for rows in kinds for row in rows.order_by(F("sending_since").asc(nulls_first=True), "pk")[:SHOWN]]
    return Several(_shown(found), sum(rows.count() for rows in kinds))


def _settled() -> list[Sending]:
    """What people decided last, the newest first."""
    kinds = [rows.filter(settled_at__isnull=False).select_related("settled_by") for rows in _by_us()]
    found = [row for rows in kinds for row in rows.order_by("-settled_at")[:SETTLED_SHOWN]]
    return _shown(sorted(found, key=lambda row: str(row.settled_at), reverse=True)[:SETTLED_SHOWN])


def _shown(rows: Iterable[Handover]) -> list[Sending]:
    return [Sending(row, _what(row)) for row in rows]


def _what(row: Handover) -> str:
    if isinstance(row, Email):
        return f"Email to a member of staff: {row.get_kind_display().lower()}"
    return "Letter by GOV.UK Notify"


@requires(Permission.RUN_SERVICE)
@require_http_methods(["GET", "POST"])
def settle_sending(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Settle one thing of which nobody knows whether it went, or that was refused."""
    now = timezone.now()
    found = [row for rows in _by_us() for row in rows.select_related("settled_by").filter(reference=reference)]
    if not found:
        raise Http404
    row = found[0]
    is_open = row.state in (State.UNCERTAIN, State.FAILED)
    form = SendingForm(request.POST if request.method == "POST" and is_open else None, state=row.state)
    if form.is_valid():
        try:
            messages.success(request, _settle(request, row, form.cleaned_data["answer"], now))
        except sending.SendingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("rhi:background")
    context = {
        "form": form,
        "now": now,
        "sending": Sending(row, _what(row)),
        "open": is_open,
        "asks": isinstance(row, Letter) and row.state == State.UNCERTAIN and notify.configured(),
        "too_old": bool(row.sending_since and row.sending_since <= now - sending.SURELY_KNOWN),
        "known_for": sending.SURELY_KNOWN.days,
    }
    return render(request, "rhi/background_sending.html", context)


def _settle(request: HttpRequest, row: Handover, answer: str, now: datetime) -> str:
    """Do what was chosen, and say so. Raises SendingRefused."""
    by = reaching.person(request)
    if answer == SendingForm.LEAVE:
        sending.set_aside(row, by=by, now=now)
        return "It is left at that."
    if row.state == State.FAILED:
        sending.send_again(row, by=by, now=now)
        return "It is sent again within a minute."
    settled = sending.settle(row, went=answer == SendingForm.WENT, by=by, now=now)
    if settled.state == State.SENT and answer != SendingForm.WENT:
        return "GOV.UK Notify has the letter, so it went and is not sent again."
    return "It is recorded as sent." if settled.state == State.SENT else "It is sent again within a minute."
