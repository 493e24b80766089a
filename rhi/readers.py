"""What interviews.csv and attempts.csv say, and how their rows become records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from django.db.models import TextChoices

from episodes import files
from episodes.files import Column, Layout, Row, Unreadable
from episodes.intake import (
    Found,
    Merged,
    Taken,
    Terms,
    Wanted,
    locked,
    merge,
    of_known_children,
    record_name,
    stays_as_typed,
)
from episodes.models import NAME, Child, Episode, Finding
from procedures.calendar import local_date
from rhi import codes, deadlines, outcomes
from rhi.actions import records
from rhi.actions.records import Naming
from rhi.models import Attempt, Interview, InterviewEpisode, Offer
from staff import actions as staff
from staff.models import Team, User


class OfferedTo(TextChoices):
    """To whom interviews.csv says that an interview was offered."""

    CHILD = codes.OfferedTo.CHILD
    PARENT = codes.OfferedTo.PARENT
    BOTH = "both"


def _episode_ids(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell.split()))


def _reason(cell: str) -> str:
    known = sorted(set().union(*codes.REASONS.values()))
    if cell not in known:
        raise Unreadable(f"one of {', '.join(known)}")
    return cell


INTERVIEWS = Layout(
    "interviews.csv",
    (
        Column("interview_id", files.text(50), required=True),
        Column("child_id", files.text(50), required=True),
        Column("episode_ids", _episode_ids, required=True),
        Column("team", files.text(NAME)),
        Column("worker_email", files.email),
        Column("offered_at", files.instant),
        Column("offered_to", files.code(OfferedTo), empty=""),
        Column("response", files.code(codes.Response), empty=""),
        Column("responded_at", files.instant),
        Column("held_at", files.instant),
        Column("method", files.code(codes.Method), empty=""),
        Column("written_up_at", files.instant),
        Column("outcome", files.code(codes.OutcomeCode), empty=""),
        Column("reason", _reason, empty=""),
    ),
    key=("interview_id",),
)

ATTEMPTS = Layout(
    "attempts.csv",
    (
        Column("interview_id", files.text(50), required=True),
        Column("attempted_at", files.instant, required=True),
        Column("method", files.code(codes.AttemptMethod), required=True),
        Column("contacted", files.code(codes.Contacted), required=True),
        Column("result", files.code(codes.Result), required=True),
        Column("note", files.text(20_000), empty=""),
    ),
    key=("interview_id", "attempted_at", "method", "contacted"),
)

OFFER_COLUMNS = ("offered_at", "offered_to", "response", "responded_at")
#: Which responses can come from whom.
ANSWERS = {
    codes.OfferedTo.CHILD: {"accepted", "declined_by_child", "no_response", "not_asked"},
    codes.OfferedTo.PARENT: {"accepted", "declined_by_parent", "no_response", "not_asked"},
}


@dataclass(frozen=True)
class OfferRecord:
    """What a row says of the offer, in the file's own terms; one to both is two offers."""

    offered_at: datetime | None = None
    offered_to: str = ""
    response: str = ""
    responded_at: datetime | None = None

    @classmethod
    def of(cls, offers: Mapping[str, Offer]) -> OfferRecord:
        """The row that stored offers came from, so that an absent column can leave what is stored."""
        if not offers:
            return cls()
        to = sorted(offers.keys() - {codes.OfferedTo.NOT_RECORDED})
        answered = next((offer for offer in offers.values() if offer.response or offer.responded_at), None)
        first = next(iter(offers.values()))
        return cls(
            first.offered_at,
            OfferedTo.BOTH if len(to) > 1 else "".join(to),
            answered.response if answered else "",
            answered.responded_at if answered else None,
        )

    def with_row(self, row: Row) -> OfferRecord:
        """This record with the columns that a row has."""
        given = {name: row.values[name] for name in OFFER_COLUMNS if name in row.values}
        return replace(self, **cast("dict[str, Any]", given))

    def offers(self) -> dict[str, dict[str, object]]:
        """Each offer with its values, by whom it was made to. Nothing that a row says is dropped.

        Of an offer to both, the response is the child's unless only a parent can have given it.
        """
        if not (self.offered_at or self.offered_to or self.response or self.responded_at):
            return {}
        if self.offered_to == OfferedTo.BOTH:
            asked = [codes.OfferedTo.CHILD, codes.OfferedTo.PARENT]
            answering = asked[1] if self.response == codes.Response.DECLINED_BY_PARENT else asked[0]
        else:
            answering = codes.OfferedTo(self.offered_to or codes.OfferedTo.NOT_RECORDED)
            asked = [answering]
        return {
            to: {
                "offered_at": self.offered_at,
                "response": self.response if to == answering else "",
                "responded_at": self.responded_at if to == answering else None,
            }
            for to in asked
        }

    @property
    def fits(self) -> bool:
        """Whether the response can have come from somebody who was asked."""
        if not self.response:
            return True
        asked = list(ANSWERS) if self.offered_to == OfferedTo.BOTH else [self.offered_to]
        return any(self.response in ANSWERS.get(cast("codes.OfferedTo", to), ()) for to in asked)


