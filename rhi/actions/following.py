"""Opening the tasks that follow from an interview when it is written up, and telling whose they are.

Written up anew after it was sent back, an interview brings nothing twice. What has been done stays done, and what a
person changed stays as they put it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from episodes.models import Involvement, Service
from procedures.calendar import local_date
from rhi import sharing
from rhi.actions.form_facts import Case
from rhi.actions.sight import Sight
from rhi.actions.telling import Matter, tell
from rhi.following import Demand, Facts, Owner, demands
from rhi.following.shapes import SOCIAL_CARE
from rhi.models import NoticeKind
from routing.gathering import age_on
from routing.models import Referral, Task
from staff import audit
from staff.models import AuditEvent, Team, User

YEAR = timedelta(days=365)
#: Where a task comes from that a person added.
BY_HAND = "Added by hand"
#: What the form itself can say was done, so that nobody is asked for it any more once it does.
LIFTED_BY_FORM = frozenset({Task.Kind.SCREEN, Task.Kind.PREVENTION_PLAN, Task.Kind.SAFETY_PLAN})
LIFTED = "Not asked for any more since the form was written up anew."
#: What these are told goes by the child's wish, so such a task never says more than the wish that holds now.
BY_WISH = frozenset({(str(Task.Kind.SHARE), "placement"), (str(Task.Kind.SHARE), "parent")})


class Whose(NamedTuple):
    """The person whose a task is, and the team that stands behind them; without a person it is the team's."""

    worker: User | None
    team: Team | None


@dataclass(frozen=True)
class Around:
    """Who works with the child today, and who holds the interview. `unseeing` (keys) may not see the child."""

    involvements: tuple[Involvement, ...]
    holder: Whose
    today: date
    unseeing: frozenset[int] = frozenset()

    def of(self, services: Collection[str]) -> Whose:
        """Worker and team of the involvement in one of these services that comes first and names one of ours."""
        order = [service.value for service in Service]
        rows = [row for row in self.involvements if row.service in services]
        for row in sorted(rows, key=lambda row: (order.index(row.service), row.start)):
            worker = row.worker if self.is_there(row.worker) else None
            team = row.team if row.team and row.team.is_open(self.today) else None
            if worker or team:
                return Whose(worker, team)
        return Whose(None, None)

    def is_there(self, worker: User | None) -> bool:
        """Whether somebody works here and may see the child, who may be restricted."""
        return worker is not None and not worker.has_left(self.today) and worker.pk not in self.unseeing

    def owner(self, owner: Owner) -> Whose:
        """Whose a demand is."""
        services = {Owner.SOCIAL_WORKER: SOCIAL_CARE, Owner.EARLY_HELP: {Service.FAMILY_SERVICE}}.get(owner, ())
        found = self.of(services)
        return found if found.worker or found.team else self.holder


def around(case: Case, *, by: User, now: datetime) -> Around:
    """Who is there to own what follows: one query, one more for a restricted child.

    Where nobody holds the referral it is whoever writes it up.
    """
    today = local_date(now)
    child, holder = case.referral.child, case.holder
    rows = tuple(
        Involvement.objects.filter(
            Q(end__isnull=True) | Q(end__gte=today), child=child, start__lte=today
        ).select_related("team", "worker")
    )
    sight = Sight([child], now)
    people = [*(row.worker for row in rows), holder.worker if holder else None]
    found = Around(
        rows,
        Whose(by, None),
        today,
        frozenset(person.pk for person in people if person and not sight.sees(person, child.pk)),
    )
    worker = holder.worker if holder and found.is_there(holder.worker) else None
    team = holder.team if holder else None
    return replace(found, holder=Whose(worker, team)) if worker or team else found


def facts_of(case: Case, people: Around) -> Facts:
    """What decides what follows from an interview; the case comes with its answers."""
    child, today = case.referral.child, people.today
    began = min((local_date(episode.last_seen_at) for episode in case.episodes), default=today)
    returns = [local_date(episode.returned_at) for episode in case.episodes if episode.returned_at]
    returned = min(returns, default=None)
    social, early = people.of(SOCIAL_CARE), people.of({Service.FAMILY_SERVICE})
    situation = case.situation
    return Facts(
        procedure=case.referral.version.procedure,
        answers=case.values,
        today=today,
        held=situation.held,
        declined=situation.declined,
        age=age_on(child.date_of_birth, returned or began),
        began_on=began,
        returned_on=returned,
        services=frozenset(row.service for row in people.involvements),
        social_worker=bool(social.worker or social.team),
        early_help=bool(early.worker or early.team),
        worker_elsewhere=any(row.worker_elsewhere for row in people.involvements if row.service in SOCIAL_CARE),
        other_authority=str(child.responsible_authority or ""),
        missing_in_year=sum(today - YEAR < local_date(each.last_seen_at) <= today for each in case.absences),
        named_elsewhere="; ".join(row.worker_elsewhere for row in people.involvements if row.worker_elsewhere),
        shared=frozenset(share.to for share in case.shares if sharing.settles(share.what, share.to)),
    )


