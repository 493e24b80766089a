"""Why an episode lies where it lies and what its clocks say: the facts, the decision with every rule, each clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from episodes.models import Episode
from procedures import clocks
from procedures.calendar import local_date
from procedures.clocks import Clock
from procedures.models import Governing, Rulebook
from rhi import deadlines
from rhi.actions.returns import facts_of, governing, open_referrals
from rhi.deadlines import Gathered
from routing.actions import decision_as_stored
from routing.gathering import Records
from routing.models import ReferralEpisode
from routing.rules import decide


@dataclass(frozen=True)
class Explanation:
    """All that can be said of one episode at an instant."""

    episode: Episode
    governed: Governing
    decision: dict[str, Any]
    stored: bool
    clocks: tuple[Clock, ...]
    at: datetime

    def as_json(self) -> dict[str, object]:
        """The answer as `explain --format json` prints it, times in UTC."""
        return {
            "episode": self.episode.episode_id,
            "procedure": {
                "name": self.governed.version.name,
                "effective_from": self.governed.version.effective_from.isoformat(),
                "because": self.governed.because,
            },
            "facts": self.decision["facts"],
            "decision": {
                name: self.decision[name] for name in ("destination", "team", "worker", "rule", "because", "considered")
            },
            "clocks": [
                {
                    "name": clock.name,
                    "starts_at": _utc(clock.starts_at),
                    "due_at": _utc(clock.due_at),
                    "met_at": _utc(clock.met_at),
                    "state": clock.state(self.at),
                }
                for clock in self.clocks
            ],
        }


def _utc(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None


def explain(references: Sequence[str], *, at: datetime) -> dict[str, Explanation]:
    """Explain episodes, by episode_id; those that are not on record are left out.

    The stored decision, or where there is none, the one that would be made at the instant; a child not yet back is
    treated as returned then. Raises procedures.models.NoProcedure.
    """
    rulebook = Rulebook.load()
    episodes = list(
        Episode.objects.filter(episode_id__in=references).select_related("child__responsible_authority").order_by("pk")
    )
    covers = {
        cover.episode_id: cover
        for cover in ReferralEpisode.objects.filter(episode__in=episodes).select_related("referral")
    }
    gathered = {row.referral.pk: row for row in deadlines.gather({cover.referral_id for cover in covers.values()})}
    children = {episode.child_id for episode in episodes}
    records, standing = Records.of(children), open_referrals(children)
    absences = deadlines.absences_of(children)
    explanations = {}
    for episode in episodes:
        cover = covers.get(episode.pk)
        row = gathered[cover.referral_id] if cover else None
        governed = _governing(row, rulebook) if row else governing(rulebook, episode)
        decision = cover.decision if cover and cover.decision else None
        if decision is None:
            own = cover.referral_id if cover else None
            others = [each for each in standing.get(episode.child_id, []) if each.referral and each.referral.pk != own]
            facts, _ = facts_of(episode, records, others, now=at)
            decision = decision_as_stored(facts, decide(facts, governed.version.procedure.routing))
        explanations[episode.episode_id] = Explanation(
            episode=episode,
            governed=governed,
            decision=decision,
            stored=bool(cover and cover.decision),
            clocks=_clocks(episode, row, governed, absences[episode.child_id]),
            at=at,
        )
    return explanations


def _governing(row: Gathered, rulebook: Rulebook) -> Governing:
    """The version that governs a referral for good, and why: of several episodes, by the earliest return."""
    first = min(
        row.episodes, key=lambda episode: (episode.returned_at is None, episode.returned_at or episode.last_seen_at)
    )
    governed = governing(rulebook, first)
    if governed.version == row.version:
        if len(row.episodes) == 1 or not first.returned_at:
            return governed
        earliest = f"The referral covers {len(row.episodes)} returns; the earliest, of episode {first.episode_id}, was"
        return rulebook.governing(local_date(first.returned_at), earliest)
    return Governing(
        row.version, "It was in force for this referral when the referral was opened, and governs it for good."
    )


def _clocks(
    episode: Episode, row: Gathered | None, governed: Governing, absences: Sequence[Episode]
) -> tuple[Clock, ...]:
    """The episode's own clocks and those of its referral; without a referral, those that its facts allow."""
    version = governed.version
    if row:
        every = row.clocks()
    else:
        own = deadlines.episode_facts(episode, (), None, version.procedure)
        if episode.history or episode.withdrawn_at or episode.kind not in version.procedure.routing.kinds:
            own = replace(own, returned=None)  # no interview is owed for it here, so no clock runs
        facts = clocks.Facts(
            episodes=(own,),
            absences=tuple(map(deadlines.absence, absences)),
        )
        every = clocks.evaluate(facts, version.procedure, version.calendar)
    return tuple(clock for clock in every if clock.episode in ("", episode.episode_id))