def take_interviews(rows: Sequence[Row], terms: Terms) -> Taken:
    """Rows of interviews.csv: each makes or joins its episodes' referral, held by its team and worker.

    A referral is closed by its outcomes; its deadlines are worked out in the same transaction.
    """
    taken = Taken()
    named = _with_their_episodes(of_known_children(INTERVIEWS, rows, taken), taken)
    stored = {
        (interview.reference,): interview
        for interview in locked(
            Interview.objects.filter(reference__in=[row.values["interview_id"] for row, _, _ in named])
        )
    }
    named = [each for each in named if _is_sound(each, stored, taken)]
    teams, people = _teams_and_people(named)
    namings = [
        Naming(
            reference=str(row.values["interview_id"]),
            interview=stored.get((str(row.values["interview_id"]),)),
            child=child,
            episodes=episodes,
            team=teams.get(cast("str", row.values.get("team"))),
            worker=people.get(cast("str", row.values.get("worker_email"))),
            names_holder=_names_holder(row, stored.get((str(row.values["interview_id"]),)), teams, people),
            since=_holder_since(row, episodes),
            is_open=not _outcome_and_reason(row, stored.get((str(row.values["interview_id"]),)))[0],
        )
        for row, child, episodes in named
    ]
    _join_teams(namings, terms.now)
    referral_of = records.referrals_for(namings, now=terms.now)
    wanted = [
        Wanted[Interview](row, {"reference": naming.reference}, _interview_values(row, naming, referral_of))
        for (row, _, _), naming in zip(named, namings, strict=True)
    ]
    together = frozenset({"outcome", "reason"})
    merged = merge(Interview, wanted, stored, layout=INTERVIEWS, taken=taken, together=together)
    links = _link(namings, merged)
    altered = {interview for interview, _ in links.changed} | _offer(merged, taken)
    for each in merged:
        each.is_changed = each.is_changed or (each.record.pk in altered and not each.is_new)
    taken.count(merged)
    moved = {each.record.pk: each.record.referral_id for each in merged if each.is_new or each.is_changed}
    touched = {episode for interview, episode in links.every if interview in moved}
    outcomes.settle(touched, now=terms.now)
    deadlines.refresh(set(moved.values()) | records.referrals_covering(touched))
    return taken


Named = tuple[Row, Child, tuple[Episode, ...]]


def _with_their_episodes(pairs: Sequence[tuple[Row, Child]], taken: Taken) -> list[Named]:
    """Every row with the episodes it names; rows that name an unknown one, or another child's, are rejected."""
    wanted = {reference for row, _ in pairs for reference in cast("tuple[str, ...]", row.values["episode_ids"])}
    known = Episode.objects.in_bulk(list(wanted), field_name="episode_id")
    named: list[Named] = []
    for row, child in pairs:
        references = cast("tuple[str, ...]", row.values["episode_ids"])
        unknown = [reference for reference in references if reference not in known]
        foreign = [
            reference for reference in references if reference in known and known[reference].child_id != child.pk
        ]
        if unknown:
            taken.reject(INTERVIEWS, row, f"There is no episode {_quoted(unknown)} on record.")
        elif foreign:
            taken.reject(INTERVIEWS, row, f"Episode {_quoted(foreign)} is on record for another child.")
        else:
            named.append((row, child, tuple(known[reference] for reference in references)))
    return named


