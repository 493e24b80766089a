"""Publish an authority's procedure."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from procedures import actions, types
from procedures.arguments import day


class Command(BaseCommand):
    help = "Check a procedure and publish it as a version, in force from a day on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name_or_path", help="a shipped procedure (such as somerset) or the path of a file")
        parser.add_argument(
            "--from",
            dest="effective_from",
            metavar="DATE",
            type=day,
            help="default: the file's own date",
        )

    def handle(self, *args: Any, name_or_path: str, effective_from: date | None, **options: Any) -> None:
        try:
            version, new = actions.publish(
                actions.source(name_or_path), effective_from=effective_from, by=None, now=timezone.now()
            )
        except (actions.ProcedureNotFound, types.ProcedureInvalid) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Published {version}." if new else f"Already published: {version}. Nothing was changed.")
