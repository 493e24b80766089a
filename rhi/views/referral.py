"""The page of one referral."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from procedures.calendar import local_date
from procedures.clocks import State
from rhi import wording
from rhi.actions.signing import is_own
from rhi.codes import REASON_WORDS, OfferedTo
from rhi.views import marks, reaching
from rhi.views.case import Case, May, gather, may
from rhi.views.contact_panel import ContactPanel, contact_panel
from rhi.views.letters_of_referral import letters_of
from rhi.views.next_step import Doer, Known, NextStep, OfferMade, Way, next_step
from rhi.views.sharing_of_referral import sharing_of
from rhi.views.timeline import in_words, timeline
from routing.models import Deadline, Destination, Task
from staff import audit
from staff.permissions import Permission, requires

#: As many clocks as a glance takes in.
IN_SIGHT = 6
TELL = Task.Kind.TELL_AUTHORITY
DESTINATIONS = {**dict(Destination.choices), "joined": "The open referral of the same child"}


@requires(Permission.SEE_REFERRALS)
@require_safe
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is known of one referral, what to do next, and whatever the person may do about it."""
    now = timezone.now()
    shown = reaching.the_referral(request, pk, now=now)
    user = reaching.person(request)
    mark = marks.referral_mark(shown)  # first, so that what changes meanwhile is not taken for what the page shows
    case = gather(shown, now=now)
    allows = may(shown, user, now=now)
    panel = contact_panel(shown, now=now)
    step = next_step(known_of(case, panel, now=now))
    reaching.put_on_trail(request, audit.Type.REFERRAL_READ, now=now, children=[shown.child.child_id], subject=shown)
    return render(
        request,
        "rhi/referral.html",
        {
            "now": now,
            "referral": shown,
            "case": case,
            "may": allows,
            "statuses": statuses(case),
            "clocks": Clocks.of(case.deadlines, now=now),
            "may_record": allows.work and shown.closed_at is None and case.held is None,
            "several": len(case.covered) > 1,
            "step": step,
            "ways": [_linked(way) for way in ways_open(step, case, allows, user.pk)],
            "actions": [_linked(way) for way in actions(case, allows, user.pk)],
            "panel": panel,
            "events": timeline(case, user=user, now=now),
            "decisions": decisions(case),
            "procedure": shown.version.procedure,
            "contacts": case.contacts,
            "ended": ended(case),
            "letters": letters_of(case, now=now),
            "sharing": sharing_of(case),
            "warnings": case.warnings_in_force,
            "check": case.check,
            "papers": case.papers,
            "look": marks.referral_look(shown, mark),
        },
    )


def known_of(case: Case, panel: ContactPanel | None, *, now: datetime) -> Known:
    """As much of a case as the next step rests on."""
    shown, holder, held, written = case.referral, case.holder, case.held, case.written
    suggestion = panel.suggestion if panel else None
    gone = holder is not None and holder.worker is not None and holder.worker.has_left(local_date(now))
    return Known(
        referral=shown.pk,
        now=now,
        routed=bool(shown.destination),
        closed_at=shown.closed_at,
        question="" if shown.question_settled_at else shown.question,
        theirs=shown.destination == Destination.AUTHORITY and not (holder and holder.worker),
        tell=next((task.pk for task in case.tasks if task.kind == TELL and task.is_open), None),
        missing_again=case.missing_again.pk if case.missing_again else None,
        missing_since=case.missing_again.last_seen_at if case.missing_again else None,
        worker=holder.worker.name if holder and holder.worker and not gone else "",
        left=holder.worker.name if holder and holder.worker and gone else "",
        team=holder.team.name if holder and holder.team else "",
        records_unchecked=not case.checks,
        attempts=len(panel.tried) if panel else 0,
        spoken=bool(panel and panel.spoken),
        all_tried=bool(panel and panel.all_tried),
        try_again_at=suggestion.at if suggestion else None,
        try_again_because=suggestion.because if suggestion else "",
        offers=tuple(OfferMade(offer.pk, offer.to, offer.response) for offer in case.offers),
        appointment_at=case.appointment.at if case.appointment else None,
        held_at=held.held_at if held else None,
        form_owed=case.form_owed,
        written_up_at=written.written_up_at if written else None,
        written_up_by=written.written_up_by.name if written and written.written_up_by else "",
        signed_off_at=written.signed_off_at if written else None,
        outcomes_missing=case.outcomes_missing,
    )


def statuses(case: Case) -> list[str]:
    """What the identity bar says beside the name: what the child is open to, and marks that change how to work."""
    open_to = [involvement.get_service_display() for involvement in case.involvements]
    child = case.referral.child
    marks = [
        *(["Unaccompanied asylum-seeking child"] if child.uasc else []),
        *filter(None, [wording.interpreter(child.interpreter_needed, child.language)]),
        *([f"Child of {child.responsible_authority}"] if child.responsible_authority else []),
    ]
    return [*dict.fromkeys(open_to), *marks]


@dataclass(frozen=True)
class Clocks:
    """The clocks of a referral: those in sight, first the one that can still be kept, and the rest behind them."""

    first: list[Deadline]
    rest: list[Deadline]

    @classmethod
    def of(cls, deadlines: list[Deadline], *, now: datetime) -> Clocks:
        """Sort the stored clocks, which come by the time at which they run out.

        Those that run stand before open ones that have run out, and both before those that ended: what can still be
        done in time is never hidden behind what cannot.
        """
        in_order = sorted(deadlines, key=lambda clock: (bool(clock.settled), clock.state(now) is not State.RUNNING))
        in_sight = sum(1 for clock in in_order if not clock.settled) or len(in_order)
        seen = min(in_sight, IN_SIGHT)
        return cls(in_order[:seen], in_order[seen:])


