"""Confirming an address that is in doubt: a letter came back from there, or somebody unsafe may live there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rhi import letters as writing
from rhi.actions.letter_blocks import Doubts, content_of, doubts_of
from rhi.actions.letter_facts import Around, around
from rhi.actions.letters.holding import LetterRefused, hold_letter, put_on_trail
from rhi.models import Letter
from staff import audit
from staff.models import User


@transaction.atomic
def confirm_address(letter: Letter, *, because: str, shown: str = "", by: User, now: datetime) -> None:
    """Say that the address of this letter is right whatever speaks against it, and why.

    Where a letter came back from there, letters can go there again, to whoever lives there, until another one comes
    back. That it is not the house of a carer who is not safe to contact, nor another from which a letter came back, is
    said of this letter only, and until either address changes. `shown` is the mark of what the person saw. Raises
    LetterRefused without a reason, when nothing is in doubt (any more), and when what is in doubt has changed.
    """
    if not because.strip():
        raise LetterRefused("Say why the address is right.", "because")
    letter = hold_letter(letter)
    doubts = of_its_address(letter, around([letter.referral_id], now=now)[letter.referral_id], now=now)
    if not doubts:
        raise LetterRefused("Nothing speaks against this address, or somebody has confirmed it meanwhile.")
    if shown and doubts.mark != shown:
        raise LetterRefused("What is on record has changed since you opened this page. Look at it once more.")
    keys = [each.letter for each in doubts.returned]
    Letter.objects.filter(pk__in=keys).update(address_confirmed_at=now, address_confirmed_by=by)
    if doubts.beside:
        letter.confirmed_beside = doubts.mark
        letter.save(update_fields=["confirmed_beside"])
    detail = {
        "because": because.strip(),
        "letters": keys,
        "beside letters": [each.letter for each in doubts.perhaps],
        "beside carers": [carer.pk for carer in doubts.unsafe],
        "beside carers elsewhere": [carer.pk for carer in (*doubts.namesakes, *doubts.neighbours)],
    }
    put_on_trail(audit.Type.ADDRESS_CONFIRMED, letter, letter.child, by=by, now=now, **detail)


def of_its_address(letter: Letter, facts: Around, *, now: datetime) -> Doubts | None:
    """What is in doubt of where this letter would go by now; None where it cannot be written at all."""
    try:
        return doubts_of(letter, content_of(letter, facts, now=now).address, facts)
    except writing.CannotWrite:
        return None
