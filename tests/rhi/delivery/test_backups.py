"""`backup` and `restore`, on the tests' own kind of database: all of it comes back, and nothing is sent by itself."""

import json
import os
import subprocess
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from jobs import backups, claims, handover, sweep, work
from jobs.models import Hold, Job
from rhi.models import Email, Letter
from staff import audit
from staff.models import AuditEvent, User
from tests.jobs.conftest import processes
from tests.records import NOW, publish
from tests.rhi.delivery.conftest import PDF, queue
from tests.state import everything

ROOT = Path(__file__).resolve().parents[3]
LATER = NOW + timedelta(days=2)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

State = Email.State


class Target:
    """An empty database of the same kind as the test's, used by processes of their own."""

    def __init__(self, name):
        self.name = name

    def call(self, function):
        """What the function answers, or raises, in a process that works on this database."""
        answers = processes.Queue()

        def there():
            connection.connection = None
            connection.settings_dict["NAME"] = self.name
            try:
                answers.put(("answered", function()))
            except Exception as failure:  # noqa: BLE001 it is raised again where the test can see it
                answers.put(("raised", failure))

        connection.close()
        process = processes.Process(target=there, daemon=True)
        process.start()
        how, what = answers.get(timeout=120)
        process.join()
        if how == "raised":
            raise what
        return what

    def restore(self, path, *, now=LATER):
        return self.call(lambda: backups.restore(path, now=now))


@pytest.fixture
def target(tmp_path):
    if connection.vendor == "sqlite":
        yield Target(str(tmp_path / "target.sqlite3"))
        return
    name = f"restored_{uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield Target(name)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "all.backup"


@pytest.fixture
def busy(letter):
    """A service at work: an email in every state of its way, a job that is being done, a letter with its PDF."""
    emails = {state: queue(key=f"notices:{state}") for state in State if state != State.PROPOSED}
    claimed = {State.SENDING: claims.claim(emails[State.SENDING].job_id, now=NOW)}
    for state, email in emails.items():
        fields = {"sending_since": NOW} if state != State.APPROVED else {}
        if state == State.SENT:
            fields["sent_at"] = NOW
        if state in (State.FAILED, State.UNCERTAIN):
            fields["failure"] = "Known before."
        Email.objects.filter(pk=email.pk).update(state=state, **fields)
        if state not in (State.APPROVED, State.SENDING):
            claims.finish(claims.claim(email.job_id, now=NOW), now=NOW)
    assert claimed
    return letter


def all_rows():
    """Every row of every table of ours, as it can be handed from process to process."""
    return {
        table: [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in rows]
        for table, rows in everything().items()
    }


def restored_but_for(before, after):
    """The tables in which what came back differs from what was there."""
    return {name for name in before if before[name] != after[name]}


def test_everything_comes_back_and_what_was_on_its_way_is_uncertain(busy, path, target):
    backups.back_up(path, now=NOW)
    before = all_rows()
    target.restore(path)
    after = target.call(all_rows)

    assert restored_but_for(before, after) == {"jobs.Hold", "jobs.Job", "rhi.Email", "rhi.Letter", "staff.AuditEvent"}
    states = target.call(lambda: dict(Email.objects.values_list("key", "state")))
    assert states == {
        "notices:approved": State.UNCERTAIN,
        "notices:sending": State.UNCERTAIN,
        "notices:sent": State.SENT,
        "notices:failed": State.FAILED,
        "notices:uncertain": State.UNCERTAIN,
        "notices:cancelled": State.CANCELLED,
    }
    said = target.call(lambda: dict(Email.objects.values_list("key", "failure")))
    assert said["notices:sending"] == said["notices:approved"] == backups.ON_ITS_WAY
    assert said["notices:uncertain"] == "Known before."
    assert target.call(lambda: bytes(Letter.objects.get().pdf)) == PDF
    assert target.call(lambda: Letter.objects.values_list("state", "sending_since").get()) == (State.UNCERTAIN, NOW)


def test_what_waited_to_be_printed_is_uncertain_for_it_may_have_been_posted_since(busy, path, target):
    Letter.objects.update(channel=Letter.Channel.PRINT, job=None)
    backups.back_up(path, now=NOW)
    target.restore(path)

    stands = target.call(lambda: Letter.objects.values_list("state", "failure", "sending_since").get())
    assert stands == (State.UNCERTAIN, backups.ON_ITS_WAY, NOW)


