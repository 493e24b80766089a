"""How far a file is that takes a while: its place among those that wait, and what has been done of it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from jobs import claims
from jobs.models import Job
from reporting import actions
from reporting.models import Download
from reporting.tables import Month
from reporting.views.downloads import so_far
from tests.reporting.authority import many, set_up
from tests.reporting.test_downloads import ask, run_due
from tests.reporting.test_pages import words
from tests.staff.people import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client, tmp_path):
    made = set_up(tmp_path).manager
    client.force_login(made)
    return made


def begin(download):
    """A worker takes the file's job, and has not come far yet."""
    assert claims.claim(download.job_id, now=now()) is not None


def test_a_file_that_waits_says_how_many_are_made_before_it(client, manager):
    places = [ask(client, asked_as=str(uuid4())) for _ in range(3)]

    assert "Waiting to be made</strong> It is the next to be made." in words(client.get(places[0]))
    assert "Waiting to be made</strong> 1 file is made before it." in words(client.get(places[1]))
    assert "Waiting to be made</strong> 2 files are made before it." in words(client.get(places[2]))

    Job.objects.filter(download=Download.objects.earliest("pk")).update(state=Job.State.DONE, finished_at=now())
    assert "1 file is made before it." in words(client.get(places[2]))


@pytest.mark.parametrize(
    ("what", "done", "whole", "said"),
    [
        ("table", 0, 0, "It has just been begun."),
        ("table", 0, 2, "Step 1 of 2: the figures are being counted."),
        ("table", 1, 2, "Step 2 of 2: the file is being drawn."),
        ("cases", 12_000, 52_000, "12,000 of 52,000 cases have been read."),
        ("cases", 52_000, 52_000, "All 52,000 cases have been read; the file is being written."),
    ],
)
def test_how_much_is_done_is_said_in_words(what, done, whole, said):
    assert so_far(Download(what=what, done=done, whole=whole)) == said


def test_a_file_that_is_being_made_says_so_on_its_page_and_in_the_list(client, manager):
    place = ask(client)
    download = Download.objects.get()
    begin(download)
    Download.objects.update(done=1, whole=2)

    page, listed = words(client.get(place)), words(client.get("/reports/downloads/"))

    assert "Being made</strong> Step 2 of 2: the file is being drawn." in page
    assert 'data-rhi-download="being_made"' in page
    assert f'href="{place}">Check again</a>' in page
    assert "Step 2 of 2: the file is being drawn." in listed


def test_a_worker_shows_how_far_it_is_before_it_has_done(client, manager):
    ask(client)
    download = Download.objects.get()

    actions.prepare_download(download=download.pk, now=now())

    download.refresh_from_db()
    assert (download.done, download.whole, download.content) == (1, 2, None)


def test_a_long_list_tells_its_cases_as_they_are_read(tmp_path, monkeypatch):
    many(tmp_path, 5)
    monkeypatch.setattr("reporting.actions.BATCH", 2)
    told = []
    wanted = actions.Wanted(Download.Format.CSV, Month(2026, 5), Month(2026, 5), actions.Narrowing(), "episodes")

    actions.make(wanted, now=now(), progress=lambda done, whole: told.append((done, whole)))

    assert told == [(0, 5), (2, 5), (4, 5), (5, 5)]


def test_a_second_try_that_has_begun_does_not_speak_of_the_next_one(client, manager):
    place = ask(client)
    download = Download.objects.get()
    Job.objects.filter(pk=download.job_id).update(reason="Failure in x, line 1", attempts=1)
    waiting = words(client.get(place))
    begin(download)

    assert "The last try did not succeed; the next one is at" in waiting
    assert "The last try did not succeed" not in words(client.get(place))


def test_what_is_ready_says_nothing_of_its_making(client, manager):
    place = ask(client)
    run_due(at=now() + timedelta(minutes=1))

    page = client.get(place)
    assert page.context["progress"] == ""
    assert "Step" not in words(page)


def test_the_database_holds_that_no_more_is_done_than_there_is(client, manager):
    ask(client)

    with pytest.raises(IntegrityError), transaction.atomic():
        Download.objects.update(done=3, whole=2)
