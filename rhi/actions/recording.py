"""Recording by hand: a child, an episode, a return. What follows from a return follows in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from episodes import actions as episodes
from episodes.actions import add, as_known, namesakes, overlapping, refuse_second_open
from episodes.intake import authorities, locked, wait_for_turn
from episodes.models import Access, Child, Episode, Typed
from rhi import outcomes, wording
from rhi.actions.returns import route_returns
from rhi.actions.telling import tell_workers
from rhi.models import Notice, NoticeKind
from staff import audit
from staff.actions import Refused
from staff.models import AuditEvent, User

R = TypeVar("R", Child, Episode)

RECORDED = "Recorded the child."
#: What the trail says when somebody has recorded that a child is back.
BACK = (audit.Type.RETURN_RECORDED, audit.Type.EPISODE_RECORDED, audit.Type.RECORD_CORRECTED)


class TakenPersonId(Refused):
    """Another record has this person ID. The same words whoever may see it."""


class MayBeOnRecord(Refused):
    """A child of this name and birth date is on record; recording goes on once somebody has looked.

    `seen` are those whom the person may see. Of others they learn only that a record exists; of restricted
    children not even that.
    """

    def __init__(self, seen: Sequence[Child], *, elsewhere: bool) -> None:
        where = " in another team. Ask the missing coordinator" if elsewhere and not seen else ""
        super().__init__(f"A child with this name and date of birth is on record{where}.")
        self.seen, self.elsewhere = seen, elsewhere


class Overlap(Refused):
    """The episode shares time with `others` of the same child; it is recorded once somebody says that this is so."""

    def __init__(self, others: Sequence[Episode]) -> None:
        names = ", ".join(other.episode_id for other in others)
        super().__init__(f"This episode overlaps with {names}. Check the times, or say that they are right.")
        self.others = others


class AlreadyBack(Refused):
    """The return is on record already."""


class Withdrawn(Refused):
    """The episode was withdrawn: a duplicate or an error."""


@transaction.atomic
def record_child(*, values: Mapping[str, Any], although: bool, by: User, now: datetime) -> Child:
    """Record a child whom no file has brought yet; the person who does so may see the child from then on.

    `values` may hold `child_id`, the person ID in the main case system (else one is given), and `authority`, the code
    of the responsible authority where that is not ours. `although` says that a child of the same name and birth date
    is somebody else. Those named for a restricted child are told of a namesake. The same child sent twice by the same
    person is recorded once. Raises TakenPersonId, MayBeOnRecord and CorrectionRefused.
    """
    wait_for_turn()
    facts = with_authority(values)
    told = {name: value for name, value in facts.items() if value or name != "child_id"}
    if before := _sent_before(Child.objects.filter(**told).visible_to(by, now), audit.Type.CHILD_RECORDED, by=by):
        return before
    if facts.get("child_id") and Child.objects.filter(child_id=facts["child_id"]).exists():
        raise TakenPersonId("A child with this person ID is on record already. Ask the missing coordinator.")
    same = list(namesakes(facts["first_name"], facts["last_name"], facts["date_of_birth"]))
    seen = list(Child.objects.filter(pk__in=[each.pk for each in same]).visible_to(by, now).order_by("pk"))
    elsewhere = any(each not in seen and not each.restricted for each in same)
    if (seen or elsewhere) and not although:
        raise MayBeOnRecord(seen, elsewhere=elsewhere)
    facts["child_id"] = facts.get("child_id") or episodes.new_id()
    child = add(Child(), values=facts, now=now)
    Access.objects.create(child=child, user=by, basis=Access.Basis.ALLOCATION, since=now, because=RECORDED)
    _tell_of_namesake(child, [each for each in same if each.restricted and each not in seen], by=by, now=now)
    audit.record(audit.Type.CHILD_RECORDED, by=by, at=now, subject=child, children=[child.child_id])
    return child


def _sent_before(same: QuerySet[R], type: audit.Type, *, by: User) -> R | None:  # noqa: A002 the trail's own word
    """Which of these records, each as this request would make it, the same person has made so already."""
    records = {_subject(record): record for record in same.order_by("pk")}
    made = AuditEvent.objects.filter(type=type, by_id=by.pk, subject__in=records) if records else ()
    return next((records[line.subject] for line in made), None)


def _subject(record: Typed) -> str:
    """How the trail names a record."""
    return f"{record._meta.label}:{record.pk}"


def with_authority(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the responsible authority itself in place of its code; ours is none."""
    facts = dict(values)
    if "authority" in facts:
        code = facts.pop("authority")
        facts["responsible_authority"] = authorities({code})[code] if code else None
    return facts


