"""The forms by which a child is recorded and corrected, and what forms of recording share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from crispy_forms_gds.fields import DateInputField
from crispy_forms_gds.layout import Field, Fieldset, Fixed, Fluid, Size
from django import forms

from episodes.intake import authorities_to_choose, listed_authorities
from episodes.models import NAME, Child, PoliceRisk
from procedures.calendar import local_date
from rhi.forms.fields import DeskForm

NOT_KNOWN = ("", "Not known")
#: The codes by which records say so. A form offers it once, without a code, and leaves these where they stand.
NOT_KNOWN_CODES = frozenset({Child.Sex.UNKNOWN, PoliceRisk.NOT_KNOWN})
TEXTS = {
    "ethnicity": ("Ethnicity", 100),
    "language": ("First language", 100),
    "area": ("Area", 100),
    "address_1": ("Address, line 1", NAME),
    "address_2": ("Address, line 2", NAME),
    "address_3": ("Address, line 3", NAME),
    "address_4": ("Address, line 4", NAME),
    "postcode": ("Postcode", 10),
    "phone": ("Telephone", 40),
}
ANSWERS = {
    "interpreter_needed": "Is an interpreter needed?",
    "living_independently": "Does the child live independently?",
    "uasc": "Is the child an unaccompanied asylum-seeking child?",
}


def text(label: str, most: int, *, required: bool = False, missing: str = "", hint: str = "") -> forms.CharField:
    """A line of text; without line breaks at its ends."""
    return forms.CharField(
        label=label, max_length=most, required=required, help_text=hint, error_messages={"required": missing}
    )


def choice(label: str, choices: Iterable[tuple[str, str]], *, hint: str = "") -> forms.ChoiceField:
    """One of a list, or not known: that stands in it once, whatever the list says."""
    known = [(code, words) for code, words in choices if code not in NOT_KNOWN_CODES]
    return forms.ChoiceField(label=label, choices=[NOT_KNOWN, *known], required=False, help_text=hint)


def as_on_record(chosen: str, before: str) -> str:
    """What was chosen of such a list; not known stays in the code by which the record says it, if by one."""
    return before if not chosen and before in NOT_KNOWN_CODES else chosen


class DayField(DateInputField):  # type: ignore[misc]  # the template pack publishes no types
    """A day, in three boxes. `latest` is the last day that it can be."""

    def __init__(self, *, latest: date, missing: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.latest = latest
        self.error_messages["required"] = missing

    def compress(self, data_list: Sequence[str]) -> date | None:
        """The day. Raises ValidationError in words for whoever typed it."""
        if not data_list or not any(data_list):
            return None
        try:
            day, month, year = map(int, data_list)
            said = date(year, month, day)
        except ValueError as error:
            raise forms.ValidationError("Enter a day like 23 11 2026", code="invalid") from error
        if said > self.latest:
            raise forms.ValidationError("This day lies in the future", code="future")
        if said.year < 1900:
            raise forms.ValidationError("Enter the year with four figures", code="invalid")
        return said


class AskingForm(DeskForm):
    """A form that may come back with a question more: whether what looks like a slip is meant.

    `asks` are the questions that it may come back with, with their words.
    """

    asks: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in self.asks:
            if self.says(question):
                self.ask(question)

    def says(self, question: str) -> bool:
        """Whether the person has said that it is meant."""
        return self.is_bound and question in self.data

    @property
    def although(self) -> bool:
        """Whether the person has said that the action is to go on although it looked like a slip."""
        return self.says("although")

    def ask(self, question: str = "although") -> None:
        """Put the question at the end of the form."""
        if question not in self.fields:
            self.fields[question] = forms.BooleanField(label=self.asks[question], required=False)
            self.helper.layout.append(Field.checkbox(question))


class ChildForm(AskingForm):
    """Who a child is, and how to reach them. `ours` is the code of our own authority, `areas` those that records name.

    An area that no record names comes back once with the question whether it is meant: it makes a tray of its own.
    """

    asks: ClassVar = {"although": "I have looked: this is another child"}
    letters_of = {"first_name": "First name", "last_name": "Last name"}

    def __init__(self, *args: Any, now: datetime, ours: str, areas: Collection[str], **kwargs: Any) -> None:
        self.now, self.ours, self.areas = now, ours, areas
        super().__init__(*args, **kwargs)

    def _declare(self) -> None:
        for name, label in self.letters_of.items():
            self.fields[name] = text(label, NAME, required=True, missing=f"Enter the {label.lower()}")
        self.fields["date_of_birth"] = DayField(
            label="Date of birth", latest=local_date(self.now), missing="Enter the date of birth"
        )
        self.fields["sex"] = choice("Sex", Child.Sex.choices)
        self.fields["authority"] = forms.ChoiceField(
            label="Responsible authority", choices=[("", "Ours"), *self.others()], required=False
        )
        for name, (label, most) in TEXTS.items():
            self.fields[name] = text(label, most)
        self.fields["area"].help_text = "The part of our area in which the child lives: it decides whose tray."
        self.fields["email"] = forms.EmailField(
            label="Email",
            widget=forms.TextInput(attrs={"inputmode": "email", "spellcheck": "false"}),
            max_length=254,
            required=False,
            error_messages={"invalid": "Enter an email address like name@example.org"},
        )
        for name, label in ANSWERS.items():
            self.fields[name] = choice(label, [("yes", "Yes"), ("no", "No")])

    def drawn(self) -> list[Any]:
        self._declare()
        wide = Fluid.TWO_THIRDS
        return [
            Fieldset(
                *(Field.text(name, field_width=wide) for name in self.letters_of),
                "date_of_birth",
                Field.select("sex"),
                *self.naming(),
                legend="Who it is",
                legend_size=Size.MEDIUM,
            ),
            Fieldset(
                Field.select("authority"),
                Field.text("area", field_width=wide, list="areas", autocomplete="off"),
                *self.asking_about_the_area(),
                *(Field.text(f"address_{line}", field_width=wide) for line in range(1, 5)),
                Field.text("postcode", field_width=Fixed.TEN),
                Field.text("phone", field_width=Fixed.TWENTY),
                Field.text("email", field_width=wide),
                legend="Where they live",
                legend_size=Size.MEDIUM,
            ),
            Fieldset(
                Field.text("ethnicity", field_width=wide),
                Field.text("language", field_width=wide),
                *(Field.select(name) for name in ANSWERS),
                legend="What matters for an interview",
                legend_size=Size.MEDIUM,
            ),
        ]

    def others(self) -> list[tuple[str, str]]:
        """The authorities but ours, with their words; the record's own is among them, whatever its code."""
        others = [pair for pair in authorities_to_choose() if pair[0] != self.ours]
        on_record = self.initial.get("authority", "")
        if on_record and on_record not in dict(others):
            name = listed_authorities().get(on_record)
            others.append((on_record, f"{name} (as on record, {on_record})" if name else on_record))
        return others

    def naming(self) -> list[Any]:
        """What the form asks of the record's own name."""
        return []

    def asking_about_the_area(self) -> list[Any]:
        """The question whether an area that no record names is meant, where one was typed."""
        area = self.data.get("area", "").strip() if self.is_bound else ""
        if not self._is_new(area):
            return []
        self.fields["new_area"] = forms.BooleanField(label="This area is spelt right: it is a new one", required=False)
        return [Field.checkbox("new_area")]

    def _is_new(self, area: str) -> bool:
        known = {each.casefold() for each in self.areas}
        return bool(area and known) and area.casefold() not in {*known, self.initial.get("area", "").casefold()}

    def clean_area(self) -> str:
        """The area as records spell it. Raises ValidationError for one that no record names, unless it is meant."""
        area: str = self.cleaned_data["area"]
        if self._is_new(area) and "new_area" not in self.data:
            raise forms.ValidationError(
                "No record names this area. Choose one from the list, or say below that it is new: it gets a tray of"
                " its own",
                code="new",
            )
        return next((each for each in self.areas if each.casefold() == area.casefold()), area)

    def values(self) -> dict[str, Any]:
        """What was typed, as the records hold it."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in ("although", "new_area")}
        values["sex"] = as_on_record(values["sex"], self.initial.get("sex", ""))
        return values | {name: {"yes": True, "no": False}.get(values[name]) for name in ANSWERS}


class NewChildForm(ChildForm):
    """A child who is on no record yet."""

    def naming(self) -> list[Any]:
        self.fields["child_id"] = text(
            "Person ID in the main case system", 50, hint="Leave it empty if there is none: one is given."
        )
        return [Field.text("child_id", field_width=Fixed.TWENTY)]


def of_child(child: Child) -> dict[str, Any]:
    """A child as the form shows them."""
    fields = ["first_name", "last_name", "date_of_birth", "sex", "email", *TEXTS]
    answers = {name: {True: "yes", False: "no", None: ""}[getattr(child, name)] for name in ANSWERS}
    authority = child.responsible_authority.code if child.responsible_authority else ""
    return {name: getattr(child, name) for name in fields} | answers | {"authority": authority}
