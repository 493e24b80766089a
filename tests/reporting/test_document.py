"""The PDF of the monthly table, read back: tagged, marked, numbered, whole, and nothing in it but its own words."""

import copy
import io
import re

import pytest
from pypdf import PdfReader

from procedures import actions
from reporting.exports import as_pdf
from reporting.exports.document import MONTHS_ACROSS, as_html
from reporting.narrowing import Narrowing
from reporting.wording import sentence
from staff.models import Team
from tests.records import london
from tests.reporting.tables import croydon
from tests.rhi.test_printing import contents, files, listener

__all__ = ["files", "listener"]

pytestmark = [pytest.mark.slow, pytest.mark.once]

GROUPS = 5
"""Into so many the rows of the table are put."""


def read(document):
    return PdfReader(io.BytesIO(document))


def text(reader):
    """The words of all pages, one space between two."""
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def tags(reader):
    """Every element of the structure tree, depth first."""
    waiting = list(reader.root_object["/StructTreeRoot"]["/K"])
    while waiting:
        element = waiting.pop(0)
        if isinstance(element, int):
            continue
        element = element.get_object()
        yield element
        inner = element.get("/K", [])
        waiting[:0] = inner if isinstance(inner, list) else [inner]


def test_it_holds_the_table_the_graph_the_definitions_and_a_sentence_for_each_month():
    whole = croydon()
    reader = read(as_pdf(whole, marking="OFFICIAL-SENSITIVE"))
    words = text(reader)

    for measure, _ in whole.rows:
        assert measure.name in words
        assert measure.words in words
    for month in whole.months:
        assert sentence(whole, month) in words
    assert "Offer rate, % of children 32.91% 36.47% 58.56% 60.38% 63.51% 71.26% 74.04% 74.49%" in words
    assert "The figures are as they stood on 6 February 2018 at 09:30." in words
    assert "in force from 1 January 2017. An episode belongs to the month in which the child was last seen." in words


def test_every_page_carries_the_marking_and_its_number():
    reader = read(as_pdf(croydon(), marking="OFFICIAL-SENSITIVE"))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]

    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert "OFFICIAL-SENSITIVE" in page
        assert f"Page {number} of {len(pages)}" in page
    assert "OFFICIAL" not in text(read(as_pdf(croydon(1))))


def test_it_is_tagged_with_headings_tables_and_the_graph_in_words():
    reader = read(as_pdf(croydon()))
    found = list(tags(reader))
    kinds = [element["/S"] for element in found]

    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "en-GB"
    assert reader.metadata.title == "Missing children and return home interviews, Croydon, April to November 2017"
    assert (kinds.count("/H1"), kinds.count("/H2"), kinds.count("/Figure")) == (1, 5, 1)
    assert [element["/Alt"] for element in found if element["/S"] == "/Figure"] == [
        "Interviews offered and done, April to November 2017"
    ]
    assert {"/Table", "/THead", "/TBody", "/TH", "/TD"} <= set(kinds)
    assert [item.title for item in reader.outline[1:][0]][:2] == [
        "Interviews offered and done",
        "The figures",
    ]


@pytest.mark.parametrize(("months", "parts"), [(1, [1]), (9, [9]), (10, [5, 5]), (24, [8, 8, 8]), (36, [9, 9, 9, 9])])
def test_many_months_are_split_into_parts_in_their_order_group_by_group(months, parts):
    html = as_html(croydon(months))
    tables = html.split('<table class="figures')[1:]

    assert [each.count('<th scope="col" class="figure">') for each in tables] == parts * GROUPS
    assert max(parts) <= MONTHS_ACROSS
    rows = [each.partition("</table>")[0].count('<th scope="row">') for each in tables]
    assert rows[:: len(parts)] == [8, 2, 12, 3, 7]


def test_a_part_says_of_which_months_it_is_where_there_are_several():
    assert "<caption>The scrutiny committee&#x27;s table</caption>" in as_html(croydon())
    assert "<caption>The scrutiny committee&#x27;s table, September 2017 to January 2018</caption>" in as_html(
        croydon(10)
    )


