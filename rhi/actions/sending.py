"""Sending: emails to members of staff, letters by GOV.UK Notify, each once; and what becomes of them afterwards.

A row and its job are made together. The job hands over before its transaction (jobs.handover), so a process that dies
leaves a row that is uncertain, never one that goes twice by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from episodes import intake
from episodes.models import Child
from jobs import claims, handover
from jobs.declared import handed_over_by, prepared_by
from jobs.handover import InDoubtError, NotSentError, Outcome, RefusedError
from jobs.lease import LEASE
from jobs.models import Handover, Job
from jobs.schedule import Hourly, Recurring
from jobs.work import JobError
from procedures.calendar import local_date
from rhi.actions import letters
from rhi.actions.telling import Matter, tell
from rhi.delivery import emails, notify
from rhi.models import Email, Interview, Letter, NoticeKind
from routing.models import Allocation, Referral
from staff import audit
from staff.actions import Refused
from staff.models import User

State = Handover.State

ASKED_AT_ONCE = 100
"""So many letters Notify is asked about in one run; those asked longest ago come first."""

ASKED_FOR = timedelta(days=30)
"""For so long after it was sent it is asked how a letter stands. What has not been posted by then is in doubt."""

ASKED_AT_MOST = LEASE / 2
"""For so long a run asks, however slow the answers are, so that what was heard is kept before its lease ends."""

SURELY_KNOWN = timedelta(days=3)
"""For so long Notify surely still knows a letter. That it does not know an older one proves nothing."""


class SendingRefused(Refused):
    """It cannot be settled like this. The message says why, in words for the person who asked."""


@transaction.atomic
def queue_email(to: User, kind: str, key: str, numbers: Mapping[str, int], *, now: datetime) -> Email:
    """Have an email sent: the row and the job that sends it, or neither. With a known `key` it is the same one.

    `numbers` says how many of what, by the names of rhi.delivery.emails.WORDS; raises UnknownNumberError for others.
    """
    emails.check(numbers)
    email, made = Email.objects.get_or_create(
        key=key, defaults={"to": to, "kind": kind, "numbers": dict(numbers), "made_at": now}
    )
    if made:
        _give_job(email, now=now)
    return email


def _give_job(row: Handover, *, now: datetime) -> None:
    """Give an approved row a job that hands it over. An older job of it does nothing any more."""
    action, argument = ("send_letter", "letter") if isinstance(row, Letter) else ("send_email", "email")
    row.job = claims.enqueue(f"{__name__}.{action}", arguments={argument: row.pk}, due_at=now)
    row.save(update_fields=["job"])


def hand_over_email(*, email: int, job: Job, now: datetime) -> Outcome | None:
    """Hand an email to the mail server, unless whoever it is for has left or it is a digest of another day."""
    row = Email.objects.select_related("to").get(pk=email)
    if row.to.has_left(local_date(now)):
        handover.withdraw(row, reason="Whoever it was for has left.")
        return None
    if row.kind == Email.Kind.INTERVIEW_HELD and not _still_held(row):
        handover.withdraw(row, reason="That the interview was held on that day has been taken back.")
        return None
    made, today = local_date(row.made_at), local_date(now)
    if row.kind == Email.Kind.DAILY and made != today:
        handover.withdraw(row, reason="Its numbers are those of a day that is over.")
        return None
    if row.kind == Email.Kind.WEEKLY and f"{made:%G%V}" != f"{today:%G%V}":
        handover.withdraw(row, reason="Its numbers are those of a week that is over.")
        return None
    message = emails.compose(row)
    return handover.once(row, lambda: emails.send(message), job=job, now=now)


def _still_held(row: Email) -> bool:
    """Whether an interview of the referral was held on the day that the email says."""
    held = Interview.objects.filter(referral=row.numbers[emails.REFERRAL], held_at__isnull=False)
    days = {local_date(at) for at in held.values_list("held_at", flat=True) if at}
    return emails.as_day(row.numbers[emails.HELD_ON]) in days


@handed_over_by(hand_over_email)
def send_email(*, email: int, handed: Outcome | None, now: datetime, **_: object) -> None:
    """Send an email to a member of staff."""
    handover.store(Email(pk=email), handed, now=now)


def hand_over_letter(*, letter: int, job: Job, now: datetime) -> Outcome | None:
    """Hand a letter to GOV.UK Notify, unless it has it already or something has come to speak against the letter."""
    if not notify.configured():
        raise NotSentError("GOV.UK Notify is not set up here (NOTIFY_API_KEY).")
    row = Letter.objects.get(pk=letter, channel=Letter.Channel.NOTIFY)

    def send() -> dict[str, str]:
        # Approved may have been days ago: the line was down, or a backup was restored.
        if letters.blocks(row, now=now):
            raise RefusedError("Something speaks against sending it now. The letter’s own page says what.")
        if known := notify.find(row.reference):
            return known.facts
        try:
            return notify.send(row).facts
        except InDoubtError:
            if known := _found(row.reference):
                return known.facts
            raise

    return handover.once(row, send, job=job, now=now)


def _found(reference: UUID) -> notify.Known | None:
    """The letter as Notify has it; None also where it does not say."""
    try:
        return notify.find(reference)
    except (NotSentError, RefusedError):
        return None


@handed_over_by(hand_over_letter)
def send_letter(*, letter: int, handed: Outcome | None, now: datetime, **_: object) -> None:
    """Send a letter by GOV.UK Notify."""
    row = _held(letter)
    if not handover.store(row, handed, now=now) or handed is None:
        return
    if handed.state == State.SENT:
        letters.went_out([row], at=now, by=None, now=now)
    elif handed.state == State.FAILED:
        _tell_of_failure(row, handed.reason, now=now)


def _tell_of_failure(letter: Letter, reason: str, *, known: bool = True, now: datetime) -> None:
    """Tell whoever holds the referral and whoever approved the letter that it did not go; the caller's transaction.

    Not `known`: nobody can say whether it went. Each failure is told: what is sent again may fail again.
    """
    held = Allocation.objects.filter(referral=letter.referral_id, until__isnull=True).first()
    failed = Matter(
        key=f"{NoticeKind.LETTER_FAILED}:{letter.pk}:{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        kind=NoticeKind.LETTER_FAILED,
        about=(
            f"The letter “{letter.get_kind_display()}” has not gone out. {reason} Open it under Letters: pull it back "
            "and write it again, or have an administrator send it again."
            if known
            else f"Nobody knows whether the letter “{letter.get_kind_display()}” was posted. {reason} Ask the family, "
            "and have an administrator settle it."
        ),
        child=letter.child_id,
        referral=letter.referral_id,
        worker=held.worker_id if held else None,
        team=held.team_id if held else None,
        leaders=False,
    )
    tell([failed, replace(failed, worker=letter.approved_by_id)], now=now)


def _held(letter: int) -> Letter:
    """A letter without its PDF, held with its child and referral in the order in which all actions hold them."""
    row = Letter.objects.select_related("child", "interview", "referral__version").defer("pdf").get(pk=letter)
    list(intake.locked(Child.objects.filter(pk=row.child_id)).values_list("pk"))
    list(Referral.objects.filter(pk=row.referral_id).select_for_update(no_key=True).values_list("pk"))
    return row


#: Sent, and Notify has them, and neither it nor (afterwards) a person has said what became of them.
_ON_THEIR_WAY = (
    Q(state=State.SENT)
    & ~Q(outside_status__in=[notify.POSTED, *notify.NEVER_POSTED])
    & ~Q(outside_id="")
    & ~Q(settled_at__gt=F("sent_at"))
)


class Heard(NamedTuple):
    """What Notify said of a letter: as it knows it, or None where it does not know it."""

    letter: int
    known: notify.Known | None


def ask_about_letters(*, now: datetime, **_: object) -> list[Heard]:
    """Ask Notify how the letters stand that are on their way, and whether it has those that are uncertain.

    What there is no time for (ASKED_AT_MOST) is asked about first by the next run. Raises JobError when it does not let
    us ask.
    """
    if not notify.configured():
        return []
    heard = []
    until = monotonic() + ASKED_AT_MOST.total_seconds()
    try:
        for row in to_ask_about(now)[:ASKED_AT_ONCE]:
            if monotonic() >= until:
                break
            if row.state == State.SENT:
                known: notify.Known | None = notify.Known(row.outside_id, notify.status(row.outside_id))
            else:
                known = notify.find(row.reference)
            heard.append(Heard(row.pk, known))
    except NotSentError:
        return heard  # the rest is asked about in an hour
    except RefusedError as refusal:
        raise JobError(str(refusal)) from refusal
    return heard


def to_ask_about(now: datetime) -> QuerySet[Letter]:
    """Letters whose end is not known, those asked about longest ago first; without their PDFs."""
    on_their_way = _ON_THEIR_WAY & Q(sent_at__gt=now - ASKED_FOR)
    uncertain = Q(state=State.UNCERTAIN, sending_since__gt=now - SURELY_KNOWN)
    return (
        Letter.objects.filter(on_their_way | uncertain, channel=Letter.Channel.NOTIFY)
        .defer("pdf")
        .order_by(F("asked_at").asc(nulls_first=True), "pk")
    )


@prepared_by(ask_about_letters)
def ask_notify(*, prepared: list[Heard], now: datetime, **_: object) -> None:
    """Keep what GOV.UK Notify says of letters: on their way, posted, or never to be posted.

    Of which it says nothing, because it has forgotten them or for a month, nobody knows whether they were posted.
    """
    for pk, known in prepared:
        row = _held(pk)
        Letter.objects.filter(pk=pk).update(asked_at=now)
        if known is None:
            continue
        if row.state == State.UNCERTAIN:
            if handover.sent(row, now=now, **known.facts):
                letters.went_out([row], at=now, by=None, now=now)
            continue
        Letter.objects.filter(pk=pk, outside_id=known.id).update(outside_status=known.status)
        why = notify.NEVER_POSTED.get(known.status)
        if why and handover.undelivered(row, reason=why):
            # It was no offer after all, and whoever relied on it has to know.
            letters.no_offer(row, sent_at=row.sent_at)
            _tell_of_failure(row, why, now=now)
        elif known.status == notify.FORGOTTEN:
            _lose_sight_of(row, notify.NO_LONGER_KNOWN, now=now)
    silent = Letter.objects.filter(_ON_THEIR_WAY, channel=Letter.Channel.NOTIFY, sent_at__lte=now - ASKED_FOR)
    for pk in silent.order_by("pk").values_list("pk", flat=True)[:ASKED_AT_ONCE]:
        _lose_sight_of(_held(pk), notify.NEVER_SAID, now=now)


def _lose_sight_of(letter: Letter, reason: str, *, now: datetime) -> None:
    """Put a letter among those of which nobody knows whether they went, and tell; it counts as no offer meanwhile."""
    if handover.lost_sight_of(letter, reason=reason):
        letters.no_offer(letter, sent_at=letter.sent_at)
        _tell_of_failure(letter, reason, known=False, now=now)


@transaction.atomic
def returned(reference: UUID, *, now: datetime) -> bool:
    """Record that Notify's letter of this reference came back; False when there is none that can have gone out.

    What comes back has gone: that ends the doubt about one that is uncertain. It went when it was handed over, and
    never counts as an offer.
    """
    key = Letter.objects.filter(reference=reference, channel=Letter.Channel.NOTIFY).values_list("pk", flat=True).first()
    if key is None:
        return False
    letter = _held(key)
    handover.sent(letter, now=letter.sending_since or now)
    try:
        letters.record_returned(letter, now=now)
    except letters.LetterRefused:
        return False
    return True


def settle(row: Handover, *, went: bool, by: User, now: datetime) -> Handover:
    """Settle what is uncertain, by a person's word: it went, or it is sent again. Answers the row as it then stands.

    Before a letter goes again Notify is asked whether it has it: if so, it went, whatever was chosen. Raises
    SendingRefused when it is settled already, and when Notify cannot be asked.
    """
    known = _asked(row, now) if isinstance(row, Letter) and not went else None
    went_at = _went_at(row, now) if went else None
    with transaction.atomic():
        held: Handover = _held(row.pk) if isinstance(row, Letter) else row
        if known:
            done = handover.sent(held, now=now, **known.facts)
        else:
            done = handover.settle(held, went_at=went_at, by=by, now=now)
        if not done:
            raise SendingRefused("Somebody has settled this meanwhile.")
        _after(held, sent_at=went_at or (now if known else None), by=by, now=now)
    held.refresh_from_db()
    return held


def _went_at(row: Handover, now: datetime) -> datetime:
    """When what went by a person's word did so: when it was handed over, of what is known to have been taken."""
    taken = isinstance(row, Letter) and row.outside_id
    return (row.sending_since or now) if taken else now


