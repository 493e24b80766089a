"""One referral on the pages that say who holds it: reached, shown, and told about when somebody was faster."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from procedures.calendar import local_date
from rhi.actions import assigning as actions
from rhi.actions.assigning import ReasonNeeded, Seen
from rhi.forms.assigning import HoldingForm, primary_key
from rhi.views import reaching
from routing.models import Allocation, Deadline, Referral, assignable_teams, trays_of
from staff import audit
from staff.actions import Refused


class Case:
    """One referral as these pages show it, at one instant."""

    def __init__(self, request: HttpRequest, referral: Referral, now: datetime) -> None:
        self.request, self.referral, self.now = request, referral, now
        self.person, self.today = reaching.person(request), local_date(now)
        self.holding = actions.holders_of([referral.pk]).get(referral.pk)

    @cached_property
    def to_be_written_up(self) -> bool:
        """Whether it is closed, and its form still to be written up."""
        return bool(actions.to_be_written_up([self.referral]))

    @property
    def initial(self) -> dict[str, Any]:
        """What a form that is shown for the first time holds already."""
        return {"holding": self.holding.pk if self.holding else ""}

    def seen(self, form: HoldingForm) -> Seen:
        """The referral as the person was shown it."""
        return Seen(self.referral.pk, form.held)

    def show(self, template: str, form: HoldingForm | None, **context: object) -> HttpResponse:
        """The page, once the trail knows that it is shown."""
        reaching.put_on_trail(
            self.request,
            audit.Type.REFERRAL_READ,
            now=self.now,
            children=[self.referral.child.child_id],
            subject=self.referral,
        )
        open_clocks = Deadline.objects.filter(referral=self.referral, settled="").order_by("due_at", "pk")
        return render(
            self.request,
            template,
            {
                "referral": self.referral,
                "child": self.referral.child,
                "holding": self.holding,
                "deadline": open_clocks.first(),
                "now": self.now,
                "form": form,
                **context,
            },
        )

    def tried(self, form: HoldingForm, act: Callable[..., str]) -> HttpResponse | None:
        """The answer after an action; None when the form is not filled in or the action refused, which the form says.

        `act` is called with the reason, by whom and when, and answers in words what it did.
        """
        if not form.is_valid():
            return None
        try:
            words = act(reason=form.cleaned_data["reason"], by=self.person, now=self.now)
        except Refused as refusal:
            self.refuse(form, refusal)
            return None
        return self.done(words)

    def refuse(self, form: HoldingForm, refusal: Refused) -> None:
        """Say in the form why nothing happened; it keeps what was typed, and names the allocation that holds now."""
        if isinstance(refusal, ReasonNeeded):
            form.add_error("reason", str(refusal))
            return
        form.add_error(None, str(refusal))
        self.holding = actions.holders_of([self.referral.pk]).get(self.referral.pk)
        form.show_with(self.holding)

    def done(self, words: str) -> HttpResponse:
        """Back to the tray in which it lay, for the next one; to the referral for whom has no such tray."""
        messages.success(self.request, words)
        return redirect(self.where_from())

    def where_from(self) -> str:
        """The address of the tray in which it lay, or of the referral for whom sees no such tray."""
        team = self.holding.team_id if self.holding else None
        if team and trays_of(self.person).filter(pk=team).exists():
            return reverse("rhi:tray", args=[team])
        return reverse("rhi:referral", args=[self.referral.pk])


Page = Callable[[Case], HttpResponse]


def on_one(request: HttpRequest, pk: int, page: Page, *, to_write_up: bool = False) -> HttpResponse:
    """Let a page work on a referral of which the person may say who holds it; see on_open. Raises Http404."""
    now = timezone.now()
    rows = Referral.objects.select_related("child__responsible_authority", "version")
    referral = rows.assignable_by(reaching.person(request), now).filter(pk=pk).first()
    if referral:
        return on_open(Case(request, referral, now), page, to_write_up=to_write_up)
    missed = moved_away(request, [primary_key(request.POST.get("holding", ""))]).get(pk)
    if missed is None:
        raise reaching.denied(Referral, pk)
    return told_too_late(request, missed, now)


def on_open(case: Case, page: Page, *, to_write_up: bool = False) -> HttpResponse:
    """Let a page work on a referral that is open; what has been closed is shown on its own page.

    With `to_write_up`, also on one that is closed and whose form is still to be written up.
    """
    over = case.referral.closed_at and not (to_write_up and case.to_be_written_up)
    if over and case.request.method != "POST":
        messages.warning(case.request, f"{case.referral} has been closed, so nobody can be given it any more.")
        return redirect("rhi:referral", case.referral.pk)
    return page(case)


def moved_away(request: HttpRequest, holdings: Iterable[int | None]) -> dict[int, Allocation]:
    """The allocations with which forms were shown, by referral, when they have ended and were in a team of theirs.

    The person had those referrals before their eyes, so they may learn that they were moved, and by whom; not so of
    a child who has been restricted since.
    """
    ended = Allocation.objects.filter(
        pk__in=[holding for holding in holdings if holding],
        until__isnull=False,
        child__restricted=False,
        team__in=assignable_teams(reaching.person(request)).values("pk"),
    )
    return {row.referral_id: row for row in ended.select_related("referral__child", "team")}


def who_took_it(missed: Allocation, after: Allocation | None, *, now: datetime) -> str:
    """Who moved a referral out of somebody's reach, and when; not where to."""
    who = after.by.name if after and after.by else "The procedure"
    return f"{who} gave this to another team {actions.when(missed.until or now, now=now)}."


def told_too_late(request: HttpRequest, missed: Allocation, now: datetime) -> HttpResponse:
    """Tell who moved a referral out of the person's reach, and give back what they had typed."""
    reaching.put_on_trail(
        request,
        audit.Type.DENIED,
        now=now,
        children=[missed.referral.child.child_id],
        subject=missed.referral,
        because="Moved by somebody else meanwhile.",
    )
    after = actions.holders_of([missed.referral_id]).get(missed.referral_id)
    context = {
        "referral": missed.referral,
        "team": missed.team,
        "words": who_took_it(missed, after, now=now),
        "typed": request.POST.get("reason", "").strip(),
    }
    return render(request, "rhi/assign_too_late.html", context)
