"""Gathers the facts of referrals, asks procedures.clocks, and stores the answers. The only writer of Deadline.

Everything here costs the same number of queries for one referral as for five hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from episodes.models import Carer, Episode, Kind
from procedures import clocks
from procedures.clocks import Absence, Clock, EpisodeFacts, Facts, Moment, Unknown
from procedures.models import Version
from procedures.types import Procedure
from rhi import codes, contact
from rhi.models import Attempt, Interview, InterviewEpisode, Offer, Outcome
from routing.models import Allocation, Deadline, Destination, Referral, ReferralEpisode

STORED = ("starts_at", "due_at", "met_at", "settled", "late_on_arrival")


@dataclass(frozen=True)
class InterviewRecord:
    """One interview with what belongs to it."""

    interview: Interview
    offers: tuple[Offer, ...]
    attempts: tuple[contact.Attempt, ...]


@dataclass(frozen=True)
class Gathered:
    """One referral with everything that its clocks rest on."""

    referral: Referral
    version: Version
    episodes: tuple[Episode, ...]
    absences: tuple[Episode, ...]
    assigned_at: datetime | None
    about: Mapping[int, tuple[InterviewRecord, ...]]
    outcomes: Mapping[int, Outcome]
    carer_may_be_tried: bool

    @property
    def interviews(self) -> list[InterviewRecord]:
        """Every interview about one of its episodes, whichever referral the interview's record belongs to."""
        records = (record for episode in self.episodes for record in self.about.get(episode.pk, ()))
        return list({record.interview.pk: record for record in records}.values())

    def clocks(self) -> tuple[Clock, ...]:
        """Every clock of the referral, worked out afresh."""
        return clocks.evaluate(self.facts(), self.version.procedure, self.version.calendar)

    def facts(self) -> Facts:
        """What the clocks rest on, as procedures.clocks takes it."""
        episodes = tuple(
            episode_facts(
                episode,
                self.about.get(episode.pk, ()),
                self.outcomes.get(episode.pk),
                self.version.procedure,
                carer_may_be_tried=self.carer_may_be_tried,
            )
            for episode in self.episodes
        )
        referral = self.referral
        in_tray: Moment = referral.in_tray_at or Unknown.TIME
        held = [facts.held for facts in episodes]
        return Facts(
            episodes=episodes,
            absences=tuple(map(absence, self.absences)),
            in_tray=None if referral.destination == Destination.AUTHORITY else in_tray,
            assigned=self.assigned_at,
            accepted=_first(_accepted(record) for record in self.interviews),
            held=_first(held),
            written_up=_written_up(self.interviews) if any(held) else None,
            closed=referral.closed_at,
        )


def absence(episode: Episode) -> Absence:
    """One time that the child was missing, as the clocks take it."""
    return Absence(episode.episode_id, episode.last_seen_at, episode.returned_at, episode.notified_at)


def episode_facts(
    episode: Episode,
    about: tuple[InterviewRecord, ...],
    outcome: Outcome | None,
    procedure: Procedure,
    *,
    carer_may_be_tried: bool = True,
) -> EpisodeFacts:
    """What is known of one episode, as the clocks take it.

    `carer_may_be_tried` is False where every carer on record is marked as not safe to contact (rhi.contact).
    """
    ended: Moment = Unknown.TIME if episode.ended_how else None
    done = outcome is not None and outcome.code in codes.DONE
    held = _first(record.interview.held_at for record in about)
    if outcome and not done:
        held = None
    elif done and held is None:
        held = Unknown.TIME
    return EpisodeFacts(
        episode=episode.episode_id,
        last_seen_at=episode.last_seen_at,
        returned=episode.returned_at or ended,
        notified=episode.notified_at,
        offered_to_child=_first(
            offer.offered_at or Unknown.TIME
            for record in about
            for offer in record.offers
            if offer.to == codes.OfferedTo.CHILD
        ),
        contacted=_contacted(about, held, procedure, carer_may_be_tried=carer_may_be_tried),
        held=held,
        closed=outcome.at if outcome and not done else None,
        required=not (outcome and outcome.code == codes.OutcomeCode.NOT_REQUIRED),
    )