def _asked(letter: Letter, now: datetime) -> notify.Known | None:
    """The letter as Notify has it; None where it has not, or cannot tell any more. Raises SendingRefused."""
    if letter.channel != Letter.Channel.NOTIFY or not notify.configured():
        return None
    if letter.sending_since and letter.sending_since <= now - SURELY_KNOWN:
        return None  # the page says that nobody can tell any more
    try:
        return notify.find(letter.reference)
    except (NotSentError, RefusedError) as failure:
        raise SendingRefused(f"{failure} It is asked before a letter goes again. Try again later.") from failure


@transaction.atomic
def send_again(row: Handover, *, by: User, now: datetime) -> Handover:
    """Have what was refused sent again, by a person's word. Raises SendingRefused."""
    if not handover.try_again(row, by=by, now=now):
        raise SendingRefused("Somebody has settled this meanwhile.")
    _after(row, sent_at=None, by=by, now=now)
    return row


@transaction.atomic
def set_aside(row: Handover, *, by: User, now: datetime) -> Handover:
    """Leave what was refused at that, by a person's word. Raises SendingRefused."""
    if not handover.set_aside(row, by=by, now=now):
        raise SendingRefused("Somebody has settled this meanwhile.")
    _on_trail(row, "set aside", by=by, now=now)
    return row


