"""The published versions of the authority's procedure, each in force from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import ClassVar

from django.db import models

from procedures import types
from procedures.calendar import Calendar


class NoProcedure(LookupError):
    """No procedure has been published yet, so nothing can be decided or counted."""


@lru_cache(maxsize=64)
def _read(text: str) -> types.Procedure:
    return types.read(text)


class Version(models.Model):
    """One published text of the procedure. Never changed: a new text is a new version."""

    name = models.CharField(max_length=100)
    effective_from = models.DateField(help_text="The first local day on which it is in force.")
    text = models.TextField(help_text="The procedure file, to the letter.")
    published_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Version]] = models.Manager()

    class Meta:
        ordering = ["effective_from", "pk"]

    def __str__(self) -> str:
        return f"{self.procedure.authority.name}, in force from {self.effective_from:%-d %B %Y}"

    @property
    def procedure(self) -> types.Procedure:
        """The rules themselves."""
        return _read(self.text)

    @property
    def calendar(self) -> Calendar:
        """The working days and core hours of this version."""
        return self.procedure.calendar


@dataclass(frozen=True)
class Governing:
    """Which version governs something, and why that one, in words."""

    version: Version
    because: str


@dataclass(frozen=True)
class Rulebook:
    """All published versions, read once, so that choosing among them costs no query."""

    versions: tuple[Version, ...]

    @classmethod
    def load(cls) -> Rulebook:
        """Read the versions. Raises NoProcedure when there is none."""
        versions = tuple(Version.objects.order_by("effective_from", "pk"))
        if not versions:
            raise NoProcedure("No procedure has been published. Publish one first: manage.py load_procedure NAME.")
        return cls(versions)

    @property
    def newest(self) -> Version:
        """The version that was published for the latest day."""
        return self.versions[-1]

    def on(self, day: date) -> Version:
        """The version in force on a local day; before the first, the first. Of two for one day, the later published."""
        day = max(day, self.versions[0].effective_from)
        return [version for version in self.versions if version.effective_from <= day][-1]

    def governing(self, day: date, event: str) -> Governing:
        """The version in force on the day of an event, with the reason in words (docs/rules.md)."""
        version = self.on(day)
        if version.effective_from > day:
            why = f"{event} on {day:%-d %B %Y}, before any version was in force; the first one is used"
        else:
            why = f"{event} on {day:%-d %B %Y}, when this version was in force"
        return Governing(version, f"{why} (from {version.effective_from:%-d %B %Y}).")
