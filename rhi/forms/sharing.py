"""Recording what of an interview was shared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field, Fieldset, Fluid, Size
from django import forms

from episodes.models import LONG, NAME
from rhi.forms.contact import chosen
from rhi.forms.fields import DeskForm, MomentField, ReasonField
from rhi.models import Share
from staff.models import User


class What(ConditionalRadios):  # type: ignore[misc]  # crispy-forms publishes no types
    """What was shared, under a legend like the others of the form."""

    def render(self, form: forms.Form, context: Any, template_pack: str = "gds", **kwargs: Any) -> str:
        with context.push(legend_size=Size.for_legend(Size.SMALL)):
            drawn: str = super().render(form, context, template_pack, **kwargs)
        return drawn


class ShareForm(DeskForm):
    """Who received what, how, when and on what basis; against the child's wish also why, and who approved it.

    `approvers` are the people who can have done so.
    """

    to = forms.ChoiceField(
        label="With whom was it shared?",
        choices=[("", "Choose"), *Share.To.choices],
        error_messages={"required": "Choose with whom it was shared"},
    )
    name = forms.CharField(
        label="Who received it, and where?",
        max_length=NAME,
        help_text="The person or team, with the mailbox, number or place. "
        "For example, “Missing team, missing@police.example.org”.",
        error_messages={"required": "Say who received it, and where"},
    )
    what = chosen("What was shared?", Share.What.choices, missing="Choose what was shared")
    said = forms.CharField(
        label="What was passed on?", required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 4})
    )
    how = chosen("How was it shared?", Share.How.choices, missing="Choose how it was shared")
    basis = chosen("On what basis?", Share.Basis.choices, missing="Choose on what basis")
    because = ReasonField(label="Why is it shared all the same?", required=False)

    def __init__(self, *args: Any, approvers: Sequence[User], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in approvers}
        self.fields["shared_at"] = MomentField(label="When was it shared?", now=now, initial=now)
        self.fields["approved_by"] = forms.ChoiceField(
            label="Who approved it?",
            choices=[
                ("", "Nobody: the child has agreed"),
                *((key, f"{each}, {each.get_role_display().lower()}") for key, each in self.people.items()),
            ],
            required=False,
            help_text="A leader or coordinator other than yourself. They are told that you named them.",
        )

    def drawn(self) -> list[Any]:
        details = {Share.What.DETAILS: ["said"]}
        return [
            Field.select("to"),
            Field.text("name", field_width=Fluid.TWO_THIRDS),
            What("what", *(ConditionalQuestion(each.label, *details.get(each, [])) for each in Share.What)),
            Field.radios("how", legend_size=Size.SMALL, small=True),
            "shared_at",
            Field.radios("basis", legend_size=Size.SMALL, small=True),
            Fieldset(
                "because",
                Field.select("approved_by"),
                legend="Only if the child has not agreed",
                legend_size=Size.MEDIUM,
            ),
        ]

    def values(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        approved_by = self.people.get(self.cleaned_data["approved_by"])
        said = self.cleaned_data["said"] if self.cleaned_data["what"] == Share.What.DETAILS else ""
        return {**self.cleaned_data, "approved_by": approved_by, "said": said}
