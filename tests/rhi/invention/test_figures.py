"""Invented records have the figures that were asked for, and the same seed gives the same bytes."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import date

import pytest
from django.core.management import call_command

from rhi.invention.pace import Wish
from rhi.invention.records import invent
from tests.rhi.invention.records import COLUMNS, WHOLE_MONTHS, Files, generate, missing


def figures(files: Files, months: list[str]) -> tuple[float, float]:
    """Mean missing episodes and mean children of a month, each child once a month."""
    rows = missing(files, months)
    children = {(row["last_seen_at"][:7], row["child_id"]) for row in rows}
    return len(rows) / len(months), len(children) / len(months)


@pytest.mark.clause("SUR-04")
def test_a_year_without_other_figures_has_surreys_303_episodes_of_186_children_a_month(year):
    episodes, children = figures(year, WHOLE_MONTHS)

    assert episodes == pytest.approx(303, rel=0.03)
    assert children == 186


@pytest.mark.slow
@pytest.mark.parametrize(("episodes", "children"), [(300, 295), (300, 300), (450, 150), (600, 75)])
def test_other_figures_come_out_as_well(tmp_path, episodes, children):
    files = generate(
        tmp_path, months=6, episodes_per_month=episodes, children_per_month=children, until=date(2024, 11, 1), seed=7
    )

    counted = figures(files, WHOLE_MONTHS[-6:])

    assert counted == (pytest.approx(episodes, rel=0.05), children)


def test_no_month_is_empty_and_the_current_one_has_its_part(year):
    counts = Counter(row["last_seen_at"][:7] for row in missing(year, [*WHOLE_MONTHS, "2024-11"]))

    assert min(counts[month] for month in WHOLE_MONTHS) > 200
    assert 100 < counts["2024-11"] < 260


def test_until_the_first_of_a_month_gives_whole_months_only(tmp_path):
    files = generate(tmp_path, months=2, episodes_per_month=40, children_per_month=30, until=date(2024, 3, 1))

    assert {row["last_seen_at"][:7] for row in missing(files, ["2024-01", "2024-02"])} == {"2024-01", "2024-02"}
    assert len(missing(files, ["2024-01", "2024-02"])) == sum(row["kind"] == "missing" for row in files["episodes"])


def test_the_files_have_the_agreed_columns_in_order(year):
    for name, columns in COLUMNS.items():
        assert list(year[name][0]) == columns.split(), name


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        call_command("generate_records", f"--output={tmp_path / name}", "--months=2", "--until=2024-03-15", "--seed=11")

    for name in COLUMNS:
        assert (tmp_path / "one" / f"{name}.csv").read_bytes() == (tmp_path / "other" / f"{name}.csv").read_bytes()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows_in_a_process_that_orders_sets_differently():
    invention = (
        "import datetime, hashlib; from rhi.invention.pace import Wish; from rhi.invention.records import invent;"
        "rows = list(invent(Wish(2, 40, 30, datetime.date(2024, 3, 15), 11)));"
        "print(hashlib.sha256(repr(rows).encode()).hexdigest())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", invention],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2", "3")
    }

    here = repr(list(invent(Wish(2, 40, 30, date(2024, 3, 15), 11)))).encode()

    assert answers == {hashlib.sha256(here).hexdigest() + "\n"}


def test_another_seed_gives_other_children(tmp_path):
    one = generate(tmp_path / "one", months=1, seed=1)["children"]
    other = generate(tmp_path / "other", months=1, seed=2)["children"]

    assert [row["last_name"] for row in one] != [row["last_name"] for row in other]
