"""Every check, one after the other, each with its time and its budget.

    python -m checks.gate                 all of them (make test)
    python -m checks.gate --fast          lint, types, contracts, migrations, unit tests on SQLite (make fast)
    python -m checks.gate mypy templates  those whose name contains one of the words

A stage that takes more work than two cores do within its budget fails, and is ended at four times the budget. It is
judged by processor time, for what else the machine does meanwhile says nothing of the stage; and a budget is that of
a machine which does the yardstick in its time: before and after each stage the yardstick is laid to this one, and
while it is slower, budgets are larger by as much. What cannot be checked on this machine is left out and said so;
with CI=true leaving something out is a failure. GATE_SEED repeats a run's order.
"""

import argparse
import os
import random
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from checks.servers import Unavailable, servers, stop_on_sigterm

ROOT = Path(__file__).resolve().parent.parent
FAST_BUDGET = 180
WHOLE_BUDGET = 1200
"""Seconds on two cores."""

CORES = 2

YARDSTICK = "x = 0\nfor i in range(3_000_000):\n    x = (x * 31 + i) & 0xFFFFFFFF"
YARDSTICK_SECONDS = 0.6
"""Of one of two that run at once, on the machine that the budgets are made for."""

SEED = int(os.environ.get("GATE_SEED") or random.SystemRandom().randrange(2**32))
PYTHON = sys.executable
PROGRAMS = Path(sys.executable).parent

DEMONSTRATION = {"RHI_DEMO": "1"}
ELSEWHERE = {"MACHINE_TIME_ZONE": "Pacific/Auckland"}
PRODUCTION = {
    "RHI_DEMO": "0",
    "DEBUG": "0",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "rhi.example.org",
    "EMAIL_URL": "smtp+tls://mail.example.org:587",
}


@dataclass(frozen=True)
class Stage:
    """One check: a command that succeeds or fails, and the seconds that it may take on two cores."""

    name: str
    budget: int
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    fast: bool = False
    servers: bool = False
    """Runs on PostgreSQL and Redis."""
    browser: bool = False


def program(name: str, *arguments: str) -> list[str]:
    return [str(PROGRAMS / name), *arguments]


def pytest(select: str, *arguments: str) -> list[str]:
    """Both cores, in a random order that GATE_SEED repeats."""
    order = ["-n", "2", "--dist", "worksteal", "-p", "randomly", f"--randomly-seed={SEED}"]
    return [PYTHON, "-m", "pytest", *order, "-m", select, *arguments]


# Words like "password" beside a text are ruff's to judge (S105, S106); locks and evidence hold hashes.
SECRETS = (
    "git ls-files -z --cached --others --exclude-standard | xargs -0 "
    f"{PROGRAMS / 'detect-secrets-hook'} --disable-plugin KeywordDetector"
    " --exclude-files 'lock(.json)?$|^docs/evidence/'"
)


