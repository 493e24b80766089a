"""What children, carers and involvements become when their files are taken in."""

from datetime import date, timedelta

import pytest

from episodes.models import Access, Authority, Carer, Child, Involvement
from procedures.calendar import end_of_day, start_of_day
from staff.models import Membership, Team, User
from tests.episodes.readers.told import carer, reasons, tally
from tests.records import NOW, bring, child, episode, interview, involvement

pytestmark = pytest.mark.django_db


# Children


EVERY_COLUMN = {
    "sex": "F",
    "ethnicity": "White British",
    "responsible_authority": "E09000008",
    "address_1": "1 Example Road",
    "address_2": "Example Green",
    "address_3": "Taunton",
    "address_4": "Somerset",
    "postcode": "ZZ99 3VZ",
    "phone": "01632 960001",
    "email": "Robin@example.org",
    "area": "Taunton",
    "language": "English",
    "interpreter_needed": "N",
    "living_independently": "N",
    "uasc": "Y",
    "restricted": "Y",
}


def test_every_column_of_a_child_is_kept(tmp_path):
    bring(tmp_path, children=[child(**EVERY_COLUMN)])

    robin = Child.objects.get()
    assert (robin.child_id, robin.first_name, robin.last_name, robin.date_of_birth) == (
        *("C1", "Robin", "Example"),
        date(2012, 1, 15),
    )
    assert robin.responsible_authority.name == "Croydon"
    kept = {name: getattr(robin, name) for name in EVERY_COLUMN if name != "responsible_authority"}
    answers = {"interpreter_needed": False, "living_independently": False, "uasc": True, "restricted": True}
    assert kept == {name: cell for name, cell in EVERY_COLUMN.items() if name != "responsible_authority"} | answers


def test_an_empty_cell_clears_what_is_stored(tmp_path):
    bring(tmp_path, children=[child(**EVERY_COLUMN)])
    bring(tmp_path, children=[child(**dict.fromkeys(EVERY_COLUMN, ""))])

    robin = Child.objects.get()
    not_known = dict.fromkeys(["responsible_authority", "interpreter_needed", "living_independently", "uasc"])
    assert {name: getattr(robin, name) for name in EVERY_COLUMN} == (
        dict.fromkeys(EVERY_COLUMN, "") | not_known | {"restricted": False}
    )


def test_a_column_that_is_absent_leaves_what_is_stored(tmp_path):
    bring(tmp_path, children=[child(**EVERY_COLUMN)])
    before = Child.objects.values().get()
    needed = ("child_id", "first_name", "last_name", "date_of_birth")
    bring(tmp_path, children=[{name: child()[name] for name in needed} | {"last_name": "Sample"}])

    assert Child.objects.values().get() == before | {"last_name": "Sample"}


@pytest.mark.parametrize("code", ["", "E06000066"])
def test_our_own_code_means_the_same_as_none(tmp_path, code):
    bring(tmp_path, children=[child(responsible_authority=code)])

    assert Child.objects.get().responsible_authority is None
    assert not Authority.objects.exists()


def test_a_word_for_nothing_is_a_word_like_any_other(tmp_path):
    """Some programs write None into a cell that is empty; it is never taken for the empty cell of another row."""
    bring(
        tmp_path,
        children=[child("C1", responsible_authority="None"), child("C2")],
        involvements=[
            involvement(child_id="C2", team="None", worker_email="", host_authority="None"),
            involvement("assessment", child_id="C2", team="", worker_email=""),
        ],
    )

    assert Child.objects.get(child_id="C1").responsible_authority.code == "None"
    assert Child.objects.get(child_id="C2").responsible_authority is None
    second = Involvement.objects.get(service="assessment")
    assert (second.team, second.host_authority) == (None, None)


def test_a_child_needs_a_name_and_a_day_of_birth_that_has_been(tmp_path):
    assert reasons(
        tmp_path,
        children=[
            child("C1", first_name=""),
            child("C2", date_of_birth="2026-06-16"),
            child("C3", sex="female"),
            child("C4", uasc="yes"),
            child("C5", postcode="TOO LONG A POSTCODE"),
        ],
    ) == [
        ("children.csv", 2, "first_name is empty, but needed."),
        ("children.csv", 3, "date_of_birth should be a date that is not in the future; found '2026-06-16'."),
        ("children.csv", 4, "sex should be one of F, M, U; found 'female'."),
        ("children.csv", 5, "uasc should be Y or N; found 'yes'."),
        ("children.csv", 6, "postcode should be at most 10 characters; found 'TOO LONG A POSTCODE'."),
    ]
    assert not Child.objects.exists()


def test_an_address_for_writing_to_a_family_is_kept_as_it_came(tmp_path):
    """A mistyped address of a child is no reason to lose the child."""
    bring(tmp_path, children=[child(email="robin at example.org")])

    assert Child.objects.get().email == "robin at example.org"


def test_a_carer_is_known_by_child_name_and_relationship(tmp_path):
    carers = [carer(phone="01632 960002", safe_to_contact="Y"), carer(relationship="father"), carer("C2")]
    result = bring(tmp_path, children=[child("C1"), child("C2")], carers=carers)
    assert tally(result)["carers.csv"] == (3, 3, 0, 0, 0)

    result = bring(tmp_path, carers=[carer(phone="01632 960003")])
    assert tally(result)["carers.csv"] == (1, 0, 1, 0, 0)
    assert [(each.phone, each.safe_to_contact) for each in Carer.objects.order_by("pk")] == [
        ("01632 960003", True),
        ("", None),
        ("", None),
    ]


