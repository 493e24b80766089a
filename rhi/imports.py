"""Conducts the readers of all packages: a run takes in a folder's files, then routes what has come back."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from django.db import transaction

from episodes import readers as episodes
from episodes.files import FileRefused, Layout, Reject, Row, SourceFile, check
from episodes.intake import (
    CHUNK,
    Found,
    Taken,
    Terms,
    child_of,
    let_others_save,
    record_name,
    wait_for_turn,
)
from episodes.models import Finding
from procedures.models import Rulebook
from rhi import deadlines, findings, outcomes
from rhi import readers as interviews
from rhi.actions.returns import route_returns
from routing.models import Referral
from staff import audit
from staff.models import User

Take = Callable[[Sequence[Row], Terms], Taken]


@dataclass(frozen=True)
class Reader:
    """A kind of file, and how its rows are taken."""

    layout: Layout
    take: Take


#: In the order in which they rest on each other.
READERS = (
    Reader(episodes.CHILDREN, episodes.take_children),
    Reader(episodes.CARERS, episodes.take_carers),
    Reader(episodes.INVOLVEMENTS, episodes.take_involvements),
    Reader(episodes.EPISODES, episodes.take_episodes),
    Reader(interviews.INTERVIEWS, interviews.take_interviews),
    Reader(interviews.ATTEMPTS, interviews.take_attempts),
)


@dataclass
class FileResult:
    """What came of one file."""

    file: str
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    refused: str = ""


@dataclass
class RunResult:
    """What came of a whole run."""

    files: list[FileResult] = field(default_factory=list)
    routed: int = 0
    findings: Counter[str] = field(default_factory=Counter)

    @property
    def all_taken(self) -> bool:
        """Whether no file was refused and no row rejected."""
        return not any(result.refused or result.rejected for result in self.files)


class NothingToImport(ValueError):
    """None of the paths given is, or holds, a file that can be imported."""


def sources(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """The files to read, by the name of their kind. Raises NothingToImport."""
    names = [reader.layout.name for reader in READERS]
    found: dict[str, list[Path]] = {}
    for path in paths:
        try:
            inside = sorted(path.iterdir()) if path.is_dir() else [path]
            is_there = path.exists()
        except OSError as error:
            raise NothingToImport(f"{path} cannot be read: {error.strerror}.") from error
        if not is_there:
            raise NothingToImport(f"There is no file or folder {path}.")
        for file in inside:
            if (name := file.name.lower()) in names:
                found.setdefault(name, []).append(file)
            elif file == path:
                raise NothingToImport(f"{path} is not a record file. They are named: {', '.join(names)}.")
    if not found:
        where = ", ".join(map(str, paths))
        raise NothingToImport(f"There is no record file in {where}. They are named: {', '.join(names)}.")
    return found


SELDOM = 50_000
"""So many new objects come together before Python looks for circular garbage; of itself it does so after 700."""


def run(
    paths: Sequence[Path],
    *,
    by: User | None,
    now: datetime,
    history_before: date | None = None,
    reject: Callable[[Reject], None],
) -> RunResult:
    """Take in files, route what has come back, look for what is odd. `reject` is told of every rejected row.

    Every portion of rows is one transaction with its deadlines and its line in the trail, so that others can save
    meanwhile, and a run that is cut short has either taken a portion or not. Raises NothingToImport and
    procedures.models.NoProcedure.
    """
    terms = Terms(now, Rulebook.load().newest.procedure.authority.code, history_before)
    found = sources(paths)
    current = _Run(terms, by, reject)
    with _tidying_seldom():
        for reader in READERS:
            for path in found.get(reader.layout.name, []):
                current.take_file(path, reader)
        result = current.result
        result.routed = route_returns(by=by, now=now)
        for portion in _portions(current.seen):
            with transaction.atomic():
                wait_for_turn()
                result.findings.update(findings.refresh(portion, now=now))
            let_others_save(portion)
    return result


@contextmanager
def _tidying_seldom() -> Iterator[None]:
    """Let Python look for circular garbage more seldom than it would: a portion makes records that all stay until its
    end, and looking through them after every few hundred took a sixth of a run's time."""
    usual = gc.get_threshold()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _portions(seen: Mapping[int, str]) -> Iterable[list[int]]:
    keys = sorted(seen)
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


