"""How a letter is held while somebody acts on it, and what whoever comes second is told.

Whoever acts holds the child, the carers, the referral and the letter locked, in this order: of two who act at the same
moment the second sees what the first has done, and is told who it was.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from episodes import intake
from episodes.models import Carer, Child
from rhi.models import Letter
from rhi.wording import moment, who_has
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User

State = Letter.State


class LetterRefused(Refused):
    """A letter cannot be proposed, approved, posted or pulled back like this.

    `field` names the answer that is missing, where it is one.
    """

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field


def how_it_stands(letter: Letter, *, to: User, now: datetime) -> str:
    """What has become of a letter and who did it, as it is told to a person."""
    if letter.state == State.CANCELLED and letter.settled_at:
        done = "pulled back" if letter.approved_at else "cancelled"
        return f"{who_has(letter.settled_by, to=to)} {done} this letter, {moment(letter.settled_at, now=now)}."
    if letter.state == State.SENT and letter.sent_at:
        by = f"{who_has(letter.settled_by, to=to)} posted it" if letter.settled_by else "It was sent"
        return f"{by}, {moment(letter.sent_at, now=now)}."
    if letter.state == State.SENDING:
        return "It is being sent at this moment."
    if letter.state in (State.FAILED, State.UNCERTAIN):
        return f"{letter.get_state_display()}: {letter.failure}"
    if letter.approved_at:
        waits = "" if letter.state == State.APPROVED else " A second person has to look at it."
        return (
            f"{who_has(letter.approved_by, to=to)} approved this letter, {moment(letter.approved_at, now=now)}.{waits}"
        )
    return "It has not been approved yet."


def with_people(letter: Letter) -> Letter:
    """The letter as it stands now, with those who have acted on it, without its PDF."""
    return Letter.objects.select_related("approved_by", "settled_by").defer("pdf").get(pk=letter.pk)


def hold_letter(letter: Letter) -> Letter:
    [row] = hold_letters([letter])
    return row


def hold_letters(letters: Sequence[Letter]) -> list[Letter]:
    """The letters as they stand now, without PDFs; held, with all that they rest on, until the transaction ends."""
    hold({letter.child_id for letter in letters}, {letter.referral_id for letter in letters})
    rows = Letter.objects.select_related(
        "child", "interview", "referral__version", "approved_by", "settled_by"
    ).select_for_update(of=("self",))
    return list(rows.defer("pdf").filter(pk__in=[letter.pk for letter in letters]).order_by("pk"))


def hold(children: Collection[int], referrals: Collection[int]) -> None:
    """Hold children, their carers and referrals (primary keys), in the order in which records are recorded too."""
    list(intake.locked(Child.objects.filter(pk__in=children)).values_list("pk"))
    list(intake.locked(Carer.objects.filter(child__in=children)).values_list("pk"))
    list(Referral.objects.filter(pk__in=referrals).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def put_on_trail(
    type: audit.Type,  # noqa: A002 the trail's own word
    letter: Letter,
    child: Child,
    *,
    by: User | None,
    now: datetime,
    **detail: object,
) -> None:
    about = {"referral": letter.referral_id, "kind": letter.kind, "to": letter.to, "step": letter.step}
    audit.record(type, subject=letter, by=by, at=now, children=[child.child_id], detail=about | detail)
