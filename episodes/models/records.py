"""What many records here share: lengths, who may replace a field, and addresses."""

from __future__ import annotations

from django.db import models

NAME = 200
CODE = 30
LONG = 20_000


class Typed(models.Model):
    """What files bring and people correct: a field that a person typed is not replaced by a file any more."""

    typed = models.JSONField(
        default=dict, blank=True, help_text="Field name to the instant at which a person typed it."
    )

    class Meta:
        abstract = True


class Address(models.Model):
    """Where somebody lives and how to reach them."""

    address_1 = models.CharField(max_length=NAME, blank=True)
    address_2 = models.CharField(max_length=NAME, blank=True)
    address_3 = models.CharField(max_length=NAME, blank=True)
    address_4 = models.CharField(max_length=NAME, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)

    class Meta:
        abstract = True
