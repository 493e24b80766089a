"""Finding a child, opening another team's, and restricting one to named people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import HTML, Field, Fluid, Size
from django import forms

from rhi.actions.opening import LONGEST_REASON
from rhi.forms.fields import DeskForm, ReasonField
from staff.models import User

LONGEST_SEARCH = 200


class FindForm(DeskForm):
    """What somebody knows of a child."""

    words = forms.CharField(
        label="Name, person ID or police reference",
        help_text="A name need not be spelt right or be whole: Jonny also finds Johnny, and Jo Smi finds Joe Smith.",
        max_length=LONGEST_SEARCH,
        error_messages={"required": "Enter a name, a person ID or a police reference"},
    )

    def drawn(self) -> list[Any]:
        return [Field.text("words", field_width=Fluid.TWO_THIRDS, autocomplete="off", spellcheck="false")]


class OpenForm(DeskForm):
    """Why somebody needs to read another team's child."""

    because = ReasonField(
        label="Why do you need to see this record?",
        help_text="The team’s leader reads this. Do not write the child’s name.",
        max_length=LONGEST_REASON,
        error_messages={"required": "Say why you need to see this record"},
    )


class PersonSearchForm(DeskForm):
    """What somebody knows of a person who is to be named."""

    words = forms.CharField(
        label="Find somebody who is not listed",
        help_text="A name, an email address or a team. What you have ticked and typed below stays.",
        max_length=LONGEST_SEARCH,
        error_messages={"required": "Enter a name, an email address or a team"},
    )

    def drawn(self) -> list[Any]:
        return [Field.text("words", field_width=Fluid.TWO_THIRDS, autocomplete="off", spellcheck="false")]


class RestrictForm(DeskForm):
    """Who may see a child from now on, and why. `near` can see the child now, `others` were looked for or are chosen.

    `people` holds the chosen ones once the form is valid.
    """

    because = ReasonField(label="Reason", help_text="Those who are named can read it.")
    near = forms.MultipleChoiceField(label="Who can see the child now", required=False)
    others = forms.MultipleChoiceField(label="Found, or chosen already", required=False)

    def __init__(self, *args: Any, near: Sequence[User], others: Sequence[User], **kwargs: Any) -> None:
        self.known = {str(person.pk): person for person in (*near, *others)}
        self.offered = {"near": near, "others": others}
        super().__init__(*args, **kwargs)
        for name, people in self.offered.items():
            self.fields[name].widget = forms.CheckboxSelectMultiple()
            self.fields[name].choices = list(_choices(people))  # type: ignore[attr-defined]  # a MultipleChoiceField

    def drawn(self) -> list[Any]:
        return [
            *([Field.checkboxes("others", legend_size=Size.SMALL, small=True)] if self.offered["others"] else []),
            *([Field.checkboxes("near", legend_size=Size.SMALL, small=True)] if self.offered["near"] else []),
            HTML('<p class="govuk-body">You are always among those who are named.</p>'),
            Field.textarea("because", rows=3, max_characters=1000),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = (*data.get("near", ()), *data.get("others", ()))
        self.people = [self.known[key] for key in chosen if key in self.known]
        return data


class LiftForm(DeskForm):
    """Why a child need not be restricted any more."""

    because = ReasonField(label="Why can the restriction be lifted?")


def _choices(people: Iterable[User]) -> Iterable[Choice]:
    for person in people:
        known_by = "" if person.name == person.email else f", {person.email}"
        yield Choice(str(person.pk), person.name, hint=f"{person.get_role_display()}{known_by}")
