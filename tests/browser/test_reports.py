"""A manager's journey: from the table to the cases behind a figure and back, and out with the figures as files."""

import csv
import io
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from openpyxl import load_workbook
from pypdf import PdfReader

from procedures.calendar import LONDON
from reporting import measures
from reporting.models import Download
from rhi.questions.shapes import Situation
from staff.models import AuditEvent, Membership, Team
from tests.browser.test_journeys import reach_and_hold, sign_off, write_up
from tests.browser.test_recording_journey import on_the_wall
from tests.records import bring, child, episode, publish
from tests.reporting.authority import MAY, TAUNTON, people, set_up
from tests.staff.people import make_person, now


@pytest.fixture
def authority(tmp_path):
    return set_up(tmp_path)


def taken(walker, target):
    """What the browser saves when this is pressed: its name and content."""
    walker.interactions += 1
    with walker.page.expect_download() as saved:
        target.click()
    return saved.value.suggested_filename, saved.value.path().read_bytes()


def test_a_manager_traces_a_figure_to_its_cases_and_takes_the_figures_to_the_committee(authority, walk):
    morgan = walk(authority.manager)
    page = morgan.page
    morgan.sees("My work")
    morgan.follow("Reports")
    assert page.get_by_role("heading", level=1).inner_text().startswith("Monthly table, ")
    page.goto(f"/reports/?{MAY}")
    morgan.sees("Monthly table, May 2026")
    morgan.reads("In May 2026, 3 children went missing;")

    page.get_by_role("row", name="Missing episodes", exact=False).first.get_by_role("link").click()
    morgan.sees("Missing episodes: 4")
    morgan.reads("The list holds 4 episodes of 3 children.")
    assert [name for name in ("Ash", "Briar", "Casey", "C-ASH") if name in page.content()] == []
    morgan.follow("Back to the table")
    morgan.sees("Monthly table, May 2026")

    name, content = taken(morgan, page.get_by_role("button", name="Excel (XLSX)", exact=True))
    assert name == "monthly-table-2026-05-to-2026-05.xlsx"
    figures = {row[0].value: row[1].value for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()}
    assert (figures["Missing episodes"], figures["Children who went missing"]) == (4, 3)

    morgan.press("PDF")
    morgan.sees("Monthly table, May 2026")
    morgan.reads("Waiting to be made")
    call_command("run_due", stdout=StringIO())
    if not page.get_by_role("button", name="Download (PDF)").is_visible():
        morgan.follow("Check again")
    morgan.sees("Monthly table, May 2026")
    name, content = taken(morgan, page.get_by_role("button", name="Download (PDF)"))
    assert name == "monthly-table-2026-05-to-2026-05.pdf"
    assert content.startswith(b"%PDF-")

    morgan.follow("Back")
    morgan.follow("Your downloads")
    morgan.sees("Your downloads")
    page.goto(f"/reports/measures/?{MAY}")
    morgan.sees("What the figures mean")
    kinds = AuditEvent.objects.filter(by_id=authority.manager.pk).values_list("type", flat=True)
    assert {"figures_read", "list_read", "figures_downloaded", "download_asked_for"} <= set(kinds)
    assert morgan.complaints == []


@pytest.mark.parametrize("way", ["desktop"], indirect=True)
def test_a_download_says_by_itself_when_it_is_ready(authority, walk):
    morgan = walk(authority.manager)
    morgan.page.goto(f"/reports/?{MAY}")
    morgan.press("PDF")
    morgan.reads("Waiting to be made")

    call_command("run_due", stdout=StringIO())

    morgan.page.get_by_role("button", name="Download (PDF)").wait_for()
    assert morgan.complaints == []


@pytest.mark.parametrize("way", ["desktop", "phone"], indirect=True)
def test_a_wrong_month_and_an_empty_table_are_sound_pages(walk):
    publish("somerset")
    morgan = walk(people().manager)
    morgan.page.goto("/reports/?from=May&to=2026-01")
    morgan.sees("Monthly table")
    morgan.reads("Enter a month like April 2026 or 2026-04")

    morgan.page.goto(f"/reports/?{MAY}")
    morgan.sees("Monthly table, May 2026")
    morgan.reads("No episode is on record yet")


