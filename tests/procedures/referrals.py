"""Referrals made of plain facts, and the clocks that procedures keep of them: what tests of clocks begin with.

Times are England's, as a clock on a wall shows them; `again` is the second time round of October's doubled hour.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import procedures
from procedures.clocks import Absence, Clock, EpisodeFacts, Facts, Moment, Name, evaluate
from procedures.types import MissingAgain, Procedure, read

MONDAY = "2026-11-23 10:00"


def london(local: str, *, again: bool = False) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/London"), fold=again).astimezone(UTC)


@cache
def procedure(name: str) -> Procedure:
    return read((Path(procedures.__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def under(rule: MissingAgain) -> Procedure:
    """Somerset, but with another rule on children who go missing again."""
    somerset = procedure("somerset")
    return somerset.model_copy(update={"clocks": somerset.clocks.model_copy(update={"missing_again": rule})})


def an_episode(returned: str = MONDAY, **facts: object) -> EpisodeFacts:
    """An episode of which the service was told at once, unless the facts say otherwise."""
    back = london(returned)
    usual = {"episode": "E1", "last_seen_at": back - timedelta(hours=6), "returned": back, "notified": back}
    return EpisodeFacts(**usual | facts)


def absence(episode: str, last_seen: str, returned: str | None, notified: str | None = None) -> Absence:
    back, told = returned and london(returned), notified and london(notified)
    return Absence(episode, london(last_seen), back, told)


def clock(name: Name, facts: Facts, rules: Procedure | None = None, episode: str | None = None) -> Clock:
    """The one clock of that name (of that episode); of Somerset's procedure when nothing else is said."""
    rules = rules or procedure("somerset")
    found = [
        clock
        for clock in evaluate(facts, rules, rules.calendar)
        if clock.name is name and episode in (None, clock.episode)
    ]
    assert len(found) == 1
    return found[0]


def referral(
    *,
    absences: tuple[Absence, ...] = (),
    in_tray: Moment = None,
    assigned: Moment = None,
    accepted: Moment = None,
    held: Moment = None,
    written_up: Moment = None,
    **episode: object,
) -> Facts:
    """A referral of one episode, of which the rest of the facts are."""
    return Facts(
        episodes=(an_episode(held=held, **episode),),
        absences=absences,
        in_tray=in_tray,
        assigned=assigned,
        accepted=accepted,
        held=held,
        written_up=written_up,
    )
