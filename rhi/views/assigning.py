"""Who holds a referral: assigned, handed over, settled after a question, or decided otherwise than the rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rhi.actions import assigning as actions
from rhi.actions.assigning import Answer, Place
from rhi.actions.sight import Sight
from rhi.forms.assigning import AssignForm, OverrideForm, SettleForm, TeamForm, candidates, primary_key, receiving_teams
from rhi.views import reaching
from rhi.views.group import Group
from rhi.views.holding import Case, moved_away, on_one, on_open, told_too_late
from routing.models import Destination, Referral, assignable_teams
from staff.actions import Refused
from staff.models import Team
from staff.permissions import Permission, requires


@requires(Permission.ASSIGN)
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one referral to a worker, or back to its tray; of a closed one, what is still to be written up."""
    return on_one(request, pk, _assign, to_write_up=True)


def _assign(case: Case) -> HttpResponse:
    if actions.asks(case.referral):
        return redirect("rhi:settle", case.referral.pk)
    people = candidates(case.referral, case.holding, by=case.person, now=case.now)
    taken = bool(case.holding and case.holding.worker_id)
    closed = case.referral.closed_at is not None
    form = AssignForm(case.request.POST or None, people=people, taken=taken, closed=closed, initial=case.initial)

    def give(**saved: Any) -> str:
        actions.assign(seen=[case.seen(form)], worker=form.worker, **saved)
        if closed:
            return f"{form.worker} now has {case.referral} to write up."
        return f"{form.worker} now holds {case.referral}." if form.worker else f"{case.referral} is back in the tray."

    theirs = case.referral.destination == Destination.AUTHORITY
    return case.tried(form, give) or case.show("rhi/assign.html", form, people=people, theirs=theirs)


@requires(Permission.ASSIGN)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay one referral into another team's tray."""
    return on_one(request, pk, _hand_over)


def _hand_over(case: Case) -> HttpResponse:
    if actions.asks(case.referral):
        return redirect("rhi:settle", case.referral.pk)
    here = case.holding.team if case.holding else None
    teams = [team for team in receiving_teams(case.referral, case.holding, now=case.now) if team != here]
    form = TeamForm(case.request.POST or None, teams=teams, initial=case.initial)

    def lay(**saved: Any) -> str:
        actions.hand_over(seen=case.seen(form), team=form.chosen, **saved)
        return f"{case.referral} now lies in the tray of {form.chosen}."

    return case.tried(form, lay) or case.show("rhi/hand_over.html", form, teams=teams)


