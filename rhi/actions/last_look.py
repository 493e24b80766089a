"""The last look at an email before it is handed over: it may have waited for days, and things change.

What was asked when it was made is asked again: whether whoever it is for is here, may see what it is about, wants
emails and wants them now. An email about notices that may not go lets them go, as if it had never been made: they wait
for another, or are told to whoever stands in.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction

from episodes.models import Child
from jobs import handover
from jobs.handover import NotYetError
from procedures.calendar import local_date
from rhi.actions import digest_readers
from rhi.actions.mail_times import goes_at, is_away, is_quiet, preferences_of
from rhi.actions.sight import out_of_sight
from rhi.delivery import emails
from rhi.models import Email, Interview, Notice, Preferences
from routing.models import Referral

WITHDRAWN = "withdrawn:"
"""So the key begins of an email about notices that was withdrawn: what it was about may be mailed anew."""

LEFT = "Whoever it was for has left."
UNWANTED = "Whoever it was for wants no emails any more."
AWAY = "Whoever it was for is away."
QUIET = "It is a quiet hour of whoever it is for."


def may_go(email: Email, *, now: datetime) -> bool:
    """Whether an approved email may be handed over now; False when it has been withdrawn, which says why.

    Raises NotYetError when it may go later. Not in a transaction: what it withdraws stays so whatever comes next.
    """
    preferred = preferences_of([email.to_id]).get(email.to_id)
    if email.kind == Email.Kind.NOTICES and email.notices.exists():
        return _may_tell(email, preferred, now)
    if why_not := _why_not(email, preferred, now):
        handover.withdraw(email, reason=why_not)
        return False
    if is_quiet(preferred, now):
        raise NotYetError(QUIET, until=goes_at(preferred, now))
    return True


def _may_tell(email: Email, preferred: Preferences | None, now: datetime) -> bool:
    """Whether an email about notices may go: it says how many of them are still unseen and to be seen."""
    about = Notice.objects.filter(email=email)
    hidden = about.filter(out_of_sight(now))
    told = list(about.exclude(pk__in=hidden.values("pk")).filter(seen_at__isnull=True).order_by("pk"))
    if why_not := _why_nobody(email, preferred, now) or (QUIET if is_quiet(preferred, now) else ""):
        return _let_go(email, why_not)
    if not told:
        return _let_go(email, "Nothing of what it is about is still to be seen by whoever it was for.")
    numbers = dict(Counter(notice.kind for notice in told))
    if numbers != email.numbers:
        with transaction.atomic():
            hidden.update(email=None)
            email.numbers = numbers
            email.save(update_fields=["numbers"])
    return True


def _let_go(email: Email, why: str) -> bool:
    """Withdraw an email about notices; those that nobody has seen wait as if it had never been made."""
    with transaction.atomic():
        if handover.withdraw(email, reason=why):
            Email.objects.filter(pk=email.pk).update(key=f"{WITHDRAWN}{email.pk}")
            email.notices.filter(seen_at__isnull=True).update(email=None)
    return False


def _why_nobody(email: Email, preferred: Preferences | None, now: datetime) -> str:
    """Why nothing is mailed to whoever it is for; empty when it may be."""
    if email.to.has_left(local_date(now)):
        return LEFT
    if preferred and preferred.by_email == Preferences.ByEmail.NEVER:
        return UNWANTED
    if preferred and is_away(preferred, now):
        return AWAY
    return ""


def _why_not(email: Email, preferred: Preferences | None, now: datetime) -> str:
    """Why an email that was not made of notices is not to go any more; empty when it may."""
    if email.kind == Email.Kind.INTERVIEW_HELD:
        return _why_not_asked(email, now)
    if why_nobody := _why_nobody(email, preferred, now):
        return why_nobody
    made, today = local_date(email.made_at), local_date(now)
    if email.kind == Email.Kind.DAILY and made != today:
        return "Its numbers are those of a day that is over."
    if email.kind == Email.Kind.WEEKLY and f"{made:%G%V}" != f"{today:%G%V}":
        return "Its numbers are those of a week that is over."
    if email.kind != Email.Kind.NOTICES and not digest_readers.reads(email.to, email.kind, now):
        return "Its numbers are no longer for whoever it was for."
    return ""


def _why_not_asked(email: Email, now: datetime) -> str:
    """Why somebody is not to be asked for a plan any more: their job, so whatever they prefer, and while away, too."""
    if email.to.has_left(local_date(now)):
        return LEFT
    referral = email.numbers[emails.REFERRAL]
    child = Referral.objects.filter(pk=referral).values("child")
    if not Child.objects.visible_to(email.to, now).filter(pk__in=child).exists():
        return "Whoever it was for may not see the child any more."
    held = Interview.objects.filter(referral=referral, held_at__isnull=False)
    days = {local_date(at) for at in held.values_list("held_at", flat=True) if at}
    if emails.as_day(email.numbers[emails.HELD_ON]) not in days:
        return "That the interview was held on that day has been taken back."
    return ""
