"""The contact panel: what has been tried, what remains to be done, and when to try next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max, QuerySet

from episodes.models import Carer
from rhi import codes, contact
from rhi.actions import visitor_warnings
from rhi.contact import CARERS, Remaining, Suggestion
from rhi.models import Attempt, Interview, InterviewEpisode, Offer, VisitorWarning
from routing.models import ClockName, Deadline, Destination, Referral

#: Whoever gave one of these responses has been spoken to.
ANSWERED = (codes.Response.ACCEPTED, codes.Response.DECLINED_BY_CHILD, codes.Response.DECLINED_BY_PARENT)


class Tried(NamedTuple):
    """One attempt, and whether it was made outside core hours."""

    attempt: Attempt
    outside: bool


@dataclass(frozen=True)
class ContactPanel:
    """Everything that the panel shows. Without contact rules `rest`, `suggestion` and `until` are empty.

    `until` is the last moment of the contact clock (UTC); empty too where nobody recorded when the service was told.
    """

    tried: tuple[Tried, ...]
    rest: Remaining | None
    suggestion: Suggestion | None
    until: datetime | None
    is_over: bool
    spoken: bool
    placement_first: bool
    unsafe: tuple[Carer, ...]
    warnings: tuple[VisitorWarning, ...] = ()

    @property
    def still(self) -> list[str]:
        """What remains to be done, each in a few words."""
        return contact.still_to_do(self.rest) if self.rest and not self.spoken else []

    @property
    def is_too_late(self) -> bool:
        """Whether the days for trying run, but end before the next time at which an attempt makes sense."""
        return bool(self.suggestion and self.until and not self.is_over and self.suggestion.at > self.until)

    @property
    def all_tried(self) -> bool:
        """Whether the needed attempts were made, the last day is over, and nobody was reached."""
        return bool(self.rest and self.rest.nothing and self.is_over and not self.spoken)


def contact_panel(referral: Referral, *, now: datetime) -> ContactPanel | None:
    """The panel of a referral whose child is still to be reached; six queries.

    None once the interview was held or the referral is closed, and where it is another authority's to hold. The
    referral comes with its child and version.
    """
    return panels([referral], now=now)[referral.pk]


def panels(referrals: Collection[Referral], *, now: datetime) -> dict[int, ContactPanel | None]:
    """The panels of several referrals, by their keys; as many queries as for one."""
    keys = [referral.pk for referral in referrals]
    links = (
        InterviewEpisode.objects.filter(episode__cover__referral__in=keys)
        .values_list("episode__cover__referral", "interview", "interview__held_at")
        .distinct()
    )
    about: dict[int, set[int]] = defaultdict(set)
    held: set[int] = set()
    for referral, interview, held_at in links:
        about[referral].add(interview)
        if held_at:
            held.add(referral)
    interviews = {key for keys_of in about.values() for key in keys_of}
    attempts = list(Attempt.objects.filter(interview__in=interviews).order_by("-attempted_at", "-pk"))
    answered = set(
        Offer.objects.filter(interview__in=interviews, response__in=ANSWERED).values_list("interview", flat=True)
    )
    until = dict(
        Deadline.objects.filter(referral__in=keys, name=ClockName.CONTACT)
        .values_list("referral")
        .annotate(last=Max("due_at"))
    )
    carers: dict[int, list[Carer]] = defaultdict(list)
    for carer in Carer.objects.filter(child__in={referral.child_id for referral in referrals}).order_by("pk"):
        carers[carer.child_id].append(carer)
    warnings: dict[int, list[VisitorWarning]] = defaultdict(list)
    for warning in visitor_warnings.in_force({referral.child_id for referral in referrals}):
        warnings[warning.child_id].append(warning)
    return {
        referral.pk: None
        if referral.closed_at or referral.pk in held or referral.destination == Destination.AUTHORITY
        else _panel(
            referral,
            [attempt for attempt in attempts if attempt.interview_id in about[referral.pk]],
            now=now,
            answered=bool(about[referral.pk] & answered),
            until=until.get(referral.pk),
            carers=carers[referral.child_id],
            warnings=warnings[referral.child_id],
        )
        for referral in referrals
    }


def interviews_of(referral: Referral) -> QuerySet[Interview]:
    """The interviews about the episodes that a referral covers: those by which its clocks go."""
    about = InterviewEpisode.objects.filter(episode__cover__referral=referral)
    return Interview.objects.filter(pk__in=about.values("interview"))


def _panel(
    referral: Referral,
    attempts: Sequence[Attempt],
    *,
    now: datetime,
    answered: bool,
    until: datetime | None,
    carers: Sequence[Carer],
    warnings: Sequence[VisitorWarning],
) -> ContactPanel:
    rules, calendar = referral.version.procedure.contact, referral.version.calendar
    made = as_tried(attempts)
    spoken = answered or any(attempt.reached for attempt in made)
    may_try = contact.a_carer_may_be_tried(carer.safe_to_contact for carer in carers)
    rest = contact.remaining(made, rules, calendar, carer_may_be_tried=may_try) if rules else None
    suggestion = None
    if rules and not spoken:
        hours = contact.allowed_by((each.kind, each.time) for each in warnings)
        suggestion = contact.next_suggested(made, rules, calendar, carer_may_be_tried=may_try, hours=hours, now=now)
    return ContactPanel(
        tried=tuple(Tried(attempt, not calendar.is_core_time(attempt.attempted_at)) for attempt in attempts),
        rest=rest,
        suggestion=suggestion,
        until=until if rules else None,
        is_over=until is not None and until < now,
        spoken=spoken,
        placement_first=_placement_first(referral, attempts),
        unsafe=tuple(carer for carer in carers if carer.safe_to_contact is False),
        warnings=tuple(warnings),
    )


def as_tried(attempts: Sequence[Attempt]) -> list[contact.Attempt]:
    """Stored attempts as rhi.contact takes them."""
    return [
        contact.Attempt(attempt.attempted_at, attempt.method, attempt.contacted, attempt.result) for attempt in attempts
    ]


def _placement_first(referral: Referral, attempts: Sequence[Attempt]) -> bool:
    """Whether the placement is the first to call: another authority's child is placed here (Somerset 8.1.2)."""
    if referral.child.responsible_authority_id is None:
        return False
    through = (codes.AttemptMethod.VIA_PLACEMENT, codes.AttemptMethod.PLACEMENT_VISIT)
    return not any(attempt.contacted in CARERS - {"parent"} or attempt.method in through for attempt in attempts)
