"""How somebody wants to be told, when not, and who is told instead while they are away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from crispy_forms_gds.layout import Field, Fieldset
from django import forms

from rhi.forms.fields import DeskForm
from rhi.forms.people import DayField, day
from rhi.models import Preferences
from staff.models import User


class TimeWidget(forms.TimeInput):
    """A time of day by the browser's own control; what that cannot show comes back as text."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        try:
            time.fromisoformat(context["widget"]["value"] or "00:00")
        except ValueError:
            context["widget"]["type"] = "text"
        return context


class TimeField(forms.TimeField):
    """A local time of day; none is fine."""

    widget = TimeWidget

    def __init__(self, **kwargs: Any) -> None:
        messages = {"invalid": "Enter a time like 22:00"}
        super().__init__(required=False, input_formats=["%H:%M", "%H:%M:%S"], error_messages=messages, **kwargs)


class PreferencesForm(DeskForm):
    """One's own preferences."""

    by_email = forms.ChoiceField(
        label="Email",
        help_text="An email says how many things wait, and nothing about any child.",
        choices=Preferences.ByEmail.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose when to get emails", "invalid_choice": "Choose from the list"},
    )
    quiet_from = TimeField(label="From", help_text="With both empty, no emails come between 20:00 and 07:00.")
    quiet_until = TimeField(label="Until", help_text="It may lie on the next day.")
    away_from = DayField(label="First day away", required=False)
    away_until = DayField(label="Last day away", required=False)
    cover = forms.TypedChoiceField(
        label="Who stands in for you",
        help_text="They are told instead of you. Without anybody, your team’s leader is.",
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "Choose from the list"},
    )

    def __init__(self, *args: Any, covers: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = {str(person.pk): person for person in covers}
        cover = self.fields["cover"]
        cover.choices = [("", "Nobody"), *((key, person.name) for key, person in people.items())]  # type: ignore[attr-defined]
        cover.coerce = people.get  # type: ignore[attr-defined]

    def drawn(self) -> list[Any]:
        return [
            Field.radios("by_email", legend_size="m", small=True),
            Fieldset(
                Field("quiet_from", css_class="govuk-input rhi-day"),
                Field("quiet_until", css_class="govuk-input rhi-day"),
                legend="No emails at these hours",
                legend_size="m",
            ),
            Fieldset(day("away_from"), day("away_until"), "cover", legend="While you are away", legend_size="m"),
        ]

    def clean(self) -> dict[str, Any]:
        """Hours and days have both ends; days come in their order."""
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        self._both("quiet_from", "quiet_until", "Enter both times, or neither")
        if begins is not None and begins == ends:
            self.add_error("quiet_until", "Enter a time other than the first")
        first, last = cleaned.get("away_from"), cleaned.get("away_until")
        self._both("away_from", "away_until", "Enter both days, or neither")
        if first and last and last < first:
            self.add_error("away_until", "The last day cannot come before the first")
        return cleaned

    def _both(self, first: str, second: str, words: str) -> None:
        """Ask for whichever of two is missing while the other is there."""
        if self.errors.keys() & {first, second}:
            return
        given = {name: self.cleaned_data.get(name) is not None for name in (first, second)}
        if given[first] is not given[second]:
            self.add_error(first if given[second] else second, words)
