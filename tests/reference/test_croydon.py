"""Croydon's records give Croydon's printed table."""

from datetime import UTC, datetime

import pytest

from tests.reference import croydon_2017
from tests.reference.monthly_table import Counting, Value, monthly_table


@pytest.fixture(scope="module")
def croydon(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Value]]:
    folder = tmp_path_factory.mktemp("croydon")
    croydon_2017.write_croydon_records(folder)
    counting = Counting(our_code="E09000008", include_other_authorities=False)
    return monthly_table(
        folder, first="2017-04", last="2017-11", counting=counting, now=datetime(2018, 2, 6, tzinfo=UTC)
    )


def test_croydons_records_give_all_64_printed_cells(croydon):
    printed = {
        measure: {month: str(value) for month, value in croydon[measure].items()} for measure in croydon_2017.EXPECTED
    }

    assert printed == {
        measure: {month: str(cell) for month, cell in cells.items()} for measure, cells in croydon_2017.EXPECTED.items()
    }
    assert sum(len(cells) for cells in printed.values()) == 64


def test_croydons_records_hold_what_must_not_show(croydon):
    assert list(croydon["looked_after_episodes"].values()) == [122, 138, 179, 202, 135, 161, 184, 156]
    assert list(croydon["looked_after_episodes_done"].values()) == [13, 12, 40, 26, 37, 62, 70, 78]
    assert set(croydon["other_authority_episodes"].values()) == {15}
    assert set(croydon["other_authority_children"].values()) == {5}
    assert set(croydon["away_episodes"].values()) == {2}
