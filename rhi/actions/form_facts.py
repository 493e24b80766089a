"""What the records say for an interview's form, in words: nothing that is known is typed again.

The same number of queries for every referral, however many absences, attempts and answers it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict

from django.db.models import Q, QuerySet

from episodes.models import Episode, Involvement, Kind, Service
from procedures.calendar import LONDON, local_date
from procedures.clocks import State
from rhi import codes, wording
from rhi.models import Answer, Attempt, Interview, Offer, Outcome
from rhi.questions import SECTIONS
from rhi.questions.shapes import Situation
from routing.models import Allocation, Deadline, Referral, ReferralEpisode

WORDS = {question.key: question.text for section in SECTIONS for question in section.questions}
RECENT = timedelta(days=90)


class Row(TypedDict):
    """One fact: what it is, and what it says."""

    text: str
    value: str


class Block(TypedDict):
    """Facts that belong together."""

    heading: str
    rows: list[Row]


@dataclass(frozen=True)
class Case:
    """A referral with all that its form rests on."""

    referral: Referral
    interview: Interview | None
    episodes: tuple[Episode, ...]
    outcomes: Mapping[int, Outcome]
    offers: tuple[Offer, ...]
    attempts: tuple[Attempt, ...]
    answers: Mapping[str, Answer]
    involvements: tuple[Involvement, ...]
    holder: Allocation | None
    decided_because: str
    deadlines: tuple[Deadline, ...]
    absences: tuple[Episode, ...]

    @property
    def situation(self) -> Situation:
        """What decides which questions are asked."""
        found = self.outcomes.values()
        earliest = min((episode.last_seen_at for episode in self.episodes), default=None)
        return Situation(
            held=bool(self.interview and self.interview.held_at) or any(each.code in codes.DONE for each in found),
            declined=any(each.response == codes.Response.DECLINED_BY_CHILD for each in self.to(codes.OfferedTo.CHILD))
            or any(each.code == codes.OutcomeCode.DECLINED and each.reason != "by_parent" for each in found),
            looked_after=any(each.service == Service.LOOKED_AFTER for each in self.involvements),
            repeat=any(earliest and each.last_seen_at < earliest for each in self.absences),
        )

    @property
    def without_outcome(self) -> list[Episode]:
        """The absences that still lack their outcome."""
        return [episode for episode in self.episodes if episode.pk not in self.outcomes]

    @property
    def values(self) -> dict[str, dict[str, object]]:
        """What is answered, by question."""
        return {key: answer.value for key, answer in self.answers.items()}

    def to(self, whom: str) -> list[Offer]:
        """The offers put to somebody."""
        return [offer for offer in self.offers if offer.to == whom]


def interview_of(referral: Referral) -> Interview | None:
    """The interview that a referral is about, with the people on it; None when nothing has been logged yet."""
    rows = referral.interviews.select_related("worker", "written_up_by", "signed_off_by")
    return rows.order_by("-pk").first()


def case_of(referral: Referral) -> Case:
    """Everything that the form of a referral rests on; the referral comes with its child and version."""
    covers = list(
        ReferralEpisode.objects.filter(referral=referral, episode__withdrawn_at__isnull=True)
        .select_related("episode")
        .order_by("episode__last_seen_at", "pk")
    )
    episodes = tuple(cover.episode for cover in covers)
    interview = interview_of(referral)
    answers = Answer.objects.filter(interview=interview).select_related("by") if interview else ()
    decision = next((cover.decision for cover in covers if cover.decision), None) or {}
    return Case(
        referral=referral,
        interview=interview,
        episodes=episodes,
        outcomes={
            each.episode_id: each
            for each in Outcome.objects.filter(episode__in=episodes).select_related("recorded_by", "episode")
        },
        offers=tuple(Offer.objects.filter(interview=interview).order_by("pk")) if interview else (),
        attempts=tuple(Attempt.objects.filter(interview=interview).order_by("attempted_at", "pk")) if interview else (),
        answers={answer.question: answer for answer in answers},
        involvements=tuple(_open_on(_day(episodes), referral)),
        holder=Allocation.objects.filter(referral=referral, until__isnull=True)
        .select_related("team", "worker")
        .first(),
        decided_because=str(decision.get("because", "")),
        deadlines=tuple(referral.deadlines.select_related("episode").order_by("name", "pk")),
        absences=tuple(
            Episode.objects.filter(child=referral.child_id, kind=Kind.MISSING, withdrawn_at__isnull=True).order_by(
                "last_seen_at", "pk"
            )
        ),
    )


def _day(episodes: Sequence[Episode]) -> date | None:
    """The day that counts for what the child was open to: that of the earliest return, as in routing."""
    returns = [episode.returned_at for episode in episodes if episode.returned_at]
    return local_date(min(returns)) if returns else None


def _open_on(day: date | None, referral: Referral) -> QuerySet[Involvement]:
    rows = Involvement.objects.filter(child=referral.child_id).select_related("team", "worker", "host_authority")
    if day:
        rows = rows.filter(Q(end__isnull=True) | Q(end__gte=day), start__lte=day)
    return rows.order_by("start", "pk")


def at(instant: datetime | None) -> str:
    """An instant in words that stay true on paper: with its year."""
    if instant is None:
        return ""
    local = instant.astimezone(LONDON)
    return f"{on(local.date())}, {local:%H:%M}"


def on(day: date) -> str:
    """A day in words, with its year."""
    return wording.day(day, today=date.min)


def _block(heading: str, rows: Iterable[tuple[str, object]]) -> Block:
    """Facts under a heading; those that nobody knows are left out."""
    known = [(key, str(value)) for key, value in rows if value not in (None, "")]
    return {"heading": heading, "rows": [{"text": WORDS.get(key, key), "value": value} for key, value in known]}


def facts(case: Case, *, now: datetime) -> dict[str, list[Block]]:
    """What the records say, by the letter of the form's section."""
    return {
        "A": [_episode(episode, case) for episode in case.episodes],
        "B": [_block("", _child(case))],
        "C": [_block("", _need(case))],
        "D": [_block("", _attempts(case))],
        "E": [_block("", _offer(case))],
        "F": [_block("", _held(case))],
        "Q": [_block("", completion(case, now=now))],
    }


