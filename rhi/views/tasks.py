"""Tasks beside the interview: one with everything about it, a new one, its changes, answer, review and support."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from procedures.calendar import local_date
from rhi.actions import support as supporting
from rhi.actions import tasks
from rhi.actions.following import Whose
from rhi.following.plans import review_after
from rhi.forms.fields import DeskForm
from rhi.forms.owners import owners_of
from rhi.forms.tasks import (
    AnswerForm,
    ChangeTaskForm,
    NewTaskForm,
    ReviewForm,
    StartSupportForm,
    SupportForm,
    TaskForm,
    code_of,
)
from rhi.models import Support
from rhi.views import reaching
from routing.models import Referral, Task
from staff import audit
from staff.permissions import Permission, requires


def _the_task(referral: Referral, pk: int) -> Task:
    rows = Task.objects.filter(referral=referral)
    return reaching.beneath(
        rows.select_related("child", "referral", "settled_by", "owner", "owner_team", "support"), pk
    )


def support_of(task: Task) -> Support | None:
    """The support that a task brought, as it came with it; None when none has begun."""
    found: Support | None = getattr(task, "support", None)
    return found


def _page(
    request: HttpRequest, template: str, referral: Referral, *, now: datetime, form: DeskForm | None, **context: Any
) -> HttpResponse:
    """A page about a task, put on the trail before it is sent."""
    reaching.put_on_trail(
        request, audit.Type.REFERRAL_READ, now=now, children=[referral.child.child_id], subject=referral
    )
    return render(request, template, {"now": now, "referral": referral, "form": form, **context})


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _done(form: DeskForm, act: Callable[[], object]) -> bool:
    """Whether a valid form was acted on; a refusal goes into the form, so that nothing typed is lost."""
    if not form.is_valid():
        return False
    try:
        act()
    except tasks.TaskRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def settle_task(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """Everything about a task; tick it off, or set it aside with the reason."""
    now = timezone.now()
    shown = reaching.the_referral(request, pk, now=now, work=True)
    wanted = _the_task(shown, task)
    form = TaskForm(_posted(request), task=wanted, now=now)

    def act() -> None:
        said, by = form.cleaned_data, reaching.person(request)
        if said["answer"] == TaskForm.DONE:
            tasks.tick_off(
                wanted,
                done_at=said["done_at"],
                review_on=said.get("review_on"),
                keep_review="review_on" not in said,
                by=by,
                now=now,
            )
        else:
            tasks.set_aside(wanted, because=said["because"], by=by, now=now)

    if _done(form, act):
        messages.success(request, "The task is settled.")
        return redirect("rhi:referral", pk=shown.pk)
    return _page(
        request,
        "rhi/settle_task.html",
        shown,
        now=now,
        form=form,
        task=wanted,
        support=support_of(wanted),
        may_support=wanted.kind in supporting.SUPPORTING,
        answerable=tasks.answerable(wanted),
    )


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def new_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Add something that has to be done and that no procedure asks for."""
    now = timezone.now()
    shown = reaching.the_referral(request, pk, now=now, work=True)
    by = reaching.person(request)
    due_on = shown.version.calendar.working_day_after(local_date(now), 5)
    owners = owners_of(shown, None, by=by, now=now)
    form = NewTaskForm(
        _posted(request),
        owners=owners,
        initial={"owner": code_of(owners[0][0]) if owners else "", "due_on": due_on, "review_on": review_after(due_on)},
    )

    def act() -> None:
        said = form.cleaned_data
        facts = {name: said[name] for name in ("kind", "about", "due_on", "review_on")}
        tasks.add_task(shown, **facts, owner=form.whose(), by=by, now=now)

    if _done(form, act):
        messages.success(request, "The task is added.")
        return redirect("rhi:referral", pk=shown.pk)
    return _page(request, "rhi/new_task.html", shown, now=now, form=form)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def change_task(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """Give a task to somebody else, or other days, with the reason."""
    now = timezone.now()
    shown = reaching.the_referral(request, pk, now=now, work=True)
    wanted, by = _the_task(shown, task), reaching.person(request)
    owners = owners_of(shown, wanted, by=by, now=now)
    whose = Whose(wanted.owner, wanted.owner_team)
    initial = {"owner": code_of(whose), "due_on": wanted.due_on, "review_on": wanted.review_on}
    form = ChangeTaskForm(_posted(request), owners=owners, initial=initial)

    def act() -> None:
        said = form.cleaned_data
        facts = {name: said[name] for name in ("due_on", "review_on", "because")}
        tasks.change_task(wanted, owner=form.whose(), **facts, by=by, now=now)

    if _done(form, act):
        messages.success(request, "The task is changed.")
        return redirect("rhi:settle_task", pk=shown.pk, task=wanted.pk)
    return _page(request, "rhi/change_task.html", shown, now=now, form=form, task=wanted)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def answer_task(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """Record what came back from whom something was referred to."""
    now = timezone.now()
    shown = reaching.the_referral(request, pk, now=now, work=True)
    wanted = _the_task(shown, task)
    if not tasks.answerable(wanted):
        return _page(request, "rhi/answer_task.html", shown, now=now, form=None, task=wanted)
    initial = {"answer": wanted.answer, "names": wanted.answer_names}
    form = AnswerForm(_posted(request), task=wanted, now=now, initial=initial)

    def act() -> None:
        facts = {name: form.cleaned_data[name] for name in ("answer", "answered_on", "names")}
        tasks.answer_task(wanted, **facts, by=reaching.person(request), now=now)

    if _done(form, act):
        messages.success(request, "The answer is recorded.")
        return redirect("rhi:settle_task", pk=shown.pk, task=wanted.pk)
    return _page(request, "rhi/answer_task.html", shown, now=now, form=form, task=wanted)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def review_task(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """Say what was found when a task was looked at again, and when it is next."""
    now = timezone.now()
    shown = reaching.the_referral(request, pk, now=now, work=True)
    wanted = _the_task(shown, task)
    form = ReviewForm(_posted(request), proposed=review_after(local_date(now)))

    def act() -> None:
        facts = {name: form.cleaned_data[name] for name in ("because", "review_on")}
        tasks.looked_at(wanted, **facts, by=reaching.person(request), now=now)

    if _done(form, act):
        messages.success(request, "The review is recorded.")
        return redirect("rhi:settle_task", pk=shown.pk, task=wanted.pk)
    return _page(request, "rhi/review_task.html", shown, now=now, form=form, task=wanted)


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def support_task(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """Record that support begins, that a session was held, or that it has ended."""
    now = timezone.now()
    shown = reaching.the_referral(request, pk, now=now, work=True)
    wanted, by = _the_task(shown, task), reaching.person(request)
    support = support_of(wanted)
    form = (
        SupportForm(_posted(request), now=now, initial={"held": support.sessions_held})
        if support
        else StartSupportForm(_posted(request), proposed=wanted.review_on or review_after(local_date(now)), now=now)
    )

    def act() -> None:
        said = form.cleaned_data
        if support is None:
            supporting.start_support(wanted, **said, by=by, now=now)
        elif said["what"] == SupportForm.SESSION:
            supporting.hold_session(support, before=said["held"], by=by, now=now)
        else:
            supporting.end_support(support, ended_on=said["ended_on"], because=said["because"], by=by, now=now)

    if _done(form, act):
        messages.success(request, "The support is recorded.")
        return redirect("rhi:settle_task", pk=shown.pk, task=wanted.pk)
    if isinstance(form, SupportForm) and form.is_bound and support:
        support.refresh_from_db()
        form.show_with(support.sessions_held)
    return _page(request, "rhi/support_task.html", shown, now=now, form=form, task=wanted, support=support)
