"""Who is told: worker and leaders, who stands in, and what happens where nobody is there."""

from datetime import date, timedelta

import pytest

from episodes.models import Access, Child
from rhi import wording
from rhi.actions import telling
from rhi.models import Preferences
from routing.models import Referral
from staff.actions import invite
from staff.models import Team
from staff.permissions import Role
from tests.records import london
from tests.rhi.reminders.week import TRAY, coordinator, give, leader, person, returned, run
from tests.staff.people import now

pytestmark = pytest.mark.django_db

BREACH = "2026-06-11 10:15"


def away(somebody, cover=None, first=date(2026, 6, 10), last=date(2026, 6, 12)):
    Preferences.objects.create(user=somebody, away_from=first, away_until=last, cover=cover)
    return somebody


def told():
    """Whom the breach of Thursday is told, with why it is they."""
    run("2026-06-11 09:45")
    said = "Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00."
    return {notice.to.name: notice.about.removeprefix(said).strip() for notice in run(BREACH).filter(kind="breach")}


def test_the_worker_and_every_leader_of_the_team_are_told(tmp_path):
    give(returned(tmp_path), person("Ann"))
    leader("Sam")
    leader("Tess")
    leader("Ursula", team="Another team")
    person("Ben")
    coordinator()

    assert told() == {"Ann": "", "Sam": "", "Tess": ""}


def test_who_stands_in_is_told_instead_of_somebody_away(tmp_path):
    give(returned(tmp_path), away(person("Ann"), cover=person("Ben")))
    leader()

    assert told() == {"Ben": "You are told because Ann is away until Fri 12 Jun and you stand in.", "Sam": ""}


@pytest.mark.parametrize(("first", "last"), [((2026, 6, 11), (2026, 6, 11)), ((2026, 6, 1), (2026, 6, 11))])
def test_the_first_and_the_last_day_away_count(tmp_path, first, last):
    give(returned(tmp_path), away(person("Ann"), person("Ben"), date(*first), date(*last)))
    leader()

    assert "Ann" not in told()


@pytest.mark.parametrize(("first", "last"), [((2026, 6, 12), (2026, 6, 12)), ((2026, 6, 1), (2026, 6, 10))])
def test_who_is_away_on_another_day_is_told(tmp_path, first, last):
    give(returned(tmp_path), away(person("Ann"), person("Ben"), date(*first), date(*last)))
    leader()

    assert told() == {"Ann": "", "Sam": ""}


def test_without_anybody_to_stand_in_the_leader_learns_why(tmp_path):
    give(returned(tmp_path), away(person("Ann")))
    leader()

    assert told() == {"Sam": "You are told because Ann is away until Fri 12 Jun and nobody stands in."}


@pytest.mark.parametrize("why_not", ["away", "left", "elsewhere", "a provider's"])
def test_who_cannot_be_told_either_does_not_stand_in(tmp_path, why_not):
    referral = returned(tmp_path)
    leader()
    cover = {
        "away": lambda: away(person("Ben")),
        "left": lambda: person("Ben", left_on=date(2026, 6, 1)),
        "elsewhere": lambda: person("Ben", team="Another team"),
        "a provider's": lambda: person("Ben", Role.INTERVIEWER),
    }[why_not]()
    give(referral, away(person("Ann"), cover=cover))

    assert told() == {"Sam": "You are told because Ann is away until Fri 12 Jun and nobody stands in."}


def test_a_coordinator_can_stand_in_for_anybody(tmp_path):
    give(returned(tmp_path), away(person("Ann"), cover=coordinator()))

    assert "Priya" in told()


def test_somebody_who_has_left_is_not_told_but_the_leader_is(tmp_path):
    give(returned(tmp_path), person("Ann", left_on=date(2026, 6, 9)))
    leader()

    assert told() == {"Sam": "You are told because Ann has left."}