STAGES = [
    Stage("ruff", 10, program("ruff", "check"), fast=True),
    Stage("ruff format", 10, program("ruff", "format", "--check"), fast=True),
    Stage("mypy", 50, program("mypy"), fast=True),
    Stage("lint-imports", 10, program("lint-imports", "--no-logo"), fast=True),
    Stage("migrations", 10, [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"], DEMONSTRATION, fast=True),
    Stage(
        "deployment",
        10,
        [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        PRODUCTION,
        fast=True,
    ),
    Stage("templates", 10, program("djlint", "templates", "--lint", "--quiet"), fast=True),
    Stage("templates format", 10, program("djlint", "templates", "--check", "--quiet"), fast=True),
    Stage(
        "secrets",
        40,
        ["bash", "-c", SECRETS],
    ),
    # On SQLite the machine stands elsewhere, so that no local time comes from where it stands.
    Stage(
        "quick tests on SQLite", 130, pytest("not desk and not slow and not browser and not soak"), ELSEWHERE, fast=True
    ),
    # These take turns on the two databases: every twelfth here, drawn by GATE_SEED (decision 12).
    Stage(
        "other tests on SQLite",
        300,
        pytest("(desk or slow) and not browser and not soak"),
        ELSEWHERE | {"SHARE": "few"},
    ),
    Stage(
        "tests on PostgreSQL", 450, pytest("not browser and not once and not whole"), {"SHARE": "rest"}, servers=True
    ),
    Stage("tests in a browser", 450, pytest("browser and not whole"), {"SHARE": "walk"}, servers=True, browser=True),
    Stage("clauses", 30, [PYTHON, "-m", "checks.clauses"]),
    Stage("the site starts", 90, [PYTHON, "-m", "checks.boot"]),
]


@dataclass(frozen=True)
class Outcome:
    stage: Stage
    seconds: float
    said: str
    """What the summary says: passed, left out, or why it failed."""

    work: float
    """Seconds of processors."""

    slowness: float
    """How many times as long as the machine that budgets are made for this one takes for the same."""

    @property
    def budget(self) -> float:
        """Seconds of the stage on this machine."""
        return self.stage.budget * self.slowness

    @property
    def failed(self) -> bool:
        return self.said != "passed" and not self.left_out

    @property
    def left_out(self) -> bool:
        return self.said.startswith("left out")


def work_done() -> float:
    """Seconds of processors that ended processes of ours, and theirs, have used up to now."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def slowness() -> float:
    """How many times as long as its own time the yardstick takes here and now; 1 at least."""
    before = work_done()
    both = [subprocess.Popen([PYTHON, "-I", "-S", "-c", YARDSTICK]) for _ in range(CORES)]
    for process in both:
        process.wait()
    return max(1.0, (work_done() - before) / CORES / YARDSTICK_SECONDS)


def run(stage: Stage, environment: dict[str, str], slowness: Callable[[], float] = slowness) -> Outcome:
    """Run the stage to its end, or to four times its budget; its processes end with it."""
    print(f"\n━━ {stage.name} ━━", flush=True)
    slow = slowness()
    before, started = work_done(), time.monotonic()
    process = subprocess.Popen(
        stage.command, cwd=ROOT, env=os.environ | environment | stage.env, start_new_session=True
    )
    try:
        code = process.wait(4 * stage.budget)
        said = "passed" if code == 0 else f"failed: exit code {code}"
    except subprocess.TimeoutExpired:
        said = f"failed: still running after {4 * stage.budget} s"
    finally:
        end(process)
    outcome = Outcome(stage, time.monotonic() - started, said, work_done() - before, (slow + slowness()) / 2)
    if outcome.said == "passed" and outcome.work > CORES * outcome.budget:
        return replace(outcome, said="failed: over its budget")
    return outcome


def end(process: subprocess.Popen[bytes]) -> None:
    """End the process, if it still runs, and whatever it started (its own session)."""
    for asked in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, asked)
            process.wait(10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def summary(outcomes: list[Outcome]) -> int:
    """Print the table; return how many stages failed, the time of the parts counting as stages."""
    width = max(len(outcome.stage.name) for outcome in outcomes) + 2
    print(f"\n{'stage':<{width}}{'seconds':>8}{'of work':>8}{'budget':>8}  result")
    for each in outcomes:
        budget = CORES * each.budget
        print(f"{each.stage.name:<{width}}{each.seconds:>8.1f}{each.work:>8.1f}{budget:>8.0f}  {each.said}")
    failed = sum(outcome.failed for outcome in outcomes)

    slow = sum(each.budget for each in outcomes) / max(1, sum(each.stage.budget for each in outcomes))
    fast = [outcome for outcome in outcomes if outcome.stage.fast]
    for name, part, whole in (("fast part", fast, FAST_BUDGET), ("together", outcomes, WHOLE_BUDGET)):
        seconds, work = sum(each.seconds for each in part), sum(each.work for each in part)
        budget = CORES * whole * slow
        over = work > budget
        print(f"{name:<{width}}{seconds:>8.1f}{work:>8.1f}{budget:>8.0f}  {'failed: over its budget' if over else ''}")
        failed += over
    print(f"This machine took {slow:.1f} times as long as the one that the budgets are made for.")

    left_out = [outcome for outcome in outcomes if outcome.left_out]
    if left_out and os.environ.get("CI") == "true":
        print("With CI=true nothing may be left out.")
        failed += len(left_out)
    print(f"\nThe order of the tests: GATE_SEED={SEED} repeats it.")
    passed = sum(not outcome.failed and not outcome.left_out for outcome in outcomes)
    skipped = f", {len(left_out)} skipped" if left_out else ""
    print(f"{passed} passed, {failed} failed{skipped}", flush=True)
    return failed


def chosen() -> list[Stage]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fast", action="store_true", help="the quick part only")
    parser.add_argument("words", nargs="*", help="only stages whose name contains one of these")
    asked = parser.parse_args()
    return [
        stage
        for stage in STAGES
        if (stage.fast or not asked.fast) and (not asked.words or any(word in stage.name for word in asked.words))
    ]


def main() -> int:
    stop_on_sigterm()
    stages = chosen()
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        environment: dict[str, str] = {}
        missing = ""
        if any(stage.servers for stage in stages):
            try:
                environment = stack.enter_context(servers())
            except Unavailable as reason:
                missing = str(reason)
        for stage in stages:
            if stage.servers and missing:
                outcomes.append(Outcome(stage, 0, f"left out: {missing}", 0, 1))
            elif stage.browser and not shutil.which("chromium-headless-shell"):
                outcomes.append(Outcome(stage, 0, "left out: chromium-headless-shell is not installed", 0, 1))
            else:
                outcomes.append(run(stage, environment if stage.servers else {}))
    return 1 if summary(outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
