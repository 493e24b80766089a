"""What this package's four files say, and how their rows become records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import cast

from episodes import access, files
from episodes.files import Column, Layout, Row
from episodes.intake import Taken, Terms, Wanted, authorities, locked, merge, of_known_children
from episodes.models import (
    LONG,
    NAME,
    Carer,
    Child,
    EndedHow,
    Episode,
    Involvement,
    Kind,
    MissingFrom,
    PlacementArea,
    PlacementKind,
    PoliceRisk,
    ReturnPrecision,
    Service,
    Source,
)
from procedures.calendar import local_date, start_of_day
from staff import actions as staff
from staff.models import Team, User

_ADDRESS = (
    *(Column(f"address_{number}", files.text(NAME), empty="") for number in range(1, 5)),
    Column("postcode", files.text(10), empty=""),
    Column("phone", files.text(40), empty=""),
    Column("email", files.text(254), empty=""),
)

CHILDREN = Layout(
    "children.csv",
    (
        Column("child_id", files.text(50), required=True),
        Column("first_name", files.text(NAME), required=True),
        Column("last_name", files.text(NAME), required=True),
        Column("date_of_birth", files.day, required=True, past=True),
        Column("sex", files.code(Child.Sex), empty=""),
        Column("ethnicity", files.text(100), empty=""),
        Column("responsible_authority", files.text(9)),
        *_ADDRESS,
        Column("area", files.text(100), empty=""),
        Column("language", files.text(100), empty=""),
        Column("interpreter_needed", files.yes_no),
        Column("living_independently", files.yes_no),
        Column("uasc", files.yes_no),
        Column("restricted", files.yes_no, empty=False),
    ),
    key=("child_id",),
)

CARERS = Layout(
    "carers.csv",
    (
        Column("child_id", files.text(50), required=True),
        Column("name", files.text(NAME), required=True),
        Column("relationship", files.text(100), required=True),
        *_ADDRESS,
        Column("safe_to_contact", files.yes_no),
        Column("reason", files.text(1000), empty=""),
    ),
    key=("child_id", "name", "relationship"),
)

INVOLVEMENTS = Layout(
    "involvements.csv",
    (
        Column("child_id", files.text(50), required=True),
        Column("service", files.code(Service), required=True),
        Column("start", files.day, required=True),
        Column("end", files.day),
        Column("team", files.text(NAME)),
        Column("worker_email", files.email),
        Column("placement_kind", files.code(PlacementKind), empty=""),
        Column("placement_area", files.code(PlacementArea), empty=""),
        Column("host_authority", files.text(9)),
        Column("placement_provider", files.text(NAME), empty=""),
    ),
    key=("child_id", "service", "start"),
)

EPISODES = Layout(
    "episodes.csv",
    (
        Column("episode_id", files.text(50), required=True),
        Column("child_id", files.text(50), required=True),
        Column("kind", files.code(Kind), required=True),
        Column("last_seen_at", files.instant, required=True),
        Column("reported_at", files.instant),
        Column("returned_at", files.instant),
        Column("return_precision", files.code(ReturnPrecision), empty=""),
        Column("notified_at", files.instant),
        Column("source", files.code(Source), empty=""),
        Column("police_ref", files.text(100), empty=""),
        Column("police_risk", files.code(PoliceRisk), empty=""),
        Column("missing_from", files.code(MissingFrom), empty=""),
        Column("ended_how", files.code(EndedHow), empty=""),
        Column("circumstances", files.text(LONG), empty=""),
    ),
    key=("episode_id",),
)

#: Which kind of team a service's involvement names.
TEAM_KIND = {
    Service.LOOKED_AFTER: Team.Kind.SOCIAL_CARE,
    Service.CHILD_PROTECTION: Team.Kind.SOCIAL_CARE,
    Service.CHILD_IN_NEED: Team.Kind.SOCIAL_CARE,
    Service.ASSESSMENT: Team.Kind.SOCIAL_CARE,
    Service.CARE_LEAVER: Team.Kind.SOCIAL_CARE,
    Service.FAMILY_SERVICE: Team.Kind.FAMILY_SERVICE,
    Service.YOUTH_JUSTICE: Team.Kind.SERVICE,
}


def take_children(rows: Sequence[Row], terms: Terms) -> Taken:
    """Rows of children.csv. Our own code as responsible authority means the same as none."""
    taken = Taken()
    known = authorities(_named("responsible_authority", rows) - {terms.ours})
    wanted: list[Wanted[Child]] = []
    for row in rows:
        values = {
            name: value for name, value in row.values.items() if name not in ("child_id", "responsible_authority")
        }
        if "responsible_authority" in row.values:
            authority = known.get(cast("str", row.values["responsible_authority"]))
            values["responsible_authority_id"] = authority.pk if authority else None
        wanted.append(Wanted(row, {"child_id": row.values["child_id"]}, values))
    stored = {
        (child.child_id,): child
        for child in locked(Child.objects.filter(child_id__in=[row.values["child_id"] for row in rows]))
    }
    merged = merge(Child, wanted, stored, layout=CHILDREN, taken=taken)
    taken.count(merged)
    taken.children.update((each.record.pk, each.record.child_id) for each in merged)
    return taken


def _named(column: str, rows: Iterable[Row]) -> set[str]:
    """What the cells of a column name; an empty or absent one names nothing."""
    return {cast("str", row.values[column]) for row in rows if row.values.get(column)}


def take_carers(rows: Sequence[Row], terms: Terms) -> Taken:
    """Rows of carers.csv. Without an answer a carer is not known to be safe to contact, and gets no letter."""
    taken = Taken()
    pairs = of_known_children(CARERS, rows, taken)
    wanted: list[Wanted[Carer]] = []
    for row, child in pairs:
        values = {name: value for name, value in row.values.items() if name not in CARERS.key}
        identity = {"child_id": child.pk, "name": row.values["name"], "relationship": row.values["relationship"]}
        wanted.append(Wanted(row, identity, values))
    stored = {
        (carer.child_id, carer.name, carer.relationship): carer
        for carer in locked(Carer.objects.filter(child__in=[child for _, child in pairs]))
    }
    taken.count(merge(Carer, wanted, stored, layout=CARERS, taken=taken))
    return taken


def take_involvements(rows: Sequence[Row], terms: Terms) -> Taken:
    """Rows of involvements.csv: the team and worker they name are created if nobody knows them yet.

    Another authority's worker is kept as text. Whoever works with a child may see the child: each involvement has its
    row of access.
    """
    taken = Taken()
    pairs = [each for each in of_known_children(INVOLVEMENTS, rows, taken) if _is_sound(each[0], taken)]
    teams, people = _teams_and_people(pairs)
    hosts = authorities(_named("host_authority", (row for row, _ in pairs)))
    wanted: list[Wanted[Involvement]] = []
    for row, child in pairs:
        values = {
            name: row.values[name]
            for name in ("end", "placement_kind", "placement_area", "placement_provider")
            if name in row.values
        }
        if "team" in row.values:
            team = teams.get(cast("str", row.values["team"]))
            values["team_id"] = team.pk if team else None
        if "worker_email" in row.values:
            email, is_ours = cast("str", row.values["worker_email"]), not child.responsible_authority_id
            values["worker_id"] = people[email].pk if email and is_ours else None
            values["worker_elsewhere"] = "" if is_ours else email or ""
        if "host_authority" in row.values:
            host = hosts.get(cast("str", row.values["host_authority"]))
            values["host_authority_id"] = host.pk if host else None
        identity = {"child_id": child.pk, "service": row.values["service"], "start": row.values["start"]}
        wanted.append(Wanted(row, identity, values))
    stored = {
        (involvement.child_id, involvement.service, involvement.start): involvement
        for involvement in locked(Involvement.objects.filter(child__in=[child for _, child in pairs]))
    }
    together = frozenset({"worker_id", "worker_elsewhere"})
    merged = merge(Involvement, wanted, stored, layout=INVOLVEMENTS, taken=taken, together=together)
    taken.count(merged)
    altered = [each.record for each in merged if each.is_new or each.is_changed]
    _join_teams(altered, teams.values(), people.values(), terms.now)
    access.follow_involvements(altered, terms.now)
    return taken


def _is_sound(row: Row, taken: Taken) -> bool:
    """Whether a row's involvement can be; nothing that another one names is created."""
    reason = ends_before_it_starts(cast("date", row.values["start"]), cast("date | None", row.values.get("end")))
    if reason:
        taken.reject(INVOLVEMENTS, row, reason)
    return not reason