def _quoted(references: Iterable[str]) -> str:
    return ", ".join(f"'{reference[:60]}'" for reference in references)


def _is_sound(named: Named, stored: Mapping[tuple[str], Interview], taken: Taken) -> bool:
    """Whether a row can be taken: its interview is the same child's, its reason one of its outcome's."""
    row, child, _ = named
    interview = stored.get((str(row.values["interview_id"]),))
    if interview and interview.child_id != child.pk:
        taken.reject(INTERVIEWS, row, f"Interview '{interview.reference}' is on record for another child.")
        return False
    outcome, reason = _outcome_and_reason(row, interview)
    if not (outcome and reason) or reason in codes.REASONS[codes.OutcomeCode(outcome)]:
        return True
    known = ", ".join(sorted(codes.REASONS[codes.OutcomeCode(outcome)])) or "none"
    taken.reject(
        INTERVIEWS, row, f"The reason '{reason}' does not belong to the outcome {outcome}, which has: {known}."
    )
    return False


def _outcome_and_reason(row: Row, interview: Interview | None) -> tuple[str, str]:
    """What a row, with what is stored where its columns are absent, says became of an interview.

    A stored reason goes with the outcome that it was given for.
    """
    stored = (interview.outcome, interview.reason) if interview else ("", "")
    outcome = cast("str", row.values.get("outcome", stored[0]))
    reason = cast("str", row.values.get("reason", stored[1] if outcome == stored[0] else ""))
    return outcome, reason


def _teams_and_people(named: Sequence[Named]) -> tuple[dict[str, Team], dict[str, User]]:
    rows = [row for row, _, _ in named]
    teams = staff.teams_named({str(row.values["team"]): Team.Kind.SERVICE for row in rows if row.values.get("team")})
    people = staff.people_named({str(row.values["worker_email"]) for row in rows if row.values.get("worker_email")})
    return teams, people


def _join_teams(namings: Iterable[Naming], now: datetime) -> None:
    """Let workers join the teams that records newly name with them, but nobody who has left."""
    staff.join(
        (naming.worker, naming.team)
        for naming in namings
        if naming.names_holder and naming.team and naming.worker and not naming.worker.has_left(local_date(now))
    )


def _names_holder(row: Row, interview: Interview | None, teams: Mapping[str, Team], people: Mapping[str, User]) -> bool:
    """Whether a row says anything new of who holds the referral."""
    if interview is None:
        return bool({"team", "worker_email"} & row.values.keys())
    team = teams.get(cast("str", row.values.get("team")))
    worker = people.get(cast("str", row.values.get("worker_email")))
    return ("team" in row.values and interview.team_id != (team.pk if team else None)) or (
        "worker_email" in row.values and interview.worker_id != (worker.pk if worker else None)
    )


def _holder_since(row: Row, episodes: Sequence[Episode]) -> datetime:
    """Since when the team and worker of a row have held the referral, as far as it tells."""
    for name in ("offered_at", "responded_at", "held_at", "written_up_at"):
        if isinstance(at := row.values.get(name), datetime):
            return at
    return max(episode.returned_at or episode.last_seen_at for episode in episodes)


def _interview_values(row: Row, naming: Naming, referral_of: Mapping[str, int]) -> dict[str, object]:
    values = {name: row.values[name] for name in ("held_at", "method", "written_up_at") if name in row.values}
    if {"outcome", "reason"} & row.values.keys():
        values["outcome"], values["reason"] = _outcome_and_reason(row, naming.interview)
    if "team" in row.values:
        values["team_id"] = naming.team.pk if naming.team else None
    if "worker_email" in row.values:
        values["worker_id"] = naming.worker.pk if naming.worker else None
    return values | {"referral_id": referral_of[naming.reference], "child_id": naming.child.pk}


@dataclass(frozen=True)
class Links:
    """Pairs of interview and episode (primary keys): those made or taken away, and every one there is or was."""

    changed: set[tuple[int, int]]
    every: set[tuple[int, int]]


