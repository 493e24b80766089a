"""What may be filed as a paper: told by its bytes, never by its name or by what a browser says of it. Pure.

A picture is taken in without what a camera writes into it besides (where and when it was taken, of whom, a thumbnail):
it may have been taken in a child's home, or in a refuge.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

#: Bytes. A photographed page has two to five million of them.
LIMIT = 10 * 1024 * 1024
LIMIT_IN_WORDS = "10 MB"

JPEG, PNG, PDF, TEXT = "image/jpeg", "image/png", "application/pdf", "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: The media types, each with how the name of a saved copy ends.
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png", DOCX: "docx", TEXT: "txt"}
IN_WORDS = {PDF: "PDF", JPEG: "Picture", PNG: "Picture", DOCX: "Word document", TEXT: "Text"}


class Paper(NamedTuple):
    """What is kept of a paper: its media type, and its bytes, of a picture without what the camera added."""

    kind: str
    content: bytes


def examined(content: bytes) -> Paper | None:
    """The paper that these bytes are; None when they are none that may be filed, or are not whole."""
    if (picture := _jpeg(content)) is not None:
        return Paper(JPEG, picture)
    if (picture := _png(content)) is not None:
        return Paper(PNG, picture)
    for kind, is_one in ((PDF, _is_pdf), (DOCX, _is_docx), (TEXT, _is_text)):
        if is_one(content):
            return Paper(kind, content)
    return None


# JPEG: segments, each a marker with its length, then the picture itself, then the end

START, END = b"\xff\xd8", b"\xff\xd9"
SCAN, APP0, APP1, APP2, APP14, COMMENT = 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: The next marker in the picture's own bytes, where FF 00 stands for FF and FF D0 to FF D7 only divide.
NEXT_MARKER = re.compile(rb"\xff+(?=[^\x00\xd0-\xd7\xff])")


def _jpeg(content: bytes) -> bytes | None:
    """The picture without what the camera added; None when it is no JPEG, or not a whole one."""
    if not content.startswith(START):
        return None
    kept: list[bytes] = []
    turned, framed = 1, False
    for marker, segment, drawing in _segments(content):
        if marker == END[1]:
            return START + b"".join([*kept[:1], _upright(turned), *kept[1:]]) + END if framed else None
        if marker == APP1 and segment[4:10] == b"Exif\0\0":
            turned = _orientation(segment[10:])
        framed = framed or marker in FRAMES
        if _is_of_the_picture(marker, segment):
            kept += [segment, drawing]
    return None


def _segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each segment with its marker and, of a scan, the picture's own bytes after it; up to what is not whole."""
    at = len(START)
    while at + 2 <= len(content) and content[at] == 0xFF:
        if content[at + 1] == 0xFF:  # any number of these may stand before a marker
            at += 1
            continue
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == END[1]:
            yield marker, END, b""
            return
        segment = content[at : at + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            return
        at += len(segment)
        drawing = b""
        if marker == SCAN:
            found = NEXT_MARKER.search(content, at)
            if found is None:
                return
            drawing = content[at : found.end() - 1]
            at = found.end() - 1
        yield marker, segment, drawing


def _is_of_the_picture(marker: int, segment: bytes) -> bool:
    """Whether a segment is needed to draw the picture; the others say where, when and with what it was taken."""
    if marker == APP2:
        return segment[4:16] == b"ICC_PROFILE\0"
    return marker in (APP0, APP14) or not (APP0 <= marker <= 0xEF or marker == COMMENT)


def _orientation(tiff: bytes) -> int:
    """Which way up the camera was held: 1 to 8; 1 where it does not say."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return 1
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(min(entries, 200)):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == 0x0112:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _upright(turned: int) -> bytes:
    """A segment that says which way up the picture goes, and nothing else; none where it stands upright."""
    if turned == 1:
        return b""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, turned, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# PNG: chunks, each with its length, its name and a sum to check it by

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADDED = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})


def _png(content: bytes) -> bytes | None:
    """The picture without what was added to it; None when it is no PNG, or not a whole one."""
    if not content.startswith(SIGNATURE):
        return None
    chunks = list(_chunks(content))
    names = [name for name, _ in chunks]
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or b"IDAT" not in names:
        return None
    return SIGNATURE + b"".join(chunk for name, chunk in chunks if name not in ADDED)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks up to the last, or up to the first that is not whole; what comes after them is no part of it."""
    at = len(SIGNATURE)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        chunk = content[at : at + 12 + length]
        name = chunk[4:8]
        if len(chunk) < 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            return
        yield name, chunk
        if name == b"IEND":
            return
        at += len(chunk)


# The rest is kept as it came


def _is_pdf(content: bytes) -> bool:
    """Whether it begins and ends as a PDF does."""
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:] and b"startxref" in content[-2048:]


def _is_docx(content: bytes) -> bool:
    """Whether it is a Word document without macros. Nothing but its list of contents is unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            listed = packed.getinfo("[Content_Types].xml")
            if "word/document.xml" not in names or listed.file_size > 1024 * 1024:
                return False
            types = packed.read(listed)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError):
        return False
    plain = DOCX.encode() + b".main+xml" in types
    return plain and b"macroEnabled" not in types and not any("vbaProject" in name for name in names)


#: What a browser might run, should it ever take plain text for a page.
MARKUP = re.compile(r"<\s*(!doctype|html|head|body|svg|script|iframe|object|embed|\?xml)", re.IGNORECASE)


def _is_text(content: bytes) -> bool:
    """Whether it is plain text: words, and no page or drawing."""
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    odd = any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in words)
    meant_otherwise = content.startswith((b"%PDF", b"PK"))
    return bool(words.strip()) and not odd and not meant_otherwise and not MARKUP.search(words)
