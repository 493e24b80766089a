"""Names as people type and hear them: which of two spellings can be meant for the same. Pure: text in, answer out.

The rules are those of names heard in England, Irish and Welsh ones among them: Siobhan is Shivaun, Sean is Shaun.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

#: Letters whose plain form Unicode does not know.
PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})

#: What letters sound like, in the order in which they are replaced; j is soft, k hard, x is the sound of "sh".
SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in [
        (r"^mc", "mac"),
        (r"^(?:kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^x", "z"),
        (r"x", "ks"),
        (r"^sio", "xi"),  # Siobhan, Sioned
        (r"^sia", "xa"),
        (r"^sea(?=n|m)", "xo"),  # Sean, Seamus
        (r"^ci(?=a|o|ll)", "ki"),  # Ciara, Cian, Cillian
        (r"^aoi|^ao", "e"),  # Aoife
        (r"^e[ouw]", "o"),  # Eoin, Euan, Ewan
        (r"^y(?=[^aeiou])", "e"),
        (r"^cao", "ke"),  # Caoimhe
        (r"(?<=.)[bm]h", "v"),
        (r"tch|sch|sh", "x"),
        (r"ch(?=[lr]|ae)", "k"),
        (r"ch", "x"),
        (r"ph", "f"),
        (r"ngh", "ng"),
        (r"(?<=.)gh", ""),
        (r"d[gj]", "j"),
        (r"ck|q", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"g(?=[eiy])", "j"),
        (r"v", "f"),
        (r"(?<=.)z", "s"),
        (r"(?<=.)h", ""),
    ]
]
VOWELS = re.compile(r"[aeiouy]+w?")


class Likeness(IntEnum):
    """How well a name fits what was typed, the best first."""

    EXACT = 1
    PART = 2
    SOUND = 3


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """The words of a name in small plain letters: no accents, no apostrophes; a hyphen parts two words."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(PLAIN))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(re.sub(r"['’.]", "", plain).replace("-", " ").replace(",", " ").split())


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """How a word of `words` sounds: its consonants, and what kind of vowel comes first. Equal ones sound alike."""
    for pattern, replacement in SOUNDS:
        word = pattern.sub(replacement, word)
    first = VOWELS.search(word)
    consonants = re.sub(r"[aeiouwy]", "", word[1:])
    start = "" if first and first.start() == 0 else word[:1]
    return re.sub(r"(.)\1+", r"\1", start + consonants) + ":" + (_kind(first.group()) if first else "")


def _kind(vowels: str) -> str:
    if vowels.startswith(("o", "u", "au", "aw")):
        return "o"
    return "a" if vowels.startswith("a") else "e"


def likeness(typed: tuple[str, ...], name: tuple[str, ...]) -> Likeness | None:
    """How well the words of a name fit the words that were typed, in any order; None when they do not.

    Every word typed has to be a word of the name, its beginning (two letters or more), or sound like one.
    """
    if not typed:
        return None
    if sorted(typed) == sorted(name):
        return Likeness.EXACT
    if all(any(part == word or (len(word) > 1 and part.startswith(word)) for part in name) for word in typed):
        return Likeness.PART
    if all(
        any(part.startswith(word) or sound(part) == sound(word) for part in name) for word in typed if len(word) > 1
    ):
        return Likeness.SOUND if any(len(word) > 1 for word in typed) else None
    return None
