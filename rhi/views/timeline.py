"""What has happened on a referral, newest first: every fact with its own time, who recorded it and in which words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from episodes.models import Child
from procedures.calendar import Calendar, start_of_day
from rhi import codes
from rhi.actions import slips
from rhi.actions.checking import risks_in_words
from rhi.models import (
    Appointment,
    Attachment,
    Attempt,
    CaseNote,
    EpisodeMoved,
    Escalation,
    Interview,
    Letter,
    Offer,
    RecordsCheck,
    TakenBack,
    VisitorWarning,
)
from rhi.views.case import Case
from rhi.views.letters_of_referral import to_whom
from rhi.views.timeline_sharing import of_sharing
from rhi.wording import moment, on_day
from routing.models import ANSWERED_KINDS, Allocation, Referral, ReferralEpisode, Task
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

    What the person recorded, or somebody whose slips they mend, and may still be taken back says so; nothing can be
    after sign-off.
    """
    calendar = case.referral.version.calendar
    fresh = not any(interview.signed_off_at for interview in case.interviews)
    mine = slips.mendable(_recorders(case), by=user) if fresh else frozenset()
    events = [
        *(event for cover in case.covered for event in _of_episode(cover, mine)),
        *(_of_allocation(allocation) for allocation in case.allocations),
        *(_of_attempt(attempt, calendar, mine) for attempt in case.attempts),
        *(event for offer in case.offers for event in _of_offer(offer, mine)),
        *(event for appointment in case.appointments for event in _of_appointment(appointment, now)),
        *(event for interview in case.interviews for event in _of_interview(interview, case, mine)),
        *(event for task in case.tasks for event in _of_task(task)),
        *(event for letter in case.letters for event in _of_letter(letter, case.referral.child)),
        *(_of_taken_back(taken) for taken in case.taken_back),
        *(_of_move(move, case.referral.pk) for move in case.moves),
        *(_of_check(check) for check in case.checks),
        *(event for warning in case.warnings for event in _of_warning(warning, case.referral)),
        *(event for paper in case.filed for event in _of_paper(paper)),
        *(event for worry in case.worries for event in _of_worry(worry)),
        *(_of_note(note) for note in case.notes),
        *(Event(each.at, each.title, each.facts, each.words, by=each.by) for each in of_sharing(case)),
    ]
    if case.referral.closed_at:
        events.append(Event(case.referral.closed_at, "Referral closed", ("Every episode has its outcome",)))
    dated = sorted((event for event in events if event.at), key=lambda event: (event.at is not None, event.at))
    return [*reversed(dated), *(event for event in events if event.at is None)]


def _recorders(case: Case) -> Iterator[int]:
    """Who recorded what of a case can be taken back (keys)."""
    outcomes = [getattr(cover.episode, "outcome", None) for cover in case.covered]
    recorders = [
        *(attempt.recorded_by_id for attempt in case.attempts),
        *(key for offer in case.offers for key in (offer.recorded_by_id, offer.response_by_id)),
        *(outcome.recorded_by_id for outcome in outcomes if outcome),
        *(recorder.pk for recorder in case.held_by.values() if recorder),
    ]
    return (key for key in recorders if key)


def _name(user: User | None) -> str:
    return user.name if user else ""


def _of_episode(cover: ReferralEpisode, mine: Collection[int]) -> Iterator[Event]:
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
        own = outcome.recorded_by_id in mine
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


def _of_attempt(attempt: Attempt, calendar: Calendar, mine: Collection[int]) -> Event:
    own = attempt.recorded_by_id in mine
    return Event(
        attempt.attempted_at,
        f"Attempt: {attempt.get_result_display()}",
        (attempt.get_method_display(), attempt.get_contacted_display(), core(attempt, calendar)),
        attempt.note,
        by=_name(attempt.recorded_by),
        slip=Slip("attempt", attempt.pk) if own else None,
    )


