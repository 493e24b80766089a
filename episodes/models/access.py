"""Who may see a child, and the conditions by which everything about a child is scoped."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.lookups import Exact

from episodes.models.records import CODE
from staff.models import Membership, Team, User
from staff.permissions import Permission, Role, allowed


class Access(models.Model):
    """Who may see a child's case, on what basis, from when until when. A fact like others, never overwritten."""

    class Basis(models.TextChoices):
        INVOLVEMENT = "involvement", "Works with the child"
        ALLOCATION = "allocation", "Holds the referral"
        BREAK_GLASS = "break_glass", "Gave a reason"
        RESTRICTION = "restriction", "Named for a restricted child"
        PROVIDER = "provider", "Provider's contract"

    child = models.ForeignKey("episodes.Child", on_delete=models.PROTECT, related_name="accesses")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="accesses")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="accesses")
    basis = models.CharField(max_length=CODE, choices=Basis)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    because = models.CharField(max_length=1000, blank=True)
    ended_because = models.CharField(max_length=1000, blank=True, help_text="Why a person ended it before its time.")
    involvement = models.ForeignKey(
        "episodes.Involvement", null=True, blank=True, on_delete=models.PROTECT, related_name="accesses"
    )

    class Meta:
        verbose_name_plural = "accesses"
        constraints = [
            models.CheckConstraint(
                name="access_is_for_a_team_or_a_person", condition=Q(team__isnull=False) | Q(user__isnull=False)
            ),
            models.CheckConstraint(
                name="access_by_involvement_names_it",
                condition=Q(basis="involvement", involvement__isnull=False)
                | (~Q(basis="involvement") & Q(involvement__isnull=True)),
            ),
            models.UniqueConstraint(
                name="one_open_access_of_an_involvement", fields=["involvement"], condition=Q(until__isnull=True)
            ),
            models.CheckConstraint(
                name="access_ended_for_a_reason_has_an_end", condition=Q(ended_because="") | Q(until__isnull=False)
            ),
        ]
        indexes = [
            models.Index("child", "team", "user", name="access_of_child"),
            models.Index("user", name="access_of_person", condition=Q(user__isnull=False)),
        ]


def access_of(user: User, now: datetime, **more: object) -> QuerySet[Access]:
    """The rows by which a person, or a team of theirs, may see a child at an instant."""
    teams = Membership.objects.filter(user=user.pk).values("team")
    return Access.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now), Q(user=user.pk) | Q(team__in=teams), since__lte=now, **more
    )


def visible(user: User, now: datetime, *, child: str = "") -> Q:
    """The condition under which a person may see a child; `child` is the path to the child ("child__").

    A restricted child is seen by the people named for them and nobody else; while a record restricts one and nobody
    is named yet, by missing coordinators, who name them. Others are seen by whom access says, for themselves or for a
    team of theirs; a missing coordinator sees all of them. A provider's interviewer sees only what was given to her in
    person, and roles that do no case work see nobody.
    """
    if not allowed(user, Permission.SEE_REFERRALS):
        return Q(pk__in=[])
    key = OuterRef(f"{child}pk")
    named = Q(basis=Access.Basis.RESTRICTION, user=user.pk)
    unrestricted = Q(**{f"{child}restricted": False})
    if user.role == Role.COORDINATOR:
        anybody_named = Access.objects.filter(
            Q(until__isnull=True) | Q(until__gt=now),
            child=key,
            basis=Access.Basis.RESTRICTION,
            since__lte=now,
            user__isnull=False,
        )
        return unrestricted | Q(Exists(access_of(user, now, child=key).filter(named))) | ~Q(Exists(anybody_named))
    if user.role == Role.INTERVIEWER:
        hers = access_of(user, now, child=key, basis=Access.Basis.ALLOCATION).filter(user=user.pk)
        return unrestricted & Q(Exists(hers))
    # One EXISTS rather than two joined by OR: a database can then look up the few rows that a page needs.
    anybody = Q(Exact(OuterRef(f"{child}restricted"), Value(value=False)))
    return Q(Exists(access_of(user, now, child=key).filter(named | anybody)))


def workable(user: User, now: datetime, *, child: str = "") -> Q:
    """The condition under which a person may also change a child's records: not after merely giving a reason."""
    if user.role == Role.COORDINATOR:
        return visible(user, now, child=child)
    own = access_of(user, now, child=OuterRef(f"{child}pk")).exclude(basis=Access.Basis.BREAK_GLASS)
    return visible(user, now, child=child) & Q(Exists(own))
