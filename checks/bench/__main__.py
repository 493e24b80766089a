"""Measure the speed table on PostgreSQL, print it, and keep it in docs/evidence/bench.json.

    make bench

Ratios are medians of interleaved pairs in one run (A B A B …, after a warm-up of each), because machines are noisy.
Exit code 1 when a limit is missed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from checks.bench import ROOT, SEED, Figure, cases, importing, letters, page, table, tray
from tests.soak import commit

EVIDENCE = ROOT / "docs" / "evidence" / "bench.json"


def main() -> int:
    """Measure everything; answer 1 when a limit is missed."""
    print(f"{'figure':58}{'value':>9}{'limit':>8}  {'unit':8}{'spread':18}")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for measured in (
            importing.measure(Path(folder)),
            table.measure(),
            cases.measure(),
            page.measure(),
            tray.measure(),
            letters.measure(),
        ):
            for figure in measured:
                print(figure.line(), flush=True)
                figures.append(figure)
    keep(figures)
    return int(not all(figure.met for figure in figures))


def keep(figures: list[Figure]) -> None:
    """Write the evidence: which commit, what was measured, against which limit."""
    shown = {
        "commit": commit(),
        "seed": SEED,
        "figures": [
            {
                "name": figure.name,
                "value": round(figure.value, 3),
                "limit": figure.limit,
                "unit": figure.unit,
                "low": round(figure.low, 3),
                "high": round(figure.high, 3),
            }
            for figure in figures
        ],
    }
    EVIDENCE.write_text(json.dumps(shown, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
