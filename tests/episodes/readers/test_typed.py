"""What a person typed stays when files are taken in."""

from datetime import date

import pytest

from episodes.models import Carer, Child, Episode, Finding, Involvement
from tests.episodes.readers.told import carer, tally
from tests.records import bring, child, episode, involvement, london

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "row", "model", "field", "typed"),
    [
        ("children", child(phone="01632 960001"), Child, "phone", "01632 960999"),
        ("carers", carer(phone="01632 960001"), Carer, "phone", "01632 960999"),
        ("involvements", involvement(end="2026-02-01"), Involvement, "end", None),
        ("episodes", episode(police_ref="P/1"), Episode, "police_ref", "P/2"),
    ],
)
@pytest.mark.parametrize("empty", [False, True], ids=["filled cell", "empty cell"])
def test_what_a_person_typed_stays_and_the_difference_is_a_finding(tmp_path, name, row, model, field, typed, empty):
    bring(tmp_path, **({"children": [child()]} | {name: [row | {field: ""}]}))
    record = model.objects.get()
    setattr(record, field, typed or date(2026, 4, 1))
    record.typed = {field: "2026-05-20T10:00:00+01:00"}
    record.save()

    result = bring(tmp_path, **{name: [row | {field: "" if empty else row[field]}]})

    record.refresh_from_db()
    assert getattr(record, field) == (typed or date(2026, 4, 1))
    assert tally(result)[f"{name}.csv"] == (1, 0, 0, 1, 0)
    finding = Finding.objects.get(kind=Finding.Kind.TYPED_DIFFERS)
    assert finding.detail == f"Stays as typed: {field.replace('_', ' ')}."


def test_the_other_cells_of_a_row_are_taken_beside_a_field_that_a_person_typed(tmp_path):
    bring(tmp_path, children=[child(phone="01632 960001")])
    Child.objects.update(phone="01632 960999", typed={"phone": "2026-05-20T10:00:00+01:00"})
    bring(tmp_path, children=[child(phone="01632 960002", last_name="Sample")])

    robin = Child.objects.get()
    assert (robin.phone, robin.last_name) == ("01632 960999", "Sample")


def test_how_well_a_return_is_known_goes_with_the_time_that_a_person_typed(tmp_path):
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="2026-05-12")])
    Episode.objects.update(
        returned_at=london("2026-05-12 08:00"), return_precision="exact", typed={"returned_at": "2026-05-20T10:00Z"}
    )
    bring(tmp_path)

    absence = Episode.objects.get()
    assert (absence.returned_at, absence.return_precision) == (london("2026-05-12 08:00"), "exact")
    assert Finding.objects.get().detail == "Stays as typed: returned at, return precision."
