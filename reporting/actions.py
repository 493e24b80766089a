"""Files of figures: made at once while somebody waits, or by a job for whom they are then kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID, uuid5

from django.db import transaction

from jobs import claims
from jobs.declared import prepared_by
from jobs.schedule import Daily, Recurring
from jobs.work import JobError
from procedures.models import NoProcedure
from reporting import exports, measures
from reporting.cases import Case, Cases, cases
from reporting.exports.text import Cell
from reporting.models import Download
from reporting.names import pseudonym
from reporting.narrowing import Narrowing
from reporting.tables import Month, monthly, months_between
from reporting.wording import SENSITIVE, marking, named, narrowed, period
from staff import audit
from staff.models import User

MONTHS_AT_ONCE = 36
ROWS_AT_ONCE = 5_000
"""What is longer is made by a job: nobody waits for it at a page."""

KEPT = timedelta(days=7)
BATCH = 1_000
"""As many cases are read at a time, and then said to be."""
STEPS = 2
"""A table is counted, and then drawn."""

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""

TYPES = {
    Download.Format.CSV: "text/csv; charset=utf-8",
    Download.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Download.Format.PDF: "application/pdf",
}


class Made(NamedTuple):
    """A file, and the child_id of every child whose episode it lists."""

    content: bytes
    children: list[str]


@dataclass(frozen=True)
class Wanted:
    """What a file is to hold: the table of some months or, with a `measure`, the cases behind a figure of one month.

    `for_publishing`: without small numbers; of a table that nothing narrows only.
    """

    format: Download.Format
    first: Month
    last: Month
    narrowing: Narrowing
    measure: str = ""
    for_publishing: bool = False

    @classmethod
    def by(cls, download: Download) -> Wanted:
        """What somebody has asked for."""
        return cls(
            format=Download.Format(download.format),
            first=Month.of(download.first),
            last=Month.of(download.last),
            narrowing=Narrowing(**download.narrowing),
            measure=download.measure,
            for_publishing=download.for_publishing,
        )

    @property
    def file_name(self) -> str:
        """Months and the figure's key; nobody, and of what narrows it only that something does."""
        end = "-narrowed" if self.narrowing else "-for-publishing" if self.for_publishing else ""
        if self.measure:
            return f"cases-{self.measure.replace('_', '-')}-{self.first}{end}.{self.format}"
        return f"monthly-table-{self.first}-to-{self.last}{end}.{self.format}"

    @property
    def title(self) -> str:
        """What it holds: `Monthly table, April to November 2017`; of a list the figure and its month."""
        if self.measure:
            return f"{measures.printed(self.measure).name}, {named(self.first)}"
        left_out = ", small numbers left out" if self.for_publishing else ""
        return f"Monthly table, {period(months_between(self.first, self.last))}{left_out}"

    @property
    def content_type(self) -> str:
        """What browsers are told that it is."""
        return TYPES[self.format]

    @property
    def query(self) -> str:
        """The end of the address of the page that shows the same."""
        return query(self.first, self.last, self.narrowing)

    @property
    def detail(self) -> dict[str, object]:
        """What the trail keeps of it."""
        return {
            "format": str(self.format),
            "months": f"{self.first} to {self.last}",
            "figure": self.measure,
            "filters": filters(self.narrowing),
            **({"for_publishing": True} if self.for_publishing else {}),
        }


def filters(narrowing: Narrowing) -> dict[str, object]:
    """What narrows figures, in codes and ids, without what is left open."""
    return {name: value for name, value in asdict(narrowing).items() if value}


def query(first: Month, last: Month, narrowing: Narrowing) -> str:
    """The end of an address that asks for these months and filters."""
    return urlencode({"from": str(first), "to": str(last), **filters(narrowing)})


def make(wanted: Wanted, *, now: datetime, progress: Progress | None = None) -> Made:
    """Draw the file, telling `progress` on the way.

    Raises KeyError for a figure without a list, ValueError for a narrowed table for publishing, and
    procedures.models.NoProcedure.
    """
    tell = progress or (lambda _done, _whole: None)
    if wanted.measure:
        return _list(wanted, cases(wanted.measure, wanted.first, now=now, narrowing=wanted.narrowing), tell)
    tell(0, STEPS)
    table = monthly(wanted.first, wanted.last, now=now, narrowing=wanted.narrowing)
    if wanted.for_publishing:
        table = exports.for_publishing(table)
    tell(1, STEPS)
    match wanted.format:
        case Download.Format.CSV:
            return Made(exports.as_csv(table).encode("utf-8-sig"), [])
        case Download.Format.XLSX:
            return Made(exports.as_xlsx(table, marking=marking(table)), [])
        case Download.Format.PDF:
            return Made(exports.as_pdf(table, marking=marking(table)), [])


