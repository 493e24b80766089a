"""Start the site: the web process and the worker, together, until told to stop."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

HOST = "127.0.0.1"
SECONDS_TO_STOP = 20
"""How long a process may take to finish what it is doing before it is ended."""


class Command(BaseCommand):
    help = f"Start the site on {HOST}: web process, worker and its timetable. Ctrl-C or SIGTERM stops them all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    def handle(self, *, port: int, **options: object) -> None:
        """Run until SIGTERM or SIGINT; raises CommandError, so a non-zero exit, when a child ends by itself."""
        refuse_a_port_in_use(port)
        stop = threading.Event()
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, lambda *_: stop.set())

        with children({"web": web(port), "worker": worker()}) as running:
            announced = False
            while not stop.wait(0.2):
                for name, child in running.items():
                    if child.poll() is not None:
                        raise CommandError(f"The {name} process ended by itself (exit code {child.returncode}).")
                if not announced and answers(port):
                    self.stdout.write(self.style.SUCCESS(f"The site is up: http://{HOST}:{port}/ (Ctrl-C stops it)"))
                    self.stdout.flush()
                    announced = True
        self.stdout.write("The site has stopped.")


def web(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", settings.WSGI_APPLICATION.replace(".application", ":application")),
        *("--bind", f"{HOST}:{port}", "--workers", "2", "--threads", "4", "--log-level", "warning"),
    ]


def worker() -> list[str]:
    """The worker with the timetable inside it (-B).

    With the embedded broker it works in its own process, one job at a time (-P solo): there is one machine, and a
    pool of processes would race for the same files.
    """
    pool = ("--concurrency", "2") if settings.REDIS_URL else ("--pool", "solo")
    quiet = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
    # Somebody who tries the demonstration as root need not be told off by Celery as well.
    python = (sys.executable, "-W", "ignore::UserWarning:celery.platforms")
    return [*python, "-m", "celery", "--app", "rhi", "--quiet", "worker", "--beat", *pool, *quiet]


@contextmanager
def children(commands: dict[str, list[str]]) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Start each command as the leader of its own group, and leave no process of any group behind.

    In their own groups, a Ctrl-C in the terminal reaches them only through us, once.
    """
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            running[name] = subprocess.Popen(command, start_new_session=True)  # noqa: S603 our own commands, no input
        yield running
    finally:
        for child in running.values():
            child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while time.monotonic() < deadline and any(group_lives(child) for child in running.values()):
            time.sleep(0.1)
        for child in running.values():
            if group_lives(child):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def group_lives(leader: subprocess.Popen[bytes]) -> bool:
    """Whether any process of the leader's group is still there: a child may end before its own children do."""
    leader.poll()  # reaps it: an unreaped leader would count as alive
    try:
        os.killpg(leader.pid, 0)
    except ProcessLookupError:
        return False
    return True


def refuse_a_port_in_use(port: int) -> None:
    """Without this the address of another program would be announced as ours."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as refusal:
            raise CommandError(f"Port {port} is in use. Choose another: PORT=8001 make run") from refusal


def answers(port: int) -> bool:
    """Whether the web process accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
