"""The monthly table against the report it is modelled on, and against a simple implementation of its definitions."""

import csv
import io
import random
from decimal import Decimal

import pytest
from django.db import transaction

from procedures.types import Counting as ProcedureCounting
from reporting import measures
from reporting.exports import as_csv
from reporting.tables import Month, monthly, percent
from tests.records import NOW, publish, take
from tests.reference import croydon_2017, record_sets
from tests.reference.monthly_table import Counting, monthly_table
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db


@pytest.mark.slow
@pytest.mark.clause("CRO-13")
@pytest.mark.clause("CRO-11")
def test_the_table_of_the_croydon_report_comes_out_cell_by_cell(tmp_path):
    publish("croydon")
    croydon_2017.write_croydon_records(tmp_path)
    _, rejects = take(tmp_path)

    table = monthly(Month(2017, 4), Month(2017, 11), now=NOW)
    printed = list(csv.reader(io.StringIO(as_csv(table))))

    assert rejects == []
    assert printed[0] == ["measure", *(f"2017-{month:02}" for month in range(4, 12))]
    assert [row[1:] for row in printed[1:9]] == [
        [str(cell) for cell in row.values()] for row in croydon_2017.EXPECTED.values()
    ]


COUNTINGS = [
    "[counting]\ninclude_other_authorities = true",
    "[counting]\ninclude_other_authorities = false",
    '[counting]\nmonth_of = "reported"',
    '[counting]\nmonth_of = "returned"\nkinds = ["missing", "away"]',
]


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("counting", COUNTINGS)
def test_random_records_give_the_table_of_a_simple_implementation(tmp_path, soak_seed, counting):
    sets = soak_count(200) // len(COUNTINGS) + 1
    version = publish("x", text=PROCEDURE + counting)
    terms = version.procedure.counting
    start = (2025, 8)
    now = record_sets.read_at(months=4, start=start)
    for number in range(sets):
        seed = f"{soak_seed}-{counting}-{number}"
        folder = tmp_path / str(number)
        folder.mkdir()
        record_sets.write_random_records(folder, random.Random(seed), months=4, start=start)
        with transaction.atomic():
            take(folder, now=now)
            table = monthly(Month(2025, 7), Month(2025, 12), now=now)
            ours = {
                measure.key: {str(month): value for month, value in zip(table.months, values, strict=True)}
                for measure, values in table.rows
            }
            transaction.set_rollback(True)
        assert ours == monthly_table(folder, first="2025-07", last="2025-12", counting=reference(terms), now=now), seed
    evidence("monthly_table", seed=soak_seed, n=sets * len(COUNTINGS), result="all equal")


PROCEDURE = """
name = "test"
effective_from = 2020-01-01
[authority]
code = "E06000066"
name = "Test"
[routing]
rules = []
default = {team = "T", clause = "c", because = "b"}
"""


def reference(counting: ProcedureCounting) -> Counting:
    return Counting(
        our_code="E06000066",
        include_other_authorities=counting.include_other_authorities,
        kinds=frozenset(map(str, counting.kinds)),
        month_of=counting.month_of,
    )


def test_a_rate_is_rounded_half_up():
    assert percent(1, 32) == Decimal("3.13")
    assert percent(3, 32) == Decimal("9.38")


def test_of_nothing_there_is_no_rate():
    assert percent(0, 0) is None


def test_every_measure_has_a_name_and_a_definition_of_its_own():
    for attribute in ("key", "name", "words"):
        values = [getattr(measure, attribute) for measure in (*measures.MEASURES, *measures.UNPRINTED)]
        assert len(set(values)) == len(values)
        assert all(values)
