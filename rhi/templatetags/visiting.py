"""What the pages about records checked and papers say of them."""

from __future__ import annotations

from django import template

from rhi.actions.checking import risks_in_words
from rhi.models import Attachment, RecordsCheck
from rhi.papers import IN_WORDS

register = template.Library()


@register.filter
def risks(check: RecordsCheck) -> list[str]:
    """The known risks that a check of the records found, in words."""
    return risks_in_words(check)


@register.filter
def kind_in_words(paper: Attachment) -> str:
    """What a filed paper is: `Picture`."""
    return IN_WORDS[paper.kind]
