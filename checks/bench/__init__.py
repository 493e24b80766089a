"""The speed table: what the product takes, beside what the bare database takes or beside a fixed limit."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.core.management import call_command
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rhi.settings")
os.environ.setdefault("RHI_DEMO", "1")
django.setup()

ROOT = Path(__file__).resolve().parents[2]
SEED = "1"


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, against which limit, in its unit."""

    name: str
    value: float
    limit: float
    unit: str
    low: float
    high: float

    @property
    def met(self) -> bool:
        return self.value <= self.limit

    def line(self) -> str:
        """The figure as the table prints it."""
        spread = f"{self.low:.2f} to {self.high:.2f}"
        verdict = "met" if self.met else "MISSED"
        return f"{self.name:58}{self.value:9.2f}{self.limit:8.2f}  {self.unit:8}{spread:18}{verdict}"


def ratio(name: str, ours: Callable[[], object], other: Callable[[], object], *, limit: float, pairs: int) -> Figure:
    """How many times as long as the other thing ours takes, pair by pair."""
    ours(), other()
    ratios = [seconds(ours) / seconds(other) for _ in range(pairs)]
    return Figure(name, statistics.median(ratios), limit, "times", min(ratios), max(ratios))


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def use_fresh_database(name: str, *, procedure: str) -> None:
    """Go on in a database of this name, made anew on the same server, with its tables and a procedure.

    Processes that are started from now on use it too.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    os.environ["DATABASE_URL"] = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    call_command("migrate", verbosity=0)
    call_command("load_procedure", procedure, verbosity=0)
