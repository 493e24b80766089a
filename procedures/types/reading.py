"""Reads a procedure from the text of its file, and says in words what is wrong with one."""

from __future__ import annotations

import tomllib

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from procedures.types.frozen import PATTERNS
from procedures.types.whole import Procedure


class ProcedureInvalid(ValueError):
    """A procedure file cannot be used. The message names each key, what was expected there and what was found."""


def read(text: str) -> Procedure:
    """Read a procedure from the text of its TOML file. Raises ProcedureInvalid, naming every key at fault."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProcedureInvalid(f"This is not a TOML file: {error}.") from error
    try:
        return Procedure.model_validate(values)
    except ValidationError as error:
        raise ProcedureInvalid("\n".join(_in_words(details) for details in error.errors())) from error


#: What was expected, by the kind of fault; `{}` takes the fault's own figures.
EXPECTED = {
    "string_type": "text in quotation marks",
    "string_too_short": "some text",
    "string_too_long": "at most {max_length} characters",
    "too_long": "at most {max_length} of them",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a whole number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number from {ge}",
    "less_than_equal": "a number up to {le}",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "time_type": "a time such as 09:00:00, without quotation marks",
    "date_type": "a date such as 2018-01-01, without quotation marks",
    "tuple_type": "a list in square brackets",
    "frozen_set_type": "a list in square brackets",
    "model_type": "a table with keys of its own",
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
    "value_error": "{error}",
}


def _in_words(details: ErrorDetails) -> str:
    """One fault as `key: expected …, found …`."""
    key = ""
    for part in details["loc"]:
        key += f"[{int(part) + 1}]" if isinstance(part, int) else f".{part}"
    key = key.removeprefix(".") or "procedure"
    found = details["input"]
    match details["type"]:
        case "extra_forbidden":
            return f"{key}: expected no such key; it is unknown."
        case "missing":
            return f"{key}: expected a value, found none."
        case "string_pattern_mismatch":
            expected = PATTERNS[details["ctx"]["pattern"]]
        case fault if fault in EXPECTED:
            expected = EXPECTED[fault].format_map(details.get("ctx", {}))
        case _:
            expected = details["msg"]
    if isinstance(found, BaseModel | dict | list):
        return f"{key}: expected {expected}."
    return f"{key}: expected {expected}, found {found!r}."
