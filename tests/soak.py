"""Big counts: `make test` runs a fiftieth of each with a fresh seed, `make soak` the whole.

@pytest.mark.soak
def test_stored_deadlines_equal_the_clocks_after_any_history(soak_seed):
    histories = soak_count(10_000)
    …
    evidence("deadlines", seed=soak_seed, n=histories, result="all equal")
"""

import json
import os
import secrets
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVIDENCE = ROOT / "docs" / "evidence"


def full() -> bool:
    return os.environ.get("SOAK") == "full"


def soak_count(whole: int) -> int:
    """How many to do: all of them under `make soak`, otherwise a fiftieth, at least one."""
    return whole if full() else max(1, whole // 50)


def choose_seed() -> int:
    """The seed of this run, the same in all its processes: SOAK_SEED when given, otherwise a fresh one."""
    return int(os.environ.setdefault("SOAK_SEED", str(secrets.randbelow(2**32))))


def evidence(name: str, *, seed: int, n: int, result: object) -> None:
    """Keep what a whole run showed in docs/evidence/NAME.json; a fiftieth proves nothing worth keeping."""
    if not full():
        return
    EVIDENCE.mkdir(parents=True, exist_ok=True)
    shown = {"commit": commit(), "seed": seed, "n": n, "result": result}
    (EVIDENCE / f"{name}.json").write_text(json.dumps(shown, indent=2) + "\n", encoding="utf-8")


def commit() -> str:
    """The commit that was run, marked when files differed from it (the evidence itself aside)."""
    described = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--", ".", ":!docs/evidence"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return described.stdout.strip() + (" with changes" if changed.stdout.strip() else "")
