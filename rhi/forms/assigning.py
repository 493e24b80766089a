"""Choosing who holds a referral."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import ConditionalQuestion, ConditionalRadios, Field, Size
from django import forms
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.html import escape

from episodes.models import Involvement, Service
from procedures.calendar import local_date
from rhi.actions.assigning import Answer, Place, case_places, may_receive
from rhi.actions.sight import WORKERS, Sight, people_of
from rhi.forms.fields import DeskForm, ReasonField
from routing.models import Allocation, Deadline, Referral
from staff.models import Team, User

TRAY = "tray"
BETTER_PLACED = "better_placed"
ANOTHER_TEAM = "team"


@dataclass(frozen=True)
class Candidate:
    """Somebody who can be given a referral, with what helps to choose."""

    person: User
    about: str
    held: int
    late: int

    @property
    def hint(self) -> str:
        """`The worker holding the case (Family service). Holds 4 referrals, 1 late.`"""
        load = f"Holds {self.held} referral{'' if self.held == 1 else 's'}" if self.held else "Holds none"
        return f"{self.about} {load}{f', {self.late} late' if self.late else ''}.".strip()


def workload(people: Iterable[int], *, seen_by: User, now: datetime) -> dict[int, tuple[int, int]]:
    """How many open referrals each of these people holds, and how many of those have a clock past due: one query.

    Counted are those that the person who looks may see: a restricted child is in no count.
    """
    overdue = Deadline.objects.filter(referral=OuterRef("referral"), settled="", due_at__lt=now)
    rows = (
        Allocation.objects.filter(
            worker__in=list(people),
            until__isnull=True,
            referral__in=Referral.objects.visible_to(seen_by, now).filter(closed_at__isnull=True).values("pk"),
        )
        .alias(overdue=Exists(overdue))
        .values_list("worker")
        .annotate(held=Count("pk"), late=Count("pk", filter=Q(overdue=True)))
    )
    return {worker: (held, late) for worker, held, late in rows}


def candidates(referral: Referral, holding: Allocation | None, *, by: User, now: datetime) -> list[Candidate]:
    """Whom one referral can be given to: the worker holding the case first, then the team's own (Somerset 4.2).

    Neither whoever holds it now nor anybody who has left or would not see the child, who may be restricted. Five
    queries; one more for a restricted child.
    """
    today = local_date(now)
    sight = Sight([referral.child], now)
    about: dict[int, str] = {}
    people: dict[int, User] = {}
    for involvement, place in case_places(referral, on=today):
        if place.worker and place.worker.role in WORKERS and place.worker.pk not in people:
            people[place.worker.pk] = place.worker
            service = Service(involvement.service).label
            about[place.worker.pk] = f"The worker holding the case ({service}). Not independent of the child’s care."
    dedicated = referral.version.procedure.routing.dedicated_workers
    team = holding.team_id if holding else None
    for member in people_of([team], on=today).get(team, []) if team else []:
        if member.pk not in people:
            people[member.pk] = member
            about[member.pk] = "Dedicated worker." if dedicated else ""
    people.pop(holding.worker_id if holding and holding.worker_id else 0, None)
    people = {key: person for key, person in people.items() if sight.sees(person, referral.child_id)}
    load = workload(people, seen_by=by, now=now)
    return [Candidate(person, about[key], *load.get(key, (0, 0))) for key, person in people.items()]


def candidates_for_many(
    team: Team, holders: Mapping[int, Allocation], referrals: Sequence[Referral], *, by: User, now: datetime
) -> list[Candidate]:
    """Whom several referrals of one tray can be given to: those holding the case of any of the children first.

    Leavers never, nor the one person who holds all of them. Of whoever would not see one of the children, who is
    restricted, it says so: without that one they can be given the rest. Three queries; one more where one is
    restricted.
    """
    today = local_date(now)
    sight = Sight([referral.child for referral in referrals], now)
    everybody = people_of([team.pk], on=today).get(team.pk, [])
    cases = {
        row["worker"]: row["number"]
        for row in Involvement.objects.filter(
            Q(end__isnull=True) | Q(end__gte=today),
            child__in={referral.child_id for referral in referrals},
            start__lte=today,
            worker__in=[person.pk for person in everybody],
        )
        .values("worker")
        .annotate(number=Count("child", distinct=True))
    }
    holding = {allocation.worker_id for allocation in holders.values()}
    people = [person for person in everybody if holding != {person.pk}]
    people.sort(key=lambda person: -cases.get(person.pk, 0))
    load = workload([person.pk for person in people], seen_by=by, now=now)
    return [
        Candidate(person, _about(person, cases.get(person.pk, 0), referrals, sight), *load.get(person.pk, (0, 0)))
        for person in people
    ]


def _about(person: User, cases: int, referrals: Sequence[Referral], sight: Sight) -> str:
    unseen = [str(referral) for referral in referrals if not sight.sees(person, referral.child_id)]
    words = [
        f"Holds the case of {cases} of these children, so is not independent there." if cases else "",
        f"Cannot be given {' and '.join(unseen)}: restricted, and not named for the child." if unseen else "",
    ]
    return " ".join(filter(None, words))


def receiving_teams(referral: Referral, holding: Allocation | None, *, now: datetime) -> list[Team]:
    """The teams in whose tray a referral can lie, by name: where it lies, and others of whom somebody sees the child.

    One query; one more for a restricted child.
    """
    procedure, today, sight = referral.version.procedure, local_date(now), Sight([referral.child], now)
    teams = [team for team in Team.objects.order_by("name") if may_receive(team, procedure, today)]
    here = holding.team if holding else None
    seeing = sight.open_to([team for team in teams if team != here], referral.child_id)
    return [team for team in teams if team == here or team in seeing]


class HoldingForm(DeskForm):
    """A form that was shown while one allocation held, which it names."""

    holding = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def held(self) -> int | None:
        """The allocation (primary key) that held when the form was shown; None when none did."""
        return primary_key(self.cleaned_data["holding"])

    def show_with(self, holding: Allocation | None) -> None:
        """Let the form name the allocation that holds now, for when it is shown again after somebody moved it."""
        typed = {name: self.data.get(name) for name in self.data}
        self.data = typed | {"holding": str(holding.pk) if holding else ""}


def primary_key(typed: str) -> int | None:
    """A primary key as a form carries it; None for anything else."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None


