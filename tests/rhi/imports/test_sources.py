"""What is read of a folder or of files named one by one, and what is turned away."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from rhi import imports
from rhi.imports import NothingToImport, sources
from tests.records import NOW, child, write

pytestmark = pytest.mark.django_db


FILES = ["children.csv", "carers.csv", "involvements.csv", "episodes.csv", "interviews.csv", "attempts.csv"]


def test_a_folder_is_read_for_its_record_files_and_nothing_else(tmp_path):
    for name in (*FILES, "read me.txt", "staff.csv", "children.csv.bak"):
        (tmp_path / name).touch()
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "children.csv").touch()

    assert sources([tmp_path]) == {name: [tmp_path / name] for name in FILES}


def test_files_can_be_named_one_by_one_and_from_several_folders(tmp_path):
    for folder in ("a", "b"):
        write(tmp_path / folder, "children", child())

    paths = [tmp_path / "b" / "children.csv", tmp_path / "a"]
    assert sources(paths) == {"children.csv": [tmp_path / "b" / "children.csv", tmp_path / "a" / "children.csv"]}


def test_a_file_named_in_capital_letters_is_not_passed_over(tmp_path):
    (tmp_path / "Children.CSV").touch()

    assert sources([tmp_path]) == {"children.csv": [tmp_path / "Children.CSV"]}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("nothing", "There is no file or folder {}."),
        ("nothing/children.csv", "There is no file or folder {}."),
        ("", "There is no record file in {}. They are named: children.csv, carers.csv,"),
        ("people.csv", "{} is not a record file. They are named: children.csv, carers.csv,"),
    ],
)
def test_what_cannot_be_imported_is_said_in_words(tmp_path, path, answer):
    (tmp_path / "people.csv").touch()
    with pytest.raises(NothingToImport) as refused:
        sources([tmp_path / path])

    assert str(refused.value).startswith(answer.format(tmp_path / path))


@pytest.fixture
def for_everybody_s_eyes():
    """A folder below which somebody without any right can look: tmp_path is its owner's only."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(function):
    """What a function answers in a process without any right, however many this one has."""
    reading, writing = os.pipe()
    if (process := os.fork()) == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            os.write(writing, str(function()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(process, 0)
    with os.fdopen(reading, encoding="utf-8") as answer:
        return answer.read()


def test_a_folder_and_a_file_that_may_not_be_read_are_named(for_everybody_s_eyes):
    locked = for_everybody_s_eyes / "locked"
    path = write(for_everybody_s_eyes, "children", child())
    path.chmod(0)
    locked.mkdir(mode=0)

    def folder():
        with pytest.raises(NothingToImport) as refused:
            sources([locked])
        return refused.value

    def file():
        with pytest.raises(imports.FileRefused) as refused:
            imports.check(path, imports.READERS[0].layout, NOW)
        return refused.value

    assert as_nobody(folder) == f"{locked} cannot be read: Permission denied."
    assert as_nobody(file) == "children.csv cannot be read: Permission denied."