def ends_before_it_starts(start: date, end: date | None) -> str | None:
    """Why an involvement's days cannot be, if so."""
    return f"The end, {end}, lies before the start, {start}." if end and end < start else None


def _teams_and_people(pairs: Sequence[tuple[Row, Child]]) -> tuple[dict[str, Team], dict[str, User]]:
    """The teams that rows name, and those workers who are ours."""
    teams = staff.teams_named(
        {
            cast("str", row.values["team"]): TEAM_KIND[Service(str(row.values["service"]))]
            for row, _ in pairs
            if row.values.get("team")
        }
    )
    ours = (row for row, child in pairs if not child.responsible_authority_id)
    return teams, staff.people_named(_named("worker_email", ours))


def _join_teams(
    involvements: Sequence[Involvement], teams: Iterable[Team], people: Iterable[User], now: datetime
) -> None:
    """Let workers join the teams that new or changed involvements name with them, but nobody who has left.

    What has not changed moves nobody: a worker whom an administrator took out of a team stays out.
    """
    team_of = {team.pk: team for team in teams}
    here = {person.pk: person for person in people if not person.has_left(local_date(now))}
    staff.join(
        (here[involvement.worker_id], team_of[involvement.team_id])
        for involvement in involvements
        if involvement.worker_id in here and involvement.team_id in team_of
    )


