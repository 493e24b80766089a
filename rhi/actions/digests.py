"""Digests: on working days a leader's numbers, on Mondays the managers'. Counts and a link, and no child.

Each is once for a person and a period. What was missed is not made up for: yesterday's numbers are of no use today.
What is dropped for that reason is kept as an email that was not sent, and says why.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from episodes.models import Episode
from jobs import claims
from jobs.schedule import Daily, Recurring, Weekly
from procedures.calendar import ENGLAND, LONDON, end_of_day, local_date
from procedures.models import NoProcedure, Rulebook
from rhi.actions.age import long_since
from rhi.actions.bundling import MORNING, goes_at, is_away, preferences_of
from rhi.actions.running_out import still_owed
from rhi.actions.sending import queue_email
from rhi.listing import nobodys, overdue
from rhi.models import Email, Interview, Letter, Preferences
from routing.models import Allocation, Deadline, Referral
from staff.models import Membership, User, leavers
from staff.permissions import Role

WEEK = timedelta(days=7)
"""What a manager's digest counts as the last week."""

NUMBERS = ("due_today", "late", "not_assigned", "signing", "open")
#: Who gets a digest each working day.
DAILY = (Role.TEAM_LEADER, Role.COORDINATOR)


def daily(*, period: str, now: datetime, **_: object) -> None:
    """Send every leader the numbers of their teams' trays, on working days; to nobody for whom there is nothing.

    Those of a leader who is away to whoever stands in, and missing coordinators those of the letters that no leader
    looks after. A run for another day than today does nothing. Whoever has quiet hours gets theirs when those end.
    """
    today = local_date(now)
    if period == today.isoformat() == _working_day(now).isoformat():
        people = Q(role__in=DAILY) | Q(pk__in=_stood_in_for(now).values("cover"))
        _to_each(people, "send_daily", of=int(f"{today:%Y%m%d}"), at=now)


def weekly(*, period: str, now: datetime, **_: object) -> None:
    """Send every manager the service's numbers on Monday; where that is not worked, on the next day that is.

    A run for another week than this one does nothing.
    """
    today, day = local_date(now), _working_day(now)
    if period == f"{today:%G-W%V}" == f"{day:%G-W%V}":
        at = now if day == today else datetime.combine(day, MORNING, LONDON)
        _to_each(Q(role=Role.MANAGER), "send_weekly", of=int(f"{day:%G%V}"), at=at)


SCHEDULE = (
    Recurring(daily, every=Daily(MORNING)),
    Recurring(weekly, every=Weekly(MORNING, weekday=calendar.MONDAY)),
)


def _working_day(now: datetime) -> date:
    """Today, or the next day that is worked."""
    today = local_date(now)
    try:
        working = Rulebook.load().on(today).calendar
    except NoProcedure:
        working = ENGLAND
    return today if working.is_working_day(today) else working.working_day_after(today, 1)


def _to_each(which: Q, action: str, *, of: int, at: datetime) -> None:
    """Have each of certain people written to, who is here and wants it, as soon as their quiet hours allow."""
    here = User.objects.exclude(pk__in=leavers(local_date(at)).values("pk")).exclude(email="")
    people = list(here.filter(which).order_by("pk").values_list("pk", flat=True))
    preferences = preferences_of(people)
    for person in people:
        preferred = preferences.get(person)
        if preferred and (preferred.by_email == Preferences.ByEmail.NEVER or is_away(preferred, at)):
            continue
        arguments = {"person": person, "of": of}
        claims.enqueue(f"{__name__}.{action}", arguments=arguments, due_at=goes_at(preferred, at))


def send_daily(*, person: int, of: int, now: datetime, **_: object) -> None:
    """Write to one person, once for the day `of` (20261123), unless there is nothing to write or the day is over.

    A leader is told of the trays of her teams, and of every letter that waits for her on her page of letters; whoever
    stands in for her while she is away, likewise. A missing coordinator, on whose page all wait, of those that no
    leader of the team that holds the referral looks after.
    """
    key = f"daily:{of}:{person}"
    user = _to_write_to(person, key, now)
    teams = _trays_of(user, now) if user else set()
    if user is None or not (teams or user.role in DAILY):
        return
    if _is_over(datetime.strptime(str(of), "%Y%m%d").replace(tzinfo=LONDON).date(), person, now):
        _drop(user, Email.Kind.DAILY, key, "Its day was over before it could be written.", now=now)
        return
    letters = Letter.objects.approvable_by(user, now)
    if user.role == Role.COORDINATOR:
        letters = letters.exclude(referral__in=_led(now))
    numbers = letters.numbers(long_since=long_since(now))
    if teams or user.role != Role.COORDINATOR:
        counted = of_teams(now, restricted=False)
        numbers = _together(counted[team] for team in teams if team in counted) | numbers
    if any(number for name, number in numbers.items() if name != "open"):
        queue_email(user, Email.Kind.DAILY, key, numbers, now=now)


def _away(now: datetime) -> QuerySet[Preferences]:
    """What those prefer who are away today."""
    today = local_date(now)
    return Preferences.objects.filter(away_from__lte=today, away_until__gte=today)


def _stood_in_for(now: datetime) -> QuerySet[Preferences]:
    """What the leaders prefer who are away and for whom somebody stands in who sees their trays."""
    gone = leavers(local_date(now)).values("pk")
    rows = _away(now).filter(user__role=Role.TEAM_LEADER, cover__isnull=False).exclude(user__in=gone)
    return rows.exclude(cover__role=Role.INTERVIEWER)