class ChooseForm(DeskForm):
    """Which worker, by radio button with their workload; or back to the tray, where somebody holds it.

    Of one that is `closed` only the form is left to be written up, and that lies in no tray.
    """

    holder = forms.ChoiceField(
        label="Who holds it from now on?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who holds it", "invalid_choice": "This person cannot be chosen any more"},
    )
    reason = ReasonField(required=False)

    def __init__(
        self, data: Any = None, *, people: Sequence[Candidate], taken: bool, closed: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.people = {str(each.person.pk): each.person for each in people}
        choices = [Choice(str(each.person.pk), escape(each.person.name), hint=each.hint) for each in people]
        if taken and not closed:
            if choices:
                choices[-1].divider = "or"
            choices.append(Choice(TRAY, "Nobody: back to the tray"))
        field = self.fields["holder"]
        field.choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["reason"].label = "Reason" if taken else "Reason (optional)"
        if closed:
            field.label = "Who writes it up?"

    @property
    def worker(self) -> User | None:
        """The worker chosen; None for the tray."""
        return self.people.get(self.cleaned_data["holder"])

    def drawn(self) -> list[Any]:
        return [Field.radios("holder", legend_size=Size.MEDIUM), "reason"]


class AssignForm(ChooseForm, HoldingForm):
    """Which worker holds one referral."""

    def drawn(self) -> list[Any]:
        return ["holding", *super().drawn()]


class TeamForm(HoldingForm):
    """Which team's tray it lies in from now on, and why."""

    team = forms.ChoiceField(
        label="Team",
        error_messages={"required": "Choose a team", "invalid_choice": "This team cannot be chosen any more"},
    )
    reason = ReasonField()

    def __init__(self, data: Any = None, *, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.teams = {str(team.pk): team for team in teams}
        field = self.fields["team"]
        field.choices = team_choices(teams)  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def chosen(self) -> Team:
        """The team chosen."""
        return self.teams[self.cleaned_data["team"]]


def team_choices(teams: Sequence[Team]) -> list[tuple[str, str]]:
    """The teams to choose from; a provider is marked as one."""
    provider = Team.Kind.PROVIDER
    named = [(str(team.pk), f"{team} (provider)" if team.kind == provider else str(team)) for team in teams]
    return [("", "Choose a team"), *named]


class SettleForm(HoldingForm):
    """The two answers of a discussion, each with its reason."""

    answer = forms.ChoiceField(
        label="Who holds the interview?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who holds the interview"},
    )
    reason = ReasonField()

    def __init__(self, data: Any = None, *, asking: Place, asked: Place | None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        choices = [Choice(Answer.ASKING.value, escape(f"{asking}"), hint="The team that asks keeps it.")]
        if asked:
            hint = "The allocated worker holds it." if asked.worker else "The allocated team holds it."
            choices.append(Choice(Answer.ASKED.value, escape(f"{asked}"), hint=hint))
        field = self.fields["answer"]
        field.choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def drawn(self) -> list[Any]:
        return ["holding", Field.radios("answer", legend_size=Size.MEDIUM), "reason"]


class OverrideForm(HoldingForm):
    """Who holds it otherwise than by the rules: the team that is better placed, a worker of the child, another team."""

    to = forms.ChoiceField(
        label="Who holds it instead?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who holds it instead"},
    )
    team = forms.ChoiceField(label="Which team?", required=False)
    reason = ReasonField(label="Why is this better than what the rules decided?")

    def __init__(
        self,
        data: Any = None,
        *,
        better_placed: Team | None,
        workers: Sequence[tuple[Involvement, Place]],
        teams: Sequence[Team],
        **kwargs: Any,
    ) -> None:
        self.places: dict[str, Place] = {}
        self.labels: dict[str, str] = {}
        if better_placed:
            self._offer(BETTER_PLACED, Place(better_placed), f"{better_placed} is better placed")
        for involvement, place in workers:
            if place.worker:
                service = Service(involvement.service).label
                self._offer(f"worker-{place.worker.pk}", place, f"{place.worker}, the child’s worker ({service})")
        self.labels[ANOTHER_TEAM] = "Another team"
        super().__init__(data, **kwargs)
        self.teams = {str(team.pk): team for team in teams}
        for name, choices in {"to": [*self.labels.items()], "team": team_choices(teams)}.items():
            field = self.fields[name]
            field.choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def _offer(self, value: str, place: Place, words: str) -> None:
        if value not in self.places:
            self.places[value] = place
            self.labels[value] = escape(words)

    @property
    def place(self) -> Place:
        """Where it goes."""
        to = self.cleaned_data["to"]
        return self.places[to] if to in self.places else Place(self.teams[self.cleaned_data["team"]])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("to") == ANOTHER_TEAM and not cleaned.get("team"):
            self.add_error("team", "Choose a team")
        return cleaned

    def drawn(self) -> list[Any]:
        choices = list(self.labels.values())
        return ["holding", ConditionalRadios("to", *choices[:-1], ConditionalQuestion(choices[-1], "team")), "reason"]
