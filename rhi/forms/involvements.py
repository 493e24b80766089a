"""The form by which it is recorded, and put right, what a child is open to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms_gds.layout import Field, Fieldset, Fluid, Size
from django import forms

from episodes.intake import authorities_to_choose
from episodes.models import NAME, Involvement, PlacementArea, PlacementKind, Service
from rhi.forms.fields import DeskForm
from rhi.forms.recording import DayField, choice, text
from staff.models import Team, User

#: An end may be planned; a year beyond this is a slip of the finger.
LATEST_END = date(2200, 12, 31)
PLACED = ("placement_kind", "placement_area", "host", "placement_provider")


class InvolvementForm(DeskForm):
    """What a child is open to, since when, who works with them, and where a looked-after child is placed.

    `involvement` is the one on record or a new one, `teams` and `people` those who can be named; `people` are found
    by their name or address. One that a file has brought keeps the service and first day by which files know it.
    """

    def __init__(
        self,
        *args: Any,
        involvement: Involvement,
        teams: Sequence[Team],
        people: Sequence[User],
        latest: date,
        **kwargs: Any,
    ) -> None:
        self.involvement, self.latest = involvement, latest
        self.teams, self.people = {str(team.pk): team for team in teams}, people
        self.naming = involvement.pk is None or "service" in involvement.typed
        self.theirs = involvement.child.responsible_authority_id is not None
        super().__init__(*args, **kwargs)

    def drawn(self) -> list[Any]:
        wide = Fluid.TWO_THIRDS
        naming: list[Any] = []
        if self.naming:
            self.fields["service"] = forms.ChoiceField(
                label="Service",
                choices=[("", "Choose a service"), *Service.choices],
                error_messages={"required": "Choose the service"},
            )
            self.fields["start"] = DayField(label="First day", latest=self.latest, missing="Enter the first day")
            naming = [Field.select("service"), "start"]
        self.fields["end"] = DayField(
            label="Last day",
            latest=LATEST_END,
            missing="",
            required=False,
            help_text="Leave it empty while it goes on.",
        )
        self.fields["team"] = forms.ChoiceField(
            label="Team",
            required=False,
            choices=[("", "No team named"), *((key, team.name) for key, team in self.teams.items())],
        )
        worker = "worker_elsewhere" if self.theirs else "worker"
        if self.theirs:
            self.fields["worker_elsewhere"] = text("Worker of the other authority", 254)
        else:
            self.fields["worker"] = text("Worker", 254, hint="A name or an email address.")
        self.fields["placement_kind"] = choice("Kind of placement", PlacementKind.choices)
        self.fields["placement_area"] = choice("Where", PlacementArea.choices)
        self.fields["host"] = choice("Authority in whose area it is", authorities_to_choose())
        self.fields["placement_provider"] = text("Who provides it", NAME)
        return [
            Fieldset(*naming, "end", legend="What and when", legend_size=Size.MEDIUM),
            Fieldset(
                Field.select("team"),
                Field.text(worker, field_width=wide, **({} if self.theirs else {"list": "people"})),
                legend="Who works with the child",
                legend_size=Size.MEDIUM,
            ),
            Fieldset(
                *(Field.select(name) for name in PLACED[:3]),
                Field.text("placement_provider", field_width=wide),
                legend="The placement, of a looked-after child",
                legend_size=Size.MEDIUM,
            ),
        ]

    def clean_team(self) -> Team | None:
        """The team itself."""
        return self.teams.get(self.cleaned_data["team"])

    def clean_worker(self) -> User | None:
        """The person of this name or address. Raises ValidationError for nobody and for several."""
        typed = self.cleaned_data["worker"].strip().casefold()
        if not typed:
            return None
        found = [person for person in self.people if typed in (person.email.casefold(), person.name.casefold())]
        if not found:
            raise forms.ValidationError("Nobody of this name or address does case work here", code="nobody")
        if len(found) > 1:
            raise forms.ValidationError("Several people have this name: enter the email address", code="several")
        return found[0]

    def clean(self) -> dict[str, Any]:
        """Refuse a placement of a child who is not looked after."""
        cleaned = super().clean() or self.cleaned_data
        service = cleaned.get("service", self.involvement.service)
        if service and service != Service.LOOKED_AFTER:
            for name in PLACED:
                if cleaned.get(name):
                    self.add_error(name, "Only a looked-after child has a placement: choose that service, or leave it")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What was typed, as the records hold it; `host` is a code."""
        return dict(self.cleaned_data)


def of_involvement(involvement: Involvement) -> dict[str, Any]:
    """An involvement as the form shows it."""
    names = ["service", "start", "end", "worker_elsewhere", "placement_kind", "placement_area", "placement_provider"]
    return {name: getattr(involvement, name) for name in names} | {
        "team": str(involvement.team_id or ""),
        "worker": involvement.worker.email if involvement.worker else "",
        "host": involvement.host_authority.code if involvement.host_authority else "",
    }
