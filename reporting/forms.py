"""Which months, and which part of the episodes, figures are asked for. All of it stands in the address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from crispy_forms_gds.layout import Field, Layout
from django import forms
from django.core.exceptions import ValidationError

from episodes.models import Child
from procedures.calendar import local_date
from reporting import measures
from reporting.actions import query
from reporting.models import Download
from reporting.narrowing import AGE_BANDS, Narrowing
from reporting.tables import Month
from reporting.wording import named
from rhi.forms.fields import DeskForm
from staff.models import Team

FULL_MONTHS = 8
"""Shown unless somebody asks for others, with the month that is not over yet: as long as the committee's own table."""
MOST_MONTHS = 120
EARLIEST = Month(2000, 1)

NAMES = ("from", "to", "team", "area", "age", "looked_after", "whose")
"""What stands in an address; beside it, only which figure, and which page of a list."""

LOOKED_AFTER = [("", "Everybody"), ("yes", "Looked after"), ("no", "Not looked after")]
WHOSE = [("", "As the procedure says"), ("ours", "Ours"), ("theirs", "Other authorities’"), ("both", "Both")]

MONTHS = [f"{date(2000, number, 1):%B}".lower() for number in range(1, 13)]
NUMBERED = re.compile(r"(?P<year>[0-9]{4})[-/. ](?P<month>[0-9]{1,2})|(?P<month2>[0-9]{1,2})[-/. ](?P<year2>[0-9]{4})")
NAMED = re.compile(r"(?P<name>[a-z]{3,9})[.,]? +(?P<year>[0-9]{4})")


def read(typed: str) -> Month | None:
    """A month as somebody may type it, with its name or in figures; None when it is none."""
    words = " ".join(typed.lower().split())
    if found := NUMBERED.fullmatch(words):
        year, number = int(found["year"] or found["year2"]), int(found["month"] or found["month2"])
    elif found := NAMED.fullmatch(words):
        year = int(found["year"])
        number = next((at for at, name in enumerate(MONTHS, 1) if name.startswith(found["name"])), 0)
    else:
        return None
    return Month(year, number) if 1 <= number <= 12 else None


class MonthField(forms.Field):
    """A month, typed as `April 2017` or `2017-04`. None later than `latest` has figures."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "none": "Enter a month like April 2026 or 2026-04",
        "early": "Enter a month from January 2000 on",
    }

    def __init__(self, which: str, *, latest: Month) -> None:
        self.latest = latest
        super().__init__(
            label=f"{which.capitalize()} month",
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            error_messages={"required": f"Enter the {which} month"},
        )

    def to_python(self, value: Any) -> Month | None:
        """The month. Raises ValidationError in words for whoever typed it."""
        if not value or not value.strip():
            return None
        month = read(value)
        if month is None:
            raise ValidationError(self.error_messages["none"], code="none")
        if month < EARLIEST:
            raise ValidationError(self.error_messages["early"], code="early")
        if month > self.latest:
            raise ValidationError(f"Enter {named(self.latest)} or an earlier month: later ones have no figures yet")
        return month


def months_before(month: Month, number: int) -> Month:
    """The month so many months earlier."""
    at = month.year * 12 + month.number - 1 - number
    return Month(at // 12, at % 12 + 1)


class ReportForm(DeskForm):
    """The months from `from` to `to`, and what narrows them. Without months, the last full ones and the current one.

    Always bound: what it is asked stands in the address, as codes and ids; `query` is that address's end.
    """

    def __init__(self, asked: Mapping[str, str], *, now: datetime) -> None:
        today = local_date(now)
        current = Month(today.year, today.month)
        data = {name: asked.get(name, "") for name in NAMES}
        if not data["from"].strip() and not data["to"].strip():
            data |= {"from": named(months_before(current, FULL_MONTHS)), "to": named(current)}
        super().__init__(data)
        self.fields = {
            "from": MonthField("first", latest=current),
            "to": MonthField("last", latest=current),
            "team": _choice("Team", "a team", [("", "Any team"), *((str(pk), name) for pk, name in _teams())]),
            "area": _choice("Area", "an area", [("", "Any area"), *((area, area) for area in _areas())]),
            "age": _choice("Age on return", "an age", [("", "Any age"), *AGE_BANDS.items()]),
            "looked_after": _choice("Looked after", "an answer", LOOKED_AFTER),
            "whose": _choice("Whose children", "whose children", WHOSE),
        }
        months = (Field(name, css_class="govuk-input rhi-report-month") for name in NAMES[:2])
        self.helper.layout = Layout(*months, *NAMES[2:])

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for months that run backwards and for more than MOST_MONTHS.

        Of a wrong month alone only that is said: nobody filled in the other, so it is not asked for as well.
        """
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.has_error("from") and self.has_error("to"):
            for name in NAMES[:2]:
                if self.has_error(name, "required"):
                    del self.errors[name]
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and last < first:
            self.add_error("to", f"This lies before the first month. Enter {named(first)} or a later one")
        elif first and last and length(first, last) > MOST_MONTHS:
            self.add_error("from", f"These are {length(first, last)} months. Choose {MOST_MONTHS} at most")
        return cleaned

    @property
    def first(self) -> Month:
        """The first month; of a valid form."""
        month: Month = self.cleaned_data["from"]
        return month

    @property
    def last(self) -> Month:
        """The last month; of a valid form."""
        month: Month = self.cleaned_data["to"]
        return month

    @property
    def narrowing(self) -> Narrowing:
        """What narrows the figures; of a valid form."""
        chosen = {name: self.cleaned_data[name] for name in ("area", "age", "looked_after", "whose")}
        team = self.cleaned_data["team"]
        return Narrowing(team=int(team) if team else None, **chosen)

    @property
    def query(self) -> str:
        """The end of the address that asks for the same months and filters; of a valid form."""
        return query(self.first, self.last, self.narrowing)


class DownloadForm(forms.Form):
    """What the buttons beneath a table and a list send, beside the months and filters: never typed by anybody."""

    format = forms.ChoiceField(choices=Download.Format.choices)
    measure = forms.CharField(max_length=60, required=False)
    asked_as = forms.UUIDField(required=False)
    publish = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for a figure that there is not, and for a list as PDF, which there is not either."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if key := cleaned.get("measure"):
            try:
                measures.printed(key)
            except KeyError as none:
                raise ValidationError("There is no such figure") from none
            if cleaned.get("format") == Download.Format.PDF:
                raise ValidationError("A list of cases comes as Excel or CSV")
        return cleaned


def length(first: Month, last: Month) -> int:
    """How many months there are from one to another, both counted."""
    return (last.year - first.year) * 12 + last.number - first.number + 1


def _choice(label: str, one: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    """A filter. What an address names that is not on its list is said, rather than passed over: it would count all."""
    refused = {"invalid_choice": f"Choose {one} from the list"}
    return forms.ChoiceField(label=label, choices=choices, required=False, error_messages=refused)


def _teams() -> list[tuple[int, str]]:
    return list(Team.objects.order_by("name").values_list("pk", "name"))


def _areas() -> list[str]:
    return list(Child.objects.exclude(area="").order_by("area").values_list("area", flat=True).distinct())
