"""Printing letters, marking them as posted, what counts as an offer then, and what comes back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction

from jobs import claims
from rhi import letters as writing
from rhi.actions import contact
from rhi.actions.letters.approval import blocks_of
from rhi.actions.letters.holding import (
    LetterRefused,
    hold_letter,
    hold_letters,
    how_it_stands,
    put_on_trail,
    with_people,
)
from rhi.codes import OfferedTo, OfferRoute
from rhi.models import Letter, LetterKind, Offer
from rhi.wording import moment
from staff import audit
from staff.models import User

State, Channel = Letter.State, Letter.Channel
#: The letters that offer an interview (Somerset 4.6); the others tell of services.
OFFERING = (LetterKind.NO_CONTACT, LetterKind.CHASE)


def print_run(letters: Sequence[Letter], *, again: bool = False, by: User, now: datetime) -> bytes:
    """Approved letters as one PDF to print, each on its own sheets; that they were printed is kept.

    `again` says that what has been printed before is to be printed once more. Raises LetterRefused when one of them is
    no longer to be printed, has been printed meanwhile, or may not go, and while all work is held.
    """
    _refuse_while_held()
    keys = [letter.pk for letter in letters]
    rows = list(Letter.objects.filter(pk__in=keys).order_by("pk"))
    document = writing.run(_refuse_unprintable(rows, keys, again=again, by=by, now=now))
    with transaction.atomic():
        held = hold_letters(rows)
        _refuse_while_held()
        _refuse_unprintable(held, keys, again=again, by=by, now=now)
        Letter.objects.filter(pk__in=keys).update(printed_at=now)
        audit.record(
            audit.Type.LETTERS_PRINTED,
            by=by,
            at=now,
            children=[letter.child.child_id for letter in held],
            detail={"letters": sorted(keys)},
        )
    return document


def _refuse_while_held() -> None:
    """Raise LetterRefused while all work is held: the same letter may have been posted by a hand not on record."""
    if claims.on_hold():
        raise LetterRefused(
            "A backup was restored, and all work is held until an administrator releases it. What was posted since the "
            "backup is not known here, so nothing is printed or marked as posted meanwhile."
        )


def _refuse_unprintable(
    rows: Sequence[Letter], keys: Collection[int], *, again: bool, by: User, now: datetime
) -> Sequence[Letter]:
    """These letters, all of them approved for the print queue and not printed yet but for `again`.

    Raises LetterRefused.
    """
    if not keys or len(rows) != len(set(keys)):
        raise LetterRefused("Choose at least one letter.")
    for letter in rows:
        if letter.state != State.APPROVED or letter.channel != Channel.PRINT:
            raise LetterRefused(f"Letter {letter.pk}: {how_it_stands(with_people(letter), to=by, now=now)}")
        if letter.printed_at and not again:
            raise LetterRefused(
                f"Letter {letter.pk} has been printed already, {moment(letter.printed_at, now=now)}, perhaps by"
                " somebody else, and nothing is printed twice by itself. If it lies in no pile, choose “Print the"
                " ticked again”."
            )
    return _refuse_blocked(rows, now=now)


def _refuse_blocked(rows: Sequence[Letter], *, now: datetime) -> Sequence[Letter]:
    for key, why in blocks_of(rows, now=now).items():
        if why:
            raise LetterRefused(f"Letter {key} may not go: {' '.join(why)} Pull it back.")
    return rows


@transaction.atomic
def mark_posted(letters: Iterable[Letter], *, although: bool = False, by: User, now: datetime) -> list[Letter]:
    """Mark letters of the print queue as posted: all of them or none.

    `although` says that one that should not have gone has gone all the same: what happened is recorded. Raises
    LetterRefused, also while all work is held.
    """
    _refuse_while_held()
    held = hold_letters(list(letters))
    if not held:
        raise LetterRefused("Choose at least one letter.")
    for letter in held:
        if letter.state != State.APPROVED or letter.channel != Channel.PRINT:
            raise LetterRefused(f"Letter {letter.pk}: {how_it_stands(letter, to=by, now=now)}")
    if not although:
        _refuse_blocked(held, now=now)
    for letter in held:
        letter.state, letter.sent_at, letter.settled_by, letter.settled_at = State.SENT, now, by, now
    Letter.objects.bulk_update(held, ["state", "sent_at", "settled_by", "settled_at"])
    went_out(held, at=now, by=by, now=now)
    audit.record(
        audit.Type.LETTERS_POSTED,
        by=by,
        at=now,
        children=[letter.child.child_id for letter in held],
        detail={"letters": [letter.pk for letter in held]} | ({"although": True} if although else {}),
    )
    return held


@transaction.atomic
def settle_printed(letter: Letter, *, posted_at: datetime | None, by: User, now: datetime) -> Letter:
    """Settle a letter of the print queue of which a restored backup does not know whether it was posted.

    It was, at that instant; without one it was not, and waits to be printed again. Raises LetterRefused.
    """
    letter = hold_letter(letter)
    if letter.state != State.UNCERTAIN or letter.channel != Channel.PRINT:
        raise LetterRefused(how_it_stands(letter, to=by, now=now))
    if posted_at and (posted_at > now or (letter.approved_at and posted_at < letter.approved_at)):
        raise LetterRefused("It was posted after it was approved, and not in the future.", "posted_at")
    # The reason of the doubt goes with the doubt.
    letter.failure, letter.sending_since = "", None
    letter.settled_by, letter.settled_at = by, now
    if posted_at:
        letter.state, letter.sent_at = State.SENT, posted_at
    else:
        letter.state, letter.printed_at = State.APPROVED, None
    letter.save(
        update_fields=["state", "sent_at", "printed_at", "sending_since", "failure", "settled_by", "settled_at"]
    )
    if posted_at:
        went_out([letter], at=posted_at, by=by, now=now)
    decision = {"decision": "posted", "posted at": posted_at.isoformat()} if posted_at else {"decision": "print again"}
    put_on_trail(audit.Type.SENDING_SETTLED, letter, letter.child, by=by, now=now, **decision)
    return letter


def went_out(letters: Iterable[Letter], *, at: datetime, by: User | None, now: datetime) -> None:
    """Let letters that went out at an instant count as offers, where the procedure says so.

    In the caller's transaction.

    One offer to each: who has been offered the interview before keeps that offer.
    """
    for letter in letters:
        procedure = letter.referral.version.procedure
        if letter.kind not in OFFERING or not procedure.letters.counts_as_offer:
            continue
        offer, made = Offer.objects.get_or_create(
            interview_id=letter.interview_id,
            to=_offered_to(letter),
            defaults={
                "child_id": letter.child_id,
                "offered_at": at,
                "route": OfferRoute.LETTER,
                "method": next(iter(procedure.methods.interviews)),
                "recorded_by": by,
                "recorded_at": now,
                "typed": dict.fromkeys(("offered_at", "route", "method"), now.isoformat()),
            },
        )
        if made:
            contact.refresh_about(letter.interview)
            audit.record(
                audit.Type.OFFER_RECORDED,
                subject=offer,
                by=by,
                at=now,
                children=[letter.child.child_id],
                detail={"referral": letter.referral_id, "to": offer.to, "route": offer.route, "letter": letter.pk},
            )


@transaction.atomic
def record_returned(letter: Letter, *, now: datetime, by: User | None = None) -> Letter:
    """Record that a letter came back: nothing more is posted to this address, and it was no offer.

    Recorded once; `by` nobody: GOV.UK Notify said so. Raises LetterRefused for one that never went out.
    """
    letter = hold_letter(letter)
    if letter.returned_at:
        return letter
    if letter.state != State.SENT:
        raise LetterRefused("This letter has not gone out, so it cannot have come back.")
    letter.returned_at = now
    letter.save(update_fields=["returned_at"])
    no_offer(letter, sent_at=letter.sent_at)
    put_on_trail(audit.Type.LETTER_RETURNED, letter, letter.child, by=by, now=now)
    return letter


def no_offer(letter: Letter, *, sent_at: datetime | None) -> None:
    """Unmake the offer that a letter counted as when it went out, unless somebody has answered it.

    In the caller's transaction.
    """
    made = Offer.objects.filter(
        interview=letter.interview_id,
        to=_offered_to(letter),
        route=OfferRoute.LETTER,
        offered_at=sent_at,
        response="",
    )
    if made.delete()[0]:
        contact.refresh_about(letter.interview)


def _offered_to(letter: Letter) -> str:
    return OfferedTo.CHILD if letter.to == Letter.To.CHILD else OfferedTo.PARENT
