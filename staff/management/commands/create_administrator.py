"""The first person of an installation, who invites all the others."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from staff import actions
from staff.permissions import Role


class Command(BaseCommand):
    help = "Put an administrator on the books and print, once, the link at which they choose a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="how they sign in")
        parser.add_argument("name", help="what they are called, in quotes")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
            person = actions.invite(
                email=options["email"],
                name=options["name"],
                role=Role.ADMINISTRATOR,
                memberships={},
                by=None,
                now=timezone.now(),
            )
        except ValidationError as wrong:
            raise CommandError("Give an email address like name@example.org.") from wrong
        except actions.PersonRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        site = f"{settings.ACCOUNT_DEFAULT_HTTP_PROTOCOL}://{settings.ALLOWED_HOSTS[0].lstrip('.')}"
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        self.stdout.write(f"{person.name} is an administrator. Within {minutes} minutes they choose a password here:")
        self.stdout.write(f"  {site}{actions.invitation_path(person)}")
        self.stdout.write("The link works once. Run this again for another, until they have chosen one.")
