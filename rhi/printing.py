"""HTML as a PDF: letters and reports. The only module that knows WeasyPrint, and the one door to it."""

from __future__ import annotations

import atexit
import threading
from typing import NamedTuple

_kept = threading.local()


class Printed(NamedTuple):
    """A document, and how many pages it has."""

    pdf: bytes
    pages: int


def pdf(html: str) -> bytes:
    """The document as a tagged PDF (PDF/UA-1), made of nothing but its own text.

    No address is opened, whatever its kind (`file:`, `http:`, `data:`): a name in a record must not make the server
    read a file or call somebody, even if it came into the document unescaped. What cannot be opened is left out. A
    stylesheet is given inside the document, a drawing as SVG inside it.

    The same HTML gives the same bytes. Title, author and dates are the document's own (`<title>`, and `<meta>` of
    `author`, `dcterms.created` and `dcterms.modified`), never the clock's.

    Slow (seconds for many pages): not for a transaction, and for a request only where the pages are few.
    """
    return printed(html).pdf


def printed(html: str) -> Printed:
    """The same, with the number of pages, which to read from the PDF would cost a tenth again."""
    from weasyprint import HTML  # noqa: PLC0415 half a second, which only those who print should pay
    from weasyprint.urls import URLFetcher  # noqa: PLC0415 likewise

    options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": True}
    laid_out = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=())).render(font_config=_fonts(), **options)
    return Printed(laid_out.write_pdf(**options), len(laid_out.pages))


def _fonts() -> object:
    """The machine's fonts, looked up once in each thread.

    Each look-up takes a quarter of a megabyte that is never given back: a worker that prints letters all day would
    grow until it is killed.
    """
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 as above

    if not hasattr(_kept, "fonts"):
        _kept.fonts = FontConfiguration()
        # Given back before the interpreter takes apart what giving back needs.
        atexit.register(vars(_kept).clear)
    return _kept.fonts
