"""A drawn letter as it lies on paper: where there is ink, and which words stand in a rectangle. In millimetres."""

import io
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageDraw, ImageOps
from pypdf import PdfReader

DPI = 200
A4 = (210, 297)


@dataclass(frozen=True)
class Zone:
    """A rectangle, measured from the top left corner of the sheet."""

    left: float
    top: float
    right: float
    bottom: float


# As GOV.UK Notify publishes them.
LOGO = Zone(15, 5, 125, 30)
WINDOW = Zone(24.6, 39.5, 120, 66.3)
BESIDE = Zone(125, 30, 195, 95)
BODY = Zone(15, 95, 195, 292)
PRINTED = Zone(15, 5, 195, 292)
CORNER = Zone(0, 0, 15, 6)


def sheets(pdf: bytes) -> list[Image.Image]:
    """Every page as grey dots, nothing left out."""
    document = pypdfium2.PdfDocument(pdf)
    drawn = [page.render(scale=DPI / 72).to_pil().convert("L") for page in document]
    document.close()
    return drawn


def dots(zone: Zone) -> tuple[int, int, int, int]:
    """The dots that a rectangle covers, to the nearest."""
    return tuple(round(edge * DPI / 25.4) for edge in (zone.left, zone.top, zone.right, zone.bottom))


def ink(sheet: Image.Image, zone: Zone = Zone(0, 0, *A4)) -> Zone | None:
    """The smallest rectangle that holds all ink of a part of the sheet; None when it is blank."""
    left, top, *_ = dots(zone)
    box = ImageOps.invert(sheet.crop(dots(zone))).point(lambda grey: 255 if grey > 40 else 0).getbbox()
    if box is None:
        return None
    return Zone(*((edge + start) * 25.4 / DPI for edge, start in zip(box, (left, top, left, top), strict=True)))


def ink_outside(sheet: Image.Image, *zones: Zone) -> Zone | None:
    """Where there is ink in none of the rectangles."""
    rest = sheet.copy()
    for zone in zones:
        left, top, right, bottom = dots(zone)
        ImageDraw.Draw(rest).rectangle((left, top, right - 1, bottom - 1), fill=255)
    return ink(rest)


def words(pdf: bytes, zone: Zone = Zone(0, 0, *A4), *, page: int = 0) -> list[str]:
    """The lines of text that stand in a rectangle of a page."""
    document = pypdfium2.PdfDocument(pdf)
    sheet = document[page]
    height = sheet.get_height()
    point = 72 / 25.4
    text = sheet.get_textpage().get_text_bounded(
        zone.left * point, height - zone.bottom * point, zone.right * point, height - zone.top * point
    )
    document.close()
    return [line.strip() for line in text.splitlines() if line.strip()]


def all_words(pdf: bytes) -> str:
    """Everything that a PDF says, each space once."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
