"""Publishing a procedure."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from procedures import types
from procedures.models import Version
from staff import audit
from staff.models import User

SHIPPED = Path(__file__).resolve().parent


class ProcedureNotFound(LookupError):
    """Neither a shipped procedure nor a readable file goes by that name."""


def source(name_or_path: str) -> str:
    """The text of a shipped procedure, or of a file. Raises ProcedureNotFound."""
    shipped = {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}
    path = shipped.get(name_or_path, Path(name_or_path))
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProcedureNotFound(
            f"'{name_or_path}' is neither one of the shipped procedures ({', '.join(shipped)}) nor a readable file."
        ) from error


@transaction.atomic
def publish(text: str, *, effective_from: date | None, by: User | None, now: datetime) -> tuple[Version, bool]:
    """Check a procedure and publish it from a local day on (without one, from the file's own).

    Answers the version and whether it is new: publishing the text that is already in force from that day changes
    nothing. Raises types.ProcedureInvalid.
    """
    procedure = types.read(text)
    day = effective_from or procedure.effective_from
    last = Version.objects.filter(effective_from=day).order_by("pk").last()
    if last and last.text == text:
        return last, False
    version = Version.objects.create(name=procedure.name, effective_from=day, text=text, published_at=now)
    audit.record(
        audit.Type.PROCEDURE_PUBLISHED,
        by=by,
        at=now,
        subject=version,
        detail={"name": version.name, "effective_from": day.isoformat()},
    )
    return version, True
