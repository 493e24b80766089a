"""Give the people of the demonstration something to do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from rhi import deadlines
from routing.actions import Holder, allocate
from routing.models import Allocation, Referral
from staff.demonstration import PEOPLE
from staff.models import Membership, Team, User
from staff.permissions import Role

PROVIDER = "Harbour Interviews"
HELD = {Role.CASEWORKER: 6, Role.INTERVIEWER: 3}
"""How many referrals each is given: of other trays, as far as they go, so that the leader's own stays full."""


class Command(BaseCommand):
    help = "Hand the demonstration's caseworker and provider's interviewer some referrals. Demonstration only."

    def handle(self, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Invented work belongs in a demonstration only; it is marked by RHI_DEMO=1.")
        now = timezone.now()
        people = {person.role: User.objects.get(email=person.email) for person in PEOPLE}
        if Allocation.objects.filter(worker__in=people.values()).exists():
            self.stdout.write("They have work already.")
            return
        with transaction.atomic():
            tray = self._busiest_tray(people)
            if tray is None:
                self.stdout.write("No tray holds an open referral, so there is nothing to hand out.")
                return
            provider = self._provider(people[Role.INTERVIEWER], now.date())
            self._hand_out(tray, {Role.CASEWORKER: tray, Role.INTERVIEWER: provider}, people, now)
        self.stdout.write(f"{people[Role.CASEWORKER]} and {people[Role.INTERVIEWER]} hold some referrals now.")

    def _busiest_tray(self, people: dict[Role, User]) -> Team | None:
        """The tray with the most referrals that nobody holds; caseworker and leader work there from now on."""
        waiting = Allocation.objects.filter(
            until__isnull=True, worker__isnull=True, team__isnull=False, referral__closed_at__isnull=True
        ).exclude(team__kind=Team.Kind.PROVIDER)
        number: dict[int, int] = {}
        for team in waiting.values_list("team", flat=True):
            number[team] = number.get(team, 0) + 1
        if not number:
            return None
        tray = Team.objects.get(pk=max(number, key=lambda key: (number[key], -key)))
        for role in (Role.CASEWORKER, Role.TEAM_LEADER):
            Membership.objects.filter(user=people[role]).delete()
            Membership.objects.create(user=people[role], team=tray)
        return tray

    def _provider(self, interviewer: User, today: date) -> Team:
        """A provider under contract, for whom the interviewer works."""
        provider, _ = Team.objects.get_or_create(
            name=PROVIDER, defaults={"kind": Team.Kind.PROVIDER, "opened_on": today.replace(month=1, day=1)}
        )
        Membership.objects.get_or_create(user=interviewer, team=provider)
        return provider

    def _hand_out(self, tray: Team, teams: dict[Role, Team], people: dict[Role, User], now: datetime) -> None:
        """The newest waiting referrals, by the leader's word."""
        waiting = Allocation.objects.filter(worker__isnull=True, until__isnull=True, referral=OuterRef("pk"))
        rows = list(
            Referral.objects.filter(Exists(waiting), closed_at__isnull=True, question="", child__restricted=False)
            .annotate(in_her_tray=Exists(waiting.filter(team=tray)))
            .order_by("in_her_tray", "-in_tray_at", "-pk")[: sum(HELD.values())]
        )
        holders = [role for role, number in HELD.items() for _ in range(number)]
        allocate(
            [
                (
                    referral,
                    Holder(teams[role], people[role], rule="", because="Handed out", by=people[Role.TEAM_LEADER]),
                    now,
                )
                for referral, role in zip(rows, holders, strict=False)
            ]
        )
        deadlines.refresh([referral.pk for referral in rows])
