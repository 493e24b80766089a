"""What the records say for an interview's form, in words: nothing that is known is typed again.

The same number of queries for every referral, however many episodes, attempts and answers it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict

from episodes.models import Episode, Involvement, Kind, Service
from procedures import triggers
from procedures.calendar import LONDON, local_date
from procedures.clocks import State
from rhi import codes, independence, wording
from rhi.actions.checking import from_records
from rhi.models import Addendum, Answer, Attempt, Interview, Letter, LetterKind, Offer, Outcome, RecordsCheck, Share
from rhi.questions import SECTIONS
from rhi.questions.shapes import MAIN, Situation
from routing.models import Allocation, Deadline, Referral, ReferralEpisode

WORDS = {question.key: question.text for section in SECTIONS for question in section.questions}
RECENT = timedelta(days=90)
#: The question whether the interviewer is independent of the child's care.
INDEPENDENCE = "independence"


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
    """A referral with all that its form rests on.

    `involvements` are what the child was open to at the earliest return, `when_held` when the interview was held.
    """

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
    check: RecordsCheck | None
    addenda: tuple[Addendum, ...]
    shares: tuple[Share, ...]
    when_held: tuple[Involvement, ...]
    refusal_letters: tuple[datetime, ...]

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
            shared=bool(self.shares),
            placement_told=any(share.to == Share.To.PLACEMENT for share in self.shares),
            no_plan_reasons=self.referral.version.procedure.plans.reasons_for_no_prevention_plan,
        )

    @property
    def without_outcome(self) -> list[Episode]:
        """The episodes that still lack their outcome."""
        return [episode for episode in self.episodes if episode.pk not in self.outcomes]

    @property
    def not_independent(self) -> str:
        """Why the answer that the interviewer is independent cannot stand, in words; empty when it can."""
        interview = self.interview
        if interview is None or not interview.held_at or interview.worker is None:
            return ""
        team = interview.team.name if interview.team else ""
        return independence.contradiction(
            str(self.values.get(INDEPENDENCE, {}).get(MAIN, "")),
            independence.Interviewer(interview.worker.pk, interview.worker.name, [team] if team else []),
            [
                independence.Involved(each.get_service_display(), each.worker_id, each.placement_provider)
                for each in self.when_held
            ],
        )

    @property
    def values(self) -> dict[str, dict[str, object]]:
        """What is answered, by question."""
        return {key: answer.value for key, answer in self.answers.items()}

    def to(self, whom: str) -> list[Offer]:
        """The offers put to somebody."""
        return [offer for offer in self.offers if offer.to == whom]


def interview_of(referral: Referral) -> Interview | None:
    """The interview that a referral is about, with the people on it; None when nothing has been logged yet."""
    rows = referral.interviews.select_related("worker", "team", "written_up_by", "signed_off_by")
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
    held_at = interview.held_at if interview else None
    involvements = list(
        Involvement.objects.filter(child=referral.child_id)
        .select_related("team", "worker", "host_authority")
        .order_by("start", "pk")
    )
    refusals = Letter.objects.filter(referral=referral, kind=LetterKind.REFUSAL).only("sent_at").order_by("pk")
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
        involvements=_open_on(_day(episodes), involvements),
        when_held=_open_on(local_date(held_at), involvements) if held_at else (),
        holder=Allocation.objects.filter(referral=referral, until__isnull=True)
        .select_related("team", "worker", "by")
        .first(),
        decided_because=str(decision.get("because", "")),
        deadlines=tuple(referral.deadlines.select_related("episode").order_by("name", "pk")),
        absences=tuple(
            Episode.objects.filter(child=referral.child_id, kind=Kind.MISSING, withdrawn_at__isnull=True).order_by(
                "last_seen_at", "pk"
            )
        ),
        refusal_letters=tuple(letter.sent_at for letter in refusals if letter.sent_at),
        check=referral.records_checks.select_related("by").order_by("-checked_at", "-pk").first(),
        addenda=_added(interview),
        shares=tuple(
            Share.objects.filter(referral=referral).select_related("by", "approved_by").order_by("shared_at", "pk")
        ),
    )


def _added(interview: Interview | None) -> tuple[Addendum, ...]:
    """What was added since sign-off, the first added first; one query once it is signed off."""
    if interview is None or not interview.signed_off_at:
        return ()
    return tuple(Addendum.objects.filter(interview=interview).select_related("by").order_by("at", "pk"))


def _day(episodes: Sequence[Episode]) -> date | None:
    """The day that counts for what the child was open to: that of the earliest return, as in routing."""
    returns = [episode.returned_at for episode in episodes if episode.returned_at]
    return local_date(min(returns)) if returns else None


def _open_on(day: date | None, involvements: Iterable[Involvement]) -> tuple[Involvement, ...]:
    """Those that were open on a day; all of them where the day is not known."""
    if day is None:
        return tuple(involvements)
    return tuple(each for each in involvements if each.start <= day and (each.end is None or day <= each.end))


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
        "N": [_block("", [("trigger_review", _triggers(case))])],
        "P": [_block("", [(share.get_to_display(), shared(share)) for share in case.shares])],
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
    return _block(f"Episode of {on(local_date(episode.last_seen_at))}" if several else "", rows)


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
        ("ethnicity", child.ethnicity_in_words),
        ("language_interpreter", language),
        ("legal_status_group", ", ".join(each.get_service_display() for each in case.involvements) or "Nobody"),
        ("responsible_la", child.responsible_authority or "Ours"),
        ("placement_location", _living(case, looked_after)),
        ("host_la", looked_after.host_authority if looked_after else ""),
        ("allocated_worker", "; ".join(filter(None, map(_worker, case.involvements)))),
        ("uasc", {True: "Yes", False: "No", None: ""}[child.uasc]),
        ("episodes_90d", _recent(case)),
        *(from_records(case.check) if case.check else ()),
    ]


def _living(case: Case, looked_after: Involvement | None) -> str:
    """Where the child lives, as far as it bears on whose the interview is."""
    if looked_after and looked_after.placement_area:
        return str(looked_after.get_placement_area_display())
    return "In our area, another authority’s child" if case.referral.child.responsible_authority else ""


def _worker(involvement: Involvement) -> str:
    name = involvement.worker.name if involvement.worker else involvement.worker_elsewhere
    return ", ".join(filter(None, [name, involvement.team.name if involvement.team else ""]))


def _recent(case: Case) -> str:
    """How often the child went missing in the 90 days up to the last episode here, that one included."""
    if not case.episodes:
        return ""
    last = case.episodes[-1].last_seen_at
    times = sum(last - RECENT <= absence.last_seen_at <= last for absence in case.absences)
    return "once" if times == 1 else f"{times} times"


def _triggers(case: Case) -> str:
    """What the procedure asks for because the child went missing so often, as it stood at the last episode here."""
    if not case.episodes:
        return ""
    seen = [local_date(absence.last_seen_at) for absence in case.absences]
    last = local_date(case.episodes[-1].last_seen_at)
    reached = triggers.reached(case.referral.version.procedure.triggers, seen, on=last)
    return "; ".join(trigger.action for trigger in reached) or "None"


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
        ("Why they hold it", f"{holder.because} (said by {holder.by})" if holder and holder.by else ""),
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
    rows += [("Letter with the services available sent", on(local_date(sent))) for sent in case.refusal_letters]
    return rows


def _held(case: Case) -> list[tuple[str, object]]:
    interview = case.interview
    if not interview:
        return []
    return [
        ("interview_at", at(interview.held_at)),
        ("interview_method", interview.get_method_display()),
        ("Recorded as held by", interview.worker if interview.held_at else ""),
    ]


def shared(share: Share) -> str:
    """What was passed on, to whom, how, when and on what basis, in words."""
    lines = [
        f"{share.get_what_display()}, to {share.name}",
        f"{share.get_how_display()}, {at(share.shared_at)}, recorded by {share.by}",
        f"Basis: {share.get_basis_display()}",
        share.said,
    ]
    if share.approved_by:
        lines.append(f"The child had not agreed. Approved by {share.approved_by}: {share.because}")
    return "\n".join(filter(None, lines))


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
    rows += [("amendments", f"{at(added.at)} by {added.by}") for added in case.addenda]
    for deadline in case.deadlines:
        state = deadline.state(now)
        if state is not State.NOT_APPLICABLE:
            standing = wording.standing(state, due_at=deadline.due_at, met_at=deadline.met_at, now=now)
            episode = f", {deadline.episode}" if deadline.episode and len(case.episodes) > 1 else ""
            rows.append((f"{deadline.get_name_display()}{episode}", standing.words))
    return rows
