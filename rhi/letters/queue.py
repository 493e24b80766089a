"""The print queue as one PDF, ready for the printer: every letter begins on a sheet of its own."""

from __future__ import annotations

import io
from collections.abc import Iterable

from rhi.letters.contents import CannotWrite
from rhi.models import Letter


def run(letters: Iterable[Letter]) -> bytes:
    """The frozen PDFs of these letters one after the other, to be printed on both sides.

    A letter with an odd number of pages is followed by an empty one, so that no sheet carries two families' words.
    The pages themselves are the approved ones. Raises CannotWrite when there is no letter, or when one was never
    approved and so has no PDF.
    """
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 a tenth of a second, which only those who print should pay

    whole = PdfWriter()
    for letter in letters:
        if letter.pdf is None:
            raise CannotWrite("One of these letters has not been approved, so there is nothing to print of it.")
        pages = PdfReader(io.BytesIO(bytes(letter.pdf))).pages
        for page in pages:
            whole.add_page(page)
        if len(pages) % 2:
            whole.add_blank_page()
    if not whole.pages:
        raise CannotWrite("There is no letter to print.")
    out = io.BytesIO()
    whole.write(out)
    return out.getvalue()
