"""Who may see a child and work on the record, and how that begins and ends."""

import random
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from episodes import access
from episodes.access import RestrictionRefused
from episodes.actions import CorrectionRefused, correct
from episodes.models import Access, Child, Episode, Involvement, Kind
from procedures.calendar import end_of_day, start_of_day
from staff.models import AuditEvent, Membership, Team, User
from staff.permissions import Role
from tests.records import NOW, bring, child, involvement, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
BASES = list(Access.Basis)


# Whom somebody may see, against a plain and slow reading of the rules


class World:
    """People, teams, children and rows of access, drawn by chance; and what the rules say of them."""

    def __init__(self, rng):
        self.teams = Team.objects.bulk_create(Team(name=f"Team {number}") for number in range(3))
        self.people = User.objects.bulk_create(
            User(email=f"{role}{number}@example.org", name=f"{role} {number}", role=role)
            for role in Role
            for number in range(2)
        )
        self.children = Child.objects.bulk_create(
            Child(
                child_id=f"C{number}",
                first_name="Robin",
                last_name="Example",
                date_of_birth=date(2012, 1, 15),
                restricted=rng.random() < 0.4,
            )
            for number in range(6)
        )
        Episode.objects.bulk_create(
            Episode(episode_id=f"E{child.pk}", child=child, kind=Kind.MISSING, last_seen_at=NOW)
            for child in self.children
        )
        self.teams_of = {person: set(rng.sample(self.teams, rng.randrange(3))) for person in self.people}
        Membership.objects.bulk_create(
            Membership(user=person, team=team) for person, teams in self.teams_of.items() for team in teams
        )
        self.rows = [self.row(rng, number) for number in range(30)]
        Access.objects.bulk_create(self.rows)

    def row(self, rng, number):
        child, basis = rng.choice(self.children), rng.choice(BASES)
        since = NOW + rng.randint(-4, 2) * HOUR
        row = Access(child=child, basis=basis, since=since, until=rng.choice([None, since + rng.randint(0, 5) * HOUR]))
        who = rng.choice(["team", "person", "both"])
        row.team = rng.choice(self.teams) if who != "person" else None
        row.user = rng.choice(self.people) if who != "team" else None
        if basis == Access.Basis.INVOLVEMENT:
            start = date(2026, 1, 1) + timedelta(days=number)
            row.involvement = Involvement.objects.create(child=child, service="child_in_need", start=start)
        return row

    def reaching(self, person, child):
        """The rows that give this person access to this child now."""
        return [
            row
            for row in self.rows
            if row.child == child
            and row.since <= NOW
            and (row.until is None or row.until > NOW)
            and (row.user == person or row.team in self.teams_of[person])
        ]

    def restrictions(self, child):
        """The rows that name somebody for this child now."""
        return [
            row
            for row in self.rows
            if row.child == child
            and row.basis == "restriction"
            and row.user
            and row.since <= NOW
            and (row.until is None or row.until > NOW)
        ]

    def sees(self, person, child):
        rows = self.reaching(person, child)
        if person.role in (Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR):
            return False
        if person.role == Role.INTERVIEWER:
            held = [row for row in rows if row.basis == "allocation" and row.user == person]
            return not child.restricted and bool(held)
        if child.restricted:
            named = [row.user for row in self.restrictions(child)]
            return person in named or (person.role == Role.COORDINATOR and not named)
        return person.role == Role.COORDINATOR or bool(rows)

    def works_on(self, person, child):
        if person.role == Role.COORDINATOR:
            return self.sees(person, child)
        rows = self.reaching(person, child)
        return self.sees(person, child) and any(row.basis != "break_glass" for row in rows)


@pytest.mark.parametrize("number", range(12))
def test_after_any_history_of_access_everybody_sees_whom_the_rules_say(number, soak_seed):
    world = World(random.Random(f"{soak_seed} {number}"))

    for person in world.people:
        seen = {child for child in world.children if world.sees(person, child)}
        workable = {child for child in world.children if world.works_on(person, child)}
        assert set(Child.objects.visible_to(person, NOW)) == seen
        assert set(Child.objects.workable_by(person, NOW)) == workable
        assert {each.child for each in Episode.objects.visible_to(person, NOW).select_related("child")} == seen
        assert {each.child for each in Episode.objects.workable_by(person, NOW).select_related("child")} == workable


def test_giving_a_reason_opens_a_child_for_reading_only():
    robin, team = make_person(), Team.objects.create(name="North")
    theirs = Child.objects.create(child_id="C1", date_of_birth=date(2012, 1, 15))
    Access.objects.create(child=theirs, team=team, basis="allocation", since=NOW)
    Access.objects.create(child=theirs, user=robin, basis="break_glass", since=NOW, until=NOW + HOUR, because="Called.")

    assert list(Child.objects.visible_to(robin, NOW)) == [theirs]
    assert not Child.objects.workable_by(robin, NOW).exists()
    assert not Child.objects.visible_to(robin, NOW + HOUR).exists()


