"""The letters of one referral, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from episodes.models import Child, Service
from procedures.calendar import local_date
from procedures.types import Letters
from rhi.actions.letter_facts import day_of_return, people_of
from rhi.addressees import Standing
from rhi.models import Letter, Notice, NoticeKind
from rhi.views.case import Case
from rhi.views.letters import TONES, left_out_of
from rhi.wording import moment

State = Letter.State
WHEN_NOT_REACHED = "when nobody was reached and the days for trying are over, or at once with the outcome “No contact”"


class Row(NamedTuple):
    """One letter: who it is to, its state with the tone for it, and since when."""

    letter: Letter
    to: str
    state: str
    tone: str
    since: str


@dataclass(frozen=True)
class LettersOf:
    """What the page says of letters. `when` says when they come where there are none yet.

    `unaddressed`: one is due and nobody may get it, for the reasons in `left_out`.
    """

    rows: list[Row]
    unaddressed: bool
    left_out: list[tuple[str, str]]
    when: str


def letters_of(case: Case, *, now: datetime) -> LettersOf:
    """Gather it: one query."""
    referral, letters = case.referral, case.letters
    rules, child = referral.version.procedure.letters, referral.child
    people = people_of(
        child,
        case.carers,
        day=day_of_return([cover.episode for cover in case.covered]) or local_date(now),
        looked_after=any(involvement.service == Service.LOOKED_AFTER for involvement in case.involvements),
        rules=rules,
    )
    told = Notice.objects.filter(referral=referral, kind=NoticeKind.NO_ADDRESSEE).values_list("key", flat=True)
    kinds = {key.split(":")[2] for key in told} - {letter.kind for letter in letters}
    return LettersOf(
        rows=[_row(letter, to_whom(letter, child), now) for letter in letters],
        unaddressed=bool(kinds) and not any(person.standing is Standing.GETS for person in people),
        left_out=left_out_of(people, child, tuple(case.carers)),
        when=_when(rules),
    )


def to_whom(letter: Letter, child: Child) -> str:
    """Who a letter is to, by name: as frozen, else as on record."""
    return letter.addressee or (letter.carer.name if letter.carer else f"{child.first_name} {child.last_name}")


def _row(letter: Letter, to: str, now: datetime) -> Row:
    at = {State.CANCELLED: letter.settled_at, State.SENT: letter.sent_at, State.APPROVED: letter.approved_at}
    state = State(letter.state)
    return Row(letter, to, state.label, TONES[state], moment(at.get(state) or letter.proposed_at, now=now))


def _when(rules: Letters) -> str:
    """When letters are proposed by themselves, as one sentence."""
    days = " and ".join(str(number) for number in rules.chase_after_working_days)
    whens = [
        *([WHEN_NOT_REACHED] if rules.no_contact else []),
        *(["after the child’s refusal"] if rules.refusal else []),
        *([f"{days} working days after the first offer or attempt without an answer"] if days else []),
    ]
    if not whens:
        return "None yet. This procedure proposes none by itself."
    return f"None yet. One is proposed {'; '.join([*whens[:-1], f'or {whens[-1]}'] if len(whens) > 1 else whens)}."
