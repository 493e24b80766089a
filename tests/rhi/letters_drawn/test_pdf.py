"""A drawn letter: tagged, its fonts within, the same for ever, and made of nothing but its own words."""

import io
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from procedures.types import Support
from rhi.letters import draw
from tests.rhi.letters_drawn.paper import all_words
from tests.rhi.letters_drawn.samples import a_letter

pytestmark = pytest.mark.slow


def fonts(pdf):
    """Every font that any page uses, by name, with the kind of its glyphs and whether they are in the file."""
    found = {}
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            glyphs = font.get_object()["/DescendantFonts"][0].get_object()
            within = {"/FontFile2", "/FontFile3"} & glyphs["/FontDescriptor"].get_object().keys()
            found[font.get_object()["/BaseFont"].split("+")[-1]] = (glyphs["/Subtype"], bool(within))
    return found


def test_it_is_tagged_in_english_and_names_no_child_in_its_title():
    reader = PdfReader(io.BytesIO(draw(a_letter()).pdf))
    root = reader.root_object

    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en-GB"
    assert 'pdfuaid:part="1"' in reader.xmp_metadata.rdf_root.toxml()
    assert (reader.metadata.title, reader.metadata.author) == ("Somerset, R1042", "Somerset")


def test_its_fonts_are_within_and_are_outlines():
    found = fonts(draw(a_letter()).pdf)

    assert {name.split("-")[0] for name in found} == {"Liberation"}
    assert set(found.values()) == {("/CIDFontType2", True)}


AGAIN = """
import hashlib, sys, django
django.setup()
from rhi.letters import draw
from tests.rhi.letters_drawn.samples import a_letter
print(hashlib.sha256(draw(a_letter()).pdf).hexdigest(), draw(a_letter()).text_version)
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_content_gives_the_same_bytes_in_any_process_and_place(seed, monkeypatch):
    import hashlib

    drawn = draw(a_letter())

    monkeypatch.setenv("PYTHONHASHSEED", seed)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    elsewhere = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, check=True).stdout.split()

    assert elsewhere == [hashlib.sha256(drawn.pdf).hexdigest(), drawn.text_version]
    assert draw(a_letter()) == drawn
    assert draw(replace(a_letter(), date=date(2026, 6, 17))).pdf != drawn.pdf


def test_what_records_hold_is_text_and_never_markup(tmp_path):
    (tmp_path / "secret.txt").write_text("FETCHED")
    hostile = f'<img src="{tmp_path.as_uri()}/secret.txt"><b>x</b>{{{{ mailbox }}}}'
    letter = a_letter(
        to="carer",
        kind="refusal",
        child=hostile,
        addressee="Zoë <b>O’Hara</b> & Co",
        leaflets=(hostile,),
        services=(Support(name=hostile, what=hostile),),
        authority="A <i>B</i>",
    )

    said = all_words(draw(letter).pdf)

    assert said.count("<b>x</b>{{ mailbox }}") >= 5
    assert "Zoë <b>O’Hara</b> & Co" in said
    assert "A <i>B</i>" in said
    assert "FETCHED" not in said
