"""Recording by hand what a child is open to, and putting it right. Access follows; referrals stay where they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from episodes import actions as episodes
from episodes.access import follow_involvements
from episodes.intake import authorities, locked, wait_for_turn
from episodes.models import Child, Involvement, Service
from procedures.calendar import local_date
from rhi.actions.corrections import refuse_changed
from rhi.actions.returns import facts_of, open_referrals
from rhi.wording import day
from routing.gathering import Records
from routing.models import Destination, Referral, ReferralEpisode
from routing.rules import Decision, decide
from staff import audit
from staff.actions import Refused
from staff.models import User

#: What names an involvement in the record files. It is put right here only where a person typed it.
NAMING = ("service", "start")
OF_INVOLVEMENT = (
    *NAMING,
    *("end", "team", "worker", "worker_elsewhere", "placement_kind", "placement_area", "host_authority"),
    "placement_provider",
)


class InvolvementOnRecord(Refused):
    """The child has an involvement of this service from this day already."""


@transaction.atomic
def record_involvement(child: Child, *, values: Mapping[str, Any], by: User, now: datetime) -> Involvement:
    """Record what a child is open to, where no file has brought it; `host` is the code of the host authority.

    Whoever works with the child sees them from its first day. A file that brings the same service and day later fills
    what was left empty and replaces nothing. Raises InvolvementOnRecord and CorrectionRefused.
    """
    wait_for_turn()
    child = locked(Child.objects.filter(pk=child.pk)).get()
    involvement = Involvement(child=child)
    _refuse_second(involvement, values, now)
    involvement = episodes.add(involvement, values=_with_host(values), now=now)
    follow_involvements([involvement], now)
    audit.record(
        audit.Type.INVOLVEMENT_RECORDED,
        by=by,
        at=now,
        subject=involvement,
        children=[child.child_id],
        detail={"service": involvement.service},
    )
    return involvement


@transaction.atomic
def correct_involvement(
    involvement: Involvement, *, values: Mapping[str, Any], shown: str, by: User, now: datetime
) -> Involvement:
    """Put an involvement right, and let access follow. `shown` is the fingerprint of what the person saw.

    Raises ChangedMeanwhile, InvolvementOnRecord and CorrectionRefused.
    """
    wait_for_turn()
    stored = locked(Involvement.objects.filter(pk=involvement.pk).select_related("child")).get()
    refuse_changed(stored, OF_INVOLVEMENT, shown, now=now)
    if any(name in values for name in NAMING):
        _refuse_second(stored, values, now)
    return episodes.correct(stored, values=_with_host(values), by=by, now=now)


def _with_host(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the host authority itself in place of its code."""
    facts = dict(values)
    if "host" in facts:
        code = facts.pop("host")
        facts["host_authority"] = authorities({code})[code] if code else None
    return facts


def _refuse_second(involvement: Involvement, values: Mapping[str, Any], now: datetime) -> None:
    """Refuse a service and first day by which another involvement of the child is on record."""
    service, start = (values.get(each, getattr(involvement, each)) for each in NAMING)
    same = Involvement.objects.filter(child=involvement.child, service=service, start=start)
    if same.exclude(pk=involvement.pk).exists():
        since = day(start, today=local_date(now))
        raise InvolvementOnRecord(f"{Service(service).label} since {since} is on record already. Correct that instead.")


def decided_anew(child: Child, *, now: datetime) -> dict[Referral, Decision]:
    """Where each open referral of a child would go if it were decided now, by the procedure that governs it.

    Only those that rules brought where they are; seven queries however many there are.
    """
    covers = ReferralEpisode.objects.filter(
        referral__child=child.pk, referral__closed_at__isnull=True, decision__isnull=False
    ).select_related("referral__version", "episode__child__responsible_authority")
    records, standing = Records.of([child.pk]), open_referrals([child.pk]).get(child.pk, [])
    decided = {}
    for cover in covers.order_by("referral", "pk"):
        if (cover.decision or {}).get("destination") == "joined":
            continue
        others = [each for each in standing if each.referral and each.referral.pk != cover.referral_id]
        facts, _ = facts_of(cover.episode, records, others, now=now)
        decided[cover.referral] = decide(facts, cover.referral.version.procedure.routing)
    return decided


def elsewhere(before: Mapping[Referral, Decision], after: Mapping[Referral, Decision]) -> list[str]:
    """Which referrals would now be sent elsewhere than before, in words. None is: that is for a person to say."""
    moved = {
        referral: decision
        for referral, decision in after.items()
        if referral in before and _place(before[referral]) != _place(decision)
    }
    people = User.objects.in_bulk(_workers(moved.values()), field_name="email") if moved else {}
    return [
        f"Referral {referral} stays where it is. Decided anew it would go elsewhere: {_where(decision, people)}. "
        f"{decision.because} Reassign it if that is right."
        for referral, decision in moved.items()
    ]


def _place(decision: Decision) -> tuple[str, str | None, str | None]:
    return decision.destination, decision.team, decision.worker


def _workers(decisions: Iterable[Decision]) -> list[str]:
    return [decision.worker for decision in decisions if decision.worker]


def _where(decision: Decision, people: Mapping[str, User]) -> str:
    worker = people.get(decision.worker or "")
    names = [str(each) for each in (worker, decision.team) if each]
    return ", ".join(names) or dict(Destination.choices).get(decision.destination, "").lower()