def _episode(episode: Episode, case: Case) -> Block:
    several = len(case.episodes) > 1
    rows: list[tuple[str, object]] = [
        ("episode_ref", episode.episode_id),
        ("police_ref", episode.police_ref),
        ("episode_type", episode.get_kind_display()),
        ("last_seen_at", at(episode.last_seen_at)),
        ("reported_at", at(episode.reported_at)),
        ("police_risk", episode.get_police_risk_display()),
        ("missing_from", episode.get_missing_from_display()),
        ("returned_at", at(episode.returned_at)),
        ("returned_at_quality", episode.get_return_precision_display()),
        ("service_notified_at", at(episode.notified_at)),
        ("notified_via", episode.get_source_display()),
        ("found_how", episode.get_ended_how_display()),
    ]
    if several:
        rows.append(("linked_episodes", f"{len(case.episodes)}, in one interview"))
    return _block(f"Absence of {on(local_date(episode.last_seen_at))}" if several else "", rows)


def _child(case: Case) -> list[tuple[str, object]]:
    child = case.referral.child
    looked_after = next((each for each in case.involvements if each.service == Service.LOOKED_AFTER), None)
    language = child.language
    if child.interpreter_needed:
        language = f"{language or 'Not known'}; an interpreter is needed"
    return [
        ("child_name", f"{child.first_name} {child.last_name}"),
        ("child_id", child.child_id),
        ("dob", on(child.date_of_birth)),
        ("sex_gender", child.get_sex_display()),
        ("ethnicity", child.ethnicity),
        ("language_interpreter", language),
        ("legal_status_group", ", ".join(each.get_service_display() for each in case.involvements) or "Nobody"),
        ("responsible_la", child.responsible_authority or "Ours"),
        ("placement_location", looked_after.get_placement_area_display() if looked_after else ""),
        ("host_la", looked_after.host_authority if looked_after else ""),
        ("allocated_worker", "; ".join(filter(None, map(_worker, case.involvements)))),
        ("uasc", {True: "Yes", False: "No", None: ""}[child.uasc]),
        ("episodes_90d", _recent(case)),
    ]


