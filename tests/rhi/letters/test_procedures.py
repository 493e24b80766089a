"""What each shipped procedure says of letters: whether, when and to whom."""

import tomllib

import pytest

from procedures.actions import source
from procedures.types import read
from rhi.views.procedure_words import sections

CHASING = ["surrey", "wokingham", "nottinghamshire", "croydon"]
AGES = "Under 13: the parent or carer. From 13: both."


def lines(name):
    """What the procedure's page says of letters: the words and the source of each line."""
    text = source(name)
    [letters] = [section for section in sections(read(text), text) if section.title == "Letters"]
    return {line.name: (" ".join(line.words), line.source) for line in letters.lines}


@pytest.mark.clause("CARD-12")
@pytest.mark.parametrize("name", [*CHASING, "somerset"])
def test_each_shipped_procedure_states_in_its_file_whether_when_and_to_whom_a_chase_letter_goes(name):
    letters = tomllib.loads(source(name))["letters"]

    assert letters["chase_after_working_days"] == ([] if name == "somerset" else [3, 8])
    assert letters["addressees"] == {"child_from": 13, "only_child_when_independent_from": 16}


@pytest.mark.clause("CARD-12")
@pytest.mark.parametrize("name", CHASING)
def test_the_page_says_when_and_to_whom(name):
    said = lines(name)

    assert said["Chase letters"][0] == "3 and 8 working days after the first offer or attempt without an answer."
    assert "ours" in said["Chase letters"][1]
    assert said["To whom"][0].startswith(AGES)
    assert said["Living independently"][0] == "From 16: to the young person only."


@pytest.mark.clause("CARD-12")
def test_the_page_says_that_somerset_sends_none():
    said, because = lines("somerset")["Chase letters"]

    assert said == "No chase letters are sent."
    assert because == "the guidance has no others than those of 4.6 and 4.8"


@pytest.mark.clause("SOM-4.6d")
def test_the_page_prints_both_decisions_that_the_guidance_leaves_open():
    said = lines("somerset")

    assert "the 12 that it leaves open counts as under 13 (decided)" in said["To whom"][1]
    assert "read as 16 and over (decided)" in said["Living independently"][1]
