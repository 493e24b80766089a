"""When the interview of these tests was held and written up, and the way to its pages."""

from django.urls import reverse

from tests.records import london

HELD_AT = london("2026-05-13 10:00")
NOW = london("2026-05-14 09:00")
LATER = london("2026-05-14 15:00")


def page_of(name, referral, *more):
    return reverse(f"rhi:{name}", args=[referral.pk, *more])
