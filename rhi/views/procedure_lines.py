"""What a procedure says of contact, letters, plans, follow-up, methods and figures, as lines in plain English."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from procedures.spans import CalendarDays, CoreDays, CoreHours, Hours, Lead, Span, WorkingDays
from procedures.types import Destination, Kind, Procedure, Service

SERVICES = {
    Service.LOOKED_AFTER: "looked after",
    Service.CHILD_PROTECTION: "under child protection",
    Service.CHILD_IN_NEED: "a child in need",
    Service.ASSESSMENT: "being assessed",
    Service.FAMILY_SERVICE: "open to the family service",
    Service.YOUTH_JUSTICE: "open to youth justice",
    Service.CARE_LEAVER: "a care leaver",
}
KINDS = {Kind.MISSING: "missing", Kind.AWAY: "away without authorisation"}
EVERY = {"day": "Every day", "week": "Every week", "month": "Every month"}
MONTHS = {
    "last_seen": "The month in which the child was last seen.",
    "reported": "The month in which the episode was reported.",
    "returned": "The month in which the child came back.",
}


@dataclass(frozen=True)
class Line:
    """One thing that the procedure says: a short name, its words, and the clause or sentence that they come from."""

    name: str
    words: tuple[str, ...]
    source: str = ""


@dataclass(frozen=True)
class Section:
    """Lines about one subject; `otherwise` stands where the procedure says nothing."""

    id: str
    title: str
    lines: tuple[Line, ...]
    otherwise: str = ""


#: What the procedure file says beside each value, by the value's full name; empty where it says nothing.
Said = defaultdict[str, str]


def length(span: Span | Lead) -> str:
    """How long a deadline is, or how long before one: `72 hours`, `3 working days`."""
    match span:
        case Hours(number):
            return _number(number, "hour")
        case CoreHours(number):
            return _number(number, "core hour")
        case WorkingDays(number):
            return _number(number, "working day")
        case CalendarDays(number):
            return _number(number, "day")
        case CoreDays(number):
            return f"{_number(number, 'core day')} (counted in core hours)"


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def either(words: list[str]) -> str:
    """`missing or away`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def contact(procedure: Procedure, said: Said) -> Iterator[Line]:
    """What must have been tried before a child counts as not reached."""
    rules = procedure.contact
    if rules is None:
        return
    yield Line("Attempts", (f"At least {rules.attempts}.",), said["contact.attempts"])
    if rules.outside_core_hours:
        yield Line(
            "Outside core hours",
            (f"At least {rules.outside_core_hours} of them.",),
            said["contact.outside_core_hours"],
        )
    if rules.different_parts_of_day > 1:
        yield Line(
            "Times of day",
            (f"In at least {rules.different_parts_of_day} of morning, afternoon and evening.",),
            said["contact.different_parts_of_day"],
        )
    if rules.child_and_carer:
        yield Line(
            "Whom to try",
            ("The child and a parent or carer, each at least once.",),
            said["contact.child_and_carer"],
        )


#: The clocks of which people are reminded, by the name of their lead, in words for the middle of a sentence.
REMINDED = {
    "seventy_two_hours": "interview within 72 hours",
    "three_working_days": "interview within 3 working days",
    "offer": "offer",
    "contact": "contact",
    "interview": "interview after acceptance",
    "assign": "a worker assigned",
    "write_up": "written up",
}
OUR_OWN = "The document does not say; ours."


def reminders(procedure: Procedure, said: Said) -> Iterator[Line]:
    """When people are told that something runs out, has run out, or has not been done."""
    clocks, rules = procedure.clocks, procedure.reminders
    by_lead: dict[Lead, list[str]] = defaultdict(list)
    for name, words in REMINDED.items():
        if getattr(clocks, name, True):
            by_lead[getattr(rules, name)].append(words)
    written = next((said[f"reminders.{name}"] for name in REMINDED if said[f"reminders.{name}"]), OUR_OWN)
    yield Line(
        "Before a clock runs out",
        (
            *(f"{length(lead)} before: {', '.join(words)}." for lead, words in by_lead.items()),
            "Always in core hours: what ends at a weekend is announced on the last working day before it.",
        ),
        written,
    )
    yield Line("When it has run out", ("At once, to the worker and the team’s leaders.",), OUR_OWN)
    asks = any(rule.to is Destination.DISCUSS for rule in procedure.routing.rules)
    for name, title, when, shown in (
        ("no_attempt", "Nobody tried yet", "in a worker’s hands", True),
        ("after_appointment", "Booked time passed", "without a word of what became of it", True),
        ("not_assigned", "Nobody assigned", "without a worker", not clocks.assign),
        ("not_written_up", "Not written up", "after the interview or the outcome", not clocks.write_up),
        ("not_answered", "Discussion unanswered", "after the question was asked", asks and not clocks.discussion),
    ):
        if shown:
            words = f"{length(getattr(rules, name))} {when}."
            yield Line(title, (words,), said[f"reminders.{name}"] or OUR_OWN)


