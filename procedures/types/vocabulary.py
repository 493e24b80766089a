"""The words of a procedure of which each stands for one of a few things."""

from __future__ import annotations

from enum import StrEnum


class Service(StrEnum):
    """What a child can be open to. The order is that of precedence where a rule names several (docs/rules.md)."""

    LOOKED_AFTER = "looked_after"
    CHILD_PROTECTION = "child_protection"
    CHILD_IN_NEED = "child_in_need"
    ASSESSMENT = "assessment"
    FAMILY_SERVICE = "family_service"
    YOUTH_JUSTICE = "youth_justice"
    CARE_LEAVER = "care_leaver"


class PlacementArea(StrEnum):
    """Where our looked-after child lives, seen from our own area."""

    IN_AREA = "in_area"
    NEIGHBOURING = "neighbouring"
    OUT_OF_AREA = "out_of_area"


class Destination(StrEnum):
    """Where a referral can be sent (docs/rules.md)."""

    WORKER = "worker"
    TEAM_MEMBER = "team_member"
    TRAY = "tray"
    DISCUSS = "discuss"
    PROVIDER = "provider"
    AUTHORITY = "authority"
    SOCIAL_CARE = "social_care"
    JOINED = "joined"


class Kind(StrEnum):
    """What an absence was, in the words of the yearly return on looked-after children."""

    MISSING = "missing"
    AWAY = "away"


class MissingAgain(StrEnum):
    """What becomes of the return clocks when the child goes missing again before the interview (docs/rules.md)."""

    FIRST = "first"
    LATEST = "latest"
    EXCLUDE = "exclude"
