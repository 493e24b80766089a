"""What stands on one letter, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from procedures.types import Support


class CannotWrite(Exception):
    """No letter can be made of this. The message says why, in words for the person who proposed it."""


@dataclass(frozen=True)
class Content:
    """Everything that one letter says and which texts it is said in. The same content gives the same PDF for ever.

    Each field is at the same time what a text may merge in, by its name.
    """

    kind: str
    """What it is for, a LetterKind: the folder of its text."""
    to: str
    """`child` or `carer`: the text to use, not the name."""
    language: str
    procedure: str
    """The name of the procedure, whose own texts come before the common ones."""

    addressee: str
    address: tuple[str, ...]
    """The lines under the name; the last is the postcode."""
    child: str
    """The child's first name, and nothing else of the child's."""
    reference: str
    """What the family is asked to quote: it says nothing about anybody."""
    date: date

    authority: str
    we_are: str
    """Who writes, as in "We are …"."""
    service: str
    phone: str
    mailbox: str
    return_address: tuple[str, ...]
    out_of_hours: str
    out_of_hours_is_free: bool
    services: tuple[Support, ...]
    leaflets: tuple[str, ...]
    """What is enclosed, by name."""