def open_demanded(case: Case, *, by: User, now: datetime) -> list[Task]:
    """Open what the form that is being written up demands; answers the tasks that are new.

    In the caller's transaction, which holds the referral locked. Whoever owns them and did not write the form is told.
    """
    people = around(case, by=by, now=now)
    wanted = demands(facts_of(case, people))
    standing = {
        (task.kind, task.item): task for task in Task.objects.filter(referral=case.referral, episode__isnull=True)
    }
    owners = {demand.owner: people.owner(demand.owner) for demand in wanted}
    new = Task.objects.bulk_create(
        _task(case.referral, demand, owners[demand.owner], now)
        for demand in wanted
        if (demand.kind, demand.item) not in standing
    )
    _bring_up_to_date(case.referral, wanted, standing, by=by, now=now)
    if new:
        audit.record(
            audit.Type.TASK_OPENED,
            by=by,
            at=now,
            subject=case.referral,
            children=[case.referral.child.child_id],
            detail={"tasks": [{"task": task.pk, "kind": task.kind, "demanded": task.demanded} for task in new]},
        )
    tell_owners(new, by=by, now=now)
    return new


def _task(referral: Referral, demand: Demand, owner: Whose, now: datetime) -> Task:
    return Task(
        child_id=referral.child_id,
        referral=referral,
        kind=demand.kind,
        item=demand.item,
        about=demand.about[:500],
        clause=demand.clause[:200],
        demanded=demand.demanded,
        due_on=demand.due_on,
        review_on=demand.review_on,
        owner=owner.worker,
        owner_team=owner.team,
        opened_at=now,
    )


def _bring_up_to_date(
    referral: Referral, wanted: Sequence[Demand], standing: Mapping[tuple[str, str], Task], *, by: User, now: datetime
) -> None:
    """Let the tasks of an earlier write-up follow the form as it is now, but for what a person has touched.

    One that is demanded now and was set aside is open again; one that is not demanded any more can be set aside. What
    the form now says was done is asked for no more.
    """
    untouched = _untouched(standing.values())
    asked = {(str(demand.kind), demand.item): demand for demand in wanted}
    changed = []
    for key, task in standing.items():
        if task.done_at or task.kind == Task.Kind.TELL_AUTHORITY:
            continue
        before = _shape(task)
        demand = asked.get(key)
        task.demanded = demand is not None and demand.demanded
        if task.demanded:
            task.set_aside_at, task.not_done_because, task.settled_by = None, "", None
        if task.set_aside_at is None and key in BY_WISH and demand:
            task.about = demand.about[:500]
        if task.set_aside_at is None and task.pk in untouched and demand:
            task.about, task.due_on, task.review_on = demand.about[:500], demand.due_on, demand.review_on
        elif (
            task.set_aside_at is None
            and demand is None
            and (key in BY_WISH or (task.pk in untouched and task.kind in LIFTED_BY_FORM))
        ):
            task.set_aside_at, task.not_done_because, task.settled_by = now, LIFTED, by
        if _shape(task) != before:
            changed.append(task)
    if changed:
        fields = ["demanded", "set_aside_at", "not_done_because", "settled_by", "about", "due_on", "review_on"]
        Task.objects.bulk_update(changed, fields)
        audit.record(
            audit.Type.TASK_CHANGED,
            by=by,
            at=now,
            subject=referral,
            children=[referral.child.child_id],
            detail={"written_up_anew": [task.pk for task in changed]},
        )


def _shape(task: Task) -> tuple[object, ...]:
    return task.demanded, task.set_aside_at, task.about, task.due_on, task.review_on


def _untouched(tasks: Collection[Task]) -> set[int]:
    """Which tasks (keys) were opened by a write-up and changed by nobody since: one query."""
    opened = [task for task in tasks if task.clause != BY_HAND]
    if not opened:
        return set()
    subjects = {f"{Task._meta.label}:{task.pk}": task.pk for task in opened}
    touched = AuditEvent.objects.filter(type=audit.Type.TASK_CHANGED, subject__in=subjects).values_list(
        "subject", flat=True
    )
    return set(subjects.values()) - {subjects[subject] for subject in touched}


def tell_owners(tasks: Sequence[Task], *, by: User, now: datetime) -> None:
    """Tell whoever has become the owner of tasks of one referral, each owner once, but for whoever made them so.

    Of a team's task its leaders are told.
    """
    theirs: dict[tuple[int | None, int | None], list[Task]] = {}
    for task in tasks:
        theirs.setdefault((task.owner_id, task.owner_team_id), []).append(task)
    tell(
        [
            Matter(
                key=f"{NoticeKind.TASK_YOURS}:task {of_them[0].pk}:{now.isoformat(timespec='seconds')}",
                kind=NoticeKind.TASK_YOURS,
                about=_said(of_them),
                child=of_them[0].child_id,
                referral=of_them[0].referral_id,
                worker=worker,
                team=team,
                leaders=False,
            )
            for (worker, team), of_them in theirs.items()
            if worker != by.pk
        ],
        now=now,
    )


def _said(tasks: Sequence[Task]) -> str:
    kinds = ", ".join(dict.fromkeys(task.get_kind_display().lower() for task in tasks))
    many = "A task is" if len(tasks) == 1 else f"{len(tasks)} tasks are"
    return f"{many} yours after the interview of referral {tasks[0].referral}: {kinds}."
