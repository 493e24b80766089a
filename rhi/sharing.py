"""What may be shared with whom, and what an interview asks to be shared. Pure.

The child's wish is asked for each recipient (the form's `child_agrees_share`). It decides what a parent, a placement, a
school and others learn; it is not the lawful basis, and professionals are told what their duty needs. Recipients, what,
how and basis are named as rhi.models.Share names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from rhi.questions.shapes import chosen

#: The question of the form that asks for it.
WISHES = "child_agrees_share"

#: For these recipients the child is asked; the part of that question that asks.
ASKED_FOR = {
    "parent": "parent",
    "placement": "carer_or_placement",
    "school": "school",
    "health": "health",
    "other": "other",
}
#: Without the child's agreement these learn no more than that the interview was held (Somerset 4.15).
BY_WISH = frozenset({"parent", "placement", "school", "other"})
#: Whose duty needs the names of other people too. Everybody else gets the form without them.
WITH_OTHER_PEOPLE = frozenset({"social_worker", "other_authority", "police", "mash"})
#: On what basis something is shared that the child does not agree to.
OVERRIDING = frozenset({"harm", "court"})
#: How much is shared that rests on what was said.
CONTENT = frozenset({"form", "details"})


class Wish(StrEnum):
    """What the child wants for one recipient."""

    AGREES = "agrees"
    REFUSES = "does_not_agree"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class Around:
    """What of an interview decides what may be shared. `theirs`: the child is another authority's."""

    wishes: Mapping[str, Any]
    held: bool
    written_up: bool
    theirs: bool

    def wish(self, to: str) -> Wish:
        """What the child wants for a recipient; that nobody asked, or the child did not say, is no agreement."""
        said = chosen(self.wishes, ASKED_FOR[to]) if to in ASKED_FOR else frozenset()
        return next((wish for wish in (Wish.AGREES, Wish.REFUSES) if wish in said), Wish.NOT_KNOWN)

    def agreed(self, to: str) -> bool:
        """Whether what was said may reach a recipient without anybody's override."""
        wish = self.wish(to)
        return wish is Wish.AGREES or (to not in BY_WISH and wish is Wish.NOT_KNOWN)

    def instead(self, to: str) -> str:
        """What somebody is told with whom nothing more is shared; empty of professionals, who are told what is needed.

        The placement of another authority's child is advised to ask the child's social worker (Somerset 8.1.3); others
        learn that the interview was held, when, and that it was not agreed to share (Somerset 4.15).
        """
        if to not in BY_WISH or self.agreed(to):
            return ""
        return "took_place" if self.held and not (self.theirs and to == "placement") else "ask_social_worker"


@dataclass(frozen=True)
class Proposed:
    """Something to be shared, as somebody records it."""

    to: str
    what: str
    how: str
    basis: str
    said: str = ""
    because: str = ""
    approved: bool = False


@dataclass(frozen=True)
class Objection:
    """Why something cannot be shared like this; `field` names the answer that is to be changed."""

    field: str
    words: str


def against_wish(proposed: Proposed, around: Around) -> bool:
    """Whether what was said reaches somebody whom the child has not agreed to."""
    return proposed.what in CONTENT and not around.agreed(proposed.to)


def objection(proposed: Proposed, around: Around) -> Objection | None:
    """What speaks against recording it like this; None when nothing does."""
    if proposed.what in CONTENT:
        return _of_content(proposed, around)
    if proposed.to not in BY_WISH:
        return Objection("what", "This is for a parent, a placement or a school. Tell a professional what they need.")
    if proposed.what == "took_place":
        return _of_taking_place(proposed, around)
    return None


def _of_taking_place(proposed: Proposed, around: Around) -> Objection | None:
    if not around.held:
        return Objection("what", "No interview was held, so it cannot be said that one took place.")
    if around.agreed(proposed.to):
        return Objection("what", "The child agrees that they learn more, so this would not be true.")
    if around.theirs and proposed.to == "placement":
        return Objection("what", f"The child is another authority’s. {ASK} (Somerset 8.1.3).")
    return None


ASK = "Their placement is advised to ask the child’s social worker"


