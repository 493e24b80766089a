"""Figures as files: at once, or made in the background for whoever asked and nobody else."""

import io
import zipfile
from datetime import timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from episodes.models import Child
from jobs import declared, work
from jobs.models import Job
from reporting import actions
from reporting.models import Download
from reporting.names import pseudonym
from staff.models import AuditEvent
from staff.permissions import Role
from tests.reporting.authority import MAY, people, set_up
from tests.reporting.test_pages import words
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db

ASKED = {"asked_as": "00000000-0000-4000-8000-000000000001", "from": "2026-05", "to": "2026-05", "format": "pdf"}


@pytest.fixture
def authority(tmp_path):
    return set_up(tmp_path)


@pytest.fixture
def manager(client, authority):
    client.force_login(authority.manager)
    return authority.manager


def run_due(*, at=None):
    """What a worker does within the minute; answers what it said."""
    said = StringIO()
    try:
        call_command("run_due", at=at, stdout=said)
    except CommandError:
        said.write(" and failed")
    return said.getvalue()


def ask(client, **changed):
    """Press a button: the page where the file will lie."""
    answer = client.post("/reports/downloads/", ASKED | changed)
    assert answer.status_code == 302
    return answer.headers["Location"]


# At once


def test_the_table_as_a_file_has_the_figures_of_the_page(client, manager):
    answer = client.get(f"/reports/file/csv/?{MAY}")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="monthly-table-2026-05-to-2026-05.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert lines[:5] == [
        "measure,2026-05",
        "Children who went missing,3",
        "Children who were offered a return home interview,1",
        "Children with a return home interview done,1",
        "Missing episodes,4",
    ]