def test_the_rows_of_every_table_are_counted_again(busy, path, target):
    manifest = backups.back_up(path, now=NOW)

    assert manifest.rows["staff_user"] == User.objects.count()
    assert manifest.rows["rhi_email"] == 6
    assert target.restore(path).rows == manifest.rows
    counted = target.call(backups._count)
    assert {table for table in counted if counted[table] != manifest.rows[table]} == {"jobs_hold", "staff_auditevent"}


def test_after_a_restore_nothing_is_done_until_somebody_releases_it(busy, path, target):
    backups.back_up(path, now=NOW)
    target.restore(path)

    assert target.call(lambda: sweep.sweep(now=LATER)) == []
    assert (
        target.call(lambda: [work.do(job.pk, now=LATER) for job in Job.objects.all()]) == [None] * Job.objects.count()
    )
    with pytest.raises(
        CommandError, match="Nothing is done by itself since Wed 17 Jun 2026, 12:00: A backup of 15 June"
    ):
        target.call(lambda: call_command("run_due", "--at", LATER.isoformat(), stdout=StringIO()))

    def release():
        claims.release(by=User.objects.first(), now=LATER)
        return set(sweep.sweep(now=LATER)) >= set(Job.objects.filter(state="waiting").values_list("pk", flat=True))

    assert target.call(release)


def test_what_was_on_its_way_is_not_sent_by_the_released_jobs_either(busy, path, target, sink, notify):
    backups.back_up(path, now=NOW)
    target.restore(path)

    def release_and_do():
        claims.release(by=User.objects.first(), now=LATER)
        for job in sweep.sweep(now=LATER):
            work.do(job, now=LATER)
        return handover.uncertain_count()

    assert target.call(release_and_do) == 4
    assert (sink.taken, notify.letters) == ([], [])


def test_the_trail_has_both_and_stays_as_it_was_written(busy, path, target):
    backups.back_up(path, now=NOW)
    target.restore(path)

    kinds = target.call(lambda: list(AuditEvent.objects.order_by("-pk").values_list("type", flat=True)[:2]))
    assert kinds == [audit.Type.RESTORED, audit.Type.BACKED_UP]
    with pytest.raises(Exception, match="append-only"):
        target.call(lambda: AuditEvent.objects.update(type="forged"))


def test_a_job_that_was_being_done_is_done_again(busy, path, target):
    backups.back_up(path, now=NOW)
    target.restore(path)

    job = Email.objects.get(key="notices:sending").job_id
    assert target.call(lambda: Job.objects.filter(pk=job).values_list("state", "claimed_by", "attempts").get()) == (
        *(Job.State.WAITING, None, 1),
    )


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_beside_it(busy, path, tmp_path):
    before = set(tmp_path.iterdir())
    backups.back_up(path, now=NOW)

    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert set(tmp_path.iterdir()) - before == {path}
    with tarfile.open(path) as pack:
        assert {(entry.uid, entry.uname) for entry in pack} == {(0, "")}


def test_a_backup_overwrites_nothing(busy, path):
    path.write_text("precious")

    with pytest.raises(backups.BackupError, match="is there already"):
        backups.back_up(path, now=NOW)
    assert path.read_text() == "precious"


def test_a_backup_into_no_folder_is_refused_in_words(busy, tmp_path):
    with pytest.raises(backups.BackupError, match="There is no folder"):
        backups.back_up(tmp_path / "nowhere" / "all.backup", now=NOW)


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_short(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def write_over(path):
    path.write_text("Dear all")


def forge_the_kind(path):
    repack(path, kind="another program's")


def repack(path, **changed):
    """The backup with another manifest."""
    folder = path.parent / "repacked"
    folder.mkdir()
    with tarfile.open(path) as pack:
        pack.extractall(folder, filter="data")
    said = json.loads((folder / backups.MANIFEST).read_text()) | changed
    manifest = backups.Manifest(**said)
    backups._pack(path, manifest, folder / backups.DATABASE)


@pytest.mark.parametrize("damage", [flip_a_byte, cut_short, write_over, forge_the_kind])
def test_a_damaged_file_changes_nothing(busy, path, target, damage):
    backups.back_up(path, now=NOW)
    damage(path)

    with pytest.raises(backups.BackupError, match="Nothing has been changed"):
        target.restore(path)
    assert target.call(lambda: connection.introspection.table_names()) == []


def test_a_file_that_is_not_there_is_told(target, path):
    with pytest.raises(backups.BackupError, match="There is no file"):
        target.restore(path)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"vendor": "oracle"}, "This is a backup of oracle, but DATABASE_URL names"),
        ({"migrations": ["staff.0099_to_come"]}, "another version of the program, which has staff.0099_to_come"),
    ],
)
def test_a_backup_that_does_not_fit_changes_nothing(busy, path, target, changed, said):
    backups.back_up(path, now=NOW)
    repack(path, **changed)

    with pytest.raises(backups.BackupError, match=said):
        target.restore(path)
    assert target.call(lambda: connection.introspection.table_names()) == []


