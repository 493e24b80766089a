"""A run goes by portions: it can be cut short, met by another run or by a person, and takes little memory."""

import csv
import os
import random
import resource
import signal
import time

import pytest
from django.db import connection, transaction

from episodes.actions import correct
from episodes.models import Child
from rhi import imports
from staff import audit
from staff.models import AuditEvent
from tests import state
from tests.jobs.conftest import processes
from tests.records import NOW, bring, child, episode, interview, involvement, publish, take, write
from tests.rhi.imports.runs import undone
from tests.soak import evidence, soak_count
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


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
    """A folder of so many children, each with carer, involvement, episode, interview and attempt."""
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