def _first(moments: Iterable[Moment]) -> Moment:
    """The earliest known instant; without one, an unknown time if there is any."""
    happened = [moment for moment in moments if moment is not None]
    known = [moment for moment in happened if isinstance(moment, datetime)]
    return min(known) if known else next(iter(happened), None)


def _accepted(record: InterviewRecord) -> Moment:
    """When the child accepted; a parent's acceptance is not the child's."""
    return _first(
        offer.responded_at or Unknown.TIME
        for offer in record.offers
        if offer.to == codes.OfferedTo.CHILD and offer.response == codes.Response.ACCEPTED
    )


def _written_up(interviews: Iterable[InterviewRecord]) -> datetime | None:
    """When the interview that was held first was written up."""
    held = [record.interview for record in interviews if record.interview.held_at]
    first = min(held, key=lambda interview: (interview.held_at, interview.pk), default=None)
    return first.written_up_at if first else None


def _contacted(
    about: tuple[InterviewRecord, ...], held: Moment, procedure: Procedure, *, carer_may_be_tried: bool
) -> Moment:
    """When the child or a carer was spoken to, or the needed attempts had been made.

    Whoever answered an offer has been spoken to, and so has the child with whom the interview was `held`.
    """
    answered = {codes.Response.ACCEPTED, codes.Response.DECLINED_BY_CHILD, codes.Response.DECLINED_BY_PARENT}
    spoken: list[Moment] = [
        offer.responded_at or Unknown.TIME for record in about for offer in record.offers if offer.response in answered
    ]
    spoken.append(held)
    if procedure.contact:
        attempts = [attempt for record in about for attempt in record.attempts]
        spoken.append(
            contact.settled_at(attempts, procedure.contact, procedure.calendar, carer_may_be_tried=carer_may_be_tried)
        )
    return _first(spoken)


def gather(referrals: Iterable[int]) -> list[Gathered]:
    """Everything that the clocks of these referrals (primary keys) rest on: ten queries.

    An episode that was withdrawn stays in its referral's history but moves no clock.
    """
    carers = Carer.objects.filter(child=OuterRef("child"))
    rows = list(
        Referral.objects.filter(pk__in=list(referrals))
        .annotate(
            unsafe=Exists(carers.filter(safe_to_contact=False)), others=Exists(carers.exclude(safe_to_contact=False))
        )
        .order_by("pk")
    )
    keys = [referral.pk for referral in rows]
    versions = Version.objects.in_bulk({referral.version_id for referral in rows})
    covered = defaultdict(list)
    for cover in (
        ReferralEpisode.objects.filter(referral__in=keys, episode__withdrawn_at__isnull=True)
        .select_related("episode")
        .order_by("episode__last_seen_at", "pk")
    ):
        covered[cover.referral_id].append(cover.episode)
    assigned: dict[int, datetime] = {}
    for allocation in Allocation.objects.filter(referral__in=keys, worker__isnull=False).order_by("since", "pk"):
        assigned.setdefault(allocation.referral_id, allocation.since)
    absences = absences_of({referral.child_id for referral in rows})
    episodes = [episode.pk for rows_of in covered.values() for episode in rows_of]
    about = interviews_about(episodes)
    outcomes = {outcome.episode_id: outcome for outcome in Outcome.objects.filter(episode__in=episodes)}
    return [
        Gathered(
            referral=referral,
            version=versions[referral.version_id],
            episodes=tuple(covered[referral.pk]),
            absences=tuple(absences[referral.child_id]),
            assigned_at=assigned.get(referral.pk),
            about=about,
            outcomes=outcomes,
            carer_may_be_tried=_carer_may_be_tried(referral),
        )
        for referral in rows
    ]


