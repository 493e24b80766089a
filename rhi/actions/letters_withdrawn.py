"""Letters that the clockwork proposed because of what turns out to be a slip: they are withdrawn with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from rhi.actions.letter_facts import around
from rhi.actions.letters.holding import put_on_trail
from rhi.actions.letters_due import Due, due
from rhi.models import Letter, LetterQuerySet
from staff import audit
from staff.models import User

State = Letter.State
#: The states of a letter that has not left and is on its way to nobody.
HERE = (State.PROPOSED, State.APPROVED, State.FAILED)


def called_for(referrals: Collection[int], *, now: datetime) -> dict[int, list[Due]]:
    """What these referrals (primary keys) call for as things stand, of those that have a letter to withdraw.

    One query where none has.
    """
    with_letters = set(_withdrawable(referrals).values_list("referral", flat=True))
    if not with_letters:
        return {}
    return _called_for(with_letters, now=now)


def withdraw(before: Mapping[int, Sequence[Due]], *, because: str, by: User, now: datetime) -> list[Letter]:
    """Cancel the letters that were called for `before` a slip was taken back, and no longer are for what they say.

    `before` is called_for's answer from then, by referral; `because` says what was taken back. Such a cancelled letter
    is nobody's "no": where one is still called for, for another reason, it is proposed again. What somebody wrote by
    hand stays, as does what is being sent or has gone. In the caller's transaction, which holds the referral.
    """
    if not before:
        return []
    after = _called_for(before, now=now)
    withdrawn = []
    for letter in _withdrawable(before).select_related("child").order_by("pk").select_for_update(of=("self",)):
        was = _because(letter, before[letter.referral_id])
        stands = _because(letter, after.get(letter.referral_id, []))
        if was == stands or not was or (stands and not letter.because.startswith(was)):
            continue
        letter.state, letter.cancelled_because, letter.rested_on_slip = State.CANCELLED, because[:1000], True
        letter.settled_by, letter.settled_at = by, now
        letter.save(update_fields=["state", "cancelled_because", "rested_on_slip", "settled_by", "settled_at"])
        put_on_trail(audit.Type.LETTER_CANCELLED, letter, letter.child, by=by, now=now, slip=True)
        withdrawn.append(letter)
    return withdrawn


def _called_for(referrals: Collection[int], *, now: datetime) -> dict[int, list[Due]]:
    """What each calls for. That a child is missing again only puts letters off, so it is left aside here."""
    every = around(referrals, now=now)
    return {key: due(replace(facts, missing=None), now=now) for key, facts in every.items()}


def _withdrawable(referrals: Collection[int]) -> LetterQuerySet:
    rows = Letter.objects.filter(referral__in=list(referrals), state__in=HERE, proposed_by__isnull=True)
    return rows.defer("pdf")


def _because(letter: Letter, called: Sequence[Due]) -> str:
    """What calls for a letter of this kind and step, as a sentence; empty when nothing does."""
    return next((each.because for each in called if (each.kind, each.step) == (letter.kind, letter.step)), "")
