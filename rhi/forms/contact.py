"""Logging attempts, offers, responses and appointments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field, Size
from django import forms

from episodes.models import LONG, NAME
from rhi import codes
from rhi.actions.contact import DECLINED, fitting_responses
from rhi.forms.fields import DeskForm, MomentField, ReasonField
from rhi.models import Offer

#: The results in the order in which they happen most.
RESULTS = [
    codes.Result.NO_ANSWER,
    codes.Result.LEFT_MESSAGE,
    codes.Result.SPOKE_TO_CHILD,
    codes.Result.SPOKE_TO_CARER,
    codes.Result.APPOINTMENT_MADE,
    codes.Result.REARRANGED,
    codes.Result.REFUSED_TO_TALK,
    codes.Result.CHILD_MISSING_AGAIN,
    codes.Result.NOT_AT_ADDRESS,
    codes.Result.NUMBER_NOT_IN_USE,
]


def chosen(label: str, choices: Iterable[tuple[str, Any]], *, missing: str, **kwargs: Any) -> forms.ChoiceField:
    """One of several, as radio buttons."""
    return forms.ChoiceField(
        label=label, choices=list(choices), widget=forms.RadioSelect, error_messages={"required": missing}, **kwargs
    )


class AttemptForm(DeskForm):
    """One try to reach somebody. Its result comes first: the rest is filled in and seldom changed."""

    result = chosen("What came of it?", [(code, code.label) for code in RESULTS], missing="Choose what came of it")
    contacted = forms.ChoiceField(label="Who was tried", choices=codes.Contacted.choices)
    method = forms.ChoiceField(label="How", choices=codes.AttemptMethod.choices)
    note = forms.CharField(
        label="Note (optional)", required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attempted_at"] = MomentField(now=now, label="When")

    def drawn(self) -> list[Any]:
        return [
            Field.radios("result", legend_size=Size.MEDIUM, small=True),
            Field.select("contacted"),
            Field.select("method"),
            "attempted_at",
            "note",
        ]


class OfferForm(DeskForm):
    """The interview put to one of them."""

    to = chosen(
        "Offered to",
        [(code, code.label) for code in (codes.OfferedTo.CHILD, codes.OfferedTo.PARENT)],
        missing="Choose to whom",
    )
    route = chosen("How was it put to them?", codes.OfferRoute.choices, missing="Choose how it was put")
    method = chosen("How would it be held?", codes.Method.choices, missing="Choose how it would be held")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offered_at"] = MomentField(now=now, label="When was it offered?")

    def drawn(self) -> list[Any]:
        radios = [Field.radios(name, legend_size=Size.SMALL, small=True) for name in ("to", "route", "method")]
        return [*radios, "offered_at"]


class ResponseForm(DeskForm):
    """What came back to one offer; of a refusal also why. It names the response that stood when it was shown."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, offer: Offer, now: datetime, **kwargs: Any) -> None:
        self.responses = fitting_responses(offer)
        super().__init__(*args, **kwargs)
        reasons = codes.reasons(codes.OutcomeCode.DECLINED)
        if offer.to == codes.OfferedTo.CHILD:
            reasons = [(code, words) for code, words in reasons if code != "by_parent"]
        self.fields["response"] = chosen("What did they say?", self.responses, missing="Choose what they said")
        self.fields["declined_because"] = chosen("Why?", reasons, missing="Say why", required=False)
        self.fields["responded_at"] = MomentField(now=now, label="When?")

    def drawn(self) -> list[Any]:
        """The reasons open under the refusal; where two refusals are possible, they stand for themselves."""
        refusals = [code for code, _ in self.responses if code in DECLINED]
        why = Field.radios("declined_because", legend_size=Size.SMALL, small=True)
        if len(refusals) != 1:
            return ["shown", Field.radios("response", legend_size=Size.MEDIUM), why, "responded_at"]
        return [
            "shown",
            ConditionalRadios(
                "response",
                *(ConditionalQuestion(words, *([why] if code in refusals else [])) for code, words in self.responses),
            ),
            "responded_at",
        ]

    def show_with(self, shown: str) -> None:
        """Let the form name the response that stands now, for when it is shown again after somebody was faster."""
        self.data = {name: self.data.get(name) for name in self.data} | {"shown": shown}


class AppointmentForm(DeskForm):
    """A day and place for the interview."""

    method = chosen("How", codes.Method.choices, missing="Choose how it will be held")
    place = forms.CharField(label="Where", required=False, max_length=NAME, help_text="Leave this empty for a call.")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"] = MomentField(now=now, future=True, label="When")

    def drawn(self) -> list[Any]:
        return ["at", Field.radios("method", legend_size=Size.SMALL, small=True), "place"]


class MoveForm(AppointmentForm):
    """Another day or place instead, and why."""

    because = ReasonField(label="Why is it moved?")

    def drawn(self) -> list[Any]:
        return [*super().drawn(), "because"]


class BecauseForm(DeskForm):
    """Only a reason: of calling something off, or of taking back a slip."""

    because = ReasonField()
