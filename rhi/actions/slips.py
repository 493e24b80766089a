"""Taking back a slip: the live fact goes, how it stood is kept, and nothing counts it any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from rhi import codes, deadlines, outcomes
from rhi.actions import letters_withdrawn
from rhi.actions.contact import RESPONSE
from rhi.actions.interviews import follow_holders, locked
from rhi.actions.outcomes_by_hand import PLACE
from rhi.actions.signing import open_again
from rhi.models import Attempt, Interview, InterviewEpisode, Notice, NoticeKind, Offer, Outcome, TakenBack
from rhi.wording import moment
from routing.models import Allocation, Referral, ReferralEpisode
from staff import audit
from staff.actions import Refused
from staff.models import AuditEvent, Membership, User
from staff.permissions import Permission, Role, allowed

Kind = TakenBack.Kind
#: What a person can have logged by a slip. A response stands with its offer, and that it was held with the interview.
Slip = Attempt | Offer | Interview | Outcome


class TakeBackRefused(Refused):
    """Something cannot be taken back, or not by this person."""


def records_of(referral: Referral, kind: str) -> QuerySet[Any] | None:
    """The records of a referral in which something of this kind can stand; None for what is no kind."""
    covered = ReferralEpisode.objects.filter(referral=referral).values("episode")
    about = InterviewEpisode.objects.filter(episode__in=covered).values("interview")
    own = Interview.objects.filter(Q(referral=referral) | Q(pk__in=about)).values("pk")
    rows: dict[str, QuerySet[Any]] = {
        Kind.ATTEMPT: Attempt.objects.filter(interview__in=own),
        Kind.OFFER: Offer.objects.filter(interview__in=own),
        Kind.RESPONSE: Offer.objects.filter(interview__in=own),
        Kind.HELD: Interview.objects.filter(pk__in=own),
        Kind.OUTCOME: Outcome.objects.filter(episode__in=covered),
    }
    return rows.get(kind)


def the_slip(referral: Referral, kind: str, pk: int) -> Slip | None:
    """What somebody wants to take back, if it belongs to the referral and there is anything to take back."""
    records = records_of(referral, kind)
    slip: Slip | None = records.filter(pk=pk).first() if records is not None else None
    if isinstance(slip, Interview) and not slip.held_at:
        return None
    if kind == Kind.RESPONSE and isinstance(slip, Offer) and not slip.response:
        return None
    return slip


def taken_back(referral: Referral, kind: str, pk: int) -> TakenBack | None:
    """What has been taken back of a referral under this key; None for what never was."""
    rows = TakenBack.objects.filter(referral=referral, kind=kind, record__id=pk)
    return rows.select_related("by").order_by("-at", "-pk").first()


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


def mendable(recorders: Iterable[int], *, by: User) -> frozenset[int]:
    """Of these people (keys), those whose slips a person may take back.

    Their own; whoever may correct records also those of their teams' members, and a missing coordinator everybody's.
    One query for a team leader.
    """
    others = set(recorders) - {by.pk}
    if not others or not allowed(by, Permission.CORRECT_RECORDS):
        return frozenset({by.pk})
    if by.role == Role.COORDINATOR:
        return frozenset({by.pk, *others})
    teams = Membership.objects.filter(user=by.pk).values("team")
    colleagues = Membership.objects.filter(team__in=teams, user__in=others)
    return frozenset({by.pk, *colleagues.values_list("user", flat=True)})


def why_not(recorder: int | None, *, by: User) -> str:
    """Why a person may not take back what somebody (key) recorded, and who may; empty when they may."""
    if recorder is None:
        return "This came with the records. It is put right in the system from which it came."
    if recorder in mendable({recorder}, by=by):
        return ""
    return "Somebody else recorded this. They can take it back, or a leader of their team, or a missing coordinator."


@transaction.atomic
def take_back(referral: Referral, *, kind: str, record: int, because: str, by: User, now: datetime) -> TakenBack:
    """Take back what a person recorded by a slip; outcomes, clocks and whether the referral is closed follow.

    An interview that was made only to carry it goes with it. What was written up on the strength of an outcome is
    opened again: the answers stay, the document is kept beside the outcome. A letter proposed by the clockwork because
    of it and that has not left is cancelled with it. Whoever recorded it is told when somebody else takes it back.
    Raises TakeBackRefused: when it is not theirs to take back (`mendable`), when something else rests on it, after
    sign-off, and when it has been taken back meanwhile.
    """
    referral = locked(referral)
    slip = the_slip(referral, kind, record)
    if slip is None:
        raise TakeBackRefused("This has already been taken back.")
    recorder = recorded_by(kind, slip)
    refusal = why_not(recorder, by=by)
    if refusal or recorder is None:
        raise TakeBackRefused(refusal)
    if referral.closed_at and kind != Kind.OUTCOME:
        raise TakeBackRefused("This referral is closed. Take back its outcome first.")
    interview = slip if isinstance(slip, Interview) else slip.interview
    if interview and interview.signed_off_at:
        raise TakeBackRefused(
            f"The interview was signed off {moment(interview.signed_off_at, now=now)}, so what it rests on stays."
        )
    referrals = _referrals_about(referral, interview)
    written = open_again(interview) if interview and kind == Kind.OUTCOME else None
    kept = TakenBack.objects.create(
        child_id=referral.child_id,
        referral=referral,
        kind=kind,
        record=_as_it_stood(kind, slip) | ({"written_up": written} if written else {}),
        by=by,
        at=now,
        because=because,
    )
    called_for = letters_withdrawn.called_for(referrals, now=now)
    _remove(kind, slip, recorder, now)
    if interview:
        _drop_if_empty(interview)
    deadlines.refresh(referrals)
    letters_withdrawn.withdraw(
        called_for,
        because=f"What called for it was taken back ({kept.get_kind_display().lower()}): {because}",
        by=by,
        now=now,
    )
    audit.record(
        audit.Type.TAKEN_BACK,
        subject=kept,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "kind": kind, "record": record} | ({"opened_again": True} if written else {}),
    )
    if recorder != by.pk:
        _tell(kept, recorder)
    return kept


def _tell(kept: TakenBack, recorder: int) -> None:
    """Tell whoever recorded something (key) that somebody else has taken it back. Why stands on the referral."""
    Notice.objects.create(
        child_id=kept.child_id,
        to_id=recorder,
        kind=NoticeKind.TAKEN_BACK,
        referral=kept.referral,
        about=f"What you logged on referral {kept.referral} was taken back: {kept.get_kind_display().lower()}. "
        "The referral says why.",
        by=kept.by,
        at=kept.at,
    )


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


def _remove(kind: str, slip: Slip, recorder: int, now: datetime) -> None:
    """Take the fact that somebody (key) recorded out of the tables.

    Raises TakeBackRefused when something else rests on it.
    """
    if isinstance(slip, Interview):
        _not_held(slip, recorder, now)
    elif isinstance(slip, Outcome):
        episode = slip.episode_id
        slip.delete()
        outcomes.settle([episode], now=now)
    elif kind == Kind.RESPONSE and isinstance(slip, Offer):
        _response_before(slip)
    elif isinstance(slip, Offer) and slip.response:
        raise TakeBackRefused("A response to this offer is recorded. Take back the response first.")
    else:
        slip.delete()


def _not_held(interview: Interview, recorder: int, now: datetime) -> None:
    """Take back all that recording it as held has written: time, method, place, and who then became its worker.

    It is to be held again: by whoever was given the referral since.
    """
    if interview.written_up_at:
        raise TakeBackRefused("The interview has been written up, so it was held.")
    if Outcome.objects.filter(interview=interview, code__in=codes.DONE).exists():
        raise TakeBackRefused("An outcome says that the interview was held. Take back the outcome first.")
    if recorded_at := interview.typed.get("held_at"):
        interview.answers.filter(question=PLACE, by=recorder, at=datetime.fromisoformat(recorded_at)).delete()
    chosen = bool(recorded_at) and interview.typed.get("worker_id") == recorded_at
    held = Allocation.objects.filter(referral=interview.referral, worker=interview.worker)
    if chosen:
        holder = Allocation.objects.filter(referral=interview.referral, until__isnull=True).first()
        interview.worker_id = holder.worker_id if holder else None
    elif interview.worker_id == recorder and not held.exists():
        interview.worker = None
    interview.held_at, interview.method = None, ""
    gone = ("held_at", "method", *(("worker_id",) if chosen else ()))
    interview.typed = {name: at for name, at in interview.typed.items() if name not in gone}
    interview.save(update_fields=["held_at", "method", "worker", "typed"])
    given = Allocation.objects.filter(referral=interview.referral_id, until__isnull=True, by__isnull=False)
    if recorded_at and given.filter(since__gte=datetime.fromisoformat(recorded_at)).exists():
        follow_holders([interview.referral_id], now=now)


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
    facts = (interview.attempts, interview.offers, interview.appointments, interview.answers, interview.outcomes)
    if any(rows.exists() for rows in (*facts, interview.letters, interview.attachments)):
        return
    interview.about.all().delete()
    interview.delete()