@transaction.atomic
def set_job_aside(job: Job, *, by: User, now: datetime) -> None:
    """Leave a job that was given up at that, and tell of the letter that does not go by it.

    Raises claims.SettledAlreadyError.
    """
    letter = Letter.objects.filter(job=job, state=State.APPROVED).values_list("pk", flat=True).first()
    held = _held(letter) if letter else None
    claims.set_aside(job, by=by, now=now)
    if held:
        held.refresh_from_db(fields=["state", "failure"])
        if held.state == State.FAILED:
            _tell_of_failure(held, held.failure, now=now)


def _after(row: Handover, *, sent_at: datetime | None, by: User, now: datetime) -> None:
    """What follows from a person's word: a letter that went counts as one, what goes again gets a job of its own."""
    if sent_at is None:
        _give_job(row, now=now)
    elif isinstance(row, Letter):
        letters.went_out([row], at=sent_at, by=by, now=now)
    _on_trail(row, "it went" if sent_at else "send again", by=by, now=now)


def _on_trail(row: Handover, decision: str, *, by: User, now: datetime) -> None:
    children = [row.child.child_id] if isinstance(row, Letter) else []
    audit.record(
        audit.Type.SENDING_SETTLED, subject=row, by=by, at=now, children=children, detail={"decision": decision}
    )


SCHEDULE = (Recurring(ask_notify, every=Hourly(minute=20)),)
