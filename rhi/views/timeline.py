"""What has happened on a referral, newest first: every fact with its own time, who recorded it and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from procedures.calendar import Calendar
from rhi import codes
from rhi.models import Appointment, Attempt, Interview, Offer, TakenBack
from rhi.views.case import Case
from rhi.wording import moment
from routing.models import Allocation, ReferralEpisode, Task
from staff.models import User


@dataclass(frozen=True)
class Slip:
    """Something that may be a slip of the person who reads: what take-back calls it, and its primary key."""

    kind: str
    record: int


@dataclass(frozen=True)
class Event:
    """One thing that happened. `at` is empty when nobody recorded the time; `quiet` means that it no longer stands.

    `facts` are short and stand side by side, `words` are somebody's own, `by` is who recorded it.
    """

    at: datetime | None
    title: str
    facts: tuple[str, ...] = ()
    words: str = ""
    by: str = ""
    quiet: bool = False
    slip: Slip | None = None


def timeline(case: Case, *, user: User, now: datetime) -> list[Event]:
    """Every event of a case, the newest first and those without a time last.

    What the person recorded and may still take back says so; nothing can be taken back after sign-off.
    """
    calendar = case.referral.version.calendar
    fresh = not any(interview.signed_off_at for interview in case.interviews)
    mine = user.pk if fresh else None
    events = [
        *(event for cover in case.covered for event in _of_episode(cover, mine)),
        *(_of_allocation(allocation) for allocation in case.allocations),
        *(_of_attempt(attempt, calendar, mine) for attempt in case.attempts),
        *(event for offer in case.offers for event in _of_offer(offer, mine)),
        *(event for appointment in case.appointments for event in _of_appointment(appointment, now)),
        *(event for interview in case.interviews for event in _of_interview(interview, case, mine)),
        *(event for task in case.tasks for event in _of_task(task)),
        *(_of_taken_back(taken) for taken in case.taken_back),
    ]
    if case.referral.closed_at:
        events.append(Event(case.referral.closed_at, "Referral closed", ("Every episode has its outcome",)))
    dated = sorted((event for event in events if event.at), key=lambda event: (event.at is not None, event.at))
    return [*reversed(dated), *(event for event in events if event.at is None)]


def _name(user: User | None) -> str:
    return user.name if user else ""


def _of_episode(cover: ReferralEpisode, mine: int | None) -> Iterator[Event]:
    episode = cover.episode
    yield Event(episode.last_seen_at, "Last seen", (episode.get_kind_display(), f"Episode {episode.episode_id}"))
    if episode.returned_at:
        how = (episode.get_ended_how_display(),) if episode.ended_how else ()
        precision = () if episode.return_precision in ("", "exact") else (episode.get_return_precision_display(),)
        yield Event(episode.returned_at, "Child back", how + precision)
    if episode.notified_at:
        source = (f"By: {episode.get_source_display()}",) if episode.source else ()
        yield Event(episode.notified_at, "Service told of the return", source)
    if episode.withdrawn_at:
        yield Event(episode.withdrawn_at, "Episode withdrawn", (), episode.withdrawn_because)
    outcome = getattr(episode, "outcome", None)
    if outcome:
        reason = (codes.REASON_WORDS.get(outcome.reason, ""),) if outcome.reason else ()
        own = mine is not None and outcome.recorded_by_id == mine
        yield Event(
            outcome.at,
            f"Outcome: {outcome.get_code_display()}",
            (*reason, f"Episode {episode.episode_id}"),
            by=_name(outcome.recorded_by),
            slip=Slip("outcome", outcome.pk) if own else None,
        )


def _of_allocation(allocation: Allocation) -> Event:
    team = allocation.team.name if allocation.team else ""
    if allocation.worker:
        title = f"Given to {allocation.worker.name}"
        facts = (team,) if team else ()
    else:
        title, facts = (f"In the tray of {team}" if team else "Held by another authority"), ()
    decided = "Decided by a person" if allocation.by else f"By the rule “{in_words(allocation.rule)}”"
    return Event(
        allocation.since,
        title,
        (*facts, decided) if allocation.by or allocation.rule else facts,
        allocation.because,
        by=_name(allocation.by),
    )


def in_words(rule: str) -> str:
    """A rule's name as people say it: `Under eight`."""
    return {"default": "Otherwise", "joining": "Joins an open referral"}.get(rule, rule.replace("_", " ").capitalize())


