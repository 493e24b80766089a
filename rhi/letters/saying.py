"""What every letter must say, looked for in the letter as it is read: an authority's own words may not lose it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from procedures.types import Support
from rhi.letters import reading, texts
from rhi.letters.contents import Content

#: The most years of school that a letter may ask for (Flesch and Kincaid).
HARDEST = 6
#: Of fewer words the figure says nothing: a heading of one long word would be beyond every school.
ENOUGH_WORDS = 20
EMERGENCY = "999"
HEADING = re.compile(r"(<h\d\b[^>]*>)", re.IGNORECASE)
PARAGRAPH = re.compile(r"</?(?:p|li|div|td)\b[^>]*>", re.IGNORECASE)
YES = re.compile(r"\byes\b", re.IGNORECASE)


def sample(name: str, procedure: str) -> Content:
    """A letter of invented people with everything that a letter can have, in plain words of which none comes twice.

    `name` is the file of its text.
    """
    kind, to, language, _ = re.split(r"[/.]", name)
    return Content(
        kind=kind,
        to=to,
        language=language,
        procedure=procedure,
        addressee="Robin Example" if to == "child" else "Morgan Sample",
        address=("1 Elm Road", "TA1 1AA"),
        child="Robin",
        reference="R1042",
        date=date(2026, 6, 16),
        authority="Exampleshire Council",
        we_are="the Missing Team",
        service="Return Home Interviews",
        phone="01632 960200",
        mailbox="missing@example.org",
        return_address=("Elm House", "TA1 1AB"),
        out_of_hours="01632 960100",
        out_of_hours_is_free=True,
        services=(
            Support(name="Family Help", what="Early help"),
            Support(name="Talking Line", what="Trained listeners"),
        ),
        leaflets=("Staying safe", "Your rights"),
    )


def faults(name: str, procedure: str, at: Path) -> Iterator[str]:
    """What a letter does not say, or that it is too hard, each to be read after its name: the file of its text.

    What is said in words is looked for in English only; in other languages numbers, addresses and names are.
    """
    letter = sample(name, procedure)
    body = texts.fill(letter, name, at=at)
    yield from _left_out(letter, name, body, at)
    yield from _how_to_say_yes(letter, body)
    if not _answered_at(letter.mailbox, texts.fill(replace(letter, phone=""), name, at=at)):
        yield "does not say how to say yes where there is no phone number: no paragraph of it names the mailbox."
    said = reading.sentences(body)
    if letter.language == texts.ENGLISH and said and (years := reading.grade(said)) > HARDEST:
        yield f"as a whole {_years(years)}"


def _left_out(letter: Content, name: str, body: str, at: Path) -> Iterator[str]:
    """What each family must be able to find somewhere in the letter."""
    contact = texts.contact_block(letter.language)
    said = _plain(body) + " " + _plain(texts.fill(letter, contact, at=at))
    wanted = {
        "date": [texts.in_words(letter.date, letter.language)],
        "leaflets": letter.leaflets,
        "mailbox": [letter.mailbox],
        "out_of_hours": [letter.out_of_hours],
        "phone": [letter.phone],
        "reference": [letter.reference],
        "service": [letter.service],
        "services": [words for service in letter.services for words in (service.name, service.what)],
        "we_are": [letter.we_are],
    }
    missing = {field for field, every in wanted.items() if not all(words in said for words in every)}
    if _plain(texts.fill(replace(letter, out_of_hours_is_free=False), name, at=at)) == _plain(body):
        missing.add("out_of_hours_is_free")
    for field in sorted(missing):
        yield f"does not say {field}, as every letter must."
    if EMERGENCY not in said:
        yield f"does not say {EMERGENCY}, as every letter must."


def _how_to_say_yes(letter: Content, body: str) -> Iterator[str]:
    """Whom to ring or write to for the interview stands in one paragraph, which says what it is for."""
    here = [each for each in _answered_at(letter.mailbox, body) if letter.phone in each]
    if not here:
        yield "does not say how to say yes: no paragraph of it names the phone number and the mailbox."
    elif letter.language == texts.ENGLISH and not any(map(YES.search, here)):
        yield (
            "does not say how to say yes: neither its paragraph with the phone number and the mailbox nor the heading "
            "above it says “yes”."
        )


def _answered_at(mailbox: str, body: str) -> list[str]:
    """The paragraphs that name the mailbox, each with the heading right above it, if there is one."""
    found, heading = [], ""
    for piece in PARAGRAPH.split(HEADING.sub(r"<p>\1", body)):
        plain = _plain(piece)
        if mailbox in plain:
            found.append(f"{heading} {plain}")
        if plain:
            heading = plain if HEADING.search(piece) else ""
    return found


def too_hard(name: str, procedure: str, at: Path) -> Iterator[str]:
    """Which files of an English letter ask for too many years of school, each with its hardest sentence.

    `name` is the file of its text. Measured with the plainest names: what a service is called is not the text's choice.
    What is too short to be measured by itself is still measured with the letter.
    """
    letter = replace(sample(name, procedure), authority="Elmshire", we_are="the team", service="The Team")
    for file, own in texts.without_parts(letter, name, at=at) if letter.language == texts.ENGLISH else ():
        said = reading.sentences(own)
        enough = len(reading.WORD.findall(" ".join(said).lower())) >= ENOUGH_WORDS
        if enough and (years := reading.grade(said)) > HARDEST:
            hardest = max(said, key=lambda sentence: reading.grade([sentence]))
            yield f"templates/letters/{file} {_years(years)} Its hardest sentence is “{hardest}”"


def _years(years: float) -> str:
    return f"asks for {years:.1f} years of school, and may ask for {HARDEST} (Flesch-Kincaid)."


def _plain(page: str) -> str:
    return " ".join(reading.sentences(page))
