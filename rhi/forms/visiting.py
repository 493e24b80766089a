"""Before and at a visit: the records that were checked, warnings for visitors, and papers to be filed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field, Size
from django import forms

from episodes.models import LONG, NAME
from rhi.actions.checking import OPTIONS
from rhi.actions.visitor_warnings import TIMED
from rhi.codes import Records
from rhi.forms.fields import DeskForm, MomentField
from rhi.models import VisitorWarning
from rhi.papers import LIMIT, LIMIT_IN_WORDS

TIMES = ["%H:%M", "%H.%M", "%H%M", "%I:%M%p", "%I.%M%p", "%I%p", "%I %p"]


class CheckForm(DeskForm):
    """What somebody found in the records before the first contact (Somerset 4.4)."""

    systems = forms.MultipleChoiceField(
        label="Which records did you look into?",
        choices=Records.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one of the records"},
    )
    risks = forms.MultipleChoiceField(
        label="Which risks are known?",
        choices=[(option.code, option.words) for option in OPTIONS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the risks that you found, or that none is known"},
    )
    risks_note = forms.CharField(
        label="More about them (optional)", required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 3})
    )
    agencies = forms.CharField(
        label="Which agencies are involved already? (optional)",
        help_text="Name them, and whom to ask there. Leave this empty if there is none.",
        required=False,
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["checked_at"] = MomentField(now=now, label="When did you look?")

    def drawn(self) -> list[Any]:
        boxes = [Field.checkboxes(name, legend_size=Size.MEDIUM, small=True) for name in ("systems", "risks")]
        return [*boxes, "risks_note", "agencies", "checked_at"]


class WarningForm(DeskForm):
    """What whoever visits or rings must know first. Each kind that names a time has its own box for it."""

    kind = forms.ChoiceField(
        label="What must they know?",
        choices=VisitorWarning.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they must know"},
    )
    note = forms.CharField(
        label="In your words",
        help_text="For instance where the dog is kept. You can leave this empty, but for “Other”.",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in sorted(TIMED):
            self.fields[f"time_{kind}"] = forms.TimeField(
                label="Which time?",
                help_text="Like 16:00",
                required=False,
                input_formats=TIMES,
                widget=forms.TextInput(attrs={"class": "govuk-input govuk-input--width-5"}),
                error_messages={"invalid": "Enter a time like 16:00"},
            )

    def drawn(self) -> list[Any]:
        return [
            ConditionalRadios(
                "kind",
                *(
                    ConditionalQuestion(kind.label, *([f"time_{kind}"] if kind in TIMED else []))
                    for kind in VisitorWarning.Kind
                ),
            ),
            "note",
        ]

    def field_of(self, name: str | None) -> str | None:
        """Which of its fields a refusal speaks of."""
        of_time = f"time_{self.cleaned_data['kind']}"
        name = of_time if name == "time_of_day" and of_time in self.fields else name
        return name if name in self.fields else None

    def values(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        kind = self.cleaned_data["kind"]
        return {"kind": kind, "time_of_day": self.cleaned_data.get(f"time_{kind}"), "note": self.cleaned_data["note"]}


class PaperForm(DeskForm):
    """A paper, under a name in the words of whoever files it: what the file is called says nothing."""

    name = forms.CharField(
        label="What is it?",
        help_text="For instance “The form, as filled in at the visit”.",
        max_length=NAME,
        error_messages={"required": "Say what it is"},
    )
    file = forms.FileField(
        label="The file",
        help_text=f"A PDF, a JPEG or PNG picture, a Word document (.docx) or plain text, up to {LIMIT_IN_WORDS}.",
        error_messages={"required": "Choose the file", "empty": "The file is empty"},
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before anything of it is looked at."""
        file = self.cleaned_data["file"]
        if file.size > LIMIT:
            raise forms.ValidationError(f"The file is larger than {LIMIT_IN_WORDS}. Take a smaller picture of it")
        return file
