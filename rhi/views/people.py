"""People and teams, for the administrator: who works here, in which teams, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from procedures.calendar import local_date
from rhi import wording
from rhi.forms.fields import DeskForm
from rhi.forms.people import (
    ButtonForm,
    ChangeTeamForm,
    InviteForm,
    LeavingForm,
    PeopleFilter,
    PersonForm,
    Row,
    TeamForm,
)
from rhi.views import reaching
from routing.models import Allocation
from staff import actions
from staff.models import Team, User
from staff.permissions import Permission, requires

PAGE = 50


@requires(Permission.MANAGE_PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody on the books, and every team."""
    now = timezone.now()
    today = local_date(now)
    teams = list(
        Team.objects.annotate(
            people=Count("memberships", filter=_here(today, "memberships__user__"), distinct=True)
        ).order_by(Lower("name"))
    )
    form = PeopleFilter(request.GET, teams=teams)
    wanted = form.cleaned_data if form.is_valid() else {}
    page = wanted.get("page") or 1
    found = list(_wanted(wanted, today).prefetch_related("teams")[(page - 1) * PAGE : page * PAGE + 1])
    shown = found[:PAGE]
    context = {
        "form": form,
        "now": now,
        "people": _with_standing(shown, now),
        "teams": [(team, team_standing(team, today)) for team in teams],
        "filtered": bool(request.GET),
        "earlier": _address_of_page(request, page - 1) if page > 1 else "",
        "later": _address_of_page(request, page + 1) if len(found) > PAGE else "",
    }
    return render(request, "staff/people.html", context)


def _here(today: date, person: str = "") -> Q:
    """The condition under which somebody works here on a day; `person` is the path to them."""
    stays = Q(**{f"{person}left_on__isnull": True}) | Q(**{f"{person}left_on__gt": today})
    return Q(**{f"{person}is_active": True}) & stays


def _wanted(wanted: Mapping[str, Any], today: date) -> QuerySet[User]:
    rows = User.objects.order_by(Lower("name"), "pk")
    if wanted.get("team"):
        rows = rows.filter(memberships__team=wanted["team"])
    if wanted.get("role"):
        rows = rows.filter(role=wanted["role"])
    if wanted.get("standing") == PeopleFilter.LEFT:
        return rows.exclude(_here(today))
    if wanted.get("standing") == PeopleFilter.NOT_INVITED:
        rows = rows.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return rows.filter(_here(today))


def _address_of_page(request: HttpRequest, page: int) -> str:
    query = request.GET.copy()
    query["page"] = str(page)
    return f"?{query.urlencode()}"


def _with_standing(rows: list[User], now: datetime) -> list[tuple[User, wording.Standing]]:
    invited = actions.invited_at(rows)
    return [(person, standing(person, invited.get(person.pk), now)) for person in rows]


def standing(person: User, invited_at: datetime | None, now: datetime) -> wording.Standing:
    """Whether somebody can sign in, in words and tone."""
    today = local_date(now)
    if person.left_on:
        word = "Left" if person.has_left(today) else "Leaves"
        return wording.Standing("none", f"{word} {wording.day(person.left_on, today=today)}")
    if not person.is_active:
        return wording.Standing("none", "Closed")
    if person.has_usable_password():
        return wording.Standing("met", "Can sign in")
    if invited_at:
        return wording.Standing("running", f"Invited {wording.moment(invited_at, now=now)}")
    return wording.Standing("soon", "Not invited yet")


def team_standing(team: Team, today: date) -> wording.Standing:
    """Whether a team takes work, in words and tone."""
    if team.opened_on and team.opened_on > today:
        return wording.Standing("running", f"Takes work from {wording.day(team.opened_on, today=today)}")
    if not team.closed_on:
        return wording.Standing("met", "Takes work")
    closing = wording.day(team.closed_on, today=today)
    if team.closed_on > today:
        return wording.Standing("met", f"Takes work; closes {closing}")
    return wording.Standing("none", f"Closed from {closing}")


