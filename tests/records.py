"""Record files made on the spot, published procedures, and taking the files in: what many tests begin with."""

import csv
from datetime import date, datetime
from pathlib import Path

from episodes.files import Reject
from procedures import actions
from procedures.calendar import LONDON
from procedures.models import Version
from rhi import imports

NOW = datetime(2026, 6, 15, 12, tzinfo=LONDON)


def london(text: str) -> datetime:
    """A time in England: `2026-03-28 22:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def publish(name: str, *, text: str | None = None, effective_from=None) -> Version:
    """Publish a shipped procedure, or another text."""
    version, _ = actions.publish(text or actions.source(name), effective_from=effective_from, by=None, now=NOW)
    return version


def write(folder: Path, file: str, *rows: dict[str, str]) -> Path:
    """A record file of these rows; a cell that a row lacks is empty."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{file}.csv"
    header = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def child(child_id: str = "C1", **cells: str) -> dict[str, str]:
    """A row of children.csv: fourteen years old in spring 2026."""
    return {
        "child_id": child_id,
        "first_name": "Robin",
        "last_name": "Example",
        "date_of_birth": "2012-01-15",
        "responsible_authority": "",
        "area": "Taunton",
        **cells,
    }


def episode(episode_id: str = "E1", child_id: str = "C1", **cells: str) -> dict[str, str]:
    """A row of episodes.csv: a night in May 2026, the service told the next morning."""
    return {
        "episode_id": episode_id,
        "child_id": child_id,
        "kind": "missing",
        "last_seen_at": "2026-05-11T20:00",
        "returned_at": "2026-05-12T07:00",
        "notified_at": "2026-05-12T09:00",
        **cells,
    }


def involvement(service: str = "child_in_need", child_id: str = "C1", **cells: str) -> dict[str, str]:
    """A row of involvements.csv: open since January 2026 to a team of which one worker is named."""
    return {
        "child_id": child_id,
        "service": service,
        "start": "2026-01-05",
        "end": "",
        "team": "North",
        "worker_email": "ann@example.org",
        **cells,
    }


def interview(interview_id: str = "I1", child_id: str = "C1", episode_ids: str = "E1", **cells: str) -> dict[str, str]:
    """A row of interviews.csv about one episode, without any fact yet."""
    return {"interview_id": interview_id, "child_id": child_id, "episode_ids": episode_ids, **cells}


def take(folder: Path, *, now: datetime = NOW, **options) -> tuple[imports.RunResult, list[Reject]]:
    """Take in a folder; answers the result and the rejected rows."""
    rejects: list[Reject] = []
    return imports.run([folder], by=None, now=now, reject=rejects.append, **options), rejects


def bring(folder: Path, *, now: datetime = NOW, history_before: date | None = None, **files: list[dict[str, str]]):
    """Write these files and take the folder in, every row of which must be taken; answers the result."""
    for name, rows in files.items():
        write(folder, name, *rows)
    result, rejects = take(folder, now=now, history_before=history_before)
    assert rejects == []
    return result
