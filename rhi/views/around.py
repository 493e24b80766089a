"""Who is around a child: parents and carers, and what the child is open to; recorded by hand and put right."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from episodes.models import Carer, Involvement
from procedures.calendar import local_date
from rhi.actions import carers, involvements
from rhi.actions.carers import OF_CARER
from rhi.actions.involvements import OF_INVOLVEMENT, decided_anew, elsewhere
from rhi.actions.sight import WORKERS
from rhi.forms.carers import CarerForm, of_carer
from rhi.forms.involvements import InvolvementForm, of_involvement
from rhi.views import changes, reaching
from rhi.views.recording import step_by_step
from staff.models import Team, User
from staff.permissions import Permission, requires

get_or_post = require_http_methods(["GET", "POST"])


@requires(Permission.CORRECT_RECORDS)
@get_or_post
def new_carer(request: HttpRequest, pk: int) -> HttpResponse:
    """A parent or carer whom no file has brought."""
    now = timezone.now()
    child = reaching.the_child(request, pk, now=now, work=True)
    return _carer(request, Carer(child=child), now)


@requires(Permission.CORRECT_RECORDS)
@get_or_post
def correct_carer(request: HttpRequest, pk: int, carer: int) -> HttpResponse:
    """A parent or carer, put right: what changes is shown first."""
    now = timezone.now()
    child = reaching.the_child(request, pk, now=now, work=True)
    theirs = Carer.objects.filter(child=child).select_related("child")
    return _carer(request, reaching.beneath(theirs, carer), now)


def _carer(request: HttpRequest, carer: Carer, now: datetime) -> HttpResponse:
    by, is_new = reaching.person(request), carer.pk is None
    form = CarerForm(request.POST or None, carer=carer, initial=of_carer(carer))
    values = changes.of_carer_or_involvement(carer, form.values()) if form.is_bound and form.is_valid() else {}

    def act(shown: str) -> None:
        if is_new:
            carers.record_carer(carer.child, values=values, by=by, now=now)
        else:
            carers.correct_carer(carer, values=values, shown=shown, by=by, now=now)

    return step_by_step(
        request,
        "rhi/carer.html",
        form=form,
        act=act,
        now=now,
        record=carer,
        names=OF_CARER,
        lines=changes.lines(carer, form, values, now=now),
        done=f"{values.get('name', carer.name)} is recorded." if is_new else "The record is corrected.",
    )


@requires(Permission.CORRECT_RECORDS)
@get_or_post
def new_involvement(request: HttpRequest, pk: int) -> HttpResponse:
    """What a child is open to, where no file has brought it."""
    now = timezone.now()
    child = reaching.the_child(request, pk, now=now, work=True)
    return _involvement(request, Involvement(child=child), now)


@requires(Permission.CORRECT_RECORDS)
@get_or_post
def correct_involvement(request: HttpRequest, pk: int, involvement: int) -> HttpResponse:
    """What a child is open to, put right: what changes, and which referrals would go elsewhere, is shown first."""
    now = timezone.now()
    child = reaching.the_child(request, pk, now=now, work=True)
    theirs = Involvement.objects.filter(child=child)
    theirs = theirs.select_related("child__responsible_authority", "team", "worker", "host_authority")
    return _involvement(request, reaching.beneath(theirs, involvement), now)


def _involvement(request: HttpRequest, involvement: Involvement, now: datetime) -> HttpResponse:
    by, is_new = reaching.person(request), involvement.pk is None
    people = _people(involvement, now)
    form = InvolvementForm(
        request.POST or None,
        involvement=involvement,
        teams=_teams(involvement, now),
        people=people,
        latest=local_date(now),
        initial=of_involvement(involvement),
    )
    values = changes.of_carer_or_involvement(involvement, form.values()) if form.is_bound and form.is_valid() else {}
    moved: list[str] = []  # filled by whichever step is taken, and drawn after it

    def act(shown: str) -> None:
        before = decided_anew(involvement.child, now=now)
        if is_new:
            involvements.record_involvement(involvement.child, values=values, by=by, now=now)
        else:
            involvements.correct_involvement(involvement, values=values, shown=shown, by=by, now=now)
        moved[:] = elsewhere(before, decided_anew(involvement.child, now=now))

    more: dict[str, Any] = {"people": people, "moved": moved}
    answer = step_by_step(
        request,
        "rhi/involvement.html",
        form=form,
        act=act,
        now=now,
        record=involvement,
        names=OF_INVOLVEMENT,
        lines=changes.lines(involvement, form, values, now=now),
        done="It is recorded what the child is open to." if is_new else "The record is corrected.",
        more=more,
    )
    if answer.status_code == 302:
        for sentence in moved:
            messages.warning(request, sentence)
    return answer


def _people(involvement: Involvement, now: datetime) -> list[User]:
    """Who can be named as the worker, by name: who does case work and has not left, and who is named already."""
    today = local_date(now)
    here = Q(left_on__isnull=True) | Q(left_on__gt=today)
    named = Q(pk=involvement.worker_id) if involvement.worker_id else Q(pk__in=[])
    return list(User.objects.filter(Q(here, role__in=WORKERS, is_active=True) | named).order_by(Lower("name"), "pk"))


def _teams(involvement: Involvement, now: datetime) -> list[Team]:
    """Which teams can be named, by name: ours that are open, and the one that is named already."""
    today = local_date(now)
    return [
        team
        for team in Team.objects.order_by("name")
        if team.pk == involvement.team_id or (team.kind != Team.Kind.PROVIDER and team.is_open(today))
    ]
