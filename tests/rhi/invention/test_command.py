"""The command that writes invented records, and what it refuses."""

from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from rhi.invention.pace import Wish
from rhi.invention.records import invent
from tests.rhi.invention.records import LONDON, at, generate, times


def test_the_records_end_today_when_no_date_is_given(tmp_path):
    files = generate(tmp_path, months=1)

    today = datetime.fromtimestamp((tmp_path / "children.csv").stat().st_mtime, LONDON).date()
    assert max(at(text).astimezone(LONDON).date() for text in times(files)) == today - timedelta(days=1)


def test_children_come_one_at_a_time_so_that_memory_does_not_grow():
    rows = invent(Wish(12, 60_000, 30_000, date(2024, 11, 1), 1))

    first = [next(rows)[0] for _ in range(3)]

    assert first[0] == "children.csv"


@pytest.mark.parametrize(
    ("options", "because"),
    [
        ({"until": date(2999, 1, 1)}, "lies in the future"),
        ({"episodes_per_month": 10, "children_per_month": 11}, "11 children cannot go missing in 10 episodes"),
        ({"episodes_per_month": 81, "children_per_month": 10}, "more than 8 for each of 10 children"),
        ({"months": 601}, "more than 600"),
    ],
)
def test_figures_that_no_records_can_have_are_refused_and_nothing_is_written(tmp_path, options, because):
    with pytest.raises(CommandError, match=because):
        call_command("generate_records", output=tmp_path / "records", **options)

    assert not (tmp_path / "records").exists()


@pytest.mark.parametrize("option", ["--months=0", "--months=-3", "--episodes-per-month=few", "--until=31/03/2024"])
def test_a_figure_or_date_that_cannot_be_read_is_refused_in_words(tmp_path, option):
    with pytest.raises(CommandError, match=r"is not a (whole number above 0|day such as 2026-03-29)"):
        call_command("generate_records", f"--output={tmp_path / 'records'}", option)

    assert not (tmp_path / "records").exists()


def test_records_that_are_there_are_never_replaced_by_invented_ones(tmp_path):
    extract = tmp_path / "children.csv"
    extract.write_text("child_id,first_name,last_name,date_of_birth\n", encoding="utf-8")

    with pytest.raises(CommandError, match=r"already holds children\.csv"):
        call_command("generate_records", output=tmp_path, months=1)

    assert [path.name for path in tmp_path.iterdir()] == ["children.csv"]
    assert extract.read_text(encoding="utf-8") == "child_id,first_name,last_name,date_of_birth\n"


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("kept", encoding="utf-8")

    with pytest.raises(CommandError, match="is a file"):
        call_command("generate_records", output=notes, months=1)

    assert notes.read_text(encoding="utf-8") == "kept"
