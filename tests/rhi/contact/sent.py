"""What the forms about reaching a child send, and what tests of them begin with and look at."""

from django.urls import reverse

from procedures.calendar import LONDON
from rhi.actions import contact
from routing.models import Deadline
from staff.models import AuditEvent
from tests.records import NOW, london

TRAY = "Family Intervention Service: Taunton"


def page(name, referral, *more):
    return reverse(f"rhi:{name}", args=[referral.pk, *more])


def typed(at):
    return f"{at.astimezone(LONDON):%Y-%m-%dT%H:%M}"


def attempt(**cells):
    """What the form for an attempt sends: a call to the child on a Wednesday in May, nobody answering."""
    sent = {"attempted_at": "2026-05-13T10:00", "method": "phone", "contacted": "child", "result": "no_answer"}
    return sent | {"note": ""} | cells


def offer(**cells):
    sent = {"to": "child", "offered_at": "2026-05-13T10:00", "route": "phone", "method": "face_to_face"}
    return sent | cells


def response(**cells):
    return {"response": "accepted", "responded_at": "2026-05-13T11:00", **cells}


def offered(referral, worker, **values):
    """An offer to the child on the Wednesday morning, recorded."""
    facts = {"to": "child", "offered_at": london("2026-05-13 10:00"), "route": "phone", "method": "face_to_face"}
    return contact.record_offer(referral, **facts | values, by=worker, now=NOW)


def accepted(referral, worker):
    made = offered(referral, worker)
    at = london("2026-05-13 11:00")
    return contact.record_response(referral, made, response="accepted", responded_at=at, by=worker, now=NOW)


def the_words(response):
    return " ".join(response.content.decode().split())


def clock(referral, name):
    return Deadline.objects.get(referral=referral, name=name)


def trail(kind):
    return list(AuditEvent.objects.filter(type=kind).values_list("children", "detail"))
