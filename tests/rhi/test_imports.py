"""Taking in record files: what is read, what is turned away and how it says so, and that a run can be repeated,
cut short, tried out and met by another.
"""

import csv
import os
import random
import resource
import shutil
import signal
import tempfile
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from episodes.actions import correct
from episodes.models import Child, Episode, Finding
from rhi import imports
from rhi.imports import NothingToImport, sources
from rhi.models import Interview
from routing.models import Deadline, Referral, ReferralEpisode
from staff import audit
from staff.models import AuditEvent
from tests import state
from tests.jobs.conftest import Elsewhere, processes
from tests.records import NOW, bring, child, episode, interview, involvement, publish, take, write
from tests.reference import record_sets
from tests.soak import evidence, soak_count
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

FILES = ["children.csv", "carers.csv", "involvements.csv", "episodes.csv", "interviews.csv", "attempts.csv"]


@contextmanager
def undone():
    """What is written within is undone at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def procedure():
    return publish("somerset")


# What is read


def test_a_folder_is_read_for_its_record_files_and_nothing_else(tmp_path):
    for name in (*FILES, "read me.txt", "staff.csv", "children.csv.bak"):
        (tmp_path / name).touch()
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "children.csv").touch()

    assert sources([tmp_path]) == {name: [tmp_path / name] for name in FILES}


def test_files_can_be_named_one_by_one_and_from_several_folders(tmp_path):
    for folder in ("a", "b"):
        write(tmp_path / folder, "children", child())

    paths = [tmp_path / "b" / "children.csv", tmp_path / "a"]
    assert sources(paths) == {"children.csv": [tmp_path / "b" / "children.csv", tmp_path / "a" / "children.csv"]}


def test_a_file_named_in_capital_letters_is_not_passed_over(tmp_path):
    (tmp_path / "Children.CSV").touch()

    assert sources([tmp_path]) == {"children.csv": [tmp_path / "Children.CSV"]}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("nothing", "There is no file or folder {}."),
        ("nothing/children.csv", "There is no file or folder {}."),
        ("", "There is no record file in {}. They are named: children.csv, carers.csv,"),
        ("people.csv", "{} is not a record file. They are named: children.csv, carers.csv,"),
    ],
)
def test_what_cannot_be_imported_is_said_in_words(tmp_path, path, answer):
    (tmp_path / "people.csv").touch()
    with pytest.raises(NothingToImport) as refused:
        sources([tmp_path / path])

    assert str(refused.value).startswith(answer.format(tmp_path / path))


@pytest.fixture
def for_everybody_s_eyes():
    """A folder below which somebody without any right can look: tmp_path is its owner's only."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(function):
    """What a function answers in a process without any right, however many this one has."""
    reading, writing = os.pipe()
    if (process := os.fork()) == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            os.write(writing, str(function()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(process, 0)
    with os.fdopen(reading, encoding="utf-8") as answer:
        return answer.read()


def test_a_folder_and_a_file_that_may_not_be_read_are_named(for_everybody_s_eyes):
    locked = for_everybody_s_eyes / "locked"
    path = write(for_everybody_s_eyes, "children", child())
    path.chmod(0)
    locked.mkdir(mode=0)

    def folder():
        with pytest.raises(NothingToImport) as refused:
            sources([locked])
        return refused.value

    def file():
        with pytest.raises(imports.FileRefused) as refused:
            imports.check(path, imports.READERS[0].layout, NOW)
        return refused.value

    assert as_nobody(folder) == f"{locked} cannot be read: Permission denied."
    assert as_nobody(file) == "children.csv cannot be read: Permission denied."


# The command


def run(*arguments, **options):
    call_command("import_records", *map(str, arguments), **options)


@pytest.fixture
def last_week():
    """Cells of an absence that has been over for some days, whenever the test runs."""
    return {"last_seen_at": "2026-01-11T20:00", "returned_at": "2026-01-12T07:00", "notified_at": ""}


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

    assert capsys.readouterr().out.splitlines()[-2:] == ["new findings: 1", "  Two absences of this child overlap: 1"]


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


# Twice is once


def test_a_folder_taken_in_twice_changes_nothing_the_second_time(tmp_path):
    publish("wokingham")
    theirs = {"responsible_authority": "E09000008"}
    second = {"last_seen_at": "2026-05-11T22:00", "returned_at": "2026-05-12"}
    attempt = {"interview_id": "I1", "method": "phone", "contacted": "child", "result": "no_answer"}
    files = {
        "children": [child("C1"), child("C1", area="South"), child("C2", **theirs), child("C3"), child("C3", sex="?")],
        "carers": [{"child_id": each, "name": "Sam", "relationship": "mother"} for each in ("C1", "C1", "C2")],
        "involvements": [
            involvement(child_id="C1"),
            involvement(child_id="C1", worker_email="ben@example.org"),
            involvement("looked_after", "C2", host_authority="E10000016"),
        ],
        "episodes": [
            episode("E1"),
            episode("E2", **second),
            episode("E3", "C2"),
            episode("E4", "C3"),
            episode("E4", "C3", returned_at="2026-05-12T08:00"),
            episode("E5", "C3", returned_at="", ended_how="returned"),
            episode("E6", "C1", kind="away"),
        ],
        "interviews": [
            interview("I1", episode_ids="E1 E2", team="South", offered_at="2026-05-12T10:00", offered_to="both"),
            interview("I2", episode_ids="E1", team="West", held_at="2026-05-13T10:00", outcome="completed"),
            interview("I3", episode_ids="E2", worker_email="ann@example.org", response="declined_by_child"),
            interview("I3", episode_ids="E2 E6", worker_email="ben@example.org", outcome="declined"),
            interview("I4", "C2", "E3", offered_to="parent", response="accepted", outcome="not_required"),
        ],
        "attempts": [
            attempt | {"attempted_at": "2026-05-12T10:00"},
            attempt | {"attempted_at": "2026-05-12T09:00Z", "result": "left_message"},
            attempt | {"attempted_at": "2026-05-12T10:00", "contacted": "parent"},
        ],
    }
    for name, rows in files.items():
        write(tmp_path, name, *rows)
    _, rejects = take(tmp_path)
    assert [(each.file, each.line) for each in rejects] == [("children.csv", 6)]
    before = state.everything()

    result, _ = take(tmp_path, now=NOW + timedelta(days=1))

    assert state.everything() == before
    assert {(each.new, each.changed) for each in result.files} == {(0, 0)}
    assert (result.routed, result.findings.total()) == (0, 0)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_any_records_taken_in_twice_change_nothing_the_second_time(tmp_path, soak_seed):
    sets = soak_count(250)
    publish("somerset")
    now = record_sets.read_at(start=(2025, 8))
    for number in range(sets):
        seed, folder = f"{soak_seed}-{number}", tmp_path / str(number)
        folder.mkdir()
        record_sets.write_random_records(folder, random.Random(seed), start=(2025, 8))
        with undone():
            _, rejects = take(folder, now=now)
            before = state.everything()
            result, again = take(folder, now=now)
            assert state.everything() == before, seed
            assert {(each.new, each.changed) for each in result.files} == {(0, 0)}, seed
            assert again == rejects, seed
    evidence("twice_is_once", seed=soak_seed, n=sets, result="no row of any table differed")


#: What the files say, and what is derived from it. Which records share a referral can depend on which came first.
FACTS = [
    *("episodes.Authority", "episodes.Child", "episodes.Carer", "episodes.Involvement", "episodes.Episode"),
    *("episodes.Finding", "rhi.InterviewEpisode", "rhi.Attempt", "rhi.Offer", "rhi.Outcome"),
    *("staff.Membership", "staff.User"),
]


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_order_of_rows_makes_no_difference_to_the_facts(tmp_path, soak_seed):
    sets = soak_count(150)
    publish("somerset")
    period = record_sets.Period(2, (2026, 3))
    for number in range(sets):
        seed = f"{soak_seed}-{number}"
        rng = random.Random(seed)
        children = record_sets.random_children(rng)
        episodes = record_sets.random_episodes(rng, period, children)
        interviews = record_sets.random_interviews(rng, period, episodes)
        rows = {
            "children": children,
            "carers": record_sets.random_carers(rng, children),
            "involvements": unique(record_sets.random_involvements(rng, period, children, episodes)),
            "episodes": episodes,
            "interviews": interviews,
            "attempts": unique(record_sets.random_attempts(rng, interviews)),
        }
        ends = []
        for order in range(2):
            folder = tmp_path / f"{number}-{order}"
            for file, of_file in rows.items():
                if of_file:
                    write(folder, file, *rng.sample(of_file, len(of_file)))
            with undone():
                take(folder, now=period.now)
                ends.append(state.by_name(*FACTS))
        assert ends[0] == ends[1], seed
    evidence("order_of_rows", seed=soak_seed, n=sets, result="the same facts")


def unique(rows):
    """One row of each key: which of two wins does depend on their order."""
    names = ("interview_id", "attempted_at", "method", "contacted", "child_id", "service", "start")
    return list({tuple(row.get(name) for name in names): row for row in rows}.values())


def test_interviews_and_absences_may_come_before_what_they_rest_on_and_go_in_when_it_has_come(tmp_path, procedure):
    rows = {"interviews": [interview(outcome="completed")], "episodes": [episode()], "children": [child()]}
    for name, of_file in rows.items():
        take_one(tmp_path / name, name, of_file)
    assert (Child.objects.count(), Episode.objects.count(), Interview.objects.count()) == (1, 0, 0)

    bring(tmp_path / "all", **rows)
    assert Interview.objects.get().outcome == "completed"


def take_one(folder, name, rows):
    write(folder, name, *rows)
    return take(folder)


def test_the_oldest_and_the_latest_days_that_can_be_read_do_no_harm(tmp_path, procedure):
    result = bring(
        tmp_path,
        children=[child(date_of_birth="1900-01-01")],
        involvements=[involvement(start="1900-01-01", end="2100-12-31"), involvement("assessment", start="2100-12-31")],
        episodes=[
            episode("first", last_seen_at="1900-01-01T00:00+14:00", returned_at="1900-01-02", notified_at=""),
            episode("E2", last_seen_at="1900-01-01T00:00", returned_at="", notified_at="1900-01-01T00:00-14:00"),
        ],
        interviews=[interview(episode_ids="first E2", held_at="1900-01-03", outcome="completed")],
    )

    assert [each.rejected for each in result.files] == [0, 0, 0, 0]
    assert {each.settled for each in Deadline.objects.all()} >= {"met", "not_applicable"}


def test_text_of_any_script_and_as_long_as_may_be_goes_in_to_the_letter(tmp_path, procedure):
    """One character of four bytes counts as one."""
    longest = "\U0001f469" * 200
    bring(
        tmp_path,
        children=[child("\U0001f469" * 50, first_name=longest, last_name="\u202e=", area="é" * 100)],
        involvements=[involvement(child_id="\U0001f469" * 50, team=longest)],
        episodes=[episode("\u200d" * 50, "\U0001f469" * 50, circumstances="ß" * 20_000, police_ref="=1+1")],
    )

    kept = Episode.objects.select_related("child").get()
    assert (kept.child.first_name, kept.child.last_name, kept.child.area) == (longest, "\u202e=", "é" * 100)
    assert (len(kept.circumstances), kept.police_ref) == (20_000, "=1+1")
    assert Referral.objects.count() == 1


# Keys that come again


def test_of_a_key_that_comes_again_the_last_row_that_can_be_taken_wins(tmp_path, procedure):
    rows = [
        child("C1", area="first"),
        child("C2", area="only"),
        child("C1", area="second"),
        child("C1", area="third", sex="?"),
    ]
    result, rejects = take_one(tmp_path, "children", rows)

    assert list(Child.objects.order_by("child_id").values_list("child_id", "area")) == [
        ("C1", "second"),
        ("C2", "only"),
    ]
    assert [(each.line, each.key) for each in rejects] == [(5, "C1")]
    assert result.findings[Finding.Kind.REPEATED_KEY] == 1


def test_a_last_row_that_cannot_be_taken_gives_way_to_the_one_before(tmp_path, procedure):
    bring(tmp_path / "children", children=[child()])
    rows = [
        episode("E1", police_ref="first"),
        episode("E1", police_ref="second"),
        episode("E1", police_ref="third", returned_at="2026-05-11T19:00"),
        episode("E1", "C7", police_ref="fourth"),
        episode("E2", police_ref="of another"),
        episode("E3", "C7"),
        episode("E3", "C8"),
    ]
    result, rejects = take_one(tmp_path / "episodes", "episodes", rows)

    assert dict(Episode.objects.values_list("episode_id", "police_ref")) == {"E1": "second", "E2": "of another"}
    assert sorted(each.line for each in rejects) == [4, 5, 7, 8]
    [tally] = result.files
    assert (tally.read, tally.new, tally.changed, tally.unchanged, tally.rejected) == (7, 2, 0, 0, 4)


def test_a_file_that_holds_everything_twice_is_not_kept_in_memory(tmp_path, procedure):
    """Only lines are remembered; the rows are read again."""
    rows = [child(f"C{number}") for number in range(700)]
    result, rejects = take_one(tmp_path, "children", [*rows, *rows])

    assert (result.files[0].read, result.files[0].new, rejects) == (1400, 700, [])
    assert sorted(event.detail["new"] for event in AuditEvent.objects.filter(type="records_imported")) == [200, 500]


# History


def test_history_fires_nothing_and_stays_history(tmp_path, procedure):
    rows = [episode("old"), episode("new", last_seen_at="2026-05-31T20:00", returned_at="2026-06-01T00:00")]
    result = bring(tmp_path, children=[child()], episodes=rows, history_before=date(2026, 6, 1))
    assert (result.routed, ReferralEpisode.objects.get().episode.episode_id) == (1, "new")

    result = bring(tmp_path)
    assert result.routed == 0
    assert dict(Episode.objects.values_list("episode_id", "history")) == {"old": True, "new": False}


def test_history_with_an_interview_record_counts(tmp_path, procedure):
    held = interview(held_at="2026-05-13T10:00", outcome="completed")
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[held], history_before=date(2026, 6, 1))

    assert Episode.objects.get().outcome.code == "completed"
    assert Referral.objects.get().closed_at is not None


def test_an_absence_that_is_not_over_is_no_history(tmp_path, procedure):
    absence = episode(returned_at="")
    bring(tmp_path, children=[child()], episodes=[absence], history_before=date(2026, 6, 1))
    result = bring(tmp_path, episodes=[absence | {"returned_at": "2026-06-02T07:00"}], history_before=date(2026, 6, 1))

    assert result.routed == 1


def test_a_return_that_turns_out_to_be_later_is_history_no_more(tmp_path, procedure):
    bring(tmp_path, children=[child()], episodes=[episode()], history_before=date(2026, 6, 1))
    result = bring(tmp_path, episodes=[episode(returned_at="2026-06-02T07:00")], history_before=date(2026, 6, 1))

    assert result.routed == 1


def test_the_command_takes_the_day_before_which_all_is_history(tmp_path, procedure, last_week):
    write(tmp_path, "children", child())
    write(tmp_path, "episodes", episode(**last_week))
    run(tmp_path, "--history-before", "2026-01-13")

    assert Episode.objects.get().history
    assert not Referral.objects.exists()


# Portions


def test_each_portion_of_rows_is_one_transaction_with_one_line_in_the_trail(tmp_path, procedure):
    result = bring(tmp_path, children=[child(f"C{number}") for number in range(1201)])

    lines = AuditEvent.objects.filter(type=audit.Type.RECORDS_IMPORTED).order_by("pk")
    assert [line.detail for line in lines] == [
        {"file": "children.csv", "new": new, "changed": 0} for new in (500, 500, 201)
    ]
    assert [len(line.children) for line in lines] == [500, 500, 201]
    assert {line.at for line in lines} == {NOW}
    assert result.files[0].new == 1201


def test_the_trail_names_only_the_children_whose_records_are_new_or_changed(tmp_path, procedure):
    bring(tmp_path, children=[child("C1"), child("C2")])
    bring(tmp_path, children=[child("C1"), child("C2", area="South"), child("C3")])

    line = AuditEvent.objects.filter(type=audit.Type.RECORDS_IMPORTED).latest("pk")
    assert (line.children, line.detail) == (["C2", "C3"], {"file": "children.csv", "new": 1, "changed": 1})


def records_of(folder, *, children, letter="C"):
    """A folder of so many children, each with carer, involvement, absence, interview and attempt."""
    ids = [f"{letter}{number:04}" for number in range(children)]
    write(folder, "children", *(child(each) for each in ids))
    write(folder, "carers", *({"child_id": each, "name": "Sam", "relationship": "mother"} for each in ids))
    write(folder, "involvements", *(involvement(child_id=each) for each in ids))
    write(folder, "episodes", *(episode(f"E{each}", each) for each in ids))
    write(
        folder,
        "interviews",
        *(
            interview(f"I{each}", each, f"E{each}", team="South", offered_at="2026-05-12T10:00", offered_to="child")
            for each in ids[::2]
        ),
    )
    attempt = {"attempted_at": "2026-05-12T10:00", "method": "phone", "contacted": "child", "result": "no_answer"}
    write(folder, "attempts", *({"interview_id": f"I{each}"} | attempt for each in ids[::2]))
    return folder


@pytest.fixture
def elsewhere(transactional_db, tmp_path):
    """Processes of their own, on the test's database or a copy of it."""
    connection.ensure_connection()
    return Elsewhere(tmp_path / "copy.sqlite3")


@pytest.fixture
def small_portions(monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 7)
    monkeypatch.setattr("rhi.actions.returns.CHUNK", 7)


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(3))
def test_a_run_that_is_killed_at_any_moment_and_run_again_ends_like_one_that_was_not(
    elsewhere, tmp_path, small_portions, soak_seed, moment
):
    publish("somerset")
    folder = records_of(tmp_path / "records", children=20)
    statements = Statements()
    with undone():
        with connection.execute_wrapper(statements):
            take(folder)
        whole = state.by_name()
    last = random.Random(f"{soak_seed}-{moment}").randint(1, statements.number)

    def killed():
        with connection.execute_wrapper(Statements(last)):
            take(folder)

    process = elsewhere.start(killed)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL

    assert elsewhere.call(lambda: take_and_tell(folder)) == whole


