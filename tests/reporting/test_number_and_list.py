"""Every figure is the length of its list: random records and narrowings, held against a simple implementation."""

import random

import pytest
from django.db import transaction

from reporting import measures
from reporting.cases import cases
from reporting.measures import Rate
from reporting.narrowing import AGE_BANDS, LOOKED_AFTER, NOT_NARROWED, WHOSE, Narrowing
from reporting.tables import Month, monthly, percent
from rhi.filters import AGES
from routing.models import ReferralEpisode
from staff.models import Team
from tests.records import publish, take
from tests.reference import monthly_table as model
from tests.reference import record_sets
from tests.reporting.test_monthly_table import COUNTINGS, PROCEDURE, reference
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db

START = (2025, 8)
FIRST, LAST = Month(2025, 7), Month(2025, 12)
#: The rates of children: a child counts with all of its episodes of the month.
OF_CHILDREN = {"offer_rate", "children_done_rate", "independent_rate"}


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_every_figure_of_random_records_is_the_length_of_its_list(tmp_path, soak_seed):
    cells = 0
    now = record_sets.read_at(months=4, start=START)
    for number in range(soak_count(20)):
        rng = random.Random(f"{soak_seed}-cases-{number}")
        folder = tmp_path / str(number)
        folder.mkdir()
        record_sets.write_random_records(folder, rng, months=4, start=START)
        with transaction.atomic():
            terms = publish("x", text=PROCEDURE + rng.choice(COUNTINGS)).procedure.counting
            take(folder, now=now)
            for narrowing in (NOT_NARROWED, random_narrowing(rng), random_narrowing(rng)):
                theirs = model.monthly_cases(
                    folder,
                    first=str(FIRST),
                    last=str(LAST),
                    counting=reference(terms),
                    now=now,
                    narrowing=as_modelled(narrowing),
                    holders=holders(),
                )
                cells += compare(narrowing, theirs, now=now, about=f"{soak_seed}, set {number}, {narrowing}")
            transaction.set_rollback(True)
    evidence("number_and_list", seed=soak_seed, n=cells, result="all equal")


def compare(narrowing, theirs, *, now, about):
    """Hold every cell and its list against the simple implementation's; answers how many cells."""
    table = monthly(FIRST, LAST, now=now, narrowing=narrowing)
    figures = model.table_of(theirs)
    for measure in measures.MEASURES:
        for month in table.months:
            where = f"{measure.key} of {month}: {about}"
            behind = cases(measure.key, month, now=now, narrowing=narrowing)
            rows = listed(behind)
            figure = table.values[measure.key][month]
            assert figure == behind.number == figures[measure.key][str(month)], where
            assert figure == counted(measure, rows), where
            assert behind.children == len({row.child for row in rows}), where
            assert ids(rows) == modelled_ids(measure, theirs[str(month)]), where
            assert all(row.reason for row in rows), where
    return len(measures.MEASURES) * len(table.months)


def listed(behind):
    """Every page of the list, put together; of pages so small that most lists have several."""
    rows = [row for number in range(behind.pages(40)) for row in behind.page(number + 1, size=40)]
    assert len(rows) == behind.episodes == len({row.episode for row in rows})
    return rows


def counted(measure, rows):
    """The figure, counted from its list."""
    if isinstance(measure, Rate):
        of = "child" if measures.counted(measure.part).unit == "children" else "episode"
        assert [row.counts for row in rows] == sorted((row.counts for row in rows), reverse=True)
        part = {getattr(row, of) for row in rows if row.counts}
        return percent(len(part), len({getattr(row, of) for row in rows}))
    assert all(row.counts for row in rows)
    return len({row.child for row in rows}) if measure.unit == "children" else len(rows)


def ids(rows):
    return sorted((row.episode_id, row.child_id, row.counts) for row in rows)


def modelled_ids(measure, theirs):
    part, whole = model.RATES.get(measure.key, (measure.key, measure.key))
    counts = {episode.episode_id for episode in theirs[part]}
    if measure.key in OF_CHILDREN:
        children = {episode.child_id for episode in theirs[part]}
        counts = {episode.episode_id for episode in theirs[whole] if episode.child_id in children}
    return sorted((row.episode_id, row.child_id, row.episode_id in counts) for row in theirs[whole])


def random_narrowing(rng):
    """One to five narrowings at once, each more often than not one that leaves something."""
    chosen = {
        "team": rng.choice(list(Team.objects.values_list("pk", flat=True))),
        "area": rng.choice(["North", "South"]),
        "age": rng.choice(["0-7", "8-12", "13-15", "13-15", "16-17", "18"]),
        "looked_after": rng.choice(list(LOOKED_AFTER)),
        "whose": rng.choice(list(WHOSE)),
    }
    names = rng.sample(sorted(chosen), rng.choice([1, 1, 1, 2, 2, 3, 5]))
    return Narrowing(**{name: chosen[name] for name in names})


def as_modelled(narrowing):
    return model.Narrowing(
        holder=Team.objects.get(pk=narrowing.team).name if narrowing.team else "",
        area=narrowing.area,
        age=AGES[narrowing.age] if narrowing.age else None,
        looked_after={"": None, "yes": True, "no": False}[narrowing.looked_after],
        whose=narrowing.whose,
    )


def holders():
    """The team that held each episode's referral last, read from the allocations one by one."""
    last = {}
    for cover in ReferralEpisode.objects.select_related("episode"):
        for allocation in cover.referral.allocations.select_related("team").order_by("since", "pk"):
            if allocation.team:
                last[cover.episode.episode_id] = allocation.team.name
    return last


def test_the_narrowings_drawn_at_random_are_all_there_are():
    assert set(AGE_BANDS) == {"0-7", "8-12", "13-15", "16-17", "18"}
    assert set(Narrowing.__dataclass_fields__) == {"team", "area", "age", "looked_after", "whose"}
