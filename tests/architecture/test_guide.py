"""The guide and the README: what they point to is there, and no picture is left over."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"
PICTURES = GUIDE / "pictures"
PAGES = [ROOT / "README.md", *sorted(GUIDE.glob("*.md"))]
POINTER = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
LARGEST = 150_000
LARGEST_TOGETHER = 2_000_000
"""Bytes: the pictures are fetched with every copy of the tree."""


def pointers(page):
    """What a page points to: whether it is a picture, its words, and the file with the heading after it."""
    for mark, words, target in POINTER.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            name, _, heading = target.partition("#")
            yield mark == "!", words, (page.parent / name).resolve() if name else page, heading


def headings(page):
    """The names under which a page's headings can be pointed to."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def test_there_is_a_page_for_everybody():
    assert [page.stem for page in PAGES[1:]] == [
        "README",
        "administrator",
        "caseworker",
        "coordinator",
        "interviewer",
        "manager",
        "team-leader",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_points_to_is_there(page):
    pointed = list(pointers(page))

    assert pointed
    for _, words, target, heading in pointed:
        assert words, f"{target} is pointed to without words"
        assert target.exists(), target
        assert not heading or heading in headings(target), f"{target}#{heading}"


def test_every_picture_is_shown_somewhere_and_every_page_of_the_guide_is_reached_from_its_index():
    shown = {target for page in PAGES for is_picture, _, target, _ in pointers(page) if is_picture}
    linked = {target for _, _, target, _ in pointers(GUIDE / "README.md")}

    assert shown == set(PICTURES.iterdir())
    assert set(PAGES[1:]) - {GUIDE / "README.md"} <= linked
    assert GUIDE / "README.md" in {target for _, _, target, _ in pointers(ROOT / "README.md")}


def test_the_pictures_are_small():
    sizes = {each.name: each.stat().st_size for each in PICTURES.iterdir()}

    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
    assert sum(sizes.values()) <= LARGEST_TOGETHER