def _of_content(proposed: Proposed, around: Around) -> Objection | None:
    if proposed.what == "form" and not around.written_up:
        return Objection("what", "The form has not been written up yet. Share what is relevant to them instead.")
    if proposed.what == "form" and proposed.how == "phone":
        return Objection("how", "The form cannot be given by telephone. Choose how it was sent.")
    if proposed.what == "details" and not proposed.said:
        return Objection("said", "Say what was passed on.")
    wish = around.wish(proposed.to)
    if proposed.basis == "agreed" and proposed.to in ASKED_FOR and wish is not Wish.AGREES:
        return Objection("basis", f"{_not_agreed(wish)} {_instead(proposed, around)}")
    if not against_wish(proposed, around):
        return None
    if proposed.basis not in OVERRIDING:
        return Objection("basis", f"{_not_agreed(wish)} {_instead(proposed, around)}")
    if not proposed.because:
        return Objection("because", "Say why this is shared although the child has not agreed.")
    if not proposed.approved:
        return Objection("approved_by", "Choose who approved that this is shared although the child has not agreed.")
    return None


def _not_agreed(wish: Wish) -> str:
    if wish is Wish.REFUSES:
        return "The child does not agree that they learn what was said."
    return "The form does not say that the child agrees to this."


def _instead(proposed: Proposed, around: Around) -> str:
    """What to do about it, in words."""
    more = "Only an immediate safeguarding concern or an order of a court goes before that, with the reason and who"
    more = f"{more} approved it."
    match around.instead(proposed.to):
        case "took_place":
            return f"Tell them only that the interview took place, and on which day. {more}"
        case "ask_social_worker":
            return f"Tell them only that they should ask the child’s social worker. {more}"
        case _:
            return more


def settles(what: str, to: str) -> bool:
    """Whether a share is what was owed to a recipient: of a professional, something of what was said."""
    return to in BY_WISH or what in CONTENT


# Texts to copy or download: what people say elsewhere in the product's words


def took_place(held_on: date) -> str:
    """What a placement or parent learns without agreement: three things, and nothing from the form (Somerset 4.15)."""
    return (
        "A return home interview has been held.\n"
        f"It was held on {in_words(held_on)}.\n"
        "Agreement to share what was said has not been given.\n"
    )


def ask_social_worker() -> str:
    """What the placement of another authority's child is told otherwise (Somerset 8.1.3): just that."""
    return "Please ask the child’s social worker for information.\n"


@dataclass(frozen=True)
class Told:
    """What the notes for other systems of ours say. Days are local; `episodes` with when each began and ended."""

    reference: str
    episodes: tuple[tuple[date, date | None], ...]
    outcomes: tuple[str, ...]
    held_on: date | None
    method: str
    worker: str
    offered: tuple[str, ...]
    risks: tuple[tuple[str, str], ...] = ()
    plan: str = ""
    actions: tuple[str, ...] = ()
    analysis: str = ""


def event_note(told: Told) -> str:
    """The significant-event note for the early help record (Somerset 4.19): short."""
    lines = ["Significant event: child missing, return home interview", *_course(told)]
    lines.append(f"Offered: {'; '.join(told.offered) if told.offered else 'nothing further recorded'}")
    return "\n".join([*lines, f"Our reference: {told.reference}", ""])


def case_note(told: Told) -> str:
    """The case note for the main record (Nottinghamshire, the child's electronic file): what became of it, in short."""
    lines = ["Case note: return home interview", *_course(told)]
    lines += [f"Risk, {name.lower()}: {words}" for name, words in told.risks]
    lines += [f"Prevention or safety plan: {told.plan}"] if told.plan else []
    lines += [f"Offered: {'; '.join(told.offered)}"] if told.offered else []
    lines += [f"To be done: {'; '.join(told.actions)}"] if told.actions else []
    lines += ["", "Summary and analysis:", told.analysis] if told.analysis else []
    return "\n".join([*lines, f"Our reference: {told.reference}", ""])


def _course(told: Told) -> list[str]:
    """What both notes begin with."""
    lines = [f"Missing: {_span(*episode)}" for episode in told.episodes]
    lines += [f"Outcome: {outcome}" for outcome in told.outcomes]
    if told.held_on:
        lines.append(f"Interview held: {in_words(told.held_on)}{f', {told.method.lower()}' if told.method else ''}")
    lines += [f"Worker: {told.worker}"] if told.worker else []
    return lines


def _span(began: date, ended: date | None) -> str:
    if ended is None:
        return f"from {in_words(began)}"
    return in_words(began) if began == ended else f"{in_words(began)} to {in_words(ended)}"


def in_words(day: date) -> str:
    """A day as it is written to others: `13 May 2026`."""
    return f"{day.day} {day:%B %Y}"
