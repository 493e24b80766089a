"""The job that proposes letters when their day has come: each once, however often it runs and whatever it missed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs import claims
from jobs.schedule import Hourly, Recurring
from procedures.models import Version
from rhi.actions.letter_blocks import ELSEWHERE
from rhi.actions.letter_facts import Around, around
from rhi.actions.letters_due import Due, due, still_to_propose, without_addressee
from rhi.actions.telling import Matter, tell
from rhi.codes import OutcomeCode, Response
from rhi.models import Attempt, Letter, NoticeKind, Offer, Outcome
from routing.models import Allocation, Referral
from staff import audit

#: So many referrals are looked through in one transaction.
BATCH = 200
MORE = "rhi.actions.proposing.propose_more"
#: How long after its last outcome a referral is still looked at for a refusal, or no contact, recorded here.
STILL_DUE = timedelta(days=28)


def propose_due(*, period: str, now: datetime) -> None:  # noqa: ARG001 what is due depends on the facts, not on the run
    """Propose every letter that is due by now and has not been proposed."""
    _look(after=0, now=now)


def propose_more(*, after: int, now: datetime) -> None:
    """Go on after a referral (primary key) where a run has left off."""
    _look(after=after, now=now)


SCHEDULE = (Recurring(propose_due, Hourly(minute=5)),)


@transaction.atomic
def _look(*, after: int, now: datetime) -> None:
    keys = list(_candidates(now).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[: BATCH + 1])
    looked_at = keys[:BATCH]
    calling = [key for key, facts in around(looked_at, now=now).items() if _calls_for_something(facts, now)]
    if calling:
        _propose(calling, now=now)
    if len(keys) > BATCH:
        claims.enqueue(MORE, arguments={"after": looked_at[-1]}, due_at=now)


def _candidates(now: datetime) -> QuerySet[Referral]:
    """The referrals that can call for a letter.

    Open ones on which something was tried, offered or refused; and those closed lately by a refusal, or by
    no contact, that a person recorded here: of what a record brought, the paperwork is elsewhere.
    """
    versions = [version.pk for version in Version.objects.all() if _sends_letters(version)]
    of_it: dict[str, object] = {"interview__about__episode__cover__referral": OuterRef("pk")}
    tried = Exists(Attempt.objects.filter(**of_it)) | Exists(Offer.objects.filter(**of_it))
    declined = Offer.objects.filter(**of_it, response=Response.DECLINED_BY_CHILD, response_by__isnull=False)
    settled = Outcome.objects.filter(
        episode__cover__referral=OuterRef("pk"),
        code__in=[OutcomeCode.DECLINED, OutcomeCode.NO_CONTACT],
        recorded_by__isnull=False,
    ).exclude(code=OutcomeCode.DECLINED, reason="by_parent")
    said = Exists(declined) | Exists(settled)
    lately = Q(closed_at__isnull=True) | Q(closed_at__gte=now - STILL_DUE)
    return Referral.objects.filter(lately & said | Q(closed_at__isnull=True) & tried, version__in=versions).exclude(
        destination__in=ELSEWHERE
    )


def _sends_letters(version: Version) -> bool:
    letters = version.procedure.letters
    return bool(letters.no_contact or letters.refusal or letters.chase_after_working_days)


def _calls_for_something(facts: Around, now: datetime) -> bool:
    return any(still_to_propose(wanted, facts) for wanted in due(facts, now=now)) or bool(
        without_addressee(facts, now=now)
    )


def _propose(referrals: Iterable[int], *, now: datetime) -> None:
    """Look at these referrals (primary keys) once more, held, and propose what they call for."""
    held = list(
        Referral.objects.filter(pk__in=list(referrals))
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk", flat=True)
    )
    every = around(held, now=now)
    letters = Letter.objects.bulk_create(
        [letter for facts in every.values() for letter in _letters(facts, now=now)],
    )
    if letters:
        audit.record(
            audit.Type.LETTER_PROPOSED,
            by=None,
            at=now,
            children=[every[letter.referral_id].child.child_id for letter in letters],
            detail={"letters": [letter.pk for letter in letters]},
        )
    _tell([(facts, each) for facts in every.values() for each in without_addressee(facts, now=now)], now=now)


def _letters(facts: Around, *, now: datetime) -> list[Letter]:
    """The letters that one referral calls for, not yet stored."""
    interview = facts.interview
    if interview is None:
        return []
    return [
        Letter(
            state=Letter.State.PROPOSED,
            child_id=facts.child.pk,
            referral=facts.gathered.referral,
            interview=interview,
            kind=wanted.kind,
            step=wanted.step,
            to=Letter.To.CARER if person.carer else Letter.To.CHILD,
            carer_id=person.carer,
            because=f"{wanted.because} {person.because}"[:500],
            proposed_at=now,
            placement=facts.placement,
        )
        for wanted in due(facts, now=now)
        for person in still_to_propose(wanted, facts)
    ]


def _tell(unaddressed: Iterable[tuple[Around, Due]], *, now: datetime) -> None:
    """Tell whoever holds these referrals, once for each letter, that one is due and nobody may get it."""
    wanted = list(unaddressed)
    if not wanted:
        return
    holders = {
        row.referral_id: row
        for row in Allocation.objects.filter(
            referral__in=[facts.gathered.referral.pk for facts, _ in wanted], until__isnull=True
        )
    }
    tell(
        [
            Matter(
                key=f"no_addressee:{facts.gathered.referral.pk}:{letter.kind}:{letter.step}",
                kind=NoticeKind.NO_ADDRESSEE,
                about=f"A letter is due (“{letter.kind.label}”), and nobody may get it. Look at who is on record.",
                child=facts.child.pk,
                referral=facts.gathered.referral.pk,
                worker=holder.worker_id if (holder := holders.get(facts.gathered.referral.pk)) else None,
                team=holder.team_id if holder else None,
            )
            for facts, letter in wanted
        ],
        now=now,
    )