class Statements:
    """Counts what is asked of the database; at the last statement, the process dies without a word."""

    def __init__(self, last=None):
        self.number = 0
        self.last = last

    def __call__(self, execute, sql, *arguments):
        if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN")):
            self.number += 1
        if self.number == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, *arguments)


def take_and_tell(folder):
    take(folder)
    return state.by_name()


@pytest.mark.slow
def test_two_runs_at_once_end_like_one(elsewhere, tmp_path, small_portions):
    publish("somerset")
    folder = records_of(tmp_path / "records", children=30)
    with undone():
        once = take_and_tell(folder)

    def rejected():
        _, rejects = take(folder)
        return rejects

    assert elsewhere.race(rejected, rivals=2) == [[], []]
    assert elsewhere.call(state.by_name) == once


@pytest.mark.slow
def test_others_can_save_while_a_large_import_runs(elsewhere, tmp_path):
    """Nobody waits for a run, at most for a portion of it."""
    publish("somerset")
    bring(tmp_path / "before", children=[child("other")])
    folder = records_of(tmp_path / "records", children=700)
    done = tmp_path / "done"

    def import_all():
        started = time.monotonic()
        take(folder)
        done.write_text(str(time.monotonic() - started))

    def save_meanwhile():
        other, waits = Child.objects.get(child_id="other"), []
        while not done.exists():
            started = time.monotonic()
            with transaction.atomic():
                other.area = f"area {len(waits)}"
                other.save(update_fields=["area"])
                audit.record(audit.Type.RECORD_CORRECTED, by=None, at=NOW, children=["other"])
            waits.append(time.monotonic() - started)
            time.sleep(0.01)
        return waits

    process = elsewhere.start(import_all)
    waits = elsewhere.call(save_meanwhile)
    process.join(60)

    took = float(done.read_text())
    assert len(waits) > 10
    patience = 1 if connection.vendor == "postgresql" else took / 2  # SQLite has one writer: some portions of it
    assert max(waits) < patience, f"{max(waits):.2f} s of {took:.2f} s"


