"""How pages say times, clocks and people. Every one takes the page's `now`: a template reads no clock."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from procedures.calendar import local_date
from procedures.clocks import State
from rhi import wording
from routing.models import Deadline
from staff.models import Team, User

register = template.Library()


@register.filter
def moment(at: datetime | None, now: datetime) -> str:
    """`Mon 23 Nov, 14:05`; nothing for no instant."""
    return wording.moment(at, now=now) if at else ""


@register.filter
def in_full(at: datetime) -> str:
    """`Mon 23 November 2026 at 14:05`: for paper, which is read in any year."""
    return wording.in_full(at)


@register.filter
def day(on: date | None, now: datetime) -> str:
    """`Mon 23 Nov`; nothing for no day."""
    return wording.day(on, today=local_date(now)) if on else ""


@register.filter
def nearness(on: date | None, now: datetime) -> str:
    """Where a day lies: `past`, `today` or `ahead`; nothing for no day."""
    if on is None:
        return ""
    today = local_date(now)
    return "past" if on < today else "today" if on == today else "ahead"


@register.filter
def ago(at: datetime, now: datetime) -> str:
    """How long ago something was: `2 days 3 hours`."""
    return wording.span(now - at)


@register.filter
def holder(person: User | None, now: datetime) -> str:
    """Who holds something: `Robin Hale`, or `Robin Hale (has left)`; nothing for nobody."""
    return wording.holder(person.name, has_left=person.has_left(local_date(now))) if person else ""


@register.filter
def has_closed(team: Team, now: datetime) -> bool:
    """Whether a team has closed, so that it receives nothing any more."""
    return team.closed_on is not None and team.closed_on <= local_date(now)


@register.inclusion_tag("components/clock.html")
def clock(deadline: Deadline, now: datetime) -> dict[str, object]:
    """A deadline as a tag with words, colour and shape; the reason for them beside it."""
    state = deadline.state(now)
    return {
        "deadline": deadline,
        "now": now,
        "running": state is State.RUNNING,
        "standing": wording.standing(state, due_at=deadline.due_at, met_at=deadline.met_at, now=now),
    }
