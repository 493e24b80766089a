"""The gate itself: what it lets through and what it does not."""

import subprocess
import sys
from uuid import uuid4

import pytest

from checks.gate import Outcome, Stage, run, slowness, summary

SLEEPS = "import time; time.sleep(60)"
WORKS = "import time\nwhile time.process_time() < 2.2: pass"


def stage(script, *, budget=10, **how):
    return Stage("a check", budget, [sys.executable, "-c", script], **how)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "budget", "slow", "said"),
    [
        ("", 10, 1, "passed"),
        ("raise SystemExit(1)", 10, 1, "failed: exit code 1"),
        (WORKS, 1, 1, "failed: over its budget"),
        (WORKS, 1, 60, "passed"),
        ("import time; time.sleep(2.2)", 1, 1, "passed"),
        (SLEEPS, 1, 1, "failed: still running after 4 s"),
    ],
)
def test_a_stage_is_judged_by_its_exit_code_and_the_work_that_it_takes_on_a_machine_as_slow_as_this(
    script, budget, slow, said
):
    assert run(stage(script, budget=budget), {}, lambda: slow).said == said


def test_a_machine_is_never_judged_to_be_faster_than_the_one_that_budgets_are_made_for():
    assert slowness() >= 1


def test_a_stage_leaves_no_process_behind():
    mark = uuid4().hex
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPS!r}, {mark!r}])"

    run(stage(parent), {}, lambda: 1)

    assert subprocess.run(["pgrep", "--full", mark], capture_output=True, text=True).stdout == ""


def test_one_failed_stage_fails_the_whole(capsys):
    failed = summary([Outcome(stage(""), 1, "passed", 1, 1), Outcome(stage(""), 1, "failed: exit code 1", 1, 1)])

    assert failed == 1
    assert capsys.readouterr().out.endswith("\n1 passed, 1 failed\n")


def test_all_stages_within_their_budgets_fail_when_together_they_take_too_long():
    assert summary([Outcome(stage("", budget=700), 700, "passed", 1300, 1)] * 2) == 1


def test_on_a_slow_machine_all_together_may_take_longer_too():
    assert summary([Outcome(stage("", budget=700), 1400, "passed", 2600, 2)] * 2) == 1
    assert summary([Outcome(stage("", budget=700), 1400, "passed", 2200, 2)] * 2) == 0


@pytest.mark.parametrize(("continuous_integration", "failed"), [("", 0), ("true", 1)])
def test_what_is_left_out_is_said_and_fails_only_in_continuous_integration(
    monkeypatch, capsys, continuous_integration, failed
):
    monkeypatch.setenv("CI", continuous_integration)

    assert summary([Outcome(stage(""), 0, "left out: Redis is not installed", 0, 1)]) == failed
    assert "left out: Redis is not installed" in capsys.readouterr().out