@pytest.mark.parametrize("way", ["phone"], indirect=True)
def test_on_a_phone_the_table_scrolls_by_itself_and_keeps_its_first_column(authority, walk):
    morgan = walk(authority.manager)
    morgan.page.goto("/reports/?from=2025-06&to=2026-05")
    region = morgan.page.get_by_role("region", name="Monthly table, June 2025 to May 2026")
    morgan.reads("The table scrolls sideways: the newest month is the last.")
    morgan.reads("The graph scrolls sideways.")

    region.focus()
    region.evaluate("element => element.scrollTo(1000, 0)")

    head = region.get_by_role("rowheader", name="Missing episodes", exact=True).bounding_box()
    assert region.evaluate("element => element.scrollWidth > element.clientWidth + 300")
    assert 0 <= head["x"] < 20
    morgan.sees("Monthly table, June 2025 to May 2026")


@pytest.mark.clause("CARD-16")
@pytest.mark.parametrize("way", ["desktop"], indirect=True)
def test_last_month_is_had_in_every_format_in_three_interactions_with_the_figures_of_the_page(tmp_path, walk):
    publish("somerset")
    last_month = (now().astimezone(LONDON).replace(day=1) - timedelta(days=10)).date()
    bring(
        tmp_path,
        now=now(),
        children=[child(f"C{number}") for number in range(3)],
        episodes=[
            episode(f"E{number}", f"C{number % 3}", **night(last_month - timedelta(days=2 * number)))
            for number in range(4)
        ],
    )
    morgan = walk(people().manager)
    page = morgan.page
    reports = page.url

    with morgan.at_most(3):
        morgan.follow("Last month")
        name, workbook = taken(morgan, page.get_by_role("button", name="Excel (XLSX)", exact=True))
    assert name == f"monthly-table-{last_month:%Y-%m}-to-{last_month:%Y-%m}.xlsx"
    shown = figures(page)
    assert (shown["Missing episodes"], shown["Children who went missing"]) == (["4"], ["3"])

    page.goto(reports)
    with morgan.at_most(3):
        morgan.follow("Last month")
        _, text = taken(morgan, page.get_by_role("button", name="CSV", exact=True))

    page.goto(reports)
    with morgan.at_most(3):
        morgan.follow("Last month")
        morgan.press("PDF")
        call_command("run_due", stdout=StringIO())
        _, document = taken(morgan, page.get_by_role("button", name="Download (PDF)"))

    in_csv = dict(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    rows = load_workbook(io.BytesIO(workbook)).worksheets[0].iter_rows(values_only=True)
    in_xlsx = {measure: value for measure, value, *_ in rows}
    in_pdf = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(document)).pages).split())
    for measure in measures.MEASURES:
        (figure,) = shown[measure.name]
        assert as_shown(in_csv[measure.name], measure) == figure
        assert as_shown(in_xlsx[measure.name], measure) == figure
        assert f"{measure.name} {figure} " in in_pdf
    assert morgan.complaints == []


def night(day: date):
    """From the evening of a day to the next morning."""
    return {
        "last_seen_at": f"{day}T20:00",
        "returned_at": f"{day + timedelta(days=1)}T07:00",
        "notified_at": f"{day + timedelta(days=1)}T09:00",
    }


def figures(page):
    """The table as it is read: each measure with its figures."""
    rows = page.locator(".rhi-report tbody tr", has=page.locator("td")).all()
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows}


def as_shown(value, measure):
    """A figure of a file as the page has it."""
    if value is None or value == "":
        return "none"
    if measure.unit == "percent":
        return f"{value}%" if isinstance(value, str) else f"{value:.2%}"
    return str(value)


@pytest.mark.parametrize("way", ["desktop", "no-scripts"], indirect=True)
def test_a_double_press_asks_for_one_file(authority, walk):
    morgan = walk(authority.manager)
    morgan.page.goto(f"/reports/?{MAY}")

    morgan.page.get_by_role("button", name="PDF", exact=True).dblclick(no_wait_after=True)
    morgan.page.wait_for_url("**/reports/downloads/*/")

    morgan.sees("Monthly table, May 2026")
    assert Download.objects.count() == 1
    assert AuditEvent.objects.filter(type="download_asked_for").count() == 1


@pytest.mark.parametrize("way", ["no-scripts"], indirect=True)
def test_without_scripts_check_again_tells_how_far_it_is(authority, walk):
    morgan = walk(authority.manager)
    morgan.page.goto(f"/reports/?{MAY}")
    morgan.press("PDF")
    morgan.reads("Waiting to be made It is the next to be made.")

    call_command("run_due", stdout=StringIO())
    morgan.follow("Check again")

    morgan.reads("It is ready.")
    assert morgan.complaints == []


