"""HTML becomes a tagged PDF and nothing else: whatever it points to, no file is read and nobody is called."""

import io
import socketserver
import struct
import threading
import zlib
from base64 import b64encode

import pytest
from pypdf import PdfReader

from rhi.printing import pdf

pytestmark = [pytest.mark.slow, pytest.mark.once]

PLAIN = """<html lang="en-GB"><head><title>A letter</title><meta name="author" content="Croydon">
<meta name="dcterms.created" content="2018-02-06T09:30:00+00:00"></head>
<body><h1>Dear parent</h1><p>Words.</p></body></html>"""


@pytest.fixture
def listener():
    """A server on this machine that counts who calls."""
    callers = []

    class Answer(socketserver.BaseRequestHandler):
        def handle(self):
            callers.append(self.request.recv(100))
            self.request.sendall(
                b"HTTP/1.0 200 OK\r\nContent-Type: text/css\r\n\r\nbody::before { content: 'FETCHED' }"
            )

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", callers
        server.shutdown()
        thread.join()


@pytest.fixture
def files(tmp_path):
    """Files that a hostile document would like to have: words, a stylesheet, an image, a drawing."""
    (tmp_path / "secret.txt").write_text("FETCHED")
    (tmp_path / "style.css").write_text("body::before { content: 'FETCHED' }")
    (tmp_path / "drawing.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>FETCHED</text></svg>'
    )
    (tmp_path / "dot.png").write_bytes(png())
    return tmp_path.as_uri()


def png():
    """One red dot."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\xff\0\0")),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


HOSTILE = [
    '<img src="{at}/dot.png">',
    '<img src="{at}/drawing.svg">',
    '<link rel="attachment" href="{at}/secret.txt">',
    '<a rel="attachment" href="{at}/secret.txt">here</a>',
    '<link rel="stylesheet" href="{at}/style.css">',
    "<style>@import url({at}/style.css);</style>",
    "<style>body {{ background: url({at}/dot.png) }}</style>",
    "<style>li {{ list-style-image: url({at}/dot.png) }}</style><ul><li>x</ul>",
    "<style>p::after {{ content: url({at}/dot.png) }}</style><p>x</p>",
    "<style>@font-face {{ font-family: x; src: url({at}/secret.txt) }} p {{ font-family: x }}</style><p>x</p>",
    '<object data="{at}/dot.png"></object><embed src="{at}/drawing.svg"><iframe src="{at}/secret.txt"></iframe>',
    '<svg width="9" height="9"><image href="{at}/dot.png" width="9" height="9"/><use href="{at}/drawing.svg#x"/></svg>',
    '<base href="{at}/"><img src="dot.png"><link rel="attachment" href="secret.txt">',
]


def contents(document):
    """Every object of a PDF, its streams unpacked, as one text."""
    reader = PdfReader(io.BytesIO(document))
    numbers = [number for generation in reader.xref.values() for number in generation] + list(reader.xref_objStm)
    parts = []
    for number in numbers:
        found = reader.get_object(number)
        parts.append(repr(found))
        if hasattr(found, "get_data"):
            parts.append(found.get_data().decode("latin-1"))
    return "\n".join(parts)


@pytest.mark.parametrize("markup", HOSTILE)
def test_markup_that_came_in_unescaped_reads_no_file_and_calls_nobody(markup, files, listener):
    address, callers = listener
    for at in (files, address):
        document = pdf(PLAIN.replace("Words.", markup.format(at=at)))
        reader = PdfReader(io.BytesIO(document))

        assert reader.attachments == {}
        assert "FETCHED" not in "".join(page.extract_text() for page in reader.pages)
        assert [
            sign for sign in ("/EmbeddedFile", "/Filespec", "/Image'", "FETCHED") if sign in contents(document)
        ] == []
    assert callers == []


def test_what_an_address_carries_in_itself_is_left_out_too():
    carried = f"data:image/png;base64,{b64encode(png()).decode()}"
    document = pdf(PLAIN.replace("Words.", f'<img src="{carried}"><link rel="attachment" href="{carried}">'))

    assert PdfReader(io.BytesIO(document)).attachments == {}
    assert "/Image'" not in contents(document)


def test_it_is_tagged_and_says_its_title_language_and_kind():
    reader = PdfReader(io.BytesIO(pdf(PLAIN)))
    root = reader.root_object

    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert 'pdfuaid:part="1"' in reader.xmp_metadata.rdf_root.toxml()
    assert (reader.metadata.title, reader.metadata.author) == ("A letter", "Croydon")


def test_the_same_words_give_the_same_bytes_with_their_own_dates():
    document = pdf(PLAIN)

    assert pdf(PLAIN) == document
    assert PdfReader(io.BytesIO(document)).metadata.creation_date.isoformat() == "2018-02-06T09:30:00+00:00"
    assert pdf(PLAIN.replace("Words", "Other words")) != document