@requires(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody: they get an email with a link at which they choose a password."""
    now = timezone.now()
    form = InviteForm(request.POST or None, teams=_teams_to_join(local_date(now)))
    if form.is_valid():
        try:
            somebody = actions.invite(**form.cleaned_data, by=reaching.person(request), now=now)
        except actions.PersonRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            _send_invitation(request, somebody)
            return redirect("rhi:person", somebody.pk)
    return render(request, "staff/invite.html", {"form": form})


def _send_invitation(request: HttpRequest, somebody: User) -> None:
    """Send the link, which says nothing about any child; a mail server that does not answer loses only the email."""
    link = request.build_absolute_uri(actions.invitation_path(somebody))
    try:
        get_adapter(request).send_mail("account/email/invitation", somebody.email, {"invitation_url": link})
    except (OSError, SMTPException):
        messages.warning(request, "The invitation was not sent: the mail server does not answer. Try again later.")
    else:
        messages.success(request, f"An invitation is on its way to {somebody.email}.")


def _teams_to_join(today: date, *, besides: Iterable[int] = ()) -> list[Row]:
    """The teams that are not closed, and those that somebody is in already."""
    rows = Team.objects.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=today) | Q(pk__in=besides))
    return [
        Row(team.pk, team.name, "" if team.is_open(today) else "Takes no work at present")
        for team in rows.order_by(Lower("name"))
    ]


@requires(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what they hold; changing them, inviting them again, their leaving and coming back."""
    now = timezone.now()
    somebody = get_object_or_404(User, pk=pk)
    forms = _forms_about(somebody, request, local_date(now))
    used = next((form for form in forms.values() if form.is_bound), forms["change"])
    if used.is_valid():
        try:
            said = _done(request, somebody, used, now)
        except actions.PersonRefused as refusal:
            used.add_error(None, str(refusal))
        else:
            if said:
                messages.success(request, said)
            return redirect("rhi:person", pk)
    context = {
        **forms,
        "form": used,
        "somebody": somebody,
        "standing": standing(somebody, actions.invited_at([somebody]).get(somebody.pk), now),
        "self": somebody.pk == reaching.person(request).pk,
        "gone": bool(somebody.left_on) or not somebody.is_active,
        "held": _held(worker=somebody),
        "now": now,
    }
    return render(request, "staff/person.html", context)


def _forms_about(somebody: User, request: HttpRequest, today: date) -> dict[str, DeskForm]:
    """The four forms of a person's page; the one that was sent is bound, one of no known name being the first."""
    asked = request.POST.get("do")
    sent = asked if asked in {"leave", "invite", "put_back"} else "change"

    def answers(name: str) -> QueryDict | None:
        return request.POST if request.method == "POST" and sent == name else None

    memberships = dict(somebody.memberships.values_list("team_id", "may_reassign"))
    return {
        "change": PersonForm(
            answers("change"),
            initial={"name": somebody.name, "role": somebody.role, "memberships": memberships},
            teams=_teams_to_join(today, besides=memberships),
            auto_id="change_%s",
        ),
        "leave": LeavingForm(answers("leave"), initial={"left_on": today}, auto_id="leave_%s"),
        "invite": ButtonForm(answers("invite"), initial={"do": "invite"}, auto_id="invite_%s"),
        "put_back": ButtonForm(answers("put_back"), initial={"do": "put_back"}, auto_id="put_back_%s"),
    }


def _done(request: HttpRequest, somebody: User, form: DeskForm, now: datetime) -> str:
    """Do the one thing that was asked, and say so; nothing to say where sending the invitation has spoken."""
    by = reaching.person(request)
    answers = {name: answer for name, answer in form.cleaned_data.items() if name != "do"}
    if isinstance(form, PersonForm):
        actions.change_person(somebody, **answers, by=by, now=now)
        return "The changes are saved."
    if isinstance(form, LeavingForm):
        actions.leave(somebody, on=answers["left_on"], by=by, now=now)
        return f"{somebody.name} is gone from {wording.day(answers['left_on'], today=local_date(now))} on."
    if form.cleaned_data["do"] == "put_back":
        actions.put_back(somebody, by=by, now=now)
        return f"{somebody.name} is back."
    _send_invitation(request, actions.invite_again(somebody, by=by, now=now))
    return ""


def _held(**holder: object) -> Iterable[Mapping[str, Any]]:
    """How many open referrals somebody, or some tray, holds, by tray and worker."""
    rows = Allocation.objects.filter(until__isnull=True, referral__closed_at__isnull=True, **holder)
    by_tray = rows.values(tray=F("team__name"), holder=F("worker__name"), holder_id=F("worker_id"))
    return by_tray.annotate(number=Count("pk")).order_by("tray", "holder")


@requires(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def new_team(request: HttpRequest) -> HttpResponse:
    """Make a team."""
    form = TeamForm(request.POST or None)
    if form.is_valid():
        try:
            made = actions.make_team(**form.cleaned_data, by=reaching.person(request), now=timezone.now())
        except actions.TeamRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"The team {made.name} is there. Now say who is in it.")
            return redirect("rhi:team", made.pk)
    return render(request, "staff/new_team.html", {"form": form})


@requires(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """One team: what lies in its tray; its name, kind, dates and people."""
    now = timezone.now()
    today = local_date(now)
    one = get_object_or_404(Team, pk=pk)
    members = list(one.memberships.select_related("user").order_by(Lower("user__name"), "pk"))
    form = ChangeTeamForm(
        request.POST or None,
        initial={
            "name": one.name,
            "kind": one.kind,
            "opened_on": one.opened_on,
            "closed_on": one.closed_on,
            "memberships": {row.user_id: row.may_reassign for row in members},
        },
        members=[
            Row(row.user_id, row.user.name, "Has left" if row.user.has_left(today) else row.user.get_role_display())
            for row in members
        ],
    )
    if form.is_valid():
        answers = dict(form.cleaned_data)
        added = answers.pop("add")
        if added:
            answers["memberships"].setdefault(added.pk, False)
        try:
            actions.change_team(one, **answers, by=reaching.person(request), now=now)
        except actions.TeamRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, "The changes are saved.")
            return redirect("rhi:team", pk)
    context = {"form": form, "team": one, "standing": team_standing(one, today), "held": _held(team=one), "now": now}
    return render(request, "staff/team.html", context)
