"""A person corrects a record: what was typed is marked and stays, with a line in the trail."""

from datetime import date, timedelta

import pytest

from episodes.actions import CorrectionRefused, correct
from episodes.models import Authority, Carer, Child, Episode, Finding, Involvement
from rhi.models import Attempt, Interview, Offer
from staff import audit
from staff.models import AuditEvent, User
from tests.records import NOW, bring, child, episode, interview, involvement, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(tmp_path):
    publish("somerset")
    bring(
        tmp_path,
        children=[child(phone="01632 960001")],
        carers=[{"child_id": "C1", "name": "Sam Example", "relationship": "mother"}],
        involvements=[involvement(end="2026-06-01")],
        episodes=[episode()],
        interviews=[interview(offered_at="2026-05-12T11:00", offered_to="child")],
        attempts=[
            {
                "interview_id": "I1",
                "attempted_at": "2026-05-12T10:00",
                "method": "phone",
                "contacted": "child",
                "result": "no_answer",
            }
        ],
    )
    return Child.objects.get()


def test_what_was_typed_is_set_and_marked_with_the_instant(robin):
    corrected = correct(robin, values={"phone": "01632 960999", "language": "Polish"}, by=make_person(), now=NOW)

    robin.refresh_from_db()
    assert (robin.phone, robin.language) == (corrected.phone, corrected.language) == ("01632 960999", "Polish")
    assert robin.typed == {"phone": "2026-06-15T12:00:00+01:00", "language": "2026-06-15T12:00:00+01:00"}


def test_marks_of_earlier_corrections_stay(robin):
    someone = make_person()
    correct(robin, values={"phone": "01632 960999"}, by=someone, now=NOW)
    correct(robin, values={"language": "Polish"}, by=someone, now=NOW + timedelta(days=1))

    robin.refresh_from_db()
    assert robin.typed == {"phone": "2026-06-15T12:00:00+01:00", "language": "2026-06-16T12:00:00+01:00"}


def test_a_correction_leaves_a_line_that_names_the_fields_but_not_what_was_typed(robin):
    someone = make_person()
    correct(robin, values={"phone": "01632 960999", "language": "Polish"}, by=someone, now=NOW)

    line = AuditEvent.objects.get(type=audit.Type.RECORD_CORRECTED)
    assert (line.by_id, line.at, line.subject) == (someone.pk, NOW, f"episodes.Child:{robin.pk}")
    assert (line.children, line.detail) == (["C1"], {"fields": ["language", "phone"]})


def test_a_correction_whose_line_cannot_be_written_does_not_happen(robin):
    nobody_on_the_books = User(pk="not a number")
    with pytest.raises(ValueError, match="not a number"):
        correct(robin, values={"phone": "01632 960999"}, by=nobody_on_the_books, now=NOW)

    robin.refresh_from_db()
    assert (robin.phone, robin.typed) == ("01632 960001", {})


def test_somebody_else_s_change_since_the_page_was_opened_is_not_undone(robin):
    Child.objects.update(area="Bridgwater")
    correct(robin, values={"phone": "01632 960999"}, by=make_person(), now=NOW)

    robin.refresh_from_db()
    assert (robin.area, robin.phone) == ("Bridgwater", "01632 960999")


def test_an_authority_or_a_team_can_be_corrected_and_no_file_takes_it_back(robin, tmp_path):
    kent = Authority.objects.create(code="E10000016", name="Kent")
    correct(robin, values={"responsible_authority": kent}, by=make_person(), now=NOW)
    bring(tmp_path, children=[child(responsible_authority="")])

    robin.refresh_from_db()
    assert robin.responsible_authority == kent
    assert Finding.objects.get(kind=Finding.Kind.TYPED_DIFFERS).detail == "Stays as typed: responsible authority."


def test_a_correction_that_the_file_comes_to_agree_with_is_settled(robin, tmp_path):
    correct(robin, values={"phone": "01632 960999"}, by=make_person(), now=NOW)
    bring(tmp_path, children=[child(phone="01632 960001")])
    finding = Finding.objects.get(kind=Finding.Kind.TYPED_DIFFERS)
    assert (finding.record, finding.settled_at) == ("children.csv C1", None)

    bring(tmp_path, children=[child(phone="01632 960999")], now=NOW + timedelta(days=1))
    finding.refresh_from_db()
    assert finding.settled_at == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (Child, ["id", "child_id", "typed"]),
        (Carer, ["id", "child", "name", "relationship", "typed"]),
        (Involvement, ["id", "child", "service", "start", "typed"]),
        (Episode, ["id", "episode_id", "child", "typed", "history", "withdrawn_at", "withdrawn_because"]),
        (Interview, ["id", "reference", "child", "referral", "episodes", "typed"]),
        (Offer, ["id", "child", "interview", "to", "typed"]),
        (Attempt, ["id", "child", "interview", "attempted_at", "method", "contacted", "typed"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_names_a_record_or_is_set_otherwise_cannot_be_corrected(robin, model, names):
    record = model.objects.get()
    before = model.objects.values().get()
    for name in [*names, "no_such_field"]:
        with pytest.raises(CorrectionRefused, match=f"Cannot be corrected: {name}."):
            correct(record, values={name: None}, by=make_person(f"{name}@example.org"), now=NOW)

    assert model.objects.values().get() == before
    assert not AuditEvent.objects.filter(type=audit.Type.RECORD_CORRECTED).exists()


@pytest.mark.parametrize(
    ("model", "values", "reason"),
    [
        (Child, {"first_name": ""}, "first name: This field cannot be blank."),
        (Child, {"sex": "X"}, "sex: Value 'X' is not a valid choice."),
        (Child, {"postcode": "TOO LONG A POSTCODE"}, "postcode: Ensure this value has at most 10 characters"),
        (Child, {"date_of_birth": "yesterday"}, "date of birth: “yesterday” value has an invalid date format."),
        (Episode, {"returned_at": london("2026-05-11 19:59")}, "The return lies before the child was last seen."),
        (Episode, {"notified_at": NOW + timedelta(minutes=6)}, "notified at: this time lies in the future."),
        (Involvement, {"end": date(2026, 1, 4)}, "The end, 2026-01-04, lies before the start, 2026-01-05."),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_changed(robin, model, values, reason):
    before = model.objects.values().get()
    with pytest.raises(CorrectionRefused, match=reason):
        correct(model.objects.get(), values=values, by=make_person(), now=NOW)

    assert model.objects.values().get() == before
