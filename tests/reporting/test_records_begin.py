"""Before the records begin nothing is known: no page and no file may say that no child went missing then."""

import io

import pytest
from openpyxl import load_workbook

from episodes.models import Episode
from reporting.charts import chart
from reporting.exports import as_json, as_text, as_xlsx
from reporting.exports.document import as_html
from reporting.narrowing import Narrowing
from reporting.tables import Month, monthly
from reporting.wording import before_records, rates_described, sentence, sentences
from tests.records import NOW, bring, child, episode, publish
from tests.reporting.authority import set_up
from tests.reporting.tables import table
from tests.reporting.test_pages import words

MAY_2015, MARCH, APRIL, MAY = Month(2015, 5), Month(2017, 3), Month(2017, 4), Month(2017, 5)
FIGURES = {"children_missing": [0, 0, 6], "children_offered": [0, 0, 3], "episodes": [0, 0, 8]}


def reaching_back(since=MAY):
    """March to May 2017, of which there are records from May on."""
    return table(MARCH, since=since, **FIGURES)


def test_a_month_before_the_records_is_not_said_to_be_without_a_missing_child():
    assert sentences(reaching_back())[:2] == [
        "No episode on record reaches back to March 2017.",
        "No episode on record reaches back to April 2017.",
    ]
    assert sentence(table(MARCH, since=MARCH, **FIGURES), APRIL) == "In April 2017, no child went missing."


def test_the_table_says_from_when_there_are_records():
    assert before_records(reaching_back()) == (
        "The records begin in May 2017. No episode on record reaches back to March to April 2017: its figures do not"
        " say that no child went missing."
    )
    assert before_records(reaching_back(since=MARCH)) == ""


def test_the_graph_has_no_point_there_and_says_so():
    made = chart(reaching_back())

    assert [len(line.marks) for line in made.lines] == [1, 1, 0]
    assert made.description.startswith("Offer rate, % of children: 50.00% in May 2017. ")
    assert made.description.endswith(" No records: March to April 2017.")
    assert "No records" not in rates_described(reaching_back(since=MARCH))


def test_the_pdf_says_so_at_its_beginning_at_the_head_of_the_columns_and_in_words():
    html = " ".join(as_html(reaching_back()).split())

    assert f'<p class="note">{before_records(reaching_back())}</p>' in html
    assert html.count("<br> no records </th>") == 2 * 5
    assert '<p class="sentence">No episode on record reaches back to March 2017.</p>' in html
    assert "no child went missing.</p>" in html  # in the note alone
    assert html.count("no child went missing") == 1


def test_the_workbook_says_so_and_draws_only_the_months_of_which_there_are_records():
    book = load_workbook(io.BytesIO(as_xlsx(reaching_back())))
    (rates, children) = book["Graphs"]._charts
    empty = load_workbook(io.BytesIO(as_xlsx(table(MARCH, since=Month(2018, 1), episodes=[0, 0, 0]))))

    assert [cell.number_format for cell in book["Monthly table"][3][1:]] == ['mmm yyyy "no records"'] * 2 + ["mmm yyyy"]
    assert {row[0].value: row[1].value for row in book["About"]}["Records"] == before_records(reaching_back())
    assert book["In words"]["B2"].value == "No episode on record reaches back to March 2017."
    assert book["Graphs"]["A1"].value == before_records(reaching_back())
    assert [each.series[0].val.numRef.f.split("!")[1] for each in (rates, children)] == ["$D$10", "$D$5"]
    assert empty["Graphs"]._charts == []


def test_text_and_json_say_so_too():
    assert before_records(reaching_back()) in as_text(reaching_back())
    assert as_json(reaching_back()).count('"recorded": false') == 2


# The earliest episode on record

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("month_of", "since"), [("last_seen", "2026-01"), ("reported", "2026-02"), ("returned", "2026-03")]
)
def test_the_records_begin_by_the_time_that_the_procedure_counts_by(tmp_path, month_of, since):
    begin(tmp_path, month_of)

    counted = monthly(Month(2025, 12), Month(2026, 5), now=NOW)

    assert counted.since == {month_of: Month.of(since)}
    assert str(next(month for month in counted.months if counted.recorded(month))) == since


def begin(folder, month_of="last_seen"):
    """Records that begin in the first hours of 2026 in England, with an episode that took two months."""
    publish("croydon", text=COUNTING + f'[counting]\nmonth_of = "{month_of}"\n')
    bring(
        folder,
        children=[child()],
        episodes=[
            episode(
                "E1",
                last_seen_at="2026-01-01T00:30",
                reported_at="2026-02-02T09:00",
                returned_at="2026-03-03T07:00",
                notified_at="2026-03-03T09:00",
            ),
            episode("E2", reported_at="2026-05-11T22:00"),
        ],
    )


COUNTING = """
name = "test"
effective_from = 2020-01-01
[authority]
code = "E06000066"
name = "Test"
[routing]
rules = []
default = {team = "T", clause = "c", because = "b"}
"""


def test_a_withdrawn_episode_is_no_record_and_filters_change_nothing(tmp_path, django_assert_num_queries):
    begin(tmp_path)
    narrowed = monthly(Month(2026, 5), Month(2026, 5), now=NOW, narrowing=Narrowing(area="Atlantis"))
    assert narrowed.since == {"last_seen": Month(2026, 1)}

    Episode.objects.filter(episode_id="E1").update(withdrawn_at=NOW, withdrawn_because="error")

    with django_assert_num_queries(8):  # versions, figures (6), the earliest episode
        assert monthly(Month(2026, 5), Month(2026, 5), now=NOW).since == {"last_seen": Month(2026, 5)}


def test_without_any_episode_nothing_is_said_of_any_month():
    publish("croydon")

    empty = monthly(MAY_2015, MAY_2015, now=NOW)

    assert empty.since == {}
    assert before_records(empty) == "No episode is on record yet: the figures do not say that no child went missing."
    assert sentences(empty) == ["No episode on record reaches back to May 2015."]


def test_the_page_says_so_above_the_figures_and_at_the_head_of_each_column(client, tmp_path):
    client.force_login(set_up(tmp_path).manager)

    page = client.get("/reports/?from=2026-03&to=2026-05")
    within = client.get("/reports/?from=2026-05&to=2026-06")

    assert '<p class="govuk-inset-text">The records begin in May 2026. No episode on record reaches' in words(page)
    assert [remark for _, remark in page.context["heads"]] == ["no records", "no records", ""]
    assert words(page).count('<span class="rhi-report__hint">no records</span>') == 2
    assert "<li>No episode on record reaches back to March 2026.</li>" in words(page)
    assert "The records begin" not in words(within)
    assert "In June 2026, no child went missing." in words(within)
