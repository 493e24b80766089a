"""The sentences of the authorities' documents (docs/clauses.csv), the tests that show them, and those without.

    python -m checks.clauses            prints every sentence with its tests
    python -m checks.clauses --check    only what is wrong: a sentence due now without a test, a mark without a sentence

Due now is what belongs to the parts built so far.
"""

import argparse
import contextlib
import csv
import io
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILT = {"main", "clockwork", "interview"}


class Marks:
    """A pytest plugin that keeps which tests carry which clause, and runs none of them."""

    def __init__(self) -> None:
        self.tests: dict[str, list[str]] = defaultdict(list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note every mark, once a test function and clause."""
        for item in session.items:
            name = item.nodeid.split("[")[0]
            for mark in item.iter_markers("clause"):
                for clause in mark.args:
                    if name not in self.tests[clause]:
                        self.tests[clause].append(name)


def sentences() -> list[dict[str, str]]:
    """Every sentence with what is said of it."""
    with (ROOT / "docs" / "clauses.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def collected() -> dict[str, list[str]]:
    """The tests of each clause. Raises SystemExit when the tests cannot be collected."""
    marks = Marks()
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main(["--collect-only", "-q", "-p", "no:randomly"], plugins=[marks])
    if code != pytest.ExitCode.OK:
        raise SystemExit("The tests could not be collected; run pytest to see why.")
    return marks.tests


def main() -> int:
    """Print, and answer how many sentences due now lack a test or marks lack a sentence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    only_check = parser.parse_args().check
    rows = sentences()
    tests = collected()
    due = [row for row in rows if row["part"] in BUILT]
    wrong = [f"no test yet: {row['id']} {row['clause']}" for row in due if not tests.get(row["id"])]
    wrong += [f"marked, but no such clause: {clause}" for clause in sorted(tests.keys() - {row["id"] for row in rows})]
    if not only_check:
        for row in rows:
            print(f"{row['id']:12}{row['clause']}")
            print(*(f"            {name}" for name in tests.get(row["id"], ["– no test yet"])), sep="\n")
        print()
    print(*wrong, sep="\n")
    shown = sum(bool(tests.get(row["id"])) for row in rows)
    lacking = sum(not tests.get(row["id"]) for row in due)
    print(f"{shown} of {len(rows)} clauses have a test. Due now are {len(due)}, of which {lacking} have none.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