# Access follows who works with the child


@pytest.fixture
def procedure():
    return publish("somerset")


def history(**wanted):
    rows = Access.objects.filter(**wanted).order_by("since", "pk")
    return list(rows.values_list("team__name", "user__email", "since", "until"))


FIRST_DAY = start_of_day(date(2026, 1, 5))


def test_another_team_begins_a_row_of_its_own_and_ends_the_one_before(tmp_path, procedure):
    bring(tmp_path, now=NOW - HOUR, children=[child()], involvements=[involvement()])
    bring(tmp_path, involvements=[involvement(team="South")])

    assert history() == [
        ("North", "ann@example.org", FIRST_DAY, NOW),
        ("South", "ann@example.org", NOW, None),
    ]


def test_a_file_that_changes_nothing_of_who_works_with_a_child_changes_no_access(tmp_path, procedure):
    bring(tmp_path, now=NOW - HOUR, children=[child()], involvements=[involvement()])
    bring(tmp_path, involvements=[involvement(placement_provider="Example Homes")])

    assert history() == [("North", "ann@example.org", FIRST_DAY, None)]


@pytest.mark.parametrize(
    ("end", "until"),
    [
        ("2026-06-20", end_of_day(date(2026, 6, 20))),  # still to come
        ("2026-03-02", NOW),  # learned of late: until now they could see the child
    ],
)
def test_an_end_that_comes_later_ends_access_then_or_now(tmp_path, procedure, end, until):
    bring(tmp_path, now=NOW - HOUR, children=[child()], involvements=[involvement()])
    bring(tmp_path, involvements=[involvement(end=end)])

    assert history() == [("North", "ann@example.org", FIRST_DAY, until)]


def test_an_end_that_was_wrong_begins_access_again_without_filling_the_gap(tmp_path, procedure):
    bring(tmp_path, now=NOW - HOUR, children=[child()], involvements=[involvement(end="2026-03-02")])
    bring(tmp_path, involvements=[involvement()])

    assert history() == [
        ("North", "ann@example.org", FIRST_DAY, end_of_day(date(2026, 3, 2))),
        ("North", "ann@example.org", NOW, None),
    ]


def test_an_involvement_still_to_begin_gives_no_access_before_its_first_day(tmp_path, procedure):
    bring(tmp_path, now=NOW - HOUR, children=[child()], involvements=[involvement(start="2026-07-01")])
    bring(tmp_path, involvements=[involvement(start="2026-07-01", worker_email="ben@example.org")])

    first_day = start_of_day(date(2026, 7, 1))
    assert history() == [
        ("North", "ann@example.org", first_day, first_day),
        ("North", "ben@example.org", first_day, None),
    ]


def test_a_person_s_correction_of_the_worker_moves_access_too(tmp_path, procedure):
    bring(tmp_path, now=NOW - HOUR, children=[child()], involvements=[involvement()])
    ben = make_person("ben@example.org", "Ben Ash")
    correct(Involvement.objects.get(), values={"worker": ben}, by=make_person(), now=NOW)

    assert [user for _, user, _, _ in history(until=None)] == ["ben@example.org"]


def test_the_database_keeps_one_open_row_for_an_involvement(tmp_path, procedure):
    bring(tmp_path, children=[child()], involvements=[involvement()])
    first = Access.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Access.objects.create(
            child=first.child, user=first.user, basis="involvement", since=NOW, involvement=first.involvement
        )


def test_the_database_keeps_no_reason_for_an_end_without_an_end(tmp_path, procedure):
    bring(tmp_path, children=[child()], involvements=[involvement()])

    with pytest.raises(IntegrityError), transaction.atomic():
        Access.objects.update(ended_because="No longer needed.")


# Restricting a child to named people


@pytest.fixture
def robin():
    return Child.objects.create(child_id="C1", date_of_birth=date(2012, 1, 15))


@pytest.fixture
def priya():
    return make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)


@pytest.fixture
def nia():
    return make_person("nia.frost@example.org", "Nia Frost")


def named(record, now=NOW):
    return set(access.named_for(record, now).values_list("user__name", flat=True))


def test_a_restricted_child_is_seen_by_those_named_and_by_whoever_restricted_them(robin, priya, nia):
    other = make_person("lee.marsh@example.org", "Lee Marsh", Role.COORDINATOR)
    access.restrict(robin, people=[nia], because="A relative works here.", by=priya, now=NOW)

    assert named(robin) == {"Nia Frost", "Priya Dean"}
    assert [Child.objects.visible_to(person, NOW).exists() for person in (nia, priya, other)] == [True, True, False]


