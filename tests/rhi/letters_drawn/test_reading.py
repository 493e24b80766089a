"""The reading grade that is checked at start-up, held against a pronouncing dictionary."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from rhi.letters import reading, texts
from tests.rhi.letters_drawn.samples import called, every_letter
from tests.rhi.letters_drawn.test_texts import pronounced, syllables


def by_the_dictionary(said):
    words = [word for sentence in said for word in reading.WORD.findall(sentence.lower())]
    return 0.39 * len(words) / len(said) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


@pytest.mark.parametrize("letter", every_letter(), ids=called)
def test_the_figure_of_a_letter_is_the_dictionarys(letter):
    said = reading.sentences(texts.fill(letter, texts.name(letter.kind, letter.to, letter.language)))

    assert reading.grade(said) == pytest.approx(by_the_dictionary(said), abs=0.2)


def test_the_figure_of_harder_prose_is_the_dictionarys():
    """The product's own documents, of which the dictionary knows nearly every word."""
    pages = [path.read_text() for path in sorted((Path(settings.BASE_DIR) / "docs" / "guide").glob("*.md"))]
    said = [
        sentence
        for page in pages
        for line in re.sub(r"[`*_#|\[\]()]", " ", page).split("\n\n")
        for sentence in reading.sentences(line)
        if all(word in pronounced() for word in reading.WORD.findall(sentence.lower()))
    ]
    assert len(said) > 100

    assert reading.grade(said) == pytest.approx(by_the_dictionary(said), abs=0.3)


@pytest.mark.parametrize(
    ("word", "number"),
    [
        *(("the", 1), ("late", 1), ("table", 2), ("times", 1), ("places", 2), ("joined", 1), ("wanted", 2)),
        *(("media", 3), ("being", 2), ("video", 3), ("quiet", 2), ("create", 2), ("usual", 3), ("required", 3)),
        *(("yes", 1), ("child’s", 1), ("interview", 3), ("01632", 1)),
    ],
)
def test_syllables_are_counted_as_they_are_said(word, number):
    assert reading.syllables(word) == number


def test_every_piece_of_a_page_is_read_and_ends_a_sentence():
    page = "<h2>Say yes</h2><p>Ring <b>us</b><br>or write. We are here.</p><ul><li>One</li><li>&amp;</li></ul>"

    assert reading.sentences(page) == ["Say yes", "Ring us or write.", "We are here.", "One"]
