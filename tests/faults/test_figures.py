"""A run that is cut short leaves figures of what it did; and a process that was split off is known to have ended."""

import json
import os
import signal
import subprocess
import sys

import pytest

from checks.faults.figures import Figures
from checks.faults.killing import Kill
from checks.faults.listing import Listing
from checks.faults.reckoning import Reckoning
from checks.faults.template import Split


def kill(number, where, *, counts=True, seconds=1.0):
    spent = {"to_strike": seconds, "to_restart": 0.5, "to_list": 0.0}
    return Kill(number, where, counts, ["worker"], spent)


def test_the_file_says_after_each_kill_what_was_done_so_far(tmp_path):
    path = tmp_path / "figures.json"
    figures = Figures(path, seed=7, asked=300)

    figures.add(kill(1, "begun"), Listing(longest=6.25))
    figures.add(kill(1, "web", counts=False, seconds=2.0), Listing())
    figures.add(kill(2, "begun", seconds=6.0), Listing(faults=["begun: late"]))

    said = json.loads(path.read_text())
    assert (said["seed"], said["kills_asked_for"], said["kills_with_work_in_flight"]) == (7, 300, 2)
    assert (said["by_place"], said["met_nothing_and_not_counted"]) == ({"begun": 2}, {"web": 1})
    assert said["uncertain"]["faults"] == ["begun: late"]
    assert said["seconds_a_kill"] == {
        "median": 2.5,
        "mean_of_one_that_counts": 5.25,
        "longest": 6.5,
        "to_strike": 2.0,
        "to_restart": 0.5,
        "to_list": 0.0,
    }
    assert (said["reckoned"], said["trials"]) == ({}, {})
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_says_what_was_lost_and_which_trial_found_what(tmp_path):
    path = tmp_path / "figures.json"
    figures = Figures(path, seed=7, asked=1)

    figures.reckon(Reckoning(lost=["email 1"], twice=["email 2: 2 copies"], unlisted=["email 3"]))
    figures.tried("Redis flushed", ["email 4"])

    said = json.loads(path.read_text())
    assert [said["reckoned"][what] for what in ("lost", "twice", "not_listed")] == [
        ["email 1"],
        ["email 2: 2 copies"],
        ["email 3"],
    ]
    assert said["trials"] == {"Redis flushed": ["email 4"]}


def test_a_process_that_was_split_off_lives_until_it_is_killed():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    split = Split(process.pid)
    assert split.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        split.wait(0.01)

    os.kill(process.pid, signal.SIGKILL)

    assert split.wait(20) == 0
    assert split.poll() == 0
    assert process.wait() == -signal.SIGKILL
    assert Split(process.pid).poll() == 0, "one that had ended before anybody asked"
