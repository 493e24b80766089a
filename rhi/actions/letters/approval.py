"""Approving a letter, whereby it is frozen; seconding it; cancelling it or pulling it back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from jobs import claims
from rhi import letters as writing
from rhi.actions.letter_blocks import content_of, in_the_way
from rhi.actions.letter_facts import Around, around
from rhi.actions.letters.holding import LetterRefused, hold_letter, how_it_stands, put_on_trail, with_people
from rhi.models import Letter
from staff import audit
from staff.models import User

State, Channel = Letter.State, Letter.Channel
#: What sends a letter through GOV.UK Notify.
SEND = "rhi.actions.sending.send_letter"


def blocks(letter: Letter, *, now: datetime) -> list[str]:
    """Why a letter may not go out as things stand, in words; empty when it may. Eighteen queries."""
    return in_the_way(letter, around([letter.referral_id], now=now)[letter.referral_id], now=now)


def blocks_of(letters: Collection[Letter], *, now: datetime) -> dict[int, list[str]]:
    """The same of several letters, by their keys, in as many queries as of one."""
    facts = around({letter.referral_id for letter in letters}, now=now)
    return {letter.pk: in_the_way(letter, facts[letter.referral_id], now=now) for letter in letters}


def channels() -> list[tuple[str, str]]:
    """The ways by which a letter can go here, with their words."""
    notify = bool(settings.NOTIFY_API_KEY)
    return [(channel.value, channel.label) for channel in Channel if notify or channel is not Channel.NOTIFY]


def shown_as(letter: Letter, content: writing.Content) -> str:
    """What tells whether a letter still would go to whom, where, why and in which language a person saw it."""
    said = [letter.because, content.language, content.addressee, *content.address]
    return sha256("\n".join(said).encode()).hexdigest()[:20]


def approve(
    letter: Letter,
    *,
    channel: str,
    although_flagged: bool = False,
    confirmed: bool = False,
    language: str = "",
    shown: str = "",
    by: User,
    now: datetime,
) -> Letter:
    """Approve a letter: addressee, address, text and PDF are frozen, and it goes its way.

    `although_flagged` says that a restricted child's letter is to go; it then waits for a second person. `confirmed`
    says that a letter of a child in care may go to this person at this address. `language` is the one to write it in,
    if it is not to stay as proposed. `shown` is what the person saw, as shown_as has it. Raises LetterRefused. The PDF
    is drawn before anything is held locked, and what it was drawn from is looked at again.
    """
    ready = partial(
        _ready,
        channel=channel,
        language=language,
        although_flagged=although_flagged,
        confirmed=confirmed,
        by=by,
        now=now,
    )
    content = ready(letter).content
    try:
        drawn = writing.draw(content)
    except writing.CannotWrite as reason:
        raise LetterRefused(str(reason)) from reason
    with transaction.atomic():
        letter = hold_letter(letter)
        held = ready(letter)
        if held.content != content or (shown and shown_as(letter, content) != shown):
            raise LetterRefused("What is on record has changed since you opened this letter. Look at it once more.")
        letter.addressee, letter.address, letter.language = content.addressee, list(content.address), content.language
        letter.pdf, letter.pages, letter.text_version = drawn.pdf, drawn.pages, drawn.text_version
        letter.approved_at, letter.approved_by, letter.channel = now, by, channel
        if not held.facts.child.restricted:
            _let_go(letter, now=now)
        letter.save(
            update_fields=[
                *("addressee", "address", "language", "pdf", "pages", "text_version"),
                *("approved_at", "approved_by", "channel", "state", "job"),
            ]
        )
        put_on_trail(audit.Type.LETTER_APPROVED, letter, held.facts.child, by=by, now=now, channel=channel)
    return letter


@dataclass(frozen=True)
class Ready:
    """A letter that can be approved: what it rests on and what it says."""

    facts: Around
    content: writing.Content


def _ready(
    letter: Letter,
    *,
    channel: str,
    language: str,
    although_flagged: bool,
    confirmed: bool,
    by: User,
    now: datetime,
) -> Ready:
    """What a letter that is to be approved rests on and says, as things stand. Raises LetterRefused."""
    letter = with_people(letter)
    letter.language = language or letter.language
    if letter.state != State.PROPOSED or letter.approved_at:
        raise LetterRefused(how_it_stands(letter, to=by, now=now))
    facts = around([letter.referral_id], now=now)[letter.referral_id]
    if why := in_the_way(letter, facts, now=now):
        raise LetterRefused(" ".join(why))
    if channel not in dict(channels()):
        raise LetterRefused("No letter can go this way here. Choose another one.", "channel")
    if facts.in_care and not confirmed:
        raise LetterRefused(
            f"{facts.in_care}. Confirm that this person may get the letter, and that the address is right.",
            "confirmed",
        )
    if facts.child.restricted and not although_flagged:
        raise LetterRefused("The child is restricted. Say that the letter is to go all the same.", "although_flagged")
    return Ready(facts, content_of(letter, facts, now=now))


def _let_go(letter: Letter, *, now: datetime) -> None:
    """Let a frozen letter go its way; the caller saves it."""
    letter.state = State.APPROVED
    if letter.channel == Channel.NOTIFY:
        letter.job = claims.enqueue(SEND, arguments={"letter": letter.pk}, due_at=now)


@transaction.atomic
def second(letter: Letter, *, by: User, now: datetime) -> Letter:
    """Approve a restricted child's letter as the second person; it then goes its way. Raises LetterRefused."""
    letter = hold_letter(letter)
    if not letter.approved_at or letter.seconded_by_id or letter.state not in (State.PROPOSED, State.APPROVED):
        raise LetterRefused(how_it_stands(letter, to=by, now=now))
    if letter.approved_by_id == by.pk:
        raise LetterRefused("You approved this letter, so somebody else looks at it as well.")
    letter.seconded_by = by
    facts = around([letter.referral_id], now=now)[letter.referral_id]
    if why := in_the_way(letter, facts, now=now):
        raise LetterRefused(" ".join(why))
    if letter.state == State.PROPOSED:
        _let_go(letter, now=now)
    letter.save(update_fields=["seconded_by", "state", "job"])
    put_on_trail(audit.Type.LETTER_SECONDED, letter, facts.child, by=by, now=now)
    return letter


@transaction.atomic
def cancel(letter: Letter, *, because: str, by: User, now: datetime) -> Letter:
    """Cancel a letter, with the reason; one that was approved is pulled back, until it is posted or being sent.

    Raises LetterRefused.
    """
    if not because.strip():
        raise LetterRefused("Say why.", "because")
    letter = hold_letter(letter)
    if letter.state not in (State.PROPOSED, State.APPROVED, State.FAILED):
        raise LetterRefused(how_it_stands(letter, to=by, now=now))
    letter.state, letter.cancelled_because = State.CANCELLED, because.strip()
    letter.settled_by, letter.settled_at = by, now
    letter.save(update_fields=["state", "cancelled_because", "settled_by", "settled_at"])
    put_on_trail(audit.Type.LETTER_CANCELLED, letter, letter.child, by=by, now=now)
    return letter
