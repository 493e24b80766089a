"""What the interview's form is made of: sections, questions, their parts, and when each is asked or required.

Pure. A question's answer is a mapping from part name to what stands there; what was left empty is not in it:

    {"answer": "yes", "detail": "…"}        one choice, with words beside it
    {"answer": ["physical", "sexual"]}      several choices
    {"rows": [{"place": "…"}, …]}           a table
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

MAIN = "answer"
INSTEAD = "instead"
ROWS = "rows"

Value = Mapping[str, Any]
Answers = Mapping[str, Value]


class Kind(StrEnum):
    """How a part is answered."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    MULTI = "multi"
    DATE = "date"


class Voice(StrEnum):
    """Whose words or view an answer is. The child's are quoted and kept apart from all others (Somerset 4.10)."""

    CHILD = "child"
    CARER = "carer"
    WORKER = "worker"


class Rule(StrEnum):
    """When a section or question is asked, or a question must be answered."""

    ALWAYS = "always"
    NEVER = "never"
    HELD = "held"
    NOT_HELD = "not held"
    DECLINED = "declined by the child"
    LOOKED_AFTER = "looked after"
    REPEAT = "missing before"
    NOT_SHARED = "nothing recorded as shared"
    PLACEMENT_NOT_TOLD = "held, and not recorded what the placement was told"


@dataclass(frozen=True)
class Situation:
    """What is known of the interview that decides which questions are asked, and the lists of its procedure."""

    held: bool = False
    declined: bool = False
    looked_after: bool = False
    repeat: bool = False
    shared: bool = False
    placement_told: bool = False
    no_plan_reasons: tuple[str, ...] = ()

    def holds(self, rule: Rule) -> bool:
        """Whether a rule applies here."""
        return {
            Rule.ALWAYS: True,
            Rule.NEVER: False,
            Rule.HELD: self.held,
            Rule.NOT_HELD: not self.held,
            Rule.DECLINED: self.declined,
            Rule.LOOKED_AFTER: self.looked_after,
            Rule.REPEAT: self.repeat,
            Rule.NOT_SHARED: not self.shared,
            Rule.PLACEMENT_NOT_TOLD: self.held and not self.placement_told,
        }[rule]


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen. `alone`: not together with another; `unless`: not where this rule holds."""

    code: str
    words: str
    alone: bool = False
    unless: Rule | None = None


def options(*words: str, alone: tuple[str, ...] = ()) -> tuple[Option, ...]:
    """Options of these words; each one's code, which is what is stored, is made of its words."""
    return tuple(Option(re.sub(r"[^a-z0-9]+", "_", each.lower()).strip("_"), each, each in alone) for each in words)


#: Every question to a child offers both.
CHILD_MAY = (Option("not_asked", "Not asked", alone=True), Option("declined_to_say", "Declined to say", alone=True))
YES_NO = options("Yes", "No")


def chosen(value: Value, part: str) -> frozenset[str]:
    """The codes that stand in a part, whether one or several can be chosen."""
    given = value.get(part, ())
    return frozenset([given] if isinstance(given, str) else given)


