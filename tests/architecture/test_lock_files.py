"""The lock files say what is installed, and nothing about where it came from."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "package-lock.json", ".npmrc"])
def test_no_address_stands_in_a_lock_file(name):
    assert re.findall(r"\S*://\S*|--(?:extra-)?index-url|--find-links", (ROOT / name).read_text()) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_python_package_is_pinned_with_a_hash(name):
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    pinned = re.compile(r"[a-z0-9-]+(\[[a-z,-]+\])?==\S+ \\\n    --hash=sha256:")

    assert [entry for entry in entries if not pinned.match(entry)] == []


def test_every_node_package_is_pinned_with_a_hash():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_what_runs_the_site_is_pinned_alike_where_it_is_tested():
    def pins(name):
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.lock") - pins("requirements-dev.lock") == set()
