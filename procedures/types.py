"""An authority's written rules as frozen types. Pure: a procedure is read from TOML text and nothing else.

The shipped files (`procedures/*.toml`) show every value with the clause that it comes from.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from procedures.calendar import Calendar
from procedures.spans import Hours, Span, span


class Service(StrEnum):
    """What a child can be open to. The order is that of precedence where a rule names several (docs/rules.md)."""

    LOOKED_AFTER = "looked_after"
    CHILD_PROTECTION = "child_protection"
    CHILD_IN_NEED = "child_in_need"
    ASSESSMENT = "assessment"
    FAMILY_SERVICE = "family_service"
    YOUTH_JUSTICE = "youth_justice"
    CARE_LEAVER = "care_leaver"


class PlacementArea(StrEnum):
    """Where our looked-after child lives, seen from our own area."""

    IN_AREA = "in_area"
    NEIGHBOURING = "neighbouring"
    OUT_OF_AREA = "out_of_area"


class Destination(StrEnum):
    """Where a referral can be sent (docs/rules.md)."""

    WORKER = "worker"
    TEAM_MEMBER = "team_member"
    TRAY = "tray"
    DISCUSS = "discuss"
    PROVIDER = "provider"
    AUTHORITY = "authority"
    SOCIAL_CARE = "social_care"
    JOINED = "joined"


class Kind(StrEnum):
    """What an absence was, in the words of the yearly return on looked-after children."""

    MISSING = "missing"
    AWAY = "away"


class ProcedureInvalid(ValueError):
    """A procedure file cannot be used. The message names each key, what was expected there and what was found."""


Limit = Annotated[Span, BeforeValidator(span)]
Words = Annotated[str, Field(min_length=1)]
Day = Annotated[date, Field(strict=True)]
LocalTime = Annotated[time, Field(strict=True)]

CODE = r"^E\d{8}$"
NAME = r"^[a-z][a-z0-9_-]*$"
MAILBOX = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
ADDRESS = r"^https://\S+$"
#: What these patterns ask for.
PATTERNS = {
    CODE: "a code of the Office for National Statistics such as E06000066",
    NAME: "a name in small letters without spaces",
    MAILBOX: "an email address",
    ADDRESS: "an address that begins with https://",
}


class Frozen(BaseModel):
    """What every part of a procedure shares: nothing unknown is accepted, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Authority(Frozen):
    """Whose procedure this is."""

    code: Annotated[str, Field(pattern=CODE)]
    name: Words


class WorkingTime(Frozen):
    """The authority's own working time, where it differs from Monday to Friday, 09:00 to 17:00."""

    core_start: LocalTime = time(9)
    core_end: LocalTime = time(17)
    closure_days: frozenset[Day] = frozenset()

    @model_validator(mode="after")
    def _has_core_hours(self) -> Self:
        if self.core_end <= self.core_start:
            raise ValueError("core_end later in the day than core_start")
        return self


class Rule(Frozen):
    """One sentence of the authority's on who holds an interview. The first that matches decides.

    A rule that names services is about our own children unless `responsible` says otherwise.
    """

    name: Words
    clause: Words
    because: Words
    services: tuple[Service, ...] = ()
    age_below: Annotated[int, Field(gt=0)] | None = None
    responsible: Literal["ours", "other", "any"] | None = None
    placement: tuple[PlacementArea, ...] = ()
    to: Destination
    team: Words | None = None

    @property
    def whose_children(self) -> Literal["ours", "other", "any"]:
        """Whose children the rule speaks of, stated or implied."""
        return self.responsible or ("ours" if self.services else "any")

    @model_validator(mode="after")
    def _names_what_it_needs(self) -> Self:
        rests_on_an_involvement = {Destination.WORKER, Destination.TEAM_MEMBER, Destination.DISCUSS}
        if self.to is Destination.JOINED:
            raise ValueError("a destination that a rule can name; joining is set by routing.joining")
        if self.to in rests_on_an_involvement and not self.services:
            raise ValueError(f"services, because '{self.to}' sends to the worker or team of one of them")
        lies_in_a_named_tray = self.to in {Destination.TRAY, Destination.SOCIAL_CARE, Destination.DISCUSS}
        if lies_in_a_named_tray and not self.team:
            raise ValueError(f"team, because '{self.to}' lies in the tray of a named team")
        if self.team and not lies_in_a_named_tray:
            raise ValueError(f"no team, because '{self.to}' does not send to a team that a rule names")
        if self.placement and Service.LOOKED_AFTER not in self.services:
            raise ValueError("looked_after among the services, because only a looked-after child has a placement")
        if self.to is Destination.AUTHORITY and self.responsible != "other":
            raise ValueError('responsible = "other", because only another authority\'s child is theirs to interview')
        return self


class DefaultRule(Frozen):
    """Where a referral goes when no rule matches, so that routing always answers."""

    team: Words
    clause: Words
    because: Words


#: What decisions call the procedure's default and the joining of an open referral.
TAKEN_NAMES = ("default", "joining")


class Routing(Frozen):
    """Who holds an interview: the rules in their order, and what happens when none matches."""

    rules: tuple[Rule, ...]
    default: DefaultRule
    joining: bool = True
    kinds: frozenset[Kind] = frozenset({Kind.MISSING})
    providers_allowed: bool = False
    better_placed: Words | None = None
    dedicated_workers: bool = False

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        names = Counter([*(rule.name for rule in self.rules), *TAKEN_NAMES])
        if twice := [name for name, number in names.items() if number > 1]:
            raise ValueError(f"each rule with a name of its own; {', '.join(twice)} is taken")
        if any(rule.to is Destination.PROVIDER for rule in self.rules) and not self.providers_allowed:
            raise ValueError("providers_allowed = true, because a rule sends to a provider")
        for template in [*(rule.team for rule in self.rules if rule.team), self.default.team]:
            if set("{}") & set(template.replace("{area}", "")):
                raise ValueError(f"no placeholder but {{area}} in a team's name; found {template!r}")
        return self


