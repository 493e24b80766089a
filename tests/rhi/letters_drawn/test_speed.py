"""Drawing a letter costs what drawing its page costs. `make bench` measures a hundred; here a few."""

import gc
import resource
import statistics
import time

import pytest

from checks.bench.letters import bare, resident, some_letters
from rhi.letters import draw
from rhi.letters.drawing import as_html

pytestmark = pytest.mark.slow


def test_a_letter_takes_little_longer_than_its_page_alone():
    letters = some_letters(12)
    pages = [as_html(letter) for letter in letters]
    draw(letters[0]), bare(pages[0])

    ratios = [seconds(draw, letter) / seconds(bare, page) for letter, page in zip(letters, pages, strict=True)]

    assert statistics.median(ratios) < 1.3


def test_letters_after_letters_take_no_more_memory():
    letters = some_letters(20)
    for letter in letters:
        draw(letter)

    rounds = [growth_while_drawing(letters) for _ in range(3)]

    # Fonts looked up for each letter would take more than 4,000,000 in every round; a single round may grow for
    # reasons of its own, as when the process has run other tests and asks for a new piece of memory just then.
    assert min(rounds) < 1_500_000, rounds


def growth_while_drawing(letters) -> int:
    """By how many bytes the process has grown when the letters are drawn."""
    gc.collect()
    held = resident()
    for letter in letters:
        draw(letter)
    return (resident() - held) * resource.getpagesize()


def seconds(work, argument):
    """Seconds of the processor, which other tests beside this one do not lengthen."""
    started = time.process_time()
    work(argument)
    return time.process_time() - started