def letters(procedure: Procedure, said: Said) -> Iterator[Line]:
    """Which letters go out, when and to whom."""
    letters = procedure.letters
    if letters.no_contact:
        yield Line(
            "No contact",
            ("When the needed attempts are made and the last day is over.",),
            said["letters.no_contact"],
        )
    if letters.refusal:
        yield Line("Refusal", ("After the child’s refusal: the services available.",), said["letters.refusal"])
    if letters.signposting:
        yield Line("Signposting", ("Leaflets and services, on request.",), said["letters.signposting"])
    if letters.chase_after_working_days:
        days = " and ".join(str(day) for day in letters.chase_after_working_days)
        yield Line(
            "Chase letters",
            (f"{days} working days after the first offer or attempt without an answer.",),
            said["letters.chase_after_working_days"],
        )
    else:
        yield Line("Chase letters", ("No chase letters are sent.",), said["letters.chase_after_working_days"])
    if letters.no_contact or letters.refusal or letters.chase_after_working_days:
        child, alone = letters.addressees.child_from, letters.addressees.only_child_when_independent_from
        yield Line(
            "To whom",
            (
                f"Under {child}: the parent or carer. From {child}: both.",
                "Never to a carer who is not marked as safe to contact.",
                "To the family of a looked-after child only when a worker chooses so.",
            ),
            said["letters.addressees.child_from"],
        )
        yield Line(
            "Living independently",
            (f"From {alone}: to the young person only.",),
            said["letters.addressees.only_child_when_independent_from"],
        )
        counts = "A letter counts as an offer." if letters.counts_as_offer else "A letter does not count as an offer."
        yield Line("As an offer", (counts,), said["letters.counts_as_offer"])
    if letters.we_are:
        yield Line("Who writes", (f"“We are {letters.we_are}.”",), said["letters.we_are"])
    if letters.return_address:
        yield Line("Returned to", (f"{', '.join(letters.return_address)}.",), said["letters.return_address"])


def repeat(procedure: Procedure) -> Iterator[Line]:
    """What has to happen when a child goes missing repeatedly, and which meetings come round."""
    for trigger in procedure.triggers:
        window = "in a calendar month" if trigger.calendar_month else f"in {trigger.rolling_days} days"
        yield Line(f"{trigger.episodes} times {window}", (f"{trigger.action}.",), trigger.clause)
    for meeting in procedure.meetings:
        yield Line(meeting.name, (f"{EVERY[meeting.every]}: {meeting.to}.",), meeting.clause)


def plans(procedure: Procedure, said: Said) -> Iterator[Line]:
    """What has to be drawn up beside the interview."""
    plans = procedure.plans
    if plans.safety_plan_every_episode:
        yield Line(
            "Safety plan",
            ("A multi-agency safety plan after every episode.",),
            said["plans.safety_plan_every_episode"],
        )
    if plans.exploitation_screen_from_age:
        yield Line(
            "Exploitation screen",
            (f"From {plans.exploitation_screen_from_age}, unless a social worker’s is newer than the episode.",),
            said["plans.exploitation_screen_from_age"],
        )
    if plans.prevention_plan_without_social_worker:
        yield Line(
            "Prevention plan",
            (
                "A risk assessment and prevention plan where there is no social worker, or the reason why not:",
                *plans.reasons_for_no_prevention_plan,
            ),
            said["plans.prevention_plan_without_social_worker"],
        )
    if plans.specialist_service_for_exploitation:
        yield Line(
            "Signs of exploitation",
            (f"{plans.specialist_service_for_exploitation}.",),
            said["plans.specialist_service_for_exploitation"],
        )
    if plans.targeted_intervention_after_episodes:
        yield Line(
            "Early intervention",
            (f"A short, targeted one is offered after {plans.targeted_intervention_after_episodes} episodes.",),
            said["plans.targeted_intervention_after_episodes"],
        )