def _list(wanted: Wanted, found: Cases, tell: Progress) -> Made:
    """The cases without a name or an ID of a child: what has left the site can be read by others than who asked."""
    listed: list[Case] = []
    for page in range(1, found.pages(BATCH) + 1):
        tell(len(listed), found.episodes)
        listed += found.page(page, BATCH)
    tell(len(listed), found.episodes)
    rate = found.measure.unit == "percent"
    headings = ["Episode", "Child", "Last seen", "Returned", *(["Counts"] if rate else []), "Why it is here"]
    rows = _rows(listed, rate=rate)
    if wanted.format == Download.Format.XLSX:
        content = exports.cases_as_xlsx(
            headings,
            rows,
            title=wanted.title,
            at=found.terms.now,
            marking=SENSITIVE,
            only=narrowed(wanted.narrowing),
        )
    else:
        content = "".join(exports.cases_as_csv(headings, rows)).encode()
    return Made(content, sorted({case.child_id for case in listed}))


def _rows(listed: list[Case], *, rate: bool) -> Iterator[list[Cell]]:
    for case in listed:
        counts = ["Yes" if case.counts else "No"] if rate else []
        yield [
            case.episode_id,
            pseudonym(case.child),
            case.last_seen_at,
            case.returned_at,
            *counts,
            case.reason,
        ]


@transaction.atomic
def ask(wanted: Wanted, *, asked_as: UUID, by: User, now: datetime) -> Download:
    """Have a file made in the background; asked for again from the same page, it is the same one.

    `asked_as` is the page's: its buttons for other formats ask for other files.
    """
    download, new = Download.objects.get_or_create(
        asked_by=by,
        asked_as=uuid5(asked_as, f"{wanted.format} {wanted.measure} {wanted.for_publishing} {wanted.query}"),
        defaults={
            "asked_at": now,
            "what": Download.What.CASES if wanted.measure else Download.What.TABLE,
            "format": wanted.format,
            "first": str(wanted.first),
            "last": str(wanted.last),
            "measure": wanted.measure,
            "narrowing": filters(wanted.narrowing),
            "for_publishing": wanted.for_publishing,
        },
    )
    if new:
        download.job = claims.enqueue(
            f"{make_download.__module__}.make_download", arguments={"download": download.pk}, due_at=now
        )
        download.save(update_fields=["job"])
        audit.record(audit.Type.DOWNLOAD_ASKED_FOR, by=by, at=now, subject=download, detail=wanted.detail)
    return download


def prepare_download(*, download: int, now: datetime) -> Made:
    """Draw the file of a download. Raises JobError where there is nothing to count by.

    How much is done is committed as it goes, for whoever looks. It is nothing but shown, so twice is harmless.
    """
    try:
        wanted = Wanted.by(Download.objects.defer("content").get(pk=download))
        return make(wanted, now=now, progress=partial(_show_progress, download))
    except NoProcedure as none:
        raise JobError("No procedure has been published.") from none


def _show_progress(download: int, done: int, whole: int) -> None:
    Download.objects.filter(pk=download).update(done=done, whole=whole)


@prepared_by(prepare_download)
def make_download(*, download: int, prepared: Made, now: datetime) -> None:
    """Keep the file for whoever asked for it, for a week."""
    Download.objects.filter(pk=download).update(
        content=prepared.content, children=prepared.children, ready_at=now, expires_at=now + KEPT
    )


@transaction.atomic
def open_download(download: Download, *, by: User, now: datetime) -> bytes | None:
    """The file, with a line in the trail; None while there is none, and when it has expired."""
    if download.state(now) != Download.State.READY or download.content is None:
        return None
    put_on_trail(Wanted.by(download), children=download.children, by=by, now=now, subject=download)
    return bytes(download.content)


def put_on_trail(wanted: Wanted, *, children: list[str], by: User, now: datetime, subject: Download | str = "") -> None:
    """Write down that somebody takes a file out of the site. In the caller's transaction."""
    kind = audit.Type.LIST_DOWNLOADED if wanted.measure else audit.Type.FIGURES_DOWNLOADED
    audit.record(kind, by=by, at=now, subject=subject, children=children, detail=wanted.detail)


def clear_expired_downloads(*, now: datetime, **_: object) -> None:
    """Empty the files that have expired. That they were asked for and opened stays on record."""
    expired = Download.objects.filter(expires_at__lte=now, content__isnull=False)
    expired.update(content=None, children=[])


SCHEDULE = (Recurring(clear_expired_downloads, every=Daily(time(3, 30))),)
