"""The rules on imports and on the clock hold; and each of them fires when it is broken."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["staff", "procedures", "jobs", "episodes", "routing", "rhi", "reporting"]
# The only places that read the clock; the last two are called by allauth and Django, which hand them no time.
EDGES = {"views", "tasks", "management", "adapter", "middleware"}


def lint_imports(folder):
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True)


@pytest.fixture
def copy_of_the_house(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_contracts_on_imports_hold():
    outcome = lint_imports(ROOT)

    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "code", "said"),
    [
        pytest.param(
            "staff/models.py", "import episodes.models", "staff is not allowed to import episodes", id="upward"
        ),
        pytest.param("routing/models.py", "import routing.actions", "routing.models -> routing.actions", id="inner"),
        pytest.param("routing/helpers.py", "", "routing.helpers", id="stray-module"),
        pytest.param(
            "procedures/clocks.py", "import django.utils.timezone", "procedures.clocks -> django", id="impure"
        ),
        pytest.param("routing/rules.py", "import celery", "routing.rules -> celery", id="impure-celery"),
    ],
)
def test_a_broken_contract_is_reported(copy_of_the_house, module, code, said):
    (copy_of_the_house / "routing" / "actions.py").touch()
    with (copy_of_the_house / module).open("a") as file:
        file.write(f"\n{code}\n")

    outcome = lint_imports(copy_of_the_house)

    assert outcome.returncode == 1
    assert said in " ".join(outcome.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "from django.utils import timezone\nnow = timezone.now()\n",
        "from django.utils import timezone\ndefault = timezone.now\n",
        "from datetime import UTC, datetime\nnow = datetime.now(UTC)\n",
        "import datetime\ntoday = datetime.date.today()\n",
        "from django.db.models.functions import Now\nnow = Now()\n",
    ],
)
@pytest.mark.parametrize(
    ("module", "refused"),
    [
        ("episodes/models/children.py", True),
        ("routing/actions.py", True),
        ("rhi/deadlines.py", True),
        ("rhi/views/tray.py", False),
        ("jobs/tasks.py", False),
        ("rhi/management/commands/run_due.py", False),
    ],
)
def test_only_the_edges_read_the_clock(code, module, refused):
    ruff = Path(sys.executable).with_name("ruff")
    command = [ruff, "check", "--no-cache", "--select", "TID251", "--stdin-filename", module, "-"]
    outcome = subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True)

    assert ("TID251" in outcome.stdout) is refused, outcome.stdout + outcome.stderr


def test_nothing_below_the_edges_asks_for_the_local_time_without_saying_which():
    """`timezone.localtime()` and `localdate()` without an argument read the clock; ruff cannot tell the two apart."""
    reads = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if not EDGES & {*path.relative_to(ROOT).with_suffix("").parts}
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and not call.args
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in {"localtime", "localdate"}
    ]

    assert reads == []
