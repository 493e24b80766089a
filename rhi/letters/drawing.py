"""A letter as a PDF, as GOV.UK Notify prints it, and as a preview in a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from rhi import printing
from rhi.letters import texts
from rhi.letters.addressing import Block, block
from rhi.letters.contents import CannotWrite, Content

#: More are not printed: five sheets, on both sides.
MOST_PAGES = 10


@dataclass(frozen=True)
class Drawn:
    """A letter as it is frozen when somebody approves it."""

    pdf: bytes
    pages: int
    text_version: str


def draw(content: Content) -> Drawn:
    """The letter as a tagged PDF. The same content gives the same bytes, whenever and by whom it is drawn.

    Half a second at most: not for a transaction. Raises CannotWrite when the address does not fit its window or the
    letter would be longer than what is printed.
    """
    pdf, pages = printing.printed(as_html(content))
    if pages > MOST_PAGES:
        raise CannotWrite(f"The letter would be {pages} pages long. No more than {MOST_PAGES} are printed.")
    return Drawn(pdf, pages, texts.version(content))


def as_html(content: Content) -> str:
    """What is printed, whole: it points to nothing outside itself."""
    shown = block(content.addressee, content.address)
    return _sheet(content, shown)


def _sheet(content: Content, shown: Block) -> str:
    sheet = texts.engine(texts.folder(), "").get_template(texts.SHEET)
    return sheet.render(
        Context(
            {
                "tag": texts.tag(content.language),
                "authority": content.authority,
                "reference": content.reference,
                "written_on": content.date.isoformat(),
                "lines": shown.lines,
                "size": shown.size,
                "beside": _contact(content),
                "body": _body(content),
            }
        )
    )


def preview_html(content: Content) -> SafeString:
    """The letter as part of a page, in the order in which it is read. Its headings are one level lower than printed.

    Styles are the page's (`rhi-letter`). Raises CannotWrite as drawing it would, but for its length.
    """
    shown = block(content.addressee, content.address)
    page = texts.engine(texts.folder(), "").get_template("preview.html")
    return page.render(
        Context(
            {
                "tag": texts.tag(content.language),
                "authority": content.authority,
                "lines": shown.lines,
                "beside": _contact(content),
                "body": _one_level_lower(_body(content)),
            }
        )
    )


def _body(content: Content) -> SafeString:
    return texts.fill(content, texts.name(content.kind, content.to, content.language))


def _contact(content: Content) -> SafeString:
    return texts.fill(content, texts.contact_block(content.language))


def _one_level_lower(body: SafeString) -> SafeString:
    """Headings within a page that has one of its own. No field can hold a tag, so these are the text's."""
    for level in (2, 1):
        for opening in ("<", "</"):
            body = mark_safe(body.replace(f"{opening}h{level}", f"{opening}h{level + 1}"))  # noqa: S308
    return body
