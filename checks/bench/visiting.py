"""Pages as a browser asks for them, to be measured."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.test import Client

from staff.models import User


def visit(address: str, person: User) -> Callable[[], object]:
    """A page as somebody gets it, in the database that is in use now. SystemExit when it does not answer 200."""
    client, name = Client(SERVER_NAME="localhost"), connection.settings_dict["NAME"]
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])

    def get() -> object:
        if connection.settings_dict["NAME"] != name:
            raise SystemExit(f"{address} was to be measured in {name}.")
        response = client.get(address)
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}.")
        return response

    return get
