"""The command: what it prints, what it refuses, and what it only tries out."""

import csv

import pytest
from django.core.management import CommandError

from episodes.models import Child, Episode
from tests import state
from tests.records import bring, child, episode, interview, involvement, write
from tests.rhi.imports.runs import run

pytestmark = pytest.mark.django_db


def test_the_command_prints_what_became_of_each_file(tmp_path, procedure, last_week, capsys):
    write(tmp_path, "children", child("C1"), child("C2"), child("C3", sex="?"))
    write(tmp_path, "episodes", episode(**last_week), episode("E2", "C7", **last_week))
    with pytest.raises(CommandError, match="Some rows or files were not taken; the reasons stand above"):
        run(tmp_path)

    assert capsys.readouterr().out == (
        "file                   read      new  changed  unchanged  rejected\n"
        "children.csv              3        2        0          0         1\n"
        "episodes.csv              2        1        0          0         1\n"
        "returns routed: 1\n"
        "new findings: 0\n"
    )


def test_a_run_in_which_everything_was_taken_ends_well(tmp_path, procedure, last_week, capsys):
    write(tmp_path, "children", child(area="North"))
    write(tmp_path, "episodes", episode(**last_week))
    run(tmp_path)
    write(tmp_path, "children", child(area="South"))
    capsys.readouterr()
    run(tmp_path / "episodes.csv", tmp_path)

    out, err = capsys.readouterr()
    assert out.splitlines()[1:4] == [
        "children.csv              1        0        1          0         0",
        "episodes.csv              1        0        0          1         0",
        "episodes.csv              1        0        0          1         0",
    ]
    assert err == ""


def test_findings_are_told_in_words(tmp_path, procedure, last_week, capsys):
    write(tmp_path, "children", child())
    write(tmp_path, "episodes", episode(**last_week), episode("E2", **last_week))
    run(tmp_path)

    assert capsys.readouterr().out.splitlines()[-2:] == ["new findings: 1", "  Two episodes of this child overlap: 1"]


def test_a_file_that_is_refused_does_not_keep_the_others_out(tmp_path, procedure, last_week, capsys):
    write(tmp_path, "children", child())
    (tmp_path / "carers.csv").write_bytes("child_id,name\nC1,Zoë\n".encode("utf-16"))
    (tmp_path / "involvements.csv").mkdir()
    write(tmp_path, "episodes", episode(**last_week))
    with pytest.raises(CommandError, match="Some rows or files were not taken"):
        run(tmp_path)

    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == (
        "carers.csv        refused: carers.csv is not UTF-8 text: line 1 has a byte that cannot be read."
        " It looks like UTF-16. Save it as 'CSV UTF-8'."
    )
    assert lines[3] == "involvements.csv  refused: involvements.csv is not a file."
    assert Episode.objects.count() == 1


def test_rejected_rows_go_to_a_file_that_no_spreadsheet_will_run(tmp_path, procedure):
    bad = child("=2+5", first_name="@SUM(A1)", last_name='two\n"lines"', date_of_birth="never\0")
    write(tmp_path, "children", child("C0"), bad)
    with (tmp_path / "children.csv").open("a", encoding="utf-8") as file:
        file.write("+C9,only,three\n")
    out = tmp_path / "turned away.csv"
    with pytest.raises(CommandError):
        run(tmp_path, rejects=out)

    with out.open(encoding="utf-8", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["file", "line", "key", "reason", "row"],
            [
                *("children.csv", "3", "'=2+5"),
                "date_of_birth should be text without a NUL character; found 'never?'.",
                """'=2+5,@SUM(A1),"two\n""lines""\",never?,,Taunton""",
            ],
            ["children.csv", "5", "'+C9", "The row has 3 cells, the header 6.", "'+C9,only,three"],
        ]


def test_rejected_rows_are_told_on_standard_error_when_no_file_is_named(tmp_path, procedure, capsys):
    write(tmp_path, "children", child(sex="?"))
    with pytest.raises(CommandError):
        run(tmp_path)

    header, row = capsys.readouterr().err.splitlines()
    assert header == "file,line,key,reason,row"
    assert row.startswith('children.csv,2,C1,"sex should be one of F, M, U; found \'?\'.","C1,Robin,Example,2012-01-15')


def test_when_nothing_is_rejected_the_rejects_file_is_empty(tmp_path, procedure):
    write(tmp_path, "children", child())
    out = tmp_path / "turned away.csv"
    out.write_text("of the last run")
    run(tmp_path, rejects=out)

    assert out.read_text() == ""


@pytest.mark.parametrize(
    ("rejects", "answer"),
    [
        ("children.csv", "it is to be read."),
        ("./elsewhere/../children.csv", "it is to be read."),
        ("no/such/folder/rejects.csv", "No such file or directory."),
        ("elsewhere", "Is a directory."),
    ],
)
def test_rejects_that_cannot_be_written_stop_the_run_before_anything_is_lost(tmp_path, procedure, rejects, answer):
    (tmp_path / "elsewhere").mkdir()
    path = write(tmp_path, "children", child())
    before = path.read_bytes()
    with pytest.raises(CommandError, match=rf"^The rejects cannot be written to .*: {answer}$"):
        run(tmp_path, rejects=tmp_path / rejects)

    assert path.read_bytes() == before
    assert not Child.objects.exists()


def test_without_a_procedure_nothing_is_taken(tmp_path):
    write(tmp_path, "children", child())
    with pytest.raises(CommandError, match=r"^No procedure has been published\. Publish one first"):
        run(tmp_path)

    assert not Child.objects.exists()


def test_nothing_to_import_is_an_error(tmp_path, procedure):
    with pytest.raises(CommandError, match=r"^There is no record file in "):
        run(tmp_path)


def test_a_dry_run_says_what_would_happen_and_changes_nothing_at_all(tmp_path, procedure, last_week, capsys):
    bring(tmp_path / "before", children=[child(phone="1")], episodes=[episode(**last_week)])
    write(tmp_path, "children", child(phone="2"), child("C2", responsible_authority="E06999999"))
    write(tmp_path, "involvements", involvement())
    write(tmp_path, "episodes", episode("E2", "C2", **last_week), episode("E3", "C7", **last_week))
    write(tmp_path, "interviews", interview(team="Nobody's", worker_email="new@example.org", outcome="completed"))
    before = state.everything()
    with pytest.raises(CommandError):
        run(tmp_path, dry_run=True)

    assert state.everything() == before
    assert capsys.readouterr().out.splitlines()[:7] == [
        "Dry run: nothing was changed. What would have happened:",
        "file                   read      new  changed  unchanged  rejected",
        "children.csv              2        1        1          0         0",
        "involvements.csv          1        1        0          0         0",
        "episodes.csv              2        1        0          0         1",
        "interviews.csv            1        1        0          0         0",
        "returns routed: 1",
    ]
