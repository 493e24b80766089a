"""The pages of the interview's form, made from its declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime
from typing import Any

from crispy_forms.layout import LayoutObject
from crispy_forms.utils import render_crispy_form
from crispy_forms_gds.layout import Field, Layout, Size
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from episodes.models import LONG
from rhi.actions.checking import Beside
from rhi.actions.form_document import in_words, rows_in_words
from rhi.actions.forms import Seen, seen
from rhi.forms.fields import DeskForm
from rhi.models import Answer
from rhi.questions.shapes import INSTEAD, MAIN, ROWS, Kind, Part, Question, Situation, day
from rhi.wording import moment

SHORT = 1000
DATES = ["%d/%m/%Y", "%d/%m/%y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d"]
UNREADABLE = "Enter a date like 23/11/2026"
UNSEEN = "There is an invisible character in this, perhaps from copying. Delete it, or type the words anew"
#: What stands for a day that does not read: as much of it as a day can take.
AS_TYPED = forms.CharField(max_length=100, required=False)
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
            error = {"invalid": UNREADABLE}
            widget = forms.DateInput(format="%d/%m/%Y", attrs={"class": "govuk-input govuk-input--width-10"})
            return forms.DateField(input_formats=DATES, widget=widget, error_messages=error, **said)
        case Kind.LONG:
            area = forms.Textarea(attrs={"rows": 5})
            return forms.CharField(max_length=LONG, widget=area, error_messages=_of_words(LONG), **said)
        case Kind.TEXT:
            return forms.CharField(max_length=SHORT, error_messages=_of_words(SHORT), **said)


def _of_words(most: int) -> dict[str, str]:
    """Why words cannot be stored, as whoever typed them can mend it."""
    return {
        "max_length": f"This is longer than {most:,} characters. Shorten it, or put some of it into another answer",
        "null_characters_not_allowed": UNSEEN,
    }


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
        rows = [body(row) for row in self.rows]
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


def _rows(question: Question, data: Mapping[str, Any] | None, answer: Answer | None) -> int:
    """How many rows of a table are drawn: those sent, or those answered; one at least."""
    if not question.columns:
        return 0
    if data is None:
        return max(len(answer.value.get(ROWS, ())) if answer else 0, 1)
    rows = range(question.room)
    return (
        max((row for row in rows for part in question.columns if name_of(question, part, row) in data), default=0) + 1
    )


class SectionForm(DeskForm):
    """The questions of one section that are asked in a situation, as they are answered so far.

    `differing` are questions that somebody else changed meanwhile: both versions are shown and one must be chosen.
    `prefilled` are answers that may be right, where there is none yet; what the records say `beside` a question is
    shown with a button that takes it over. The table of the question `add` gets a row more.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        questions: Sequence[Question],
        situation: Situation,
        answers: Mapping[str, Answer],
        differing: Mapping[str, Answer],
        now: datetime,
        prefilled: Mapping[str, str] | None = None,
        beside: Mapping[str, Beside] | None = None,
        add: str = "",
    ) -> None:
        self.beside = beside or {}
        self.questions, self.situation, self.answers, self.differing = questions, situation, answers, differing
        self.now = now
        self.rows = {each.key: _rows(each, data, answers.get(each.key)) + (each.key == add) for each in questions}
        initial: dict[str, Any] = dict(prefilled or {})
        for question in questions:
            if question.key in answers:
                initial |= _initial(question, answers[question.key].value)
        self._kept: dict[str, dict[str, Any]] = {}
        self._refused: dict[str, str] = {}
        super().__init__(data, initial=initial)
        for question in questions:
            self._add(question)

    def _add(self, question: Question) -> None:
        optional = "" if question.is_required(self.situation, {}) or question.when else " (optional)"
        for part in question.parts:
            main = part.name == MAIN
            label = question.text + optional if main and part.text == question.text else part.text
            hint = question.hint if main else ""
            self.fields[name_of(question, part)] = field_for(part, label=label, hint=hint)
        for row in range(self.rows[question.key]):
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
                [self._cell(question, part, row) for part in question.columns] for row in range(self.rows[question.key])
            ],
            legend="" if sole else question.text,
            optional=not (question.is_required(self.situation, {}) or question.when),
            beside=self.beside.get(question.key),
            may_take=not self._holds(question),
            other=other,
            other_at=moment(other.at, now=self.now) if other else "",
            other_said=in_words(question, other.value) if other else [],
            other_rows=rows_in_words(question, other.value) if other else [],
        )

    def _holds(self, question: Question) -> bool:
        """Whether what the records say is answered already."""
        known, answer = self.beside.get(question.key), self.answers.get(question.key)
        return known is not None and answer is not None and set(known.found) <= set(answer.value.get(MAIN, ()))

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
        """Refuse what contradicts itself: an option that stands alone beside others, no answer beside an answer.

        What can be kept is gathered first: a day that is none, or not yet, stays as it was typed.
        """
        cleaned = super().clean() or {}
        for question in self.questions:
            self._gather(question, cleaned)
        for question in self.questions:
            for part in question.parts:
                chosen = cleaned.get(name_of(question, part)) or []
                alone = [option.words for option in part.options if option.alone and option.code in chosen]
                if part.kind is Kind.MULTI and alone and len(chosen) > 1:
                    self.add_error(name_of(question, part), f"Choose “{alone[0]}” or other answers, not both")
            value = self._kept.get(question.key, {})
            if value.get(INSTEAD) and len(value) > 1:
                instead = next(part for part in question.parts if part.name == INSTEAD)
                self.add_error(name_of(question, instead), "Either leave this empty or clear the answer above")
        return cleaned

    def kept(self) -> dict[str, dict[str, Any]]:
        """Every question's answer as it is stored, whatever is still wrong with it; an empty one clears what stood.

        Left out is what cannot be stored at all (`refused`), and where nobody has said which of two versions stands.
        """
        return {key: value for key, value in self._kept.items() if key not in self.undecided()}

    def refused(self) -> dict[str, str]:
        """Why an answer cannot be stored as it was typed, by the question's key."""
        return dict(self._refused)

    def theirs(self) -> frozenset[str]:
        """The questions where the other version was chosen."""
        return frozenset(key for key in self.differing if self.cleaned_data.get(f"keep__{key}") == THEIRS)

    def undecided(self) -> frozenset[str]:
        """The questions with two versions of which none was chosen."""
        return frozenset(key for key in self.differing if not self.cleaned_data.get(f"keep__{key}"))

    def alone(self, question: Question) -> str:
        """One question as the whole form would draw it."""
        helper = copy(self.helper)
        helper.layout = Layout(self._question(question))
        drawn: str = render_crispy_form(self, helper)
        return drawn

    def _gather(self, question: Question, cleaned: Mapping[str, Any]) -> None:
        """Note the answer, or why there is none that could be stored."""
        value = self._parts(question, question.parts, None, cleaned)
        rows = [self._parts(question, question.columns, row, cleaned) for row in range(self.rows[question.key])]
        if question.columns and any(rows):
            value[ROWS] = [row for row in rows if row]
        wrong = [name for name in self._fields_of(question) if name in self.errors and not self._as_typed(name)]
        if wrong:
            self._refused[question.key] = str(self.errors[wrong[0]][0])
        else:
            self._kept[question.key] = value

    def _fields_of(self, question: Question) -> list[str]:
        cells = [name_of(question, part, row) for row in range(self.rows[question.key]) for part in question.columns]
        return [*(name_of(question, part) for part in question.parts), *cells]

    def _as_typed(self, name: str) -> str:
        """A day that does not read, as it was typed, as far as a field for words would take it."""
        if not isinstance(self.fields[name], forms.DateField) or name not in self.errors:
            return ""
        try:
            typed: str = AS_TYPED.clean(self[name].data)
        except ValidationError:
            return ""
        return typed

    def _parts(
        self, question: Question, parts: Sequence[Part], row: int | None, cleaned: Mapping[str, Any]
    ) -> dict[str, Any]:
        names = {part.name: name_of(question, part, row) for part in parts}
        given = {part: cleaned.get(name) or self._as_typed(name) for part, name in names.items()}
        return {part: _stored(value) for part, value in given.items() if value}


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
    """What stands in a part, for its field: a day that is none as it was typed."""
    return (day(value) or value) if part.kind is Kind.DATE and value else value


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
