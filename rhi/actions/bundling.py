"""Emails that say how many notices wait: a few at a time or once a day, as each person prefers, and never at night.

An email holds counts and a link, nothing about any child (README, invariant 8).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs import handover
from jobs.lease import SKEW
from procedures.calendar import LONDON, local_date
from rhi.actions.mail_times import MORNING, is_away, is_quiet, preferences_of
from rhi.actions.sending import queue_email
from rhi.actions.sight import out_of_sight
from rhi.actions.telling import strangers
from rhi.models import Email, Notice, Preferences
from staff.models import User, leavers

#: The condition on notices that their person has neither seen them nor been mailed about them.
WAITING = Q(seen_at__isnull=True, email__isnull=True)

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
    notice in it, for a notice is mailed once; what goes once a day has the day's. Before it is handed over it is looked
    at once more (rhi.actions.last_look).
    """
    let_go_ahead(now)
    preferences = preferences_of(people := _waited_for(now))
    going = _going(people, preferences, now)
    # Held until the transaction ends: of two workers at once, the second finds them mailed.
    waiting = Notice.objects.filter(WAITING, to__in=going).exclude(out_of_sight(now)).order_by("pk")
    waiting = waiting.select_for_update(of=("self",))
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
