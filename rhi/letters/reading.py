"""How many years of school a text asks for, by Flesch and Kincaid (1975): for English, whose figure it is.

Syllables are counted by how a word is spelled, so that no dictionary is needed where letters are sent. Tests hold the
figure against a pronouncing dictionary.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

WORD = re.compile(r"[a-z0-9]+(?:[’'@.-][a-z0-9]+)*")
END = re.compile(r"(?<=[.!?])\s+")
#: Tags within a sentence; all others end one.
WITHIN = re.compile(r"</?(?:a|abbr|b|br|em|i|small|span|strong)\b[^>]*>", re.IGNORECASE)
TAG = re.compile(r"<[^>]+>")

VOWELS = re.compile(r"[aeiouy]+")
#: An e at the end that nobody says, also before s and d: late, times, joined; but not table, places, wanted.
SILENT = re.compile(r"[^aeiouy]e$|[^aeiouytd]ed$|[^aeiouycgsxz]es$")
SAID = re.compile(r"[^aeiouyl]les?$|[cs]hes$")
#: Vowels that stand together and are said apart: media, being, video, quiet, create, usual, enjoyable, required.
APART = re.compile(r"[^cgst]ia|[aeiou]ing$|io[^nu]|iet|eo$|eate?d?$|[^q]ua|uou|[aeo]y[aeiou]|ire[ds]?$")


def sentences(page: str) -> list[str]:
    """The sentences of a text in HTML, headings and points of lists among them, each without its tags."""
    parts = TAG.split(WITHIN.sub(" ", page))
    plain = (" ".join(html.unescape(part).split()) for part in parts)
    return [sentence for part in plain if part for sentence in END.split(part) if WORD.search(sentence.lower())]


def grade(said: Sequence[str]) -> float:
    """The years of school that these sentences ask for together; there is at least one."""
    words = [word for sentence in said for word in WORD.findall(sentence.lower())]
    return 0.39 * len(words) / len(said) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """How many syllables a word of lower case has, as far as its spelling tells."""
    letters = re.sub(r"[’']", "", word)
    silent = bool(SILENT.search(letters)) and not SAID.search(letters)
    return max(1, len(VOWELS.findall(letters)) + len(APART.findall(letters)) - silent)
