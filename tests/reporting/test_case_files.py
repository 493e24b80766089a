"""Lists of cases as CSV: read back whole, and nothing in them that a spreadsheet would run."""

import csv
import io
from datetime import date

import pytest

from reporting.exports import cases_as_csv
from reporting.exports.text import defused
from tests.records import london


def read(headings, rows):
    return list(csv.reader(io.StringIO("".join(cases_as_csv(headings, rows)).removeprefix("\ufeff"))))


def test_times_are_iso_8601_with_their_offset_so_that_the_hour_that_comes_twice_is_told_apart():
    first = london("2017-10-29 01:30")
    row = ["E1", 14, first, first.replace(fold=1), date(2003, 1, 15), None]

    assert read(["a", "b", "c", "d", "e", "f"], [row])[1] == [
        "E1",
        "14",
        "2017-10-29T01:30+01:00",
        "2017-10-29T01:30+00:00",
        "2003-01-15",
        "",
    ]


def test_it_begins_with_the_mark_by_which_a_spreadsheet_knows_the_letters():
    assert "".join(cases_as_csv(["Näme"], [["Zoë"]])) == "\ufeffNäme\r\nZoë\r\n"


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://127.0.0.1/")',
        "+cmd|' /C calc'!A0",
        "-1+2",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        " =1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
        "+44*2",
        "+44-1",
        "+44 1632 960001;=1",
        "-",
    ],
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe_before_it(text):
    assert defused(text) == f"'{text}"
    assert read([text], [[text]])[1] == [f"'{text}"]


@pytest.mark.parametrize(
    "text",
    [
        "+44 1632 960001",
        "+44 (0)1632 960001",
        "-5",
        "-5.25",
        "",
        "Ann",
        "a=b",
        "1+1",
        "'quoted'",
        "12 - 14 High Street",
    ],
)
def test_telephone_numbers_and_plain_words_stay(text):
    assert read(["a", "b"], [[text, "x"]])[1] == [text, "x"]


def test_commas_quotes_and_line_ends_are_data():
    row = ['He said "no", twice', "one\ntwo", "a,b"]

    assert read(["a", "b", "c"], [row])[1] == row


def test_lines_come_one_by_one_as_rows_are_asked_for():
    taken = []

    def rows():
        for number in range(3):
            taken.append(number)
            yield [number]

    lines = cases_as_csv(["Number"], rows())

    assert (next(lines), taken) == ("\ufeffNumber\r\n", [])
    assert (next(lines), taken) == ("0\r\n", [0])