def _worker(involvement: Involvement) -> str:
    name = involvement.worker.name if involvement.worker else involvement.worker_elsewhere
    return ", ".join(filter(None, [name, involvement.team.name if involvement.team else ""]))


def _recent(case: Case) -> str:
    """How often the child went missing in the 90 days up to the last absence here, that one included."""
    if not case.episodes:
        return ""
    last = case.episodes[-1].last_seen_at
    times = sum(last - RECENT <= absence.last_seen_at <= last for absence in case.absences)
    return "once" if times == 1 else f"{times} times"


def _need(case: Case) -> list[tuple[str, object]]:
    holder = case.holder
    not_required = [each for each in case.outcomes.values() if each.code == codes.OutcomeCode.NOT_REQUIRED]
    required = "; ".join(f"No: {codes.REASON_WORDS.get(each.reason, each.reason)}" for each in not_required) or "Yes"
    return [
        ("rhi_required", required),
        ("route_rule", case.decided_because),
        ("allocated_team", holder.team if holder else ""),
        ("allocated_to", holder.worker if holder else ""),
        ("allocated_at", at(holder.since) if holder else ""),
    ]


def _attempts(case: Case) -> list[tuple[str, object]]:
    calendar = case.referral.version.calendar
    return [
        (
            at(attempt.attempted_at),
            f"{attempt.get_method_display()}, {attempt.get_contacted_display().lower()}: "
            f"{attempt.get_result_display().lower()}"
            + ("" if calendar.is_core_time(attempt.attempted_at) else " (outside core hours)")
            + (f". {attempt.note}" if attempt.note else ""),
        )
        for attempt in case.attempts
    ]


def _offer(case: Case) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for offer in case.to(codes.OfferedTo.CHILD):
        rows += [
            ("offered_at", at(offer.offered_at) or "At a time not recorded"),
            ("offer_route", offer.get_route_display()),
        ]
    rows += [
        ("offer_to_parent_at", at(offer.offered_at) or "At a time not recorded")
        for offer in case.to(codes.OfferedTo.PARENT)
    ]
    for offer in case.to(codes.OfferedTo.CHILD):
        rows += [
            ("child_response", offer.get_response_display()),
            ("declined_reason", codes.REASON_WORDS.get(offer.declined_because, offer.declined_because)),
        ]
    several = len(case.episodes) > 1
    for episode in case.episodes:
        outcome = case.outcomes.get(episode.pk)
        words = "Not recorded yet"
        if outcome:
            reason = codes.REASON_WORDS.get(outcome.reason, outcome.reason)
            words = outcome.get_code_display() + (f": {reason.lower()}" if reason else "")
        rows.append((f"Outcome of {episode.episode_id}" if several else "outcome", words))
    return rows


def _held(case: Case) -> list[tuple[str, object]]:
    interview = case.interview
    if not interview:
        return []
    return [("interview_at", at(interview.held_at)), ("interview_method", interview.get_method_display())]


def completion(case: Case, *, now: datetime) -> list[tuple[str, object]]:
    """Who wrote the form up and who signed it off, and how the clocks stand: known only after it was written."""
    interview = case.interview
    rows: list[tuple[str, object]] = []
    if interview and interview.written_up_at:
        by = f" by {interview.written_up_by}" if interview.written_up_by else ""
        rows.append(("written_up_at", at(interview.written_up_at) + by))
    if interview and interview.signed_off_at:
        rows += [
            ("manager", interview.signed_off_by),
            ("signed_off_at", at(interview.signed_off_at)),
            ("Comment", interview.sign_off_comment),
        ]
    for deadline in case.deadlines:
        state = deadline.state(now)
        if state is not State.NOT_APPLICABLE:
            standing = wording.standing(state, due_at=deadline.due_at, met_at=deadline.met_at, now=now)
            episode = f", {deadline.episode}" if deadline.episode and len(case.episodes) > 1 else ""
            rows.append((f"{deadline.get_name_display()}{episode}", standing.words))
    return rows
