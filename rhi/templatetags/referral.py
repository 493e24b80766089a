"""How the pages of a referral say coded reasons."""

from __future__ import annotations

from django import template

from rhi import codes

register = template.Library()


@register.filter
def reason_words(code: str) -> str:
    """A coded reason in words; a code that is not on the list, as it stands."""
    return codes.REASON_WORDS.get(code, code)
