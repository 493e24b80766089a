"""Somebody who fills in the interview's form: every question that is declared, found on the page by its words."""

import re
from datetime import date

from rhi.questions.shapes import INSTEAD, ROWS, Kind

A_DAY = date(2026, 5, 20)


def answers(section, situation, *, briefly=False):
    """What is answered in a section, by question, as it is stored; no two have the same words.

    Every part of every question that is asked; `briefly`, only what is needed for writing up.
    """
    return {
        question.key: answer(question, briefly=briefly)
        for question in section.asked_in(situation)
        if not briefly or situation.holds(question.required)  # whatever else its being needed depends on
    }


def answer(question, *, briefly):
    value = {}
    for part in question.parts:
        if part.name != INSTEAD and (not briefly or part.demanded(value)):
            value[part.name] = given(question, part, briefly=briefly)
    columns = [part for part in question.columns if not (briefly and part.optional)]
    if columns:
        rows = (1,) if briefly else (1, 2)
        value[ROWS] = [{part.name: given(question, part, row, briefly=briefly) for part in columns} for row in rows]
    return value


def given(question, part, row=None, *, briefly):
    choices = [option.code for option in part.options if not option.alone]
    match part.kind:
        case Kind.MULTI:
            return choices[:1] if briefly else choices[:2]
        case Kind.CHOICE:
            return choices[0] if row is None else choices[-1]
        case Kind.DATE:
            return A_DAY.isoformat()
    words = f"{question.key} {part.name}{'' if row is None else f' {row}'}"
    return f"{words}\nAnd more." if part.kind is Kind.LONG and not briefly else words


def texts(value):
    """Every line of text that was typed in an answer."""
    for each in [value, *value.get(ROWS, ())]:
        for said in each.values():
            if isinstance(said, str) and " " in said:
                yield from said.split("\n")


def fill(walk, question, value):
    """Answer one question on the page of its section."""
    place = walk.page.locator(f"#question-{question.key}")
    for number, row in enumerate(value.get(ROWS, ()), 1):
        if number > 1:
            walk.add(place, f"Add another row to “{question.text}”")
        room = place.get_by_role("group", name=f"{question.text} {number}", exact=True)
        put_all(walk, room, question.columns, row)
    put_all(walk, place, question.parts, value)


def put_all(walk, place, parts, value):
    for part in parts:
        if part.name in value:
            put(walk, place, part, value[part.name])


def put(walk, place, part, value):
    named = re.compile(rf"^{re.escape(part.text)}( \(optional\))?$")
    words = [part.words(code) for code in ([value] if isinstance(value, str) else value)]
    if part.kind is Kind.MULTI:
        group = place.get_by_role("group", name=named)
        walk.check_all([group.get_by_role("checkbox", name=each, exact=True) for each in words])
    elif part.kind is Kind.CHOICE and not part.small:
        walk.check(place.get_by_role("group", name=named).get_by_role("radio", name=words[0], exact=True))
    elif part.kind is Kind.CHOICE:
        walk.select(place.get_by_role("combobox", name=named), words[0])
    elif part.kind is Kind.DATE:
        walk.fill(place.get_by_role("textbox", name=named), f"{date.fromisoformat(value):%d/%m/%Y}")
    else:
        walk.fill(place.get_by_role("textbox", name=named), value)
