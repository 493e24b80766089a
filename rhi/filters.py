"""Which referrals of a tray to show. What is asked stands in the address, so it is codes and keys, never a name."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import BoundField
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from episodes.models import Involvement, Service
from procedures.calendar import local_date
from rhi import listing
from routing.models import Referral

NOBODY = "nobody"
NOBODY_YET = "Nobody yet"

#: What the quick filters show, with their words; each has its count beside it (listing.Counts).
QUICK = [
    ("all", "All"),
    ("nobody", NOBODY_YET),
    ("late", "Late"),
    ("soon", "Due in 24 hours"),
    ("question", "Questions"),
]

#: Ages in years today, from and up to, with their words.
AGES = {"0-7": (0, 7), "8-12": (8, 12), "13-15": (13, 15), "16-17": (16, 17), "18": (18, 150)}
AGE_WORDS = [
    ("0-7", "Under 8"),
    ("8-12", "8 to 12"),
    ("13-15", "13 to 15"),
    ("16-17", "16 and 17"),
    ("18", "18 and over"),
]

NARROWING = ("worker", "age", "open_to")
"""The filters of the panel; `show` is that of the links above the list."""

SELECTED = SafeString(" selected")

NO_SERVICE = "none"
OPEN_TO = [*Service.choices, (NO_SERVICE, "No service")]


class TrayFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter publishes no types
    """Narrows listing.in_tray. `workers` are the keys and names of those who can be chosen."""

    show = django_filters.ChoiceFilter(choices=QUICK, method="by_clock")
    worker = django_filters.ChoiceFilter(label="Worker", empty_label="Anybody", method="by_worker")
    age = django_filters.ChoiceFilter(label="Age today", empty_label="Any age", choices=AGE_WORDS, method="by_age")
    open_to = django_filters.ChoiceFilter(
        label="Open to", empty_label="Anything", choices=OPEN_TO, method="by_involvement"
    )

    class Meta:
        model = Referral
        fields: list[str] = []

    def __init__(
        self,
        data: Any,
        queryset: QuerySet[Referral],
        *,
        now: datetime,
        workers: Iterable[tuple[int, str]],
    ) -> None:
        super().__init__(data, queryset)
        self.now = now
        self.filters["worker"].extra["choices"] = [(NOBODY, NOBODY_YET), *((str(pk), name) for pk, name in workers)]

    def fields(self) -> list[tuple[BoundField, SafeString]]:
        """The filters of the panel, each with its options."""
        return [
            (field, options(tuple(field.field.choices), field.value()))
            for field in self.form
            if field.name in NARROWING
        ]

    def by_clock(self, rows: QuerySet[Referral], name: str, value: str) -> QuerySet[Referral]:  # noqa: ARG002 its shape
        """All, those nobody holds who works here, those late or due within 24 hours, or those with an open question."""
        conditions = {
            "all": Q(),
            "nobody": listing.nobodys(self.now),
            "late": listing.overdue(self.now),
            "soon": listing.soon(self.now),
            "question": listing.OPEN_QUESTION,
        }
        return rows.filter(conditions[value])

    def by_worker(self, rows: QuerySet[Referral], name: str, value: str) -> QuerySet[Referral]:  # noqa: ARG002
        """Those that a worker holds, or nobody yet."""
        return rows.filter(listing.nobodys(self.now) if value == NOBODY else Q(holder=value))

    def by_age(self, rows: QuerySet[Referral], name: str, value: str) -> QuerySet[Referral]:  # noqa: ARG002
        """Those whose child is so old today."""
        youngest, oldest = AGES[value]
        today = local_date(self.now)
        return rows.filter(
            child__date_of_birth__lte=birthday(today, youngest), child__date_of_birth__gt=birthday(today, oldest + 1)
        )

    def by_involvement(self, rows: QuerySet[Referral], name: str, value: str) -> QuerySet[Referral]:  # noqa: ARG002
        """Those whose child is open today to a service, or to none."""
        today = local_date(self.now)
        current = Involvement.objects.filter(
            Q(end__isnull=True) | Q(end__gte=today), child=OuterRef("child"), start__lte=today
        )
        if value == NO_SERVICE:
            return rows.filter(~Exists(current))
        return rows.filter(Exists(current.filter(service=value)))


@lru_cache(maxsize=100)
def options(choices: tuple[tuple[str, str], ...], chosen: str | None) -> SafeString:
    """The options of a filter. Kept, because the same ones are asked for over and over."""
    return format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        ((value, SELECTED if value == chosen else "", words) for value, words in choices),
    )


def birthday(today: date, years: int) -> date:
    """The latest date of birth of whoever is so many years old today, by routing.gathering.age_on."""
    year = today.year - years
    return (
        date(year, today.month, 28)
        if (today.month, today.day) == (2, 29) and not isleap(year)
        else today.replace(year=year)
    )
