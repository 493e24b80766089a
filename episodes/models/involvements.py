"""What children are open to, and where those who are looked after live."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from episodes.models.children import Authority, Child
from episodes.models.records import CODE, NAME, Typed
from procedures import types
from staff.models import Team, User


class Service(models.TextChoices):
    """What a child can be open to, with the words for people; the order of precedence is types.Service's."""

    LOOKED_AFTER = types.Service.LOOKED_AFTER, "Looked after"
    CHILD_PROTECTION = types.Service.CHILD_PROTECTION, "Child protection"
    CHILD_IN_NEED = types.Service.CHILD_IN_NEED, "Child in need"
    ASSESSMENT = types.Service.ASSESSMENT, "Assessment"
    FAMILY_SERVICE = types.Service.FAMILY_SERVICE, "Family service"
    YOUTH_JUSTICE = types.Service.YOUTH_JUSTICE, "Youth justice"
    CARE_LEAVER = types.Service.CARE_LEAVER, "Care leaver"


class PlacementArea(models.TextChoices):
    """Where our looked-after child lives."""

    IN_AREA = types.PlacementArea.IN_AREA, "In our area"
    NEIGHBOURING = types.PlacementArea.NEIGHBOURING, "In a neighbouring authority"
    OUT_OF_AREA = types.PlacementArea.OUT_OF_AREA, "Further away"


class PlacementKind(models.TextChoices):
    """What a looked-after child's placement is."""

    FOSTER_CARE = "foster_care", "Foster care"
    KINSHIP = "kinship", "Kinship care"
    CHILDRENS_HOME = "childrens_home", "Children's home"
    SUPPORTED_ACCOMMODATION = "supported_accommodation", "Supported accommodation"
    RESIDENTIAL_SCHOOL = "residential_school", "Residential school"
    SECURE = "secure", "Secure accommodation"
    OTHER = "other", "Other"


class Involvement(Typed):
    """That a child is open to a service between two days, both included. Several may be open at once."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="involvements")
    service = models.CharField(max_length=CODE, choices=Service)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="involvements")
    worker = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="involvements")
    worker_elsewhere = models.CharField(max_length=254, blank=True, help_text="Another authority's worker, as text.")
    placement_kind = models.CharField(max_length=CODE, choices=PlacementKind, blank=True)
    placement_area = models.CharField(max_length=CODE, choices=PlacementArea, blank=True)
    host_authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="hosted_involvements"
    )
    placement_provider = models.CharField(max_length=NAME, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_involvement_per_service_and_start", fields=["child", "service", "start"]),
            models.CheckConstraint(
                name="involvement_ends_after_it_starts", condition=Q(end__isnull=True) | Q(end__gte=F("start"))
            ),
        ]
