"""The facts that routing decides on, gathered for many episodes in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from episodes.models import Episode, Involvement
from procedures.calendar import local_date
from procedures.types import PlacementArea, Service
from routing.rules import Facts, InvolvementFact, OpenReferral, TeamFact, WorkerFact
from staff.models import Membership, Team, User


def age_on(born: date, day: date) -> int:
    """Age in years on a day; somebody born on 29 February is a year older on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True)
class Records:
    """What the records say of some children, their teams and workers; read once."""

    involvements: Mapping[int, list[Involvement]]
    teams_of: Mapping[int, Sequence[Team]]
    providers: Sequence[Team]
    ended: Sequence[Team]

    @classmethod
    def of(cls, children: Iterable[int]) -> Records:
        """Read what concerns these children (primary keys): four queries. Of one service, the newest comes first."""
        involvements = defaultdict(list)
        rows = Involvement.objects.filter(child__in=list(children)).select_related("team", "worker")
        for involvement in rows.order_by("-start", "pk"):
            involvements[involvement.child_id].append(involvement)
        workers = {row.worker_id for rows in involvements.values() for row in rows if row.worker_id}
        teams_of = defaultdict(list)
        for membership in Membership.objects.filter(user__in=workers).select_related("team").order_by("pk"):
            teams_of[membership.user_id].append(membership.team)
        return cls(
            involvements,
            teams_of,
            providers=list(Team.objects.filter(kind=Team.Kind.PROVIDER).order_by("name")),
            ended=list(Team.objects.filter(closed_on__isnull=False)),
        )

    def facts(self, episode: Episode, *, returned_at: datetime, on: date, open_referral: OpenReferral | None) -> Facts:
        """What routing looks at for an episode that ended at `returned_at`; teams and workers as on the day `on`."""
        child = episode.child
        day = local_date(returned_at)
        provider = next((team.name for team in self.providers if team.is_open(on)), None)
        return Facts(
            age=age_on(child.date_of_birth, day),
            involvements=tuple(
                self._involvement_fact(involvement, on)
                for involvement in self.involvements.get(child.pk, [])
                if involvement.start <= day and (involvement.end is None or day <= involvement.end)
            ),
            other_authority=str(child.responsible_authority) if child.responsible_authority else None,
            area=child.area,
            open_referral=open_referral,
            provider=provider,
            closed_teams=tuple(sorted(team.name for team in self.ended if not team.is_open(on))),
        )

    def _involvement_fact(self, involvement: Involvement, on: date) -> InvolvementFact:
        return InvolvementFact(
            service=Service(involvement.service),
            team=_team_fact(involvement.team, on),
            worker=self._worker_fact(involvement.worker, on),
            placement=PlacementArea(involvement.placement_area) if involvement.placement_area else None,
        )

    def _worker_fact(self, worker: User | None, on: date) -> WorkerFact | None:
        if worker is None:
            return None
        theirs = [TeamFact(team.name, open=team.is_open(on)) for team in self.teams_of.get(worker.pk, ())]
        team = next((team for team in theirs if team.open), theirs[0] if theirs else None)
        return WorkerFact(worker.email, left=worker.has_left(on), team=team)


def _team_fact(team: Team | None, on: date) -> TeamFact | None:
    return TeamFact(team.name, open=team.is_open(on)) if team else None
