"""Print the monthly table of offers and completions."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from procedures.models import NoProcedure
from reporting import exports
from reporting.tables import Month, monthly

FORMATS = {"table": exports.as_text, "csv": exports.as_csv, "json": exports.as_json}


def month(text: str) -> Month:
    """A month on the command line."""
    try:
        return Month.of(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


class Command(BaseCommand):
    help = "The monthly table that scrutiny committees read, with ours beneath it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=month, required=True, metavar="YYYY-MM")
        parser.add_argument("--to", dest="last", type=month, required=True, metavar="YYYY-MM")
        parser.add_argument("--format", choices=FORMATS, default="table")
        parser.add_argument("--output", type=Path, help="write to this file (default: standard output)")

    def handle(
        self,
        *args: Any,
        first: Month,
        last: Month,
        format: str,  # noqa: A002 the option's own name
        output: Path | None,
        **options: Any,
    ) -> None:
        try:
            text = FORMATS[format](monthly(first, last, now=timezone.now()))
        except (ValueError, NoProcedure) as error:
            raise CommandError(str(error)) from error
        if output:
            output.write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text)