def core(attempt: Attempt, calendar: Calendar) -> str:
    """Whether an attempt was made in the authority's core hours (Somerset 4.5)."""
    return "In core hours" if calendar.is_core_time(attempt.attempted_at) else "Outside core hours"


def _of_attempt(attempt: Attempt, calendar: Calendar, mine: int | None) -> Event:
    own = mine is not None and attempt.recorded_by_id == mine
    return Event(
        attempt.attempted_at,
        f"Attempt: {attempt.get_result_display()}",
        (attempt.get_method_display(), attempt.get_contacted_display(), core(attempt, calendar)),
        attempt.note,
        by=_name(attempt.recorded_by),
        slip=Slip("attempt", attempt.pk) if own else None,
    )


def _of_offer(offer: Offer, mine: int | None) -> Iterator[Event]:
    to = {
        codes.OfferedTo.CHILD: "the child",
        codes.OfferedTo.PARENT: "a parent or carer",
        codes.OfferedTo.NOT_RECORDED: "somebody; to whom is not recorded",
    }[codes.OfferedTo(offer.to)]
    route = (f"By: {offer.get_route_display()}",) if offer.route else ()
    method = (f"Interview: {offer.get_method_display()}",) if offer.method else ()
    own = mine is not None and offer.recorded_by_id == mine and not offer.response
    yield Event(
        offer.offered_at,
        f"Offered to {to}",
        route + method,
        by=_name(offer.recorded_by),
        slip=Slip("offer", offer.pk) if own else None,
    )
    if offer.response:
        because = (codes.REASON_WORDS.get(offer.declined_because, ""),) if offer.declined_because else ()
        own = mine is not None and offer.response_by_id == mine
        yield Event(
            offer.responded_at,
            f"Response: {offer.get_response_display()}",
            (f"Offered to {to}", *because),
            by=_name(offer.response_by),
            slip=Slip("response", offer.pk) if own else None,
        )


def _of_appointment(appointment: Appointment, now: datetime) -> Iterator[Event]:
    when = moment(appointment.at, now=now)
    where = (appointment.place,) if appointment.place else ()
    ended = appointment.ended_at is not None
    yield Event(
        appointment.recorded_at,
        f"Appointment booked for {when}",
        (appointment.get_method_display(), *where),
        by=_name(appointment.recorded_by),
        quiet=ended,
    )
    if ended:
        moved = f" to {moment(appointment.moved_to.at, now=now)}" if appointment.moved_to else ""
        yield Event(
            appointment.ended_at,
            f"Appointment of {when} {'moved' if moved else 'cancelled'}{moved}",
            (),
            appointment.ended_because,
            by=_name(appointment.ended_by),
        )


def _of_interview(interview: Interview, case: Case, mine: int | None) -> Iterator[Event]:
    if interview.held_at:
        recorder = case.held_by.get(interview.pk)
        method = (interview.get_method_display(),) if interview.method else ()
        own = mine is not None and recorder is not None and recorder.pk == mine and not interview.written_up_at
        yield Event(
            interview.held_at,
            "Interview held",
            method,
            by=_name(recorder or interview.worker),
            slip=Slip("held", interview.pk) if own else None,
        )
    if interview.written_up_at:
        yield Event(interview.written_up_at, "Written up", by=_name(interview.written_up_by))
    if interview.signed_off_at:
        yield Event(
            interview.signed_off_at, "Signed off", (), interview.sign_off_comment, by=_name(interview.signed_off_by)
        )


def _of_task(task: Task) -> Iterator[Event]:
    if task.done_at:
        yield Event(task.done_at, "Task done", (task.about,), by=_name(task.settled_by))
    if task.set_aside_at:
        yield Event(task.set_aside_at, "Task set aside", (task.about,), task.not_done_because, _name(task.settled_by))


def _of_taken_back(taken: TakenBack) -> Event:
    return Event(
        taken.at,
        f"Taken back: {taken.get_kind_display()}",
        ("Logged by a slip; counted nowhere",),
        taken.because,
        by=taken.by.name,
        quiet=True,
    )
