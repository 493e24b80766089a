"""An import of 20,000 episodes: its time, its memory, and how long somebody else waits meanwhile to save."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from checks.bench import ROOT, SEED, Figure, use_fresh_database
from episodes.models import Child

PER_MONTH = {"episodes_per_month": 1667, "children_per_month": 1170}
"""Over twelve months about 20,000 episodes of about 8,000 children."""


FILES = ("children.csv", "involvements.csv", "episodes.csv", "interviews.csv")


class Saver(threading.Thread):
    """Somebody who saves one child's record every 50 ms, in a transaction each, and notes the longest wait."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.longest = 0.0
        self.saves = 0
        self.over = threading.Event()

    def run(self) -> None:
        """Save until told to end."""
        database = settings.DATABASES["default"]
        own = psycopg2.connect(
            host=database["HOST"],
            port=database["PORT"] or None,
            user=database["USER"],
            password=database["PASSWORD"] or None,
            dbname=connection.settings_dict["NAME"],
        )
        with own, own.cursor() as cursor:
            while not self.over.wait(0.05):
                started = time.perf_counter()
                cursor.execute(
                    "UPDATE episodes_child SET phone = %s WHERE child_id = 'SAVER'", (f"01632 96000{self.saves % 10}",)
                )
                own.commit()
                self.longest = max(self.longest, time.perf_counter() - started)
                self.saves += 1
        own.close()


def measure(folder: Path) -> Iterator[Figure]:
    """Generate, take in with the command in a process of its own, and watch."""
    use_fresh_database("bench_import", procedure="somerset")
    records = folder / "records"
    call_command("generate_records", output=records, months=12, seed=int(SEED), verbosity=0, **PER_MONTH)
    Child.objects.create(child_id="SAVER", first_name="Robin", last_name="Example", date_of_birth="2012-01-15")
    saver = Saver()
    saver.start()
    started = time.perf_counter()
    files = [str(records / name) for name in FILES]
    command = [sys.executable, "manage.py", "import_records", *files]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - started
    saver.over.set()
    saver.join()
    if status:
        raise SystemExit("The import failed.")
    yield Figure("import of 20,000 episodes, children, involvements, interviews", took, 60, "s", took, took)
    memory = used.ru_maxrss / 1024
    yield Figure("its memory at the peak", memory, 200, "MB", memory, memory)
    yield Figure("longest wait of somebody else's save", saver.longest, 1, "s", saver.longest, saver.longest)
