"""Which episode an interview takes in, or no longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Size
from django import forms
from django.utils.html import escape

from rhi.actions.episodes_covered import Covering, Place
from rhi.forms.fields import DeskForm, ReasonField
from rhi.wording import moment

TAKE_IN, TAKE_OUT = "in", "out"


class EpisodesForm(DeskForm):
    """One episode to take in or out, of those that can be, and why."""

    change = forms.ChoiceField(
        label="What is to change?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose an episode to take in or out",
            "invalid_choice": "This episode cannot be moved any more. Choose another one",
        },
    )
    because = ReasonField(label="Why?", error_messages={"required": "Say why"})

    def __init__(self, *args: Any, covering: Covering, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            *self._choices(TAKE_IN, "Take in", covering.others, now),
            *self._choices(TAKE_OUT, "Take out", covering.inside, now),
        ]
        self.fields["change"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    @staticmethod
    def _choices(which: str, words: str, places: Sequence[Place], now: datetime) -> list[Choice]:
        return [
            Choice(
                f"{which}-{place.episode.pk}",
                escape(f"{words} the episode of {moment(place.episode.last_seen_at, now=now)}"),
                hint=escape(_hint(which, place)),
            )
            for place in places
            if not place.why_not
        ]

    @property
    def any_choice(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.fields["change"].choices)  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def takes_in(self) -> bool:
        """Whether the episode chosen is to be taken in; else it is to be taken out."""
        return str(self.cleaned_data["change"]).startswith(TAKE_IN)

    @property
    def episode(self) -> int:
        """The episode chosen (primary key)."""
        return int(self.cleaned_data["change"].rpartition("-")[2])

    def drawn(self) -> list[Any]:
        return [Field.radios("change", legend_size=Size.MEDIUM, small=True), "because"]


def _hint(which: str, place: Place) -> str:
    if which == TAKE_OUT:
        return "It gets a referral and an interview of its own."
    if place.referral is None:
        return "No referral covers it."
    holder = place.holder.worker or place.holder.team if place.holder else None
    return f"It lies in {place.referral}{f', held by {holder}' if holder else ''}."
