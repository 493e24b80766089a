"""Ticking a task off, or setting it aside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field
from django import forms

from rhi.forms.fields import DeskForm, MomentField, ReasonField


class TaskForm(DeskForm):
    """Whether a task was done and when, or why it is not."""

    DONE, SET_ASIDE = "done", "set_aside"

    answer = forms.ChoiceField(
        label="What became of it?",
        choices=[(DONE, "It is done"), (SET_ASIDE, "It will not be done")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it is done"},
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["done_at"] = MomentField(label="When was it done?", now=now, required=False, initial=now)
        self.fields["because"] = ReasonField(label="Why not?", required=False)

    def drawn(self) -> list[Any]:
        return [
            ConditionalRadios(
                "answer",
                ConditionalQuestion("It is done", Field("done_at")),
                ConditionalQuestion("It will not be done", Field("because")),
            )
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for what the answer needs."""
        cleaned = super().clean() or {}
        answer = cleaned.get("answer")
        if answer == self.DONE and not cleaned.get("done_at") and "done_at" not in self.errors:
            self.add_error("done_at", "Say when it was done")
        if answer == self.SET_ASIDE and not cleaned.get("because"):
            self.add_error("because", "Say why it is not done")
        if answer == self.SET_ASIDE:
            self.errors.pop("done_at", None)
        return cleaned
