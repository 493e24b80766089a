"""The XLSX, read by other eyes than the writer's: numbers that are numbers, native graphs, and nothing that runs."""

import io
import re
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from procedures import actions
from reporting.exports import as_xlsx, cases_as_xlsx
from reporting.narrowing import Narrowing
from reporting.wording import sentence
from staff.models import Team
from tests.records import london
from tests.reporting.tables import ASKED, croydon, table

HOSTILE = [
    '=HYPERLINK("http://127.0.0.1/","x")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "{=1+1}",
    "=1+1\n=2",
]


HEAD = 3
"""The row of the months."""


def opened(content):
    return load_workbook(io.BytesIO(content))


def parts(content):
    """The files within: their names, and the text of each."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def rows(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_every_figure_of_the_report_is_a_number_and_every_rate_a_real_percentage():
    sheet = opened(as_xlsx(croydon()))["Monthly table"]
    cells = {row[0].value: row[1:] for row in sheet.iter_rows()}

    assert [cell.value for cell in sheet[HEAD]] == ["Measure", *(datetime(2017, month, 1) for month in range(4, 12))]  # noqa: DTZ001 a spreadsheet knows no zone
    assert {cell.number_format for cell in sheet[HEAD][1:]} == {"mmm yyyy"}
    missing = cells["Children who went missing"]
    assert [cell.value for cell in missing] == [79, 85, 111, 106, 74, 87, 104, 98]
    assert {(cell.data_type, cell.number_format) for cell in missing} == {("n", "#,##0")}
    rate = cells["Offer rate, % of children"]
    assert [cell.value for cell in rate] == [0.3291, 0.3647, 0.5856, 0.6038, 0.6351, 0.7126, 0.7404, 0.7449]
    assert {(cell.data_type, cell.number_format) for cell in rate} == {("n", "0.00%")}


def test_every_row_of_the_table_is_there_in_its_order():
    whole = croydon()
    names = [row[0] for row in rows(opened(as_xlsx(whole))["Monthly table"]) if row[1] is not None]

    assert names == ["Measure", *(measure.name for measure, values in whole.rows if values[0] is not None)]


def test_above_the_table_stand_what_it_is_and_how_it_is_marked():
    sheet = opened(as_xlsx(croydon(), marking="OFFICIAL"))["Monthly table"]

    assert [row[0] for row in rows(sheet)[:2]] == [
        "Missing children and return home interviews, Croydon, April to November 2017",
        "OFFICIAL. As the figures stood on 6 February 2018 at 09:30.",
    ]


def test_the_definitions_print_one_page_wide():
    sheet = opened(as_xlsx(croydon()))["Definitions"]
    setup = sheet.page_setup

    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, setup.fitToWidth or 1, setup.fitToHeight) == (True, 1, 0)
    assert (setup.orientation, sheet.freeze_panes, sheet.print_title_rows) == ("landscape", "B2", "$1:$1")


def test_where_there_is_no_rate_the_cell_is_empty():
    sheet = opened(as_xlsx(table(children_missing=[0, 4], children_offered=[0, 1])))["Monthly table"]
    cells = {row[0].value: row[1:] for row in sheet.iter_rows()}

    assert [cell.value for cell in cells["Offer rate, % of children"]] == [None, 0.25]
    assert [cell.value for cell in cells["Children who went missing"]] == [0, 4]


def test_the_header_stays_while_the_rest_is_scrolled_and_on_each_printed_page():
    book = opened(as_xlsx(croydon(24), marking="OFFICIAL-SENSITIVE & CO"))
    sheet = book["Monthly table"]

    assert sheet.freeze_panes == "B4"
    assert (sheet.print_title_rows, sheet.print_title_cols, sheet.page_setup.fitToWidth) == ("$3:$3", "$A:$A", 2)
    assert [each.oddHeader.center.text for each in book] == ["&BOFFICIAL-SENSITIVE && CO"] * 5
    assert {each.oddFooter.right.text for each in book} == {"Page &P of &N"}


@pytest.mark.parametrize(("months", "kinds"), [(1, ["bar", "bar"]), (8, ["line", "bar"])])
def test_the_graphs_are_the_spreadsheet_s_own_and_draw_from_the_table(months, kinds):
    content = as_xlsx(croydon(months))
    sheet = opened(content)["Monthly table"]
    charts = [text for name, text in sorted(parts(content).items()) if name.startswith("xl/charts/")]

    assert [re.search(r"<c:(line|bar)Chart>", chart)[1] for chart in charts] == kinds
    for chart, names in zip(charts, [RATES, CHILDREN], strict=True):
        found = re.findall(r"<c:tx><c:strRef><c:f>'Monthly table'!\$A\$(\d+)</c:f>", chart)
        assert [sheet.cell(int(row), 1).value for row in found] == names
        assert len(re.findall(r"<c:val><c:numRef><c:f>'Monthly table'!\$B\$\d+", chart)) == 3


RATES = [
    "Offer rate, % of children",
    "Interviews done, % of episodes",
    "Interviews done, % of looked-after children's episodes",
]
CHILDREN = [
    "Children who went missing",
    "Children who were offered a return home interview",
    "Children with a return home interview done",
]


def test_the_months_in_words_the_definitions_and_what_it_rests_on_have_a_sheet_each():
    whole = croydon()
    book = opened(as_xlsx(whole, marking="OFFICIAL"))

    assert book.sheetnames == ["Monthly table", "Graphs", "In words", "Definitions", "About"]
    assert rows(book["In words"])[-1] == ["November 2017", sentence(whole, whole.months[-1])]
    assert [row[:3] for row in rows(book["Definitions"])[1:]] == [
        [measure.name, measure.unit, measure.words] for measure, _ in whole.rows
    ]
    about = {row[0]: row[1] for row in rows(book["About"])[1:]}
    assert (about["Authority"], about["Period"], about["Marking"]) == ("Croydon", "April to November 2017", "OFFICIAL")
    assert (about["Figures of"], about["As they stood on"]) == ("all episodes", "6 February 2018 at 09:30")
    assert "month in which the child was last seen" in about["Counted"]


def test_a_month_that_is_not_over_says_so_in_the_table_and_in_the_graphs():
    content = as_xlsx(croydon(at=london("2017-11-22 09:00")))
    heads = opened(content)["Monthly table"][HEAD][1:]
    charts = [text for name, text in parts(content).items() if name.startswith("xl/charts/")]

    assert [cell.number_format for cell in heads] == ["mmm yyyy"] * 7 + ['mmm yyyy "so far"']
    assert heads[-1].value == datetime(2017, 11, 1)  # noqa: DTZ001 a spreadsheet knows no zone
    for chart in charts:
        assert "(November 2017 so far)" in chart
        assert re.findall(r'<c:dPt><c:idx val="(\d+)"/>', chart) == ["7"] * 3
    assert "so far" not in "".join(parts(as_xlsx(croydon())).values())


def test_a_narrowed_workbook_says_so_on_every_sheet_at_its_foot_and_in_its_graphs():
    content = as_xlsx(croydon(narrowing=Narrowing(area="Purley & Kenley")))
    book = opened(content)
    charts = [text for name, text in parts(content).items() if name.startswith("xl/charts/")]

    assert [each.oddFooter.left.text.endswith("Only episodes of children from Purley && Kenley") for each in book] == [
        True
    ] * 5
    assert book["Monthly table"][f"A{HEAD}"].value == "Measure (only episodes of children from Purley & Kenley)"
    assert book.properties.title.endswith(": only episodes of children from Purley & Kenley")
    assert {row[1].split(": ")[0] for row in rows(book["In words"])[1:]} == {
        "Of episodes of children from Purley & Kenley"
    }
    assert [", only part of the episodes<" in chart for chart in charts] == [True, True]
    assert book["Graphs"]["A1"].value == "Only episodes of children from Purley & Kenley"
    assert {row[0]: row[1] for row in rows(book["About"])}["Figures of"].startswith("only episodes of children")
    assert "nly part of" not in "".join(parts(as_xlsx(croydon())).values())


@pytest.mark.parametrize("area", ["&" * 300, "x" * 300])
def test_a_foot_stays_within_what_a_spreadsheet_takes(area):
    footer = re.search(
        r"<oddFooter>(.*?)</oddFooter>", parts(as_xlsx(croydon(narrowing=Narrowing(area=area))))[SHEET], re.S
    )

    assert len(footer[1].replace("&amp;", "&")) <= 255
    assert "…" in footer[1]


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.django_db
@pytest.mark.parametrize("name", HOSTILE)
def test_no_formula_and_no_link_survives_in_any_cell(name):
    toml_name = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    procedure = actions.source("croydon").replace('name = "Croydon"', f'name = "{toml_name}"')
    team = Team.objects.create(name=name, kind=Team.Kind.values[0])
    whole = croydon(procedure=procedure, narrowing=Narrowing(team=team.pk, area=name))
    for content in (
        as_xlsx(whole, marking=name),
        as_xlsx(croydon(narrowing=Narrowing(area=name)), marking=name),
        cases_as_xlsx([name, "B"], [[name, 1], [name, None]], title=name, marking=name, at=ASKED),
    ):
        within = parts(content)
        sheets = {each: text for each, text in within.items() if each.startswith("xl/worksheets/")}
        assert [each for each, text in within.items() if "externalLink" in each or "External" in text] == []
        assert [each for each, text in sheets.items() if re.search(r"<f[ >/]|<hyperlink|<ddeLink", text)] == []
        cells = [cell for sheet in opened(content) for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
        assert name.strip() in " ".join(str(cell.value) for cell in cells)


def test_the_same_table_gives_the_same_bytes():
    content = as_xlsx(croydon(), marking="OFFICIAL")

    assert as_xlsx(croydon(), marking="OFFICIAL") == content
    assert opened(content).properties.created == datetime(2018, 2, 6, 9, 30)  # noqa: DTZ001 of a workbook UTC is meant


# A list of cases


def test_a_list_of_cases_has_real_times_in_england_numbers_and_empty_cells():
    night, noon = london("2017-10-29 01:30").replace(fold=1), london("2017-06-01 12:00")
    content = cases_as_xlsx(
        ["Episode", "Age", "Last seen", "Returned", "Born"],
        [["E1", 14, night, noon, date(2003, 1, 15)], ["E2", None, noon, "", None]],
        title="Cases",
        at=ASKED,
    )
    sheet = opened(content)["Cases"]

    assert rows(sheet) == [
        ["Episode", "Age", "Last seen", "Returned", "Born"],
        ["E1", 14, datetime(2017, 10, 29, 1, 30), datetime(2017, 6, 1, 12), datetime(2003, 1, 15)],  # noqa: DTZ001
        ["E2", None, datetime(2017, 6, 1, 12), None, None],  # noqa: DTZ001
    ]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:E3")


def test_a_list_of_cases_is_taken_row_by_row():
    taken = []

    def endless():
        for number in range(3_000):
            taken.append(number)
            yield [f"E{number}", number]

    sheet = opened(cases_as_xlsx(["Episode", "Number"], endless(), title="Cases", at=ASKED))["Cases"]

    assert (sheet.max_row, len(taken)) == (3_001, 3_000)


def test_a_telephone_number_stays_text():
    sheet = opened(cases_as_xlsx(["Phone"], [["+44 1632 960001"], ["01632 960001"]], title="Cases", at=ASKED))["Cases"]

    assert rows(sheet)[1:] == [["+44 1632 960001"], ["01632 960001"]]
