"""What a scrutiny committee is handed: the table, its graph, the months in words, what figures mean, and no child."""

import io
import re

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from episodes.models import Child, Episode
from reporting import measures
from reporting.charts import chart
from reporting.exports import as_pdf, as_xlsx
from reporting.exports.document import as_html
from reporting.names import pseudonym
from reporting.tables import Month
from reporting.wording import rates_described, sentence
from tests.reporting.authority import MAY, set_up
from tests.reporting.tables import croydon
from tests.reporting.test_document import read, tags, text
from tests.reporting.test_downloads import ask, run_due
from tests.reporting.test_pages import rows, words
from tests.reporting.test_pages import text as plain

NOVEMBER = Month(2017, 11)


@pytest.fixture
def manager(client, tmp_path):
    made = set_up(tmp_path).manager
    client.force_login(made)
    return made


@pytest.mark.clause("CRO-14")
@pytest.mark.django_db
def test_the_page_has_the_graph_with_its_text_above_the_figures(client, manager):
    page = words(client.get(f"/reports/?{MAY}"))

    drawing = page[
        page.index('<svg class="rhi-chart"') : page.index('<table class="govuk-table rhi-report rhi-report--few">')
    ]
    assert 'role="img" aria-labelledby="chart-title chart-description"' in drawing
    assert '<title id="chart-title">Interviews offered and done, May 2026</title>' in drawing
    assert '<desc id="chart-description">Offer rate, % of children: 33.33% in May 2026.' in drawing
    assert drawing.rstrip().count("</svg>") == 1


@pytest.mark.clause("CRO-14")
@pytest.mark.slow
def test_the_pdf_has_the_graph_with_its_text_and_the_workbook_one_of_its_own():
    reader = read(as_pdf(croydon()))
    book = load_workbook(io.BytesIO(as_xlsx(croydon())))

    assert [each["/Alt"] for each in tags(reader) if each["/S"] == "/Figure"] == [chart(croydon()).title]
    assert rates_described(croydon()) in text(reader)
    assert [len(sheet._charts) for sheet in book] == [0, 2, 0, 0, 0]
    assert "32.91% in April 2017, 74.49% in November 2017" in rates_described(croydon())


@pytest.mark.clause("CRO-27")
def test_the_five_figures_of_november_2017_and_children_done_of_children_missing():
    told = sentence(croydon(), NOVEMBER)

    assert re.findall(r"\d+%?", told)[1:6] == ["98", "73", "74%", "60", "61%"]
    assert str(croydon().values["children_done_rate"][NOVEMBER]) == "61.22"
    assert measures.printed("children_done_rate").words == (
        "Children with an interview done, in percent of children who went missing."
    )


@pytest.mark.clause("CRO-27")
@pytest.mark.django_db
def test_how_percents_are_rounded_is_said_where_they_stand(client, manager):
    """46.52 is printed as 46 in the report, and here as 47."""
    about = load_workbook(io.BytesIO(as_xlsx(croydon())))["About"]

    assert "(47%)" in sentence(croydon(), NOVEMBER)
    assert "Rates are rounded half-up to two decimals, percentages in words to whole ones" in words(
        client.get(f"/reports/?{MAY}")
    )
    assert "percentages in sentences to whole ones" in " ".join(as_html(croydon()).split())
    assert {row[0].value: row[1].value for row in about}["Rates"].startswith(
        "Rounded half-up to two decimals, percentages in words to whole ones."
    )


@pytest.mark.clause("CRO-44")
@pytest.mark.slow
@pytest.mark.django_db
def test_the_pdf_of_a_month_for_publishing_has_all_that_the_committee_reads_and_no_child(client, manager):
    page = client.get(f"/reports/?{MAY}")
    place = ask(client, publish="yes")
    run_due()
    document = client.get(f"{place}file/").content
    reader = PdfReader(io.BytesIO(document))
    told = text(reader)

    for measure in measures.MEASURES:
        assert f"{measure.name} {published(rows(page), measure)} {measure.words}" in told
    assert [each["/S"] for each in tags(reader)].count("/Figure") == 1
    assert "In May 2026, small numbers of children are left out." in told
    assert "in force from" in told
    for each in Child.objects.all():
        names = (each.first_name, each.last_name, each.child_id, pseudonym(each.pk))
        assert [name for name in names if name in told] == []
    assert [each.episode_id for each in Episode.objects.all() if each.episode_id in told] == []
    assert "OFFICIAL-SENSITIVE" not in told


def published(shown, measure):
    """What stands in the file in the place of a figure of the page."""
    figure = plain(shown[measure.name.replace("'", "&#x27;")][0])
    return figure if figure in ("0", "none") else "c"


def test_the_two_names_of_one_figure_point_to_each_other():
    standard, part = measures.printed("held_within_72_hours"), measures.printed("in_time")

    assert standard.where == part.where
    assert f"“{part.name}” is always the same number" in standard.words
    assert f"“{standard.name}” is always the same number" in part.words


@pytest.mark.django_db
def test_that_stands_on_the_page_and_in_the_files(client, manager):
    part = measures.printed("in_time").words
    sheet = load_workbook(io.BytesIO(as_xlsx(croydon())))["Definitions"]

    assert part in words(client.get(f"/reports/?{MAY}"))
    assert part in words(client.get("/reports/measures/"))
    assert part in " ".join(as_html(croydon()).split())
    assert part in [row[2].value for row in sheet]
