"""A child: finding them, their page, opening another team's, and restricting one to named people."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from episodes import access
from episodes.models import Access, Child
from rhi.actions import opening, restricting
from rhi.actions.opening import NotForOpening
from rhi.forms.children import LONGEST_SEARCH, FindForm, LiftForm, OpenForm, PersonSearchForm, RestrictForm
from rhi.views import child_page, finding, naming, reaching
from rhi.views.finding import AT_MOST
from staff import audit
from staff.actions import Refused
from staff.models import User
from staff.permissions import Permission, requires

get_or_post = require_http_methods(["GET", "POST"])

#: What the buttons of the page of a restriction ask for, besides naming people.
LIFT, FIND = "lift", "find"


@requires(Permission.FIND_CHILDREN)
@get_or_post
def find(request: HttpRequest) -> HttpResponse:
    """Look for a child. What was typed comes by POST and stands in no address: the results name the search only.

    The results are a page of their own, by GET, so that Back leads to them from a child.
    """
    now = timezone.now()
    if request.method == "POST":
        words = request.POST.get("words", "")[: LONGEST_SEARCH + 1]  # one more than the form takes, to be told so
        name = finding.keep(request.session, words, now=now)
        return redirect(f"{reverse('rhi:find')}?{urlencode({'search': name})}")
    name = request.GET.get("search", "")
    typed = finding.kept(request.session, name, now=now) if name else None
    form = FindForm({"words": typed} if typed is not None else None)
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
    context = {"form": form, "found": found, "at_most": AT_MOST, "now": now, "lapsed": name and typed is None}
    return render(request, "rhi/find.html", context)


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
    """Restrict a child to named people, change who is named, or lift the restriction.

    Besides those who have access now, people are found by name or team; what was ticked and typed stays meanwhile.
    """
    now, user = timezone.now(), reaching.person(request)
    child = reaching.the_child(request, pk, now=now)
    typed = request.POST if request.method == "POST" else QueryDict()
    do = typed.get("do", "")
    near = _near(child, user, now)
    apart = [person.pk for person in (*near, user)]
    search_form = PersonSearchForm(typed if do == FIND else None)
    words = search_form.cleaned_data["words"] if search_form.is_valid() else ""
    found = naming.find(words, but=apart, now=now) if words else naming.Found()
    others = [*found.people, *naming.chosen(typed.getlist("others"), but=[*apart, *found.keys], now=now)]
    named = {row.user_id for row in access.named_for(child, now)}
    first: dict[str, Any] = {"near": [str(person.pk) for person in near if person.pk in named]}
    if do == FIND:
        first = {"near": typed.getlist("near"), "others": typed.getlist("others")}
        first |= {"because": typed.get("because", "")}
    is_naming = request.method == "POST" and do not in (LIFT, FIND)
    form = RestrictForm(typed if is_naming else None, near=near, others=others, initial=first)
    lift_form = LiftForm(typed if do == LIFT else None, prefix="lift")
    asked = lift_form if do == LIFT else form
    if do != FIND and asked.is_valid():
        try:
            _restrict(request, child, asked, now)
        except Refused as refusal:
            asked.add_error(None, str(refusal))
        else:
            return redirect("rhi:child", pk)
    reaching.put_on_trail(
        request, audit.Type.CHILD_READ, now=now, subject=child, children=[child.child_id], shown="who may see"
    )
    context: dict[str, Any] = {"form": search_form if do == FIND else asked, "restrict_form": form}
    context |= {"search_form": search_form, "lift_form": lift_form, "found": found}
    context |= {"holders": restricting.holders(child)}
    return render(request, "rhi/restrict.html", context | {"child": child, "now": now})


def _restrict(request: HttpRequest, child: Child, form: RestrictForm | LiftForm, now: datetime) -> None:
    """Do what a valid form asks for and say what was done, also whose open referrals would be forgotten by it.

    Raises Refused.
    """
    because, by = form.cleaned_data["because"], reaching.person(request)
    if isinstance(form, LiftForm):
        access.lift(child, because=because, by=by, now=now)
        done = "The restriction is lifted. Everybody who works with the child sees the record again."
        messages.success(request, done)
        return
    blind = restricting.name(child, people=form.people, because=because, by=by, now=now)
    done = "The names are changed." if child.restricted else "Only the people you named can see this child now."
    messages.success(request, done)
    for allocation in blind:
        holder = allocation.worker or allocation.team
        messages.warning(
            request,
            f"Referral {allocation.referral} is held by {holder or 'nobody'} and not by anybody who is named. "
            "Assign it to somebody who can see it.",
        )


def _near(child: Child, user: User, now: datetime) -> list[User]:
    """Those who have access now, also by a team, besides the person who asks; people who are named among them."""
    rows = Access.objects.filter(access.in_force(now), child=child)
    return list(access.nameable(now).filter(access.reached_by(rows)).exclude(pk=user.pk))
