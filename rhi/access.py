"""How long whoever held a referral sees its child once the referral is closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from episodes.models import Access
from rhi.codes import OutcomeCode
from rhi.models import Interview, Outcome
from routing.models import Allocation, Referral
from staff.models import Team

#: For taking back a slip, printing the record and reading what was said at sign-off.
AFTERWARDS = timedelta(days=14)

#: A child (primary key), and the team and the person that a row of access names.
Key = tuple[int, int | None, int | None]


def form_owed() -> Q:
    """The condition on interviews that their form is still to be written up here.

    One that was held owes it at once. Without one it is owed when the last outcome has closed the referral, and a
    person recorded an outcome here: whichever it is, the form asks why, and how high the risk is (Somerset 4.7, 4.8b;
    Surrey 19). The interview of a child who is another authority's is theirs, and so is its form. Of a referral that a
    record brought the paperwork is elsewhere, and so it is of an outcome that one brought.
    """
    ended_here = Outcome.objects.filter(
        interview=OuterRef("pk"), recorded_by__isnull=False, episode__withdrawn_at__isnull=True
    ).exclude(code=OutcomeCode.NOT_REQUIRED, reason="other_authority")
    is_open, routed = Q(referral__closed_at__isnull=True), ~Q(referral__destination="")
    held = Q(held_at__isnull=False) & (is_open | routed)
    return Q(written_up_at__isnull=True) & (held | (~is_open & routed & Q(Exists(ended_here))))


def with_form_owed(interviews: QuerySet[Interview]) -> QuerySet[Interview]:
    """Each with `form_owed`: whether its form is still to be written up here."""
    return interviews.annotate(form_owed=ExpressionWrapper(form_owed(), output_field=BooleanField()))


def over_since(referral: Referral, interview: Interview | None) -> datetime | None:
    """Since when nothing more is owed on a referral; None while something is. The interview comes `with_form_owed`.

    The outcome closes a referral before its paperwork is done: its form is still to be written up, and what was written
    up here to be signed off. Of a referral that a record brought, the paperwork is elsewhere.
    """
    if referral.closed_at is None or interview is None or not referral.destination:
        return referral.closed_at
    if interview.signed_off_at:
        return max(referral.closed_at, interview.signed_off_at)
    owed = interview.written_up_by_id or interview.form_owed  # type: ignore[attr-defined]  # annotated
    return None if owed else referral.closed_at


def follow_referrals(children: Iterable[int], *, now: datetime) -> None:
    """Let access to these children (primary keys) follow who holds their referrals and which are over.

    Call it when referrals have closed, opened again, been given to somebody else or been signed off, in that
    transaction. While something is owed on a referral its holders see the child. Fourteen days after that, whoever held
    it in person no longer does, and of its team's members those of a provider neither; a team of our own keeps the
    child's history. Only an end still to come is moved; nothing that has been is rewritten.
    """
    keys = list(children)
    if not keys:
        return
    rows = list(Allocation.objects.filter(child__in=keys, until__isnull=True).select_related("referral", "team"))
    interviews = {
        interview.referral_id: interview
        for interview in with_form_owed(
            Interview.objects.filter(referral__in=[row.referral_id for row in rows])
        ).order_by("pk")
    }
    wanted: dict[Key, datetime | None] = {}
    for row in rows:
        over = over_since(row.referral, interviews.get(row.referral_id))
        _want(wanted, (row.child_id, row.team_id, row.worker_id), over + AFTERWARDS if over else None)
        if over and row.team and row.team.kind != Team.Kind.PROVIDER:
            _want(wanted, (row.child_id, row.team_id, None), None)
    _store(keys, wanted, now)


def _want(wanted: dict[Key, datetime | None], key: Key, until: datetime | None) -> None:
    """Of several referrals of one holder the longest access holds."""
    held = wanted.get(key, until)
    wanted[key] = max(held, until) if held and until else None


def _store(children: Collection[int], wanted: Mapping[Key, datetime | None], now: datetime) -> None:
    """Give the rows that hold the ends that are wanted, and begin those that are missing.

    A row without a team that is not wanted rests on no referral: it is of somebody who recorded the child.
    """
    rows = Access.objects.filter(child__in=children, basis=Access.Basis.ALLOCATION)
    moved: list[Access] = []
    lasting: set[Key] = set()
    for access in rows.exclude(until__lte=now):
        key = access.child_id, access.team_id, access.user_id
        if key not in wanted and access.team_id is None:
            continue
        lasting.add(key)
        until = wanted.get(key, now)
        until = max(until, now, access.since) if until else None
        if access.until != until:
            access.until = until
            moved.append(access)
    Access.objects.bulk_update(moved, ["until"])
    Access.objects.bulk_create(
        Access(child_id=child, team_id=team, user_id=user, basis=Access.Basis.ALLOCATION, since=now, until=until)
        for (child, team, user), until in wanted.items()
        if (team or user) and (child, team, user) not in lasting and (until is None or until > now)
    )
