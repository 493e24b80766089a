"""That an interview was held, and what became of each episode, as people record it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from episodes.intake import wait_for_turn
from episodes.models import Episode
from procedures.calendar import local_date
from rhi import codes, deadlines, outcomes
from rhi.actions import contact, contradictions, parting
from rhi.actions.contradictions import OutcomeRefused, Settled
from rhi.actions.interviews import back_by, locked, of_referral
from rhi.actions.plan_requests import ask_for_plan
from rhi.actions.sight import people_of
from rhi.models import Answer, Appointment, Interview, Outcome, SubmittedForm
from rhi.wording import moment, who_has
from routing.models import Allocation, Referral, ReferralEpisode
from staff import audit
from staff.actions import Refused
from staff.models import AuditEvent, User

#: The question of the form that says where the interview was held.
PLACE = "interview_place"


class HeldRefused(Refused):
    """That the interview was held cannot be recorded like this."""


class HeldBeforeReturn(HeldRefused):
    """It would have been held before the child was back from a later absence; it can be meant."""


class StillBooked(OutcomeRefused):
    """The outcome would close the referral, and a family still expects somebody on a day to come."""


def covered_episodes(referral: Referral) -> list[Episode]:
    """The episodes that a referral covers, in order; withdrawn ones are left out."""
    rows = ReferralEpisode.objects.filter(referral=referral, episode__withdrawn_at__isnull=True)
    return [cover.episode for cover in rows.select_related("episode").order_by("episode__last_seen_at", "pk")]


def interviewers(referral: Referral, *, by: User, now: datetime) -> list[User]:
    """Who can have held the interview: whoever records it, whoever is to hold it, and the rest of their team.

    Two queries.
    """
    holder = Allocation.objects.filter(referral=referral, until__isnull=True).select_related("worker").first()
    team = holder.team_id if holder else None
    members = people_of([team], on=local_date(now)).get(team, []) if team else []
    first = [by, *([holder.worker] if holder and holder.worker else [])]
    return list({person.pk: person for person in (*first, *members)}.values())


@transaction.atomic
def record_held(
    referral: Referral,
    *,
    held_at: datetime,
    method: str,
    place: str = "",
    held_by: User | None = None,
    although: bool = False,
    by: User,
    now: datetime,
) -> Interview:
    """Record when and how the interview was held; its clocks stop. No file replaces what was typed here.

    `held_by` may be another person than the one who holds the referral: both stay on record (Somerset 4.11). Without
    it, it is whoever was to hold it, else whoever records it.

    Where it was held becomes the form's answer, unless that is answered. The child's social workers are asked for a
    plan, where the procedure says so (Somerset 4.16). `although` says that it was held before the
    child was back from a later absence that the referral covers: that one gets a referral, and an interview, of its
    own. Raises HeldRefused when it was held before the child was back at all or after now, when somebody has recorded
    it or written up that it was not held, and when the referral is closed; HeldBeforeReturn without `although`.
    """
    if although:
        wait_for_turn()
    referral = locked(referral)
    if referral.closed_at:
        raise HeldRefused("This referral is closed: every episode has its outcome. Take an outcome back first.")
    interview = of_referral(referral)
    if interview.held_at:
        recorder = _recorder_of_held(interview)
        who = f"{recorder} has recorded" if recorder else "A record says"
        raise HeldRefused(f"{who} that this interview was held {moment(interview.held_at, now=now)}.")
    if held_at > now:
        raise HeldRefused("This lies in the future. Enter a time that has passed.")
    if SubmittedForm.objects.filter(interview=interview).exists():
        raise HeldRefused(
            f"{interview.written_up_by or 'Somebody'} has written this up as an interview that was not held. "
            "Take an outcome back first: that opens the form again."
        )
    covered = covered_episodes(referral)
    returns = [episode.returned_at for episode in covered if episode.returned_at]
    if not returns:
        raise HeldRefused("The child has not returned. Record the return first.")
    # People type no seconds, which records may have.
    if held_at < min(returns).replace(second=0, microsecond=0):
        raise HeldRefused(
            f"The child returned {moment(min(returns), now=now)}. "
            "An interview is held after the return: enter a later time, or correct the return."
        )
    later = [episode for episode in covered if not back_by(episode, held_at)]
    if later and not although:
        raise HeldBeforeReturn(_before_a_return(later, now=now))
    interview.held_at, interview.method = held_at, method
    interview.worker = held_by or interview.worker or by
    typed = ("held_at", "method", *(("worker_id",) if held_by else ()))
    interview.typed |= dict.fromkeys(typed, now.isoformat())
    interview.save(update_fields=["held_at", "method", "worker", "typed"])
    parting.part(interview, later, by=by, now=now)
    if place:
        Answer.objects.get_or_create(
            interview=interview,
            question=PLACE,
            defaults={"child_id": referral.child_id, "value": {"answer": place}, "by": by, "at": now},
        )
    deadlines.refresh([referral.pk])
    ask_for_plan(referral, interview, now=now)
    audit.record(
        audit.Type.INTERVIEW_HELD,
        subject=interview,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "held_at": held_at.isoformat(), "method": method}
        | ({"parted": [episode.episode_id for episode in later]} if later else {}),
    )
    return interview


def _before_a_return(later: Sequence[Episode], *, now: datetime) -> str:
    """What to say of an interview that would lie before these returns."""
    back = [moment(episode.returned_at, now=now) for episode in later if episode.returned_at]
    return (
        f"The child went missing again and came back {' and '.join(back)}, so this interview cannot be about that. "
        "Enter a later time; or, if the time is right, say so: what came after it then gets a referral of its own."
    )


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
    referral: Referral,
    *,
    settled: Mapping[int, Settled],
    although: bool = False,
    cancel_booked: bool = False,
    by: User,
    now: datetime,
) -> Sequence[Outcome]:
    """Give episodes (primary keys) of a referral their outcomes; the last one closes it, and its clocks stop.

    All of them or none. `although` says that they are right although nothing logged bears them out; `cancel_booked`
    that an appointment to come is called off with the outcome that closes the referral. Raises OutcomeRefused when one
    has its outcome already, naming who recorded it and when, and when one cannot be (see contradictions); Unlikely
    without `although`; StillBooked without `cancel_booked`.
    """
    referral = locked(referral)
    covered = {episode.pk: episode for episode in covered_episodes(referral)}
    if not settled or settled.keys() - covered.keys():
        raise OutcomeRefused("These episodes are not, or no longer, part of this referral. Open the page again.")
    known = {
        each.episode_id: each for each in Outcome.objects.filter(episode__in=covered).select_related("recorded_by")
    }
    if taken := [known[pk] for pk in settled if pk in known]:
        raise OutcomeRefused(_taken(taken[0], covered[taken[0].episode_id], by=by, now=now))
    interview = of_referral(referral)
    contradictions.refuse(
        [(covered[pk], each) for pk, each in settled.items()],
        interview,
        recorded=[each.code for each in known.values()],
        although=although,
        now=now,
    )
    booked = booked_to_come(interview, now=now)
    closes = not covered.keys() - known.keys() - settled.keys()
    if booked and closes and not cancel_booked:
        raise StillBooked(
            f"The interview is booked for {moment(booked.at, now=now)}. Say that it is called off, or move it first."
        )
    if booked and closes:
        words = sorted({codes.OutcomeCode(each.code).label for each in settled.values()})
        contact.cancel(referral, booked, because=f"Outcome recorded: {', '.join(words)}", by=by, now=now)
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
    outcomes.close({referral.pk}, now=now)
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
    when = outcome.recorded_at or outcome.at
    return (
        f"{who_has(outcome.recorded_by, to=by)} recorded “{outcome.get_code_display()}” for the episode of "
        f"{moment(episode.last_seen_at, now=now)} ({moment(when, now=now)}). Nothing was changed."
    )


def booked_to_come(interview: Interview | None, *, now: datetime) -> Appointment | None:
    """The appointment that somebody still expects to be kept, if there is one."""
    if interview is None:
        return None
    return Appointment.objects.filter(interview=interview, ended_at__isnull=True, at__gt=now).first()