@pytest.mark.clause("CARD-13")
@pytest.mark.parametrize("way", ["desktop"], indirect=True)
@pytest.mark.timeout(240)
def test_a_case_worked_in_the_browser_adds_one_to_each_row_that_it_should(tmp_path, walk):
    publish("somerset")
    bring(tmp_path, children=[child("C1", first_name="Ash", last_name="Ferris")])
    made = people()
    robin = make_person()
    Membership.objects.create(user=robin, team=Team.objects.get(name=TAUNTON))
    seen = on_the_wall(timedelta(hours=9))
    table = f"/reports/?from={seen:%Y-%m}&to={now().astimezone(LONDON):%Y-%m}"
    morgan = walk(made.manager)
    morgan.page.goto(table)
    before = figures(morgan.page)
    assert {sum(map(int, row)) for row in before.values() if row[0] != "none"} == {0}

    notify(walk(made.coordinator), seen)
    sam = walk(made.leader)
    sam.follow(TAUNTON)
    sam.follow("Assign Ash Ferris")
    sam.choose(robin.name)
    sam.press("Save")
    worker = walk(robin)
    reach_and_hold(worker)
    write_up(worker, Situation(held=True))
    sam.follow("My work")
    sign_off(sam)

    morgan.page.goto(table)
    after = figures(morgan.page)
    risen = {name for name, row in after.items() if "%" not in name and sum(map(int, row)) == 1}
    assert risen == {measures.printed(key).name for key in RISE}
    assert {sum(map(int, row)) for name, row in after.items() if "%" not in name and name not in risen} == {0}
    assert after["Offer rate, % of children"][0] == after["Interviews done, % of episodes"][0] == "100.00%"
    assert worker.complaints == sam.complaints == morgan.complaints == []


#: What a case adds one to whose interview was offered, accepted, held at once, written up and signed off.
RISE = {
    *("children_missing", "children_offered", "children_done", "episodes", "episodes_done"),
    *("episodes_offered", "episodes_accepted", "in_time", "held_within_72_hours"),
    *("held_within_72_hours_of_notification", "held_within_3_calendar_days", "held_within_3_working_days"),
    *("children_offered_in_month", "children_interviewed_in_month", "children_interviewed_by_independent"),
}


def notify(priya, seen):
    """The service is told of an absence, and then of the return."""
    priya.follow("Find a child")
    priya.write("Name, person ID or police reference", "Ash Ferris")
    priya.press("Find")
    priya.follow("Ash Ferris")
    priya.follow("Record an episode")
    priya.choose("Missing")
    priya.time("Last seen", seen)
    priya.choose("Not yet")
    priya.press("Record the episode")
    priya.press("Record the return")
    priya.choose("The time is known")
    priya.time("When the child came back", on_the_wall(timedelta(hours=3)))
    priya.press("Record the return")
    priya.reads("The return is recorded. A referral is open")


@pytest.mark.parametrize("way", ["desktop"], indirect=True)
def test_where_the_months_have_room_nothing_is_said_of_scrolling(authority, walk):
    morgan = walk(authority.manager)
    morgan.page.goto("/reports/?from=2025-09&to=2026-05")

    morgan.reads("Follow a figure to the cases behind it.")
    assert not morgan.page.get_by_text("The table scrolls sideways").is_visible()
    assert not morgan.page.get_by_text("The graph scrolls sideways").is_visible()


@pytest.mark.parametrize("way", ["desktop"], indirect=True)
def test_on_paper_the_page_carries_its_marking_and_nothing_to_press(authority, walk):
    morgan = walk(authority.manager)
    morgan.page.goto(f"/reports/?{MAY}")

    sheets = PdfReader(io.BytesIO(morgan.page.pdf(format="A4"))).pages

    first = " ".join(sheets[0].extract_text().split())
    assert "OFFICIAL-SENSITIVE Somerset Monthly table, May 2026 In May 2026, 3 children" in first
    assert [row for row in ("Children who went missing", "Missing episodes") if row not in first] == []
    whole = " ".join(" ".join(sheet.extract_text().split()) for sheet in sheets)
    assert [words for words in ("Last month", "Choose other months", "Download") if words in whole] == []