def _of_offer(offer: Offer, mine: Collection[int]) -> Iterator[Event]:
    to = {
        codes.OfferedTo.CHILD: "the child",
        codes.OfferedTo.PARENT: "a parent or carer",
        codes.OfferedTo.NOT_RECORDED: "somebody; to whom is not recorded",
    }[codes.OfferedTo(offer.to)]
    route = (f"By: {offer.get_route_display()}",) if offer.route else ()
    method = (f"Interview: {offer.get_method_display()}",) if offer.method else ()
    own = offer.recorded_by_id in mine and not offer.response
    yield Event(
        offer.offered_at,
        f"Offered to {to}",
        route + method,
        by=_name(offer.recorded_by),
        slip=Slip("offer", offer.pk) if own else None,
    )
    if offer.response:
        because = (codes.REASON_WORDS.get(offer.declined_because, ""),) if offer.declined_because else ()
        own = offer.response_by_id in mine
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


def _of_interview(interview: Interview, case: Case, mine: Collection[int]) -> Iterator[Event]:
    if interview.held_at:
        recorder = case.held_by.get(interview.pk)
        method: tuple[str, ...] = (interview.get_method_display(),) if interview.method else ()
        if interview.worker and interview.worker != recorder:
            method += (f"Held by: {interview.worker.name}",)
        own = recorder is not None and recorder.pk in mine and not interview.written_up_at
        yield Event(
            interview.held_at,
            "Interview held",
            method,
            by=_name(recorder or interview.worker),
            slip=Slip("held", interview.pk) if own else None,
        )
    for each in interview.sent_back.all():
        yield Event(each.written_up_at, "Written up", by=_name(each.written_up_by))
        yield Event(each.at, "Sent back", (), each.because, by=_name(each.by))
    if interview.written_up_at:
        yield Event(interview.written_up_at, "Written up", by=_name(interview.written_up_by))
    if interview.signed_off_at:
        yield Event(
            interview.signed_off_at, "Signed off", (), interview.sign_off_comment, by=_name(interview.signed_off_by)
        )
    for read in interview.reads.all():
        yield Event(read.at, "Read by a missing coordinator", by=_name(read.by))
    for added in interview.addenda.all():
        yield Event(added.at, "Added to the record", (), added.text, by=_name(added.by))


def _of_task(task: Task) -> Iterator[Event]:
    """That it was opened, referred or done, answered or set aside. What a return asked for shows once it is settled."""
    about = (task.get_kind_display(), task.about)
    if task.kind != Task.Kind.TELL_AUTHORITY:
        due = (f"Due {on_day(task.due_on)}",) if task.due_on else ()
        yield Event(task.opened_at, "Task opened", (*about, *due), by=_name(task.owner), quiet=True)
    if task.done_at:
        title = "Referred" if task.kind in ANSWERED_KINDS else "Task done"
        yield Event(task.done_at, title, about, by=_name(task.settled_by))
    if task.answer and task.answered_on:
        names = (task.answer_names,) if task.answer_names else ()
        title = f"Answer: {task.get_answer_display()}"
        yield Event(start_of_day(task.answered_on), title, (*about, *names))
    if task.set_aside_at:
        yield Event(task.set_aside_at, "Task set aside", about, task.not_done_because, _name(task.settled_by))


