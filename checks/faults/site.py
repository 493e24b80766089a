"""The site in its parts, each a process that can be killed, stopped, held up and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg2
import redis

from checks.faults import points
from checks.servers import Unavailable, cluster, create_database, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 60
SWEEP, LEASE, RETRY = 1.0, 4.0, "1,2"
"""Seconds between two sweeps, of a lease, and after a failure: short, so that a run of hundreds ends."""
DISK = "400m"

AT_RANDOM = ("worker", "postgresql", "redis", "mail", "web", "beat")
"""The parts that are killed at some moment or other."""

NOTIFY_KEY = (
    "trial-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"  # pragma: allowlist secret
)


class NotUp(RuntimeError):
    """A part did not start; the message ends with what it said last."""


@dataclass
class Part:
    """One process, or group of processes, with how it is started and how one sees that it is up."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    log: Path
    up: Callable[[], object]
    before: Callable[[], object] = lambda: None
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self, **env: str) -> None:
        """Start it and wait until it is up. Raises NotUp."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            self.before()
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command, env={**self.env, **env}, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
                )
            while time.monotonic() < deadline and self.process.poll() is None:
                with suppress(OSError, psycopg2.Error, redis.RedisError):
                    if self.up() is not False:
                        return
                time.sleep(0.05)
            time.sleep(0.2)  # a killed PostgreSQL holds its memory until the last of its sessions has noticed
        raise NotUp(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """As SIGKILL does: it, and all that it started."""
        if self.process is None:
            return
        beneath = children(self.process.pid)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for pid in beneath:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """As somebody stops it who has time."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def hold_up(self, seconds: float) -> None:
        """Let it hang, as a machine does that swaps: it takes connections and answers nobody."""
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.killpg(self.process.pid, signal.SIGCONT)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Hold it still until the end of the block, so that what one sees of its work meanwhile stays as it is."""
        if self.process is None:
            raise NotUp(f"{self.name} was never started")
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGSTOP)
        time.sleep(0.02)  # what it had just asked of others is done by then
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGCONT)

    @property
    def lives(self) -> bool:
        """Whether its first process is still there."""
        return self.process is not None and self.process.poll() is None

    def twin(self) -> Part:
        """The same beside it."""
        return replace(self, name=f"second {self.name}")

    def restart(self, **env: str) -> None:
        """Kill what is left of it and start it anew."""
        self.kill()
        self.start(**env)


def children(parent: int) -> list[int]:
    """The processes that a process has started and that have not ended, and theirs."""
    found: list[int] = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError, ValueError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                pid = int(status.parent.name)
                found += [pid, *children(pid)]
    return found


@dataclass
class Site:
    """All parts, and the environment in which the site's own code runs."""

    folder: Path
    env: dict[str, str]
    parts: dict[str, Part]
    port: int
    own_disk: bool
    """Whether PostgreSQL has a disk of its own that may be filled."""

    def __getitem__(self, name: str) -> Part:
        return self.parts[name]

    @property
    def armed(self) -> Path:
        """The folder of the places that are armed."""
        return self.folder / "armed"

    @property
    def mail(self) -> Path:
        """The folder of what the mail server took."""
        return self.folder / "mail"

    @property
    def notify(self) -> Path:
        """The folder of what Notify took."""
        return self.folder / "notify"

    def manage(self, *arguments: str) -> None:
        """Run a command of the site. Raises CalledProcessError."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments], env=self.env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )

    def arm(self, point: str) -> None:
        """Let whoever comes there next die."""
        (self.armed / point).touch()

    def died(self, point: str) -> bool:
        """Whether somebody died there since it was armed; asked once."""
        with suppress(FileNotFoundError):
            (self.armed / f"{point}.died").unlink()
            return True
        return False

    def disarm(self, point: str) -> None:
        """Nobody dies there any more."""
        (self.armed / point).unlink(missing_ok=True)


@contextmanager
def standing(folder: Path, *, without_guards: bool = False) -> Iterator[Site]:
    """The whole site on invented records, until the end of the block. Raises Unavailable, NotUp."""
    redis_server = shutil.which("redis-server")
    if not redis_server:
        raise Unavailable("Redis is not installed (Debian: redis-server)")
    ports = {name: free_port() for name in ("postgresql", "redis", "mail", "notify", "web")}
    for name in ("postgresql", "redis", "mail", "notify", "armed", "var"):
        (folder / name).mkdir()
    own_disk = mounted(folder / "postgresql")
    env = environment(folder, ports, without_guards=without_guards)
    python, log = sys.executable, folder
    ready = folder / "worker-ready"
    celery = [python, "-m", "celery", "--app", "checks.faults.worker", "--quiet"]
    quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    gunicorn = [python, "-m", "gunicorn", "checks.faults.web:application", "--bind", f"127.0.0.1:{ports['web']}"]
    outside = [python, "-m", "checks.faults.outside"]
    keep = ["--save", "", "--appendonly", "no", "--dir", str(folder / "redis")]
    database = f"postgres://rhi@127.0.0.1:{ports['postgresql']}"
    parts = {
        each.name: each
        for each in (
            Part(
                "postgresql",
                cluster(folder / "postgresql", ports["postgresql"]),
                dict(os.environ),
                log / "postgresql.log",
                lambda: psycopg2.connect(f"{database}/postgres", connect_timeout=2).close(),
            ),
            Part(
                "redis",
                [redis_server, "--bind", "127.0.0.1", "--port", str(ports["redis"]), *keep],
                dict(os.environ),
                log / "redis.log",
                redis.Redis(port=ports["redis"], socket_timeout=2).ping,
            ),
            Part(
                "mail",
                [*outside, "mail", str(ports["mail"]), str(folder / "mail")],
                env,
                log / "mail.log",
                answering(ports["mail"]),
            ),
            Part(
                "notify",
                [*outside, "notify", str(ports["notify"]), str(folder / "notify")],
                env,
                log / "notify.log",
                answering(ports["notify"]),
            ),
            Part(
                "web",
                [*gunicorn, "--workers", "2", "--threads", "2", "--log-level", "warning"],
                env,
                log / "web.log",
                answering(ports["web"]),
            ),
            Part(
                "worker",
                [*celery, "worker", "--concurrency", "2", *quiet],
                env | {"FAULTS_READY": str(ready)},
                log / "worker.log",
                ready.exists,
                before=lambda: ready.unlink(missing_ok=True),
            ),
            Part("beat", [*celery, "beat", "--loglevel", "WARNING"], env, log / "beat.log", lambda: True),
        )
    }
    site = Site(folder, env, parts, ports["web"], own_disk)
    try:
        for name in ("postgresql", "redis", "mail", "notify"):
            parts[name].start()
        create_database(f"{database}/postgres", "rhi")
        records(site)
        for name in ("web", "worker", "beat"):
            parts[name].start()
        yield site
    finally:
        for part in reversed(parts.values()):
            part.kill()
        if own_disk:
            subprocess.run(["umount", "--lazy", folder / "postgresql"], check=True)


def mounted(folder: Path) -> bool:
    """Give the folder a small disk of its own in memory, so that it can be full; False where we may not."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0


