"""How a child is reached and interviewed, who is written to, and what follows."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from procedures.types.frozen import Frozen, Words
from procedures.types.vocabulary import Service


class Contact(Frozen):
    """What must have been tried before a child counts as not reached (Somerset 4.5)."""

    attempts: Annotated[int, Field(gt=0)]
    outside_core_hours: Annotated[int, Field(ge=0)] = 0
    different_parts_of_day: Annotated[int, Field(ge=1, le=3)] = 1
    child_and_carer: bool = True


class Addressees(Frozen):
    """Who gets a letter, by the child's age in years (Somerset 4.6 and docs/rules.md)."""

    child_from: int = 13
    only_child_when_independent_from: int = 16


class Letters(Frozen):
    """Which letters the authority sends, when, to whom, and who says "we" in them.

    Families are told to turn to the first of the procedure's contacts.
    """

    we_are: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    return_address: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(max_length=5)] = ()

    no_contact: bool = False
    refusal: bool = False
    signposting: bool = False
    chase_after_working_days: tuple[Annotated[int, Field(gt=0)], ...] = ()
    counts_as_offer: bool = False
    addressees: Addressees = Addressees()


class Trigger(Frozen):
    """So many absences in so long, and what then has to happen."""

    name: Words
    clause: Words
    episodes: Annotated[int, Field(gt=1)]
    rolling_days: Annotated[int, Field(gt=0)] | None = None
    calendar_month: bool = False
    action: Words

    @model_validator(mode="after")
    def _has_one_window(self) -> Self:
        if (self.rolling_days is None) is not self.calendar_month:
            raise ValueError("either rolling_days or calendar_month = true")
        return self


class Meeting(Frozen):
    """A list or meeting that comes round by itself."""

    name: Words
    clause: Words
    every: Literal["day", "week", "month"]
    to: Words


class Plans(Frozen):
    """What has to be drawn up beside the interview."""

    safety_plan_every_episode: bool = False
    exploitation_screen_from_age: int | None = None
    prevention_plan_without_social_worker: bool = False
    reasons_for_no_prevention_plan: tuple[Words, ...] = ()
    specialist_service_for_exploitation: Words | None = None
    targeted_intervention_after_episodes: int | None = None


class Screening(Frozen):
    """Who reads what the police report, and who may enter it."""

    every_report_by: Words | None = None
    no_apparent_risk: Literal["as_missing", "where_appropriate"] = "as_missing"
    only_enters_notifications: Words | None = None


class FollowUp(Frozen):
    """What follows from an interview."""

    refer_when_open_to_nobody: Words | None = None
    then_one_of: tuple[Words, ...] = ()
    otherwise_by: Words | None = None
    coordinator_reads_all: bool = False
    significant_harm_to: Words | None = None
    tell: tuple[Words, ...] = ()
    consent_decides_what_is_shared: bool = False
    email_allocated_social_worker: bool = False
    significant_event_note_for: tuple[Service, ...] = ()
    form_to_responsible_authority: bool = False


class OutOfHours(Frozen):
    """The number that children and families can ring when the office is closed."""

    number: Annotated[str, Field(min_length=1, max_length=30)]
    free: bool
    given_to: Words


class Methods(Frozen):
    """How interviews and support are delivered."""

    interviews: tuple[Literal["face_to_face", "telephone", "video", "other"], ...] = ("face_to_face",)
    telephone_when_out_of_area: bool = False
    out_of_hours: OutOfHours | None = None
