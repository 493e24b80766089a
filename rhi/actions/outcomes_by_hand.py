"""That an interview was held, and what became of each absence, as people record it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from episodes.models import Episode
from rhi import codes, deadlines, outcomes
from rhi.actions.interviews import locked, of_referral
from rhi.models import Answer, Interview, Offer, Outcome
from rhi.wording import moment
from routing.models import Referral, ReferralEpisode
from staff import audit
from staff.actions import Refused
from staff.models import AuditEvent, User

#: The question of the form that says where the interview was held.
PLACE = "interview_place"


class HeldRefused(Refused):
    """That the interview was held cannot be recorded like this."""


class OutcomeRefused(Refused):
    """An outcome cannot be recorded like this."""


@dataclass(frozen=True)
class Settled:
    """What became of the interview owed for one absence: a code and, but for completed and covered, its reason."""

    code: str
    reason: str = ""


def covered_episodes(referral: Referral) -> list[Episode]:
    """The absences that a referral covers, in order; withdrawn ones are left out."""
    rows = ReferralEpisode.objects.filter(referral=referral, episode__withdrawn_at__isnull=True)
    return [cover.episode for cover in rows.select_related("episode").order_by("episode__last_seen_at", "pk")]


@transaction.atomic
def record_held(
    referral: Referral, *, held_at: datetime, method: str, place: str = "", by: User, now: datetime
) -> Interview:
    """Record when and how the interview was held; its clocks stop. No file replaces what was typed here.

    Where it was held becomes the form's answer, unless that is answered. Raises HeldRefused when it was held before
    the child was back or after now, when somebody has recorded it, and when the referral is closed.
    """
    referral = locked(referral)
    if referral.closed_at:
        raise HeldRefused("This referral is closed: every absence has its outcome. Take an outcome back first.")
    interview = of_referral(referral)
    if interview.held_at:
        recorder = _recorder_of_held(interview)
        who = f"{recorder} has recorded" if recorder else "A record says"
        raise HeldRefused(f"{who} that this interview was held {moment(interview.held_at, now=now)}.")
    if held_at > now:
        raise HeldRefused("This lies in the future. Enter a time that has passed.")
    returns = [episode.returned_at for episode in covered_episodes(referral) if episode.returned_at]
    if not returns:
        raise HeldRefused("The child has not returned. Record the return first.")
    # People type no seconds, which records may have.
    if held_at < min(returns).replace(second=0, microsecond=0):
        raise HeldRefused(
            f"The child returned {moment(min(returns), now=now)}. "
            "An interview is held after the return: enter a later time, or correct the return."
        )
    interview.held_at, interview.method = held_at, method
    interview.worker_id = interview.worker_id or by.pk
    interview.typed |= {"held_at": now.isoformat(), "method": now.isoformat()}
    interview.save(update_fields=["held_at", "method", "worker", "typed"])
    if place:
        Answer.objects.get_or_create(
            interview=interview,
            question=PLACE,
            defaults={"child_id": referral.child_id, "value": {"answer": place}, "by": by, "at": now},
        )
    deadlines.refresh([referral.pk])
    audit.record(
        audit.Type.INTERVIEW_HELD,
        subject=interview,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "held_at": held_at.isoformat(), "method": method},
    )
    return interview


def _recorder_of_held(interview: Interview) -> User | None:
    """Who recorded that it was held, as the trail tells; nobody when a record brought it."""
    line = (
        AuditEvent.objects.filter(
            type=audit.Type.INTERVIEW_HELD, subject=f"{interview._meta.label}:{interview.pk}", at__gte=interview.held_at
        )
        .order_by("-at", "-pk")
        .first()
    )
    return User.objects.filter(pk=line.by_id).first() if line and line.by_id else None


@transaction.atomic
def record_outcomes(
    referral: Referral, *, settled: Mapping[int, Settled], by: User, now: datetime
) -> Sequence[Outcome]:
    """Give absences (primary keys) of a referral their outcomes; the last one closes it, and its clocks stop.

    All of them or none. Raises OutcomeRefused when one has its outcome already, naming who recorded it and when; when
    a reason is missing; when an interview is said to be completed that was not held (talking to an adult is not the
    interview); and when a parent is said to have declined for a child who was asked.
    """
    referral = locked(referral)
    covered = {episode.pk: episode for episode in covered_episodes(referral)}
    if not settled or settled.keys() - covered.keys():
        raise OutcomeRefused("These absences are not, or no longer, part of this referral. Open the page again.")
    known = {
        each.episode_id: each for each in Outcome.objects.filter(episode__in=covered).select_related("recorded_by")
    }
    if taken := [known[pk] for pk in settled if pk in known]:
        raise OutcomeRefused(_taken(taken[0], covered[taken[0].episode_id], by=by, now=now))
    interview = of_referral(referral)
    after = [each.code for each in known.values()] + [each.code for each in settled.values()]
    for each in settled.values():
        _check(each, interview, among=after)
    rows = Outcome.objects.bulk_create(
        Outcome(
            child_id=referral.child_id,
            episode_id=pk,
            interview=interview,
            code=each.code,
            reason=each.reason,
            at=(interview.held_at if each.code in codes.DONE else None) or now,
            recorded_by=by,
            recorded_at=now,
        )
        for pk, each in settled.items()
    )
    outcomes.close({referral.pk})
    deadlines.refresh([referral.pk])
    audit.record(
        audit.Type.OUTCOME_RECORDED,
        subject=interview,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={
            "referral": referral.pk,
            "outcomes": {covered[pk].episode_id: f"{each.code} {each.reason}".strip() for pk, each in settled.items()},
        },
    )
    return rows


def _taken(outcome: Outcome, episode: Episode, *, by: User, now: datetime) -> str:
    who = (
        "A record" if outcome.recorded_by is None else "You" if outcome.recorded_by == by else outcome.recorded_by.name
    )
    when = outcome.recorded_at or outcome.at
    has = "have" if who == "You" else "has"
    return (
        f"{who} {has} recorded “{outcome.get_code_display()}” for the absence of "
        f"{moment(episode.last_seen_at, now=now)} ({moment(when, now=now)}). Nothing was changed."
    )


def _check(settled: Settled, interview: Interview, *, among: Sequence[str]) -> None:
    """Refuse an outcome that cannot be. `among`: every outcome that the referral's absences would have."""
    if settled.code not in codes.OutcomeCode.values:
        raise OutcomeRefused("Choose an outcome from the list.")
    possible = codes.REASONS[codes.OutcomeCode(settled.code)]
    if (settled.reason not in possible) if possible else settled.reason:
        raise OutcomeRefused("Choose a reason from the list of this outcome.")
    if settled.code in codes.DONE and not interview.held_at:
        raise OutcomeRefused(
            "No interview with the child has been recorded as held, and talking to an adult is not the interview. "
            "Record that it was held first."
        )
    if settled.code == codes.OutcomeCode.COVERED and codes.OutcomeCode.COMPLETED not in among:
        raise OutcomeRefused("An absence is covered by an interview that is completed for another one. Choose which.")
    if (settled.code, settled.reason) == (codes.OutcomeCode.DECLINED, "by_parent"):
        asked = Offer.objects.filter(interview=interview, to=codes.OfferedTo.CHILD)
        if asked.exclude(response=codes.Response.NOT_ASKED).exists():
            raise OutcomeRefused(
                "The child was asked, so the child’s own answer counts. "
                "A parent or carer declines only where the child could not be asked."
            )
