"""Whatever is killed at its work, the site loses nothing and does nothing twice; if it did, the trial would see it."""

import subprocess
import sys

import pytest

from tests.soak import ROOT, evidence, full, soak_count

# A site of its own beside the gate's other tests would take minutes of both cores.
pytestmark = [pytest.mark.soak, pytest.mark.whole, pytest.mark.timeout(4 * 3600)]

KILLS = 300


def trial(*arguments):
    """The trial's exit code and what it said."""
    ran = subprocess.run(
        [sys.executable, "-m", "checks.faults", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_nothing_is_lost_and_nothing_done_twice_whatever_is_killed(soak_seed):
    kills = soak_count(KILLS)

    code, said = trial("--kills", str(kills), "--seed", str(soak_seed), *([] if full() else ["--no-trials"]))

    assert code == 0, said
    evidence("faults", seed=soak_seed, n=kills, result=said.splitlines()[1:])


def test_with_its_guards_taken_out_the_same_trial_finds_what_went_twice(soak_seed):
    code, said = trial(
        "--kills", "1", "--at", "left-email", "--without-guards", "--no-trials", "--seed", str(soak_seed)
    )

    assert code == 1, said
    assert " copies" in said
    evidence("faults_without_guards", seed=soak_seed, n=1, result=said.splitlines()[1:])
