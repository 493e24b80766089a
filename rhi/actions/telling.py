"""Who is told of what: the worker and the leaders, and who stands in where nobody is there or somebody is away.

Nobody is told of a child whom they may not see. Everything here costs the same number of queries for one matter as for
five hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db.models import F, FilteredRelation, Q

from episodes.access import named_of, sees_once_held
from episodes.models import Child, Episode, Involvement, Kind
from procedures.calendar import local_date
from rhi import wording
from rhi.models import Notice, NoticeKind, Preferences
from routing.models import Allocation, Referral, ReferralEpisode
from staff.actions import invited_at
from staff.models import Membership, Team, User
from staff.permissions import Role

#: So many matters are looked at together: no query grows without bound.
PORTION = 500


@dataclass(frozen=True)
class Matter:
    """Something to be told, once by its key: of which child, in words, and for whom.

    It is for the worker and, with `leaders`, for the leaders of the team; all are primary keys.
    """

    key: str
    kind: NoticeKind
    about: str
    child: int
    referral: int | None
    worker: int | None
    team: int | None
    leaders: bool = True


@dataclass(frozen=True)
class Told:
    """Somebody who is told, and why it is they, where it was for somebody else.

    `reads` is false of somebody who cannot sign in yet, or is away and told for want of anybody who is here: it waits
    for them.
    """

    person: User
    because: str = ""
    reads: bool = True


def tell(matters: Sequence[Matter], *, now: datetime) -> list[Notice]:
    """Make the notices of these matters, for each person once by the matter's key; answers the new ones.

    In the caller's transaction.
    """
    made: list[Notice] = []
    for start in range(0, len(matters), PORTION):
        made += _tell(matters[start : start + PORTION], now=now)
    return made


def _tell(matters: Sequence[Matter], *, now: datetime) -> list[Notice]:
    people = People.of(matters, now)
    wanted: dict[tuple[int, str], Notice] = {}
    for matter in matters:
        for told in people.told(matter):
            about = f"{matter.about} {told.because}".strip()
            wanted.setdefault(
                (told.person.pk, matter.key),
                Notice(
                    child_id=matter.child,
                    referral_id=matter.referral,
                    to=told.person,
                    kind=matter.kind,
                    key=matter.key,
                    about=about[:1000],
                    at=now,
                ),
            )
    known = set(
        Notice.objects.filter(key__in={matter.key for matter in matters}).values_list("to", "key") if wanted else ()
    )
    new = [notice for key, notice in wanted.items() if key not in known]
    # Another worker may be making the same ones; the database keeps one of each.
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    return new


@dataclass(frozen=True)
class Absence:
    """That somebody is away, until which day, and who stands in for them."""

    until: date
    cover: User | None


def away(people: Iterable[int], *, on: date) -> dict[int, Absence]:
    """Who of these people (keys) is away on a local day: one query."""
    rows = Preferences.objects.filter(user__in=list(people), away_from__lte=on, away_until__gte=on)
    return {row.user_id: Absence(row.away_until, row.cover) for row in rows.select_related("cover") if row.away_until}


def strangers(people: Iterable[User]) -> set[int]:
    """Who of these people (keys) cannot sign in yet: records name them, and nobody has invited them.

    One query, and none where everybody has chosen a password.
    """
    unknown = [person for person in people if not person.has_usable_password()]
    return {person.pk for person in unknown} - invited_at(unknown).keys() if unknown else set()


@dataclass
class People:
    """Everybody whom some matters can concern, at an instant."""

    today: date
    users: dict[int, User]
    teams: dict[int, Team]
    members: dict[int, dict[int, User]]
    coordinators: list[User]
    absences: dict[int, Absence]
    named: dict[int, set[int]]
    strangers: set[int]
    _told: dict[tuple[int, int | None, int | None, bool], tuple[Told, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, matters: Sequence[Matter], now: datetime) -> People:
        """Six queries; one more where a child is restricted, and one where somebody has no password."""
        today = local_date(now)
        teams = Team.objects.in_bulk({matter.team for matter in matters if matter.team})
        members: dict[int, dict[int, User]] = defaultdict(dict)
        for row in Membership.objects.filter(team__in=teams).select_related("user").order_by("user__name", "user"):
            members[row.team_id][row.user_id] = row.user
        named = named_of(Child.objects.filter(pk__in={matter.child for matter in matters}, restricted=True), now)
        wanted = {matter.worker for matter in matters if matter.worker}.union(*named.values())
        found = User.objects.filter(Q(pk__in=wanted) | Q(role=Role.COORDINATOR)).order_by("name", "pk")
        users = {user.pk: user for user in found}
        everybody = users | {key: user for team in members.values() for key, user in team.items()}
        absences = away(everybody, on=today)
        covers = [absence.cover for absence in absences.values() if absence.cover]
        return cls(
            today=today,
            users=users,
            teams=teams,
            members=members,
            coordinators=[user for user in users.values() if user.role == Role.COORDINATOR],
            absences=absences,
            named=named,
            strangers=strangers([*everybody.values(), *covers]),
        )

    def told(self, matter: Matter) -> tuple[Told, ...]:
        """Who is told of a matter: each once, the worker first unless they cannot sign in yet."""
        key = matter.child, matter.worker, matter.team, matter.leaders
        if key not in self._told:
            once: dict[int, Told] = {}
            for told in self._tell(matter):
                once.setdefault(told.person.pk, told)
            self._told[key] = tuple(once.values())
        return self._told[key]

    def _tell(self, matter: Matter) -> Iterator[Told]:
        worker = self.users.get(matter.worker or 0)
        reached = self._for(worker, matter) if worker else []
        yield from reached
        if matter.leaders or not reached:
            because = self._why_not(worker, matter) if worker and not reached else ""
            reached = [*reached, *(instead := self._leaders(matter, because))]
            yield from instead
        # It waits for whoever records alone name; for whoever is away only where nobody who is here is told.
        if worker and self._sees(worker, matter) and (worker.pk in self.strangers or not _read(reached)):
            yield Told(worker, reads=False)

    def _leaders(self, matter: Matter, because: str) -> list[Told]:
        """The leaders of the team or who stands in for them; else the coordinators; else whoever is named or away."""
        if reached := self.leading(matter):
            return [Told(told.person, because or told.because) for told in reached]
        team = self.teams.get(matter.team or 0)
        because = because or f"You are told because {f'{team} has no leader here' if team else 'no team holds it'}."
        reached = [told for user in self.coordinators for told in self._for(user, matter)]
        # Rather somebody who is away than nobody; of a restricted child rather anybody who is named than nobody.
        named = [self.users[key] for key in sorted(self.named.get(matter.child, ())) if key in self.users]
        reached = reached or [Told(user) for user in [*self.coordinators, *named] if self._reads(user, matter)]
        reached = reached or [Told(user, reads=False) for user in self._led_by(matter) if self._reads(user, matter)]
        return [replace(told, because=because) for told in reached]

    def leading(self, matter: Matter) -> list[Told]:
        """The leaders of the team who can be told, or who stands in for them."""
        return [told for leader in self._led_by(matter) for told in self._for(leader, matter)]

    def _led_by(self, matter: Matter) -> list[User]:
        """The leaders of the team, here or not."""
        return [user for user in self.members[matter.team or 0].values() if user.role == Role.TEAM_LEADER]

    def _for(self, person: User, matter: Matter) -> list[Told]:
        """The person, or who stands in while they are away; nobody where neither can be told."""
        if not self._reads(person, matter):
            return []
        absence = self.absences.get(person.pk)
        if absence is None:
            return [Told(person)]
        cover = absence.cover
        if cover and cover.pk not in self.absences and self._reads(cover, matter) and self._works_with(cover, matter):
            until = wording.day(absence.until, today=self.today)
            return [Told(cover, f"You are told because {person} is away until {until} and you stand in.")]
        return []

    def _sees(self, person: User, matter: Matter) -> bool:
        """Whether somebody works here and, of a restricted child, is named for the child."""
        if person.has_left(self.today):
            return False
        return matter.child not in self.named or sees_once_held(person, self.named[matter.child])

    def _reads(self, person: User, matter: Matter) -> bool:
        """Whether somebody who sees the child can sign in at all."""
        return person.pk not in self.strangers and self._sees(person, matter)

    def _works_with(self, cover: User, matter: Matter) -> bool:
        """Whether who stands in sees the child of themselves: a coordinator, or one of the same team."""
        if cover.role == Role.INTERVIEWER:
            return False  # sees only what was given to her in person
        return cover.role == Role.COORDINATOR or cover.pk in self.members[matter.team or 0]

    def _why_not(self, worker: User, matter: Matter) -> str:
        if worker.has_left(self.today):
            return f"You are told because {worker} has left."
        if not self._sees(worker, matter):
            return "You are told because whoever holds it does not see the child."
        if worker.pk in self.strangers:
            return f"You are told because {worker} cannot sign in yet."
        absence = self.absences[worker.pk]
        until = wording.day(absence.until, today=self.today)
        return f"You are told because {worker} is away until {until} and nobody stands in."


def _read(told: Iterable[Told]) -> bool:
    """Whether anybody of these can read it."""
    return any(each.reads for each in told)


def without_reason(about: str) -> str:
    """What somebody was told, without why it was they."""
    return about.partition(" You are told because ")[0]


def without_leader(team: int, *, now: datetime) -> list[str]:
    """What a team's (key) tray says of who is reminded while no leader of it is here. Seven queries at most.

    Nothing where somebody stands in for the leader: that they do is said beside who is away.
    """
    matter = Matter(key="", kind=NoticeKind.BREACH, about="", child=0, referral=None, worker=None, team=team)
    people = People.of([matter], now)
    if people.leading(matter):
        return []
    if _read(people.told(matter)):
        return ["No leader of this team is here, so the missing coordinators are reminded instead."]
    words = "No leader of this team is here, and no missing coordinator. Of a referral that nobody holds nobody at all"
    return [f"{words} is reminded. Ask an administrator to name a leader."]


def nobody_to_tell(now: datetime) -> list[Referral]:
    """The open referrals of which nobody at all can be told: no worker, no leader, nobody who stands in for them.

    What would be reminded of one of these reaches nobody. A constant number of queries: eight at most.
    """
    rows = list(
        Referral.objects.filter(closed_at__isnull=True)
        .annotate(holding=FilteredRelation("allocations", condition=Q(allocations__until__isnull=True)))
        .annotate(worker=F("holding__worker"), team=F("holding__team"), restricted=F("child__restricted"))
        .order_by("pk")
    )
    # Who is told depends on the holder alone, but for restricted children.
    alike: dict[tuple[int | None, int | None, int | None], list[Referral]] = defaultdict(list)
    for row in rows:
        holder = row.worker, row.team  # type: ignore[attr-defined]  # annotated
        alike[*holder, row.child_id if row.restricted else None].append(row)  # type: ignore[attr-defined]  # likewise
    matters = {
        holder: Matter(
            key="",
            kind=NoticeKind.BREACH,
            about="",
            child=first.child_id,
            referral=None,
            worker=holder[0],
            team=holder[1],
        )
        for holder, (first, *_) in alike.items()
    }
    people = People.of(list(matters.values()), now)
    unread = [holder for holder, matter in matters.items() if not _read(people.told(matter))]
    return sorted((row for holder in unread for row in alike[holder]), key=lambda row: row.pk)


HISTORY_AFTER = timedelta(days=7)
"""An episode of which the service learned longer ago, brought in by a file, is history: nobody is told of it."""


def tell_workers(episodes: Sequence[Episode], *, of_late: bool, now: datetime) -> list[Notice]:
    """Tell the workers allocated to these children of their episodes, whoever interviews (Surrey 21).

    Of an episode once while the child is not back, and once when it is over. In the transaction that makes it known,
    or by the reminders' job; a constant number of queries. With `of_late` only of those of which the service has
    learned within a week.
    """
    fresh = [episode for episode in episodes if not of_late or _known_at(episode) > now - HISTORY_AFTER]
    today = local_date(now)
    workers: dict[int, dict[int, int | None]] = defaultdict(dict)
    for row in Involvement.objects.filter(
        Q(end__isnull=True) | Q(end__gte=today),
        child__in={episode.child_id for episode in fresh},
        start__lte=today,
        worker__isnull=False,
    ).order_by("pk"):
        if row.worker_id:
            workers[row.child_id].setdefault(row.worker_id, row.team_id)
    told_of = [episode for episode in fresh if workers[episode.child_id]]
    covers = {cover.episode_id: cover.referral_id for cover in ReferralEpisode.objects.filter(episode__in=told_of)}
    teams = dict(
        Allocation.objects.filter(referral__in=covers.values(), until__isnull=True).values_list(
            "referral", "team__name"
        )
    )
    return tell(
        [
            Matter(
                key=_key(episode),
                kind=NoticeKind.EPISODE,
                about=_news(episode, teams.get(covers.get(episode.pk, 0))),
                child=episode.child_id,
                referral=covers.get(episode.pk),
                worker=worker,
                team=team,
                leaders=False,
            )
            for episode in told_of
            for worker, team in workers[episode.child_id].items()
        ],
        now=now,
    )


def tell_of_the_rest(now: datetime) -> list[Notice]:
    """Tell the workers of the last week's episodes of which nobody has been told yet: what routing did not meet.

    That a child is still missing, that one was away, and what an interview record or a correction brought. Nobody is
    told anew because the worker has changed. Three queries, and those of tell_workers.
    """
    since = now - HISTORY_AFTER
    lately = Q(notified_at__gt=since) | Q(returned_at__gt=since) | Q(reported_at__gt=since) | Q(last_seen_at__gt=since)
    news = list(Episode.objects.filter(lately, withdrawn_at__isnull=True, history=False).order_by("pk"))
    known = set(Notice.objects.filter(key__in=[_key(episode) for episode in news]).values_list("key", flat=True))
    return tell_workers([episode for episode in news if _key(episode) not in known], of_late=True, now=now)


def _is_over(episode: Episode) -> bool:
    return bool(episode.returned_at or episode.ended_how)


def _known_at(episode: Episode) -> datetime:
    """When the service learned of the episode, or of its end; where nobody recorded that, when it began or ended."""
    if _is_over(episode):
        return episode.notified_at or episode.returned_at or episode.last_seen_at
    return episode.reported_at or episode.last_seen_at


def _key(episode: Episode) -> str:
    return f"{NoticeKind.EPISODE}:{episode.pk}{'' if _is_over(episode) else ':missing'}"


def _news(episode: Episode, team: str | None) -> str:
    """What a worker is told of an episode."""
    kind = "missing" if episode.kind == Kind.MISSING else "away without authorisation"
    where = f" The interview lies with {team}." if team else ""
    if episode.returned_at:
        return f"This child was {kind} and came back on {wording.in_full(episode.returned_at)}.{where}"
    seen = wording.in_full(episode.last_seen_at)
    if episode.ended_how:
        return f"This child was {kind}, last seen on {seen}. It is over; when the child came back is not known.{where}"
    return f"This child is {kind} and was last seen on {seen}.{where}"
