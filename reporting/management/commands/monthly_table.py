"""Print the monthly table of offers and completions, or write it as a file to hand on."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from procedures.models import NoProcedure
from reporting import exports
from reporting.tables import Month, monthly
from reporting.wording import marking

TEXTS = {"table": exports.as_text, "csv": exports.as_csv, "json": exports.as_json}
FILES = {"xlsx": exports.as_xlsx, "pdf": exports.as_pdf}


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
        parser.add_argument("--format", choices=[*TEXTS, *FILES], default="table")
        parser.add_argument("--output", type=Path, help="write to this file (default: standard output)")
        parser.add_argument(
            "--suppress",
            action="store_true",
            help="for publishing: leave out counts from 1 to 4, and what would let one of them be worked out",
        )

    def handle(
        self,
        *args: Any,
        first: Month,
        last: Month,
        format: str,  # noqa: A002 the option's own name
        output: Path | None,
        suppress: bool,
        **options: Any,
    ) -> None:
        if format in FILES and output is None and sys.stdout.isatty():
            raise CommandError(
                f"A terminal cannot show {format.upper()}. Name a file with --output PATH, or send the output to one."
            )
        try:
            table = monthly(first, last, now=timezone.now())
        except (ValueError, NoProcedure) as error:
            raise CommandError(str(error)) from error
        if suppress:
            table = exports.for_publishing(table)
        if format in FILES:
            self._write_file(FILES[format](table, marking=marking(table)), output)
        else:
            self._write_text(TEXTS[format](table), output)

    def _write_file(self, content: bytes, output: Path | None) -> None:
        if output:
            output.write_bytes(content)
        else:
            sys.stdout.buffer.write(content)

    def _write_text(self, text: str, output: Path | None) -> None:
        if output:
            output.write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text)
