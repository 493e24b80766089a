"""Sharing what an interview says: what may be shared, texts and files made for it, recording it, and filing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import DateField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from episodes.models import Involvement
from procedures.calendar import LONDON
from procedures.models import Version
from rhi import sharing as rules
from rhi.actions import sharing as actions
from rhi.actions import sharing_texts as made
from rhi.actions.form_facts import Case, case_of
from rhi.forms.sharing import ShareForm
from rhi.models import Filed, Interview, Share
from rhi.views import reaching
from rhi.views.reaching import person
from rhi.views.sharing_of_referral import OWED
from rhi.views.trays import address, page_number
from routing.models import Referral, Task
from staff import audit
from staff.models import User
from staff.permissions import Permission, requires

PAGE = 50
WISHES = {
    rules.Wish.AGREES: "Agrees",
    rules.Wish.REFUSES: "Does not agree",
    rules.Wish.NOT_KNOWN: "Not asked, or did not say",
}
RELEVANT = "What was said, as far as it is relevant to them"
INSTEAD = {
    "took_place": "Only that the interview took place, and on which day",
    "ask_social_worker": "Only that they should ask the child’s social worker",
}


@dataclass(frozen=True)
class Wished:
    """What the child wishes for one recipient, and what that recipient may learn."""

    to: str
    label: str
    wish: str
    learns: str


def wished(facts: rules.Around) -> list[Wished]:
    """Every recipient for whom the child is asked."""
    return [
        Wished(
            to,
            Share.To(to).label,
            WISHES[facts.wish(to)],
            RELEVANT
            if facts.agreed(to)
            else INSTEAD.get(facts.instead(to), "Nothing, but for a reason and with approval"),
        )
        for to in rules.ASKED_FOR
    ]


def _page(request: HttpRequest, template: str, referral: Referral, *, now: datetime, **context: Any) -> HttpResponse:
    """A page about a referral, put on the trail before it is sent."""
    children = [referral.child.child_id]
    reaching.put_on_trail(request, audit.Type.REFERRAL_READ, now=now, children=children, subject=referral)
    return render(request, template, {"referral": referral, "child": referral.child, "now": now, **context})


@requires(Permission.WORK_REFERRALS)
@require_safe
def sharing(request: HttpRequest, pk: int) -> HttpResponse:
    """What may be shared with whom, what was, what is owed, and the texts and files that are made for it."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    case = case_of(referral)
    written_up = bool(case.interview and case.interview.written_up_at)
    filed = actions.filed(case.interview) if case.interview else {}
    return _page(
        request,
        "rhi/sharing.html",
        referral,
        now=now,
        shares=case.shares,
        owed=_owed(referral),
        wished=wished(actions.around(case)),
        held=case.situation.held,
        texts=[(each.value, made.TITLES[each]) for each in made.texts(case)],
        written_up=written_up,
        whole_for=[each.label for each in Share.To if each in rules.WITH_OTHER_PEOPLE],
        filings=[(what, Filed.What(what).label, filed.get(what)) for what in actions.filings(case)],
    )


def _owed(referral: Referral) -> QuerySet[Task]:
    """The open tasks that a share, or the answer of the police, ends."""
    rows = Task.objects.filter(referral=referral, kind__in=OWED, done_at__isnull=True, set_aside_at__isnull=True)
    return rows.select_related("owner", "owner_team").order_by("due_on", "pk")


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def record_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what was passed on to whom, how, when and on what basis."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    form = ShareForm(
        request.POST if request.method == "POST" else None,
        approvers=actions.approvers(referral, by=person(request), now=now),
        now=now,
        initial={name: request.GET.get(name, "") for name in ("to", "what", "how")},
    )
    if form.is_valid():
        try:
            share = actions.record_share(referral, **form.values(), by=person(request), now=now)
        except actions.ShareRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"Recorded: shared with {share.get_to_display()}.")
            return redirect("rhi:sharing", referral.pk)
    case = case_of(referral)
    return _page(request, "rhi/record_share.html", referral, now=now, form=form, wished=wished(actions.around(case)))


def _text_of(case: Case, kind: str) -> tuple[made.Text, str]:
    """A text that fits the case; to ask the social worker always does. Raises Http404 for any other."""
    try:
        which = made.Text(kind)
    except ValueError as none:
        raise Http404 from none
    if which is not made.Text.ASK_SOCIAL_WORKER and which not in made.texts(case):
        raise Http404
    text = made.text(case, which)
    if not text:
        raise Http404
    return which, text


def _prepared(request: HttpRequest, referral: Referral, *, now: datetime, what: str) -> None:
    """Put on the trail that something was opened that is to be passed on."""
    children = [referral.child.child_id]
    reaching.put_on_trail(request, audit.Type.SHARE_PREPARED, now=now, children=children, subject=referral, what=what)


