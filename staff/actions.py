"""People and teams: as records name them, and as an administrator invites and changes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.http import int_to_base36
from django.utils.timezone import localdate

from staff import audit
from staff.models import AuditEvent, Membership, Team, User
from staff.permissions import Role


class Refused(ValueError):
    """What was asked cannot be done as things stand. The message says why, in words for the person who asked."""


class PersonRefused(Refused):
    """The person cannot be invited or changed like this."""


class TeamRefused(Refused):
    """The team cannot be made or changed like this."""


#: So long after an invitation nobody gets another one: it is a button that was pressed twice.
JUST_NOW = timedelta(minutes=1)

NAME_IN_USE = "There is a team of this name already. Choose another name."


def teams_named(kinds: Mapping[str, str]) -> dict[str, Team]:
    """The teams of these names; one that nobody knows yet is created, of the kind given beside its name.

    Capital letters do not make another team, so that one slip in an extract does not split a tray.
    """
    spellings = {name.lower() for name in kinds}
    rows = Team.objects.alias(lower=Lower("name")).filter(Q(lower__in=spellings) | Q(name__in=kinds)).order_by("pk")
    known: dict[str, Team] = {}
    for team in rows:
        known.setdefault(team.name.lower(), team)
    new: dict[str, Team] = {}
    for name, kind in kinds.items():
        if name.lower() not in known:
            new.setdefault(name.lower(), Team(name=name, kind=kind))
    Team.objects.bulk_create(new.values())
    known |= new
    return {name: known[name.lower()] for name in kinds}


def people_named(emails: Iterable[str]) -> dict[str, User]:
    """The people of these addresses, in lower case; one whom nobody knows yet is created, and cannot sign in.

    Somebody who has left stays as they are.
    """
    wanted = set(emails)
    known = User.objects.in_bulk(list(wanted), field_name="email")
    made = [User(email=email, name=email, password=make_password(None)) for email in sorted(wanted - known.keys())]
    User.objects.bulk_create(made)
    return known | {user.email: user for user in made}


def join(pairs: Iterable[tuple[User, Team]]) -> None:
    """Make these people members of these teams, where they are not yet. Somebody who has left joins nothing."""
    wanted = sorted({(user.pk, team.pk) for user, team in pairs if user.is_active and user.left_on is None})
    Membership.objects.bulk_create(
        [Membership(user_id=user, team_id=team) for user, team in wanted], ignore_conflicts=True
    )


@transaction.atomic
def invite(
    *, email: str, name: str, role: str, memberships: Mapping[int, bool], by: User | None, now: datetime
) -> User:
    """Put somebody on the books, or take up whom records named already, so that they may choose a password.

    `memberships` says of each team to join whether they may reassign its tray; teams that records gave them stay.
    Sending the link is the caller's. Raises PersonRefused when somebody works under this address already, has left, or
    was invited just now.
    """
    email = email.strip().lower()
    person, made = User.objects.get_or_create(
        email=email, defaults={"name": name, "role": role, "password": make_password(None)}
    )
    person = _locked(person)
    if not made and person.has_left(localdate(now)):
        raise PersonRefused(f"{person.name} has this address and has left. Put them back on their own page.")
    if not made and person.has_usable_password():
        raise PersonRefused(f"{person.name} has this address and can sign in already.")
    if by is not None:  # a command prints its link, and nobody presses it twice
        _refuse_invited_just_now(person, now)
    person.name, person.role = name, role
    person.save(update_fields=["name", "role"])
    kept = dict(person.memberships.values_list("team_id", "may_reassign"))
    changes = _settle_memberships(person.memberships.all(), {**kept, **memberships}, "team_id", user_id=person.pk)
    audit.record(audit.Type.PERSON_INVITED, by=by, at=now, subject=person, detail={"role": person.role, **changes})
    return person


@transaction.atomic
def invite_again(person: User, *, by: User, now: datetime) -> User:
    """Let somebody who has not chosen a password yet have another link; sending it is the caller's.

    Raises PersonRefused when they have chosen one, have left, or were invited just now.
    """
    person = _locked(person)
    if person.has_left(localdate(now)):
        raise PersonRefused(f"{person.name} has left. Put them back first.")
    if person.has_usable_password():
        raise PersonRefused(f"{person.name} has chosen a password already.")
    _refuse_invited_just_now(person, now)
    audit.record(audit.Type.PERSON_INVITED, by=by, at=now, subject=person, detail={"role": person.role})
    return person


def invitation_path(person: User) -> str:
    """The address, without its host, at which the person chooses a password: once, for PASSWORD_RESET_TIMEOUT."""
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": int_to_base36(person.pk), "key": default_token_generator.make_token(person)},
    )


def invited_at(people: Iterable[User]) -> dict[int, datetime]:
    """When each of these people was last invited; without those who never were. One query."""
    keys = {f"{User._meta.label}:{person.pk}": person.pk for person in people}
    events = AuditEvent.objects.filter(type=audit.Type.PERSON_INVITED, subject__in=keys).order_by()
    return {keys[row["subject"]]: row["last"] for row in events.values("subject").annotate(last=Max("at"))}


@transaction.atomic
def change_person(
    person: User, *, name: str, role: str, memberships: Mapping[int, bool], by: User, now: datetime
) -> User:
    """Change what somebody is called, does and belongs to; `memberships` are all their teams from now on.

    Raises PersonRefused when an administrator would take that role from themselves: somebody must be left to undo it.
    """
    person = _locked(person)
    if person.pk == by.pk and role != Role.ADMINISTRATOR:
        raise PersonRefused("You cannot take the administrator role from yourself. Another administrator can.")
    changed = [field for field, value in [("name", name), ("role", role)] if getattr(person, field) != value]
    detail: dict[str, object] = {"fields": changed}
    if "role" in changed:
        detail |= {"role_before": person.role, "role": role}
    person.name, person.role = name, role
    person.save(update_fields=["name", "role"])
    moved = _settle_memberships(person.memberships.all(), memberships, "team_id", user_id=person.pk)
    if changed or any(moved.values()):
        audit.record(audit.Type.PERSON_CHANGED, by=by, at=now, subject=person, detail=detail | moved)
    return person


@transaction.atomic
def leave(person: User, *, on: date, by: User, now: datetime) -> User:
    """Mark somebody as gone from a local day on; they are out at their next request that day.

    What they hold stays with them, to be handed on from the trays. Raises PersonRefused for oneself.
    """
    person = _locked(person)
    if person.pk == by.pk:
        raise PersonRefused("You cannot mark yourself as having left. Another administrator can.")
    if person.left_on == on:
        return person
    person.left_on = on
    person.save(update_fields=["left_on"])
    detail = {"fields": ["left_on"], "left_on": on.isoformat()}
    audit.record(audit.Type.PERSON_CHANGED, by=by, at=now, subject=person, detail=detail)
    return person


@transaction.atomic
def put_back(person: User, *, by: User, now: datetime) -> User:
    """Undo that somebody has left, or will: their password and teams are what they were."""
    person = _locked(person)
    if person.left_on is None and person.is_active:
        return person
    person.left_on, person.is_active = None, True
    person.save(update_fields=["left_on", "is_active"])
    detail = {"fields": ["left_on", "is_active"], "left_on": None}
    audit.record(audit.Type.PERSON_CHANGED, by=by, at=now, subject=person, detail=detail)
    return person


@transaction.atomic
def make_team(*, name: str, kind: str, opened_on: date | None, closed_on: date | None, by: User, now: datetime) -> Team:
    """Make a team that takes work between two local days, either of them open. Raises TeamRefused for a name in use."""
    _refuse_name_in_use(name)
    with _unless_taken_meanwhile():
        team = Team.objects.create(name=name, kind=kind, opened_on=opened_on, closed_on=closed_on)
    detail = {"fields": ["name", "kind", "opened_on", "closed_on"]}
    audit.record(audit.Type.TEAM_CHANGED, by=by, at=now, subject=team, detail=detail)
    return team


@transaction.atomic
def change_team(
    team: Team,
    *,
    name: str,
    kind: str,
    opened_on: date | None,
    closed_on: date | None,
    memberships: Mapping[int, bool],
    by: User,
    now: datetime,
) -> Team:
    """Change a team and who belongs to it; from `closed_on` nothing is routed to it. Raises TeamRefused.

    Extracts that name a team by an earlier name make a new one: a name is how records know a team.
    """
    team = Team.objects.select_for_update().get(pk=team.pk)
    _refuse_name_in_use(name, but=team)
    values = {"name": name, "kind": kind, "opened_on": opened_on, "closed_on": closed_on}
    changed = [field for field, value in values.items() if getattr(team, field) != value]
    for field in changed:
        setattr(team, field, values[field])
    with _unless_taken_meanwhile():
        team.save(update_fields=changed)
    moved = _settle_memberships(team.memberships.all(), memberships, "user_id", team_id=team.pk)
    if changed or any(moved.values()):
        audit.record(audit.Type.TEAM_CHANGED, by=by, at=now, subject=team, detail={"fields": changed, **moved})
    return team


def _refuse_invited_just_now(person: User, now: datetime) -> None:
    last = invited_at([person]).get(person.pk)
    if last and last > now - JUST_NOW:
        raise PersonRefused(f"{person.name} was invited a moment ago. One email is enough; another can go in a minute.")


def _locked(person: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _refuse_name_in_use(name: str, *, but: Team | None = None) -> None:
    same = Team.objects.filter(name__iexact=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise TeamRefused(NAME_IN_USE)


@contextmanager
def _unless_taken_meanwhile() -> Iterator[None]:
    """Refuse a name that somebody else gave a team at the same moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as taken:
        raise TeamRefused(NAME_IN_USE) from taken


def _settle_memberships(
    rows: QuerySet[Membership], wanted: Mapping[int, bool], key: str, **one_side: int
) -> dict[str, list[int]]:
    """Make the memberships of one side exactly `wanted`, by `key` of the other side; answers what changed, by id."""
    present: dict[int, Membership] = {getattr(row, key): row for row in rows}
    joined = sorted(wanted.keys() - present.keys())
    left = sorted(present.keys() - wanted.keys())
    reassigning = sorted(pk for pk in wanted.keys() & present.keys() if wanted[pk] != present[pk].may_reassign)
    Membership.objects.filter(pk__in=[present[pk].pk for pk in left]).delete()
    Membership.objects.bulk_create(
        [Membership(may_reassign=wanted[pk], **{key: pk}, **one_side) for pk in joined], ignore_conflicts=True
    )
    for pk in reassigning:
        present[pk].may_reassign = wanted[pk]
        present[pk].save(update_fields=["may_reassign"])
    may_reassign = sorted(pk for pk in [*joined, *reassigning] if wanted[pk])
    told = {"joined": joined, "left": left, "may_reassign": may_reassign}
    told["may_not_reassign"] = [pk for pk in reassigning if not wanted[pk]]
    return {word: ids for word, ids in told.items() if ids}
