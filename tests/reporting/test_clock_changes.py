"""Months in which the clocks change, under the procedure of Croydon: each episode in its month, each hour once."""

import pytest

from tests.records import bring, child, episode, interview, publish
from tests.reporting.authority import people
from tests.reporting.test_pages import rows, text, words

pytestmark = pytest.mark.django_db


def absence(number, seen, back, **cells):
    return episode(
        f"E{number}", f"C{number}", **{"last_seen_at": seen, "returned_at": back, "notified_at": back, **cells}
    )


def held(number, at):
    return interview(f"I{number}", f"C{number}", f"E{number}", held_at=at, method="face_to_face", outcome="completed")


@pytest.fixture
def manager(client, tmp_path):
    publish("croydon")
    bring(
        tmp_path,
        children=[child(f"C{number}") for number in range(1, 7)],
        episodes=[
            absence(1, "2025-10-26T00:59+01:00", "2025-10-26T01:30+00:00"),
            absence(2, "2025-10-31T23:59", "2025-11-01T08:00"),
            absence(3, "2025-11-01T00:00", "2025-11-01T08:00"),
            absence(4, "2026-03-28T12:00", "2026-03-28T22:00"),
            absence(5, "2026-03-28T12:00", "2026-03-28T22:00"),
            absence(6, "2026-04-01T00:30", "2026-04-01T08:00"),
        ],
        interviews=[held(4, "2026-03-31T23:00"), held(5, "2026-03-31T23:01")],
    )
    made = people().manager
    client.force_login(made)
    return made


def figures(client, query):
    return {name: [text(cell) for cell in cells] for name, cells in rows(client.get(f"/reports/?{query}")).items()}


def test_each_episode_lies_in_its_month_whichever_clock_runs(client, manager):
    assert figures(client, "from=2025-10&to=2025-11")["Missing episodes"] == ["2", "1"]
    assert figures(client, "from=2026-03&to=2026-04")["Missing episodes"] == ["2", "1"]


def test_seventy_two_hours_are_elapsed_hours_over_the_change(client, manager):
    march = figures(client, "from=2026-03&to=2026-03")

    assert (march["In time"], march["Late"]) == (["1"], ["1"])
    assert march["Held within 72 hours of the return"] == ["1"]


def test_the_hour_that_comes_twice_is_told_apart_in_the_list(client, manager):
    page = client.get("/reports/cases/episodes/2025-10/?from=2025-10&to=2025-10")

    assert [row.case.episode_id for row in page.context["rows"]] == ["E1", "E2"]
    assert "Sun 26 Oct 2025, 00:59" in words(page)
    file = client.get("/reports/cases/episodes/2025-10/file/csv/?from=2025-10&to=2025-10").content.decode()
    assert "2025-10-26T00:59+01:00" in file
    assert "2025-10-26T01:30+00:00" in file


def test_the_page_names_croydon_and_says_whose_children_are_left_out(client, manager):
    page = words(client.get("/reports/?from=2025-10&to=2026-03"))

    assert '<span class="govuk-caption-l">Croydon</span>' in page
    assert "Children for whom another authority is responsible are left out" in page
