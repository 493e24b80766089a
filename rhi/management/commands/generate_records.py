"""Write invented but realistic records, for a demonstration or a load test."""

import csv
from argparse import ArgumentTypeError
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from procedures.arguments import day
from rhi.invention.pace import HIGHEST_MEAN, Wish
from rhi.invention.records import FILES, columns, invent

MOST_MONTHS = 600


class Command(BaseCommand):
    help = (
        "Write invented but realistic records into a folder, as the six files that import_records reads. "
        "They cover so many whole calendar months and what has passed of the current one. "
        "The same seed with the same figures gives the same files, byte for byte."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="made if it does not exist")
        parser.add_argument("--months", type=number_above_zero, default=12)
        parser.add_argument(
            "--episodes-per-month", type=number_above_zero, default=303, help="missing episodes, as a mean"
        )
        parser.add_argument(
            "--children-per-month", type=number_above_zero, default=186, help="who went missing, as a mean"
        )
        parser.add_argument(
            "--until", type=day, metavar="DATE", help="the records end as this day begins; default: today"
        )
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, output: Path, **options: Any) -> None:
        """Write the files; raises CommandError, and then nothing is written, for figures that no records can have."""
        today = timezone.localdate()
        wish = Wish(
            months=options["months"],
            episodes_per_month=options["episodes_per_month"],
            children_per_month=options["children_per_month"],
            until=options["until"] or today,
            seed=options["seed"],
        )
        refuse_what_cannot_be(wish, today)
        refuse_to_replace(output)
        written = write(wish, output)
        for name, rows in written.items():
            self.stdout.write(f"{name}: {rows} rows")


def number_above_zero(text: str) -> int:
    """A whole number from 1."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"“{text}” is not a whole number above 0.")
    return int(text)


def refuse_what_cannot_be(wish: Wish, today: date) -> None:
    """In words, before anything is written."""
    if wish.until > today:
        raise CommandError(f"--until {wish.until} lies in the future: records end today at the latest.")
    if wish.months > MOST_MONTHS:
        raise CommandError(f"--months {wish.months} is more than {MOST_MONTHS}.")
    if wish.episodes_per_month < wish.children_per_month:
        raise CommandError(
            f"{wish.children_per_month} children cannot go missing in {wish.episodes_per_month} episodes: "
            "give --children-per-month a number no greater than --episodes-per-month."
        )
    if wish.episodes_per_month > HIGHEST_MEAN * wish.children_per_month:
        raise CommandError(
            f"{wish.episodes_per_month} episodes a month are more than {HIGHEST_MEAN} for each of "
            f"{wish.children_per_month} children: give a greater --children-per-month."
        )


def refuse_to_replace(folder: Path) -> None:
    """The nightly extract has the same file names: invented children must never take the place of real ones."""
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file. Name a folder; nothing was written.")
    taken = [name for name in FILES if (folder / name).exists()]
    if taken:
        raise CommandError(f"{folder} already holds {', '.join(taken)}. Name another folder; nothing was written.")


def write(wish: Wish, folder: Path) -> dict[str, int]:
    """The six files, row by row; each gets its name when all are complete. Answers how many rows each holds."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {name: folder / f"{name}.part" for name in FILES}
    count = dict.fromkeys(FILES, 0)
    with ExitStack() as files:
        writers = {}
        for name, part in parts.items():
            file = files.enter_context(part.open("w", encoding="utf-8", newline=""))
            writers[name] = csv.writer(file, lineterminator="\n")
            writers[name].writerow(columns(name))
        for name, row in invent(wish):
            writers[name].writerow(row)
            count[name] += 1
    for name, part in parts.items():
        part.rename(folder / name)
    return count
