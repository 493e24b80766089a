"""Fill an empty database with a year of invented records, for a demonstration."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from episodes.models import Child

EPISODES_PER_MONTH = 60
CHILDREN_PER_MONTH = 37
"""A fifth of a large county's, in its proportion: enough to look at, taken in within seconds."""


class Command(BaseCommand):
    help = "Generate a year of invented records under var/ and import them, if no child is on file. Demonstration only."

    def handle(self, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("Invented records belong in a demonstration only; it is marked by RHI_DEMO=1.")
        if Child.objects.exists():
            self.stdout.write("The database holds records already; they stay as they are.")
            return
        with TemporaryDirectory(dir=settings.VAR_DIR) as folder:
            call_command(
                "generate_records",
                output=Path(folder),
                months=12,
                episodes_per_month=EPISODES_PER_MONTH,
                children_per_month=CHILDREN_PER_MONTH,
            )
            call_command("import_records", Path(folder))
