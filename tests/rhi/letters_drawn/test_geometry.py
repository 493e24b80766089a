"""Every letter keeps to the zones in which GOV.UK Notify prints, measured on the pages as they come out."""

import random
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest

from procedures.types import Support
from rhi.letters import CannotWrite, draw
from rhi.letters.addressing import block
from tests.rhi.letters_drawn.paper import (
    BESIDE,
    BODY,
    CORNER,
    LOGO,
    PRINTED,
    WINDOW,
    Zone,
    ink,
    ink_outside,
    sheets,
    words,
)
from tests.rhi.letters_drawn.samples import ADDRESSES, KINDS, TO, a_letter, called, every_letter
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.slow

#: How many leaflets make so many pages.
PAGES = {1: 0, 2: 25, 3: 60}


def enclosed(number: int) -> tuple[str, ...]:
    return tuple(f"Leaflet {count} of those that we send" for count in range(1, number + 1))


def keeps_to_its_zones(pdf: bytes) -> list[Zone]:
    """Where ink lies that no printer would print, or that would show through the window."""
    first, *others = sheets(pdf)
    strays = [ink_outside(first, LOGO, WINDOW, BESIDE, BODY)]
    for page in others:
        strays += [ink_outside(page, PRINTED), ink(page, CORNER)]
    return [stray for stray in strays if stray]


@pytest.mark.parametrize("pages", PAGES)
@pytest.mark.parametrize("lines", ADDRESSES)
def test_ink_lies_only_where_it_may_with_three_to_seven_lines_and_one_to_three_pages(lines, pages):
    letter = a_letter(address=ADDRESSES[lines], leaflets=enclosed(PAGES[pages]))

    drawn = draw(letter)

    assert drawn.pages == pages
    assert keeps_to_its_zones(drawn.pdf) == []
    assert words(drawn.pdf, WINDOW) == ["Robin Example", *ADDRESSES[lines]]


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_every_kind_keeps_to_its_zones_with_all_lines_and_pages(soak_seed):
    """Every kind, to both, with three to seven lines one to three pages: how near ink comes to the window's edge."""
    every = list(product(KINDS, TO, ADDRESSES, PAGES))
    number = soak_count(len(every))
    pages, nearest = Counter(), []

    for kind, to, lines, wanted in random.Random(soak_seed).sample(every, number):
        drawn = draw(a_letter(kind=kind, to=to, address=ADDRESSES[lines], leaflets=enclosed(PAGES[wanted])))
        assert keeps_to_its_zones(drawn.pdf) == []
        assert words(drawn.pdf, WINDOW)[1:] == list(ADDRESSES[lines])
        shown = ink(sheets(drawn.pdf)[0], WINDOW)
        edges = [(shown.left, WINDOW.left), (shown.top, WINDOW.top), (shown.right, WINDOW.right)]
        nearest.append(min(abs(edge - limit) for edge, limit in [*edges, (shown.bottom, WINDOW.bottom)]))
        pages[drawn.pages] += 1

    measured = {"of so many pages": pages, "nearest to the window's edge, mm": round(min(nearest), 2)}
    evidence("letter_geometry", seed=soak_seed, n=number, result={"ink outside its zones": 0} | measured)


@pytest.mark.parametrize("letter", every_letter(), ids=called)
def test_every_letter_of_every_procedure_keeps_to_its_zones(letter):
    assert keeps_to_its_zones(draw(letter).pdf) == []


@pytest.mark.parametrize(
    "address",
    [
        ("W" * 26, "M" * 26, "TA1 1AA"),
        ("The Old Coach House behind the Church of Saint Mary Magdalene at Monksilver", "Taunton", "TA1 1AA"),
        ("FLAT 12, NORTHUMBERLAND AND WESTMORLAND MANSIONS, 114 WELLINGTON ROAD EAST", "TAUNTON", "TA1 1AA"),
    ],
)
@pytest.mark.parametrize("name", ["Robin Example", "Wilhelmina Montgomery-Wolstenholme of Wymondham Magna", "Ž. Ńg"])
def test_long_names_and_lines_stay_within_the_window(name, address):
    letter = a_letter(addressee=name, address=address)

    drawn = draw(letter)

    assert keeps_to_its_zones(drawn.pdf) == []
    assert words(drawn.pdf, WINDOW) == list(block(name, address).lines)


def test_everything_in_the_heading_stays_in_its_zone_however_long_the_procedure_makes_it():
    longest = a_letter(
        authority=("Royal Borough of " * 4)[:60],
        service=("Prevention and Youth Justice Service for families " * 2)[:80],
        mailbox=f"{'return-home-interviews' * 4}"[:68] + "@example.org",
        phone="01632 960100 (ask for the team)"[:30],
        return_address=("Children's Services, Floor 4, The Council",) * 5,
    )

    drawn = draw(longest)

    assert keeps_to_its_zones(drawn.pdf) == []
    beside = " ".join(words(drawn.pdf, BESIDE))
    assert beside.endswith("Our reference: R1042 16 June 2026")


def test_a_letter_longer_than_ten_pages_is_refused_in_words():
    letter = a_letter(leaflets=enclosed(400))

    with pytest.raises(CannotWrite, match=r"^The letter would be \d\d pages long\. No more than 10 are printed\.$"):
        draw(letter)


def test_a_long_list_of_services_goes_on_overleaf():
    services = tuple(Support(name=f"Service {number}", what="Help for you " * 8) for number in range(30))

    drawn = draw(replace(a_letter(kind="refusal"), services=services))

    assert drawn.pages > 1
    assert keeps_to_its_zones(drawn.pdf) == []
