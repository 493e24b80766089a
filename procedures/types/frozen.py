"""What the parts of a procedure are made of: frozen models, and values that are checked as they are read."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from procedures.spans import Lead, Span, lead, span

Limit = Annotated[Span, BeforeValidator(span)]
LeadTime = Annotated[Lead, BeforeValidator(lead)]
Words = Annotated[str, Field(min_length=1)]
Day = Annotated[date, Field(strict=True)]
LocalTime = Annotated[time, Field(strict=True)]

CODE = r"^E\d{8}$"
NAME = r"^[a-z][a-z0-9_-]*$"
MAILBOX = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
ADDRESS = r"^https://\S+$"
#: What these patterns ask for.
PATTERNS = {
    CODE: "a code of the Office for National Statistics such as E06000066",
    NAME: "a name in small letters without spaces",
    MAILBOX: "an email address",
    ADDRESS: "an address that begins with https://",
}


class Frozen(BaseModel):
    """What every part of a procedure shares: nothing unknown is accepted, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
