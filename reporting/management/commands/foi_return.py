"""Answer a Freedom of Information request about return home interviews, for any period."""

import csv
import io
import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from procedures.models import NoProcedure
from reporting.answers import IN_TIME, STARTS, Answer, answer, length

WORDS = {
    "incidents": "Incidents of children going missing",
    "children": "Children to whom these relate",
    "offered": "Incidents for which an interview was offered to the child or to a parent or carer",
    "accepted": "Incidents for which the child accepted",
    "declined": "Incidents for which the child, or a parent or carer, declined",
    "held": "Incidents for which an interview was carried out",
    IN_TIME: "Incidents with an interview within 72 hours, as measured below",
}


def as_json(told: Answer) -> str:
    """One object: the period, the figures and the paragraph that explains them."""
    period = {"from": told.first.isoformat(), "to": told.last.isoformat()}
    return json.dumps({**period, **told.figures, "basis": told.statement}, ensure_ascii=False) + "\n"


def as_csv(told: Answer) -> str:
    """A line for each figure, by its key."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("figure", "number"), *told.figures.items()])
    return out.getvalue()


def as_text(told: Answer) -> str:
    """The figures in words, the ways of counting 72 hours side by side, and the paragraph."""
    lines = [f"{told.figures[key]:>7,}  {words}" for key, words in WORDS.items()]
    ways = [f"{number:>7,}  from {STARTS[start]}: {length(limit)}" for (start, limit), number in told.ways.items()]
    return "\n".join([*lines, "", "Interviews within 72 hours, counted in other ways:", *ways, "", told.statement, ""])


FORMATS = {"table": as_text, "csv": as_csv, "json": as_json}


class Command(BaseCommand):
    help = "The figures of a period that Freedom of Information requests ask for, with what they rest on in words."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument(
            "--basis",
            choices=["last_seen", "reported", "returned"],
            help="by which time an incident belongs to the period (default: as the procedure says)",
        )
        parser.add_argument("--format", choices=list(FORMATS), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            told = answer(options["first"], options["last"], now=timezone.now(), basis=options["basis"])
        except (ValueError, NoProcedure) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(FORMATS[options["format"]](told), ending="")
