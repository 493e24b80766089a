"""What an administrator decides about the work in the background."""

from __future__ import annotations

from typing import Any, cast

from crispy_forms_gds.layout import Field, Size
from django import forms

from jobs.models import Handover, Job
from rhi.forms.fields import DeskForm


class BackgroundForm(DeskForm):
    """One of the page's buttons: of a job that was given up, or of the hold."""

    RETRY, SET_ASIDE, RELEASE = "retry", "set_aside", "release"

    do = forms.ChoiceField(
        choices=[(RETRY, "Try again"), (SET_ASIDE, "Set aside"), (RELEASE, "Release")],
        error_messages={"required": "Use one of the buttons", "invalid_choice": "Use one of the buttons"},
    )
    job = forms.ModelChoiceField(
        Job.objects.all(), required=False, error_messages={"invalid_choice": "There is no such job"}
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the job where the button is a job's."""
        cleaned = super().clean() or {}
        if cleaned.get("do") in (self.RETRY, self.SET_ASIDE) and not cleaned.get("job") and "job" not in self.errors:
            self.add_error("job", "Use one of the buttons")
        return cleaned


class SendingForm(DeskForm):
    """What becomes of something that is uncertain or was refused; which answers there are depends on that."""

    WENT, AGAIN, LEAVE = "went", "again", "leave"

    answer = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": "Choose one"})

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answer = cast(forms.ChoiceField, self.fields["answer"])
        if state == Handover.State.UNCERTAIN:
            answer.label = "Did it go?"
            answer.choices = [(self.WENT, "Yes, it went"), (self.AGAIN, "No, send it again")]
        else:
            answer.label = "What becomes of it?"
            answer.choices = [(self.AGAIN, "The cause is mended: send it again"), (self.LEAVE, "Leave it at that")]

    def drawn(self) -> list[Any]:
        return [Field.radios("answer", legend_size=Size.MEDIUM)]