def take_episodes(rows: Sequence[Row], terms: Terms) -> Taken:
    """Rows of episodes.csv. A return known by its day only stands at 00:00 of that day, and is marked."""
    taken = Taken()
    pairs = of_known_children(EPISODES, rows, taken)
    stored = {
        (episode.episode_id,): episode
        for episode in locked(Episode.objects.filter(episode_id__in=[row.values["episode_id"] for row, _ in pairs]))
    }
    wanted: list[Wanted[Episode]] = []
    for row, child in pairs:
        episode = stored.get((str(row.values["episode_id"]),))
        if episode and episode.child_id != child.pk:
            taken.reject(EPISODES, row, f"Episode '{episode.episode_id}' is on record for another child.")
            continue
        values = {name: value for name, value in row.values.items() if name not in ("episode_id", "child_id")}
        _settle_return(values, row, episode)
        returned = cast("datetime | None", values.get("returned_at"))
        if terms.history_before and returned:
            values["history"] = local_date(returned) < terms.history_before
        identity = {"episode_id": row.values["episode_id"]}
        wanted.append(Wanted(row, identity, values if episode else values | {"child_id": child.pk}))
    together = frozenset({"returned_at", "return_precision"})
    taken.count(
        merge(
            Episode,
            wanted,
            stored,
            layout=EPISODES,
            taken=taken,
            check=returns_before_last_seen,
            together=together,
        )
    )
    return taken


def _settle_return(values: dict[str, object], row: Row, episode: Episode | None) -> None:
    """A return given as a day, or said to be known by its day only, stands at 00:00 local.

    Where nothing says how well it is known, a time of day is better than the day that was known so far.
    """
    returned = cast("datetime | None", values.get("returned_at"))
    if returned is None:
        return
    midnight = start_of_day(local_date(returned))
    if files.is_day(row.cells["returned_at"].strip()):
        values["return_precision"] = ReturnPrecision.DATE
    elif episode and episode.return_precision == ReturnPrecision.DATE and returned != midnight:
        values.setdefault("return_precision", "")
    precision = values.get("return_precision", episode.return_precision if episode else "")
    if precision == ReturnPrecision.DATE:
        values["returned_at"] = midnight


def returns_before_last_seen(episode: Episode) -> str | None:
    """Why an episode's return cannot be, if so. One known by its day only may stand before the last sight that day."""
    if episode.returned_at is None:
        return None
    if episode.return_precision == ReturnPrecision.DATE:
        before = local_date(episode.returned_at) < local_date(episode.last_seen_at)
    else:
        before = episode.returned_at < episode.last_seen_at
    return "The return lies before the child was last seen." if before else None
