"""The pages of the interview's form, made from its declaration; and the forms around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from crispy_forms.layout import LayoutObject
from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field, Size
from django import forms
from django.template.loader import render_to_string

from episodes.models import LONG, Episode
from rhi import codes
from rhi.actions.form_document import in_words, rows_in_words
from rhi.actions.forms import Seen, seen
from rhi.actions.outcomes_by_hand import Settled
from rhi.forms.fields import DeskForm, MomentField
from rhi.models import Answer
from rhi.questions.before import PLACES
from rhi.questions.shapes import INSTEAD, MAIN, ROWS, Kind, Part, Question, Situation
from rhi.wording import moment

SHORT = 1000
DATES = ["%d/%m/%Y", "%d/%m/%y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d"]
MINE, THEIRS = "mine", "theirs"


def name_of(question: Question, part: Part, row: int | None = None) -> str:
    """The name of a part's field: the question's own for its main part."""
    if row is not None:
        return f"{question.key}__{row}__{part.name}"
    return question.key if part.name == MAIN else f"{question.key}__{part.name}"


def field_for(part: Part, *, label: str, hint: str = "") -> forms.Field:
    """A field for a part; every one may stay empty while the form is being written."""
    said: dict[str, Any] = {"label": label, "help_text": hint, "required": False}
    choices = [(option.code, option.words) for option in part.options]
    unknown = {"invalid_choice": "Choose from the list"}
    match part.kind:
        case Kind.CHOICE if part.small:
            return forms.ChoiceField(choices=[("", ""), *choices], error_messages=unknown, **said)
        case Kind.CHOICE:
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, error_messages=unknown, **said)
        case Kind.MULTI:
            boxes = forms.CheckboxSelectMultiple
            return forms.MultipleChoiceField(choices=choices, widget=boxes, error_messages=unknown, **said)
        case Kind.DATE:
            error = {"invalid": "Enter a date like 23/11/2026"}
            widget = forms.DateInput(format="%d/%m/%Y", attrs={"class": "govuk-input govuk-input--width-10"})
            return forms.DateField(input_formats=DATES, widget=widget, error_messages=error, **said)
        case Kind.LONG:
            return forms.CharField(max_length=LONG, widget=forms.Textarea(attrs={"rows": 5}), **said)
        case Kind.TEXT:
            return forms.CharField(max_length=SHORT, **said)


class Drawn(LayoutObject):  # type: ignore[misc]  # crispy-forms publishes no types
    """One question with its parts, and the other version where somebody else has changed it."""

    def __init__(self, question: Question, *fields: Any, rows: Sequence[Sequence[Any]], **context: Any) -> None:
        self.question, self.fields, self.rows, self.context = question, list(fields), rows, context

    def render(self, form: forms.Form, context: Any, template_pack: str = "gds", **kwargs: Any) -> str:
        """The question as a fieldset of its own, unless its only part already is one."""

        def body(fields: Sequence[Any]) -> str:
            self.fields = list(fields)
            drawn: str = self.get_rendered_fields(form, context, template_pack, **kwargs)
            return drawn

        parts = body(self.fields)
        rows = [{"body": body(row), "open": any(form[name].value() for name in _names(row))} for row in self.rows]
        keep = f"keep__{self.question.key}"
        return render_to_string(
            "components/form_question.html",
            {
                **self.context,
                "question": self.question,
                "body": parts,
                "rows": rows,
                "keep": body([Field.radios(keep, small=True)]) if keep in form.fields else "",
            },
        )


def _names(fields: Sequence[Any]) -> list[str]:
    return [name for each in fields for name in ([each] if isinstance(each, str) else each.fields)]


class SectionForm(DeskForm):
    """The questions of one section that are asked in a situation, as they are answered so far.

    `differing` are questions that somebody else changed meanwhile: both versions are shown and one must be chosen.
    `prefilled` are answers that may be right, where there is none yet.
    """

    def __init__(
        self,
        *args: Any,
        questions: Sequence[Question],
        situation: Situation,
        answers: Mapping[str, Answer],
        differing: Mapping[str, Answer],
        now: datetime,
        prefilled: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.questions, self.situation, self.answers, self.differing = questions, situation, answers, differing
        self.now = now
        initial: dict[str, Any] = dict(prefilled or {})
        for question in questions:
            if question.key in answers:
                initial |= _initial(question, answers[question.key].value)
        super().__init__(*args, initial=initial, **kwargs)
        for question in questions:
            self._add(question)

    def _add(self, question: Question) -> None:
        optional = "" if question.is_required(self.situation, {}) or question.when else " (optional)"
        for part in question.parts:
            main = part.name == MAIN
            label = question.text + optional if main and part.text == question.text else part.text
            hint = question.hint if main else ""
            self.fields[name_of(question, part)] = field_for(part, label=label, hint=hint)
        for row in range(question.room if question.columns else 0):
            for part in question.columns:
                self.fields[name_of(question, part, row)] = field_for(part, label=part.text)
        if question.key in self.differing:
            self.fields[f"keep__{question.key}"] = forms.ChoiceField(
                label="Which answer stands?",
                choices=[(MINE, "Yours, as it stands in the form below"), (THEIRS, "The other one, as it stands here")],
                widget=forms.RadioSelect,
                error_messages={"required": f"Choose which answer to “{question.text}” stands"},
            )

    def drawn(self) -> list[Any]:
        return [self._question(question) for question in self.questions]

    def _question(self, question: Question) -> Drawn:
        sole = question.parts and question.parts[0].name == MAIN and question.parts[0].text == question.text
        other = self.differing.get(question.key)
        return Drawn(
            question,
            *(self._part(question, part, large=bool(sole)) for part in question.parts),
            rows=[
                [self._cell(question, part, row) for part in question.columns]
                for row in range(question.room if question.columns else 0)
            ],
            legend="" if sole else question.text,
            optional=not (question.is_required(self.situation, {}) or question.when),
            other=other,
            other_at=moment(other.at, now=self.now) if other else "",
            other_said=in_words(question, other.value) if other else [],
            other_rows=rows_in_words(question, other.value) if other else [],
        )

    @staticmethod
    def _part(question: Question, part: Part, *, large: bool) -> Any:
        name = name_of(question, part)
        size = Size.MEDIUM if large and part.name == MAIN else Size.SMALL if part.name != INSTEAD else None
        if part.kind is Kind.MULTI:
            return Field.checkboxes(name, legend_size=size, small=True)
        if part.kind is Kind.CHOICE and not part.small:
            return Field.radios(name, legend_size=size, small=True)
        if part.kind is Kind.CHOICE:
            return Field.select(name)
        return Field.text(name, label_size=size if part.name == MAIN else None)

    @staticmethod
    def _cell(question: Question, part: Part, row: int) -> Any:
        name = name_of(question, part, row)
        if part.kind is Kind.CHOICE and not part.small:
            return Field.radios(name, small=True, inline=True)
        return Field.select(name) if part.kind is Kind.CHOICE else name

    def clean(self) -> dict[str, Any]:
        """Refuse what contradicts itself: an option that stands alone beside others, no answer beside an answer."""
        cleaned = super().clean() or {}
        for question in self.questions:
            for part in question.parts:
                chosen = cleaned.get(name_of(question, part)) or []
                alone = [option.words for option in part.options if option.alone and option.code in chosen]
                if part.kind is Kind.MULTI and alone and len(chosen) > 1:
                    self.add_error(name_of(question, part), f"Choose “{alone[0]}” or other answers, not both")
            value = self._value(question)
            if value.get(INSTEAD) and len(value) > 1:
                instead = next(part for part in question.parts if part.name == INSTEAD)
                self.add_error(name_of(question, instead), "Either leave this empty or clear the answer above")
        return cleaned

    def values(self) -> dict[str, dict[str, Any]]:
        """Every question's answer as it is stored; an empty one clears what stood there."""
        return {question.key: self._value(question) for question in self.questions}

    def theirs(self) -> frozenset[str]:
        """The questions where the other version was chosen."""
        return frozenset(key for key in self.differing if self.cleaned_data.get(f"keep__{key}") == THEIRS)

    def _value(self, question: Question) -> dict[str, Any]:
        value = self._parts(question, question.parts, None)
        rows = [self._parts(question, question.columns, row) for row in range(question.room)]
        if question.columns and any(rows):
            value[ROWS] = [row for row in rows if row]
        return value

    def _parts(self, question: Question, parts: Sequence[Part], row: int | None) -> dict[str, Any]:
        given = {part.name: self.cleaned_data.get(name_of(question, part, row)) for part in parts}
        return {name: _stored(value) for name, value in given.items() if value}


