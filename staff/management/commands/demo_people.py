"""One person per role, to look round with."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from staff.demonstration import PASSWORD, PEOPLE
from staff.models import Membership, Team, User
from staff.permissions import Role

# In whose kind of team each works; the other roles see beyond one team.
WORKS_IN = {
    Role.CASEWORKER: Team.Kind.SERVICE,
    Role.TEAM_LEADER: Team.Kind.SERVICE,
    Role.INTERVIEWER: Team.Kind.PROVIDER,
}


def first_open_team(kind: Team.Kind, on: date) -> Team | None:
    """The oldest team of this kind that takes work on the given local day."""
    return next((team for team in Team.objects.filter(kind=kind).order_by("pk") if team.is_open(on)), None)


class Command(BaseCommand):
    help = "Make sure of one person per role with a known password, and print the sign-ins (demonstration only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Everybody knows these people's password. They exist only where RHI_DEMO=1 is set.")
        today = timezone.localdate()
        with transaction.atomic():
            for person in PEOPLE:
                user, _ = User.objects.get_or_create(
                    email=person.email, defaults={"name": person.name, "role": person.role}
                )
                if not user.check_password(PASSWORD):
                    user.set_password(PASSWORD)
                    user.save(update_fields=["password"])
                team = first_open_team(WORKS_IN[person.role], today) if person.role in WORKS_IN else None
                if team and not user.memberships.exists():
                    Membership.objects.create(user=user, team=team)
        self.stdout.write(f"Everybody's password is {PASSWORD}")
        for person in PEOPLE:
            self.stdout.write(f"  {person.role.label:<21}{person.email}")
