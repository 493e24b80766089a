"""The clock of contact where no parent or carer may be tried."""

import pytest

from episodes.actions import fingerprint
from episodes.models import Episode
from rhi.actions import carers
from routing.models import Deadline
from tests.records import NOW, bring, child, episode, interview, london, publish
from tests.rhi.deadlines.books import LEE, stored, worked_out
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


THE_CHILD_ALONE = [
    {"interview_id": "I1", "attempted_at": at, "method": "phone", "contacted": "child", "result": "no_answer"}
    for at in ("2026-05-12T10:00", "2026-05-13T14:00", "2026-05-14T18:30")
]


def contact_met():
    return Deadline.objects.get(name="contact").met_at


@pytest.fixture
def tried_the_child_alone(tmp_path):
    publish("somerset")
    bring(
        tmp_path,
        children=[child()],
        carers=[LEE | {"safe_to_contact": "N", "reason": "The police advise against it."}],
        episodes=[episode()],
        interviews=[interview()],
        attempts=THE_CHILD_ALONE,
    )
    return tmp_path


@pytest.mark.clause("SOM-4.5c")
def test_contact_is_settled_by_the_childs_attempts_where_every_carer_is_not_safe(tried_the_child_alone):
    assert contact_met() == london("2026-05-14 18:30")
    assert stored() == worked_out()


@pytest.mark.clause("SOM-4.5c")
@pytest.mark.parametrize("safe", ["Y", ""], ids=["safe", "not known"])
def test_it_is_open_again_when_a_file_brings_a_carer_who_may_be_tried(tried_the_child_alone, safe):
    bring(tried_the_child_alone / "kim", carers=[LEE | {"name": "Kim Example", "safe_to_contact": safe}])

    assert contact_met() is None
    assert stored() == worked_out()


def test_it_is_open_again_when_somebody_records_such_a_carer_and_settled_when_the_answer_is_put_right(
    tried_the_child_alone,
):
    by, record = make_person(), Episode.objects.get().child
    values = {"name": "Kim Example", "relationship": "Aunt", "safe_to_contact": True}
    kim = carers.record_carer(record, values=values, by=by, now=NOW)
    assert contact_met() is None

    answer = {"safe_to_contact": False, "reason": "She asked us not to."}
    carers.correct_carer(kim, values=answer, shown=fingerprint(kim, carers.OF_CARER), by=by, now=NOW)
    assert contact_met() == london("2026-05-14 18:30")