def test_the_committees_rows_stand_on_the_first_page_and_no_page_is_left_half_empty():
    pages = read(as_pdf(croydon(9))).pages

    assert "Interviews done, % of looked-after children's episodes" in " ".join(pages[0].extract_text().split())
    lowest = [lowest_of(page) for page in pages[:-1]]
    assert max(lowest) < 842 / 4, lowest


def lowest_of(page):
    """How high above the lower edge of its sheet the last line of a page's matter stands, in points."""
    heights = []

    def see(text, matrix, position, _font, size):
        if text.strip():
            heights.append(matrix[1] * position[4] + matrix[3] * position[5] + matrix[5])

    page.extract_text(visitor_text=see)
    return min(height for height in heights if height > 60)


def test_a_single_month_has_its_definitions_beside_the_figures_and_only_there():
    whole = croydon(1)
    words = text(read(as_pdf(whole)))

    assert {words.count(measure.words) for measure, _ in whole.rows} == {1}
    assert words.count(sentence(whole, whole.months[0])) == 1


@pytest.mark.django_db
def test_what_narrows_the_figures_stands_on_the_first_page():
    team = Team.objects.create(name="Missing Team", kind=Team.Kind.values[0])
    words = read(as_pdf(croydon(1, narrowing=Narrowing(team=team.pk, area="Purley")))).pages[0].extract_text()

    assert "Only part of the figures: those of episodes held by Missing Team, of children from Purley." in " ".join(
        words.split()
    )
    assert "Only part" not in text(read(as_pdf(croydon(1))))


def test_the_same_table_gives_the_same_bytes_dated_as_the_figures():
    document = as_pdf(croydon(1), marking="OFFICIAL")

    assert as_pdf(croydon(1), marking="OFFICIAL") == document
    assert read(document).metadata.creation_date.isoformat() == "2018-02-06T09:30:00+00:00"


def test_the_foot_of_every_page_says_whose_figures_they_are_of_when_and_of_which_part():
    pages = read(as_pdf(croydon(narrowing=Narrowing(area="Purley")))).pages
    foot = (
        "Missing children and return home interviews, Croydon, April to November 2017:"
        " only episodes of children from Purley"
    )

    assert [foot in " ".join(page.extract_text().split()) for page in pages] == [True] * len(pages)


def test_a_month_that_is_not_over_says_so_at_the_head_of_its_column_and_under_the_graph():
    html = as_html(croydon(at=london("2017-11-22 09:00")))

    assert len(re.findall(r"Nov\s*<br>\s*2017\s*<br>\s*so far", html)) == GROUPS
    assert len(re.findall(r"<br>\s*so far", html)) == GROUPS
    assert ">so far</text>" in html
    assert "so far" not in as_html(croydon())


HOSTILE = (
    '<img src="{at}/dot.png"><link rel="attachment" href="{at}/secret.txt"><base href="{at}/">'
    "<style>body {{ background: url({at}/dot.png) }} @import url({at}/style.css);</style>"
)


@pytest.mark.django_db
@pytest.mark.parametrize("escaping", [True, False])
def test_hostile_names_fetch_nothing_and_embed_nothing_even_unescaped(settings, files, listener, escaping):
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["OPTIONS"]["autoescape"] = escaping
    address, callers = listener
    for at in (files, address):
        name = HOSTILE.format(at=at)
        team = Team.objects.create(name=name[: Team._meta.get_field("name").max_length], kind=Team.Kind.values[0])
        authority = f'<img src="{at}/dot.png">'[:60]
        procedure = actions.source("croydon").replace('name = "Croydon"', f"name = '{authority}'")
        whole = croydon(1, procedure=procedure, narrowing=Narrowing(team=team.pk, area=name))

        assert (name in as_html(whole, marking=name)) is not escaping
        document = as_pdf(whole, marking=name)

        assert read(document).attachments == {}
        assert ("dot.png" in text(read(document))) is escaping
        assert [
            sign for sign in ("/EmbeddedFile", "/Filespec", "/Image'", "FETCHED") if sign in contents(document)
        ] == []
    assert callers == []
