"""Opening the page of a referral, putting things on record for it, and reading what it says."""

import html
import re

from django.db import transaction
from django.urls import reverse

from rhi.actions.interviews import of_referral
from rhi.models import Attempt, Interview, Offer
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import london
from tests.staff.people import make_person

TAUNTON = "Family Intervention Service: Taunton"


def member(client, role=Role.CASEWORKER, team=TAUNTON, **more):
    """Somebody of the team, signed in."""
    robin = make_person(role=role)
    Membership.objects.create(user=robin, team=Team.objects.get(name=team), **more)
    client.force_login(robin)
    return robin


def interview_of(referral) -> Interview:
    with transaction.atomic():
        return of_referral(referral)


def log(referral, at: str, result="no_answer", **more) -> Attempt:
    fields = {"method": "phone", "contacted": "child", "result": result, "attempted_at": london(at)} | more
    return Attempt.objects.create(child=referral.child, interview=interview_of(referral), **fields)


def offered(referral, **more) -> Offer:
    fields = {"to": "child", "offered_at": london("2026-06-12 10:00"), "route": "phone"} | more
    return Offer.objects.create(child=referral.child, interview=interview_of(referral), **fields)


def open_page(client, referral):
    return client.get(reverse("rhi:referral", args=[referral.pk]))


def the_words(page) -> str:
    """What a page says, without its tags, each space once."""
    body = re.search(r"<main.*</main>", page.content.decode(), re.DOTALL)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def links(page) -> list[str]:
    """What the list of things to do says, in order."""
    return [way["words"] for way in page.context["actions"]]
