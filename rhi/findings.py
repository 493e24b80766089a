"""What is odd in the records of children: found afresh at each run, and settled when it is no longer so."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from episodes.intake import Found
from episodes.models import Child, Episode, Finding, Involvement, Kind, Service
from procedures.calendar import local_date
from rhi import codes
from rhi.actions.returns import facts_of
from rhi.deadlines import InterviewRecord, interviews_about
from rhi.models import Outcome
from routing.gathering import Records, age_on
from routing.models import Allocation, Destination, ReferralEpisode
from routing.rules import decide

#: What a run finds in the rows themselves; the rest is found in the records.
OF_ROWS = frozenset({Finding.Kind.REPEATED_KEY, Finding.Kind.TYPED_DIFFERS, Finding.Kind.RESPONSE_DOES_NOT_FIT})


def of_rows(found: Sequence[Found], records: Collection[tuple[int, str]], *, now: datetime) -> Counter[str]:
    """Write down what was found in rows themselves; answers how many findings of each kind are new.

    In the caller's transaction. `records` are the child (primary key) and the name of every record whose row was read:
    what earlier rows of them said and these do not is settled.
    """
    open_ones = Finding.objects.filter(
        child__in={child for child, _ in records}, kind__in=OF_ROWS, settled_at__isnull=True
    )
    _settle((finding for finding in open_ones if (finding.child_id, finding.record) in records), found, now=now)
    return _note(found, now=now)


def refresh(children: Sequence[int], *, now: datetime) -> Counter[str]:
    """Look these children's records (primary keys) through; answers how many findings of each kind are new.

    In the caller's transaction, and in a constant number of queries. What is no longer so is settled.
    """
    found = list(_look(children, now=now))
    open_ones = Finding.objects.filter(child__in=children, settled_at__isnull=True).exclude(kind__in=OF_ROWS)
    _settle(open_ones, found, now=now)
    return _note(found, now=now)


def _settle(open_ones: Iterable[Finding], found: Iterable[Found], *, now: datetime) -> None:
    """Settle those of these findings that are no longer found."""
    still = {_key(each) for each in found}
    over = [finding for finding in open_ones if (finding.child_id, finding.kind, finding.record) not in still]
    for finding in over:
        finding.settled_at = now
    if over:
        Finding.objects.bulk_update(over, ["settled_at"])


def _note(found: Iterable[Found], *, now: datetime) -> Counter[str]:
    """Write down what is new among these, once for each record, with all that is said of it."""
    details: dict[tuple[int, str, str], set[str]] = defaultdict(set)
    for each in found:
        details[_key(each)].add(each.detail)
    known = {
        (finding.child_id, finding.kind, finding.record): finding
        for finding in Finding.objects.filter(child__in={child for child, _, _ in details})
    }
    new: list[Finding] = []
    again: list[Finding] = []
    for (child, kind, record), said in details.items():
        detail = " ".join(sorted(said))[:1000]
        finding = known.get((child, kind, record))
        if finding is None:
            new.append(Finding(child_id=child, kind=kind, record=record, detail=detail, found_at=now))
        elif finding.settled_at or finding.detail != detail:
            finding.settled_at = None
            finding.detail = detail
            again.append(finding)
    # Of two who look at the same moment, one an import and one a person logging an attempt, the first has noted it.
    Finding.objects.bulk_create(new, ignore_conflicts=True)
    if again:
        Finding.objects.bulk_update(again, ["settled_at", "detail"])
    return Counter(finding.kind for finding in new)


def _key(found: Found) -> tuple[int, str, str]:
    return found.child, str(found.kind), found.record[:200]


def _look(children: Sequence[int], *, now: datetime) -> Iterator[Found]:
    episodes: dict[int, list[Episode]] = defaultdict(list)
    rows = Episode.objects.filter(child__in=children, withdrawn_at__isnull=True).select_related(
        "child__responsible_authority"
    )
    for episode in rows.order_by("last_seen_at", "episode_id"):
        episodes[episode.child_id].append(episode)
    involvements: dict[int, list[Involvement]] = defaultdict(list)
    for involvement in Involvement.objects.filter(child__in=children).select_related("host_authority"):
        involvements[involvement.child_id].append(involvement)
    about = interviews_about(episode.pk for of_child in episodes.values() for episode in of_child)
    outcomes = {outcome.episode_id: outcome for outcome in Outcome.objects.filter(child__in=children)}
    for child, of_child in episodes.items():
        yield from _overlaps(of_child)
        for episode in of_child:
            yield from _of_episode(episode, involvements[child])
            yield from _of_interviews(episode, about.get(episode.pk, ()), outcomes.get(episode.pk))
    for of_child_involvements in involvements.values():
        for involvement in of_child_involvements:
            yield from _of_involvement(involvement)
    yield from _unknown_authorities(children)
    yield from _routed_otherwise(children, now=now)


def _episode(episode: Episode, kind: Finding.Kind, detail: str = "") -> Found:
    return Found(episode.child_id, kind, f"episodes.csv {episode.episode_id}", detail)


def _overlaps(episodes: Sequence[Episode]) -> Iterator[Found]:
    """Episodes of which one begins before an earlier one has ended; in order of last seen."""
    latest: Episode | None = None
    for episode in episodes:
        if latest and (latest.returned_at is None or episode.last_seen_at < latest.returned_at):
            yield _episode(episode, Finding.Kind.OVERLAP, f"Begins before {latest.episode_id} has ended.")
        if latest is None or (
            latest.returned_at and (episode.returned_at is None or episode.returned_at > latest.returned_at)
        ):
            latest = episode


def _of_episode(episode: Episode, involvements: Sequence[Involvement]) -> Iterator[Found]:
    day = local_date(episode.last_seen_at)
    if episode.ended_how and not episode.returned_at:
        yield _episode(episode, Finding.Kind.ENDED_WITHOUT_TIME)
    if age_on(episode.child.date_of_birth, day) >= 18:
        yield _episode(episode, Finding.Kind.ADULT)
    if episode.kind == Kind.AWAY and not any(
        involvement.service == Service.LOOKED_AFTER
        and involvement.start <= day
        and (involvement.end is None or day <= involvement.end)
        for involvement in involvements
    ):
        yield _episode(episode, Finding.Kind.AWAY_NOT_LOOKED_AFTER)
    if episode.reported_at and episode.reported_at < episode.last_seen_at:
        yield _episode(episode, Finding.Kind.ORDER_OF_TIMES, "Reported before the child was last seen.")
    if episode.notified_at and episode.notified_at < (episode.returned_at or episode.last_seen_at):
        yield _episode(episode, Finding.Kind.ORDER_OF_TIMES, "The service was told before the return.")


def _of_involvement(involvement: Involvement) -> Iterator[Found]:
    record = f"involvements.csv {involvement.service} {involvement.start}"
    if involvement.service == Service.LOOKED_AFTER and not involvement.placement_area:
        yield Found(involvement.child_id, Finding.Kind.LOOKED_AFTER_WITHOUT_PLACEMENT, record)
    if involvement.host_authority and not involvement.host_authority.name:
        yield Found(
            involvement.child_id,
            Finding.Kind.UNKNOWN_AUTHORITY,
            record,
            f"The host authority's code is {involvement.host_authority.code}.",
        )


def _unknown_authorities(children: Sequence[int]) -> Iterator[Found]:
    unknown = Child.objects.filter(pk__in=children, responsible_authority__name="").select_related(
        "responsible_authority"
    )
    for child in unknown:
        code = child.responsible_authority.code if child.responsible_authority else ""
        yield Found(
            child.pk, Finding.Kind.UNKNOWN_AUTHORITY, "children.csv", f"The responsible authority's code is {code}."
        )


def _of_interviews(episode: Episode, about: Sequence[InterviewRecord], outcome: Outcome | None) -> Iterator[Found]:
    held = min((record.interview.held_at for record in about if record.interview.held_at), default=None)
    if held and episode.returned_at and held < episode.returned_at:
        yield _episode(episode, Finding.Kind.HELD_BEFORE_RETURN)
    said = {record.interview.outcome for record in about if record.interview.outcome}
    if len(said) > 1:
        yield _episode(episode, Finding.Kind.OUTCOMES_DISAGREE, f"Recorded: {', '.join(sorted(said))}.")
    for record in about:
        yield from _of_interview(episode, record)
    if not held and _not_offered(about, outcome):
        yield _episode(episode, Finding.Kind.SPOKEN_NOT_OFFERED)
    if outcome is None:
        return
    if not outcome.reason and outcome.code not in (codes.OutcomeCode.COMPLETED, codes.OutcomeCode.COVERED):
        yield _episode(episode, Finding.Kind.OUTCOME_WITHOUT_REASON)
    done = outcome.code in codes.DONE
    if done and not held:
        yield _episode(episode, Finding.Kind.DONE_NOT_HELD)
    if held and not done:
        yield _episode(episode, Finding.Kind.HELD_NOT_DONE)


def _not_offered(about: Sequence[InterviewRecord], outcome: Outcome | None) -> bool:
    """Whether somebody spoke to the child and no offer followed (Somerset 4.9), and no outcome says that none was due.

    An offer of which nobody recorded to whom it was put may have been the child's.
    """
    if outcome and outcome.code in (codes.OutcomeCode.NOT_OFFERED, codes.OutcomeCode.NOT_REQUIRED):
        return False
    spoken = any(attempt.result == codes.Result.SPOKE_TO_CHILD for record in about for attempt in record.attempts)
    offered = any(offer.to != codes.OfferedTo.PARENT for record in about for offer in record.offers)
    return spoken and not offered


def _of_interview(episode: Episode, record: InterviewRecord) -> Iterator[Found]:
    interview = record.interview
    if interview.reason and not interview.outcome:
        yield _episode(episode, Finding.Kind.OUTCOME_WITHOUT_REASON, "A reason is recorded, but no outcome.")
    if interview.written_up_at and interview.held_at and interview.written_up_at < interview.held_at:
        yield _episode(episode, Finding.Kind.ORDER_OF_TIMES, "Written up before it was held.")
    if any(
        offer.responded_at and offer.offered_at and offer.responded_at < offer.offered_at for offer in record.offers
    ):
        yield _episode(episode, Finding.Kind.ORDER_OF_TIMES, "Answered before it was offered.")


def _routed_otherwise(children: Iterable[int], *, now: datetime) -> Iterator[Found]:
    """Open referrals that rules decided and that would go elsewhere by what is known now (docs/rules.md)."""
    covers = list(
        ReferralEpisode.objects.filter(
            child__in=list(children),
            referral__closed_at__isnull=True,
            episode__withdrawn_at__isnull=True,
            decision__isnull=False,
        ).select_related("referral__version", "episode__child__responsible_authority")
    )
    by_person = set(
        Allocation.objects.filter(referral__in=[cover.referral_id for cover in covers], by__isnull=False).values_list(
            "referral_id", flat=True
        )
    )
    records = Records.of({cover.child_id for cover in covers})
    for cover in covers:
        decided = cover.decision or {}
        if decided.get("destination") == "joined" or cover.referral_id in by_person:
            continue
        facts, _ = facts_of(cover.episode, records, (), now=now)
        would_be = decide(facts, cover.referral.version.procedure.routing)
        if (would_be.destination, would_be.team, would_be.worker) != tuple(
            decided.get(name) for name in ("destination", "team", "worker")
        ):
            where = would_be.worker or would_be.team or Destination(would_be.destination).label
            yield _episode(cover.episode, Finding.Kind.ROUTED_OTHERWISE, f"Would go to {where}. {would_be.because}")
