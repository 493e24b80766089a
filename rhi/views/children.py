"""A child: finding them, their page, opening another team's, and restricting one to named people."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from episodes import access
from episodes.models import Access, Child
from rhi.actions import opening
from rhi.actions.opening import NotForOpening
from rhi.forms.children import FindForm, LiftForm, OpenForm, RestrictForm
from rhi.views import child_page, finding, reaching
from rhi.views.finding import AT_MOST
from routing.models import Allocation
from staff import audit
from staff.actions import Refused
from staff.models import User
from staff.permissions import Permission, requires

get_or_post = require_http_methods(["GET", "POST"])


@requires(Permission.FIND_CHILDREN)
@get_or_post
def find(request: HttpRequest) -> HttpResponse:
    """Look for a child. What was typed comes by POST and is answered at once, so that it stands in no address."""
    now = timezone.now()
    form = FindForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_valid():
        found = finding.find(form.cleaned_data["words"], user=reaching.person(request), now=now)
        reaching.put_on_trail(
            request,
            audit.Type.CHILD_SEARCHED,
            now=now,
            children=found.child_ids,
            kind=found.kind,
            found=found.number_theirs,
            elsewhere=found.number_elsewhere,
        )
    return render(request, "rhi/find.html", {"form": form, "found": found, "at_most": AT_MOST, "now": now})


@requires(Permission.FIND_CHILDREN)
@require_safe
def child(request: HttpRequest, pk: int) -> HttpResponse:
    """Who a child is, what they are open to, and everything that has happened."""
    now, user = timezone.now(), reaching.person(request)
    child = reaching.the_child(request, pk, now=now)
    may = child_page.may(child, user, now=now)
    page = child_page.gather(child, with_access=may.see_access, now=now)
    reason = None if may.work else access.opened_by(user, child, now)
    reaching.put_on_trail(request, audit.Type.CHILD_READ, now=now, subject=child, children=[child.child_id])
    context = {"child": child, "page": page, "may": may, "reason": reason, "days": child_page.DAYS, "now": now}
    return render(request, "rhi/child.html", context)


@requires(Permission.OPEN_WITH_REASON)
@get_or_post
def open_with_reason(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why one needs to read another team's child. Restricted and absent children are the same 404."""
    now, user = timezone.now(), reaching.person(request)
    if Child.objects.visible_to(user, now).filter(pk=pk).exists():
        return redirect("rhi:child", pk)
    child = Child.objects.filter(pk=pk, restricted=False).first()
    if child is None:
        raise reaching.denied(Child, pk)
    form = OpenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            opening.open_with_reason(child, because=form.cleaned_data["because"], by=user, now=now)
        except NotForOpening as restricted:
            raise reaching.denied(Child, pk) from restricted
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "You can read this record for 24 hours. The team’s leader has been told why.")
            return redirect("rhi:child", pk)
    teams = opening.teams_of(child, now)
    reaching.put_on_trail(
        request, audit.Type.CHILD_READ, now=now, subject=child, children=[child.child_id], shown="name and age"
    )
    context = {"form": form, "child": child, "teams": teams, "hours": opening.OPEN_FOR.total_seconds() // 3600}
    return render(request, "rhi/open_with_reason.html", context | {"now": now})


@requires(Permission.RESTRICT_CHILDREN)
@get_or_post
def restrict(request: HttpRequest, pk: int) -> HttpResponse:
    """Restrict a child to named people, change who is named, or lift the restriction."""
    now, user = timezone.now(), reaching.person(request)
    child = reaching.the_child(request, pk, now=now)
    near, others = _who_can_be_named(child, user, now)
    named = {row.user_id for row in access.named_for(child, now)}
    lifting = request.POST.get("do") == "lift"
    typed = request.POST if request.method == "POST" else None
    first = {
        "near": [str(person.pk) for person in near if person.pk in named],
        "others": [str(person.pk) for person in others if person.pk in named],
    }
    form = RestrictForm(None if lifting else typed, near=near, others=others, initial=first)
    lift_form = LiftForm(typed if lifting else None, prefix="lift")
    asked = lift_form if lifting else form
    if asked.is_valid():
        try:
            said = _restrict(child, asked, user, now)
        except Refused as refusal:
            asked.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            _tell_of_holders(request, child, now)
            return redirect("rhi:child", pk)
    reaching.put_on_trail(
        request, audit.Type.CHILD_READ, now=now, subject=child, children=[child.child_id], shown="who may see"
    )
    context = {"form": asked, "restrict_form": form, "lift_form": lift_form, "child": child, "now": now}
    return render(request, "rhi/restrict.html", context)


def _restrict(child: Child, form: RestrictForm | LiftForm, user: User, now: datetime) -> str:
    """Do what a valid form asks for; answers what was done. Raises Refused."""
    because = form.cleaned_data["because"]
    if isinstance(form, LiftForm):
        access.lift(child, because=because, by=user, now=now)
        return "The restriction is lifted. Everybody who works with the child sees the record again."
    if child.restricted:
        access.change_names(child, people=form.people, because=because, by=user, now=now)
        return "The names are changed."
    access.restrict(child, people=form.people, because=because, by=user, now=now)
    return "Only the people you named can see this child now."


def _who_can_be_named(child: Child, user: User, now: datetime) -> tuple[list[User], list[User]]:
    """Those who can be named besides the person who asks: who has access now, also by a team, and everybody else."""
    rows = Access.objects.filter(access.in_force(now), child=child)
    near = access.nameable(now).filter(access.reached_by(rows)).exclude(pk=user.pk)
    others = access.nameable(now).exclude(access.reached_by(rows)).exclude(pk=user.pk)
    return list(near), list(others)


def _tell_of_holders(request: HttpRequest, child: Child, now: datetime) -> None:
    """Say whose open referrals would be forgotten, because a restriction keeps their holder from seeing them."""
    if not Child.objects.filter(pk=child.pk, restricted=True).exists():
        return
    named = access.named_for(child, now).values("user")
    held = Allocation.objects.filter(child=child, until__isnull=True, referral__closed_at__isnull=True)
    for allocation in held.exclude(worker__in=named).select_related("referral", "worker", "team"):
        holder = allocation.worker or allocation.team
        messages.warning(
            request,
            f"Referral {allocation.referral} is held by {holder or 'nobody'} and not by anybody who is named. "
            "Assign it to somebody who can see it.",
        )
