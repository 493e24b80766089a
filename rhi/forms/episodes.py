"""The forms by which an episode and a return are recorded, corrected and withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field, Fieldset, Fixed, Size
from django import forms

from episodes.models import LONG, EndedHow, Episode, Kind, MissingFrom, PoliceRisk, ReturnPrecision, Source
from procedures.calendar import local_date, start_of_day
from rhi.actions.withdrawing import Why, WhyBack
from rhi.forms.fields import DeskForm, MomentField, ReasonField
from rhi.forms.recording import AskingForm, DayField, as_on_record, choice, text
from rhi.wording import moment

NOT_BACK = "no"
#: How a form asks how well a return is known, and the field that holds the time in each case.
KNOWN = {
    ReturnPrecision.EXACT: ("Yes, and the time is known", "returned_exact"),
    ReturnPrecision.ESTIMATED: ("Yes, and the time is estimated", "returned_estimated"),
    ReturnPrecision.DATE: ("Yes, but only the day is known", "returned_day"),
}


#: The question whether the service was told before the return: the offer's time limit would begin too early.
TOLD_BEFORE = "told_before"


class ReturnForm(AskingForm):
    """Whether and when a child came back: an exact time, an estimate or the day only."""

    question = "How well is the time of the return known?"
    unanswered = "Say how well the time is known"
    known: dict[str, str] = {
        ReturnPrecision.EXACT: "The time is known",
        ReturnPrecision.ESTIMATED: "The time is estimated",
        ReturnPrecision.DATE: "Only the day is known",
    }
    told_required = True
    asks: ClassVar = {TOLD_BEFORE: "The times are right: we were told before the child was back"}

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        self.now = now
        super().__init__(*args, **kwargs)

    def drawn(self) -> list[Any]:
        return self.of_return()

    def of_return(self) -> list[Any]:
        """Declares the fields of a return, and says how they are drawn."""
        self.fields["known"] = forms.ChoiceField(
            label=self.question,
            choices=[*self.known.items()],
            widget=forms.RadioSelect,
            error_messages={"required": self.unanswered},
        )
        self.fields["returned_exact"] = MomentField(label="When the child came back", now=self.now, required=False)
        self.fields["returned_estimated"] = MomentField(
            label="When the child came back, about", now=self.now, required=False
        )
        self.fields["returned_day"] = DayField(
            label="The day on which the child came back", latest=local_date(self.now), missing="", required=False
        )
        self.fields["ended_how"] = choice("How the episode ended", EndedHow.choices)
        self.fields["notified_at"] = MomentField(
            label="When we were told of the return",
            help_text="The time limit for the offer runs from here.",
            now=self.now,
            required=False,
        )
        questions = [
            ConditionalQuestion(label, KNOWN[ReturnPrecision(code)][1]) if code in KNOWN else label
            for code, label in self.known.items()
        ]
        return [ConditionalRadios("known", *questions), Field.select("ended_how"), "notified_at"]

    def clean(self) -> dict[str, Any]:
        """Of the three times only the chosen one counts; an error in what is not asked is none."""
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.get("known", "")
        for code, (_, name) in KNOWN.items():
            if code != chosen:
                self.errors.pop(name, None)
        if chosen == NOT_BACK:
            for name in ("notified_at", "ended_how"):
                self.errors.pop(name, None)
        elif chosen in KNOWN:
            name = KNOWN[ReturnPrecision(chosen)][1]
            if cleaned.get(name) is None and name not in self.errors:
                day_only = chosen == ReturnPrecision.DATE
                self.add_error(name, f"Enter the {'day' if day_only else 'date and time'} of the return")
            if self.told_required and cleaned.get("notified_at") is None and "notified_at" not in self.errors:
                self.add_error("notified_at", "Enter when we were told of the return")
        self._ask_if_told_before(cleaned)
        return cleaned

    def _ask_if_told_before(self, cleaned: Mapping[str, Any]) -> None:
        """Ask once about a return of which we were told before it; not about times that stand so on record."""
        if self.errors or cleaned["known"] == NOT_BACK or cleaned["notified_at"] is None:
            return
        names = ("notified_at", KNOWN[ReturnPrecision(cleaned["known"])][1])
        if all(_minute(cleaned[name]) == _minute(self.initial.get(name)) for name in names):
            return
        returned_at = self.return_values()["returned_at"]
        if cleaned["notified_at"] < returned_at and not self.says(TOLD_BEFORE):
            back = moment(returned_at, now=self.now)
            self.add_error(
                "notified_at",
                f"We were told before the child was back, {back}. Check both times, or say at the end that they are"
                " right",
            )
            self.ask(TOLD_BEFORE)

    def return_values(self) -> dict[str, Any]:
        """The return as the records hold it; nothing of it while the child is not back."""
        cleaned = self.cleaned_data
        precision = cleaned["known"]
        if precision == NOT_BACK:
            return {"returned_at": None, "return_precision": "", "ended_how": "", "notified_at": None}
        at = cleaned[KNOWN[ReturnPrecision(precision)][1]]
        return {
            "returned_at": start_of_day(at) if precision == ReturnPrecision.DATE else at,
            "return_precision": precision,
            "ended_how": cleaned["ended_how"],
            "notified_at": cleaned["notified_at"],
        }


def _minute(value: Any) -> Any:
    """A time as a form shows it: without the seconds that records may have."""
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


class RecordReturnForm(ReturnForm):
    """The return of a child whose episode is on record."""

    def drawn(self) -> list[Any]:
        drawn = self.of_return()
        self.fields["source"] = choice("Who told us", Source.choices)
        return [*drawn, Field.select("source")]

    def values(self) -> dict[str, Any]:
        """What was typed, as the records hold it; an unknown source leaves the one on record."""
        source = self.cleaned_data["source"]
        return self.return_values() | ({"source": source} if source else {})


class EpisodeForm(ReturnForm):
    """An episode, with its return if the child is back."""

    question = "Is the child back?"
    unanswered = "Say whether the child is back"
    known = {NOT_BACK: "Not yet", **{code: label for code, (label, _) in KNOWN.items()}}
    asks: ClassVar = {"although": "The times are right: the episodes do overlap"} | ReturnForm.asks

    def drawn(self) -> list[Any]:
        self.of_absence()
        return [
            Fieldset(
                Field.radios("kind"), "last_seen_at", "reported_at", legend="The episode", legend_size=Size.MEDIUM
            ),
            Fieldset(*self.of_return(), legend="The return", legend_size=Size.MEDIUM),
            Fieldset(*self.around(), legend="What is known about it", legend_size=Size.MEDIUM),
        ]

    def of_absence(self) -> None:
        """Declares the fields of an episode but for its return."""
        self.fields["kind"] = forms.ChoiceField(
            label="What was it?",
            choices=Kind.choices,
            widget=forms.RadioSelect,
            help_text="Away without authorisation is said of looked-after children only.",
            error_messages={"required": "Say what the episode was"},
        )
        self.fields["last_seen_at"] = MomentField(
            label="Last seen",
            now=self.now,
            error_messages={"required": "Enter when the child was last seen"},
        )
        self.fields["reported_at"] = MomentField(label="Reported missing (if known)", now=self.now, required=False)
        self.fields["source"] = choice("Who told us", Source.choices)
        self.fields["police_ref"] = text("Police reference", 100)
        self.fields["police_risk"] = choice("Police risk grade", PoliceRisk.choices)
        self.fields["missing_from"] = choice("Missing from", MissingFrom.choices)
        self.fields["circumstances"] = forms.CharField(
            label="Circumstances", max_length=LONG, required=False, widget=forms.Textarea(attrs={"rows": 5})
        )

    def around(self) -> list[Any]:
        """The rest of an episode, as it is drawn."""
        return [
            Field.select("missing_from"),
            Field.select("source"),
            Field.text("police_ref", field_width=Fixed.TWENTY),
            Field.select("police_risk"),
            Field.textarea("circumstances", rows=5),
        ]

    def absence_values(self) -> dict[str, Any]:
        """The episode as the records hold it, but for its return."""
        names = ("kind", "last_seen_at", "reported_at", "source", "police_ref", "police_risk", "missing_from")
        values = {name: self.cleaned_data[name] for name in (*names, "circumstances")}
        return values | {"police_risk": as_on_record(values["police_risk"], self.initial.get("police_risk", ""))}

    def values(self) -> dict[str, Any]:
        """What was typed, as the records hold it."""
        return self.absence_values() | self.return_values()


class CorrectEpisodeForm(EpisodeForm):
    """An episode as it is on record, to be put right. A return is recorded elsewhere, as it opens a referral."""

    known = {**{code: label for code, (label, _) in KNOWN.items()}, NOT_BACK: "No: the return is a mistake"}
    told_required = False

    def __init__(self, *args: Any, is_back: bool, **kwargs: Any) -> None:
        self.is_back = is_back
        super().__init__(*args, **kwargs)

    def drawn(self) -> list[Any]:
        if self.is_back:
            return super().drawn()
        self.of_absence()
        return [
            Field.radios("kind"),
            "last_seen_at",
            "reported_at",
            *self.around(),
        ]

    def clean(self) -> dict[str, Any]:
        return super().clean() if self.is_back else self.cleaned_data

    def values(self) -> dict[str, Any]:
        return super().values() if self.is_back else self.absence_values()


def of_episode(episode: Episode) -> dict[str, Any]:
    """An episode as the form shows it; a return whose precision is not on record counts as exact."""
    names = ("kind", "last_seen_at", "reported_at", "source", "police_ref", "police_risk", "missing_from")
    shown = {name: getattr(episode, name) for name in (*names, "circumstances", "ended_how", "notified_at")}
    if episode.returned_at:
        precision = ReturnPrecision(episode.return_precision or ReturnPrecision.EXACT)
        day_only = precision == ReturnPrecision.DATE
        shown["known"] = precision
        shown[KNOWN[precision][1]] = local_date(episode.returned_at) if day_only else episode.returned_at
    return shown


class WithdrawForm(DeskForm):
    """Why an episode is withdrawn. `others` are the child's other episodes that stand, with the words for each."""

    def __init__(self, *args: Any, others: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        self.others = list(others)
        super().__init__(*args, **kwargs)

    def drawn(self) -> list[Any]:
        self.fields["why"] = forms.ChoiceField(
            label="Why do you withdraw it?",
            choices=Why.choices,
            widget=forms.RadioSelect,
            error_messages={"required": "Say whether it is a duplicate or an error"},
        )
        self.fields["duplicate_of"] = forms.ChoiceField(
            label="Which episode is it a duplicate of?",
            choices=[("", "Not on this list"), *self.others],
            required=False,
        )
        self.fields["because"] = ReasonField(label="In your own words")
        duplicate = ConditionalQuestion(Why.DUPLICATE.label, Field.select("duplicate_of"))
        return [ConditionalRadios("why", duplicate, Why.ERROR.label), Field.textarea("because", rows=3)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("why") != Why.DUPLICATE:
            cleaned["duplicate_of"] = ""
        return cleaned


class PutBackForm(DeskForm):
    """Why a withdrawn episode counts again."""

    def drawn(self) -> list[Any]:
        self.fields["why"] = forms.ChoiceField(
            label="Why do you put it back?",
            choices=WhyBack.choices,
            widget=forms.RadioSelect,
            error_messages={"required": "Say why it counts again"},
        )
        return [Field.radios("why")]
