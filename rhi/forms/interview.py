"""The forms around the interview: that it was held, what became of each episode, sign-off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field, Size
from django import forms

from episodes.models import LONG, Episode
from rhi import codes
from rhi.actions.contradictions import Settled
from rhi.forms.fields import MomentField
from rhi.forms.recording import AskingForm
from rhi.models import Appointment
from rhi.questions.before import PLACES
from rhi.wording import moment
from staff.models import User


class HeldForm(AskingForm):
    """When, how and where the interview was held; of one before a later return, whether the time is right."""

    asks: ClassVar[dict[str, str]] = {"although": "The time is right: it was held before the child came back again"}

    method = forms.ChoiceField(
        label="How was it held?",
        choices=codes.Method.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it was held"},
    )
    place = forms.ChoiceField(
        label="Where? (optional)", choices=[("", ""), *((each.code, each.words) for each in PLACES)], required=False
    )

    held_by = forms.ChoiceField(
        label="Who held it?",
        required=False,
        help_text="They stay on record as the interviewer, also where somebody else holds the referral.",
        error_messages={"invalid_choice": "Choose from the list"},
    )

    def __init__(
        self, *args: Any, now: datetime, interviewers: Sequence[User], likely: User | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_at"] = MomentField(now=now, label="When did it begin?")
        self.people = {str(person.pk): person for person in interviewers}
        people = [(key, person.name) for key, person in self.people.items()]
        self.fields["held_by"].choices = people  # type: ignore[attr-defined]  # a ChoiceField
        self.initial.setdefault("held_by", str(likely.pk) if likely else "")

    @property
    def interviewer(self) -> User | None:
        """Who held it; None when the page that was sent did not ask."""
        return self.people.get(self.cleaned_data["held_by"])

    def drawn(self) -> list[Any]:
        method = Field.radios("method", legend_size=Size.SMALL, small=True)
        return ["held_at", Field.select("held_by"), method, Field.select("place")]


class Outcomes(ConditionalRadios):  # type: ignore[misc]  # crispy-forms publishes no types
    """The outcomes of one episode, under a legend like those of the form's questions."""

    def render(self, form: forms.Form, context: Any, template_pack: str = "gds", **kwargs: Any) -> str:
        with context.push(legend_size=Size.for_legend(Size.MEDIUM)):
            drawn: str = super().render(form, context, template_pack, **kwargs)
        return drawn


class OutcomesForm(AskingForm):
    """One outcome, with its reason where it needs one, for each of these episodes, of as many as the referral covers.

    Only where it covers several can one be covered by the interview that completes another. `booked` is an appointment
    to come, which goes with the outcome that closes the referral.
    """

    asks: ClassVar[dict[str, str]] = {"although": "This is right all the same, although the log does not show it"}

    def __init__(
        self,
        *args: Any,
        episodes: Sequence[Episode],
        of: int,
        now: datetime,
        booked: Appointment | None = None,
        **kwargs: Any,
    ) -> None:
        self.episodes = episodes
        self.whose: dict[int, str] = {}
        self.codes = [code for code in codes.OutcomeCode if of > 1 or code != codes.OutcomeCode.COVERED]
        super().__init__(*args, **kwargs)
        for episode in episodes:
            which = f"the episode of {moment(episode.last_seen_at, now=now)}"
            whose = self.whose[episode.pk] = f" of {which}" if len(episodes) > 1 else ""
            self.fields[f"outcome_{episode.pk}"] = forms.ChoiceField(
                label=f"What became of the interview for {which}?",
                choices=[(code, code.label) for code in self.codes],
                widget=forms.RadioSelect,
                error_messages={
                    "required": f"Choose the outcome{whose}",
                    "invalid_choice": f"Choose from the list{whose}",
                },
            )
            for code in self.codes:
                if codes.REASONS[code]:
                    self.fields[f"reason_{episode.pk}_{code}"] = forms.ChoiceField(
                        label="Why?",
                        choices=[("", "Choose a reason"), *codes.reasons(code)],
                        required=False,
                        error_messages={"invalid_choice": f"Choose from the list{whose}"},
                    )
        if booked:
            self.fields["cancel_booked"] = forms.BooleanField(
                label=f"Call off the appointment of {moment(booked.at, now=now)}. I will tell the family.",
                required=False,
            )
            self.helper.layout.append(Field.checkbox("cancel_booked"))

    def drawn(self) -> list[Any]:
        return [
            Outcomes(
                f"outcome_{episode.pk}",
                *(
                    ConditionalQuestion(
                        code.label, *([Field.select(f"reason_{episode.pk}_{code}")] if codes.REASONS[code] else [])
                    )
                    for code in self.codes
                ),
            )
            for episode in self.episodes
        ]

    def clean(self) -> dict[str, Any]:
        """Every outcome but the first two needs its reason."""
        cleaned = super().clean() or {}
        for episode in self.episodes:
            code = cleaned.get(f"outcome_{episode.pk}")
            name = f"reason_{episode.pk}_{code}"
            if code and name in self.fields and name not in self.errors and not cleaned.get(name):
                self.add_error(name, f"Choose the reason for the outcome{self.whose[episode.pk]}")
        return cleaned

    def settled(self) -> dict[int, Settled]:
        """What was chosen, by the episode's primary key."""
        found = {}
        for episode in self.episodes:
            code = self.cleaned_data[f"outcome_{episode.pk}"]
            found[episode.pk] = Settled(code, self.cleaned_data.get(f"reason_{episode.pk}_{code}", ""))
        return found


class SignOffForm(AskingForm):
    """A word to whoever wrote it, if any; of what has changed since it was written up, whether that has been read."""

    asks: ClassVar[dict[str, str]] = {"although": "I have read what has changed, and what was written still holds"}

    comment = forms.CharField(
        label="Comment (optional)", required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 3})
    )
