"""Whose a task can be: who works with the child, who holds the interview, and their teams."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from episodes.models import Involvement, Service
from procedures.calendar import local_date
from rhi.actions.following import Whose
from rhi.actions.sight import WORKERS, Sight, people_of
from routing.models import Allocation, Referral, Task
from staff.models import User


def owners_of(referral: Referral, task: Task | None, *, by: User, now: datetime) -> list[tuple[Whose, str]]:
    """Those who can be chosen, each with words that tell them apart; the person who chooses is one of them.

    First whose it is, then the child's own workers, who holds the interview and the people of that team, at last the
    teams. Nobody who has left or would not see the child. Three queries; one more for a restricted child.
    """
    today, sight = local_date(now), Sight([referral.child], now)
    found: dict[tuple[str, int], tuple[Whose, str]] = {}

    def offer(worker: User | None, whose: Whose, words: str) -> None:
        there = (
            worker and worker.role in WORKERS and not worker.has_left(today) and sight.sees(worker, referral.child_id)
        )
        if worker and there:
            found.setdefault(("person", worker.pk), (whose, words))

    if task and task.owner:
        offer(task.owner, Whose(task.owner, task.owner_team), f"{task.owner} (has it now)")
    rows = Involvement.objects.filter(
        Q(end__isnull=True) | Q(end__gte=today), child=referral.child_id, start__lte=today
    ).select_related("team", "worker")
    involved = sorted(rows, key=lambda row: [service.value for service in Service].index(row.service))
    for row in involved:
        if row.worker:
            offer(row.worker, Whose(row.worker, row.team), f"{row.worker} ({row.get_service_display().lower()})")
    holding = Allocation.objects.filter(referral=referral, until__isnull=True).select_related("team", "worker").first()
    team = holding.team if holding else None
    if holding and holding.worker:
        offer(holding.worker, Whose(holding.worker, team), f"{holding.worker} (holds the interview)")
    for person in people_of([team.pk], on=today).get(team.pk, []) if team else []:
        offer(person, Whose(person, team), person.name)
    offer(by, Whose(by, team), by.name)
    for each in [*(row.team for row in involved), team, task.owner_team if task else None]:
        if each and each.is_open(today):
            found.setdefault(("team", each.pk), (Whose(None, each), f"Anybody of: {each}"))
    return list(found.values())
