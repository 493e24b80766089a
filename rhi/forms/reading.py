"""A worry put to a manager and her answer, what is added to a signed-off interview, and a case note."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from crispy_forms_gds.layout import Field, Fluid
from django import forms

from episodes.models import LONG
from procedures.calendar import local_date
from rhi import wording
from rhi.actions.escalating import Answerer
from rhi.forms.fields import DeskForm, ReasonField
from staff.models import User


class WordsField(forms.CharField):
    """Somebody's own words, as long as the record holds. A line break counts as one character, as browsers count it."""

    def __init__(self, *, rows: int = 8, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONG)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class PersonField(forms.ChoiceField):
    """One of some people, from a list that opens; cleaned it is the person, or None where it may be left out."""

    def __init__(self, *, people: Iterable[tuple[User, str]], nobody: str, **kwargs: Any) -> None:
        people = list(people)
        self.people = {str(person.pk): person for person, _ in people}
        choices = [("", nobody), *((str(person.pk), words) for person, words in people)]
        super().__init__(choices=choices, **kwargs)

    def clean(self, value: Any) -> User | None:
        return self.people.get(super().clean(value))


class EscalateForm(DeskForm):
    """To whom a worry is put, and what it is."""

    because = ReasonField(
        label="What worries you?",
        help_text="They read this with the interview as it was written up. They need no other access to the child.",
        error_messages={"required": "Say what worries you"},
    )

    def __init__(
        self, *args: Any, answerers: Iterable[Answerer], now: datetime, restricted: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        only = "The child is restricted, so only people who may see the child are on the list."
        to = PersonField(
            label="Who is to answer?",
            people=[(each.person, _named(each, now)) for each in answerers],
            nobody="Choose somebody",
            help_text=only if restricted else "",
            error_messages={
                "required": "Choose who is to answer",
                "invalid_choice": f"Choose somebody from the list. {only if restricted else ''}".strip(),
            },
        )
        self.fields = {"to": to, **self.fields}

    def drawn(self) -> list[Any]:
        return [Field.select("to"), "because"]


def _named(answerer: Answerer, now: datetime) -> str:
    person = answerer.person
    role = f"{person.name}, {person.get_role_display().lower()}"
    if answerer.away_until is None:
        return role
    return f"{role} (away until {wording.day(answerer.away_until, today=local_date(now))})"


class AnswerForm(DeskForm):
    """What a manager answers."""

    words = ReasonField(
        label="Your answer",
        help_text="What you decided, and who does what. It stays in what has happened on the referral.",
        error_messages={"required": "Write your answer"},
    )


class AddForm(DeskForm):
    """What became known after an interview was signed off."""

    text = WordsField(
        label="What has become known?",
        help_text="Your name and the date stand with it. It cannot be changed afterwards.",
        error_messages={"required": "Write what has become known"},
    )


class NoteForm(DeskForm):
    """A plain note, and perhaps whom it mentions."""

    text = WordsField(
        label="Note",
        help_text="Everybody who may see the referral can read it. It cannot be changed afterwards.",
        error_messages={"required": "Write the note"},
    )

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mentioned"] = PersonField(
            label="Mention somebody (optional)",
            people=[(person, f"{person.name}, {person.get_role_display().lower()}") for person in people],
            nobody="Nobody",
            required=False,
            help_text="They are told that the note mentions them.",
            error_messages={"invalid_choice": "Choose somebody from the list, who may see this child."},
        )

    def drawn(self) -> list[Any]:
        return ["text", Field.select("mentioned", css_class=Fluid.TWO_THIRDS)]
