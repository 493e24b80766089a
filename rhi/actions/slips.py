"""Taking back one's own slip: the live fact goes, how it stood is kept, and nothing counts it any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from rhi import codes, deadlines, outcomes
from rhi.actions.contact import RESPONSE
from rhi.actions.interviews import locked
from rhi.actions.outcomes_by_hand import PLACE
from rhi.models import Attempt, Interview, InterviewEpisode, Offer, Outcome, TakenBack
from rhi.wording import moment
from routing.models import Allocation, Referral, ReferralEpisode
from staff import audit
from staff.actions import Refused
from staff.models import AuditEvent, User

Kind = TakenBack.Kind
#: What a person can have logged by a slip. A response stands with its offer, and that it was held with the interview.
Slip = Attempt | Offer | Interview | Outcome


class TakeBackRefused(Refused):
    """Something cannot be taken back, or not by this person."""


def the_slip(referral: Referral, kind: str, pk: int) -> Slip | None:
    """What somebody wants to take back, if it belongs to the referral and there is anything to take back."""
    covered = ReferralEpisode.objects.filter(referral=referral).values("episode")
    about = InterviewEpisode.objects.filter(episode__in=covered).values("interview")
    own = Interview.objects.filter(Q(referral=referral) | Q(pk__in=about)).values("pk")
    rows: dict[str, QuerySet[Any]] = {
        Kind.ATTEMPT: Attempt.objects.filter(interview__in=own),
        Kind.OFFER: Offer.objects.filter(interview__in=own),
        Kind.RESPONSE: Offer.objects.filter(interview__in=own).exclude(response=""),
        Kind.HELD: Interview.objects.filter(pk__in=own, held_at__isnull=False),
        Kind.OUTCOME: Outcome.objects.filter(episode__in=covered),
    }
    slip: Slip | None = rows[kind].filter(pk=pk).first() if kind in rows else None
    return slip


def recorded_by(kind: str, slip: Slip) -> int | None:
    """Who recorded it (primary key); None when a record brought it.

    An interview does not say who recorded that it was held; the trail does.
    """
    if isinstance(slip, Interview):
        held = AuditEvent.objects.filter(
            type=audit.Type.INTERVIEW_HELD, subject=f"{Interview._meta.label}:{slip.pk}"
        ).first()
        return held.by_id if held else None
    if kind == Kind.RESPONSE and isinstance(slip, Offer):
        return slip.response_by_id
    return slip.recorded_by_id


@transaction.atomic
def take_back(referral: Referral, *, kind: str, record: int, because: str, by: User, now: datetime) -> TakenBack:
    """Take back what a person recorded by a slip; outcomes, clocks and whether the referral is closed follow.

    An interview that was made only to carry it goes with it. Raises TakeBackRefused: when somebody else recorded it,
    when something else rests on it, after sign-off, and when it has been taken back meanwhile.
    """
    referral = locked(referral)
    slip = the_slip(referral, kind, record)
    if slip is None:
        raise TakeBackRefused("This has already been taken back.")
    if recorded_by(kind, slip) != by.pk:
        raise TakeBackRefused("Somebody else recorded this. Only they can take it back.")
    if referral.closed_at and kind != Kind.OUTCOME:
        raise TakeBackRefused("This referral is closed. Take back its outcome first.")
    interview = slip if isinstance(slip, Interview) else slip.interview
    if interview and interview.signed_off_at:
        raise TakeBackRefused(
            f"The interview was signed off {moment(interview.signed_off_at, now=now)}, so what it rests on stays."
        )
    referrals = _referrals_about(referral, interview)
    kept = TakenBack.objects.create(
        child_id=referral.child_id,
        referral=referral,
        kind=kind,
        record=_as_it_stood(kind, slip),
        by=by,
        at=now,
        because=because,
    )
    _remove(kind, slip, by)
    if interview:
        _drop_if_empty(interview)
    deadlines.refresh(referrals)
    audit.record(
        audit.Type.TAKEN_BACK,
        subject=kept,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "kind": kind, "record": record},
    )
    return kept


def _referrals_about(referral: Referral, interview: Interview | None) -> set[int]:
    """The referrals (primary keys) whose clocks rest on an interview, and the one at hand."""
    covers = ReferralEpisode.objects.filter(episode__interview_links__interview=interview) if interview else []
    return {referral.pk, *(cover.referral_id for cover in covers)}


def _as_it_stood(kind: str, slip: Slip) -> dict[str, object]:
    """The fields of a slip as JSON keeps them; of an interview and a response only those that go."""
    names: Iterable[str] = [field.attname for field in slip._meta.concrete_fields]
    if kind == Kind.RESPONSE:
        names = ["id", "to", *RESPONSE]
    elif kind == Kind.HELD:
        names = ["id", "held_at", "method"]
    values = {name: getattr(slip, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _remove(kind: str, slip: Slip, by: User) -> None:
    """Take the fact out of the tables. Raises TakeBackRefused when something else rests on it."""
    if isinstance(slip, Interview):
        _not_held(slip, by)
    elif isinstance(slip, Outcome):
        episode = slip.episode_id
        slip.delete()
        outcomes.settle([episode])
    elif kind == Kind.RESPONSE and isinstance(slip, Offer):
        _response_before(slip)
    elif isinstance(slip, Offer) and slip.response:
        raise TakeBackRefused("A response to this offer is recorded. Take back the response first.")
    else:
        slip.delete()


def _not_held(interview: Interview, by: User) -> None:
    """Take back all that recording it as held has written: time, method, place, and who then became its worker."""
    if interview.written_up_at:
        raise TakeBackRefused("The interview has been written up, so it was held.")
    if Outcome.objects.filter(interview=interview, code__in=codes.DONE).exists():
        raise TakeBackRefused("An outcome says that the interview was held. Take back the outcome first.")
    if recorded_at := interview.typed.get("held_at"):
        interview.answers.filter(question=PLACE, by=by, at=datetime.fromisoformat(recorded_at)).delete()
    if interview.worker_id == by.pk and not Allocation.objects.filter(referral=interview.referral, worker=by).exists():
        interview.worker = None
    interview.held_at, interview.method = None, ""
    interview.typed = {name: at for name, at in interview.typed.items() if name not in ("held_at", "method")}
    interview.save(update_fields=["held_at", "method", "worker", "typed"])


def _response_before(offer: Offer) -> None:
    """Put back the response that stood before this one was recorded: the trail keeps it."""
    recorded = AuditEvent.objects.filter(
        type=audit.Type.RESPONSE_RECORDED,
        subject=f"{Offer._meta.label}:{offer.pk}",
        at=datetime.fromisoformat(offer.typed["response"]),
    ).first()
    was = recorded.detail["was"] if recorded else dict.fromkeys(RESPONSE) | {"typed": {}}
    responded_at = was["responded_at"]
    offer.response, offer.declined_because = was["response"] or "", was["declined_because"] or ""
    offer.responded_at = datetime.fromisoformat(responded_at) if responded_at else None
    offer.response_by_id, offer.typed = was["response_by_id"], was["typed"]
    offer.save(update_fields=["response", "declined_because", "responded_at", "response_by", "typed"])


def _drop_if_empty(interview: Interview) -> None:
    """Let an interview go that was made here only to carry what has been taken back.

    One that a record brought, or that carries anything else, stays.
    """
    if interview.reference != f"RHI-{interview.referral_id}" or interview.held_at or interview.written_up_at:
        return
    carried = (interview.attempts, interview.offers, interview.appointments, interview.answers, interview.outcomes)
    if any(rows.exists() for rows in carried):
        return
    interview.about.all().delete()
    interview.delete()