def _stored(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _initial(question: Question, value: Mapping[str, Any]) -> dict[str, Any]:
    found = {name_of(question, part): _shown(part, value.get(part.name)) for part in question.parts}
    for number, row in enumerate(value.get(ROWS, ())):
        found |= {name_of(question, part, number): _shown(part, row.get(part.name)) for part in question.columns}
    return found


def _shown(part: Part, value: Any) -> Any:
    return date.fromisoformat(value) if part.kind is Kind.DATE and value else value


def shown_as_text(shown: Mapping[str, Seen]) -> str:
    """How the page showed its questions, for a hidden field."""
    return " ".join(f"{key}:{each.revision}:{each.digest}:{int(each.both)}" for key, each in shown.items())


def shown_from_text(text: str) -> dict[str, Seen]:
    """The same, read back. What does not read is left out: its questions count as shown without an answer."""
    found = {}
    for word in text.split()[:100]:
        key, *rest = word.split(":")
        if len(rest) == 3 and rest[0].isascii() and rest[0].isdigit() and len(rest[0]) < 10:
            found[key] = Seen(int(rest[0]), rest[1], both=rest[2] == "1")
    return found


def shown_now(questions: Sequence[Question], answers: Mapping[str, Answer]) -> dict[str, Seen]:
    """How a fresh page shows these questions."""
    return {question.key: seen(answers.get(question.key)) for question in questions}


class HeldForm(DeskForm):
    """When, how and where the interview was held."""

    method = forms.ChoiceField(
        label="How was it held?",
        choices=codes.Method.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it was held"},
    )
    place = forms.ChoiceField(
        label="Where? (optional)", choices=[("", ""), *((each.code, each.words) for each in PLACES)], required=False
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_at"] = MomentField(now=now, label="When did it begin?")

    def drawn(self) -> list[Any]:
        return ["held_at", Field.radios("method", legend_size=Size.SMALL, small=True), Field.select("place")]


class OutcomesForm(DeskForm):
    """One outcome, with its reason where it needs one, for each of these absences, of as many as the referral covers.

    Only where it covers several can one be covered by the interview that completes another.
    """

    def __init__(self, *args: Any, episodes: Sequence[Episode], of: int, now: datetime, **kwargs: Any) -> None:
        self.episodes = episodes
        self.codes = [code for code in codes.OutcomeCode if of > 1 or code != codes.OutcomeCode.COVERED]
        super().__init__(*args, **kwargs)
        for episode in episodes:
            which = f"the absence of {moment(episode.last_seen_at, now=now)}"
            self.fields[f"outcome_{episode.pk}"] = forms.ChoiceField(
                label=f"What became of the interview for {which}?",
                choices=[(code, code.label) for code in self.codes],
                widget=forms.RadioSelect,
                error_messages={"required": "Choose the outcome", "invalid_choice": "Choose from the list"},
            )
            for code in self.codes:
                if codes.REASONS[code]:
                    self.fields[f"reason_{episode.pk}_{code}"] = forms.ChoiceField(
                        label="Why?",
                        choices=[("", "Choose a reason"), *codes.reasons(code)],
                        required=False,
                        error_messages={"invalid_choice": "Choose from the list"},
                    )

    def drawn(self) -> list[Any]:
        return [
            ConditionalRadios(
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
                self.add_error(name, "Choose the reason")
        return cleaned

    def settled(self) -> dict[int, Settled]:
        """What was chosen, by the absence's primary key."""
        found = {}
        for episode in self.episodes:
            code = self.cleaned_data[f"outcome_{episode.pk}"]
            found[episode.pk] = Settled(code, self.cleaned_data.get(f"reason_{episode.pk}_{code}", ""))
        return found


class SignOffForm(DeskForm):
    """A word to whoever wrote it, if any."""

    comment = forms.CharField(
        label="Comment (optional)", required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 3})
    )
