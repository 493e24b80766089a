"""Emails that say how many notices wait: a few at a time or once a day, as each person prefers, and never at night.

An email holds counts and a link, nothing about any child (README, invariant 8).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs import handover
from jobs.lease import SKEW
from procedures.calendar import LONDON, local_date
from rhi.actions.sending import queue_email
from rhi.actions.telling import strangers
from rhi.models import Email, Notice, Preferences
from staff.models import User, leavers

MORNING = time(8)
"""The local time from which whoever wants one email a day gets it, and when digests go."""

#: The condition on notices that their person has neither seen them nor been mailed about them.
WAITING = Q(seen_at__isnull=True, email__isnull=True)

QUIET = time(20), time(7)
"""The quiet hours of whoever has set none, local time: an email wakes nobody who is not on duty."""

ONE_BATCH = 5_000
"""So many notices are handed to email in one run, the oldest first; the rest in the next.

Those whose person gets no email now are not among them: however many wait for one who is away, the others go.
"""


AHEAD = "ahead:"
"""So the key begins of an email that was made while a clock was ahead."""

#: The emails that are made of themselves, over and over again.
RECURRING = (Email.Kind.NOTICES, Email.Kind.DAILY, Email.Kind.WEEKLY)


def send(*, now: datetime) -> list[Email]:
    """Queue an email to everybody for whom notices wait that they have neither seen nor been mailed about.

    In the caller's transaction. Ten queries at most besides those for each email. Each has the key of the newest
    notice in it, for a notice is mailed once; what goes once a day has the day's.
    """
    let_go_ahead(now)
    preferences = preferences_of(people := _waited_for(now))
    going = _going(people, preferences, now)
    # Held until the transaction ends: of two workers at once, the second finds them mailed.
    waiting = Notice.objects.filter(WAITING, to__in=going).order_by("pk").select_for_update(of=("self",))
    notices: dict[int, list[Notice]] = defaultdict(list)
    for notice in waiting[:ONE_BATCH]:
        notices[notice.to_id].append(notice)
    # Once more, now that nobody else can: another worker may have had today's email sent meanwhile.
    going = _going(notices, preferences, now)
    sent = []
    for key, theirs in sorted(notices.items()):
        if key not in going:
            continue
        preferred = preferences.get(key)
        daily = preferred is not None and preferred.by_email == Preferences.ByEmail.DAILY
        email = queue_email(
            people[key],
            Email.Kind.NOTICES,
            _daily_key(key, now) if daily else f"notices:{theirs[-1].pk}:{key}",
            dict(Counter(notice.kind for notice in theirs)),
            now=now,
        )
        Notice.objects.filter(pk__in=[notice.pk for notice in theirs]).update(email=email)
        sent.append(email)
    return sent


def let_go_ahead(now: datetime) -> None:
    """Let the emails that were made while a clock was ahead stand for nothing: one query where there are none.

    Each gives up its key, so that the email of its day goes when that comes. One that has not gone goes no more, and
    what it was about waits for an email again.
    """
    ahead = Email.objects.filter(kind__in=RECURRING, made_at__gt=now + SKEW).exclude(key__startswith=AHEAD)
    for email in ahead.order_by("pk"):
        Email.objects.filter(pk=email.pk).update(key=f"{AHEAD}{email.pk}")
        if handover.withdraw(email, reason="It was made while a clock was ahead."):
            email.notices.update(email=None)


def _waited_for(now: datetime) -> dict[int, User]:
    """For whom notices wait, of those who work here and want emails at all: three queries."""
    waiting = Exists(Notice.objects.filter(WAITING, to=OuterRef("pk")))
    never = Preferences.objects.filter(by_email=Preferences.ByEmail.NEVER).values("user")
    return {user.pk: user for user in _here(now).filter(waiting).exclude(pk__in=never)}


def _going(people: Collection[int], preferences: Mapping[int, Preferences], now: datetime) -> set[int]:
    """Whose email (keys) goes now: one query."""
    had = _had_todays(people, now)
    return {key for key in people if _goes_now(preferences.get(key), had_todays=key in had, now=now)}


def _here(now: datetime) -> QuerySet[User]:
    """Who works here and can follow a link: they have an address and, if no password, an invitation. Two queries.

    Whoever only records name so far finds what waits when they are invited.
    """
    waiting = User.objects.filter(Exists(Notice.objects.filter(WAITING, to=OuterRef("pk"))))
    gone = leavers(local_date(now)).values("pk")
    return User.objects.exclude(pk__in=gone).exclude(pk__in=strangers(waiting)).exclude(email="")


def preferences_of(people: Iterable[int]) -> dict[int, Preferences]:
    """How these people (keys) want to be told: one query. Whoever has said nothing is told at once, by day."""
    return {row.user_id: row for row in Preferences.objects.filter(user__in=list(people))}


def _had_todays(people: Collection[int], now: datetime) -> set[int]:
    """Which of these people (keys) have had today's email of notices."""
    keys = [_daily_key(person, now) for person in people]
    return set(Email.objects.filter(key__in=keys).values_list("to", flat=True))


def _daily_key(person: int, now: datetime) -> str:
    return f"notices:{local_date(now)}:{person}"


def _goes_now(preferred: Preferences | None, *, had_todays: bool, now: datetime) -> bool:
    """Whether somebody's email goes now: not in their quiet hours, nor while they are away."""
    if is_quiet(preferred, now) or (preferred and is_away(preferred, now)):
        return False
    if preferred and preferred.by_email == Preferences.ByEmail.DAILY:
        return not had_todays and now.astimezone(LONDON).time() >= MORNING
    return True


def is_away(preferred: Preferences, now: datetime) -> bool:
    """Whether somebody is away today."""
    if preferred.away_from is None or preferred.away_until is None:
        return False
    return preferred.away_from <= local_date(now) <= preferred.away_until


def quiet_hours(preferred: Preferences | None) -> tuple[time, time]:
    """Somebody's quiet hours by the clock on the wall: their own, or else the night."""
    if preferred is None or preferred.quiet_from is None or preferred.quiet_until is None:
        return QUIET
    return preferred.quiet_from, preferred.quiet_until


def is_quiet(preferred: Preferences | None, now: datetime) -> bool:
    """Whether it is somebody's quiet time by the clock on the wall; its end is not."""
    begins, ends = quiet_hours(preferred)
    local = now.astimezone(LONDON).time()
    return begins <= local < ends if begins <= ends else local >= begins or local < ends


def goes_at(preferred: Preferences | None, now: datetime) -> datetime:
    """When an email may go, in UTC: now, or when somebody's quiet hours end.

    On the night when an hour comes twice, quiet hours that end within it end with the second; when one is missing,
    they end an hour later by the clock on the wall.
    """
    if not is_quiet(preferred, now):
        return now
    _, until = quiet_hours(preferred)
    days = (local_date(now) + timedelta(days=number) for number in range(2))
    ends = (datetime.combine(day, until, LONDON).replace(fold=fold).astimezone(UTC) for day in days for fold in (0, 1))
    return min(end for end in ends if end > now and not is_quiet(preferred, end))
