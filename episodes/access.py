"""Who may see a child, as facts that begin and end and are never overwritten."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from episodes.intake import locked
from episodes.models import Access, Child, Involvement
from procedures.calendar import end_of_day, local_date, start_of_day
from staff import audit
from staff.actions import Refused
from staff.models import Membership, User
from staff.permissions import ROLES, Permission, Role

#: The roles of people who can be named for a restricted child: those that may find children at all.
NAMEABLE = [role for role in Role if Permission.FIND_CHILDREN in ROLES[role]]


class RestrictionRefused(Refused):
    """A child cannot be restricted, or the restriction changed, like this."""


def in_force(now: datetime) -> Q:
    """The condition under which a row of access holds at an instant."""
    return Q(since__lte=now) & (Q(until__isnull=True) | Q(until__gt=now))


def nameable(now: datetime) -> QuerySet[User]:
    """The people who can be named for a restricted child: who do case work and have not left."""
    here = User.objects.filter(Q(left_on__isnull=True) | Q(left_on__gt=local_date(now)), is_active=True)
    return here.filter(role__in=NAMEABLE).order_by("name", "email")


def named_for(child: Child, now: datetime) -> QuerySet[Access]:
    """The rows that name the people who may see a restricted child at an instant."""
    return Access.objects.filter(in_force(now), child=child, basis=Access.Basis.RESTRICTION)


def named_of(children: Iterable[Child], now: datetime) -> dict[int, set[int]]:
    """Who is named (keys) for each of these children (key) that is restricted; one query, and none when none is."""
    named: dict[int, set[int]] = {child.pk: set() for child in children if child.restricted}
    if named:
        for row in Access.objects.filter(in_force(now), child__in=named, basis=Access.Basis.RESTRICTION):
            if row.user_id:
                named[row.child_id].add(row.user_id)
    return named


def sees_once_held(person: User, named: Collection[int]) -> bool:
    """Whether somebody who holds a restricted child's referral sees the child, for whom `named` (keys) are named.

    As episodes.models.access.visible says it of what is stored: asked before anything is.
    """
    if person.role == Role.INTERVIEWER:
        return False
    return person.pk in named or (person.role == Role.COORDINATOR and not named)


def reached_by(rows: QuerySet[Access]) -> Q:
    """The condition under which rows of access reach a person, for themselves or by a team of theirs."""
    teams = Membership.objects.filter(team__in=rows.filter(team__isnull=False).values("team"))
    return Q(pk__in=rows.filter(user__isnull=False).values("user")) | Q(pk__in=teams.values("user"))


def opened_by(user: User, child: Child, now: datetime) -> Access | None:
    """The row by which a person reads a child after giving a reason; the one that lasts longest."""
    rows = Access.objects.filter(in_force(now), child=child, user=user, basis=Access.Basis.BREAK_GLASS)
    return rows.order_by("-until").first()


@transaction.atomic
def restrict(child: Child, *, people: Iterable[User], because: str, by: User, now: datetime) -> Child:
    """Restrict a child to named people, and whoever does it is one of them. No file undoes it from then on.

    Whoever had opened the child by giving a reason sees them no more. Raises RestrictionRefused.
    """
    because = _reason(because)
    child = _held(child)
    if child.restricted:
        raise RestrictionRefused("This child is restricted already. Change who is named instead.")
    named = _nameable([*people, by], now)
    _set_restricted(child, now, restricted=True)
    opened = Access.objects.filter(in_force(now), child=child, basis=Access.Basis.BREAK_GLASS)
    opened.update(until=now, ended_because="The child was restricted.")
    _name(child, named, because, now)
    _record(audit.Type.CHILD_RESTRICTED, child, {"named": sorted(named)}, by=by, now=now)
    return child


@transaction.atomic
def change_names(child: Child, *, people: Iterable[User], because: str, by: User, now: datetime) -> Child:
    """Say anew who may see a restricted child: who is no longer named ends, who is new begins, the others stay.

    Whoever does it stays named, so that somebody always can. Raises RestrictionRefused.
    """
    because = _reason(because)
    child = _held(child)
    if not child.restricted:
        raise RestrictionRefused("This child is no longer restricted. Restrict the child first.")
    standing = Access.objects.filter(child=child, basis=Access.Basis.RESTRICTION)
    current = {row.user_id: row for row in standing.filter(Q(until__isnull=True) | Q(until__gt=now))}
    # Somebody may have named people a moment after our clock was read, before the child was ours to hold.
    now = max([now, *(row.since for row in current.values())])
    named = _nameable([*people, by], now, already=current.keys())
    gone, new = current.keys() - named, named - current.keys()
    if not gone and not new:
        raise RestrictionRefused("These people are named already. Choose who is to be named from now on.")
    named_for(child, now).filter(user__in=gone).update(until=now, ended_because=because)
    _name(child, new, because, now)
    detail = {"named": sorted(new), "no_longer_named": sorted(key for key in gone if key)}
    _record(audit.Type.CHILD_RESTRICTED, child, detail, by=by, now=now)
    return child


@transaction.atomic
def lift(child: Child, *, because: str, by: User, now: datetime) -> Child:
    """Lift a restriction, and say why: who is named ends, and everybody else who works with the child sees them again.

    No file restricts the child again by itself. Raises RestrictionRefused.
    """
    because = _reason(because)
    child = _held(child)
    if not child.restricted:
        raise RestrictionRefused("This restriction has been lifted already.")
    _set_restricted(child, now, restricted=False)
    named_for(child, now).update(until=now, ended_because=because)
    _record(audit.Type.RESTRICTION_LIFTED, child, {}, by=by, now=now)
    return child


def _reason(because: str) -> str:
    if not because.strip():
        raise RestrictionRefused("Say why.")
    return because.strip()


def _held(child: Child) -> Child:
    """The child as recorded now, held until the transaction ends."""
    return locked(Child.objects.filter(pk=child.pk)).get()


def _nameable(people: Iterable[User], now: datetime, already: Collection[int | None] = ()) -> set[int]:
    """The keys of these people. Somebody who could do nothing with being named is refused, unless named already."""
    wanted = {person.pk: person for person in people}
    possible = set(nameable(now).filter(pk__in=wanted).values_list("pk", flat=True))
    refused = [person.name for key, person in wanted.items() if key not in possible and key not in already]
    if refused:
        raise RestrictionRefused(f"Cannot be named, because they do no case work here: {', '.join(sorted(refused))}.")
    return set(wanted)


def _set_restricted(child: Child, now: datetime, *, restricted: bool) -> None:
    child.restricted = restricted
    child.typed |= {"restricted": now.isoformat()}
    child.save(update_fields=["restricted", "typed"])


def _name(child: Child, people: Iterable[int], because: str, now: datetime) -> None:
    Access.objects.bulk_create(
        Access(child=child, user_id=person, basis=Access.Basis.RESTRICTION, since=now, because=because)
        for person in sorted(people)
    )


def _record(type: audit.Type, child: Child, detail: Mapping[str, object], *, by: User, now: datetime) -> None:  # noqa: A002 the trail's own word
    audit.record(type, by=by, at=now, subject=child, children=[child.child_id], detail=detail)


def follow_involvements(involvements: Iterable[Involvement], now: datetime) -> None:
    """Let access follow who works with a child: call it for involvements that are new or have changed.

    The first row of an involvement runs from its first day to its last, whenever it was learned of. Afterwards
    nothing that has been is rewritten: another team or worker ends the row and begins a new one now; an end that
    has passed ends it now; only an end still to come is moved. In the caller's transaction, which holds the
    involvements locked.
    """
    wanted = {involvement.pk: involvement for involvement in involvements}
    latest: dict[int | None, Access] = {}
    for access in Access.objects.filter(involvement__in=wanted).order_by("since", "pk"):
        latest[access.involvement_id] = access
    ended: list[Access] = []
    begun: list[Access] = []
    for key, involvement in wanted.items():
        _follow(involvement, latest.get(key), now, ended, begun)
    Access.objects.bulk_update(ended, ["until"])
    Access.objects.bulk_create(begun)


def _follow(
    involvement: Involvement, access: Access | None, now: datetime, ended: list[Access], begun: list[Access]
) -> None:
    """Put into `ended` and `begun` what has to change for one involvement, whose last row is `access`."""
    somebody = bool(involvement.team_id or involvement.worker_id)
    until = end_of_day(involvement.end) if involvement.end else None
    since = start_of_day(involvement.start)
    over = until is not None and until <= now
    if access is not None:
        since = max(since, now)
        holds = access.until is None or access.until > now
        same = (access.team_id, access.user_id) == (involvement.team_id, involvement.worker_id)
        if holds and somebody and same and not over:
            if access.until != until:
                access.until = until
                ended.append(access)
            return
        if holds:
            access.until = max(access.since, now)
            ended.append(access)
        if over:
            return
    if somebody:
        begun.append(
            Access(
                child_id=involvement.child_id,
                team_id=involvement.team_id,
                user_id=involvement.worker_id,
                basis=Access.Basis.INVOLVEMENT,
                since=since,
                until=until,
                involvement=involvement,
            )
        )
