"""How pages say who a child is. Every filter takes the page's `now`: a template reads no clock."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from episodes.models import Address
from procedures.calendar import local_date
from rhi import wording
from routing.gathering import age_on

register = template.Library()


@register.filter
def age(born: date, now: datetime) -> int:
    """Age in years on the local day of `now`."""
    return age_on(born, local_date(now))


@register.filter
def birthday(born: date) -> str:
    """A date of birth in words, with its year: `15 Jan 2012`."""
    return f"{born.day} {born:%b %Y}"


@register.filter
def local_day(at: datetime, now: datetime) -> str:
    """The day on which an instant fell: `Mon 23 Nov`; for a return that is known by its day only."""
    return wording.day(local_date(at), today=local_date(now))


@register.filter
def address(record: Address) -> list[str]:
    """The lines of an address that are not empty."""
    lines = [record.address_1, record.address_2, record.address_3, record.address_4, record.postcode]
    return [line for line in lines if line]
