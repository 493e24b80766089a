"""A hundred letters, beside WeasyPrint alone with the same options; and whether memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from checks.bench import Figure, ratio
from procedures.actions import source
from procedures.types import read
from rhi.letters import Content, draw
from rhi.letters.drawing import as_html
from rhi.models import Letter, LetterKind

LETTERS = 100
PAIRS = 3


def measure() -> Iterator[Figure]:
    """One run of letters of every kind. Memory: what the process holds after three such runs, beside after one."""
    letters = some_letters(LETTERS)
    pages = [as_html(letter) for letter in letters]

    def ours() -> None:
        for letter in letters:
            draw(letter)

    def alone() -> None:
        for page in pages:
            bare(page)

    ours()
    held = resident()
    ours()
    ours()
    growth = resident() / held
    yield ratio(f"{LETTERS} letters, beside WeasyPrint alone", ours, alone, limit=1.1, pairs=PAIRS)
    yield Figure(f"memory after {3 * LETTERS} letters, beside after {LETTERS}", growth, 1.05, "times", growth, growth)


def some_letters(number: int) -> list[Content]:
    """Letters of every kind in turn, to children and carers, all different, under a procedure with everything."""
    rules = read(source("wokingham"))
    contact, out_of_hours = rules.contacts[0], rules.methods.out_of_hours
    letter = Content(
        kind=LetterKind.NO_CONTACT,
        to=Letter.To.CHILD,
        language="en",
        procedure=rules.name,
        addressee="Robin Example",
        address=("Flat 2", "Quayside House", "14 Example Street", "Wokingham", "RG40 1AA"),
        child="Robin",
        reference="R1",
        date=date(2026, 6, 16),
        authority=rules.authority.name,
        we_are=rules.letters.we_are or contact.service,
        service=contact.service,
        phone=contact.phone or "",
        mailbox=contact.mailbox,
        return_address=(),
        out_of_hours=out_of_hours.number if out_of_hours else "",
        out_of_hours_is_free=False,
        services=rules.services,
        leaflets=("Feeling low", "Staying safe online"),
    )
    kinds, to = list(LetterKind), list(Letter.To)
    return [
        replace(
            letter,
            kind=kinds[count % len(kinds)],
            to=to[count // len(kinds) % len(to)],
            child=f"Robin {count}",
            reference=f"R{count}",
        )
        for count in range(number)
    ]


def bare(page: str) -> bytes:
    """What a page costs by itself: WeasyPrint with the options of rhi.printing, fonts looked up once."""
    document: bytes = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=True, font_config=fonts()
    )
    return document


@cache
def fonts() -> FontConfiguration:
    """The machine's fonts."""
    return FontConfiguration()


def resident() -> int:
    """How many pages of memory this process holds."""
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1])
