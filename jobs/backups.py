"""A copy of everything in one file, and the way back. Letters and downloads lie in the database, so they are in it.

The file is a tar of two members: `manifest.json`, which says what the copy is, how many rows each table has and the
copy's SHA-256; and `database`, the copy itself, as pg_dump's custom format or as an SQLite file.

What was handed over between the backup and the disaster, a restored database does not know. Therefore everything is
held (jobs.models.Hold) in the same step in which it is restored, and whatever was on its way when the backup was made
is uncertain: a person decides, and releases the work.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from jobs import handover
from jobs.models import Hold, Job
from staff import audit

KIND = "return home interviews: backup"
MANIFEST, DATABASE = "manifest.json", "database"
BLOCK = 1 << 20

PLAIN = ("--no-owner", "--no-privileges")
REPLACEABLE = ("auth_", "django_", "cache", "jobs_", "procedures_", "staff_auditevent", "sqlite_")
"""How the tables are called that a new installation fills by itself."""

ON_ITS_WAY = "It was on its way when the backup was made that has been restored."


class BackupError(Exception):
    """The backup cannot be made, or not be restored. The message says why, in words for whoever runs the command."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    kind: str
    vendor: str
    made_at: str
    sha256: str
    migrations: list[str]
    rows: dict[str, int]


def back_up(path: Path, *, now: datetime) -> Manifest:
    """Copy everything, as it stands at one instant, into a new file that only its owner can read.

    Raises BackupError. The site may go on meanwhile. That a copy of everything was made stands in the trail, and in
    the copy.
    """
    if path.exists():
        raise BackupError(f"{path} is there already. Choose another name: a backup overwrites nothing.")
    if not path.parent.is_dir():
        raise BackupError(f"There is no folder {path.parent}.")
    with transaction.atomic():
        audit.record(audit.Type.BACKED_UP, by=None, at=now)
    with _scratch(path.parent) as folder:
        copy = folder / DATABASE
        rows = _copy_postgresql(copy) if connection.vendor == "postgresql" else _copy_sqlite(copy)
        manifest = Manifest(KIND, connection.vendor, now.isoformat(), _sha256(copy), _applied(), rows)
        _pack(folder / "packed", manifest, copy)
        os.replace(folder / "packed", path)
    return manifest


def restore(path: Path, *, now: datetime) -> Manifest:
    """Put a backup into the database, which must hold no data, and hold all work until somebody releases it.

    Raises BackupError before anything is touched, when the file is damaged, of another kind of database or another
    version, and when the database holds data: there is no way to overwrite any. What only a new installation has, its
    tables and a published procedure, is replaced. It happens as one step: whatever fails, the database stays as it was.
    """
    with _scratch(path.parent) as folder:
        manifest, copy = _unpack(path, folder)
        _refuse_what_does_not_fit(manifest)
        statements = _to_hold_everything(manifest, now)
        if connection.vendor == "postgresql":
            _put_back_postgresql(copy, statements, folder)
        else:
            _put_back_sqlite(copy, statements)
    connection.close()
    _compare(manifest)
    with transaction.atomic():
        audit.record(audit.Type.RESTORED, by=None, at=now, detail={"made at": manifest.made_at})
    return manifest


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A folder on the same disk that nobody else can read, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _applied() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def _tables() -> list[str]:
    return sorted(connection.introspection.table_names())


def _pack(target: Path, manifest: Manifest, copy: Path) -> None:
    said = json.dumps(asdict(manifest), indent=2).encode()
    entry = tarfile.TarInfo(MANIFEST)
    entry.size, entry.mode = len(said), 0o600
    with tarfile.open(target, "w") as pack:
        pack.addfile(entry, BytesIO(said))
        pack.add(copy, arcname=DATABASE, filter=_of_nobody)
    target.chmod(0o600)


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the name of who made it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _unpack(path: Path, folder: Path) -> tuple[Manifest, Path]:
    """What the backup says of itself, and its copy, which is as it was when it was made. Raises BackupError."""
    try:
        with tarfile.open(path, "r:") as pack:
            said = json.loads(_member(pack, MANIFEST).read())
            copy = folder / DATABASE
            with copy.open("wb") as target:
                shutil.copyfileobj(_member(pack, DATABASE), target, BLOCK)
        manifest = Manifest(**said)
    except FileNotFoundError as failure:
        raise BackupError(f"There is no file {path}.") from failure
    except (OSError, tarfile.TarError, ValueError, TypeError, KeyError) as failure:
        raise BackupError(f"{path} is not a backup, or it is damaged. Nothing has been changed.") from failure
    if manifest.kind != KIND or _sha256(copy) != manifest.sha256:
        raise BackupError(f"{path} is damaged: it is not what was written. Nothing has been changed.")
    return manifest, copy


def _member(pack: tarfile.TarFile, name: str) -> IO[bytes]:
    found = pack.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _refuse_what_does_not_fit(manifest: Manifest) -> None:
    """Raise BackupError where this database cannot take the backup, or must not."""
    if manifest.vendor != connection.vendor:
        raise BackupError(f"This is a backup of {manifest.vendor}, but DATABASE_URL names {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(connection).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise BackupError(
            f"This backup was made by another version of the program, which has {newer[0]}. Install that."
        )
    if filled := [table for table in _tables() if not table.startswith(REPLACEABLE) and _is_filled(table)]:
        raise BackupError(
            f"This database is in use: it holds data ({', '.join(filled[:3])}). A backup goes only into one that holds "
            "none, so that nothing can be overwritten. Name a new database in DATABASE_URL."
        )


