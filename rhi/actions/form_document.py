"""The form as a document that stands by itself: questions and options as they are worded now, answers, and facts.

While it is being written the document is made afresh for every reading; written up, it is kept as it was made then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from rhi.actions.form_facts import Block, Case, facts, on
from rhi.models import SubmittedForm
from rhi.questions import SECTIONS
from rhi.questions.shapes import INSTEAD, ROWS, Kind, Part, Question, Section, Value, day

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
    """The whole form. `labels` are how the facts of the write-up were worded, which are known only later, by key."""

    format: int
    sections: list[Page]
    labels: dict[str, str]


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
        "labels": _labels(),
    }


def _labels() -> dict[str, str]:
    """How the facts of the write-up are worded now, by key."""
    return {each.key: each.text for section in SECTIONS if section.letter == "Q" for each in section.questions}


def _as_worded(blocks: Sequence[Block], labels: Mapping[str, str]) -> list[Block]:
    """Facts under the words that stood when the form was written up."""
    # One that is asked no more has no words left but its key.
    then = {**labels, **{words: labels.get(key, words) for key, words in _labels().items()}}
    return [
        {**block, "rows": [{**row, "text": then.get(row["text"], row["text"])} for row in block["rows"]]}
        for block in blocks
    ]


def frozen_or_draft(case: Case, *, now: datetime) -> dict[str, Page]:
    """The form's sections by letter, as they were written up or as they stand.

    With whom it was shared, and the write-up itself, as they stand.
    """
    draft = {page["letter"]: page for page in document(case, now=now)["sections"]}
    submitted = SubmittedForm.objects.filter(interview=case.interview).first() if case.interview else None
    if submitted is None:
        return draft
    frozen: dict[str, Page] = {page["letter"]: page for page in submitted.document["sections"]}
    # With whom it was shared goes on being recorded after the write-up.
    facts = {letter: draft[letter]["facts"] for letter in ("P", "Q")}
    facts["Q"] = _as_worded(facts["Q"], submitted.document.get("labels", {}))
    return frozen | {letter: {**frozen[letter], "facts": known} for letter, known in facts.items()}


def _page(section: Section, known: Sequence[Block], case: Case) -> Page:
    values = case.values
    asked = section.asked_in(case.situation)
    known_keys = {question.key for question in asked}
    answered_besides = [
        question.of(case.situation)
        for question in section.questions
        if question.typed and question.key not in known_keys and values.get(question.key)
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
            words = [_said(part, code) for code in codes]
            label = "" if part.text == question.text or part.name == INSTEAD else part.text
            found.append({"label": label, "words": words, "quoted": part.quoted})
    return found


def rows_in_words(question: Question, value: Value) -> list[list[Cell]]:
    """The rows of a table in words; what was left empty is left out."""
    return [
        [
            {"label": part.text, "words": _said(part, str(row[part.name]))}
            for part in question.columns
            if row.get(part.name)
        ]
        for row in value.get(ROWS, ())
    ]


def _said(part: Part, given: str) -> str:
    """One thing that stands in a part, in words; a day that is none as it was typed."""
    if part.kind is Kind.DATE:
        known = day(given)
        return on(known) if known else given
    return part.words(given)
