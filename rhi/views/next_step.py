"""What to do next on a referral. Pure: what is known in, one step out, in words, with where to do it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rhi.wording import moment

CHILD_OFFERS = ("child", "not_recorded")
#: Responses after which an offer is over without an interview.
REFUSED = ("declined_by_child", "not_asked")


class Doer(StrEnum):
    """Who can take a step: whoever may settle the question, assign, work on it, record a return, or sign off."""

    SETTLER = "settler"
    ASSIGNER = "assigner"
    WORKER = "worker"
    RECORDER = "recorder"
    SIGNER = "signer"


@dataclass(frozen=True)
class OfferMade:
    """One offer as it stands: to whom, and the response if there is one."""

    pk: int
    to: str
    response: str


@dataclass(frozen=True)
class Known:
    """What is known of a referral. Instants in UTC; `tell` is the open task to tell another authority.

    `worker` holds it; `left` holds it and has left. `records_unchecked`: nobody has recorded yet what the records say
    (Somerset 4.4). `form_owed`: its form is still to be written up here, whether an interview was held or not.
    """

    referral: int
    now: datetime
    routed: bool = True
    closed_at: datetime | None = None
    question: str = ""
    theirs: bool = False
    tell: int | None = None
    missing_again: int | None = None
    missing_since: datetime | None = None
    worker: str = ""
    left: str = ""
    team: str = ""
    records_unchecked: bool = False
    attempts: int = 0
    spoken: bool = False
    all_tried: bool = False
    try_again_at: datetime | None = None
    try_again_because: str = ""
    offers: tuple[OfferMade, ...] = ()
    appointment_at: datetime | None = None
    held_at: datetime | None = None
    form_owed: bool = False
    written_up_at: datetime | None = None
    written_up_by: str = ""
    signed_off_at: datetime | None = None
    outcomes_missing: int = 0


@dataclass(frozen=True)
class Way:
    """A link: its words, the address by name and what the address takes."""

    words: str
    name: str
    at: tuple[int | str, ...]
    doer: Doer = Doer.WORKER


@dataclass(frozen=True)
class NextStep:
    """One step: what it is, why, and the ways to take it; for whoever may take none of them, whom it waits for."""

    title: str
    words: str
    ways: tuple[Way, ...] = ()
    waits_for: str = ""


def next_step(known: Known) -> NextStep:
    """The one thing that a referral needs now."""
    if known.held_at:
        return _after_the_interview(known)
    if known.closed_at:
        return _closed(known)
    if known.question:
        return NextStep(
            "Settle the question",
            known.question,
            (Way("Settle the question", "rhi:settle", (known.referral,), doer=Doer.SETTLER),),
            "Whoever leads the team that asks, or the worker who was asked, settles this.",
        )
    if known.theirs:
        return _theirs(known)
    if not known.worker:
        return NextStep(
            "Give it to a worker",
            _held_by_nobody(known),
            (Way("Assign it", "rhi:assign", (known.referral,), doer=Doer.ASSIGNER),),
            "The team’s leader gives it to a worker.",
        )
    if known.missing_again and known.missing_since:
        return NextStep(
            "Wait for the child to come back",
            f"The child is missing again since {moment(known.missing_since, now=known.now)}. When the child is back,"
            " record the return: it joins what is arranged here.",
            (Way("Record the return", "rhi:record_return", (known.missing_again,), doer=Doer.RECORDER),),
        )
    return _reach_the_child(known)


def _held_by_nobody(known: Known) -> str:
    if known.left:
        return f"{known.left} holds it and has left, so nobody sees to it."
    return f"It lies in the tray of {known.team}, and nobody holds it yet." if known.team else "Nobody holds it yet."


def _closed(known: Known) -> NextStep:
    if known.outcomes_missing:
        return NextStep(
            "Record the outcome",
            "Every episode gets exactly one outcome. The referral closes with the last.",
            (Way("Record the outcome", "rhi:record_outcomes", (known.referral,)),),
        )
    if known.form_owed:
        return NextStep(
            "Write up why there was no interview",
            "Every episode has its outcome. Say in the form what was tried, why no interview was held and how high the"
            " risk is, and submit it.",
            *_who_writes(known),
        )
    if known.written_up_by and not known.signed_off_at:
        return _to_sign_off(known)
    return NextStep("Nothing more to do", "Every episode has its outcome.")


def _theirs(known: Known) -> NextStep:
    if known.tell:
        return NextStep(
            "Tell the responsible authority",
            "The interview is theirs to hold. Tell them that the child is back, then tick the task off.",
            (
                Way("Tick it off", "rhi:settle_task", (known.referral, known.tell)),
                Way("Record the outcome", "rhi:record_outcomes", (known.referral,)),
            ),
            "The team that owns the task tells them.",
        )
    return NextStep(
        "Record the outcome",
        "They have been told. Close this as theirs to hold, or with the result that they send.",
        (Way("Record the outcome", "rhi:record_outcomes", (known.referral,)),),
    )


def _reach_the_child(known: Known) -> NextStep:
    """From the first attempt until the interview is held."""
    waits_for = f"{known.worker} does this next."
    held = Way("Record that it was held", "rhi:record_held", (known.referral,))
    if known.appointment_at:
        return NextStep(
            "Hold the interview",
            f"Booked for {moment(known.appointment_at, now=known.now)}. Afterwards, record that it was held.",
            (held,),
            waits_for,
        )
    offer = next((offer for offer in known.offers if offer.to in CHILD_OFFERS), None)
    if offer and offer.response == "accepted":
        return NextStep(
            "Book the interview",
            "The child has accepted. Agree a day and a place.",
            (Way("Book the interview", "rhi:book", (known.referral,)), held),
            waits_for,
        )
    outcome = Way("Record the outcome", "rhi:record_outcomes", (known.referral,))
    attempt = Way("Log an attempt", "rhi:log_attempt", (known.referral,))
    if offer and offer.response in REFUSED:
        return _declined(known, offer, outcome)
    if offer and not offer.response:
        return NextStep(
            "Record the response",
            "The interview has been offered to the child. What did they say?",
            (Way("Record the response", "rhi:record_response", (known.referral, offer.pk)), attempt),
            waits_for,
        )
    put = Way("Record an offer", "rhi:record_offer", (known.referral,))
    if not known.attempts and not offer:
        return _first_attempt(known, attempt, put)
    if known.spoken and not offer:
        return NextStep(
            "Offer the interview",
            "Somebody has been reached. Offer the interview to the child, and record it.",
            (put, attempt),
            waits_for,
        )
    if known.all_tried:
        return NextStep(
            "Record the outcome",
            "Every attempt that the procedure asks for has been made, and the days for it are over.",
            (outcome, attempt),
            waits_for,
        )
    return NextStep("Try again", _when(known), (attempt,) if offer else (attempt, put), waits_for)


def _declined(known: Known, offer: OfferMade, outcome: Way) -> NextStep:
    """The child has said no. Who else could ask, where and how, is thought of, and never waited for (Croydon 1.2).

    Parents or carers have the chance to say what they know (Somerset 4.10).
    """
    change = Way("Change the response", "rhi:record_response", (known.referral, offer.pk))
    waits_for = f"{known.worker} does this next."
    if offer.response != "declined_by_child":
        words = "The child could not be asked. Record what became of each episode."
        return NextStep("Record the outcome", words, (outcome, change), waits_for)
    return NextStep(
        "Try it differently, or record the outcome",
        "The child has declined. Would another worker, another place or another method suit the child better? If the"
        " answer stays no, ask a parent or carer what they know, and record what became of each episode.",
        (
            outcome,
            Way("Note what a parent or carer knows", "rhi:form_section", (known.referral, "parent-carer-or-placement")),
            Way("Give it to another worker", "rhi:assign", (known.referral,), doer=Doer.ASSIGNER),
            change,
        ),
        waits_for,
    )


def _first_attempt(known: Known, attempt: Way, put: Way) -> NextStep:
    """Nobody has tried yet. Looking into the records first is asked for and never waited for: a child is waiting."""
    waits_for = f"{known.worker} does this next."
    if not known.records_unchecked:
        return NextStep("Make the first attempt", "Nobody has tried to reach the child yet.", (attempt, put), waits_for)
    return NextStep(
        "Check the records, then make the first attempt",
        "Nobody has tried to reach the child yet. Look for known risks and for agencies involved first, and record what"
        " you find. If that takes long, ring all the same.",
        (Way("Record what the records say", "rhi:check_records", (known.referral,)), attempt, put),
        waits_for,
    )


def _when(known: Known) -> str:
    tried = f"Tried {'once' if known.attempts == 1 else f'{known.attempts} times'} so far."
    if not known.attempts:
        tried = "Offered, without a response."
    if known.try_again_at is None:
        return f"{tried} Try another way, or at another time of day."
    because = f" {known.try_again_because}" if known.try_again_because else ""
    return f"{tried} Best tried again {moment(known.try_again_at, now=known.now)}.{because}"


def _after_the_interview(known: Known) -> NextStep:
    """From held to the last outcome. The paperwork is owed although an outcome has closed the referral."""
    outcome = (Way("Record the outcome", "rhi:record_outcomes", (known.referral,)),) if known.outcomes_missing else ()
    if not known.routed and known.closed_at:
        return _closed(known)
    if not known.written_up_at:
        return NextStep(
            "Write up the interview",
            "It was held. Fill in the form while it is fresh, and submit it.",
            *_who_writes(known, *outcome),
        )
    if not known.signed_off_at:
        return _to_sign_off(known, *outcome)
    return _closed(known)


def _who_writes(known: Known, *besides: Way) -> tuple[tuple[Way, ...], str]:
    """The ways to a form that is to be written up, and whom it waits for."""
    ways = (Way("Open the form", "rhi:form", (known.referral,)), *besides)
    if known.left:
        give = Way("Give it to somebody else", "rhi:assign", (known.referral,), doer=Doer.ASSIGNER)
        return (give, *ways), f"{known.left} has left. The team’s leader gives it to somebody else."
    return ways, f"{known.worker} does this next." if known.worker else ""


def _to_sign_off(known: Known, *besides: Way) -> NextStep:
    by = f"{known.written_up_by} has written it up. " if known.written_up_by else "It has been written up. "
    return NextStep(
        "Read and sign off",
        f"{by}Somebody else reads it and signs it off.",
        (Way("Read and sign off", "rhi:sign_off", (known.referral,), doer=Doer.SIGNER), *besides),
        "A team leader or missing coordinator who did not write it signs it off.",
    )
