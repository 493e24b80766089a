"""Every routing sentence of the five authorities' documents; the cases stand in the files of `sentences/`."""

import tomllib

import pytest

from procedures.actions import SHIPPED, source
from procedures.types import Procedure, Routing, read
from tests.routing.words import FOLDER, Case, answer, sentences

NAMES = ["surrey", "wokingham", "nottinghamshire", "somerset", "croydon"]
CASES = {name: sentences(name) for name in NAMES}
ROUTING = {name: read(source(name)).routing for name in NAMES}


def children(cases: list[Case]) -> set[str]:
    return {case.child for case in cases}


def go_elsewhere(cases: list[Case], routing: Routing) -> set[str]:
    """The children whom these rules send elsewhere than their line says."""
    return children([case for case in cases if answer(case, routing) != case.answer])


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(
            name, case, id=f"{name}: {case.child}", marks=[pytest.mark.clause(clause) for clause in case.clauses]
        )
        for name in NAMES
        for case in CASES[name]
    ],
)
def test_a_child_goes_where_the_sentence_says(name, case):
    assert answer(case, ROUTING[name]) == case.answer


def test_every_shipped_procedure_has_its_sentences():
    shipped = {path.stem for path in SHIPPED.glob("*.toml")}

    assert shipped == set(NAMES) == {path.stem for path in FOLDER.glob("*.txt")}


@pytest.mark.parametrize("name", NAMES)
def test_no_case_stands_twice_and_together_they_name_every_rule_and_the_default(name):
    assert len(children(CASES[name])) == len(CASES[name])
    assert {case.answer.rule for case in CASES[name]} == {*(rule.name for rule in ROUTING[name].rules), "default"}


@pytest.mark.parametrize(("name", "rule"), [(name, rule.name) for name in NAMES for rule in ROUTING[name].rules])
def test_without_a_rule_exactly_its_own_cases_go_elsewhere(name, rule):
    file = tomllib.loads(source(name))
    file["routing"]["rules"] = [each for each in file["routing"]["rules"] if each["name"] != rule]
    without = Procedure.model_validate(file).routing

    its_own = children([case for case in CASES[name] if case.answer.rule == rule])

    assert go_elsewhere(CASES[name], without) == its_own


@pytest.mark.parametrize("name", NAMES)
def test_with_another_default_team_exactly_the_cases_that_fall_to_it_go_elsewhere(name):
    file = tomllib.loads(source(name))
    file["routing"]["default"]["team"] = "Somebody Else"
    other = Procedure.model_validate(file).routing

    fall_to_it = children(
        [
            case
            for case in CASES[name]
            if case.answer.rule == "default"
            or (case.answer.team == ROUTING[name].default.team and case.answer.destination in ("worker", "provider"))
        ]
    )

    assert go_elsewhere(CASES[name], other) == fall_to_it
