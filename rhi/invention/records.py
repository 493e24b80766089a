"""The six files: their columns, and their rows, child by child."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from random import Random

from rhi.invention import moments
from rhi.invention.absences import Episode, absences
from rhi.invention.attempts import Attempt
from rhi.invention.carers import Carer, carers
from rhi.invention.children import Child, life
from rhi.invention.courses import Interview
from rhi.invention.interviews import interviews
from rhi.invention.involvements import Involvement, involvements
from rhi.invention.pace import Wish, paces
from rhi.invention.teams import Teams
from rhi.invention.world import World

FILES: dict[str, type] = {
    "children.csv": Child,
    "carers.csv": Carer,
    "involvements.csv": Involvement,
    "episodes.csv": Episode,
    "interviews.csv": Interview,
    "attempts.csv": Attempt,
}
"""Each file with what a row of it is; the fields are the columns, in order."""

CHILDREN_A_MONTH_OF_A_WORKER = 60
"""In each team: a larger authority has more workers."""

Row = Child | Carer | Involvement | Episode | Interview | Attempt


def columns(file: str) -> list[str]:
    """The header of a file."""
    return [field.name for field in fields(FILES[file])]


def invent(wish: Wish) -> Iterator[tuple[str, list[str]]]:
    """Every row of every file as it is written, with the name of its file. A child's rows come together."""
    file_of = {row_type: file for file, row_type in FILES.items()}
    for row in rows(wish):
        yield file_of[type(row)], [written(getattr(row, name)) for name in row.__slots__]


def rows(wish: Wish) -> Iterator[Row]:
    """Child by child."""
    rng = Random(wish.seed)  # noqa: S311 invented records keep no secret, and must be the same for the same seed
    world = World(
        rng=rng,
        ends_at=moments.moment(wish.until, 0),
        teams=Teams(rng, workers_in_each=3 + wish.children_per_month // CHILDREN_A_MONTH_OF_A_WORKER),
    )
    for pace in paces(wish, rng):
        its_life = life(world, pace)
        yield its_life.child
        open_to = involvements(world, its_life)
        yield from carers(world, its_life, open_to)
        yield from open_to
        gone = absences(world, its_life, open_to)
        yield from (absence.episode for absence in gone)
        for interview, attempts in interviews(world, its_life, open_to, gone):
            yield interview
            yield from attempts


def written(value: str | bool | date | datetime | None) -> str:
    """As it stands in a file: Y and N, dates as YYYY-MM-DD, times as London's clocks show them, nothing for None."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, datetime):
        return moments.written(value)
    return value.isoformat()
