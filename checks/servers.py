"""A private PostgreSQL and Redis on free ports, for as long as something needs them.

    python -m checks.servers COMMAND…                     runs the command with DATABASE_URL and REDIS_URL of both
    python -m checks.servers --with-statistics COMMAND…   the same, and PostgreSQL learns what its tables hold

They keep nothing and are ended by the process ids we started. Their files lie in a temporary folder rather than
under var/: PostgreSQL refuses to run as root, so as root it runs as Debian's user postgres, who may not be able to
reach a checkout in somebody's home.
"""

import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import psycopg2
import redis

# What makes a database durable is what a test database can spare.
UNDURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# Tests undo their rows, so a vacuum in between notes that the tables are empty; the plans of the next test then rest on
# that, and a join of some hundred rows can take minutes.
WITHOUT_STATISTICS = "autovacuum=off"
WITH_STATISTICS = "--with-statistics"
SECONDS_TO_START = 30
SECONDS_TO_STOP = 20


class Unavailable(Exception):
    """There is neither a server to use nor a program to start one; the message says what to install or set."""


@contextmanager
def servers(*, statistics: bool = False) -> Iterator[dict[str, str]]:
    """The environment that leads to both servers: those of TEST_DATABASE_URL and TEST_REDIS_URL, or private ones.

    With `statistics` a private PostgreSQL learns by itself what its tables hold, as in production.
    """
    with (
        given_or("TEST_DATABASE_URL", partial(postgresql, statistics=statistics)) as database_url,
        given_or("TEST_REDIS_URL", redis_server) as redis_url,
    ):
        yield {"DATABASE_URL": database_url, "REDIS_URL": redis_url}


@contextmanager
def given_or(variable: str, start: Callable[[Path], Iterator[str]]) -> Iterator[str]:
    """The server that the environment names, or a private one in a folder of its own."""
    if url := os.environ.get(variable):
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="rhi-"))
    try:
        with contextmanager(start)(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postgresql(folder: Path, *, statistics: bool) -> Iterator[str]:
    """A PostgreSQL that keeps nothing for good, with a database of ours in it."""
    port = free_port()
    settings = [*UNDURABLE, *([] if statistics else [WITHOUT_STATISTICS])]
    # SIGINT is PostgreSQL's "end all sessions and stop".
    with running(cluster(folder, port, *settings), folder, stop_with=signal.SIGINT) as server:
        url = f"postgres://rhi@127.0.0.1:{port}"
        wait_for(server, lambda: create_database(f"{url}/postgres", "rhi"), psycopg2.OperationalError, folder)
        yield f"{url}/rhi"


def cluster(folder: Path, port: int, *settings: str) -> list[str]:
    """Make a PostgreSQL cluster in the folder and answer the command that runs it.

    As root it belongs to, and runs as, the user postgres. Raises Unavailable.
    """
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    found = programs[-1] if programs else os.path.dirname(shutil.which("initdb") or "")
    if not found:
        raise Unavailable("PostgreSQL is not installed (Debian: postgresql) and TEST_DATABASE_URL is not set")
    somebody: list[str] = []
    if os.geteuid() == 0:
        somebody = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    initialise = [f"{found}/initdb", "--pgdata", str(data), "--username", "rhi", "--auth", "trust", "--no-sync"]
    initialise += ["--encoding", "UTF8", "--locale", "C.UTF-8"]
    subprocess.run([*somebody, *initialise], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    said = [*settings, "listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}"]
    return [*somebody, f"{found}/postgres", "-D", str(data), *(part for each in said for part in ("-c", each))]


def create_database(url: str, name: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")


def redis_server(folder: Path) -> Iterator[str]:
    """A Redis that stores nothing on disk."""
    program = shutil.which("redis-server")
    if not program:
        raise Unavailable("Redis is not installed (Debian: redis-server) and TEST_REDIS_URL is not set")
    port = free_port()
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with running([*command, "--dir", str(folder)], folder, stop_with=signal.SIGTERM) as server:
        url = f"redis://127.0.0.1:{port}/0"
        with redis.Redis.from_url(url) as client:
            wait_for(server, client.ping, redis.ConnectionError, folder)
        yield url


@contextmanager
def running(command: list[str], folder: Path, *, stop_with: signal.Signals) -> Iterator[subprocess.Popen[bytes]]:
    """The command, until the end of the block; then asked to stop, and ended if it does not.

    In a session of its own: a Ctrl-C in the terminal must not end a server before the tests that use it.
    """
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        yield server
    finally:
        server.send_signal(stop_with)
        try:
            server.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for(
    server: subprocess.Popen[bytes], attempt: Callable[[], object], refusal: type[Exception], folder: Path
) -> None:
    """Return once the attempt succeeds; otherwise show what the server said."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(refusal):
            attempt()
            return
        time.sleep(0.1)
    raise RuntimeError(f"{server.args!r} did not start:\n{(folder / 'log').read_text(errors='replace')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop_on_sigterm() -> None:
    """Turn SIGTERM into an exit that runs every `finally`, so that no server is left behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def main() -> int:
    stop_on_sigterm()
    statistics = sys.argv[1:2] == [WITH_STATISTICS]
    try:
        with servers(statistics=statistics) as environment:
            return subprocess.run(
                sys.argv[2 if statistics else 1 :], env=os.environ | environment, check=False
            ).returncode
    except Unavailable as reason:
        sys.exit(f"Left out: {reason}.")


if __name__ == "__main__":
    sys.exit(main())
