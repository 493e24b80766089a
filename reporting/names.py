"""What a child is called where a list may not name them: the same child the same in every list, and nothing else."""

from __future__ import annotations

import string

from django.utils.crypto import salted_hmac

LETTERS = string.digits[2:] + "".join(letter for letter in string.ascii_uppercase if letter not in "AEIOUY")
"""Neither look alike nor make words."""
LENGTH = 7


def pseudonym(child: int) -> str:
    """`K7M-2QRT` for a child (primary key): cannot be turned back without the site's own secret.

    Of 20,000 children two share one in one of some 70 installations: who reads a list can tell its children apart.
    """
    number = int.from_bytes(salted_hmac("reporting.pseudonym", str(child)).digest())
    letters = []
    for _ in range(LENGTH):
        number, at = divmod(number, len(LETTERS))
        letters.append(LETTERS[at])
    return f"{''.join(letters[:3])}-{''.join(letters[3:])}"
