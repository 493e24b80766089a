"""Inviting and changing people and teams, and who belongs where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple

from crispy_forms_gds.layout import Field, Fluid
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from rhi.forms.fields import DeskForm
from staff.models import Team, User
from staff.permissions import Role


class Row(NamedTuple):
    """A team, or a person, that somebody or some team may belong to."""

    pk: int
    name: str
    hint: str


class MembershipsWidget(forms.Widget):
    """One row for each: whether a member, and whether that member may reassign the tray."""

    template_name = "components/memberships.html"

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__()
        self.rows = rows

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, bool]:  # noqa: ARG002 Django's shape
        members, may_reassign = data.getlist(name), data.getlist(f"{name}_may_reassign")
        return {pk: pk in may_reassign for pk in [*members, *may_reassign]}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        ticked = {str(pk): may for pk, may in (value or {}).items()}
        context["widget"]["rows"] = [
            {
                "pk": row.pk,
                "name": row.name,
                "hint": row.hint,
                "member": str(row.pk) in ticked,
                "may_reassign": ticked.get(str(row.pk), False),
            }
            for row in self.rows
        ]
        return context


class MembershipsField(forms.Field):
    """Who belongs: by the key of each row whether they may reassign the tray. May reassign implies belonging."""

    def __init__(self, *, rows: Iterable[Row], **kwargs: Any) -> None:
        self.rows = list(rows)
        super().__init__(widget=MembershipsWidget(self.rows), required=False, **kwargs)

    def to_python(self, value: Mapping[str, bool] | None) -> dict[int, bool]:
        known = {str(row.pk): row.pk for row in self.rows}
        if not (value or {}).keys() <= known.keys():
            raise ValidationError("Choose from the list", code="unknown")
        return {known[pk]: may for pk, may in (value or {}).items()}


class DayWidget(forms.DateInput):
    """A day by the browser's own control; what that cannot show, because it is no day, comes back as text."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        try:
            date.fromisoformat(context["widget"]["value"] or "2000-01-01")
        except ValueError:
            context["widget"]["type"] = "text"
        return context


class DayField(forms.DateField):
    """A local day."""

    widget = DayWidget

    def __init__(self, **kwargs: Any) -> None:
        no_day = "Enter a day like 23/11/2026"
        super().__init__(
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))],
            error_messages={"invalid": no_day, "min_value": no_day, "max_value": no_day, "required": "Enter the day"},
            **kwargs,
        )


def day(name: str) -> Field:
    """How a day is drawn."""
    return Field(name, css_class="govuk-input rhi-day")


class EmailField(forms.EmailField):
    """An address, in lower case as the books keep it."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {
            "required": "Enter an email address",
            "invalid": "Enter an email address like name@example.org",
            "max_length": "An email address has 254 characters at most",
        }
        super().__init__(max_length=254, error_messages=messages, **kwargs)

    def clean(self, value: Any) -> str:
        address: str = super().clean(value)
        return address.lower()


class NameField(forms.CharField):
    """What a person or a team is called."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {"required": "Enter a name", "max_length": "A name has 200 characters at most"}
        super().__init__(max_length=200, error_messages=messages, **kwargs)


def role_field() -> forms.ChoiceField:
    """What somebody comes to do."""
    return forms.ChoiceField(
        label="Role",
        choices=Role.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role", "invalid_choice": "Choose a role from the list"},
    )