def test_without_a_leader_the_coordinators_are_told_and_why(tmp_path):
    give(returned(tmp_path), person("Ann"))
    leader("Gone", left_on=date(2026, 6, 1))
    coordinator("Priya")
    coordinator("Quinn")

    assert told() == {
        "Ann": "",
        "Priya": f"You are told because {TRAY} has no leader here.",
        "Quinn": f"You are told because {TRAY} has no leader here.",
    }


def test_rather_a_coordinator_who_is_away_than_nobody(tmp_path):
    returned(tmp_path)
    away(coordinator())

    assert set(told()) == {"Priya"}


def test_with_nobody_at_all_nothing_crashes(tmp_path):
    returned(tmp_path)

    assert told() == {}


def test_the_leader_who_is_away_is_stood_in_for(tmp_path):
    give(returned(tmp_path), person("Ann"))
    away(leader(), cover=person("Ben"))

    assert told() == {"Ann": "", "Ben": "You are told because Sam is away until Fri 12 Jun and you stand in."}


def test_a_worker_who_leads_the_team_is_told_once(tmp_path):
    give(returned(tmp_path), leader())

    assert told() == {"Sam": ""}


def test_what_a_provider_holds_is_told_to_the_interviewer_and_the_coordinators(tmp_path):
    referral = returned(tmp_path)
    Team.objects.create(name="Listening Ear", kind=Team.Kind.PROVIDER)
    give(referral, person("Jo", Role.INTERVIEWER, team="Listening Ear"), team="Listening Ear")
    coordinator()
    leader()

    assert told() == {"Jo": "", "Priya": "You are told because Listening Ear has no leader here."}


# Restricted children


def restrict(*people):
    child = Child.objects.first()
    child.restricted = True
    child.save()
    for somebody in people:
        Access.objects.create(
            child=child, user=somebody, basis="restriction", since=london("2026-06-08 11:00"), because="Named"
        )


def test_of_a_restricted_child_only_those_who_are_named_are_told(tmp_path):
    ann = person("Ann")
    give(returned(tmp_path), ann)
    leader()
    priya = coordinator()
    coordinator("Quinn")
    restrict(ann, priya)

    assert set(told()) == {"Ann", "Priya"}


def test_where_nobody_who_would_be_told_is_named_whoever_is_is(tmp_path):
    give(returned(tmp_path), person("Ann"))
    leader()
    coordinator()
    restrict(person("Kim", team=None))

    assert set(told()) == {"Kim"}


def test_while_nobody_is_named_yet_the_coordinators_who_name_them_are_told(tmp_path):
    give(returned(tmp_path), person("Ann"))
    leader()
    coordinator()
    restrict()

    assert told() == {"Priya": "You are told because whoever holds it does not see the child."}


def test_who_stands_in_must_be_named_too(tmp_path):
    ann = away(person("Ann"), cover=person("Ben"))
    give(returned(tmp_path), ann)
    restrict(ann, leader())

    assert set(told()) == {"Sam"}


# On the tray's page


def shown(client, somebody):
    client.force_login(somebody)
    return " ".join(client.get(f"/trays/{Team.objects.get(name=TRAY).pk}/").content.decode().split())


def test_the_tray_says_who_is_away_and_who_stands_in(tmp_path, client):
    returned(tmp_path)
    today = now().date()
    away(person("Ann"), person("Ben"), today, today)
    away(person("Cas"), None, today - timedelta(days=3), today)
    away(person("Dot"), None, today + timedelta(days=1), today + timedelta(days=2))
    day = wording.day(today, today=today)

    words = shown(client, leader())

    assert f"Ann is away until {day}; Ben stands in." in words
    assert f"Cas is away until {day}; nobody stands in." in words
    assert [said for said in ("Dot is away", "No leader") if said in words] == []


NOBODY_LEADS = "No leader of this team is here, so the missing coordinators are reminded instead."
NOBODY_HERE = (
    "No leader of this team is here, and no missing coordinator. Of a referral that nobody holds nobody at all is "
    "reminded. Ask an administrator to name a leader."
)