def test_a_database_with_data_is_never_overwritten(busy, path, target):
    backups.back_up(path, now=NOW)
    target.restore(path)
    changed = target.call(lambda: User.objects.update(name="Precious"))

    with pytest.raises(backups.BackupError, match=r"This database is in use: it holds data \(.*\)"):
        target.restore(path)
    assert target.call(lambda: User.objects.filter(name="Precious").count()) == changed


def test_a_new_installation_that_holds_only_what_it_made_itself_is_filled(busy, path, target):
    backups.back_up(path, now=NOW)

    def install():
        call_command("migrate", verbosity=0)
        call_command("createcachetable")
        publish("croydon")

    target.call(install)
    target.restore(path)
    assert target.call(lambda: User.objects.count()) == User.objects.count()


def test_what_fails_half_way_leaves_the_database_as_it_was(busy, path, target, monkeypatch):
    backups.back_up(path, now=NOW)
    target.call(lambda: call_command("migrate", verbosity=0))
    before = target.call(all_rows)
    monkeypatch.setattr(backups, "_to_hold_everything", lambda *_: ["UPDATE nothing_of_this_name SET a = 1"])

    with pytest.raises(Exception, match="nothing_of_this_name"):
        target.restore(path)
    assert target.call(all_rows) == before


def test_a_restored_database_that_does_not_hold_what_it_held_is_told(busy, path, target):
    backups.back_up(path, now=NOW)
    with tarfile.open(path) as pack:
        rows = json.loads(pack.extractfile(backups.MANIFEST).read())["rows"]
    repack(path, rows=rows | {"staff_user": rows["staff_user"] + 1})

    with pytest.raises(backups.BackupError, match="do not hold what they held: staff_user"):
        target.restore(path)


def test_a_hold_of_before_gives_way_to_the_new_one(busy, path, target):
    Hold.objects.create(pk=1, since=datetime(2026, 1, 1, tzinfo=UTC), because="Earlier.")
    backups.back_up(path, now=NOW)
    target.restore(path)

    since, because = target.call(lambda: Hold.objects.values_list("since", "because").get())
    assert since == LATER
    assert because.startswith("A backup of 15 June 2026, 11:00 UTC was restored.")


def test_without_postgresqls_programs_it_says_what_to_install(busy, path, monkeypatch):
    if connection.vendor != "postgresql":
        assert backups.back_up(path, now=NOW).vendor == "sqlite"
        return
    monkeypatch.setenv("PATH", "")

    with pytest.raises(backups.BackupError, match="pg_dump is not installed"):
        backups.back_up(path, now=NOW)
    assert not path.exists()


def test_the_commands_say_what_they_did(busy, path, target):
    said = StringIO()
    call_command("backup", str(path), stdout=said)
    assert "rows of" in said.getvalue()
    assert "nothing in it is encrypted" in said.getvalue()
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(path))

    def restore():
        said = StringIO()
        call_command("restore", str(path), stdout=said)
        return said.getvalue()

    assert "Nothing is sent until an administrator releases it under Work in the background." in target.call(restore)
    with pytest.raises(CommandError, match="This database is in use"):
        target.call(restore)


def test_both_commands_run_by_themselves_on_a_file(tmp_path):
    """Real processes, on SQLite: a new installation is backed up, and restored where there is no database at all."""

    def manage(database, *command):
        environment = os.environ | {"RHI_DEMO": "1", "DATABASE_URL": f"sqlite:///{tmp_path / database}"}
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert manage("a.sqlite3", "migrate", "--verbosity", "0").returncode == 0
    assert manage("a.sqlite3", "create_administrator", "alex@example.org", "Alex Brand").returncode == 0
    assert manage("a.sqlite3", "backup", str(tmp_path / "a.backup")).returncode == 0
    restored = manage("b.sqlite3", "restore", str(tmp_path / "a.backup"))
    assert restored.returncode == 0, restored.stderr
    held = manage("b.sqlite3", "run_due")
    assert held.returncode == 1
    assert "Nothing is done by itself since" in held.stderr
    again = manage("b.sqlite3", "restore", str(tmp_path / "a.backup"))
    assert (again.returncode, "This database is in use" in again.stderr) == (1, True)
