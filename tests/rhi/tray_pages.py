"""What a tray's page lists, and a tray with less in it."""

from routing.models import Referral
from tests.staff.people import now


def shown(client, team, query=""):
    """The keys of the referrals in a tray's list, in their order."""
    page = client.get(f"/trays/{team.pk}/{query}")
    assert page.status_code == 200
    names = page.content.decode().split('<h3 class="rhi-tray__name"><a class="govuk-link" href="/referrals/')
    return [int(part.split("/")[0]) for part in names[1:]]


def only_some(desk, number):
    """Close all but so many referrals."""
    keep = [referral.pk for referral in desk.referrals[:number]]
    Referral.objects.exclude(pk__in=keep).update(closed_at=now())