def test_the_tray_says_that_nobody_leads_it(tmp_path, client):
    returned(tmp_path)
    coordinator()
    ann = person("Ann")
    assert NOBODY_LEADS in shown(client, ann)
    sam = leader()
    assert NOBODY_LEADS not in shown(client, ann)

    absence = away(sam, None, now().date(), now().date())
    assert NOBODY_LEADS in shown(client, ann)

    absence.preferences.cover = ann
    absence.preferences.save()
    assert NOBODY_LEADS not in shown(client, ann)  # it says who stands in for Sam


def test_the_tray_says_that_nobody_is_reminded_where_no_coordinator_is_there_either(tmp_path, client):
    returned(tmp_path)
    ann = person("Ann")
    assert NOBODY_HERE in shown(client, ann)

    coordinator()
    assert NOBODY_HERE not in shown(client, ann)


# Of whom nobody at all can be told


def unheard(at="2026-06-10 12:00"):
    return telling.nobody_to_tell(london(at))


def test_a_referral_that_nobody_holds_in_a_team_without_leaders_and_coordinators_reaches_nobody(tmp_path):
    referral = returned(tmp_path)
    assert unheard() == [referral]

    give(referral, person("Ann"))
    assert unheard() == []


@pytest.mark.parametrize("there", ["a leader", "a leader's cover", "a coordinator", "a coordinator who is away"])
def test_one_person_who_can_be_told_is_enough(tmp_path, there):
    returned(tmp_path)
    {
        "a leader": leader,
        "a leader's cover": lambda: away(leader(), cover=person("Ben")),
        "a coordinator": coordinator,
        "a coordinator who is away": lambda: away(coordinator()),
    }[there]()

    assert unheard() == []


@pytest.mark.parametrize(
    "gone",
    [
        lambda: person("Ann", left_on=date(2026, 6, 9)),
        lambda: person("Ann", is_active=False),
        lambda: person("Ann", password=None),
        lambda: away(person("Ann")),
        lambda: away(person("Ann"), cover=person("Ben", password=None)),
    ],
    ids=["has left", "disabled", "only in records", "away", "whose cover is only in records"],
)
def test_a_worker_who_cannot_be_told_is_nobody(tmp_path, gone):
    referral = returned(tmp_path)
    give(referral, gone())

    assert unheard() == [referral]


def test_a_leader_whom_only_records_name_is_nobody_until_invited(tmp_path):
    referral = returned(tmp_path)
    sam = leader(password=None)
    assert unheard() == [referral]

    alex = person("Alex", Role.ADMINISTRATOR, team=None)
    invite(email=sam.email, name="Sam", role=Role.TEAM_LEADER, memberships={}, by=alex, now=london("2026-06-09 10:00"))
    assert unheard() == []


def test_of_a_restricted_child_somebody_who_is_named_is_needed(tmp_path):
    referral = returned(tmp_path)
    leader()
    restrict(person("Kim", team=None, left_on=date(2026, 6, 9)))
    assert unheard() == [referral]

    restrict(person("Lou", team=None))
    assert unheard() == []


def test_what_is_closed_needs_nobody(tmp_path):
    returned(tmp_path)
    Referral.objects.update(closed_at=london("2026-06-09 12:00"))

    assert unheard() == []


@pytest.mark.parametrize("rows", [1, 5])
def test_looking_for_them_costs_the_same_for_many(tmp_path, django_assert_num_queries, rows):
    referrals = [returned(tmp_path, number) for number in range(1, rows + 1)]
    for number, referral in enumerate(referrals):
        give(referral, person(f"Ann{number}", password=None))
    restrict()

    # referrals; teams, members, restricted children, who is named, people, absences, invitations
    with django_assert_num_queries(8):
        assert len(unheard()) == rows


def test_a_worker_whom_only_records_name_finds_it_once_invited_and_the_leader_is_told_why(tmp_path):
    give(returned(tmp_path), person("Ann", password=None))
    leader()

    assert told() == {"Ann": "", "Sam": "You are told because Ann cannot sign in yet."}
