"""Ticking a task off or setting it aside, and whatever else is recorded of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field, Size
from django import forms

from episodes.models import NAME
from procedures.calendar import local_date
from rhi.actions.following import Whose
from rhi.actions.tasks import ANSWERS
from rhi.forms.contact import chosen
from rhi.forms.fields import DeskForm, MomentField, ReasonField
from rhi.forms.people import DayField, day
from rhi.models import Support
from routing.models import ANSWERED_KINDS, Task

#: What a person may add: the rest is opened by a return or by a rule alone.
ADDED = [
    (kind.value, kind.label)
    for kind in (
        Task.Kind.SCREEN,
        Task.Kind.PREVENTION_PLAN,
        Task.Kind.SAFETY_PLAN,
        Task.Kind.MASH,
        Task.Kind.SPECIALIST,
        Task.Kind.INTERVENTION,
        Task.Kind.SUPPORT,
        Task.Kind.SERVICE,
        Task.Kind.NEED,
    )
]
REVIEW = "When is it reviewed?"
NO_REVIEW = "Leave it empty if no review is needed."


def is_referral(task: Task) -> bool:
    """Whether it is something that is referred to somebody, who answers."""
    return task.kind in ANSWERED_KINDS


class TaskForm(DeskForm):
    """Whether a task was done and when, or why it is not. What comes before sign-off can only be done."""

    DONE, SET_ASIDE = "done", "set_aside"

    def __init__(self, *args: Any, task: Task, now: datetime, **kwargs: Any) -> None:
        self.task = task
        self.done_words = "It was referred" if is_referral(task) else "It is done"
        super().__init__(*args, **kwargs)
        self.fields["answer"] = forms.ChoiceField(
            label="What became of it?",
            choices=[(self.DONE, self.done_words), *([] if task.demanded else [self._aside])],
            widget=forms.RadioSelect,
            error_messages={"required": "Choose whether it is done"},
        )
        label = "When was it referred?" if is_referral(task) else "When was it done?"
        self.fields["done_at"] = MomentField(label=label, now=now, required=False, initial=now)
        if task.review_on:
            self.fields["review_on"] = DayField(
                label=REVIEW, help_text=NO_REVIEW, required=False, initial=task.review_on
            )
        if not task.demanded:
            self.fields["because"] = ReasonField(label="Why not?", required=False)

    _aside = (SET_ASIDE, "It will not be done")

    def drawn(self) -> list[Any]:
        done = [Field("done_at"), *([day("review_on")] if self.task.review_on else [])]
        questions = [ConditionalQuestion(self.done_words, *done)]
        if not self.task.demanded:
            questions.append(ConditionalQuestion("It will not be done", Field("because")))
        return [ConditionalRadios("answer", *questions)]

    def clean(self) -> dict[str, Any]:
        """Ask for what the answer needs."""
        cleaned = super().clean() or {}
        answer = cleaned.get("answer")
        if answer == self.DONE and not cleaned.get("done_at") and "done_at" not in self.errors:
            self.add_error("done_at", "Say when it was referred" if is_referral(self.task) else "Say when it was done")
        if answer == self.SET_ASIDE and not cleaned.get("because"):
            self.add_error("because", "Say why it is not done")
        if answer == self.SET_ASIDE:
            self.errors.pop("done_at", None)
            self.errors.pop("review_on", None)
        return cleaned


class OwnedForm(DeskForm):
    """Whose a task is, and its days. `owners` are those who can be chosen, with their words."""

    def __init__(self, *args: Any, owners: Sequence[tuple[Whose, str]], **kwargs: Any) -> None:
        self.owners = {code_of(whose): whose for whose, _ in owners}
        self.words = [(code_of(whose), words) for whose, words in owners]
        super().__init__(*args, **kwargs)

    def add_owner_and_days(self) -> None:
        """Put the three fields into the form."""
        self.fields["owner"] = forms.ChoiceField(
            label="Whose is it?",
            choices=[("", "Choose somebody"), *self.words],
            error_messages={"required": "Choose whose it is"},
        )
        self.fields["due_on"] = DayField(label="By when?")
        self.fields["review_on"] = DayField(label=REVIEW, help_text=NO_REVIEW, required=False)

    def drawn(self) -> list[Any]:
        self.add_owner_and_days()
        return [Field.select("owner"), day("due_on"), day("review_on")]

    def whose(self) -> Whose:
        """The owner that was chosen."""
        return self.owners[self.cleaned_data["owner"]]


def code_of(whose: Whose) -> str:
    """How a form calls an owner: by person, else by team."""
    return f"person-{whose.worker.pk}" if whose.worker else f"team-{whose.team.pk if whose.team else ''}"


class ChangeTaskForm(OwnedForm):
    """Somebody else, or other days, and why."""

    because = ReasonField(label="Why is it changed?")

    def drawn(self) -> list[Any]:
        return [*super().drawn(), "because"]


class NewTaskForm(OwnedForm):
    """Something to be done that no procedure asks for."""

    kind = forms.ChoiceField(
        label="What kind of task is it?",
        choices=[("", "Choose a kind"), *ADDED],
        error_messages={"required": "Choose the kind"},
    )
    about = forms.CharField(
        label="What has to be done?",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what has to be done"},
    )

    def drawn(self) -> list[Any]:
        return [Field.select("kind"), "about", *super().drawn()]


class AnswerForm(DeskForm):
    """What came back from whom something was referred to."""

    def __init__(self, *args: Any, task: Task, now: datetime, **kwargs: Any) -> None:
        self.task, self.today = task, local_date(now)
        super().__init__(*args, **kwargs)

    def drawn(self) -> list[Any]:
        answers = [(code.value, code.label) for code in ANSWERS[self.task.kind]]
        self.fields["answer"] = chosen("What is the answer?", answers, missing="Choose the answer")
        self.fields["answered_on"] = DayField(label="When did it come?", initial=self.task.answered_on or self.today)
        hint = "The worker whom the service gives the child, or the agency that is to help."
        if self.task.kind == Task.Kind.MASH:
            hint = "The agency that the Early Help Hub has found, or the worker who takes it on."
        self.fields["names"] = forms.CharField(
            label="Whom does it name?", required=False, max_length=NAME, help_text=hint
        )
        return [Field.radios("answer", legend_size=Size.SMALL, small=True), day("answered_on"), "names"]

    def clean_answered_on(self) -> date:
        """Refuse a day to come."""
        return _not_to_come(self.cleaned_data["answered_on"], self.today)


class ReviewForm(DeskForm):
    """What was found when a task was looked at again, and when it is next."""

    because = ReasonField(label="What did you find?", error_messages={"required": "Say what you found"})

    def __init__(self, *args: Any, proposed: date | None, **kwargs: Any) -> None:
        self.proposed = proposed
        super().__init__(*args, **kwargs)

    def drawn(self) -> list[Any]:
        self.fields["review_on"] = DayField(
            label="When is the next review?", help_text=NO_REVIEW, required=False, initial=self.proposed
        )
        return ["because", day("review_on")]


class StartSupportForm(DeskForm):
    """Post-missing support that begins (Wokingham 3)."""

    kind = chosen("What kind of support is it?", Support.Kind.choices, missing="Choose the kind of support")
    given_by = forms.CharField(
        label="Who gives it?",
        max_length=NAME,
        help_text="The worker, team or service.",
        error_messages={"required": "Say who gives it"},
    )
    sessions_planned = forms.IntegerField(
        label="How many sessions are planned? (optional)",
        required=False,
        min_value=1,
        max_value=500,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )

    def __init__(self, *args: Any, proposed: date | None, now: datetime, **kwargs: Any) -> None:
        self.today, self.proposed = local_date(now), proposed
        super().__init__(*args, **kwargs)

    def drawn(self) -> list[Any]:
        self.fields["started_on"] = DayField(label="Since when?", initial=self.today)
        self.fields["review_on"] = DayField(label=REVIEW, initial=self.proposed)
        radios = Field.radios("kind", legend_size=Size.SMALL, small=True)
        return [radios, "given_by", "sessions_planned", day("started_on"), day("review_on")]

    def clean_started_on(self) -> date:
        """Refuse a day to come."""
        return _not_to_come(self.cleaned_data["started_on"], self.today)


class SupportForm(DeskForm):
    """What became of support that runs: a session was held, or it has ended."""

    SESSION, ENDED = "session", "ended"

    what = forms.ChoiceField(
        label="What has happened?",
        choices=[(SESSION, "A session was held"), (ENDED, "The support has ended")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what has happened"},
    )

    held = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        self.today = local_date(now)
        super().__init__(*args, **kwargs)

    def show_with(self, held: int) -> None:
        """Let the form name how many sessions stand now, for when it is shown again after one was recorded."""
        self.data = {name: self.data.get(name) for name in self.data} | {"held": str(held)}

    def drawn(self) -> list[Any]:
        self.fields["ended_on"] = DayField(label="On which day?", required=False, initial=self.today)
        self.fields["because"] = ReasonField(label="Why, and what came of it?", required=False)
        return [
            "held",
            ConditionalRadios(
                "what",
                ConditionalQuestion("A session was held"),
                ConditionalQuestion("The support has ended", day("ended_on"), "because"),
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for what an end needs."""
        cleaned = super().clean() or {}
        if cleaned.get("what") != self.ENDED:
            for name in ("ended_on", "because"):
                self.errors.pop(name, None)
            return cleaned
        if not cleaned.get("because"):
            self.add_error("because", "Say why it has ended, and what came of it")
        if not cleaned.get("ended_on") and "ended_on" not in self.errors:
            self.add_error("ended_on", "Enter the day")
        elif cleaned.get("ended_on") and cleaned["ended_on"] > self.today:
            self.add_error("ended_on", "This day lies in the future")
        return cleaned


class FollowUpsForm(DeskForm):
    """Which follow-ups a list shows. What does not read counts as not asked for."""

    OVERDUE, REVIEW, UNANSWERED, OPEN = "overdue", "review", "unanswered", "open"

    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[
            (OVERDUE, "Overdue"),
            (REVIEW, "Review due"),
            (UNANSWERED, "Referred, no answer yet"),
            (OPEN, "All that are open"),
        ],
    )
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Every kind"), *Task.Kind.choices])

    def drawn(self) -> list[Any]:
        return [Field.select("show"), Field.select("kind")]

    def chosen(self) -> tuple[str, str]:
        """What is shown, and of which kind; empty: of every kind."""
        self.is_valid()
        return self.cleaned_data.get("show") or self.OVERDUE, self.cleaned_data.get("kind") or ""


def _not_to_come(said: date, today: date) -> date:
    if said > today:
        raise forms.ValidationError("This day lies in the future", code="future")
    return said
