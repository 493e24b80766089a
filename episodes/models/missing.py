"""Episodes: facts only. What to do about them is routing's and rhi's."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q, QuerySet

from episodes.models.access import visible, workable
from episodes.models.children import Child
from episodes.models.records import CODE, LONG, Typed
from procedures import types
from staff.models import User


class Kind(models.TextChoices):
    """What an episode was."""

    MISSING = types.Kind.MISSING, "Missing"
    AWAY = types.Kind.AWAY, "Away without authorisation"


class ReturnPrecision(models.TextChoices):
    """How well the time of a return is known."""

    EXACT = "exact", "Exact"
    ESTIMATED = "estimated", "Estimated"
    DATE = "date", "Date only"


class Source(models.TextChoices):
    """Who told the service."""

    POLICE = "police", "Police"
    CASE_SYSTEM = "case_system", "Case system"
    SOCIAL_WORKER = "social_worker", "Social worker"
    PLACEMENT = "placement", "Placement"
    PARENT = "parent", "Parent or carer"
    OTHER_AUTHORITY = "other_authority", "Another authority"
    OTHER = "other", "Other"


class PoliceRisk(models.TextChoices):
    """The police's own grade. It never suppresses an offer."""

    NO_APPARENT_RISK = "no_apparent_risk", "No apparent risk"
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    ABSENT = "absent", "Absent (no longer used)"
    NOT_KNOWN = "not_known", "Not known"


class MissingFrom(models.TextChoices):
    """Where the child went missing from."""

    FAMILY_HOME = "family_home", "Family home"
    FOSTER_CARE = "foster_care", "Foster care"
    CHILDRENS_HOME = "childrens_home", "Children's home"
    SUPPORTED_ACCOMMODATION = "supported_accommodation", "Supported accommodation"
    RESIDENTIAL_SCHOOL = "residential_school", "Residential school"
    HOSPITAL = "hospital", "Hospital"
    SECURE = "secure", "Secure accommodation"
    INDEPENDENT = "independent", "Living independently"
    OTHER = "other", "Other"


class EndedHow(models.TextChoices):
    """How an episode ended."""

    RETURNED = "returned", "Came back"
    FOUND_BY_POLICE = "found_by_police", "Found by the police"
    BROUGHT_BY_CARER = "brought_by_carer", "Brought back by parent, carer or staff"
    BROUGHT_BY_OTHER = "brought_by_other", "Brought back by somebody else"
    HOSPITAL = "hospital", "Found in hospital"
    ARRESTED = "arrested", "Arrested"
    WHEREABOUTS_KNOWN = "whereabouts_known", "Whereabouts became known"
    TURNED_18 = "turned_18", "Turned 18"
    OTHER = "other", "Other"


class EpisodeQuerySet(QuerySet["Episode"]):
    """Episodes, for whom."""

    def visible_to(self, user: User, now: datetime) -> Self:
        """Those of children whom a person may see at an instant."""
        return self.filter(visible(user, now, child="child__"))

    def workable_by(self, user: User, now: datetime) -> Self:
        """Those that a person may change."""
        return self.filter(workable(user, now, child="child__"))


class Episode(Typed):
    """One episode, from last seen to returned. Facts only; what to do about it is routing's and rhi's."""

    episode_id = models.CharField(max_length=50, unique=True)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="episodes")
    kind = models.CharField(max_length=CODE, choices=Kind)
    last_seen_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    return_precision = models.CharField(max_length=CODE, choices=ReturnPrecision, blank=True)
    notified_at = models.DateTimeField(null=True, blank=True, help_text="When the service learned of the return.")
    source = models.CharField(max_length=CODE, choices=Source, blank=True)
    police_ref = models.CharField("police reference", max_length=100, blank=True)
    police_risk = models.CharField(max_length=CODE, choices=PoliceRisk, blank=True)
    missing_from = models.CharField(max_length=CODE, choices=MissingFrom, blank=True)
    ended_how = models.CharField(max_length=CODE, choices=EndedHow, blank=True)
    circumstances = models.TextField(max_length=LONG, blank=True)
    history = models.BooleanField(
        default=False, help_text="Brought over from before the service used this system: never laid in a tray."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="A duplicate or an error; counted nowhere.")
    withdrawn_because = models.CharField(max_length=1000, blank=True)

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="episode_returns_after_last_seen",
                # A return known by its day only stands at 00:00 of that day, which may lie before the last sighting.
                condition=Q(returned_at__isnull=True)
                | Q(return_precision="date")
                | Q(returned_at__gte=F("last_seen_at")),
            ),
            models.CheckConstraint(
                name="episode_withdrawn_with_its_reason",
                condition=Q(withdrawn_at__isnull=True, withdrawn_because="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_because="")),
            ),
        ]
        indexes = [
            models.Index("last_seen_at", name="episode_by_last_seen"),
            models.Index("returned_at", name="episode_by_return"),
            models.Index("reported_at", name="episode_by_report"),
        ]

    def __str__(self) -> str:
        return self.episode_id
