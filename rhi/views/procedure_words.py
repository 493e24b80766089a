"""A procedure in plain English, section by section, each value with the sentence that it comes from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from procedures.types import Destination, Kind, MissingAgain, PlacementArea, Procedure, Rule
from rhi.views import procedure_lines as lines
from rhi.views.procedure_lines import KINDS, SERVICES, Line, Said, Section, either, length

PLACED = {
    PlacementArea.IN_AREA: "in our area",
    PlacementArea.NEIGHBOURING: "in a neighbouring authority",
    PlacementArea.OUT_OF_AREA: "beyond our area and its neighbours",
}
MISSING_AGAIN = {
    MissingAgain.FIRST: "Each return keeps its own clocks; the earliest governs the tray.",
    MissingAgain.LATEST: "The clocks begin anew at the newest return, and stand still while the child is missing.",
    MissingAgain.EXCLUDE: "The earlier episode leaves the clocks and the 72-hour figures.",
}
#: What each clock of the authority's own measures: its name, from when, and until what.
CLOCKS = {
    "assign": ("A worker assigned", "reaching the tray", "a worker holds it"),
    "offer": ("Offer", "the service being told of the return", "the interview is offered to the child"),
    "contact": (
        "Contact",
        "the service being told of the return",
        "the child or a carer is spoken to, or the needed attempts are made",
    ),
    "interview": ("Interview after acceptance", "the child’s acceptance", "the interview is held"),
    "write_up": ("Written up", "the interview", "its form is submitted"),
    "social_worker_contact": ("The social worker sees the child", "the return", "the contact is recorded"),
    "social_worker_told": (
        "The social worker of a child placed away is told",
        "the child being last seen",
        "the social worker is told",
    ),
    "strategy_meeting": (
        "Strategy meeting on a looked-after child",
        "the child being last seen",
        "the meeting is held or the child located",
    ),
    "strategy_meeting_again": (
        "Strategy meeting, again",
        "the meeting before",
        "the next meeting is held or the child located",
    ),
    "discussion": ("Discussion of who holds it", "the question being asked", "it is answered"),
}


@dataclass(frozen=True)
class RuleInWords:
    """One rule on who holds the interview: about which child, who holds it, why, and the clause."""

    name: str
    about: str
    holder: str
    because: str
    clause: str


def _team(template: str) -> str:
    return template.replace(": {area}", " of the child’s area").replace("{area}", "the child’s area")


def rules(procedure: Procedure) -> list[RuleInWords]:
    """The rules in their order, the default last: the first that fits decides."""
    default = procedure.routing.default
    return [
        *(
            RuleInWords(rule.name, _about(rule), _holder(rule), rule.because, rule.clause)
            for rule in procedure.routing.rules
        ),
        RuleInWords("default", "Every other child", _team(default.team), default.because, default.clause),
    ]


def _about(rule: Rule) -> str:
    """Of which child a rule speaks: `Our own child who is looked after and placed in our area`."""
    whose = {"ours": "Our own child", "other": "Another authority’s child", "any": "Any child"}[rule.whose_children]
    conditions = []
    if rule.services:
        conditions.append(either([SERVICES[service] for service in rule.services]))
    if rule.placement:
        conditions.append(f"placed {either([PLACED[area] for area in rule.placement])}")
    if rule.age_below:
        conditions.append(f"under {rule.age_below} on the day of return")
    return f"{whose} who is {' and '.join(conditions)}" if conditions else whose


def _holder(rule: Rule) -> str:
    team = _team(rule.team or "")
    match rule.to:
        case Destination.WORKER:
            return "The allocated worker"
        case Destination.TEAM_MEMBER:
            return "A member of the allocated team"
        case Destination.DISCUSS:
            return f"{team} and the allocated worker discuss which of them holds it"
        case Destination.PROVIDER:
            return "An approved provider"
        case Destination.AUTHORITY:
            return "The responsible authority, which is told"
        case _:
            return team


COMMENTED = re.compile(r'^(?P<key>[a-z_]+) *= *(?P<value>(?:"(?:[^"\\]|\\.)*"|[^"#])*)#(?P<comment>.*)$')


def sources(text: str) -> Said:
    """What the procedure file says beside each value, by the value's full name (`clocks.offer`)."""
    found: Said = defaultdict(str)
    table = name = ""
    for line in text.splitlines():
        if heading := re.match(r"^\[+([a-z_.]+)\]+", line):
            table = f"{heading[1]}."
        elif match := COMMENTED.match(line):
            found[table + match["key"]] = match["comment"].strip()
        elif opening := re.match(r"^([a-z_]+) *= *\[$", line):
            name = table + opening[1]
        elif name and (closing := re.match(r"^\] *# *(.+)$", line)):
            found[name] = closing[1].strip()
    return found