def _trays_of(user: User, now: datetime) -> set[int]:
    """The teams (keys) of whose trays somebody is told: those they lead, or whose leader they stand in for.

    For a leader of another team only a coordinator stands in.
    """
    own = set(Membership.objects.filter(user=user).values_list("team", flat=True))
    leaders = _stood_in_for(now).filter(cover=user).values("user")
    instead = set(Membership.objects.filter(user__in=leaders).values_list("team", flat=True))
    if user.role != Role.COORDINATOR:
        instead &= own
    return own | instead if user.role == Role.TEAM_LEADER else instead


def _drop(to: User, kind: Email.Kind, key: str, why: str, *, now: datetime) -> None:
    """Keep that a digest was not sent, and why."""
    Email.objects.create(to=to, kind=kind, key=key, numbers={}, made_at=now, state=Email.State.CANCELLED, failure=why)


def _led(now: datetime) -> QuerySet[Any, Any]:
    """The referrals (keys) that a team holds whose letters somebody looks after who is here.

    Its leader; or, while she is away, who stands in for her, if they may approve letters in that team.
    """
    instead = Membership.objects.filter(
        may_reassign=True,
        team__memberships__user__preferences__in=_stood_in_for(now),
        team__memberships__user__preferences__cover=F("user"),
    )
    here = Membership.objects.exclude(user__in=leavers(local_date(now)).values("pk"))
    here = here.exclude(user__in=_away(now).values("user"))
    leading = here.filter(Q(user__role=Role.TEAM_LEADER) | Q(pk__in=instead.values("pk")))
    held = Allocation.objects.filter(until__isnull=True, team__in=leading.values("team"))
    return held.values("referral")


def _is_over(day: date, person: int, now: datetime) -> bool:
    """Whether the day is over on which somebody's digest of a day was to go: their quiet hours may end on the next."""
    went = goes_at(preferences_of([person]).get(person), datetime.combine(day, MORNING, LONDON))
    return local_date(now) > local_date(went)


def send_weekly(*, person: int, of: int, now: datetime, **_: object) -> None:
    """Write to one manager, once for the week `of` (202647), unless that week is over."""
    key = f"weekly:{of}:{person}"
    manager = _to_write_to(person, key, now)
    if manager is None or manager.role != Role.MANAGER:
        return
    if of < int(f"{local_date(now):%G%V}"):
        _drop(manager, Email.Kind.WEEKLY, key, "Its week was over before it could be written.", now=now)
        return
    returned = Episode.objects.filter(withdrawn_at__isnull=True, returned_at__gt=now - WEEK, returned_at__lte=now)
    missing = Episode.objects.filter(withdrawn_at__isnull=True, returned_at__isnull=True, ended_how="", history=False)
    held = Interview.objects.filter(held_at__gt=now - WEEK, held_at__lte=now)
    numbers = _together(of_teams(now, restricted=True).values()) | {
        "missing": missing.values("child").distinct().count(),
        "returned": returned.values("child").distinct().count(),
        "held": held.count(),
        **Letter.objects.numbers(long_since=long_since(now)),
    }
    queue_email(manager, Email.Kind.WEEKLY, key, numbers, now=now)


def _to_write_to(person: int, key: str, now: datetime) -> User | None:
    """The person, as long as they are here and have not been written to by this key."""
    user = User.objects.filter(pk=person).first()
    if user is None or user.has_left(local_date(now)) or Email.objects.filter(key=key).exists():
        return None
    return user


def of_teams(now: datetime, *, restricted: bool) -> dict[int, dict[str, int]]:
    """What lies in each team's tray (key), in numbers: three queries. `restricted` counts restricted children, too."""
    children = {} if restricted else {"child__restricted": False}
    held = {"allocations__until__isnull": True, "allocations__team__isnull": False}
    lying = Referral.objects.filter(closed_at__isnull=True, **held, **children).annotate(
        holder=F("allocations__worker"), tray=F("allocations__team")
    )
    today = Deadline.objects.filter(still_owed(), settled="", due_at__gte=now, due_at__lte=end_of_day(local_date(now)))
    written = Interview.objects.filter(written_up_by__isnull=False, signed_off_at__isnull=True)
    by_referral = {f"referral__{name}": value for name, value in held.items()}
    counted: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NUMBERS, 0))
    for names, rows in (
        (
            ("open", "late", "not_assigned"),
            lying.values_list("tray").annotate(
                open=Count("pk"), late=Count("pk", filter=overdue(now)), nobody=Count("pk", filter=nobodys(now))
            ),
        ),
        (("due_today",), _by_tray(today.filter(**by_referral, **children))),
        (("signing",), _by_tray(written.filter(**by_referral, **children))),
    ):
        for tray, *numbers in rows.order_by():
            counted[tray] |= dict(zip(names, numbers, strict=True))
    return dict(counted)


def _by_tray(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """How many of these lie in each tray, by the referral that they belong to."""
    trays = rows.annotate(tray=F("referral__allocations__team")).values_list("tray")
    counted: QuerySet[Any, Any] = trays.annotate(number=Count("pk"))
    return counted


def _together(counted: Iterable[Mapping[str, int]]) -> dict[str, int]:
    numbers = dict.fromkeys(NUMBERS, 0)
    for each in counted:
        for name in NUMBERS:
            numbers[name] += each[name]
    return numbers
