"""The follow-ups of a leader's teams: overdue, to be looked at again, referred without an answer, or all open ones."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from procedures.calendar import local_date
from rhi.forms.tasks import FollowUpsForm
from rhi.views import reaching
from rhi.views.trays import address, page_number
from routing.models import Allocation, Referral, Task, TaskQuerySet, trays_of
from staff import audit
from staff.models import User
from staff.permissions import Permission, Role, requires

#: How many a page shows.
PAGE = 50


def of_teams(user: User, now: datetime) -> TaskQuerySet:
    """The tasks of the teams of a person, and of the referrals that those teams hold; all for a missing coordinator.

    A leader so sees what is a social worker's to do after an interview of her own team (Somerset 4.17).
    """
    seen = Task.objects.filter(referral__in=Referral.objects.visible_to(user, now).values("pk"))
    if user.role == Role.COORDINATOR:
        return seen
    teams = trays_of(user).values("pk")
    holding = Allocation.objects.filter(referral=OuterRef("referral"), until__isnull=True, team__in=teams)
    return seen.filter(Q(owner_team__in=teams) | Q(Exists(holding)))


def _narrowed(rows: TaskQuerySet, show: str, kind: str, now: datetime) -> QuerySet[Task]:
    """Those that are asked for, the first due first."""
    today = local_date(now)
    shown = {
        FollowUpsForm.OVERDUE: rows.overdue(today),
        FollowUpsForm.REVIEW: rows.to_review(today),
        FollowUpsForm.UNANSWERED: rows.unanswered(),
        FollowUpsForm.OPEN: rows.to_do(),
    }[show]
    if kind:
        shown = shown.filter(kind=kind)
    return shown.select_related("child", "referral", "owner", "owner_team").order_by(
        Coalesce(F("due_on"), F("review_on")).asc(nulls_last=True), "opened_at", "pk"
    )


@requires(Permission.SIGN_OFF)
@require_safe
def overdue_tasks(request: HttpRequest) -> HttpResponse:
    """The follow-ups of one's teams that nobody did by their day, and whatever else is asked for of them."""
    now = timezone.now()
    form = FollowUpsForm(request.GET)
    page = page_number(request.GET)
    show, kind = form.chosen()
    theirs = of_teams(reaching.person(request), now)
    found = list(_narrowed(theirs, show, kind, now)[PAGE * (page - 1) : PAGE * page + 1])
    rows = found[:PAGE]
    reaching.put_on_trail(
        request,
        audit.Type.LIST_READ,
        now=now,
        children={task.child.child_id for task in rows},
        subject=Task._meta.label,
        show=show,
        kind=kind,
    )
    context = {
        "now": now,
        "rows": rows,
        "form": form,
        "show": show,
        "kind": kind,
        "page": page,
        "previous": address(request.GET, page - 1) if page > 1 else "",
        "next": address(request.GET, page + 1) if len(found) > PAGE else "",
    }
    return render(request, "rhi/overdue_tasks.html", context)