def _is_filled(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})")
        return bool(cursor.fetchone()[0])


def _count() -> dict[str, int]:
    rows = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
            rows[table] = int(cursor.fetchone()[0])
    return rows


def _compare(manifest: Manifest) -> None:
    """Raise BackupError unless every table holds as many rows as when the backup was made; the hold is ours."""
    there = _count()
    hold = Hold._meta.db_table
    wrong = [table for table, rows in manifest.rows.items() if table != hold and there.get(table) != rows]
    if wrong:
        raise BackupError(
            f"The restored tables do not hold what they held: {', '.join(wrong)}. Do not use this database."
        )


def _to_hold_everything(manifest: Manifest, now: datetime) -> list[str]:
    """What has to be said in the same step: all work is held, and what was on its way is uncertain.

    What only waited to be sent, or to be printed and posted by a person, may have gone since the backup. A job that
    was being done is to be done again: what it had done was not committed.
    """
    made_at = datetime.fromisoformat(manifest.made_at).astimezone(UTC)
    because = (
        f"A backup of {made_at:%-d %B %Y, %H:%M} UTC was restored. What has gone out since then is not known here: "
        "what was on its way is uncertain, and what is done daily or weekly is done again from there."
    )
    hold, job = Hold._meta.db_table, Job._meta.db_table
    return [
        f"DELETE FROM {hold}",
        f"INSERT INTO {hold} (id, since, because) VALUES (1, {_literal(now)}, {_literal(because)})",
        f"UPDATE {job} SET state = 'waiting', claimed_by = NULL, lease_until = NULL WHERE state = 'claimed'",
        *(
            f"UPDATE {model._meta.db_table} SET state = 'uncertain', failure = {_literal(ON_ITS_WAY)}, "
            f"sending_since = COALESCE(sending_since, {_literal(made_at)}) "
            "WHERE state IN ('sending', 'approved')"
            for model in handover.kinds()
        ),
    ]


def _literal(value: str | datetime) -> str:
    """The value as SQL, as both databases read it."""
    if isinstance(value, datetime):
        offset = "+00" if connection.vendor == "postgresql" else ""
        value = f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}{offset}"
    return "'" + value.replace("'", "''") + "'"


def _copy_sqlite(copy: Path) -> dict[str, int]:
    """Copy the database by SQLite's own way of copying one that is in use; how many rows each table of the copy has."""
    connection.ensure_connection()
    with closing(sqlite3.connect(copy)) as target:
        connection.connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, without its companions
        names = [name for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in names if not name.startswith("sqlite_")]
        return {name: target.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in tables}


def _put_back_sqlite(copy: Path, statements: list[str]) -> None:
    """Complete the copy, then copy it over the database, which takes all of it or nothing."""
    with closing(sqlite3.connect(copy)) as source:
        if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupError("The copy inside the backup is damaged. Nothing has been changed.")
        for statement in statements:
            source.execute(statement)
        source.commit()
        connection.ensure_connection()
        try:
            source.backup(connection.connection)
        except sqlite3.OperationalError as failure:
            raise BackupError("The database is in use. Stop the site first.") from failure


def _copy_postgresql(copy: Path) -> dict[str, int]:
    """Copy the database by pg_dump; how many rows each table has at the instant that it copied."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _run("pg_dump", "--format=custom", *PLAIN, f"--snapshot={snapshot}", f"--file={copy}")
        return _count()


def _put_back_postgresql(copy: Path, statements: list[str], folder: Path) -> None:
    """Put it back in one transaction: what stands there goes, what was copied comes, and everything is held."""
    copied, script = folder / "copied.sql", folder / "script.sql"
    _run("pg_restore", *PLAIN, f"--file={copied}", str(copy))
    with script.open("wb") as whole:
        whole.write(b"SET lock_timeout = '10s';\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n")
        with copied.open("rb") as part:
            shutil.copyfileobj(part, whole, BLOCK)
        whole.write("\n".join(["SET search_path = public;", *(f"{each};" for each in statements)]).encode())
    connection.close()  # the tables may not be in anybody's hands
    _run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={script}")


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on our database. Raises BackupError. The password stands in no command line."""
    found = shutil.which(program)
    if not found:
        raise BackupError(f"{program} is not installed (Debian: postgresql-client).")
    settings = connection.settings_dict
    said = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    address = {variable: str(settings[name]) for variable, name in said.items() if settings.get(name)}
    encryption = {
        f"PG{name.upper()}": str(value) for name, value in settings["OPTIONS"].items() if name.startswith("ssl")
    }
    done = subprocess.run(  # noqa: S603 PostgreSQL's own program, on files of ours
        [found, *arguments],
        env=os.environ | address | encryption,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program} failed, so nothing has been changed: {done.stderr.decode().strip()[-500:]}")
