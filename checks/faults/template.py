"""One process that has read all of the code; the site's processes are split off from it instead of reading it anew.

    python -m checks.faults.template      started by the trial, which writes orders and reads process ids

What is split off is a process of its own in a session of its own, as one that was started by itself: it opens its own
connections, has its own pool, and SIGKILL takes it whole. Only the seconds are spared that reading the code takes, of
which a trial of hundreds of kills would otherwise consist.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import IO, cast

import django
from django.db import connections

ROOT = Path(__file__).resolve().parent.parent.parent


class Split:
    """A process that was split off, with as much of subprocess.Popen as the trial asks for."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ended: int | None = None
        """Readable once it has ended; None when it had before one could ask."""
        with suppress(ProcessLookupError):
            self.ended = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """None while it lives; what it answered at its end only the template knew."""
        return 0 if self._has_ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Return once it has ended. Raises subprocess.TimeoutExpired."""
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return 0

    def _has_ended(self, timeout: float | None) -> bool:
        if self.ended is not None and select.select([self.ended], [], [], timeout)[0]:
            os.close(self.ended)
            self.ended = None
        return self.ended is None


class Template:
    """The process from which others are split off. One order at a time."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self.env, self.log = dict(env), log
        self.one = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Have it read the code, in which is what it finds then: start it when the site's own files are made."""
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "checks.faults.template"],
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                cwd=ROOT,
                start_new_session=True,
            )

    def split(self, command: list[str], env: Mapping[str, str], log: Path) -> Split:
        """Split off a process that runs `NAME ARGUMENTS…` (COMMANDS, below) in this environment. Call start before."""
        order = json.dumps({"command": command, "env": dict(env), "log": str(log)})
        with self.one:
            process = cast("subprocess.Popen[bytes]", self.process)
            orders, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
            orders.write(f"{order}\n".encode())
            orders.flush()
            return Split(int(answers.readline()))

    def close(self) -> None:
        """End it; what was split off from it lives on."""
        if self.process:
            self.process.kill()
            self.process.wait()


MODULES = (
    "celery.apps.worker",
    "celery.beat",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.worker.consumer",
    "checks.faults.outside",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "kombu.transport.redis",
    "rhi.celery",
    "rhi.wsgi",
    "weasyprint",
)
"""What the site's processes read at their start, or at their first piece of work."""

COMMANDS = {
    "celery": "celery.bin.celery:main",
    "gunicorn": "gunicorn.app.wsgiapp:run",
    "outside": "checks.faults.outside:main",
}
"""What may be split off, by the first word of its command."""


def read_the_code() -> None:
    """Read it, have Django make its checks once, and leave nothing open."""
    django.setup()
    for name in MODULES:
        import_module(name)
    resolve_name("rhi.celery:app").loader.import_default_modules()
    resolve_name("django.urls:get_resolver")().check()
    connections.close_all()
    if threading.active_count() > 1:
        raise RuntimeError("A thread that was started here would be missing in what is split off.")


def main() -> None:
    """Take orders until nobody gives any."""
    read_the_code()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks after those who have ended
    for order in sys.stdin:
        said = json.loads(order)
        apart, went_apart = os.pipe()
        if pid := os.fork():
            os.close(went_apart)
            os.read(apart, 1)  # until it is in a session of its own, so that it can be killed as one
            os.close(apart)
            print(pid, flush=True)
        else:
            os.setsid()
            os.close(apart)
            os.close(went_apart)
            become(said["command"], said["env"], said["log"])


def become(command: list[str], env: Mapping[str, str], log: str) -> None:
    """Be the process that was asked for, and end with it."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(env)
        os.environ["CELERY_SKIP_CHECKS"] = "1"  # the template has made Django's checks
        random.seed()
        nothing, said = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(nothing, 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.argv = command
        resolve_name(COMMANDS[command[0]])()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
