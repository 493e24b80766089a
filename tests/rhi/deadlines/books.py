"""Every deadline as it is stored, and as the clocks give it for facts gathered afresh: the two must be equal."""

from contextlib import contextmanager

from django.db import transaction

from rhi import deadlines
from routing.models import Deadline, Referral

LEE = {"child_id": "C1", "name": "Lee Example", "relationship": "Uncle"}
RULES = ["somerset", "wokingham", "croydon", "nottinghamshire"]


def stored():
    """Every deadline as it is stored, by referral."""
    rows = {key: {} for key in Referral.objects.values_list("pk", flat=True)}
    for each in Deadline.objects.select_related("episode"):
        name = each.name, each.episode and each.episode.episode_id
        rows[each.referral_id][name] = tuple(getattr(each, name) for name in deadlines.STORED)
    return rows


def worked_out():
    """Every deadline as the clocks give it for facts that are gathered afresh."""
    return {
        row.referral.pk: {
            (str(clock.name), clock.episode or None): (
                *(clock.starts_at, clock.due_at, clock.met_at),
                str(clock.settled or ""),
                clock.late_on_arrival,
            )
            for clock in row.clocks()
        }
        for row in deadlines.gather(Referral.objects.values_list("pk", flat=True))
    }


def due(name):
    return {
        each.episode and each.episode.episode_id: each.due_at
        for each in Deadline.objects.filter(name=name).select_related("episode")
    }


@contextmanager
def undone():
    """What is written within is undone at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
