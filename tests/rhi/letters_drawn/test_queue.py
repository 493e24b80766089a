"""The print queue as one PDF: no sheet carries two families' words."""

import io

import pytest
from pypdf import PdfReader

from rhi.letters import CannotWrite, draw, run
from rhi.models import Letter
from tests.rhi.letters_drawn.paper import ink, sheets
from tests.rhi.letters_drawn.samples import a_letter

pytestmark = pytest.mark.slow


def frozen(**changes):
    """A letter as it lies in the queue; without leaflets it has one page."""
    drawn = draw(a_letter(**changes))
    return Letter(pdf=drawn.pdf, pages=drawn.pages)


def content(pdf):
    return [page.get_contents().get_data() if page.get_contents() else b"" for page in PdfReader(io.BytesIO(pdf)).pages]


def test_every_letter_begins_on_a_sheet_of_its_own_and_its_pages_are_as_approved():
    long = tuple(f"Leaflet {number}" for number in range(30))
    letters = [frozen(reference="R1", leaflets=()), frozen(reference="R2", leaflets=long), frozen(leaflets=())]
    assert [letter.pages for letter in letters] == [1, 2, 1]

    whole = run(letters)

    blank = [b""]
    one, two, three = (content(letter.pdf) for letter in letters)
    assert content(whole) == [*one, *blank, *two, *three, *blank]
    drawn = sheets(whole)
    assert [number for number, sheet in enumerate(drawn) if ink(sheet) is None] == [1, 5]
    assert [sheet.tobytes() for sheet in drawn[2:4]] == [sheet.tobytes() for sheet in sheets(letters[1].pdf)]
    assert {tuple(page.mediabox) for page in PdfReader(io.BytesIO(whole)).pages} == {
        tuple(PdfReader(io.BytesIO(letters[0].pdf)).pages[0].mediabox)
    }


def test_a_letter_from_the_database_is_read_whatever_type_its_bytes_have():
    letter = frozen(leaflets=())
    letter.pdf = memoryview(letter.pdf)

    assert len(PdfReader(io.BytesIO(run([letter]))).pages) == 2


def test_a_letter_that_nobody_approved_is_refused():
    with pytest.raises(CannotWrite, match="has not been approved"):
        run([frozen(), Letter()])


def test_an_empty_queue_is_refused():
    with pytest.raises(CannotWrite, match="There is no letter to print"):
        run([])
