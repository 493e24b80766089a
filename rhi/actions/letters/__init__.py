"""The life of a letter: proposed, approved by a person and so frozen, seconded, pulled back, posted, come back."""

from rhi.actions.letters.approval import approve, blocks, blocks_of, cancel, channels, second, shown_as
from rhi.actions.letters.confirming import confirm_address, of_its_address
from rhi.actions.letters.holding import LetterRefused, how_it_stands
from rhi.actions.letters.posting import (
    OFFERING,
    mark_posted,
    no_offer,
    print_run,
    record_returned,
    settle_printed,
    went_out,
)
from rhi.actions.letters.proposals import kinds, propose, why_not_to, write

__all__ = [
    "OFFERING",
    "LetterRefused",
    "approve",
    "blocks",
    "blocks_of",
    "cancel",
    "channels",
    "confirm_address",
    "how_it_stands",
    "kinds",
    "mark_posted",
    "no_offer",
    "of_its_address",
    "print_run",
    "propose",
    "record_returned",
    "second",
    "settle_printed",
    "shown_as",
    "went_out",
    "why_not_to",
    "write",
]
