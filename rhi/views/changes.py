"""What a correction changes, in words: the fields before and after, and the clocks that move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms

from episodes.intake import listed_authorities
from episodes.models import Carer, Child, Episode, Involvement, ReturnPrecision
from rhi import wording
from rhi.actions.foreseeing import Consequences
from routing.models import Deadline

#: What the pages put right.
Record = Child | Episode | Carer | Involvement

NOTHING = "Not recorded"
#: The words for fields that the form asks for under other names.
LABELS = {
    "returned_at": "When the child came back",
    "return_precision": "How well the return is known",
    "safe_to_contact": "Safe to contact",
    "reason": "Why",
}


@dataclass(frozen=True)
class Line:
    """One thing that changes: what it is called, what it was, what it will be."""

    name: str
    before: str
    after: str


def of_child(child: Child, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What of the typed values differs from a child's record."""
    return {name: value for name, value in typed.items() if value != stored(child, name)}


def of_episode(episode: Episode, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What of the typed values differs from an episode's record.

    The form shows no seconds, and shows a return whose precision nobody gave as exact: neither is a change. The time
    of a return and its precision go together.
    """
    differing = {name: value for name, value in typed.items() if _to_the_minute(value) != _stored(episode, name)}
    if "returned_at" in differing:
        differing["return_precision"] = typed["return_precision"]
    elif "return_precision" in differing:
        differing["returned_at"] = typed["returned_at"]
    return differing


def _stored(episode: Episode, name: str) -> Any:
    if name == "return_precision" and episode.returned_at:
        return episode.return_precision or ReturnPrecision.EXACT
    return _to_the_minute(getattr(episode, name))


def _to_the_minute(value: Any) -> Any:
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


def of_carer_or_involvement(record: Carer | Involvement, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What of the typed values differs from the record of a carer or an involvement; of a new one all of them."""
    return {name: value for name, value in typed.items() if record.pk is None or value != stored(record, name)}


def stored(record: Record, name: str) -> Any:
    """What a record says, under the name that the form uses."""
    if name == "authority" and isinstance(record, Child):
        return record.responsible_authority.code if record.responsible_authority else ""
    if name == "host" and isinstance(record, Involvement):
        return record.host_authority.code if record.host_authority else ""
    return getattr(record, name)


def lines(record: Record, form: forms.Form, values: Mapping[str, Any], *, now: datetime) -> list[Line]:
    """What changes, line by line; a value that stays as it was is left out."""

    def line(name: str, value: Any) -> Line:
        before, after = (words(record, name, each, now=now) for each in (stored(record, name), value))
        return Line(_label(form, name), before, after)

    return [each for each in (line(name, value) for name, value in values.items()) if each.before != each.after]


def _label(form: forms.Form, name: str) -> str:
    return LABELS.get(name) or str(form.fields[name].label)


def words(record: Record, name: str, value: Any, *, now: datetime) -> str:
    """A value as a person reads it."""
    if name == "authority":
        return listed_authorities().get(value, value) if value else "Ours"
    if name == "host" and value:
        return str(listed_authorities().get(value, value))
    if name == "safe_to_contact" and value is None and record.pk:
        return "Not known"
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return wording.moment(value, now=now)
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    field = next(field for field in record._meta.concrete_fields if field.name == name)
    return str(dict(field.flatchoices).get(value, value))


@dataclass(frozen=True)
class Move:
    """A clock that moves: which one, how it stood and how it will stand."""

    name: str
    before: str
    after: str


def moves(consequences: Consequences, *, now: datetime) -> list[Move]:
    """The clocks that move, in words; those whose words stay the same are left out."""
    moved = []
    for each in consequences.clocks:
        deadline = each.after or each.before
        if deadline is None:
            continue
        episode = f" ({deadline.episode})" if deadline.episode else ""
        move = Move(f"{deadline.get_name_display()}{episode}", _clock(each.before, now), _clock(each.after, now))
        if move.before != move.after:
            moved.append(move)
    return moved


def _clock(deadline: Deadline | None, now: datetime) -> str:
    if deadline is None:
        return "No clock"
    standing = wording.standing(deadline.state(now), due_at=deadline.due_at, met_at=deadline.met_at, now=now)
    if deadline.due_at is None or standing.tone == "none":
        return standing.words
    return f"Due {wording.moment(deadline.due_at, now=now)}. {standing.words}"
