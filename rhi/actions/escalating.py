"""A worry that a reader puts to a manager, who answers it in words (Nottinghamshire 7: management oversight)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from episodes.access import named_of, sees_once_held
from episodes.models import Child, visible
from procedures.calendar import local_date
from rhi.access import AFTERWARDS
from rhi.actions.interviews import locked
from rhi.actions.telling import away, strangers
from rhi.models import Escalation, Notice, NoticeKind
from rhi.wording import moment
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User, leavers
from staff.permissions import ROLES, Permission, Role, allowed

#: The roles of those to whom a worry can be put, managers first.
ANSWERING = sorted(
    (role for role in Role if Permission.ANSWER_WORRIES in ROLES[role]), key=lambda role: role != Role.MANAGER
)


class EscalationRefused(Refused):
    """A worry cannot be put to this person, answered or withdrawn."""


@dataclass(frozen=True)
class Answerer:
    """Somebody to whom a worry can be put, and the last day on which they are away, if they are."""

    person: User
    away_until: date | None


def answerers(referral: Referral, *, by: User, now: datetime) -> list[Answerer]:
    """To whom somebody can put a worry about a referral: managers first, then by name. Five queries at most."""
    today = local_date(now)
    order = Case(*[When(role=role, then=Value(number)) for number, role in enumerate(ANSWERING)])
    here = User.objects.filter(role__in=ANSWERING).exclude(pk__in=leavers(today).values("pk")).exclude(pk=by.pk)
    named = named_of([referral.child], now)
    people = [person for person in here.order_by(order, "name", "pk") if _may_be_told(person, referral.child, named)]
    unknown, absent = strangers(people), away([person.pk for person in people], on=today)
    return [
        Answerer(person, absent[person.pk].until if person.pk in absent else None)
        for person in people
        if person.pk not in unknown
    ]


def _may_be_told(person: User, child: Child, named: dict[int, set[int]]) -> bool:
    """Whether a worry about this child may be put to somebody: of a restricted child to those who may see the child."""
    if child.pk not in named:
        return True
    return allowed(person, Permission.SEE_REFERRALS) and sees_once_held(person, named[child.pk])


@transaction.atomic
def escalate(referral: Referral, *, to: User, because: str, by: User, now: datetime) -> Escalation:
    """Put a worry to a named person, who is told, and in whose work it lies until she answers.

    It lets her read the interview (`put_to`), and nothing else. Raises EscalationRefused for oneself, for whoever has
    left or answers no worries, of a restricted child for whoever may not see the child, and while another worry about
    the referral waits for the same person.
    """
    referral = locked(referral)
    if to.pk == by.pk:
        raise EscalationRefused("Put it to somebody else: you know of it already.")
    if to.has_left(local_date(now)):
        raise EscalationRefused(f"{to} has left. Choose somebody else.")
    if not allowed(to, Permission.ANSWER_WORRIES):
        raise EscalationRefused(f"{to} is no manager, team leader or missing coordinator. Choose one.")
    if not _may_be_told(to, referral.child, named_of([referral.child], now)):
        raise EscalationRefused(
            f"The child is restricted, and {to} may not see the child. Choose somebody who is named for the child, or "
            "ask a missing coordinator to name them first."
        )
    open_already = Escalation.objects.filter(referral=referral, to=to, answered_at__isnull=True).select_related("by")
    if waiting := open_already.first():
        raise EscalationRefused(
            f"{waiting.by} put a worry about this referral to {to}, {moment(waiting.at, now=now)}. "
            f"{to} has not answered yet. Choose somebody else, or wait for the answer."
        )
    worry = Escalation.objects.create(
        child_id=referral.child_id, referral=referral, to=to, because=because, by=by, at=now
    )
    about = f"A worry about the child of referral {referral} is put to you. It waits in My work."
    _tell(worry, to, NoticeKind.ESCALATED, about, by=by, now=now)
    _put_on_trail(audit.Type.ESCALATED, worry, by=by, now=now)
    return worry


def put_to(user: User, now: datetime) -> QuerySet[Escalation]:
    """The worries that a person may open: unanswered ones put to her and, for fourteen days, those that she answered.

    One about a child who has been restricted since only if she may see the child.
    """
    answered = Q(answered_by=F("to"), answered_at__gt=now - AFTERWARDS)
    seen = Q(child__restricted=False) | visible(user, now, child="child__")
    return Escalation.objects.filter(Q(answered_at__isnull=True) | answered, seen, to=user.pk)


@transaction.atomic
def answer(worry: Escalation, *, words: str, by: User, now: datetime) -> Escalation:
    """Answer in words what was put to one; whoever asked is told. Raises EscalationRefused."""
    worry = _held(worry)
    _refuse_closed(worry, now=now)
    if worry.to_id != by.pk:
        raise EscalationRefused(f"This was put to {worry.to}, who answers it.")
    _close(worry, words, by=by, now=now)
    about = f"{by} has answered the worry that you put about referral {worry.referral}. The referral has the answer."
    _tell(worry, worry.by, NoticeKind.ANSWERED, about, by=by, now=now)
    return worry


@transaction.atomic
def withdraw(worry: Escalation, *, because: str, by: User, now: datetime) -> Escalation:
    """Withdraw a worry that nobody has answered, with the reason: whom it was put to has left, or was the wrong person.

    It is no longer open to her. Whoever had put it is told if it was not they. Raises EscalationRefused.
    """
    worry = _held(worry)
    _refuse_closed(worry, now=now)
    if worry.to_id == by.pk:
        raise EscalationRefused("This was put to you. Answer it instead.")
    _close(worry, because, by=by, now=now)
    if worry.by_id != by.pk:
        about = f"{by} has withdrawn the worry that you put about referral {worry.referral}. The referral says why."
        _tell(worry, worry.by, NoticeKind.ANSWERED, about, by=by, now=now)
    return worry


def _held(worry: Escalation) -> Escalation:
    """The worry as it stands now, its referral held until the transaction ends."""
    locked(worry.referral)
    return Escalation.objects.select_related("child", "referral", "to", "by", "answered_by").get(pk=worry.pk)


def _refuse_closed(worry: Escalation, *, now: datetime) -> None:
    if worry.answered_at:
        how = "answered" if worry.answered_by_id == worry.to_id else "withdrew"
        raise EscalationRefused(f"{worry.answered_by} {how} this, {moment(worry.answered_at, now=now)}.")


def _close(worry: Escalation, words: str, *, by: User, now: datetime) -> None:
    worry.answer, worry.answered_at, worry.answered_by = words, now, by
    worry.save(update_fields=["answer", "answered_at", "answered_by"])
    # Her notice sends her to what is no longer in her work.
    Notice.objects.filter(to=worry.to_id, key=_key(worry), seen_at__isnull=True).update(seen_at=now)
    _put_on_trail(audit.Type.ESCALATION_ANSWERED, worry, by=by, now=now)


def _key(worry: Escalation) -> str:
    return f"{NoticeKind.ESCALATED}:{worry.pk}"


def _tell(worry: Escalation, to: User, kind: NoticeKind, about: str, *, by: User, now: datetime) -> None:
    Notice.objects.create(
        child_id=worry.child_id,
        to=to,
        kind=kind,
        key=_key(worry) if kind == NoticeKind.ESCALATED else "",
        referral_id=worry.referral_id,
        about=about,
        by=by,
        at=now,
    )


def _put_on_trail(line: audit.Type, worry: Escalation, *, by: User, now: datetime) -> None:
    audit.record(
        line,
        subject=worry,
        by=by,
        at=now,
        children=[worry.child.child_id],
        detail={"referral": worry.referral_id, "to": worry.to_id},
    )
