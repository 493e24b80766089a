"""What tests of visits do and send."""

import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rhi.actions import checking, papers, visitor_warnings
from staff.models import AuditEvent
from tests.records import NOW, london
from tests.rhi.writing import words


def page(name, referral, *more):
    return reverse(f"rhi:{name}", args=[referral.pk, *more])


def about(name, child, *more):
    return reverse(f"rhi:{name}", args=[child.pk, *more])


def trail(kind):
    return list(AuditEvent.objects.filter(type=kind).order_by("pk"))


def read(client, name, referral):
    return words(client.get(page(name, referral)))


def check(referral, by, **found):
    said = {"systems": ["main", "early_help"], "risks": ["cse", "self_harm_or_suicide"], "risks_note": ""}
    said |= {"agencies": "Youth justice: Kim Poe", "checked_at": london("2026-05-12 10:00")}
    return checking.record_check(referral, **said | found, by=by, now=NOW)


def warn(child, by, kind="dog", **said):
    return visitor_warnings.warn(child, kind=kind, **said, by=by, now=NOW)


def file(referral, by, content=None, name="The form"):
    return papers.file_paper(referral, name=name, content=content or pdf(), by=by, now=NOW)


def sent(content, name="paper.pdf", kind="application/pdf"):
    return SimpleUploadedFile(name, content, content_type=kind)


# Files, as small as can be


def pdf(words=b"Notes"):
    return b"%PDF-1.4\n% " + words + b"\nstartxref\n9\n%%EOF\n"


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation=6, place=b"51.0190N 3.1000W"):
    """What a phone writes into a picture: which way up it was held, and where."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    return segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0) + place)


def jpeg(*added, drawing=b"\x12\xff\x00\x34\xff\xd0\x56", end=b"\xff\xd9"):
    frame = segment(0xC0, b"\x08\x00\x01\x00\x01\x01\x01\x11\x00")
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    jfif = segment(0xE0, b"JFIF\0\x01\x01\x00\x00\x01\x00\x01\x00\x00")
    return b"\xff\xd8" + b"".join([jfif, *added, frame, scan, drawing]) + end


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*added):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    parts = [head, *added, chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
