"""The form as a document that stands by itself: questions and options as they are worded now, answers, and facts.

While it is being written the document is made afresh for every reading; written up, it is kept as it was made then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from rhi.actions.form_facts import Block, Case, facts
from rhi.questions import SECTIONS
from rhi.questions.shapes import INSTEAD, ROWS, Question, Section, Value

FORMAT = 1


class Said(TypedDict):
    """What was answered to a part of a question. `quoted`: the very words of the question's voice."""

    label: str
    words: list[str]
    quoted: bool


class Cell(TypedDict):
    """What was answered in one column of a row."""

    label: str
    words: str


class Asked(TypedDict):
    """A question as it stood, with its answer in words and as it is stored."""

    key: str
    text: str
    voice: str
    third_party: bool
    options: dict[str, list[list[str]]]
    value: dict[str, Any]
    said: list[Said]
    rows: list[list[Cell]]


class Page(TypedDict):
    """A section as it stood."""

    letter: str
    title: str
    facts: list[Block]
    questions: list[Asked]


class Document(TypedDict):
    """The whole form."""

    format: int
    sections: list[Page]


def document(case: Case, *, now: datetime) -> Document:
    """The form of a case as it stands, as JSON keeps it."""
    known = facts(case, now=now)
    values = case.values
    return {
        "format": FORMAT,
        "sections": [
            _page(section, known.get(section.letter, []), case)
            for section in SECTIONS
            if case.situation.holds(section.asked) or any(values.get(each.key) for each in section.questions)
        ],
    }


def _page(section: Section, known: Sequence[Block], case: Case) -> Page:
    values = case.values
    asked = section.asked_in(case.situation)
    answered_besides = [
        question
        for question in section.questions
        if question.typed and question not in asked and values.get(question.key)
    ]
    return {
        "letter": section.letter,
        "title": section.title,
        "facts": [block for block in known if block["rows"]],
        "questions": [_asked(question, values.get(question.key, {})) for question in [*asked, *answered_besides]],
    }


def _asked(question: Question, value: Value) -> Asked:
    return {
        "key": question.key,
        "text": question.text,
        "voice": question.voice,
        "third_party": question.third_party,
        "options": {
            part.name: [[option.code, option.words] for option in part.options]
            for part in (*question.parts, *question.columns)
            if part.options
        },
        "value": dict(value),
        "said": in_words(question, value),
        "rows": rows_in_words(question, value),
    }


def in_words(question: Question, value: Value) -> list[Said]:
    """An answer in words, part by part; what was left empty is left out."""
    found: list[Said] = []
    for part in question.parts:
        given = value.get(part.name)
        if given:
            codes = given if isinstance(given, list) else [given]
            words = [part.words(code) for code in codes] if part.options else [str(given)]
            label = "" if part.text == question.text or part.name == INSTEAD else part.text
            found.append({"label": label, "words": words, "quoted": part.quoted})
    return found


def rows_in_words(question: Question, value: Value) -> list[list[Cell]]:
    """The rows of a table in words; what was left empty is left out."""
    return [
        [
            {"label": part.text, "words": part.words(str(row[part.name]))}
            for part in question.columns
            if row.get(part.name)
        ]
        for row in value.get(ROWS, ())
    ]