def _carer_may_be_tried(referral: Referral) -> bool:
    """By what kinds of answers the child's carers have, of whom the referral was gathered."""
    kinds = {False: referral.unsafe, None: referral.others}  # type: ignore[attr-defined]  # annotated
    return contact.a_carer_may_be_tried(answer for answer, is_there in kinds.items() if is_there)


def absences_of(children: Iterable[int]) -> dict[int, list[Episode]]:
    """Every time that these children were missing, in order; withdrawn episodes and episodes `away` are left out."""
    absences = defaultdict(list)
    for episode in Episode.objects.filter(
        child__in=list(children), kind=Kind.MISSING, withdrawn_at__isnull=True
    ).order_by("last_seen_at", "pk"):
        absences[episode.child_id].append(episode)
    return absences


def interviews_about(episodes: Iterable[int]) -> dict[int, tuple[InterviewRecord, ...]]:
    """The interviews about these episodes (primary keys), by episode."""
    links = list(InterviewEpisode.objects.filter(episode__in=list(episodes)).order_by("pk"))
    found = Interview.objects.in_bulk({link.interview_id for link in links})
    offers, attempts = defaultdict(list), defaultdict(list)
    for offer in Offer.objects.filter(interview__in=found).order_by("pk"):
        offers[offer.interview_id].append(offer)
    for attempt in Attempt.objects.filter(interview__in=found).order_by("attempted_at", "pk"):
        attempts[attempt.interview_id].append(
            contact.Attempt(attempt.attempted_at, attempt.method, attempt.contacted, attempt.result)
        )
    records = {
        key: InterviewRecord(interview, tuple(offers[key]), tuple(attempts[key])) for key, interview in found.items()
    }
    about = defaultdict(list)
    for link in links:
        about[link.episode_id].append(records[link.interview_id])
    return {episode: tuple(rows) for episode, rows in about.items()}


def refresh(referrals: Iterable[int]) -> None:
    """Work out the clocks of these referrals (primary keys) and store what differs, in the caller's transaction."""
    gathered = gather(_locked(referrals))
    stored: dict[int, dict[tuple[str, int | None], Deadline]] = defaultdict(dict)
    for deadline in Deadline.objects.filter(referral__in=[row.referral.pk for row in gathered]):
        stored[deadline.referral_id][deadline.name, deadline.episode_id] = deadline
    new: list[Deadline] = []
    changed: list[Deadline] = []
    gone: list[int] = []
    for row in gathered:
        keys = {episode.episode_id: episode.pk for episode in row.episodes}
        rest = stored[row.referral.pk]
        for clock in row.clocks():
            wanted = as_deadline(clock, row.referral, keys.get(clock.episode))
            key = wanted.name, wanted.episode_id
            if key not in rest:
                new.append(wanted)
                continue
            deadline = rest.pop(key)
            if any(getattr(deadline, name) != getattr(wanted, name) for name in STORED):
                wanted.pk = deadline.pk
                changed.append(wanted)
        gone.extend(deadline.pk for deadline in rest.values())
    Deadline.objects.bulk_create(new)
    if changed:
        Deadline.objects.bulk_update(changed, STORED)
    if gone:
        Deadline.objects.filter(pk__in=gone).delete()


def _locked(referrals: Iterable[int]) -> list[int]:
    """Hold these referrals until the transaction ends.

    Of two transactions that move one referral's clocks, the second then sees the facts of the first.
    """
    rows = Referral.objects.filter(pk__in=list(referrals)).order_by("pk").select_for_update(no_key=True)
    return list(rows.values_list("pk", flat=True))


def as_deadline(clock: Clock, referral: Referral, episode: int | None) -> Deadline:
    """A clock as the row that stores it."""
    return Deadline(
        child_id=referral.child_id,
        referral=referral,
        episode_id=episode,
        name=clock.name,
        starts_at=clock.starts_at,
        due_at=clock.due_at,
        met_at=clock.met_at,
        settled=clock.settled or "",
        late_on_arrival=clock.late_on_arrival,
    )