def day(written: str) -> date | None:
    """The day that stands in an answer; None when it is not, or not yet, one."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


@dataclass(frozen=True)
class Part:
    """One thing to fill in. `optional` parts are never required, but when the main answer is among `demanded_by`.

    `quoted`: exact words of the question's voice. `small`: drawn as a list that opens, where room is short. `listed_as`
    names the list of the procedure from which its options come; where there is none, the part is not there. `withheld`
    are the codes that are no answer in the situation at hand.
    """

    name: str
    kind: Kind
    text: str = ""
    options: tuple[Option, ...] = ()
    optional: bool = False
    demanded_by: frozenset[str] = frozenset()
    quoted: bool = False
    small: bool = False
    listed_as: str = ""
    withheld: frozenset[str] = frozenset()

    def demanded(self, value: Value) -> bool:
        """Whether this part must be filled in beside what else is answered."""
        if self.listed_as and not self.options:
            return False
        return not self.optional or bool(self.demanded_by & chosen(value, MAIN))

    def unclear(self, given: Any) -> bool:
        """Whether what stands here cannot be right: a day that is none, an answer that stands alone beside others."""
        if self.kind is Kind.DATE:
            return bool(given) and day(given) is None
        return self.kind is Kind.MULTI and len(given or ()) > 1 and any(each.alone for each in self.options_in(given))

    def of(self, situation: Situation) -> Part:
        """The part with the list of its procedure, and without the options that are no answer in a situation."""
        if self.listed_as:
            return replace(self, options=options(*getattr(situation, self.listed_as)))
        out = frozenset(each.code for each in self.options if each.unless and situation.holds(each.unless))
        if not out:
            return self
        return replace(self, options=tuple(each for each in self.options if each.code not in out), withheld=out)

    def options_in(self, given: Any) -> list[Option]:
        """The options that were chosen."""
        return [option for option in self.options if option.code in given]

    def words(self, code: str) -> str:
        """An option in words; a code that is no longer among the options stands for itself."""
        return next((option.words for option in self.options if option.code == code), code)


@dataclass(frozen=True)
class When:
    """That another question was answered by one of these codes."""

    question: str
    any_of: frozenset[str]
    part: str = MAIN

    def holds(self, answers: Answers) -> bool:
        """Whether it was."""
        return bool(self.any_of & chosen(answers.get(self.question, {}), self.part))


@dataclass(frozen=True)
class Question:
    """One question of the form. `fact`: what the records say is shown and not typed again; parts may stand beside it.

    `columns` make a table of at most `room` rows. `third_party`: names people other than the child. `listed` are the
    keys of the list of fields (docs/form-fields.csv) that it stands for, where they are not its own.
    """

    key: str
    text: str
    voice: Voice = Voice.WORKER
    parts: tuple[Part, ...] = ()
    columns: tuple[Part, ...] = ()
    asked: Rule = Rule.ALWAYS
    required: Rule = Rule.NEVER
    when: When | None = None
    hint: str = ""
    fact: bool = False
    third_party: bool = False
    listed: tuple[str, ...] = ()
    room: int = 30

    @property
    def typed(self) -> bool:
        """Whether there is anything to fill in."""
        return bool(self.parts or self.columns)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the list of fields that this question stands for."""
        return self.listed or (self.key,)

    def of(self, situation: Situation) -> Question:
        """The question with the lists of its procedure (Somerset 4.13), and the options that are answers here."""
        filled = [part.of(situation) for part in self.parts]
        parts = tuple(part for part in filled if part.options or not part.listed_as)
        return self if parts == self.parts else replace(self, parts=parts)

    def is_required(self, situation: Situation, answers: Answers) -> bool:
        """Whether the form cannot be written up without it."""
        return situation.holds(self.required) and (self.when is None or self.when.holds(answers))

    def is_unclear(self, value: Value) -> bool:
        """Whether an answer contradicts itself or holds a day that is none. It is kept while the form is written."""
        rows = [(part, row.get(part.name)) for row in value.get(ROWS, ()) for part in self.columns]
        parts = [(part, value.get(part.name)) for part in self.parts]
        return any(part.unclear(given) for part, given in parts + rows) or (bool(value.get(INSTEAD)) and len(value) > 1)

    def is_complete(self, value: Value) -> bool:
        """Whether an answer has everything that it needs; that a child was not asked is an answer."""
        if self.is_unclear(value) or any(row_lacks(self.columns, row) for row in value.get(ROWS, ())):
            return False
        if any(part.withheld & chosen(value, part.name) for part in self.parts):
            return False
        if value.get(INSTEAD):
            return True
        if self.columns and not value.get(ROWS):
            return False
        return all(value.get(part.name) for part in self.parts if part.name != INSTEAD and part.demanded(value))


def row_lacks(columns: tuple[Part, ...], row: Value) -> list[Part]:
    """The columns that a row which was begun still needs."""
    return [part for part in columns if not part.optional and not row.get(part.name)]


@dataclass(frozen=True)
class Section:
    """A part of the form with its own page."""

    letter: str
    title: str
    questions: tuple[Question, ...]
    asked: Rule = Rule.ALWAYS
    about: str = ""

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return re.sub(r"[^a-z]+", "-", self.title.lower()).strip("-")

    def asked_in(self, situation: Situation) -> tuple[Question, ...]:
        """The questions to be filled in here."""
        if not situation.holds(self.asked):
            return ()
        return tuple(each.of(situation) for each in self.questions if each.typed and situation.holds(each.asked))


# How questions are declared


def fact(key: str, text: str, *parts: Part, **more: Any) -> Question:
    """What the records say."""
    return Question(key, text, parts=parts, fact=True, **more)


def detail(text: str, *, demanded_by: tuple[str, ...] = (), kind: Kind = Kind.TEXT, quoted: bool = False) -> Part:
    """Words beside a choice."""
    return Part("detail", kind, text, optional=True, demanded_by=frozenset(demanded_by), quoted=quoted)


def choice(key: str, text: str, choices: tuple[Option, ...], *beside: Part, **more: Any) -> Question:
    """One of several answers."""
    return Question(key, text, parts=(Part(MAIN, Kind.CHOICE, text, choices), *beside), **more)


def multi(key: str, text: str, choices: tuple[Option, ...], *beside: Part, **more: Any) -> Question:
    """Any of several answers."""
    return Question(key, text, parts=(Part(MAIN, Kind.MULTI, text, choices), *beside), **more)


def text(key: str, words: str, *, long: bool = False, **more: Any) -> Question:
    """An answer in words."""
    return Question(key, words, parts=(Part(MAIN, Kind.LONG if long else Kind.TEXT, words),), **more)


def to_child(question: Question) -> Question:
    """The question as it is put to a child: it may not have been asked, and the child may decline to say.

    Where the answer is one or several choices both stand among them; beside words and tables they stand apart.
    """
    if question.parts and question.parts[0].kind in (Kind.CHOICE, Kind.MULTI):
        parts = tuple(
            replace(part, options=part.options + tuple(each for each in CHILD_MAY if each not in _as_alone(part)))
            if part.options
            else part
            for part in question.parts
        )
    else:
        words = tuple(replace(part, quoted=True) for part in question.parts)
        parts = (*words, Part(INSTEAD, Kind.MULTI, "If there is no answer", CHILD_MAY, optional=True))
    return replace(question, voice=Voice.CHILD, parts=parts)


def _as_alone(part: Part) -> set[Option]:
    return {replace(option, alone=True) for option in part.options}
