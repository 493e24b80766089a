"""Whatever stands at a key of a procedure file, it is taken or refused in words that name the key."""

import json
import re
import tomllib
from datetime import UTC, date, datetime, time

import pytest

from procedures.actions import SHIPPED, source
from procedures.types import ProcedureInvalid, read

WRONG_VALUES = [
    "",
    "text",
    0,
    -1,
    1.5,
    float("inf"),
    True,
    [],
    ["text"],
    {},
    {"x": 1},
    date(2026, 1, 1),
    time(9),
    datetime(2026, 1, 1, 9, tzinfo=UTC),
]


def as_toml(value: object) -> str:
    """A value as TOML writes it, tables in one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value)
        case date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(as_toml, value))}]"
        case dict():
            return f"{{{', '.join(f'{name} = {as_toml(each)}' for name, each in value.items())}}}"
        case _:
            return str(value)


def keys(value: object, path: tuple = ()) -> list[tuple]:
    """Every key of a file, tables and lists included."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [each for part, inner in inside for each in keys(inner, (*path, part))]


def with_value(file: dict, path: tuple, value: object) -> str:
    """The text of a file in which one key has another value."""
    changed = tomllib.loads("\n".join(f"{name} = {as_toml(each)}" for name, each in file.items()))
    place = changed
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return "\n".join(f"{name} = {as_toml(each)}" for name, each in changed.items())


def in_words(path: tuple) -> str:
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.toml")))
def test_whatever_stands_at_a_key_is_taken_or_refused_in_words_that_name_it(name):
    file = tomllib.loads(source(name))
    for path in keys(file):
        for value in WRONG_VALUES:
            try:
                read(with_value(file, path, value))
            except ProcedureInvalid as refused:
                for line in str(refused).splitlines():
                    key, _, words = line.partition(": expected ")
                    assert key == "procedure" or in_words(path).startswith(key) or key.startswith(in_words(path)), line
                    assert re.search(r"Input|String|Date|valid|instance", words) is None, line
                    assert line.endswith("."), line
