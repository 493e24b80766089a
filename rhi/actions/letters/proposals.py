"""Proposing a letter: whom it may go to, and that each goes to each person once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from episodes.models import Carer
from procedures.types import Letters
from rhi import letters as writing
from rhi.actions.interviews import of_referral
from rhi.actions.letter_facts import Around, around
from rhi.actions.letters.holding import LetterRefused, hold, put_on_trail
from rhi.addressees import Person, Standing
from rhi.letters.texts import ENGLISH
from rhi.models import Interview, Letter, LetterKind
from rhi.wording import moment, who_has
from routing.models import Referral
from staff import audit
from staff.models import User

State = Letter.State

#: For so long the same letter, asked for again by the same person in the same words, is the same one.
SAME_FOR = timedelta(days=1)


@transaction.atomic
def propose(
    interview: Interview,
    kind: str,
    *,
    to: str,
    carer: Carer | None = None,
    step: int = 1,
    because: str,
    leaflets: Sequence[str] = (),
    language: str = ENGLISH,
    by: User | None = None,
    now: datetime,
) -> Letter:
    """Propose a letter to one person, because of what is said; somebody approves it later. `by` nobody: a job does.

    Raises LetterRefused for whom the rules leave out, for the family of a looked-after child when nobody chose them,
    when this letter has been proposed to them already, and for a language in which there are no texts.
    """
    referral = interview.referral
    hold([referral.child_id], [referral.pk])
    facts = around([referral.pk], now=now)[referral.pk]
    if (to == Letter.To.CARER) is (carer is None):
        raise LetterRefused("A letter to a carer names the carer, and one to the child names none.")
    person = facts.person(carer.pk if carer else None)
    if why := why_not_to(person, chosen=by is not None):
        raise LetterRefused(why, "to")
    if language not in dict(writing.languages(facts.gathered.version.procedure.name)):
        raise LetterRefused("There are no texts of letters in this language.", "language")
    if earlier := _same(facts, kind, step, carer):
        who = who_has(earlier.proposed_by, to=by) if earlier.proposed_by else "The clockwork has"
        raise LetterRefused(f"{who} already proposed this letter, {moment(earlier.proposed_at, now=now)}.")
    letter = Letter.objects.create(
        state=State.PROPOSED,
        child_id=referral.child_id,
        referral=referral,
        interview=interview,
        kind=kind,
        step=step,
        to=to,
        carer=carer,
        because=because,
        proposed_at=now,
        proposed_by=by,
        although=person.because if person and person.standing is Standing.ON_CHOICE else "",
        placement=facts.placement,
        leaflets=list(leaflets),
        language=language,
    )
    put_on_trail(audit.Type.LETTER_PROPOSED, letter, facts.child, by=by, now=now)
    return letter


@transaction.atomic
def write(
    referral: Referral,
    kind: str,
    *,
    carer: Carer | None,
    because: str,
    leaflets: Sequence[str] = (),
    language: str = ENGLISH,
    by: User,
    now: datetime,
) -> Letter:
    """Propose a letter that somebody wants written, to the child or (`carer`) to one carer. Raises LetterRefused.

    A chase letter is the next of its steps. The same letter sent twice by the same person is proposed once.
    """
    hold([referral.child_id], [referral.pk])
    written = Letter.objects.filter(referral=referral, kind=kind, carer=carer, because=because, proposed_by=by)
    before = written.filter(language=language, proposed_at__gt=now - SAME_FOR).exclude(state=State.CANCELLED)
    if same := next((each for each in before.order_by("pk") if each.leaflets == list(leaflets)), None):
        return same
    sent = Letter.objects.filter(referral=referral, kind=kind, carer=carer).exclude(state=State.CANCELLED)
    last = sent.aggregate(step=Max("step"))["step"] or 0
    return propose(
        of_referral(referral),
        kind,
        to=Letter.To.CARER if carer else Letter.To.CHILD,
        carer=carer,
        step=last + 1 if kind == LetterKind.CHASE else 1,
        because=because,
        leaflets=leaflets,
        language=language,
        by=by,
        now=now,
    )


def kinds(rules: Letters) -> list[tuple[str, str]]:
    """The kinds of letters that can be written under a procedure, with their words: services always, on request."""
    sent = {
        LetterKind.NO_CONTACT: rules.no_contact,
        LetterKind.REFUSAL: rules.refusal,
        LetterKind.CHASE: bool(rules.chase_after_working_days),
    }
    return [(kind.value, kind.label) for kind in LetterKind if sent.get(kind, True)]


def why_not_to(person: Person | None, *, chosen: bool) -> str:
    """Why somebody gets no letter, in words; empty when they do. `chosen` says that a worker chose them."""
    if person is None:
        return "They are not on record as a carer of this child."
    if person.standing is Standing.NEVER or (person.standing is Standing.ON_CHOICE and not chosen):
        return person.because
    return ""


def _same(facts: Around, kind: str, step: int, carer: Carer | None) -> Letter | None:
    """A letter of this kind and step that the person gets or has got already. Services are pointed to at any time."""
    if kind == LetterKind.SIGNPOSTING:
        return None
    wanted = (kind, step, carer.pk if carer else None)
    same = (each for each in facts.of_this_referral() if (each.kind, each.step, each.carer_id) == wanted)
    return next((each for each in same if each.state != State.CANCELLED), None)