@pytest.mark.slow
def test_what_a_person_types_while_a_portion_is_being_taken_is_not_overwritten(elsewhere, tmp_path):
    """The portion writes another child's phone, and with it this one's: not as it stood when the portion was read."""
    publish("somerset")
    before = [child("C1", phone="1", area="North"), child("C2", phone="1")]
    bring(tmp_path / "before", children=before)
    write(tmp_path / "after", "children", child("C1", phone="1", area="South"), child("C2", phone="2"))
    about_to_write, typed = processes.Event(), processes.Event()

    def give_way(execute, sql, *arguments):
        if sql.startswith('UPDATE "episodes_child"'):
            about_to_write.set()
            typed.wait(2)  # in vain, when the person has to wait for the portion
        return execute(sql, *arguments)

    def import_all():
        with connection.execute_wrapper(give_way):
            take(tmp_path / "after")

    def type_a_phone():
        about_to_write.wait(30)
        correct(Child.objects.get(child_id="C1"), values={"phone": "01632 960999"}, by=make_person(), now=NOW)
        typed.set()

    importing, typing = elsewhere.start(import_all), elsewhere.start(type_a_phone)
    importing.join(60)
    typing.join(60)

    kept = elsewhere.call(lambda: list(Child.objects.order_by("child_id").values_list("phone", "area")))
    assert kept == [("01632 960999", "South"), ("2", "Taunton")]


# Size


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_million_rows_of_unknown_children_are_turned_away_in_little_memory(elsewhere, tmp_path, soak_seed):
    publish("somerset")
    rows = soak_count(1_000_000)
    path = tmp_path / "episodes.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(episode()))
        writer.writeheader()
        writer.writerows(episode(f"E{number}", f"nobody {number}") for number in range(rows))

    told = tmp_path / "told"

    def import_all():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        turned_away = 0

        def count(reject):
            nonlocal turned_away
            turned_away += 1

        result = imports.run([path], by=None, now=NOW, reject=count)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        told.write_text(f"{turned_away} {result.files[0].rejected} {grown}")

    elsewhere.start(import_all).join(3000)

    turned_away, rejected, megabytes = map(int, told.read_text().split())
    assert (turned_away, rejected) == (rows, rows)
    assert megabytes < 150
    evidence("million_rows", seed=soak_seed, n=rows, result=f"all rejected, at most {megabytes} MB more memory")