@dataclass
class _Run:
    """A run while it goes on. `seen` are the children that its rows speak of."""

    terms: Terms
    by: User | None
    reject: Callable[[Reject], None]
    result: RunResult = field(default_factory=RunResult)
    seen: dict[int, str] = field(default_factory=dict)

    def take_file(self, path: Path, reader: Reader) -> None:
        """Take in one file. Of a key that comes more than once, the last row that can be taken wins."""
        result = FileResult(reader.layout.name)
        self.result.files.append(result)
        try:
            source = check(path, reader.layout, self.terms.now)
            repeated: dict[tuple[object, ...], list[int]] = {}
            self._take(self._read(source, result, repeated), source, reader, result)
            while repeated:
                last = {lines.pop(): key for key, lines in repeated.items()}
                again = (row for row in source.rows(self.terms.now, last) if isinstance(row, Row))
                turned_away = self._take(again, source, reader, result)
                keys = (last[line] for line in turned_away)
                repeated = {key: repeated[key] for key in keys if repeated[key]}
        except FileRefused as refusal:
            result.refused = str(refusal)

    def _read(
        self, source: SourceFile, result: FileResult, repeated: dict[tuple[object, ...], list[int]]
    ) -> Iterator[Row]:
        """The rows that can be read. Of those whose key comes more than once only the lines, in `repeated`.

        The rows themselves are read again later: a file that holds everything twice is not kept in memory.
        """
        for each in source.rows(self.terms.now):
            result.read += 1
            if isinstance(each, Reject):
                result.rejected += 1
                self.reject(each)
            elif source.is_repeated(each):
                repeated.setdefault(each.key(source.layout), []).append(each.line)
            else:
                yield each

    def _take(self, rows: Iterator[Row], source: SourceFile, reader: Reader, result: FileResult) -> set[int]:
        """Take rows, some hundred at a time; answers the lines of those turned away whose key comes again."""
        turned_away: set[int] = set()
        while chunk := list(islice(rows, CHUNK)):
            taken = self._take_chunk(chunk, source, reader)
            result.new += taken.new
            result.changed += taken.changed
            result.unchanged += taken.unchanged
            result.rejected += len(taken.rejects)
            self.seen.update(taken.children)
            turned_away |= {each.line for each in taken.rejects} & {
                row.line for row in chunk if source.is_repeated(row)
            }
            for each in taken.rejects:
                self.reject(each)
            let_others_save(chunk)
        return turned_away

    @transaction.atomic
    def _take_chunk(self, chunk: Sequence[Row], source: SourceFile, reader: Reader) -> Taken:
        wait_for_turn()
        taken = reader.take(chunk, self.terms)
        if reader.layout is episodes.EPISODES:
            outcomes.episodes_changed(taken.altered, now=self.terms.now)
        if reader.layout is episodes.CARERS:
            deadlines.refresh(Referral.objects.filter(child__in=taken.altered).values_list("pk", flat=True))
        records = {(child_of(each.record), record_name(reader.layout, each.row)): each.row for each in taken.merged}
        taken.found += [
            Found(child, Finding.Kind.REPEATED_KEY, record)
            for (child, record), row in records.items()
            if source.is_repeated(row)
        ]
        self.result.findings.update(findings.of_rows(taken.found, records, now=self.terms.now))
        if taken.new or taken.changed:
            audit.record(
                audit.Type.RECORDS_IMPORTED,
                by=self.by,
                at=self.terms.now,
                children=[taken.children[key] for key in taken.altered],
                detail={"file": reader.layout.name, "new": taken.new, "changed": taken.changed},
            )
        return taken
