"""What the database holds, as plain values: to see that nothing changed, or that two ways lead to the same."""

from collections import defaultdict

from django.apps import apps
from django.db import models

from episodes.models import Authority, Child, Episode, Involvement
from procedures.models import Version
from rhi.models import Interview
from routing.models import Referral, ReferralEpisode
from staff.models import Team, User

OURS = ["staff", "procedures", "jobs", "episodes", "routing", "rhi", "reporting"]
#: When and how often somebody did something, rather than what is so.
HISTORY_OF_RUNS = {"staff.AuditEvent", "jobs.Job", "jobs.Run"}


def everything() -> dict[str, list[tuple]]:
    """Every row of every table of ours, to the last column."""
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in tables()}


def tables() -> list[type[models.Model]]:
    return [model for package in OURS for model in apps.get_app_config(package).get_models()]


def by_name(*labels: str) -> dict[str, list[dict[str, object]]]:
    """The rows of these tables (without labels, of all but the trail) by names instead of primary keys."""
    chosen = [model for model in tables() if model._meta.label in (labels or everything().keys() - HISTORY_OF_RUNS)]
    covered = defaultdict(list)
    for cover in ReferralEpisode.objects.select_related("episode").order_by("episode__episode_id"):
        covered[cover.referral_id].append(cover.episode.episode_id)
    return {model._meta.label: sorted(_rows(model, covered), key=repr) for model in chosen}


def _rows(model, covered):
    fields = [field for field in model._meta.concrete_fields if not field.primary_key and field.name != "password"]
    related = [field.name for field in fields if field.is_relation]
    for row in model._base_manager.select_related(*related):
        values = {field.name: _name(getattr(row, field.name), covered) for field in fields}
        yield values | ({"covered": covered[row.pk]} if model is Referral else {})


def _name(value, covered):
    """What names a record in the files; a referral is known by the episodes that it covers."""
    match value:
        case Child():
            return value.child_id
        case Episode():
            return value.episode_id
        case Interview():
            return value.reference
        case Team() | Version():
            return value.name
        case User():
            return value.email
        case Authority():
            return value.code
        case Involvement():
            return value.child.child_id, value.service, value.start
        case Referral():
            return covered[value.pk]
        case _:
            return value
