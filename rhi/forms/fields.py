"""Fields that every form of the desk shares: a local time, a reason, and a choice shown as radio buttons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Layout
from django import forms
from django.core.exceptions import ValidationError

from procedures.calendar import LONDON


class DeskForm(forms.Form):
    """Draws its fields only: the form element, its token and its button stand in templates/components/form.html.

    `layout` may hold what crispy_forms_gds lays out; without it the fields come in their order.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self.drawn())

    def drawn(self) -> list[Any]:
        """What the form shows, in order; a form with radio buttons or conditions says more than the names."""
        return [*self.fields]


TYPED = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%d/%m/%Y, %H:%M")
WHICH = ("earlier", "later")


def read(typed: str) -> datetime | None:
    """A local date and time as somebody may type it; None when it is none."""
    for form in TYPED:
        try:
            return datetime.strptime(typed.strip(), form)  # noqa: DTZ007 local time; its instants follow
        except ValueError:
            continue
    return None


def _readable(local: datetime) -> bool:
    """Whether it is a year in which somebody alive can have been missing: others are slips of the finger."""
    return 1900 <= local.year <= 2200


def instants(local: datetime) -> list[datetime]:
    """The instants that a time on the wall in England can mean: two on the nights when the clocks change, else one."""
    both = {local.replace(tzinfo=LONDON, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(both)


def meanings(local: datetime) -> list[tuple[str, str]]:
    """The instants that a time on the wall can mean, each in words, on the nights when the clocks change; else none.

    01:30 comes twice in October and not at all in March, when it is half an hour before or after the change.
    """
    possible = [instant.astimezone(LONDON) for instant in instants(local)]
    if len(possible) == 1:
        return []
    if local == possible[0].replace(tzinfo=None):
        words = [f"{local:%H:%M} the first time, before the clocks went back", f"{local:%H:%M} the second time, after"]
    else:
        words = [f"{possible[0]:%H:%M}, before the clocks went forward", f"{possible[1]:%H:%M}, after"]
    return list(zip(WHICH, words, strict=True))


class Typed(NamedTuple):
    """A time as it was typed, and which of two instants was meant where there are two."""

    local: str
    which: str


class MomentWidget(forms.Widget):
    """A date and time by the clock on the wall; beside it, only where the answer is needed, which of two instants."""

    template_name = "components/moment.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "govuk-input rhi-moment"} | (attrs or {}))

    def format_value(self, value: Any) -> Typed:
        """What stands in the boxes: what was typed, or an instant as it stood on the wall in England."""
        if isinstance(value, datetime):
            local = value.astimezone(LONDON)
            two = len(instants(local.replace(tzinfo=None))) == 2
            return Typed(f"{local:%Y-%m-%dT%H:%M}", ("later" if local.fold else "earlier") if two else "")
        return value if isinstance(value, Typed) else Typed("", "")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:  # noqa: ARG002 Django's shape
        return Typed(data.get(name, ""), data.get(f"{name}_which", ""))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002 Django's shape
        return name not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        typed = self.format_value(value)
        local = read(typed.local)
        context["widget"]["typed"] = typed
        # A browser's own control shows nothing of a text that it cannot read; what was typed must not be lost.
        context["widget"]["as_text"] = bool(typed.local) and local is None
        context["widget"]["which"] = meanings(local) if local and _readable(local) else []
        own = context["widget"]["attrs"]
        if "_error" in own.get("aria-describedby", ""):
            own["class"] += " govuk-input--error"
        return context


class MomentField(forms.Field):
    """An instant, typed as local time. A time that the night of the clock change makes unclear is asked about.

    `now` is the page's instant. `future` False refuses what is to come, True what has passed, None neither.
    """

    widget = MomentWidget
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": "Enter the date and time",
        "unreadable": "Enter a date and time like 23/11/2026 14:05",
        "which": "The clocks changed that night, so this time can mean two instants. Choose which it was",
        "future": "This lies in the future. Enter a time that has passed",
        "past": "This lies in the past. Enter a time to come",
    }

    def __init__(self, *, now: datetime, future: bool | None = False, **kwargs: Any) -> None:
        self.now, self.future = now, future
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """The instant in UTC. Raises ValidationError in words for whoever typed it."""
        if isinstance(value, datetime) or not value or not value.local.strip():
            return value if isinstance(value, datetime) else None
        local = read(value.local)
        if local is None or not _readable(local):
            raise ValidationError(self.error_messages["unreadable"], code="unreadable")
        possible = instants(local)
        if len(possible) == 2 and value.which not in WHICH:
            raise ValidationError(self.error_messages["which"], code="which")
        instant = possible[-1] if value.which == "later" else possible[0]
        if self.future is False and instant > self.now:
            raise ValidationError(self.error_messages["future"], code="future")
        if self.future is True and instant <= self.now:
            raise ValidationError(self.error_messages["past"], code="past")
        return instant

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another instant was typed than the one that stood there."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class ReasonField(forms.CharField):
    """Why, in a person's own words."""

    def __init__(self, *, label: str = "Reason", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 1000)
        kwargs.setdefault("error_messages", {"required": "Say why"})
        super().__init__(label=label, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)