def unpacked(content):
    """Everything that a workbook holds, as text."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def test_a_narrowed_csv_says_so_in_its_first_heading(client, manager):
    answer = client.get(f"/reports/file/csv/?{MAY}&area=Taunton&age=13-15")

    head = answer.content.decode("utf-8-sig").splitlines()[0]
    assert head == "measure (only episodes of children from Taunton aged 13 to 15),2026-05"


def test_a_file_is_marked_by_what_it_shows_and_named_for_nobody(client, manager):
    filtered = client.get(f"/reports/file/xlsx/?{MAY}&area=Taunton&age=13-15")

    assert "OFFICIAL-SENSITIVE" in unpacked(filtered.content)
    assert (
        filtered.headers["Content-Disposition"]
        == 'attachment; filename="monthly-table-2026-05-to-2026-05-narrowed.xlsx"'
    )
    assert "Children who went missing" in {
        cell.value for cell in load_workbook(io.BytesIO(filtered.content)).worksheets[0]["A"]
    }


def test_taking_figures_out_leaves_a_line_without_a_child(client, manager):
    client.get(f"/reports/file/csv/?{MAY}&area=Taunton")

    line = AuditEvent.objects.get(type="figures_downloaded")
    assert (line.children, line.by_email) == ([], "morgan.ellis@example.org")
    assert line.detail == {
        "format": "csv",
        "months": "2026-05 to 2026-05",
        "figure": "",
        "filters": {"area": "Taunton"},
    }


@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("/reports/file/csv/?from=May&to=2026-05", "/reports/?from=May&to=2026-05"),
        ("/reports/file/csv/?from=2020-01&to=2026-05", "/reports/?from=2020-01&to=2026-05"),
        ("/reports/cases/episodes/2026-05/file/csv/?from=May&to=2026-05", "/reports/?from=May&to=2026-05"),
    ],
)
def test_what_cannot_be_made_at_once_leads_to_the_page_that_says_why(client, manager, address, to):
    assert client.get(address).headers["Location"] == to
    assert not AuditEvent.objects.filter(type="figures_downloaded").exists()


def test_the_page_of_a_long_period_offers_buttons_instead_of_links(client, manager):
    long, short = client.get("/reports/?from=2020-01&to=2026-05"), client.get(f"/reports/?{MAY}")

    assert [list(page.context["at_once"]) for page in (long, short)] == [[], ["xlsx", "csv"]]
    # each twice: for publishing, small numbers are left out
    assert words(long).count('name="format"') == 2 * 3
    assert words(short).count('name="format"') == 2 * 1


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_list_as_a_file_holds_every_case_and_no_child(client, authority, format):  # noqa: A002
    client.force_login(authority.coordinator)  # who sees the names on the page

    answer = client.get(f"/reports/cases/episodes/2026-05/file/{format}/?{MAY}")

    held = answer.content.decode() if format == "csv" else unpacked(answer.content)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="cases-episodes-2026-05.{format}"'
    assert [name for name in ("E-1", "E-2", "E-3", "E-4") if name not in held] == []
    assert [name for name in ("Ash", "Ferris", "Briar", "C-ASH", "C-BRIAR", "C-CASEY") if name in held] == []
    assert held.count(pseudonym(Child.objects.get(child_id="C-BRIAR").pk)) == 1
    assert AuditEvent.objects.get(type="list_downloaded").children == ["C-ASH", "C-BRIAR", "C-CASEY"]


def test_a_long_list_is_made_in_the_background(client, manager, monkeypatch):
    monkeypatch.setattr("reporting.views.cases.ROWS_AT_ONCE", 3)

    page = client.get(f"/reports/cases/episodes/2026-05/?{MAY}")
    refused = client.get(f"/reports/cases/episodes/2026-05/file/csv/?{MAY}")

    assert list(page.context["at_once"]) == []
    assert words(page).count('name="format"') == 2
    assert refused.headers["Location"] == f"/reports/cases/episodes/2026-05/?{MAY}"


@pytest.mark.parametrize("months", ["from=2026-05&to=2026-05", "from=2026-03&to=2026-05"])
def test_a_file_costs_the_same_with_many_months(client, manager, django_assert_num_queries, months):
    client.get(f"/reports/file/csv/?{months}")

    # session, person, teams, areas, versions, figures (6), the earliest episode, and the line in the trail in its
    # transaction
    with django_assert_num_queries(15):
        client.get(f"/reports/file/csv/?{months}")


# In the background


def test_a_pdf_is_made_by_a_job_and_opened_by_who_asked_for_it(client, manager):
    place = ask(client)
    waiting = words(client.get(place))
    said = run_due()
    page = words(client.get(place))
    answer = client.get(f"{place}file/")

    assert "Waiting to be made" in waiting
    assert 'data-rhi-download="waiting"' in waiting
    assert f'href="{place}">Check again</a>' in waiting
    assert "reporting.actions.make_download" in said
    assert f'href="{place}file/"' in page
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="monthly-table-2026-05-to-2026-05.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_its_row_and_its_jobs_arguments_hold_codes_and_ids_only(client, manager):
    ask(client, area="Taunton", age="13-15")

    download = Download.objects.get()
    assert (download.first, download.last, download.format) == ("2026-05", "2026-05", "pdf")
    assert download.narrowing == {"area": "Taunton", "age": "13-15"}
    assert Job.objects.get(name="reporting.actions.make_download").arguments == {"download": download.pk}


def test_before_it_is_ready_the_file_leads_to_the_page_that_says_so(client, manager):
    place = ask(client)

    assert client.get(f"{place}file/").headers["Location"] == place
    assert not AuditEvent.objects.filter(type="figures_downloaded").exists()


def test_asking_twice_from_one_page_is_asking_once(client, manager):
    assert ask(client) == ask(client)

    assert Download.objects.count() == 1
    assert Job.objects.filter(name="reporting.actions.make_download").count() == 1
    assert AuditEvent.objects.filter(type="download_asked_for").count() == 1


def test_each_format_asked_for_from_one_page_is_a_file_of_its_own(client, manager):
    places = [ask(client, format=each) for each in ("pdf", "xlsx", "csv")]

    assert len(set(places)) == 3
    assert sorted(each.format for each in Download.objects.all()) == ["csv", "pdf", "xlsx"]
    assert ask(client, format="xlsx") == places[1]


def test_the_database_holds_that_too(client, manager):
    ask(client)
    again = Download.objects.get()
    again.pk, again.key = None, uuid4()

    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_asking_from_another_page_or_as_somebody_else_is_another(client, manager, authority):
    first = ask(client)
    second = ask(client, asked_as=str(uuid4()))
    client.force_login(authority.leader)

    assert len({first, second, ask(client)}) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "exe"},
        {"format": ""},
        {"asked_as": "x"},
        {"from": "May"},
        {"measure": "none"},
        {"measure": "episodes", "format": "pdf"},
        {"area": "Atlantis"},
    ],
)
def test_what_no_button_sends_makes_nothing(client, manager, changed):
    assert ask(client, **changed) == "/reports/"
    assert not Download.objects.exists()


def test_a_list_of_cases_is_made_in_the_background_too(client, manager):
    place = ask(client, format="csv", measure="episodes")
    run_due()

    answer = client.get(f"{place}file/")

    assert answer.content.decode("utf-8-sig").splitlines()[0] == "Episode,Child,Last seen,Returned,Why it is here"
    assert len(answer.content.splitlines()) == 5
    line = AuditEvent.objects.get(type="list_downloaded")
    assert line.children == ["C-ASH", "C-BRIAR", "C-CASEY"]
    assert line.subject == f"reporting.Download:{Download.objects.get().pk}"


def test_every_opening_is_a_line_in_the_trail(client, manager):
    place = ask(client)
    run_due()

    client.get(f"{place}file/")
    client.get(f"{place}file/")

    lines = AuditEvent.objects.filter(type="figures_downloaded")
    assert [line.subject for line in lines] == [f"reporting.Download:{Download.objects.get().pk}"] * 2


@pytest.mark.parametrize("end", ["", "file/"])
def test_somebody_elses_is_answered_like_one_that_does_not_exist_and_put_on_the_trail(client, manager, authority, end):
    place = ask(client)
    run_due()
    client.force_login(authority.coordinator)

    theirs, absent = client.get(f"{place}{end}"), client.get(f"/reports/downloads/{UUID(int=1)}/{end}")

    assert (theirs.status_code, absent.status_code) == (404, 404)
    assert theirs.content == absent.content
    assert AuditEvent.objects.get(type="denied").subject == f"reporting.Download:{Download.objects.get().pk}"


def test_who_may_no_longer_see_figures_opens_none(client, manager):
    place = ask(client)
    run_due()
    manager.role = Role.CASEWORKER
    manager.save()

    assert client.get(f"{place}file/").status_code == 404


def test_a_failure_is_said_in_words_with_what_to_do(client):
    manager = people().manager
    client.force_login(manager)
    place = ask(client)  # without a procedure there is nothing to count by
    at = now() + timedelta(minutes=1)
    run_due(at=at)
    once = words(client.get(place))
    for hours in (1, 2):
        run_due(at=at + timedelta(hours=hours))
    client.force_login(manager)  # the sweep of a night, if one lay between, has ended the session

    thrice = words(client.get(place))
    assert "The last try did not succeed; the next one is at" in once
    assert 'data-rhi-download="failed"' in thrice
    assert "It could not be made, after several tries." in thrice
    assert 'href="/reports/?from=2026-05&amp;to=2026-05">Ask for it again</a>' in thrice
    assert (
        Job.objects.get(name="reporting.actions.make_download").reason == "JobError: No procedure has been published."
    )


def test_it_expires_after_a_week_even_if_nothing_clears_it_away(client, manager):
    place = ask(client)
    run_due()
    Download.objects.update(ready_at=now() - timedelta(days=8), expires_at=now() - timedelta(seconds=1))

    assert "It has expired: files are kept for a week." in words(client.get(place))
    assert client.get(f"{place}file/").headers["Location"] == place


def test_what_has_expired_is_emptied_every_night(client, manager):
    ask(client, format="csv", measure="episodes")
    run_due()
    kept = Download.objects.get()

    actions.clear_expired_downloads(now=kept.expires_at - timedelta(seconds=1), period="2026-05-01")
    held = bytes(Download.objects.get().content)
    actions.clear_expired_downloads(now=kept.expires_at, period="2026-05-02")

    emptied = Download.objects.get()
    assert held.startswith(b"\xef\xbb\xbfEpisode")
    assert (emptied.content, emptied.children) == (None, [])
    assert kept.expires_at - kept.ready_at == timedelta(days=7)
    assert "reporting.actions.clear_expired_downloads" in [each.name for each in declared.schedule()]


def test_making_it_twice_leaves_one(client, manager):
    ask(client)
    job = Job.objects.get(name="reporting.actions.make_download")

    assert work.do(job.pk, now=now()).state == Job.State.DONE
    assert work.do(job.pk, now=now()) is None


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_ones_downloads_costs_the_same_with_many(client, manager, django_assert_num_queries, number):
    for _ in range(number):
        ask(client, asked_as=str(uuid4()))
    make_person("somebody@example.org", "Some Body", Role.MANAGER)
    client.get("/reports/downloads/")

    with django_assert_num_queries(3):  # session, person, downloads with their jobs
        page = client.get("/reports/downloads/")
    assert len(page.context["rows"]) == number
    assert "Monthly table, May 2026" in words(page)


def test_the_list_of_ones_downloads_holds_nobody_elses(client, manager, authority):
    ask(client)
    client.force_login(authority.leader)

    assert "You have asked for none yet." in words(client.get(reverse("reporting:downloads")))
