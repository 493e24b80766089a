"""The form by which a parent or carer is recorded and put right."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.layout import Field, Fieldset, Fixed, Fluid, Size
from django import forms

from episodes.models import NAME, Carer
from rhi.actions.carers import NAMING, OF_CARER
from rhi.forms.contact import chosen
from rhi.forms.fields import DeskForm, ReasonField
from rhi.forms.recording import text

#: Whether it is safe, as the form asks it.
SAFE = {True: "yes", False: "no", None: "not_known"}
TEXTS = {
    "phone": ("Telephone", 40),
    "address_1": ("Address, line 1", NAME),
    "address_2": ("Address, line 2", NAME),
    "address_3": ("Address, line 3", NAME),
    "address_4": ("Address, line 4", NAME),
    "postcode": ("Postcode", 10),
}
NARROW = {"phone": Fixed.TWENTY, "postcode": Fixed.TEN}


class CarerForm(DeskForm):
    """Who cares for a child, whether it is safe to contact them, and how. `carer` is the one on record, if any.

    A carer whom a file has brought keeps the name and relationship by which files know them.
    """

    def __init__(self, *args: Any, carer: Carer, **kwargs: Any) -> None:
        self.carer = carer
        self.naming = carer.pk is None or "name" in carer.typed
        super().__init__(*args, **kwargs)

    def drawn(self) -> list[Any]:
        wide = Fluid.TWO_THIRDS
        if self.naming:
            self.fields["name"] = text("Name", NAME, required=True, missing="Enter the name")
            self.fields["relationship"] = text(
                "Relationship to the child", 100, required=True, missing="Enter the relationship, for instance mother"
            )
        self.fields["safe"] = chosen(
            "Is it safe to contact them?",
            [("yes", "Yes"), ("no", "No: nobody writes or calls"), ("not_known", "Not known: no letter is sent")],
            missing="Say whether it is safe to contact them",
        )
        self.fields["reason"] = ReasonField(
            label="Why, if it is not safe, or if the answer changes", required=False, help_text="Colleagues read this."
        )
        for name, (label, most) in TEXTS.items():
            self.fields[name] = text(label, most)
        self.fields["email"] = forms.EmailField(
            label="Email",
            widget=forms.TextInput(attrs={"inputmode": "email", "spellcheck": "false"}),
            max_length=254,
            required=False,
            error_messages={"invalid": "Enter an email address like name@example.org"},
        )
        naming = [Field.text(name, field_width=wide) for name in NAMING] if self.naming else []
        return [
            *([Fieldset(*naming, legend="Who it is", legend_size=Size.MEDIUM)] if naming else []),
            Field.radios("safe", legend_size=Size.MEDIUM, small=True),
            Field.textarea("reason", rows=2),
            Fieldset(
                *(Field.text(name, field_width=NARROW.get(name, wide)) for name in TEXTS),
                Field.text("email", field_width=wide),
                legend="How to reach them",
                legend_size=Size.MEDIUM,
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for the reason where somebody's safety rests on it: of every No, and of every change of the answer."""
        cleaned = super().clean() or self.cleaned_data
        safe = cleaned.get("safe")
        differs = self.carer.pk is not None and safe != SAFE[self.carer.safe_to_contact]
        reason = cleaned.get("reason", "").strip()
        if (safe == "no" or (safe and differs)) and not reason:
            self.add_error("reason", "Say why")
        elif safe and differs and reason == self.carer.reason:
            self.add_error("reason", "This was the reason for the answer before. Say why it changes")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What was typed, as the records hold it."""
        answers = {words: answer for answer, words in SAFE.items()}
        values = self.cleaned_data | {"safe_to_contact": answers[self.cleaned_data["safe"]]}
        return {name: values[name] for name in OF_CARER if name in values}


def of_carer(carer: Carer) -> dict[str, Any]:
    """A carer as the form shows them; of a new one safety is asked and not filled in."""
    names = [*NAMING, *TEXTS, "email", "reason"]
    safe = {"safe": SAFE[carer.safe_to_contact]} if carer.pk else {}
    return {name: getattr(carer, name) for name in names} | safe