@pytest.mark.parametrize(("cell", "safe"), [("Y", True), ("N", False), ("", None)])
def test_without_an_answer_it_is_not_known_whether_a_carer_is_safe_to_contact(tmp_path, cell, safe):
    bring(tmp_path, children=[child()], carers=[carer(safe_to_contact=cell)])

    assert Carer.objects.get().safe_to_contact is safe


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("carers", carer("C9")),
        ("involvements", involvement(child_id="C9")),
        ("episodes", episode(child_id="C9")),
        ("interviews", interview(child_id="C9")),
    ],
)
def test_a_row_of_a_child_who_is_not_on_record_is_rejected_and_leaves_nothing(tmp_path, name, row):
    assert reasons(tmp_path, children=[child()], **{name: [row]}) == [
        (f"{name}.csv", 2, "There is no child 'C9' on record.")
    ]
    assert [*Team.objects.all(), *User.objects.all()] == []


# Involvements


def test_a_team_and_a_worker_whom_nobody_knows_are_created_and_cannot_sign_in(tmp_path):
    bring(tmp_path, children=[child()], involvements=[involvement(worker_email="Ann@Example.org")])

    open_to = Involvement.objects.get()
    assert (open_to.team.name, open_to.team.kind) == ("North", Team.Kind.SOCIAL_CARE)
    assert (open_to.worker.email, open_to.worker.has_usable_password()) == ("ann@example.org", False)
    assert list(Membership.objects.values_list("user__email", "team__name")) == [("ann@example.org", "North")]


def test_whoever_works_with_a_child_may_see_the_child_from_the_first_day_to_the_last(tmp_path):
    bring(tmp_path, children=[child()], involvements=[involvement(end="2026-03-02")])

    access = Access.objects.get()
    assert (access.basis, access.team.name, access.user.email) == ("involvement", "North", "ann@example.org")
    assert (access.since, access.until) == (start_of_day(date(2026, 1, 5)), end_of_day(date(2026, 3, 2)))


def test_access_follows_the_worker_and_ends_when_nobody_is_named(tmp_path):
    bring(tmp_path, now=NOW - timedelta(days=2), children=[child()], involvements=[involvement()])
    bring(tmp_path, now=NOW - timedelta(days=1), involvements=[involvement(worker_email="ben@example.org")])
    bring(tmp_path, involvements=[involvement(team="", worker_email="")])

    assert list(Access.objects.order_by("since").values_list("user__email", "since", "until")) == [
        ("ann@example.org", start_of_day(date(2026, 1, 5)), NOW - timedelta(days=1)),
        ("ben@example.org", NOW - timedelta(days=1), NOW),
    ]


def test_another_authority_s_worker_is_kept_as_text_whoever_else_the_file_names(tmp_path):
    theirs, ours = child("C1", responsible_authority="E09000008"), child("C2")
    bring(tmp_path, children=[theirs, ours], involvements=[involvement(child_id="C1"), involvement(child_id="C2")])

    kept = Involvement.objects.order_by("child__child_id").values_list("worker__email", "worker_elsewhere")
    assert list(kept) == [(None, "ann@example.org"), ("ann@example.org", "")]


def test_somebody_who_has_left_is_not_brought_back(tmp_path):
    ann = User.objects.create_user("ann@example.org", "Ann Example")
    ann.left_on = date(2026, 5, 31)
    ann.save(update_fields=["left_on"])
    bring(tmp_path, children=[child()], involvements=[involvement()])

    assert list(User.objects.values_list("email", "name", "left_on")) == [
        ("ann@example.org", "Ann Example", date(2026, 5, 31))
    ]
    assert Involvement.objects.get().worker == ann
    assert not Membership.objects.exists()


def test_a_worker_whom_an_administrator_took_out_of_a_team_stays_out(tmp_path):
    rows = {"children": [child()], "episodes": [episode()]}
    held = interview(team="South", worker_email="ann@example.org", outcome="completed", held_at="2026-05-13T10:00")
    bring(tmp_path, **rows, involvements=[involvement()], interviews=[held])
    Membership.objects.all().delete()
    bring(tmp_path)

    assert not Membership.objects.exists()


def test_an_involvement_that_ends_before_it_starts_is_rejected_and_nothing_that_it_names_is_created(tmp_path):
    rows = [involvement(end="2026-01-04", host_authority="E09000008"), involvement("assessment", end="2026-01-05")]

    assert reasons(tmp_path, children=[child()], involvements=[rows[0]]) == [
        ("involvements.csv", 2, "The end, 2026-01-04, lies before the start, 2026-01-05.")
    ]
    assert [*Team.objects.all(), *User.objects.all(), *Authority.objects.all()] == []
    assert reasons(tmp_path, involvements=[rows[1]]) == []


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"service": "csc"}, "service should be one of assessment, care_leaver, child_in_need, child_protection,"),
        ({"start": ""}, "start is empty, but needed."),
        ({"worker_email": "Ann Example"}, "worker_email should be an email address; found 'Ann Example'."),
        ({"placement_area": "far"}, "placement_area should be one of in_area, neighbouring, out_of_area; found 'far'."),
        ({"host_authority": "E090000081"}, "host_authority should be at most 9 characters; found 'E090000081'."),
    ],
)
def test_an_involvement_must_be_readable(tmp_path, cells, reason):
    [(_, _, said)] = reasons(tmp_path, children=[child()], involvements=[involvement(**cells)])

    assert said.startswith(reason)