def _of_letter(letter: Letter, child: Child) -> Iterator[Event]:
    """What became of a letter. One that was cancelled stands back, as what it was to do is not to happen."""
    about = (letter.get_kind_display(), f"To {to_whom(letter, child)}")
    over = letter.state == Letter.State.CANCELLED
    yield Event(
        letter.proposed_at,
        "Letter proposed" if letter.proposed_by else "Letter proposed by the procedure",
        about,
        letter.because,
        _name(letter.proposed_by),
        quiet=over,
    )
    if letter.approved_at:
        approved = " and ".join(filter(None, (_name(letter.approved_by), _name(letter.seconded_by))))
        facts = (*about, letter.get_channel_display())
        yield Event(letter.approved_at, "Letter approved", facts, by=approved, quiet=over)
    if letter.sent_at:
        posted = letter.channel == Letter.Channel.PRINT
        by = _name(letter.settled_by)
        yield Event(letter.sent_at, "Letter posted" if posted else "Letter sent", about, by=by)
    if letter.returned_at:
        yield Event(letter.returned_at, "Letter came back", about)
    if letter.state in (Letter.State.FAILED, Letter.State.UNCERTAIN):
        failed = letter.state == Letter.State.FAILED
        title = "Letter has not gone out" if failed else "Not known whether the letter went"
        yield Event(letter.sending_since or letter.approved_at, title, about, letter.failure)
    if over:
        title = "Letter pulled back" if letter.approved_at else "Letter cancelled"
        yield Event(letter.settled_at, title, about, letter.cancelled_because, _name(letter.settled_by))


def _of_taken_back(taken: TakenBack) -> Event:
    return Event(
        taken.at,
        f"Taken back: {taken.get_kind_display()}",
        ("Logged by a slip; counted nowhere",),
        taken.because,
        by=taken.by.name,
        quiet=True,
    )


def _of_check(check: RecordsCheck) -> Event:
    risks = f"Known risks: {', '.join(risks_in_words(check))}"
    words = "\n".join(
        filter(None, [check.risks_note, f"Agencies involved: {check.agencies}" if check.agencies else ""])
    )
    return Event(check.checked_at, "Records checked", (*check.systems_in_words, risks), words, by=_name(check.by))


def _of_warning(warning: VisitorWarning, referral: Referral) -> Iterator[Event]:
    """That it was recorded, and ended; of one that was over before the referral came into being, nothing."""
    since = referral.in_tray_at
    if warning.ended_at and since and warning.ended_at < since:
        return
    yield Event(
        warning.at,
        f"Warning for visitors: {warning.words}",
        (),
        warning.besides,
        by=_name(warning.by),
        quiet=warning.ended_at is not None,
    )
    if warning.ended_at:
        ended = f"Warning ended: {warning.words}"
        yield Event(warning.ended_at, ended, (), warning.ended_because, by=_name(warning.ended_by))


def _of_paper(paper: Attachment) -> Iterator[Event]:
    gone = paper.taken_out_at is not None
    yield Event(paper.at, "Paper filed", (paper.name,), by=_name(paper.by), quiet=gone)
    if gone:
        by = _name(paper.taken_out_by)
        yield Event(paper.taken_out_at, "Paper taken out", (paper.name,), paper.taken_out_because, by=by)


def _of_worry(worry: Escalation) -> Iterator[Event]:
    """That it was put to somebody, and how it ended: with their answer, or withdrawn by somebody else."""
    yield Event(worry.at, f"Worry put to {worry.to.name}", (), worry.because, by=worry.by.name)
    if worry.answered_at:
        title = "Worry answered" if worry.answered_by_id == worry.to_id else f"Worry put to {worry.to.name} withdrawn"
        yield Event(worry.answered_at, title, (), worry.answer, by=_name(worry.answered_by))


def _of_note(note: CaseNote) -> Event:
    mentions = (f"Mentions {note.mentioned.name}",) if note.mentioned else ()
    return Event(note.at, "Case note", mentions, note.text, by=note.by.name)


def _of_move(move: EpisodeMoved, referral: int) -> Event:
    """That an episode came to this referral (its key) or left it, and which other one that concerns."""
    came = move.into_id == referral
    title = {
        (True, True): "Episode taken into this interview",
        (True, False): "Episode taken into another interview",
        (False, True): "Episode taken out of another interview",
        (False, False): "Episode taken out of this interview",
    }[move.joined, came]
    other = move.out_of_id if came else move.into_id
    where = (f"{'From' if came else 'Now in'}: R{other}",) if other else ()
    return Event(move.at, title, (f"Episode {move.episode.episode_id}", *where), move.because, by=move.by.name)