def environment(folder: Path, ports: Mapping[str, int], *, without_guards: bool) -> dict[str, str]:
    """What the site's processes are told."""
    env = dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "rhi.settings",
        "RHI_DEMO": "1",
        "DEBUG": "0",
        "RHI_VAR": str(folder / "var"),
        "DATABASE_URL": f"postgres://rhi@127.0.0.1:{ports['postgresql']}/rhi",
        "REDIS_URL": f"redis://127.0.0.1:{ports['redis']}/0",
        "EMAIL_URL": f"smtp://127.0.0.1:{ports['mail']}",
        "NOTIFY_API_KEY": NOTIFY_KEY,
        "NOTIFY_BASE_URL": f"http://127.0.0.1:{ports['notify']}",
        "SWEEP_SECONDS": str(SWEEP),
        "LEASE_SECONDS": str(LEASE),
        "RETRY_SECONDS": RETRY,
        "DELIVERY_TIMEOUT": "2",
        points.FOLDER: str(folder / "armed"),
    }
    env.pop(points.WITHOUT_GUARDS, None)
    return env | ({points.WITHOUT_GUARDS: "1"} if without_guards else {})


def records(site: Site) -> None:
    """A month of invented records, and the people of the demonstration at their work."""
    site.manage("migrate", "--verbosity", "0")
    site.manage("createcachetable")
    site.manage("collectstatic", "--no-input", "--verbosity", "0")
    site.manage("load_procedure", "somerset")
    invented = site.folder / "invented"
    site.manage(
        "generate_records",
        "--output",
        str(invented),
        "--months",
        "1",
        "--episodes-per-month",
        "60",
        "--children-per-month",
        "40",
    )
    site.manage("import_records", str(invented))
    site.manage("demo_people")
    site.manage("demo_work")


def answering(port: int) -> Callable[[], object]:
    """Whether somebody takes connections there."""

    def ask() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            pass

    return ask