def test_no_file_undoes_a_restriction(tmp_path, procedure, priya):
    bring(tmp_path, children=[child()])
    access.restrict(Child.objects.get(), people=[], because="A relative works here.", by=priya, now=NOW)
    bring(tmp_path, children=[child(restricted="N")])

    assert Child.objects.get().restricted is True


def test_restricting_ends_what_somebody_had_opened_with_a_reason(robin, priya, nia):
    opened = Access.objects.create(
        child=robin, user=nia, basis="break_glass", since=NOW - HOUR, until=NOW + 23 * HOUR, because="Called."
    )
    access.restrict(robin, people=[], because="A relative works here.", by=priya, now=NOW)

    opened.refresh_from_db()
    assert (opened.until, opened.ended_because) == (NOW, "The child was restricted.")


def test_names_change_without_overwriting_who_was_named_before(robin, priya, nia):
    lee = make_person("lee.marsh@example.org", "Lee Marsh")
    access.restrict(robin, people=[nia], because="A relative works here.", by=priya, now=NOW)
    access.change_names(robin, people=[lee], because="Nia moved.", by=priya, now=NOW + HOUR)

    rows = Access.objects.order_by("user__name").values_list("user__name", "since", "until", "because", "ended_because")
    assert list(rows) == [
        ("Lee Marsh", NOW + HOUR, None, "Nia moved.", ""),
        ("Nia Frost", NOW, NOW + HOUR, "A relative works here.", "Nia moved."),
        ("Priya Dean", NOW, None, "A relative works here.", ""),
    ]


def test_lifting_a_restriction_ends_every_name_with_the_reason(robin, priya, nia):
    access.restrict(robin, people=[nia], because="A relative works here.", by=priya, now=NOW)
    access.lift(robin, because="The relative has left.", by=priya, now=NOW + HOUR)

    robin.refresh_from_db()
    assert robin.restricted is False
    assert named(robin, NOW + HOUR) == set()
    assert set(Access.objects.values_list("until", "ended_because")) == {(NOW + HOUR, "The relative has left.")}


def test_the_trail_says_who_was_named_and_repeats_no_reason(robin, priya, nia):
    access.restrict(robin, people=[nia], because="A relative works here.", by=priya, now=NOW)
    access.lift(robin, because="The relative has left.", by=priya, now=NOW)

    assert list(AuditEvent.objects.order_by("pk").values_list("type", "by_id", "children", "detail")) == [
        ("child_restricted", priya.pk, ["C1"], {"named": sorted([priya.pk, nia.pk])}),
        ("restriction_lifted", priya.pk, ["C1"], {}),
    ]


@pytest.mark.parametrize(
    "who", [{"role": Role.MANAGER}, {"role": Role.INTERVIEWER}, {"left_on": date(2026, 6, 15)}, {"is_active": False}]
)
def test_somebody_who_could_do_nothing_with_it_cannot_be_named(robin, priya, who):
    lee = make_person("lee.marsh@example.org", "Lee Marsh", **who)

    with pytest.raises(RestrictionRefused, match=r"^Cannot be named, because they do no case work here: Lee Marsh\.$"):
        access.restrict(robin, people=[lee], because="A relative works here.", by=priya, now=NOW)
    assert not Access.objects.exists()


def test_somebody_named_who_has_left_since_does_not_stand_in_the_way_of_other_names(robin, priya, nia):
    lee = make_person("lee.marsh@example.org", "Lee Marsh")
    access.restrict(robin, people=[lee], because="A relative works here.", by=priya, now=NOW)
    User.objects.filter(pk=lee.pk).update(is_active=False)
    access.change_names(robin, people=[lee, nia], because="More hands.", by=priya, now=NOW)

    assert named(robin) == {"Lee Marsh", "Nia Frost", "Priya Dean"}


def test_what_makes_no_sense_is_refused(robin, priya, nia):
    with pytest.raises(RestrictionRefused, match="no longer restricted"):
        access.change_names(robin, people=[nia], because="More hands.", by=priya, now=NOW)
    with pytest.raises(RestrictionRefused, match="lifted already"):
        access.lift(robin, because="Not needed.", by=priya, now=NOW)
    with pytest.raises(RestrictionRefused, match=r"^Say why\.$"):
        access.restrict(robin, people=[nia], because="  ", by=priya, now=NOW)
    access.restrict(robin, people=[nia], because="A relative works here.", by=priya, now=NOW)
    with pytest.raises(RestrictionRefused, match="restricted already"):
        access.restrict(robin, people=[nia], because="Again.", by=priya, now=NOW)
    with pytest.raises(RestrictionRefused, match="named already"):
        access.change_names(robin, people=[nia], because="The same.", by=priya, now=NOW)


def test_a_restriction_is_not_a_detail_that_a_correction_may_change(robin, priya):
    with pytest.raises(CorrectionRefused, match=r"^Cannot be corrected: restricted\.$"):
        correct(robin, values={"restricted": False}, by=priya, now=NOW)
