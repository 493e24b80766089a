"""Take in record files."""

import csv
import io
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from episodes.files import Reject, defused
from episodes.models import Finding
from procedures.arguments import day
from procedures.models import NoProcedure
from rhi import imports


class DryRun(Exception):
    """Ends a trial run, so that nothing of it stays."""


class Rejects:
    """Writes rejected rows as CSV that no spreadsheet will run: a header before the first, then each row as read."""

    def __init__(self, out: TextIO) -> None:
        self.write = csv.writer(out, lineterminator="\n").writerow
        self.started = False

    def __call__(self, row: Reject) -> None:
        if not self.started:
            self.write(["file", "line", "key", "reason", "row"])
            self.started = True
        as_read = io.StringIO()
        csv.writer(as_read, lineterminator="").writerow(row.cells)
        texts = (defused(text.replace("\0", "?")) for text in (row.key, row.reason, as_read.getvalue()))
        self.write([row.file, row.line, *texts])


class Command(BaseCommand):
    help = "Take in a folder of record files, or single files, and route what has come back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a folder, or files named as in the manual"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
        parser.add_argument("--rejects", type=Path, help="write rejected rows to this file (default: standard error)")
        parser.add_argument(
            "--history-before",
            type=day,
            metavar="DATE",
            help="episodes that ended before this day are history: without an interview record they lie in no tray",
        )

    def handle(
        self,
        *args: Any,
        paths: list[Path],
        dry_run: bool,
        rejects: Path | None,
        history_before: date | None,
        **options: Any,
    ) -> None:
        with ExitStack() as stack:
            try:
                out = self._opened(rejects, paths, stack) if rejects else sys.stderr
                result = self._run(paths, history_before, Rejects(out), dry_run=dry_run)
            except (imports.NothingToImport, NoProcedure) as error:
                raise CommandError(str(error)) from error
        self._report(result, dry_run=dry_run)
        if not result.all_taken:
            raise CommandError("Some rows or files were not taken; the reasons stand above or in the rejects file.")

    def _opened(self, rejects: Path, paths: list[Path], stack: ExitStack) -> TextIO:
        """The rejects file, which must not be one of those that are to be read."""
        read = {file.resolve() for files in imports.sources(paths).values() for file in files}
        if rejects.resolve() in read:
            raise CommandError(f"The rejects cannot be written to {rejects}: it is to be read.")
        try:
            return stack.enter_context(rejects.open("w", encoding="utf-8", newline=""))
        except OSError as error:
            raise CommandError(f"The rejects cannot be written to {rejects}: {error.strerror}.") from error

    def _run(
        self, paths: list[Path], history_before: date | None, reject: Callable[[Reject], None], *, dry_run: bool
    ) -> imports.RunResult:
        def run() -> imports.RunResult:
            return imports.run(paths, by=None, now=timezone.now(), history_before=history_before, reject=reject)

        if not dry_run:
            return run()
        results = []
        try:
            with transaction.atomic():
                results.append(run())
                raise DryRun
        except DryRun:
            return results[0]

    def _report(self, result: imports.RunResult, *, dry_run: bool) -> None:
        if dry_run:
            self.stdout.write("Dry run: nothing was changed. What would have happened:")
        self.stdout.write(f"{'file':18}{'read':>9}{'new':>9}{'changed':>9}{'unchanged':>11}{'rejected':>10}")
        for file in result.files:
            if file.refused:
                self.stdout.write(f"{file.file:18}refused: {file.refused}")
            else:
                self.stdout.write(
                    f"{file.file:18}{file.read:9,}{file.new:9,}{file.changed:9,}{file.unchanged:11,}{file.rejected:10,}"
                )
        self.stdout.write(f"returns routed: {result.routed:,}")
        self.stdout.write(f"new findings: {result.findings.total():,}")
        for kind, number in sorted(result.findings.items()):
            self.stdout.write(f"  {Finding.Kind(kind).label}: {number:,}")