def _tell_of_namesake(child: Child, restricted: Sequence[Child], *, by: User, now: datetime) -> None:
    """Let those who are named for a restricted child know of a record that may be the same child's."""
    named = Access.objects.filter(
        child__in=restricted, basis=Access.Basis.RESTRICTION, until__isnull=True, user__isnull=False
    )
    Notice.objects.bulk_create(
        Notice(
            child_id=access.child_id,
            to_id=access.user_id,
            kind=NoticeKind.RECORDED,
            about=f"A child of the same name and date of birth was recorded: {child.child_id}. It may be this child.",
            by=by,
            at=now,
        )
        for access in named
        if access.user_id
    )


@transaction.atomic
def record_episode(child: Child, *, values: Mapping[str, Any], although: bool, by: User, now: datetime) -> Episode:
    """Record an episode; one that has ended is routed at once.

    `although` says that it does overlap with another episode. The same episode sent twice by the same person is
    recorded once. Raises SecondOpenEpisode, Overlap and CorrectionRefused.
    """
    wait_for_turn()
    child = locked(Child.objects.filter(pk=child.pk)).get()
    facts = _returned(values)
    same = Episode.objects.filter(child=child, withdrawn_at__isnull=True, **facts)
    if before := _sent_before(same, audit.Type.EPISODE_RECORDED, by=by):
        return before
    episode = Episode(child=child, episode_id=episodes.new_id())
    for name, value in facts.items():
        setattr(episode, name, value)
    refuse_second_open(episode)
    if not although and (others := overlapping(episode)):
        raise Overlap(others)
    episode = add(episode, values=facts, now=now)
    audit.record(
        audit.Type.EPISODE_RECORDED,
        by=by,
        at=now,
        subject=episode,
        children=[child.child_id],
        detail={"kind": episode.kind, "returned": episode.returned_at is not None},
    )
    _let_follow(child, episode, by=by, now=now)
    return episode


@transaction.atomic
def record_return(episode: Episode, *, values: Mapping[str, Any], by: User, now: datetime) -> Episode:
    """Record that the child is back: a referral is opened, or the one that is open is joined.

    `values` hold returned_at and may hold return_precision, ended_how, notified_at and source. The same return sent
    twice by the same person is recorded once. Raises AlreadyBack, Withdrawn and CorrectionRefused.
    """
    wait_for_turn()
    stored = locked(Episode.objects.filter(pk=episode.pk).select_related("child")).get()
    facts = _returned(values)
    same = Episode.objects.filter(pk=stored.pk, withdrawn_at__isnull=True, **facts)
    if before := _sent_before(same, audit.Type.RETURN_RECORDED, by=by):
        return before
    refuse_return(stored, now=now)
    corrected = episodes.correct(stored, values=facts, by=by, now=now, as_type=audit.Type.RETURN_RECORDED)
    _let_follow(stored.child, corrected, by=by, now=now)
    return corrected


def refuse_return(episode: Episode, *, now: datetime) -> None:
    """Refuse a return that cannot be recorded, saying who recorded it already. Raises AlreadyBack and Withdrawn."""
    if episode.withdrawn_at:
        raise Withdrawn(f"This episode was withdrawn {wording.moment(episode.withdrawn_at, now=now)}.")
    if episode.returned_at:
        back = wording.moment(episode.returned_at, now=now)
        raise AlreadyBack(f"The return is on record already: {back}. {recorded_by(episode, BACK, now=now)}")


def recorded_by(record: Typed, types: Sequence[audit.Type], *, now: datetime) -> str:
    """Who last did one of these things to a record, and when, in words; a file, if nobody has."""
    line = AuditEvent.objects.filter(subject=_subject(record), type__in=types).first()
    if line is None:
        return "It came with the records."
    who = User.objects.filter(email=line.by_email).first()
    what = ", ".join(name.replace("_", " ") for name in line.detail.get("fields", []))
    done = f"{audit.Type(line.type).label} ({what})" if what else audit.Type(line.type).label
    return f"{who or line.by_email}, {wording.moment(line.at, now=now)}: {done.lower()}."


def _returned(values: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(values)
    if "returned_at" in facts:
        facts["returned_at"] = as_known(facts["returned_at"], facts.get("return_precision", ""))
    return facts


def _let_follow(child: Child, episode: Episode, *, by: User, now: datetime) -> None:
    """Outcomes and clocks of the child's other episodes, then the referral for a return, and the allocated workers.

    They are told of every episode, also of one that is not routed (Surrey 21).
    """
    outcomes.episodes_changed([child.pk], now=now)
    route_returns(by=by, now=now, of=child)
    tell_workers([episode], of_late=False, now=now)
