"""Signing in as a person does it, and what the trail says of it."""

from staff.models import AuditEvent
from tests.staff.people import PASSWORD

SIGN_IN = "/account/sign-in/"
WAIT = "There were too many wrong attempts. Wait 15 minutes, then try again."


def sign_in(client, email="robin.hale@example.org", password=PASSWORD):
    return client.post(SIGN_IN, {"login": email, "password": password})


def trail():
    """What the trail says, oldest first, without the network address that every line of it carries."""
    return [
        (event.type, event.by_email, {key: value for key, value in event.detail.items() if key != "address"})
        for event in AuditEvent.objects.order_by("pk")
    ]


def is_signed_in(client):
    return client.get("/").status_code == 200
