"""Put a backup into an empty database, and hold all work until somebody releases it."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from jobs import backups


class Command(BaseCommand):
    help = (
        "Put a backup into a database that holds no data. Nothing is sent until an administrator releases it. "
        "Nothing is changed when the file is damaged or the database is in use."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")

    def handle(self, *, path: Path, **options: object) -> None:
        """Say what was restored and what is to be done next; raises CommandError, so exit 1, when it was not."""
        try:
            manifest = backups.restore(path, now=timezone.now())
        except backups.BackupError as failure:
            raise CommandError(str(failure)) from failure
        self.stdout.write(f"{sum(manifest.rows.values())} rows of {len(manifest.rows)} tables are back, counted again.")
        self.stdout.write("Run migrate if the program is newer than the backup.")
        self.stdout.write("Nothing is sent until an administrator releases it under Work in the background.")