def _link(namings: Sequence[Naming], merged: Sequence[Merged[Interview]]) -> Links:
    """Let each interview be about the episodes of its row, and no others."""
    interviews = {each.record.reference: each.record.pk for each in merged}
    child_of = {
        (interviews[naming.reference], episode.pk): naming.child.pk for naming in namings for episode in naming.episodes
    }
    stored = {
        (link.interview_id, link.episode_id): link.pk
        for link in InterviewEpisode.objects.filter(interview__in=interviews.values())
    }
    gone, new = stored.keys() - child_of.keys(), child_of.keys() - stored.keys()
    if gone:
        InterviewEpisode.objects.filter(pk__in=[stored[pair] for pair in gone]).delete()
    InterviewEpisode.objects.bulk_create(
        InterviewEpisode(child_id=child_of[pair], interview_id=pair[0], episode_id=pair[1]) for pair in sorted(new)
    )
    return Links(changed=set(gone | new), every=set(stored.keys() | child_of.keys()))


def _offer(merged: Sequence[Merged[Interview]], taken: Taken) -> set[int]:
    """Make the offers that rows tell of; answers the interviews whose offers changed.

    An offer that a row no longer tells of is taken away, unless a person typed something of it.
    """
    row_of = {each.record.pk: each.row for each in merged}
    stored = {(offer.interview_id, offer.to): offer for offer in locked(Offer.objects.filter(interview__in=row_of))}
    of_interview: dict[int, dict[str, Offer]] = defaultdict(dict)
    for (interview, to), offer in stored.items():
        of_interview[interview][to] = offer
    wanted: list[Wanted[Offer]] = []
    for each in merged:
        record = OfferRecord.of(of_interview[each.record.pk]).with_row(each.row)
        if not record.fits:
            taken.found.append(_does_not_fit(each, record))
        for to, values in record.offers().items():
            identity = {"interview_id": each.record.pk, "to": to}
            wanted.append(Wanted(each.row, identity, values | {"child_id": each.record.child_id}))
    together = frozenset({"response", "responded_at"})
    offers = merge(Offer, wanted, stored, layout=INTERVIEWS, taken=taken, together=together)
    rest = [stored[key] for key in stored.keys() - {want.key for want in wanted}]
    taken.found += [
        stays_as_typed(each, ["offered_to"], INTERVIEWS, row_of[each.interview_id]) for each in rest if each.typed
    ]
    gone = [offer for offer in rest if not offer.typed]
    if gone:
        Offer.objects.filter(pk__in=[offer.pk for offer in gone]).delete()
    altered = {each.record.interview_id for each in offers if each.is_new or each.is_changed}
    return altered | {offer.interview_id for offer in gone}


def _does_not_fit(merged: Merged[Interview], record: OfferRecord) -> Found:
    return Found(
        merged.record.child_id,
        Finding.Kind.RESPONSE_DOES_NOT_FIT,
        record_name(INTERVIEWS, merged.row),
        f"The response is {record.response}, but who was asked is: {record.offered_to or 'not recorded'}.",
    )


def take_attempts(rows: Sequence[Row], terms: Terms) -> Taken:
    """Rows of attempts.csv; the deadlines of their episodes' referrals are worked out in the same transaction."""
    taken = Taken()
    interviews = Interview.objects.select_related("child").in_bulk(
        list({str(row.values["interview_id"]) for row in rows}), field_name="reference"
    )
    wanted: list[Wanted[Attempt]] = []
    for row in rows:
        interview = interviews.get(str(row.values["interview_id"]))
        if interview is None:
            taken.reject(ATTEMPTS, row, f"There is no interview '{row.values['interview_id']}' on record.")
            continue
        taken.children[interview.child_id] = interview.child.child_id
        identity = {"interview_id": interview.pk} | {name: row.values[name] for name in ATTEMPTS.key[1:]}
        values = {name: row.values[name] for name in ("result", "note") if name in row.values}
        wanted.append(Wanted(row, identity, values | {"child_id": interview.child_id}))
    stored = {
        (attempt.interview_id, attempt.attempted_at, attempt.method, attempt.contacted): attempt
        for attempt in locked(Attempt.objects.filter(interview__in=interviews.values()))
    }
    merged = merge(Attempt, wanted, stored, layout=ATTEMPTS, taken=taken)
    taken.count(merged)
    tried = {each.record.interview_id for each in merged if each.is_new or each.is_changed}
    about = InterviewEpisode.objects.filter(interview__in=tried).values_list("episode_id", flat=True)
    deadlines.refresh(records.referrals_covering(about))
    return taken
