"""Reaching the child: attempts, offers with their responses, and appointments, as people log them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min

from episodes.actions import fingerprint
from rhi import codes, contact, deadlines
from rhi.actions.interviews import locked, minute, of_referral
from rhi.models import Appointment, Attempt, Interview, Offer
from rhi.readers import ANSWERS
from rhi.wording import moment, who_has
from routing.models import Referral, ReferralEpisode
from staff import audit
from staff.actions import Refused
from staff.models import User

DECLINED = frozenset({codes.Response.DECLINED_BY_CHILD, codes.Response.DECLINED_BY_PARENT})
#: What of a response a person types, and what taking it back restores.
RESPONSE = ("response", "responded_at", "declined_because", "response_by_id")


class ContactRefused(Refused):
    """An attempt, an offer, a response or an appointment cannot be recorded like this.

    `field` names the value at fault, where it is one.
    """

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True)
class Logged:
    """An attempt as it stands, and whether it is new: the same one sent twice is logged once."""

    attempt: Attempt
    is_new: bool


def _open(referral: Referral) -> Referral:
    """The referral, locked. Raises ContactRefused when it is closed."""
    referral = locked(referral)
    if referral.closed_at:
        raise ContactRefused("This referral is closed: every episode has its outcome.")
    return referral


def _after_the_return(referral: Referral, at: datetime, field: str, *, now: datetime) -> None:
    """Refuse what would lie before the child was back, or ahead of now."""
    if at > now:
        raise ContactRefused("This lies in the future. Enter a time that has passed.", field)
    covered = ReferralEpisode.objects.filter(referral=referral)
    returned_at = covered.aggregate(first=Min("episode__returned_at"))["first"]
    if returned_at and at < minute(returned_at):
        raise ContactRefused(f"This lies before the child’s return, {moment(returned_at, now=now)}.", field)


def _before_the_interview(interview: Interview, at: datetime, field: str, *, now: datetime) -> None:
    """Refuse an offer or a response that would come after the interview itself."""
    if interview.held_at and at > interview.held_at:
        raise ContactRefused(f"This lies after the interview, held {moment(interview.held_at, now=now)}.", field)


def refresh_about(interview: Interview) -> None:
    """Let the clocks of every referral whose episodes an interview is about follow its facts."""
    covers = ReferralEpisode.objects.filter(episode__interview_links__interview=interview)
    deadlines.refresh({interview.referral_id, *covers.values_list("referral_id", flat=True)})


@transaction.atomic
def log_attempt(
    referral: Referral,
    *,
    attempted_at: datetime,
    method: str,
    contacted: str,
    result: str,
    note: str = "",
    by: User,
    now: datetime,
) -> Logged:
    """Log one try to reach somebody; the contact clock follows.

    The same attempt sent twice is logged once. Raises ContactRefused when another result or note of it is already
    logged, naming who did; when the result cannot have come of trying this person in this way; and when the time
    cannot be.
    """
    referral = _open(referral)
    _after_the_return(referral, attempted_at, "attempted_at", now=now)
    if why := contact.misfit(method=method, contacted=contacted, result=result):
        raise ContactRefused(why, "result")
    interview = of_referral(referral)
    same = interview.attempts.filter(attempted_at=attempted_at, method=method, contacted=contacted).first()
    if same and (same.result, same.note) == (result, note):
        return Logged(same, is_new=False)
    if same:
        raise ContactRefused(
            f"{who_has(same.recorded_by, to=by)} already logged an attempt at this time and in this way:"
            f" {same.get_result_display().lower()}."
            f" {'Take that one back, or enter' if same.recorded_by == by else 'If yours was another one, enter'}"
            " another time."
        )
    attempt = interview.attempts.create(
        child_id=referral.child_id,
        attempted_at=attempted_at,
        method=method,
        contacted=contacted,
        result=result,
        note=note,
        recorded_by=by,
        recorded_at=now,
    )
    refresh_about(interview)
    audit.record(
        audit.Type.ATTEMPT_LOGGED,
        subject=attempt,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "method": method, "contacted": contacted, "result": result},
    )
    return Logged(attempt, is_new=True)


@transaction.atomic
def record_offer(
    referral: Referral, *, to: str, offered_at: datetime, route: str, method: str, by: User, now: datetime
) -> Offer:
    """Record that the interview was offered to the child, or apart from that to a parent or carer.

    One offer to each: put again, it is the response that is recorded anew. The same offer sent twice is recorded
    once. Raises ContactRefused.
    """
    referral = _open(referral)
    _after_the_return(referral, offered_at, "offered_at", now=now)
    if route == codes.OfferRoute.LETTER and not referral.version.procedure.letters.counts_as_offer:
        raise ContactRefused(
            "Under this procedure a letter is not an offer. Log it as an attempt by letter; record the offer when you"
            " have put it to them in another way.",
            "route",
        )
    if to == codes.OfferedTo.PARENT and route == codes.OfferRoute.VIA_CARER:
        raise ContactRefused(
            "An offer to the parent or carer does not go through them. Choose how it was put.", "route"
        )
    interview = of_referral(referral)
    _before_the_interview(interview, offered_at, "offered_at", now=now)
    same = interview.offers.filter(to=to).first()
    if same and (same.offered_at, same.route, same.method) == (offered_at, route, method):
        return same
    if same:
        to_whom = same.get_to_display().lower()
        when = f" {moment(same.offered_at, now=now)}" if same.offered_at else ""
        raise ContactRefused(
            f"{who_has(same.recorded_by, to=by)} already recorded an offer to the {to_whom}{when}."
            " If you have put it to them again, record their new response to that offer."
        )
    values = {"offered_at": offered_at, "route": route, "method": method}
    offer = interview.offers.create(
        child_id=referral.child_id, to=to, recorded_by=by, recorded_at=now, typed=_typed(values, now), **values
    )
    refresh_about(interview)
    audit.record(
        audit.Type.OFFER_RECORDED,
        subject=offer,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "to": to, "route": route, "method": method},
    )
    return offer


def _typed(names: Mapping[str, Any] | tuple[str, ...], now: datetime) -> dict[str, str]:
    """The mark that a person typed these fields: no file replaces them any more."""
    return {name: now.isoformat() for name in names}


@transaction.atomic
def record_response(
    referral: Referral,
    offer: Offer,
    *,
    response: str,
    responded_at: datetime,
    declined_because: str = "",
    shown: str = "",
    by: User,
    now: datetime,
) -> Offer:
    """Record what came back to one offer, or a newer response; the trail keeps the one before, in codes.

    `shown` is the response that the person saw to this offer, as `response_shown` has it; empty: there was none yet.
    The same response sent twice is recorded once. Raises ContactRefused, also when another one stands by now than
    was shown, naming who recorded it.
    """
    referral = _open(referral)
    standing = Offer.objects.select_related("interview", "response_by").filter(pk=offer.pk).first()
    if standing is None:
        raise ContactRefused("This offer has been taken back meanwhile, so nothing can have come back to it.")
    offer = standing
    because = _reason(offer, response, declined_because)
    _after_the_return(referral, responded_at, "responded_at", now=now)
    _before_the_interview(offer.interview, responded_at, "responded_at", now=now)
    if offer.offered_at and responded_at < minute(offer.offered_at):
        raise ContactRefused(f"This lies before the offer, {moment(offer.offered_at, now=now)}.", "responded_at")
    if (offer.response, offer.responded_at, offer.declined_because) == (response, responded_at, because):
        return offer
    if shown != response_shown(offer):
        raise ContactRefused(
            f"{who_has(offer.response_by, to=by)} recorded “{offer.get_response_display()}” meanwhile."
            " Nothing of yours has been saved. If it is newer, save it again."
            if offer.response
            else "The response that you saw has been taken back meanwhile. If yours stands, save it again."
        )
    was = {name: getattr(offer, name) for name in RESPONSE} | {"typed": offer.typed}
    offer.response, offer.responded_at, offer.declined_because = response, responded_at, because
    offer.response_by = by
    offer.typed = offer.typed | _typed(RESPONSE[:3], now)
    offer.save(update_fields=["response", "responded_at", "declined_because", "response_by", "typed"])
    refresh_about(offer.interview)
    audit.record(
        audit.Type.RESPONSE_RECORDED,
        subject=offer,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={
            "referral": referral.pk,
            "to": offer.to,
            "response": response,
            "because": because,
            "was": was | {"responded_at": was["responded_at"].isoformat() if was["responded_at"] else None},
        },
    )
    return offer


def response_shown(offer: Offer) -> str:
    """What tells whether the response to an offer still is the one that somebody saw; empty when there is none."""
    return fingerprint(offer, RESPONSE[:3]) if offer.response else ""


def fitting_responses(offer: Offer) -> list[tuple[str, str]]:
    """The responses that whoever was asked can have given, with their words, in their order."""
    possible = ANSWERS.get(codes.OfferedTo(offer.to), set(codes.Response.values))
    return [(code, words) for code, words in codes.Response.choices if code in possible]


def _reason(offer: Offer, response: str, declined_because: str) -> str:
    """The coded reason that goes with a response: one for a refusal, none otherwise. Raises ContactRefused."""
    if response not in dict(fitting_responses(offer)):
        raise ContactRefused(
            f"The interview was offered to the {offer.get_to_display().lower()}, who cannot have given this response."
            " Record an offer to the other one if they were asked too.",
            "response",
        )
    if response not in DECLINED:
        return ""
    if not declined_because:
        raise ContactRefused("Say why it was declined. “Gave no reason” is one of the answers.", "declined_because")
    if response == codes.Response.DECLINED_BY_CHILD and declined_because == "by_parent":
        raise ContactRefused("The child was asked, so the child’s own reason is needed.", "declined_because")
    return declined_because


@transaction.atomic
def book(referral: Referral, *, at: datetime, place: str, method: str, by: User, now: datetime) -> Appointment:
    """Agree a day and place for the interview. One at a time; the same one sent twice is booked once.

    Raises ContactRefused.
    """
    referral = _open(referral)
    interview = of_referral(referral)
    _bookable(interview, at=at, place=place, method=method, now=now)
    booked = interview.appointments.filter(ended_at__isnull=True).first()
    if booked and (booked.at, booked.place, booked.method) == (at, place, method):
        return booked
    if booked:
        raise ContactRefused(
            f"{who_has(booked.recorded_by, to=by)} already booked an appointment for {moment(booked.at, now=now)}."
            " Move or cancel it."
        )
    appointment = _booked(interview, at=at, place=place, method=method, by=by, now=now)
    _on_trail(audit.Type.APPOINTMENT_BOOKED, appointment, referral, by=by, now=now)
    return appointment


@transaction.atomic
def move(
    referral: Referral,
    appointment: Appointment,
    *,
    at: datetime,
    place: str,
    method: str,
    because: str,
    by: User,
    now: datetime,
) -> Appointment:
    """Put another appointment in the place of one, with the reason; answers the new one. Raises ContactRefused."""
    referral = _open(referral)
    earlier = _standing(appointment, now=now)
    _bookable(earlier.interview, at=at, place=place, method=method, now=now)
    _end(earlier, because=because, by=by, now=now)
    later = _booked(earlier.interview, at=at, place=place, method=method, by=by, now=now)
    earlier.moved_to = later
    earlier.save(update_fields=["moved_to"])
    _on_trail(audit.Type.APPOINTMENT_MOVED, later, referral, by=by, now=now, moved_from=earlier.pk)
    return later


@transaction.atomic
def cancel(referral: Referral, appointment: Appointment, *, because: str, by: User, now: datetime) -> Appointment:
    """Call an appointment off, with the reason; that of a closed referral too, as the family still waits.

    Raises ContactRefused.
    """
    referral = locked(referral)
    appointment = _standing(appointment, now=now)
    _end(appointment, because=because, by=by, now=now)
    _on_trail(audit.Type.APPOINTMENT_CANCELLED, appointment, referral, by=by, now=now)
    return appointment


def _bookable(interview: Interview, *, at: datetime, place: str, method: str, now: datetime) -> None:
    """Refuse an appointment that nobody could keep."""
    if interview.held_at:
        raise ContactRefused("The interview has been held already.")
    if at <= now:
        raise ContactRefused("This lies in the past. An appointment lies in the future.", "at")
    if method == codes.Method.FACE_TO_FACE and not place:
        raise ContactRefused("Say where to meet.", "place")


def _booked(interview: Interview, *, at: datetime, place: str, method: str, by: User, now: datetime) -> Appointment:
    return interview.appointments.create(
        child_id=interview.child_id, at=at, place=place, method=method, recorded_by=by, recorded_at=now
    )


def _standing(appointment: Appointment, *, now: datetime) -> Appointment:
    """The appointment as it stands now. Raises ContactRefused when it has been moved or cancelled."""
    row = Appointment.objects.select_related("interview", "ended_by").get(pk=appointment.pk)
    if row.ended_at:
        done = "moved" if row.moved_to_id else "cancelled"
        raise ContactRefused(
            f"This appointment was {done} by {row.ended_by or 'somebody'}, {moment(row.ended_at, now=now)}."
        )
    return row


def _end(appointment: Appointment, *, because: str, by: User, now: datetime) -> None:
    appointment.ended_at, appointment.ended_because, appointment.ended_by = now, because, by
    appointment.save(update_fields=["ended_at", "ended_because", "ended_by"])


def _on_trail(
    type: audit.Type,  # noqa: A002 the trail's own word
    appointment: Appointment,
    referral: Referral,
    *,
    by: User,
    now: datetime,
    **detail: object,
) -> None:
    audit.record(
        type,
        subject=appointment,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "at": appointment.at.isoformat(), "method": appointment.method, **detail},
    )