class PersonForm(DeskForm):
    """Somebody's name, role and teams."""

    do = forms.CharField(widget=forms.HiddenInput, initial="change", required=False)
    name = NameField(label="Name")
    role = role_field()

    def __init__(self, *args: Any, teams: Iterable[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["memberships"] = MembershipsField(
            rows=teams, label="Teams", help_text="Whoever may reassign a tray says who holds what lies in it."
        )

    def drawn(self) -> list[Any]:
        return [
            "do",
            Field("name", css_class=Fluid.TWO_THIRDS, autocomplete="off"),
            Field.radios("role", legend_size="s", small=True),
            Field("memberships", template="%s/memberships.html"),
        ]


class InviteForm(PersonForm):
    """Somebody new, or somebody whom so far only records name."""

    do = None  # type: ignore[assignment]  # a page of its own
    email = EmailField(label="Email address", help_text="This is how they sign in and how records name them.")

    def drawn(self) -> list[Any]:
        address = Field("email", css_class=Fluid.TWO_THIRDS, autocomplete="off", spellcheck="false")
        return [address, *super().drawn()[1:]]


class ButtonForm(DeskForm):
    """Nothing to fill in; `do` says what its button does."""

    do = forms.CharField(widget=forms.HiddenInput)


class LeavingForm(DeskForm):
    """From when somebody is gone."""

    do = forms.CharField(widget=forms.HiddenInput, initial="leave", required=False)
    left_on = DayField(label="Gone from", help_text="From this day they cannot sign in and nothing is routed to them.")

    def drawn(self) -> list[Any]:
        return ["do", day("left_on")]


class TeamForm(DeskForm):
    """What a team is called, what it is, and between which days it takes work."""

    name = NameField(label="Name", help_text="Records know the team by this name.")
    kind = forms.ChoiceField(
        label="Kind",
        choices=Team.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of team it is", "invalid_choice": "Choose from the list"},
    )
    opened_on = DayField(label="Takes work from", help_text="A provider’s contract begins on this day.", required=False)
    closed_on = DayField(label="Closed from", help_text="From this day nothing is routed to it.", required=False)

    def drawn(self) -> list[Any]:
        return [
            Field("name", css_class=Fluid.TWO_THIRDS, autocomplete="off"),
            Field.radios("kind", legend_size="s", small=True),
            day("opened_on"),
            day("closed_on"),
        ]

    def clean(self) -> dict[str, Any]:
        """A provider has its contract's first day, and no team closes before it opens."""
        cleaned = super().clean() or {}
        opened_on, closed_on = cleaned.get("opened_on"), cleaned.get("closed_on")
        if opened_on and closed_on and closed_on < opened_on:
            self.add_error("closed_on", "A team cannot close before it takes work")
        if cleaned.get("kind") == Team.Kind.PROVIDER and not opened_on and "opened_on" not in self.errors:
            self.add_error("opened_on", "Enter the first day of the provider’s contract")
        return cleaned


class ChangeTeamForm(TeamForm):
    """A team with the people in it."""

    add = EmailField(
        label="Add somebody", help_text="The email address of a person who is on the books.", required=False
    )

    def __init__(self, *args: Any, members: Iterable[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(members)
        self.fields["memberships"] = MembershipsField(rows=rows, label="People in this team" if rows else "")

    def drawn(self) -> list[Any]:
        members = Field("memberships", template="%s/memberships.html")
        return [
            *super().drawn(),
            members,
            Field("add", css_class=Fluid.TWO_THIRDS, autocomplete="off", spellcheck="false"),
        ]

    def clean_add(self) -> User | None:
        """The person of this address. Raises ValidationError where nobody has it."""
        email = self.cleaned_data["add"]
        if not email:
            return None
        person = User.objects.filter(email=email).first()
        if person is None:
            raise ValidationError("Nobody has this address. Invite them first.", code="unknown")
        return person


class PeopleFilter(DeskForm):
    """Which people to list. Its answers stand in the address: keys and codes, nobody's name."""

    HERE, NOT_INVITED, LEFT = "here", "not_invited", "left"
    STANDING: ClassVar = [(HERE, "Work here"), (NOT_INVITED, "Not invited yet"), (LEFT, "Have left")]

    team = forms.TypedChoiceField(label="Team", coerce=int, empty_value=None, required=False)
    role = forms.ChoiceField(label="Role", choices=[("", "Any"), *Role.choices], required=False)
    standing = forms.ChoiceField(label="Who", choices=STANDING, required=False)
    page = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=10_000, required=False)

    def __init__(self, *args: Any, teams: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Any"), *((str(team.pk), team.name) for team in teams)]
        self.fields["team"].choices = choices  # type: ignore[attr-defined]

    def drawn(self) -> list[Any]:
        return ["team", "role", "standing"]
