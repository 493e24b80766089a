"""Writing a letter, approving one, and choosing what is printed or has been posted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Size
from django import forms
from django.utils.html import escape

from episodes.models import Carer
from rhi.addressees import Person, Standing
from rhi.forms.contact import BecauseForm, chosen
from rhi.forms.fields import DeskForm, MomentField, ReasonField

CHILD = "child"
#: A leaflet's name, and how many go into one envelope.
LONGEST, MOST = 200, 10


class WriteForm(DeskForm):
    """Which letter to whom, why, and what is enclosed. Only those are offered whom the rules do not leave out.

    The language is asked where there is a choice; `speaks` is the child's by the records.
    """

    because = ReasonField(label="Why is it sent?", max_length=500)
    leaflets = forms.CharField(
        label="Leaflets enclosed (optional)",
        required=False,
        help_text="The name of each on a line of its own. The letter and the record name them.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[tuple[str, str]],
        people: Iterable[Person],
        carers: dict[int, Carer],
        child: str,
        languages: Sequence[tuple[str, str]],
        speaks: str,
        **kwargs: Any,
    ) -> None:
        self.carers = carers
        self.chosen = {
            "kind": chosen("Which letter?", kinds, missing="Choose which letter"),
            "to": chosen("To whom?", _people(people, carers, child), missing="Choose to whom"),
        }
        if len(languages) > 1:
            hint = escape(f"By the records the child’s language is {speaks}." if speaks else "")
            self.chosen["language"] = chosen("In which language?", languages, missing="Choose one", help_text=hint)
        super().__init__(*args, **kwargs)
        self.fields = self.chosen | self.fields

    def drawn(self) -> list[Any]:
        radios = [Field.radios(name, legend_size=Size.SMALL, small=True) for name in self.chosen]
        return [*radios, "because", "leaflets"]

    def clean_leaflets(self) -> list[str]:
        """Their names, each once."""
        names = [line.strip() for line in self.cleaned_data["leaflets"].splitlines() if line.strip()]
        if any(len(name) > LONGEST for name in names):
            raise forms.ValidationError(f"The name of a leaflet has {LONGEST} characters at most.")
        if len(names) > MOST:
            raise forms.ValidationError(f"Enclose {MOST} leaflets at most.")
        return list(dict.fromkeys(names))

    @property
    def carer(self) -> Carer | None:
        """The carer who was chosen; None for the child."""
        to = self.cleaned_data["to"]
        return None if to == CHILD else self.carers[int(to)]


def _people(people: Iterable[Person], carers: dict[int, Carer], child: str) -> list[Choice]:
    """Who can get one, with the reason. Labels are not escaped by whoever draws them."""
    return [
        Choice(
            str(person.carer or CHILD),
            escape(f"{carers[person.carer].name} ({carers[person.carer].relationship})" if person.carer else child),
            hint=person.because,
        )
        for person in people
        if person.standing is not Standing.NEVER
    ]


class ApproveForm(DeskForm):
    """How a letter goes, and what has to be said of a child in care or a restricted child first.

    `shown` names what the person saw, `language` the one in which they saw it, `in_care` why the child counts as looked
    after, and `placed` where they are placed now, in words.
    """

    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    language = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        channels: Sequence[tuple[str, str]],
        in_care: str,
        placed: str,
        restricted: bool,
        **kwargs: Any,
    ) -> None:
        now_in = f"By the records now in: {placed}." if placed else "The records do not say in which placement."
        self.only = channels[0][0] if len(channels) == 1 else ""
        super().__init__(*args, **kwargs)
        if not self.only:
            self.fields["channel"] = chosen("How does it go?", channels, missing="Choose how it goes")
            self.helper.layout.append(Field.radios("channel", legend_size=Size.SMALL, small=True))
        for name, label, hint, asked in (
            (
                "confirmed",
                f"{in_care}: this person may get it, and the address is right",
                now_in,
                in_care,
            ),
            ("although_flagged", "The child is restricted: the letter is to go all the same", "", restricted),
        ):
            if asked:
                self.fields[name] = forms.BooleanField(label=label, help_text=escape(hint), required=False)
                self.helper.layout.append(Field.checkbox(name))

    def answers(self) -> dict[str, Any]:
        """What the action takes."""
        return {"channel": self.only, **self.cleaned_data}

    def show_with(self, shown: str) -> None:
        """Let the form name what the person sees now, for when it is shown again after a refusal."""
        self.data = {name: self.data.get(name) for name in self.data} | {"shown": shown}


class AddressForm(BecauseForm):
    """Why the address of a letter is right; `shown` is the mark of what the person saw speak against it."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def show_with(self, shown: str) -> None:
        """Let the form name what the person sees now, for when it is shown again after a refusal."""
        self.data = {name: self.data.get(name) for name in self.data} | {"shown": shown}


class PrintedForm(DeskForm):
    """Whether a printed letter was posted, of which a restored backup does not know it."""

    POSTED, AGAIN = "posted", "again"
    answer = chosen(
        "Was it posted?",
        [(POSTED, "Yes, it was posted"), (AGAIN, "No, print it again")],
        missing="Say whether it was posted",
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["posted_at"] = MomentField(
            now=now, label="When was it posted?", required=False, help_text="Only if it was. About when is enough."
        )
        self.helper.layout.append("posted_at")

    def drawn(self) -> list[Any]:
        return [Field.radios("answer", legend_size=Size.MEDIUM, small=True)]

    def clean(self) -> dict[str, Any]:
        """What was posted was so at some time; what was not has none."""
        cleaned = super().clean() or {}
        if "posted_at" in self.errors:
            return cleaned
        posted_at = cleaned.get("posted_at")
        if cleaned.get("answer") == self.POSTED and not posted_at:
            self.add_error("posted_at", "Enter when it was posted")
        if cleaned.get("answer") == self.AGAIN and posted_at:
            self.add_error("posted_at", "Leave this empty, or choose that it was posted")
        return cleaned


class ChosenForm(forms.Form):
    """Letters that were ticked; their tick boxes stand in a list of the page's own."""

    letters = forms.TypedMultipleChoiceField(coerce=int, error_messages={"required": "Tick at least one letter."})
    although = forms.BooleanField(required=False)
    again = forms.BooleanField(required=False)

    def __init__(self, *args: Any, offered: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["letters"].choices = [(key, key) for key in offered]  # type: ignore[attr-defined]  # a choice field