def ended(case: Case) -> list[str]:
    """How the referral's episodes ended, each way once: `Completed`, `No contact: no answer (3 episodes)`."""
    outcomes = [outcome for cover in case.covered if (outcome := getattr(cover.episode, "outcome", None))]
    ways = Counter(
        ": ".join(filter(None, [outcome.get_code_display(), REASON_WORDS.get(outcome.reason, outcome.reason).lower()]))
        for outcome in outcomes
    )
    return [f"{how} ({number} episodes)" if number > 1 else how for how, number in ways.items()]


def _doers(case: Case, allows: May, user: int) -> frozenset[Doer]:
    """As whom a person can take a step. Whoever held an interview or wrote it up does not sign it off."""
    own = case.written is not None and is_own(case.written, user)
    return frozenset(
        doer
        for doer, can in (
            (Doer.WORKER, allows.work),
            (Doer.ASSIGNER, allows.assign),
            (Doer.SETTLER, allows.settle),
            (Doer.RECORDER, allows.record),
            (Doer.SIGNER, allows.sign_off and not own),
        )
        if can
    )


def ways_open(step: NextStep, case: Case, allows: May, user: int) -> list[Way]:
    """The ways to take a step that are open to a person."""
    doers = _doers(case, allows, user)
    return [way for way in step.ways if way.doer in doers]


def actions(case: Case, allows: May, user: int) -> list[Way]:
    """Everything that a person may do on this referral now, whether or not it comes next."""
    shown, at = case.referral, (case.referral.pk,)
    doers = _doers(case, allows, user)
    is_open, held, written = shown.closed_at is None, case.held, case.written
    ways = []
    if is_open and not held:
        ways += [
            Way("Log an attempt", "rhi:log_attempt", at),
            *([] if _offered_to_both(case) else [Way("Record an offer", "rhi:record_offer", at)]),
            *([] if case.appointment else [Way("Book the interview", "rhi:book", at)]),
            Way("Record that it was held", "rhi:record_held", at),
        ]
        ways += [
            Way("Record what the records say", "rhi:check_records", at),
            Way("Form to fill in on paper", "rhi:blank_form", at),
        ]
    if not (written and written.signed_off_at):
        ways.append(Way("Open the form", "rhi:form", at))
    if is_open and not (written and written.written_up_at):
        ways.append(Way("Episodes in this interview", "rhi:covered", at, doer=Doer.RECORDER))
    if case.outcomes_missing:
        ways.append(Way("Record the outcome", "rhi:record_outcomes", at))
    if written and written.written_up_at and not written.signed_off_at:
        ways.append(Way("Read and sign off", "rhi:sign_off", at, doer=Doer.SIGNER))
    if is_open:
        if shown.question and not shown.question_settled_at:
            ways.append(Way("Settle the question", "rhi:settle", at, doer=Doer.SETTLER))
        ways += [
            Way("Assign or reassign", "rhi:assign", at, doer=Doer.ASSIGNER),
            Way("Hand to another team", "rhi:hand_over", at, doer=Doer.ASSIGNER),
            Way("Decide otherwise than the rules", "rhi:override", at, doer=Doer.ASSIGNER),
        ]
    elif case.form_owed:
        ways.append(Way("Give the form to somebody else", "rhi:assign", at, doer=Doer.ASSIGNER))
    return [*(way for way in ways if way.doer in doers), *_at_any_time(case, allows)]


def _at_any_time(case: Case, allows: May) -> list[Way]:
    """What a person may do on a referral whether it is open or closed."""
    at, written = (case.referral.pk,), case.written
    ways = [
        (allows.work, Way("Write a case note", "rhi:write_note", at)),
        (allows.work, Way("Share what the interview says", "rhi:sharing", at)),
        (allows.work and written and written.signed_off_at, Way("Add to the record", "rhi:add_to_record", at)),
        (allows.escalate, Way("Put a worry to a manager", "rhi:escalate", at)),
        (case.interviews, Way("Printable record", "rhi:record", at)),
    ]
    return [way for may_now, way in ways if may_now]


def _offered_to_both(case: Case) -> bool:
    """Whether child and parent have both been offered the interview, so that no offer is left to record."""
    return {OfferedTo.CHILD, OfferedTo.PARENT} <= {offer.to for offer in case.offers}


def _linked(way: Way) -> dict[str, str]:
    return {"words": way.words, "to": reverse(way.name, args=way.at)}


def decisions(case: Case) -> list[dict[str, Any]]:
    """Why each episode brought the referral here: the decision as it was stored, with every rule considered."""
    clauses = {rule.name: rule.clause for rule in case.referral.version.procedure.routing.rules}
    clauses["default"] = case.referral.version.procedure.routing.default.clause
    return [
        {
            "episode": cover.episode,
            "destination": DESTINATIONS.get(cover.decision["destination"], ""),
            "team": cover.decision.get("team") or "",
            "worker": cover.decision.get("worker") or "",
            "because": cover.decision["because"],
            "clause": clauses.get(cover.decision["rule"], ""),
            "considered": [
                {"rule": in_words(rule["rule"]), "matched": rule["matched"], "because": rule["because"]}
                for rule in cover.decision["considered"]
            ],
        }
        for cover in case.covered
        if cover.decision
    ]
