"""Copy everything into one file."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from jobs import backups


class Command(BaseCommand):
    help = "Copy everything, letters included, into one new file, while the site goes on. It holds children's records."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")

    def handle(self, *, path: Path, **options: object) -> None:
        """Say how much was copied; raises CommandError, so exit 1, when it was not."""
        try:
            manifest = backups.back_up(path, now=timezone.now())
        except backups.BackupError as failure:
            raise CommandError(str(failure)) from failure
        size = path.stat().st_size / 1e6
        self.stdout.write(
            f"{sum(manifest.rows.values())} rows of {len(manifest.rows)} tables in {path}, {size:.1f} MB."
        )
        self.stdout.write("Keep it where children's records may be kept: nothing in it is encrypted.")
