"""Explain where an episode lies, why, and what its clocks say."""

import json
from argparse import ArgumentParser
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from procedures.arguments import instant
from procedures.calendar import LONDON
from procedures.models import NoProcedure
from rhi.explaining import Explanation, explain
from routing.rules import Facts


class Command(BaseCommand):
    help = "The facts, the routing decision with every rule considered, and each clock, of one or more episodes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("episodes", nargs="+", metavar="EPISODE_ID")
        parser.add_argument("--at", type=instant, metavar="ISO", help="the instant to speak of (default: now)")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, episodes: list[str], at: datetime | None, format: str, **options: Any) -> None:  # noqa: A002
        try:
            found = explain(episodes, at=at or timezone.now())
        except NoProcedure as error:
            raise CommandError(str(error)) from error
        for reference in episodes:
            if reference in found:
                self.stdout.write(
                    json.dumps(found[reference].as_json()) if format == "json" else in_words(found[reference])
                )
        if unknown := [reference for reference in episodes if reference not in found]:
            raise CommandError(f"There is no episode on record with the ID {', '.join(unknown)}.")


def in_words(explanation: Explanation) -> str:
    """The explanation as a person reads it, times in local time."""
    decision, governed = explanation.decision, explanation.governed
    where = decision["worker"] or decision["team"] or "the responsible authority"
    made = "Routing, as decided" if explanation.stored else "Routing, as it would be decided now"
    lines = [
        f"Episode {explanation.episode.episode_id}",
        f"  Procedure: {governed.version}. {governed.because}",
        f"  {made}: {_words(decision['destination'])}, {where}. {decision['because']}",
        *(
            f"    {'yes' if each['matched'] else 'no '}  {each['rule']}: {each['because']}"
            for each in decision["considered"]
        ),
        "  Facts:",
        *(f"    {_words(each.name)}: {_fact(decision['facts'][each.name])}" for each in fields(Facts)),
        "  Clocks:",
    ]
    for clock in explanation.clocks:
        state = _words(clock.state(explanation.at))
        times = ", ".join(
            f"{word} {at.astimezone(LONDON):%a %-d %b %Y, %H:%M:%S}"
            for word, at in (("starts", clock.starts_at), ("due", clock.due_at), ("met", clock.met_at))
            if at
        )
        late = "; already over when the service was told" if clock.late_on_arrival else ""
        lines.append(f"    {_words(clock.name)}: {state}{late}{f' ({times})' if times else ''}")
    return "\n".join(lines)


def _fact(value: object) -> str:
    """A fact in words, whatever order the database keeps its parts in."""
    match value:
        case None | "" | [] | ():
            return "none"
        case {"service": service, "team": team, "worker": worker, "placement": placement}:
            known = {"team": team, "worker": worker, "placed": placement and _words(placement)}
            return ", ".join([_words(service), *(f"{name} {_fact(each)}" for name, each in known.items() if each)])
        case {"name": str() as name, "open": is_open}:
            return name if is_open else f"{name} (closed)"
        case {"email": str() as email, "left": left}:
            return f"{email} (has left)" if left else email
        case {"episode": episode, "team": team, "worker": worker}:
            return f"for episode {episode}, held by {worker or team or 'nobody here'}"
        case list() | tuple():
            return "; ".join(map(_fact, value))
        case _:
            return str(value)


def _words(code: str) -> str:
    return code.replace("_", " ")