def after(procedure: Procedure, said: Said) -> Iterator[Line]:
    """What follows from an interview, and who learns of it."""
    follow_up = procedure.follow_up
    if follow_up.coordinator_reads_all:
        yield Line("Every interview is read", ("By the missing coordinator.",), said["follow_up.coordinator_reads_all"])
    if follow_up.refer_when_open_to_nobody:
        then = f"Then one of: {either(list(follow_up.then_one_of))}." if follow_up.then_one_of else ""
        words = (f"Referred to {follow_up.refer_when_open_to_nobody}.", then)
        yield Line(
            "Support is needed, and the child is open to nobody",
            tuple(filter(None, words)),
            said["follow_up.refer_when_open_to_nobody"],
        )
    if follow_up.otherwise_by:
        yield Line("Support is delivered by", (f"{follow_up.otherwise_by}.",), said["follow_up.otherwise_by"])
    if follow_up.significant_harm_to:
        yield Line(
            "Signs of significant harm",
            (f"Referred to {follow_up.significant_harm_to}.",),
            said["follow_up.significant_harm_to"],
        )
    if follow_up.tell:
        yield Line("Also told", (f"{', '.join(follow_up.tell)}.",), said["follow_up.tell"])
    if follow_up.consent_decides_what_is_shared:
        yield Line(
            "Sharing",
            ("The child’s wish decides what placement and parents learn.",),
            said["follow_up.consent_decides_what_is_shared"],
        )
    if follow_up.email_allocated_social_worker:
        yield Line(
            "The allocated social worker",
            ("Told by email when the interview is complete.",),
            said["follow_up.email_allocated_social_worker"],
        )
    if follow_up.significant_event_note_for:
        for_whom = either([SERVICES[service] for service in follow_up.significant_event_note_for])
        yield Line(
            "Significant event note",
            (f"For a child who is {for_whom}.",),
            said["follow_up.significant_event_note_for"],
        )
    if follow_up.form_to_responsible_authority:
        yield Line(
            "Another authority’s child",
            ("That authority’s social worker gets the form.",),
            said["follow_up.form_to_responsible_authority"],
        )


METHODS = {"face_to_face": "face to face", "telephone": "by telephone", "video": "by video", "other": "in another way"}


def methods(procedure: Procedure, said: Said) -> Iterator[Line]:
    """How interviews are held, and the number to ring when the office is closed."""
    said_of = procedure.methods
    how = either([METHODS[method] for method in said_of.interviews])
    yield Line("Interviews", (f"{how[0].upper()}{how[1:]}.",), said["methods.interviews"])
    if said_of.telephone_when_out_of_area:
        yield Line("A child placed out of area", ("By telephone.",), said["methods.telephone_when_out_of_area"])
    if said_of.out_of_hours:
        number = said_of.out_of_hours
        yield Line(
            "Out of hours",
            (
                f"{number.number}, {'free to call' if number.free else 'not free to call'}.",
                f"Given to: {number.given_to[0].lower()}{number.given_to[1:]}.",
            ),
            said["methods.out_of_hours.given_to"],
        )


def counting(procedure: Procedure, said: Said) -> Iterator[Line]:
    """What the figures count, and the performance that the authority expects of itself."""
    rules = procedure.counting
    kinds = either([KINDS[kind] for kind in Kind if kind in rules.kinds])
    yield Line("Episodes", (f"Of children who were {kinds}.",), said["counting.kinds"])
    yield Line("Month of an episode", (MONTHS[rules.month_of],), said["counting.month_of"])
    others = "Included." if rules.include_other_authorities else "Left out, and counted apart."
    yield Line("Other authorities’ children", (others,), said["counting.include_other_authorities"])
    start = {"returned": "the return", "notified": "the service being told of the return"}[rules.basis.start]
    yield Line("Held in time", (f"Within {length(rules.basis.limit)} of {start}.",), said["counting.basis"])
    for key, name, words in (
        ("offered_in_time", "Offered in time", "{}% of episodes"),
        ("offered_face_to_face", "Offered face to face", "{}% of episodes"),
        ("held_in_time", "Accepted and held in time", "{}% of episodes"),
        ("refused_at_most", "Refused", "By {}% of the children at most"),
    ):
        percent = getattr(rules.standards, key)
        if percent is not None:
            yield Line(
                f"Standard: {name[0].lower()}{name[1:]}",
                (f"{words.format(percent)}.",),
                said[f"counting.standards.{key}"],
            )
