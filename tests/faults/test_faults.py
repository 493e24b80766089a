"""Whatever is killed at its work, the site loses nothing and does nothing twice; if it did, the trial would see it."""

import json
import subprocess
import sys

import pytest

from tests.soak import ROOT, evidence, full, soak_count

# A site of its own beside the gate's other tests would take minutes of both cores.
pytestmark = [pytest.mark.soak, pytest.mark.whole, pytest.mark.timeout(4 * 3600)]

KILLS = 300


@pytest.fixture
def trial(tmp_path):
    """Runs the trial; answers its exit code, what it said, and its figures."""

    def run(*arguments):
        figures = tmp_path / "figures.json"
        command = [sys.executable, "-m", "checks.faults", "--figures", str(figures), *arguments]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        said = ran.stdout + ran.stderr
        assert figures.exists(), said
        return ran.returncode, said, json.loads(figures.read_text(encoding="utf-8"))

    return run


def test_nothing_is_lost_and_nothing_done_twice_whatever_is_killed(soak_seed, trial):
    kills = soak_count(KILLS)

    code, said, figures = trial("--kills", str(kills), "--seed", str(soak_seed), *([] if full() else ["--no-trials"]))

    assert code == 0, said
    assert figures["kills_with_work_in_flight"] >= kills
    evidence("faults", seed=soak_seed, n=kills, result=figures)


def test_with_its_guards_taken_out_the_same_trial_finds_what_went_twice(soak_seed, trial):
    code, said, figures = trial(
        "--kills", "1", "--at", "left-email", "--without-guards", "--no-trials", "--seed", str(soak_seed)
    )

    assert code == 1, said
    assert " copies" in said
    evidence("faults_without_guards", seed=soak_seed, n=1, result=figures)