@requires(Permission.ASSIGN)
@require_http_methods(["GET", "POST"])
def override(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide otherwise than the rules did (Wokingham 1a: "unless it is deemed that the PYJS is better placed")."""
    return on_one(request, pk, _override)


def _override(case: Case) -> HttpResponse:
    teams = receiving_teams(case.referral, case.holding, now=case.now)
    sight = Sight([case.referral.child], case.now)
    here = case.holding.team if case.holding else None
    better = case.referral.version.procedure.routing.better_placed
    holder = case.holding.worker_id if case.holding else None
    form = OverrideForm(
        case.request.POST or None,
        better_placed=next((team for team in teams if team.name == better and team != here), None),
        workers=[
            (involvement, place)
            for involvement, place in actions.case_places(case.referral, on=case.today)
            if place.worker and place.worker.pk != holder and sight.sees(place.worker, case.referral.child_id)
        ],
        teams=[team for team in teams if team != here or holder],
        initial=case.initial,
    )

    def decide(**saved: Any) -> str:
        actions.override(seen=case.seen(form), place=form.place, **saved)
        words = "now holds" if form.place.worker else "now has in its tray"
        return f"{form.place} {words} {case.referral}. That this differs from the rules is recorded."

    decision = actions.deciding(case.referral)
    return case.tried(form, decide) or case.show("rhi/override.html", form, decision=decision)


@requires(Permission.SETTLE_QUESTIONS)
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what a referral asks: whoever may assign it, and a discussion also the worker who was asked."""
    now = timezone.now()
    person = reaching.person(request)
    # Whether they may answer is asked before the referral is read: who settles it in between makes it too late for
    # them, which they are told; read first, it would look open and yet be no longer asked of them.
    asked = Referral.objects.asked_of(person, now).filter(pk=pk, destination=Destination.DISCUSS).exists()
    may_answer = asked or Referral.objects.assignable_by(person, now).filter(pk=pk).exists()
    rows = Referral.objects.select_related("child__responsible_authority", "version")
    referral = rows.visible_to(person, now).filter(pk=pk).first()
    if referral is None:
        missed = moved_away(request, [primary_key(request.POST.get("holding", ""))]).get(pk)
        if missed is None:
            raise reaching.denied(Referral, pk)
        return told_too_late(request, missed, now)
    case = Case(request, referral, now)
    if not referral.question:
        raise reaching.denied(Referral, pk)
    if referral.question_settled_at:
        typed = request.POST.get("reason", "").strip()
        return case.show("rhi/settled.html", None, settlement=actions.settlement(referral), typed=typed)
    if not may_answer:
        raise reaching.denied(Referral, pk)
    return on_open(case, _discuss if referral.destination == Destination.DISCUSS else _answer)


def _discuss(case: Case) -> HttpResponse:
    """A discussion, with its two answers."""
    asking = Place(case.holding.team if case.holding else None)
    named = actions.asked(case.referral, on=case.today)
    asked = named if named is None or _would_see(case, named) else None
    form = SettleForm(case.request.POST or None, asking=asking, asked=asked, initial=case.initial)

    def answer(**saved: Any) -> str:
        answered = Answer(form.cleaned_data["answer"])
        actions.settle_discussion(seen=case.seen(form), answer=answered, **saved)
        return f"Settled: {asking if answered is Answer.ASKING else asked} holds {case.referral}."

    page = {"asking": asking, "asked": asked, "unnamed": None if asked else named, "discussed": True}
    return case.tried(form, answer) or case.show("rhi/settle.html", form, **page)


def _would_see(case: Case, place: Place) -> bool:
    """Whether the child, who may be restricted, would be seen there."""
    sight, child = Sight([case.referral.child], case.now), case.referral.child_id
    here = case.holding.team if case.holding else None
    if place.worker:
        return sight.sees(place.worker, child)
    return place.team == here or bool(place.team and sight.open_to([place.team], child))


def _answer(case: Case) -> HttpResponse:
    """Any other question, answered by choosing who holds it."""
    teams = receiving_teams(case.referral, case.holding, now=case.now)
    form = TeamForm(case.request.POST or None, teams=teams, initial=case.initial)

    def answer(**saved: Any) -> str:
        actions.settle_question(seen=case.seen(form), team=form.chosen, **saved)
        return f"Settled: {case.referral} lies in the tray of {form.chosen}."

    return case.tried(form, answer) or case.show("rhi/settle.html", form)


@requires(Permission.ASSIGN)
@require_http_methods(["GET", "POST"])
def assign_many(request: HttpRequest, pk: int) -> HttpResponse:
    """Give several referrals of a tray to one worker: first which, then to whom and why. All of them or none."""
    now = timezone.now()
    team = assignable_teams(reaching.person(request)).filter(pk=pk).first()
    if team is None:
        raise reaching.denied(Team, pk)
    group = Group(request, team, now)
    if not group.referrals:
        if request.method == "POST":
            messages.warning(request, "Nothing has been moved. " + (" ".join(group.gone) or "Tick referrals first."))
        return redirect("rhi:tray", pk)
    if group.is_answered:
        worker = group.form.worker
        try:
            changed = actions.assign(
                seen=group.seen, worker=worker, reason=group.form.cleaned_data["reason"], by=group.person, now=now
            )
        except Refused as refusal:
            group.refuse(refusal)
        else:
            number = "1 referral" if len(changed) == 1 else f"{len(changed)} referrals"
            done = f"{worker} now holds {number} more." if worker else f"Back in the tray: {number}."
            messages.success(request, done)
            return redirect("rhi:tray", pk)
    return group.show()