@requires(Permission.WORK_REFERRALS)
@require_safe
def share_text(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A text to copy: what a placement or parent is told, or a note for another system of ours."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    which, text = _text_of(case_of(referral), kind)
    _prepared(request, referral, now=now, what=which)
    told = which in (made.Text.TOOK_PLACE, made.Text.ASK_SOCIAL_WORKER)
    context = {
        "referral": referral,
        "child": referral.child,
        "now": now,
        "kind": which.value,
        "title": made.TITLES[which],
        "text": text,
        "lines": text.count("\n") + 2,
        "record": f"{reverse('rhi:record_share', args=[pk])}?what={which.replace('-', '_')}" if told else "",
    }
    return render(request, "rhi/share_text.html", context)


@requires(Permission.WORK_REFERRALS)
@require_safe
def share_text_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The same as a file, under a name that says nothing of anybody."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    which, text = _text_of(case_of(referral), kind)
    _prepared(request, referral, now=now, what=which)
    return _as_file(text.replace("\n", "\r\n").encode(), f"{referral}-{which}.txt", "text/plain; charset=utf-8")


@requires(Permission.WORK_REFERRALS)
@require_safe
def share_file(request: HttpRequest, pk: int, edition: str) -> HttpResponse:
    """The record as it was written up, as a PDF to send by secure mail; before that, the page about sharing."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    try:
        which = made.Edition(edition)
    except ValueError as none:
        raise Http404 from none
    case = case_of(referral)
    if not (case.interview and case.interview.written_up_at):
        messages.warning(request, "The interview is not written up yet, so there is no record to send.")
        return redirect("rhi:sharing", pk)
    _prepared(request, referral, now=now, what=which)
    return _as_file(made.as_pdf(case, which, now=now), f"{referral}-interview-{which}.pdf", "application/pdf")


def _as_file(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@requires(Permission.WORK_REFERRALS)
@require_POST
def file_record(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Mark the interview as put into another system of ours."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    try:
        row = actions.file_in(referral, what=what, by=person(request), now=now)
    except actions.FilingRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"Marked as filed: {row.get_what_display().lower()}.")
    if request.POST.get("then") == "not_filed":
        return redirect("rhi:not_filed")
    return redirect("rhi:sharing", pk)


@requires(Permission.WORK_REFERRALS)
@require_safe
def not_filed(request: HttpRequest) -> HttpResponse:
    """The interviews that are written up and not in the other systems yet, the oldest first."""
    now = timezone.now()
    user = person(request)
    page = page_number(request.GET)
    found = list(to_file(user, now)[PAGE * (page - 1) : PAGE * page + 1])
    shown = found[:PAGE]
    children = [interview.child.child_id for interview in shown]
    reaching.put_on_trail(request, audit.Type.LIST_READ, now=now, children=children, page="not_filed")
    context = {
        "now": now,
        "interviews": shown,
        "earlier": address(request.GET, page - 1) if page > 1 else "",
        "later": address(request.GET, page + 1) if len(found) > PAGE else "",
    }
    return render(request, "rhi/not_filed.html", context)


def to_file(user: User, now: datetime) -> QuerySet[Interview]:
    """What people wrote up here, on referrals that a person may work on, and that lacks its place elsewhere.

    Each with `record_lacks` and `event_lacks`: which of the two. What was sent back is filed anew.
    """
    filed = Filed.objects.filter(interview=OuterRef("pk"), at__gte=OuterRef("written_up_at"))
    on = OuterRef("on")
    open_then = Involvement.objects.filter(Q(end__isnull=True) | Q(end__gte=on), child=OuterRef("child"), start__lte=on)
    asks = Q(pk__in=[])
    for version in Version.objects.all():
        services = version.procedure.follow_up.significant_event_note_for
        if services:
            asks |= Q(Exists(open_then.filter(service__in=services)), referral__version=version.pk)
    return (
        Interview.objects.filter(
            written_up_by__isnull=False,
            written_up_at__isnull=False,
            referral__in=Referral.objects.workable_by(user, now).values("pk"),
        )
        .alias(on=TruncDate(Coalesce("held_at", "written_up_at"), tzinfo=LONDON, output_field=DateField()))
        .annotate(
            record_lacks=~Exists(filed.filter(what=Filed.What.RECORD)),
            event_lacks=asks & ~Q(Exists(filed.filter(what=Filed.What.EVENT))),
        )
        .filter(Q(record_lacks=True) | Q(event_lacks=True))
        .select_related("child", "referral", "written_up_by")
        .order_by("written_up_at", "pk")
    )
