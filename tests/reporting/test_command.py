"""`manage.py monthly_table`: text to the terminal, files to a file."""

import io
import sys
import zipfile

import pytest
from django.core.management import CommandError, call_command

from tests.records import bring, child, episode, publish

pytestmark = pytest.mark.django_db

PERIOD = ["--from", "2026-05", "--to", "2026-06"]


@pytest.fixture(autouse=True)
def records(tmp_path):
    publish("croydon")
    bring(tmp_path / "records", children=[child()], episodes=[episode()])


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.mark.slow
def test_a_pdf_and_a_workbook_are_written_to_a_file(tmp_path):
    call_command("monthly_table", *PERIOD, "--format", "pdf", "--output", str(tmp_path / "table.pdf"))
    call_command("monthly_table", *PERIOD, "--format", "xlsx", "--output", str(tmp_path / "table.xlsx"))

    assert (tmp_path / "table.pdf").read_bytes()[:5] == b"%PDF-"
    assert "xl/workbook.xml" in zipfile.ZipFile(tmp_path / "table.xlsx").namelist()


def test_a_file_goes_to_standard_output_where_that_is_no_terminal(capsysbinary):
    call_command("monthly_table", *PERIOD, "--format", "xlsx")

    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(capsysbinary.readouterr().out)).namelist()


@pytest.mark.parametrize("kind", ["xlsx", "pdf"])
def test_a_terminal_is_not_filled_with_bytes(kind, monkeypatch):
    terminal = Terminal(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", terminal)

    with pytest.raises(CommandError) as refused:
        call_command("monthly_table", *PERIOD, "--format", kind)

    assert str(refused.value) == (
        f"A terminal cannot show {kind.upper()}. Name a file with --output PATH, or send the output to one."
    )
    terminal.flush()
    assert terminal.buffer.getvalue() == b""


def test_text_goes_to_a_terminal_and_to_a_file(tmp_path, capsys):
    call_command("monthly_table", *PERIOD, "--format", "csv")
    call_command("monthly_table", *PERIOD, "--format", "csv", "--output", str(tmp_path / "table.csv"))

    assert capsys.readouterr().out.splitlines()[:2] == ["measure,2026-05,2026-06", "Children who went missing,1,0"]
    assert (tmp_path / "table.csv").read_text().splitlines()[1] == "Children who went missing,1,0"


@pytest.mark.parametrize("options", [["--from", "2026-06", "--to", "2026-05"], ["--from", "2026", "--to", "2026-05"]])
def test_a_period_that_is_none_is_refused_in_words(options):
    with pytest.raises(CommandError, match=r"lies before the first|is not a month such as 2017-04"):
        call_command("monthly_table", *options)