def sections(procedure: Procedure, text: str) -> list[Section]:
    """What the procedure says, subject by subject; `text` is its file, whose comments tell where a value comes from."""
    said = sources(text)
    return [
        Section(
            "screening",
            "Reports",
            tuple(_screening(procedure, said)),
            "The procedure names nobody who screens or enters them.",
        ),
        Section("routing", "More on who holds it", tuple(_routing(procedure, said))),
        Section("clocks", "Clocks", tuple(_clocks(procedure, said))),
        Section(
            "contact",
            "Reaching the child",
            tuple(lines.contact(procedure, said)),
            "The procedure does not say how often to try.",
        ),
        Section("reminders", "Reminders", tuple(lines.reminders(procedure, said))),
        Section("letters", "Letters", tuple(lines.letters(procedure, said)), "The procedure names no letters."),
        Section(
            "repeat",
            "Going missing again and again",
            tuple(lines.repeat(procedure)),
            "The procedure names no meetings or panels.",
        ),
        Section("plans", "Plans and screens", tuple(lines.plans(procedure, said)), "The procedure asks for none."),
        Section("after", "After the interview", tuple(lines.after(procedure, said)), "The procedure does not say."),
        Section("methods", "How interviews are held", tuple(lines.methods(procedure, said))),
        Section("counting", "What the figures count", tuple(lines.counting(procedure, said))),
        Section(
            "services",
            "Services to point to",
            tuple(Line(service.name, (service.what,)) for service in procedure.services),
            "The procedure names none.",
        ),
    ]


def _routing(procedure: Procedure, said: Said) -> Iterator[Line]:
    routing = procedure.routing
    kinds = either([KINDS[kind] for kind in Kind if kind in routing.kinds])
    yield Line("An interview is owed", (f"After every return of a child who was {kinds}.",), said["routing.kinds"])
    joins = (
        "A return while the child’s referral is open and its interview not yet held joins that referral."
        if routing.joining
        else "Every return gets a referral of its own."
    )
    yield Line("Several returns", (joins,), said["routing.joining"])
    bought = (
        ("Interviews may be bought from them.",)
        if routing.providers_allowed
        else ("No rule sends a referral to one, and nobody can hand one over.", "One keeps what it holds already.")
    )
    yield Line("Approved providers", bought, said["routing.providers_allowed"])
    if routing.better_placed:
        yield Line(
            "Better placed",
            (f"Somebody may decide, with a reason, that {routing.better_placed} is better placed.",),
            said["routing.better_placed"],
        )
    if routing.dedicated_workers:
        yield Line(
            "Dedicated workers",
            ("A referral goes to the worker who holds the child’s case, or to one of the team’s dedicated workers.",),
            said["routing.dedicated_workers"],
        )
    if (
        routing.dedicated_workers
        or procedure.screening.every_report_by
        or procedure.screening.only_enters_notifications
    ):
        yield from _screening(procedure, said)


def _screening(procedure: Procedure, said: Said) -> Iterator[Line]:
    screening = procedure.screening
    if screening.every_report_by:
        words = [f"By: {screening.every_report_by}."]
        if screening.no_apparent_risk == "where_appropriate":
            words.append("A report without apparent risk is screened too, and an interview offered where appropriate.")
        yield Line("Every report is screened", tuple(words), said["screening.every_report_by"])
    if screening.only_enters_notifications:
        yield Line(
            "Notifications are entered by",
            (f"{screening.only_enters_notifications} alone.",),
            said["screening.only_enters_notifications"],
        )


def _clocks(procedure: Procedure, said: Said) -> Iterator[Line]:
    yield Line("Interview within 72 hours", ("72 hours from the return, until the interview is held.",), "Statutory")
    yield Line(
        "Interview within 3 working days",
        ("3 working days from the return, until the interview is held.",),
        "Statutory",
    )
    for key, (name, start, stop) in CLOCKS.items():
        span = getattr(procedure.clocks, key)
        if span:
            yield Line(name, (f"{length(span)} from {start}, until {stop}.",), said[f"clocks.{key}"])
    yield Line(
        "Missing again before the interview",
        (MISSING_AGAIN[procedure.clocks.missing_again],),
        said["clocks.missing_again"],
    )
    hours = procedure.working_time
    words = [
        "Monday to Friday, less England’s bank holidays.",
        f"Core hours are {hours.core_start:%H:%M} to {hours.core_end:%H:%M}.",
    ]
    if hours.closure_days:
        words.append(f"Also closed: {', '.join(f'{day:%-d %B %Y}' for day in sorted(hours.closure_days))}.")
    yield Line("Working days", tuple(words), said["working_time.core_start"])
