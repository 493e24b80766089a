"""Files as they come in: a whole file that cannot be read is refused in words, a row by itself is rejected."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import pytest

from episodes import files
from episodes.files import Column, FileRefused, Layout, Reject, Row, Unreadable, check, defused
from tests.records import NOW, london

LAYOUT = Layout(
    "children.csv",
    (
        Column("child_id", files.text(10), required=True),
        Column("born", files.day, past=True),
        Column("seen_at", files.instant),
        Column("words", files.text(20), empty=""),
    ),
    key=("child_id",),
)
SIGHTINGS = Layout(
    "sightings.csv",
    (Column("child_id", files.text(10), required=True), Column("seen_at", files.instant, required=True)),
    key=("child_id", "seen_at"),
)


@pytest.fixture
def given(tmp_path):
    """A file with this content, text or bytes."""

    def write(content):
        path = tmp_path / "children.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path, layout=LAYOUT):
    with pytest.raises(FileRefused) as refused:
        check(path, layout, NOW)
    return str(refused.value)


def rows(path, layout=LAYOUT, now=NOW):
    return list(check(path, layout, now).rows(now))


def values(path):
    found = rows(path)
    assert [type(row) for row in found] == [Row] * len(found), found
    return [dict(row.values) for row in found]


def reasons(path):
    return [(row.line, row.reason) for row in rows(path) if isinstance(row, Reject)]


# Files that are refused as a whole


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("content", ["child_id,words\nC1,Zoe\n", "child_id,words\r\nC1,Zoë\r\n", "child_id,wörter\n"])
def test_utf_16_is_refused_by_its_name(given, encoding, content):
    answer = refusal(given(content.encode(encoding)))

    for part in ("children.csv is not UTF-8 text", "looks like UTF-16.", "Save it as 'CSV UTF-8'."):
        assert part in answer


def test_what_windows_calls_ansi_is_refused_with_the_line_of_the_first_strange_byte(given):
    many = "".join(f"C{number},plain\n" for number in range(5000))

    answer = refusal(given(f"child_id,words\n{many}C,Zoë\n".encode("cp1252")))

    assert answer == (
        "children.csv is not UTF-8 text: line 5002 has a byte that cannot be read. Save it as 'CSV UTF-8'."
    )


def test_half_of_a_surrogate_pair_is_no_text(given):
    assert "line 2 has a byte that cannot be read" in refusal(given(b"child_id,words\nC1,\xed\xa0\xbd\n"))


def test_an_empty_file_is_refused(given):
    assert refusal(given("")) == (
        "children.csv has no header. Its first line should name its columns, of: child_id, born, seen_at, words."
    )


def test_a_file_that_begins_with_a_blank_line_is_refused(given):
    assert "children.csv has no header" in refusal(given("\nchild_id,seen_at\n"))


def test_unknown_repeated_and_missing_columns_are_all_named_at_once(given):
    assert refusal(given("surname,words,words,shoe size,\n")) == (
        "children.csv has unknown columns: 'surname', 'shoe size', one without a name;"
        " columns that come more than once: 'words'; missing columns: 'child_id'."
        " It may have: child_id, born, seen_at, words."
    )


def test_a_column_is_known_by_its_exact_name(given):
    assert "unknown columns: 'Child_ID'" in refusal(given("Child_ID,child_id\n"))


def test_semicolons_instead_of_commas_are_refused(given):
    assert "unknown columns: 'child_id;words'" in refusal(given("child_id;words\nC1;x\n"))


@pytest.mark.parametrize(
    "content",
    [
        'child_id,words\nC1,"never closed\n' + "C2,plain\n" * 10,
        'child_id,words\nC1,"never closed\n' + "C2,plain\n" * 400_000,
        'child_id,words\nC1,"closed too "early"\n',
    ],
    ids=["small file", "large file", "quotes inside quotes"],
)
def test_a_quotation_mark_that_is_never_closed_is_refused_with_the_line_of_its_row(given, content):
    assert refusal(given(content)) == (
        "children.csv is not sound CSV: the row that begins on line 2 cannot be read"
        " (a quotation mark that is never closed, perhaps)."
    )


def test_a_file_without_any_line_end_is_not_read_to_its_end(given):
    assert "line 1 is longer than 4,194,304 characters" in refusal(given("x" * 5_000_000))


def test_a_directory_of_that_name_is_refused(tmp_path):
    (tmp_path / "children.csv").mkdir()

    assert refusal(tmp_path / "children.csv") == "children.csv is not a file."


def test_a_link_that_leads_nowhere_is_refused(tmp_path):
    (tmp_path / "children.csv").symlink_to(tmp_path / "gone")

    assert refusal(tmp_path / "children.csv") == "children.csv cannot be read: No such file or directory."


# What is taken as it is


def test_a_header_alone_is_a_file_without_rows(given):
    assert rows(given("child_id,words\n")) == []


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "byte order mark"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["last line ended", "last line open"])
def test_byte_order_mark_and_line_ends_make_no_difference(given, mark, end, last):
    content = mark + end.join([b'"child_id",words', "C1,Zoë".encode(), b'C2,"one', b'two"']) + (end if last else b"")

    assert values(given(content)) == [
        {"child_id": "C1", "words": "Zoë"},
        {"child_id": "C2", "words": f"one{end.decode()}two"},
    ]


def test_columns_come_in_any_order_and_an_absent_one_has_no_value(given):
    assert values(given("words,child_id\nx,C1\n")) == [{"child_id": "C1", "words": "x"}]


def test_an_empty_cell_stands_for_nothing(given):
    assert values(given("child_id,born,seen_at,words\nC1,,,\n")) == [
        {"child_id": "C1", "born": None, "seen_at": None, "words": ""}
    ]


def test_spaces_around_names_and_values_are_not_part_of_them(given):
    assert values(given(" child_id , words \n C1 ,  a b  \n")) == [{"child_id": "C1", "words": "a b"}]


def test_blank_lines_and_rows_of_nothing_but_commas_are_passed_over(given):
    path = given("child_id,words\n\nC1,x\n,\n\n\nC2,y\n")

    assert [(row.line, row.values["child_id"]) for row in rows(path)] == [(3, "C1"), (7, "C2")]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "@SUM(A1)", "-2", "+44 1632 960001", "‮evil", "👩‍👧", "é", "‍", "None", "\x1b[2J", "0'; DROP"],
)
def test_odd_text_is_kept_to_the_letter(given, cell):
    assert values(given(f"child_id,words\nC1,{cell}\n")) == [{"child_id": "C1", "words": cell}]


def test_newlines_commas_and_quotes_in_a_cell_are_part_of_it(given):
    assert values(given('child_id,words\nC1,"a, ""b""\nc"\n')) == [{"child_id": "C1", "words": 'a, "b"\nc'}]


# Rows that are rejected by themselves


def test_a_row_is_rejected_with_its_line_its_key_its_reason_and_its_cells_as_read(given):
    assert rows(given('child_id,seen_at,words\nC1,,"two\nlines"\n C2 ,yesterday,"a,b"\nC3,,x\n'))[1] == Reject(
        file="children.csv",
        line=4,
        key="C2",
        reason="seen_at should be a time such as 2026-03-29T22:15 or 2026-03-29T22:15:00+01:00; found 'yesterday'.",
        cells=(" C2 ", "yesterday", "a,b"),
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("C1", "The row has 1 cells, the header 2."),
        ("C1,x,y", "The row has 3 cells, the header 2."),
        (",x", "child_id is empty, but needed."),
        ("   ,x", "child_id is empty, but needed."),
        ("Cabcdefghij,x", "child_id should be at most 10 characters; found 'Cabcdefghij'."),
        ("C1,a\0b", "words should be text without a NUL character; found 'a?b'."),
        (
            f"C1,{'x' * 2**20}",
            f"words should be at most 20 characters; found '{'x' * 60}… (1,048,576 characters)'.",
        ),
    ],
    ids=["short", "long", "missing", "spaces only", "key too long", "NUL", "1 MB"],
)
def test_one_bad_row_is_rejected_and_the_next_is_taken(given, row, reason):
    path = given(f"child_id,words\n{row}\nC9,fine\n")

    assert reasons(path) == [(2, reason)]
    assert [row.values["child_id"] for row in rows(path) if isinstance(row, Row)] == ["C9"]


def test_the_cells_beyond_the_header_are_kept_with_the_rejected_row(given):
    assert rows(given("child_id,words\nC1,x,what is this,and this\n"))[0].cells == (
        "C1",
        "x",
        "what is this",
        "and this",
    )


# Times and days


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2026-05-11T20:00", london("2026-05-11 20:00")),
        ("2026-05-11 20:00", london("2026-05-11 20:00")),
        ("2026-05-11T20:00:30", london("2026-05-11 20:00:30")),
        ("2026-05-11T20:00Z", london("2026-05-11 21:00")),
        ("2026-05-11T20:00-05:00", london("2026-05-12 02:00")),
        ("2026-05-11", london("2026-05-11 00:00")),
        ("2026-01-11T20:00", datetime(2026, 1, 11, 20, tzinfo=UTC)),
        ("2026-03-29T01:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2025-10-26T01:30", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        ("2025-10-26T01:30+00:00", datetime(2025, 10, 26, 1, 30, tzinfo=UTC)),
        ("1900-01-01T00:00", datetime(1900, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_london_s_the_first_of_two_and_an_hour_on_where_there_is_none(cell, instant):
    read = files.instant(cell)

    assert (read, read.tzinfo) == (instant, UTC)


@pytest.mark.parametrize(
    "cell",
    [
        *("yesterday", "29/03/2026 22:15", "2026-02-30T10:00", "2026-05-11T25:00", "2026-05-11T20:60", "1234567890"),
        *("1899-12-31T23:59", "9999-12-31T23:59-14:00", "0001-01-01T00:00+14:00", "10000-01-01T00:00", "²026-05-11"),
    ],
)
def test_what_is_no_time_of_these_centuries_is_unreadable(cell):
    with pytest.raises(Unreadable):
        files.instant(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("9999-12-31T23:59-14:00", "between the years 1900 and 2100"), ("2026-13-01", "a time such as 2026-03-29T22:15")],
)
def test_an_unreadable_time_says_what_was_expected(cell, expected):
    with pytest.raises(Unreadable, match=expected):
        files.instant(cell)


def test_a_time_may_lie_five_minutes_ahead_but_not_six(given):
    four, five, six = (
        (NOW + timedelta(minutes=number)).replace(tzinfo=None).isoformat(timespec="minutes") for number in (4, 5, 6)
    )
    path = given(f"child_id,seen_at\nC4,{four}\nC5,{five}\nC6,{six}\n")

    assert reasons(path) == [(4, f"seen_at should be a time that is not in the future; found '{six}'.")]


def test_a_day_of_the_past_is_not_later_than_today_in_england(given):
    today = london("2026-06-15 00:30")  # 14 June 23:30 in UTC

    found = rows(given("child_id,born\nC1,2026-06-15\nC2,2026-06-16\n"), now=today)

    assert found[0].values["born"] == date(2026, 6, 15)
    assert found[1].reason == "born should be a date that is not in the future; found '2026-06-16'."


@pytest.mark.parametrize(
    "cell", ["15/01/2012", "2012-1-5", "2011-02-29", "2012-01-15T10:00", "1899-12-31", "2101-01-01"]
)
def test_what_is_no_day_of_these_centuries_is_unreadable(cell):
    with pytest.raises(Unreadable):
        files.day(cell)


# Codes, answers and addresses


def test_a_code_must_stand_on_its_list():
    class Colour(StrEnum):
        RED = "red"
        BLUE = "blue"

    assert files.code(Colour)("red") == "red"
    with pytest.raises(Unreadable, match="one of blue, red"):
        files.code(Colour)("Red")


def test_yes_and_no_are_capital_letters():
    assert (files.yes_no("Y"), files.yes_no("N")) == (True, False)
    for cell in ("y", "yes", "1", "TRUE"):
        with pytest.raises(Unreadable, match="Y or N"):
            files.yes_no(cell)


def test_an_email_address_is_kept_in_lower_case():
    assert files.email("Ann.Example@Example.ORG") == "ann.example@example.org"


@pytest.mark.parametrize("cell", ["ann", "ann@", "ann@example", "a b@example.org", "ann@example.org, ben@example.org"])
def test_what_is_no_email_address_is_unreadable(cell):
    with pytest.raises(Unreadable, match="an email address"):
        files.email(cell)


def test_an_email_address_longer_than_its_place_is_unreadable():
    domain = ".".join(["a" * 60] * 4)
    longest = f"aaaaaa@{domain}.org"

    assert (len(longest), files.email(longest)) == (254, longest)
    with pytest.raises(Unreadable, match="at most 254 characters"):
        files.email(f"a{longest}")


# Keys that come again


def test_a_key_that_comes_again_is_known_before_any_row_is_taken(given):
    source = check(
        given("child_id,seen_at\nC1,2026-05-11T20:00\nC2,2026-05-11T20:00\nC1,2026-05-11T19:00Z\n"), SIGHTINGS, NOW
    )

    assert [source.is_repeated(row) for row in source.rows(NOW)] == [True, False, True]


def test_rows_can_be_read_again_by_their_lines(given):
    source = check(given('child_id,words\nC1,"a\nb"\nC2,c\nC3,d\n'), LAYOUT, NOW)

    assert [row.values["child_id"] for row in source.rows(NOW, {2, 5})] == ["C1", "C3"]


def test_a_file_that_has_gone_since_it_was_checked_is_refused(given):
    path = given("child_id,seen_at\nC1,\n")
    source = check(path, LAYOUT, NOW)
    path.unlink()

    with pytest.raises(FileRefused, match="cannot be read: No such file or directory"):
        list(source.rows(NOW))


# On the way out


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-1+1", "'-1+1"),
        ("+cmd", "'+cmd"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("-", "'-"),
        ("+44 1632 960001", "+44 1632 960001"),
        ("-12.50", "-12.50"),
        ("plain = text", "plain = text"),
        ("", ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_defused(cell, shown):
    assert defused(cell) == shown
