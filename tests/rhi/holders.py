"""Who holds what, for the tests of the pages that say so."""

from datetime import UTC, datetime

from django.urls import reverse

from rhi.actions import assigning
from rhi.actions.assigning import Seen
from routing.models import Allocation
from staff.models import Membership
from staff.permissions import Role
from tests.staff.people import make_person

TAUNTON = "Family Intervention Service: Taunton"
YEOVIL = "Family Intervention Service: Yeovil"
AFTER = datetime(2026, 6, 15, 13, 2, tzinfo=UTC)  # 14:02 in England


def member(team, name, role=Role.CASEWORKER, *, may_reassign=False, **fields):
    """Somebody of this name in the team."""
    person = make_person(f"{name.lower().replace(' ', '.')}@example.org", name, role, **fields)
    Membership.objects.create(user=person, team=team, may_reassign=may_reassign)
    return person


def holding(referral):
    return Allocation.objects.get(referral=referral, until__isnull=True)


def give(referral, worker, *, by, at=AFTER, reason="Because."):
    """Somebody gives the referral to a worker."""
    seen = [Seen(referral.pk, holding(referral).pk)]
    assigning.assign(seen=seen, worker=worker, reason=reason, by=by, now=at)


def post(client, page, referral, follow=False, **typed):
    typed = {"holding": holding(referral).pk} | typed
    return client.post(reverse(f"rhi:{page}", args=[referral.pk]), typed, follow=follow)


def the_words(response):
    """The page's own words, each space once."""
    return " ".join(response.content.decode().split())


def errors(response):
    return [error for errors in response.context["form"].errors.values() for error in errors]