class MissingAgain(StrEnum):
    """What becomes of the return clocks when the child goes missing again before the interview (docs/rules.md)."""

    FIRST = "first"
    LATEST = "latest"
    EXCLUDE = "exclude"


class Clocks(Frozen):
    """The authority's own deadlines, beside the two of the statutory guidance that every procedure has."""

    missing_again: MissingAgain = MissingAgain.FIRST
    assign: Limit | None = None
    offer: Limit | None = None
    contact: Limit | None = None
    interview: Limit | None = None
    write_up: Limit | None = None
    social_worker_contact: Limit | None = None
    social_worker_told: Limit | None = None
    strategy_meeting: Limit | None = None
    strategy_meeting_again: Limit | None = None
    discussion: Limit | None = None


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
    """Which letters the authority sends, when, and to whom."""

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

    number: Words
    free: bool
    given_to: Words


class Methods(Frozen):
    """How interviews and support are delivered."""

    interviews: tuple[Literal["face_to_face", "telephone", "video", "other"], ...] = ("face_to_face",)
    telephone_when_out_of_area: bool = False
    out_of_hours: OutOfHours | None = None


class Standards(Frozen):
    """The performance that the authority expects of itself, in percent."""

    offered_in_time: int | None = None
    offered_face_to_face: int | None = None
    held_in_time: int | None = None
    refused_at_most: int | None = None


class Basis(Frozen):
    """How "within 72 hours" is measured in the authority's answers (Nottinghamshire, question 6c)."""

    start: Literal["returned", "notified"] = "returned"
    limit: Limit = Hours(72)


class Counting(Frozen):
    """What the figures count."""

    kinds: frozenset[Kind] = frozenset({Kind.MISSING})
    month_of: Literal["last_seen", "reported", "returned"] = "last_seen"
    include_other_authorities: bool = True
    basis: Basis = Basis()
    standards: Standards = Standards()


class ContactPoint(Frozen):
    """A role that can be reached, never a person by name."""

    role: Words
    service: Words
    mailbox: Annotated[str, Field(pattern=MAILBOX)]
    for_children: Literal["all", "not_looked_after"] = "all"


class Guidance(Frozen):
    """A document that must be at hand while working."""

    title: Words
    address: Annotated[str, Field(pattern=ADDRESS)]


class Step(Frozen):
    """One step of the casework, in the authority's order."""

    clause: Words
    text: Words


class Support(Frozen):
    """A service that a child or family can be pointed to."""

    name: Words
    what: Words


class Procedure(Frozen):
    """Everything that one authority has written down."""

    name: Annotated[str, Field(pattern=NAME)]
    effective_from: Day
    authority: Authority
    working_time: WorkingTime = WorkingTime()
    routing: Routing
    clocks: Clocks = Clocks()
    contact: Contact | None = None
    letters: Letters = Letters()
    triggers: tuple[Trigger, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    plans: Plans = Plans()
    screening: Screening = Screening()
    follow_up: FollowUp = FollowUp()
    methods: Methods = Methods()
    counting: Counting = Counting()
    contacts: tuple[ContactPoint, ...] = ()
    guidance: tuple[Guidance, ...] = ()
    casework: tuple[Step, ...] = ()
    services: tuple[Support, ...] = ()

    @model_validator(mode="after")
    def _contact_rules_have_their_clock(self) -> Self:
        if (self.contact is None) is not (self.clocks.contact is None):
            raise ValueError("contact and clocks.contact together, or neither: the rules say what, the clock how long")
        return self

    @property
    def calendar(self) -> Calendar:
        """The authority's working days and core hours."""
        return Calendar(self.working_time.core_start, self.working_time.core_end, self.working_time.closure_days)


def read(text: str) -> Procedure:
    """Read a procedure from the text of its TOML file. Raises ProcedureInvalid, naming every key at fault."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProcedureInvalid(f"This is not a TOML file: {error}.") from error
    try:
        return Procedure.model_validate(values)
    except ValidationError as error:
        raise ProcedureInvalid("\n".join(_in_words(details) for details in error.errors())) from error


#: What was expected, by the kind of fault; `{}` takes the fault's own figures.
EXPECTED = {
    "string_type": "text in quotation marks",
    "string_too_short": "some text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a whole number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number from {ge}",
    "less_than_equal": "a number up to {le}",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "time_type": "a time such as 09:00:00, without quotation marks",
    "date_type": "a date such as 2018-01-01, without quotation marks",
    "tuple_type": "a list in square brackets",
    "frozen_set_type": "a list in square brackets",
    "model_type": "a table with keys of its own",
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
    "value_error": "{error}",
}


def _in_words(details: ErrorDetails) -> str:
    """One fault as `key: expected …, found …`."""
    key = ""
    for part in details["loc"]:
        key += f"[{int(part) + 1}]" if isinstance(part, int) else f".{part}"
    key = key.removeprefix(".") or "procedure"
    found = details["input"]
    match details["type"]:
        case "extra_forbidden":
            return f"{key}: expected no such key; it is unknown."
        case "missing":
            return f"{key}: expected a value, found none."
        case "string_pattern_mismatch":
            expected = PATTERNS[details["ctx"]["pattern"]]
        case fault if fault in EXPECTED:
            expected = EXPECTED[fault].format_map(details.get("ctx", {}))
        case _:
            expected = details["msg"]
    if isinstance(found, BaseModel | dict | list):
        return f"{key}: expected {expected}."
    return f"{key}: expected {expected}, found {found!r}."
