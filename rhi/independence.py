"""Whether what is said of an interviewer's independence goes with what the records say of them. Pure.

The interviewer is neither the child's carer, nor of the placement, nor the allocated worker; or the reason is recorded
(statutory guidance; Croydon 1.4).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

INDEPENDENT = "independent"


@dataclass(frozen=True)
class Involved:
    """Something that the child was open to when the interview was held: who works there with the child, in words.

    `worker` is their key; `placement` the name of whoever provides the placement, empty where there is none.
    """

    service: str
    worker: int | None
    placement: str = ""


@dataclass(frozen=True)
class Interviewer:
    """Who held the interview: their key, their name, and the names of the teams for which they held it."""

    key: int
    name: str
    teams: Collection[str] = ()


def works_with(interviewer: Interviewer | None, involved: Sequence[Involved]) -> str:
    """As what the interviewer works with the child, in words; empty where no record says so."""
    if interviewer is None:
        return ""
    for each in involved:
        if each.worker == interviewer.key:
            return f"the child’s worker ({each.service})"
        if each.placement and each.placement.casefold() in {team.casefold() for team in interviewer.teams}:
            return f"of the placement ({each.placement})"
    return ""


def contradiction(said: str, interviewer: Interviewer | None, involved: Sequence[Involved]) -> str:
    """What is wrong with the answer to the form's question, in words; empty when the records do not speak against it.

    Only Independent can be wrong: any other answer is a reason in itself, or has one beside it.
    """
    if said != INDEPENDENT or interviewer is None:
        return ""
    known = works_with(interviewer, involved)
    if not known:
        return ""
    return (
        f"The record says that {interviewer.name}, who held the interview, was {known}. So “Independent” cannot stand:"
        " choose one of the other answers. If somebody else held it, take that back and record it anew."
    )
