"""Children, who cares for them, and which authority is responsible for them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import QuerySet

from episodes.models.access import visible, workable
from episodes.models.records import NAME, Address, Typed
from staff.models import User

#: The main codes of the Department for Education's censuses, in which most case systems hold an ethnicity.
ETHNICITIES = {
    "WBRI": "White British",
    "WIRI": "White Irish",
    "WIRT": "Traveller of Irish heritage",
    "WROM": "Gypsy or Roma",
    "WOTH": "Any other White background",
    "MWBC": "White and Black Caribbean",
    "MWBA": "White and Black African",
    "MWAS": "White and Asian",
    "MOTH": "Any other Mixed background",
    "AIND": "Indian",
    "APKN": "Pakistani",
    "ABAN": "Bangladeshi",
    "AOTH": "Any other Asian background",
    "BCRB": "Black Caribbean",
    "BAFR": "Black African",
    "BOTH": "Any other Black background",
    "CHNE": "Chinese",
    "OOTH": "Any other ethnic group",
    "REFU": "Preferred not to say",
    "NOBT": "Not yet obtained",
}


class Authority(models.Model):
    """A local authority other than ours, by its code of the Office for National Statistics."""

    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=NAME, blank=True, help_text="Empty: the code is not on the list of authorities.")

    class Meta:
        verbose_name_plural = "authorities"

    def __str__(self) -> str:
        return self.name or self.code


class ChildQuerySet(QuerySet["Child"]):
    """Children, for whom."""

    def visible_to(self, user: User, now: datetime) -> Self:
        """Those whom a person may see at an instant."""
        return self.filter(visible(user, now))

    def workable_by(self, user: User, now: datetime) -> Self:
        """Those whose records a person may change."""
        return self.filter(workable(user, now))


class Child(Typed, Address):
    """Somebody who was under 18 when they went missing."""

    class Sex(models.TextChoices):
        FEMALE = "F", "Female"
        MALE = "M", "Male"
        UNKNOWN = "U", "Unknown"

    child_id = models.CharField("person ID in the main case system", max_length=50, unique=True)
    first_name = models.CharField(max_length=NAME)
    last_name = models.CharField(max_length=NAME)
    date_of_birth = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    ethnicity = models.CharField(max_length=100, blank=True)
    responsible_authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="children", help_text="Empty: ours."
    )
    area = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=100, blank=True)
    interpreter_needed = models.BooleanField(null=True)
    living_independently = models.BooleanField(null=True)
    uasc = models.BooleanField("unaccompanied asylum-seeking child", null=True)
    restricted = models.BooleanField(default=False, help_text="Only named people may see this child.")

    objects = ChildQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "children"

    def __str__(self) -> str:
        return self.child_id

    @property
    def ethnicity_in_words(self) -> str:
        """The name of the ethnicity's code; records may hold other text, which stays as it is."""
        return ETHNICITIES.get(self.ethnicity, self.ethnicity)


class Carer(Typed, Address):
    """A parent or carer of a child, and whether it is safe to contact them."""

    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="carers")
    name = models.CharField(max_length=NAME)
    relationship = models.CharField(max_length=100)
    safe_to_contact = models.BooleanField(null=True, help_text="Not known is treated as not safe: no letter.")
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_carer_per_name_and_relationship", fields=["child", "name", "relationship"]
            )
        ]
