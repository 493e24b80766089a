"""What lies in a tray, for whom, in which order, and how it is counted."""

import random
from datetime import timedelta

import pytest

from episodes.models import Access, Child, Involvement
from procedures.calendar import local_date
from rhi import listing
from rhi.actions import interviews
from rhi.filters import QUICK, birthday
from rhi.models import Appointment, Attempt, Interview, Offer
from routing.actions import Holder, allocate
from routing.gathering import age_on
from routing.models import Allocation, Deadline, Referral
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.desk import set_up
from tests.records import bring, child, episode, publish
from tests.rhi.holders import TAUNTON
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tmp_path):
    return set_up(tmp_path)


def the_words(response):
    return " ".join(response.content.decode().split())


def shown(client, team, query=""):
    """The keys of the referrals in a tray's list, in their order."""
    page = client.get(f"/trays/{team.pk}/{query}")
    assert page.status_code == 200
    names = page.content.decode().split('<h3 class="rhi-tray__name"><a class="govuk-link" href="/referrals/')
    return [int(part.split("/")[0]) for part in names[1:]]


def only_some(desk, number):
    """Close all but so many referrals."""
    keep = [referral.pk for referral in desk.referrals[:number]]
    Referral.objects.exclude(pk__in=keep).update(closed_at=now())


# The trays


def test_who_has_one_tray_is_led_into_it(client, desk):
    client.force_login(desk.leader)

    assert client.get("/trays/").headers["Location"] == f"/trays/{desk.tray.pk}/"


def test_a_coordinator_sees_every_tray_with_what_lies_in_it(client, desk):
    desk.hand(desk.referrals[0], desk.colleague)
    client.force_login(desk.coordinator)

    page = client.get("/trays/")

    assert [(team.name, counts.all, counts.nobody) for team, counts in page.context["waiting"]] == [(TAUNTON, 12, 11)]
    assert desk.provider in page.context["empty"]


def test_somebody_in_no_team_is_told_what_to_do(client):
    client.force_login(make_person())

    assert "You are in no team yet" in the_words(client.get("/trays/"))


@pytest.mark.parametrize("teams", [1, 3])
def test_the_list_of_trays_costs_the_same_for_many(client, desk, django_assert_num_queries, teams):
    for number in range(teams):
        team = Team.objects.create(name=f"Team {number}")
        allocate([(desk.referrals[number], Holder(team, None, rule="", because="Moved"), now())])
    client.force_login(desk.coordinator)
    client.get("/trays/")

    with django_assert_num_queries(4):  # session, person, teams, counts
        client.get("/trays/")


# Who sees a tray


def test_another_teams_tray_is_the_same_as_none(client, desk):
    other = Team.objects.create(name="Missing Team")
    client.force_login(desk.leader)

    assert client.get(f"/trays/{other.pk}/").status_code == 404
    assert client.get("/trays/999999/").status_code == 404
    denial = AuditEvent.objects.get(type="denied")
    assert denial.subject == f"staff.Team:{other.pk}"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.INTERVIEWER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_roles_without_trays_are_refused(client, desk, role):
    person = make_person("somebody@example.org", role=role)
    Membership.objects.create(user=person, team=desk.tray)
    client.force_login(person)

    assert client.get(f"/trays/{desk.tray.pk}/").status_code == 404


def test_a_tray_is_only_read(client, desk):
    client.force_login(desk.leader)

    assert client.post(f"/trays/{desk.tray.pk}/").status_code == 405


# What lies in it


def test_the_next_deadline_comes_first(client, desk):
    client.force_login(desk.leader)
    due = {each.pk: min(each.deadlines.filter(settled="").values_list("due_at", flat=True)) for each in desk.referrals}

    assert shown(client, desk.tray) == sorted(due, key=lambda key: (due[key], key))


def test_a_referral_without_an_open_clock_comes_last(client, desk):
    last = desk.referrals[5]
    Deadline.objects.filter(referral=last).update(settled="not_measurable")
    client.force_login(desk.leader)

    keys = shown(client, desk.tray)

    assert len(keys) == 12
    assert keys[-1] == last.pk
    assert "No clock is running" in the_words(client.get(f"/trays/{desk.tray.pk}/"))


def test_a_row_says_who_why_by_when_and_how_far(client, desk):
    only_some(desk, 1)
    desk.hand(desk.referrals[0], desk.colleague)
    client.force_login(desk.leader)

    page = the_words(client.get(f"/trays/{desk.tray.pk}/"))

    age = age_on(Child.objects.get(child_id="C0").date_of_birth, local_date(now()))
    assert f'href="/referrals/{desk.referrals[0].pk}/">Ash Ferris, {age}</a>' in page
    assert "1 episode <span" in page
    assert "Nothing logged yet" in page
    assert "<span>Nia Frost</span>" in page
    assert "rhi-standing rhi-standing--" in page


def test_a_name_is_shown_as_it_is_and_runs_nothing(client, desk):
    Child.objects.filter(child_id="C0").update(first_name="<b>{name}", last_name="[key] & Sons")
    client.force_login(desk.leader)

    page = client.get(f"/trays/{desk.tray.pk}/").content.decode()

    assert "&lt;b&gt;{name} [key] &amp; Sons, " in page


def test_a_question_is_marked_until_it_is_settled(client, desk):
    Referral.objects.filter(pk=desk.referrals[0].pk).update(question="Who holds it?")
    client.force_login(desk.leader)
    assert "Question</strong> Who holds it?" in the_words(client.get(f"/trays/{desk.tray.pk}/"))

    Referral.objects.filter(pk=desk.referrals[0].pk).update(question_settled_at=now())

    assert "Who holds it?" not in the_words(client.get(f"/trays/{desk.tray.pk}/"))


def test_what_is_closed_or_handed_away_is_not_there(client, desk):
    closed, away = desk.referrals[:2]
    Referral.objects.filter(pk=closed.pk).update(closed_at=now())
    allocate([(away, Holder(Team.objects.create(name="North"), None, rule="", because="Moved"), now())])
    client.force_login(desk.leader)

    assert {closed.pk, away.pk}.isdisjoint(shown(client, desk.tray))
    assert len(shown(client, desk.tray)) == 10


def test_a_restricted_child_is_in_no_list_and_in_no_count_but_for_who_is_named(client, desk):
    hidden = desk.referrals[0]
    Child.objects.filter(pk=hidden.child_id).update(restricted=True)
    Access.objects.create(child=hidden.child, user=desk.colleague, basis="restriction", since=now())
    for person, number in ((desk.leader, 11), (desk.coordinator, 11), (desk.colleague, 12)):
        client.force_login(person)
        page = client.get(f"/trays/{desk.tray.pk}/")
        assert page.context["workload"].all.all == number
        assert len(shown(client, desk.tray)) == number
        assert ("Ash Ferris" in the_words(page)) is (number == 12)
        assert ("Restricted</strong>" in the_words(page)) is (number == 12)


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ({}, "Nothing logged yet"),
        ({"attempts": 1}, "Tried once"),
        ({"attempts": 3}, "Tried 3 times"),
        ({"attempts": 2, "offers": 1}, "Offered"),
        ({"offers": 1, "refused": 1}, "Declined"),
        ({"offers": 1, "accepted": 1}, "Accepted"),
        ({"offers": 1, "accepted": 1, "booked": 1}, "Appointment booked"),
        ({"booked": 1, "held_at": now()}, "Held, to be written up"),
        ({"held_at": now(), "written_up_at": now()}, "Written up"),
    ],
)
def test_the_stage_is_the_last_thing_that_happened(facts, stage):
    assert listing.Progress(**facts).stage == stage


def test_progress_counts_each_fact_once(desk):
    referral = desk.referrals[0]
    interview = interviews.of_referral(referral)
    at = now()
    for number in range(3):
        Attempt.objects.create(
            child=referral.child,
            interview=interview,
            attempted_at=at - timedelta(hours=number),
            method="phone",
            contacted="child",
            result="no_answer",
        )
    Offer.objects.create(child=referral.child, interview=interview, to="child", response="accepted")
    Offer.objects.create(child=referral.child, interview=interview, to="parent", response="declined_by_parent")
    Appointment.objects.create(child=referral.child, interview=interview, at=at, method="telephone")

    assert listing.progress([referral.pk]) == {
        referral.pk: listing.Progress(episodes=1, attempts=3, offers=2, refused=1, accepted=1, booked=1)
    }
    assert Interview.objects.count() == 1


def test_an_empty_tray_says_what_to_do_next(client, desk):
    only_some(desk, 0)
    client.force_login(desk.leader)

    page = the_words(client.get(f"/trays/{desk.tray.pk}/"))

    assert "Nothing is waiting here." in page
    assert 'href="/children/find/">find the child</a>' in page


# Assigning from it


def test_who_may_assign_gets_boxes_that_carry_who_holds_it_now(client, desk):
    only_some(desk, 1)
    client.force_login(desk.leader)
    held = Allocation.objects.get(referral=desk.referrals[0], until=None)

    page = " ".join(client.get(f"/trays/{desk.tray.pk}/").content.decode().split())

    assert f'<form method="post" action="/trays/{desk.tray.pk}/assign/"' in page
    assert f'type="checkbox" name="referrals" value="{desk.referrals[0].pk}"' in page
    assert f'name="holding-{desk.referrals[0].pk}" value="{held.pk}"' in page
    assert f'href="/referrals/{desk.referrals[0].pk}/assign/"' in page


def test_who_may_not_assign_gets_none(client, desk):
    client.force_login(desk.caseworker)

    page = client.get(f"/trays/{desk.tray.pk}/").content.decode()

    assert "checkbox" not in page
    assert "/assign/" not in page


def test_a_practitioner_who_may_reassign_gets_boxes_too(client, desk):
    Membership.objects.filter(user=desk.caseworker).update(may_reassign=True)
    client.force_login(desk.caseworker)

    assert 'name="referrals"' in client.get(f"/trays/{desk.tray.pk}/").content.decode()


# Workload


def test_workload_stands_beside_every_name_of_the_team(client, desk):
    desk.hand(desk.referrals[0], desk.colleague)
    desk.hand(desk.referrals[11], desk.colleague)
    client.force_login(desk.leader)

    workload = client.get(f"/trays/{desk.tray.pk}/").context["workload"]

    late = sum(
        Deadline.objects.filter(referral=each, settled="", due_at__lt=now()).exists()
        for each in (desk.referrals[0], desk.referrals[11])
    )
    assert [(each.name, each.counts.all, each.counts.late) for each in workload.holdings] == [
        ("Nia Frost", 2, late),
        ("Robin Hale", 0, 0),
        ("Sam Okoro", 0, 0),
    ]
    assert (workload.all.all, workload.nobody.all) == (12, 10)


def test_somebody_who_left_is_named_only_while_they_still_hold_something(client, desk):
    desk.hand(desk.referrals[0], desk.colleague)
    for person in (desk.colleague, desk.caseworker):
        person.left_on = local_date(now())
        person.save()
    client.force_login(desk.leader)

    workload = client.get(f"/trays/{desk.tray.pk}/").context["workload"]

    assert [each.name for each in workload.holdings] == ["Nia Frost", "Sam Okoro"]


def test_a_crowded_tray_is_counted_only_when_asked(client, desk, monkeypatch):
    monkeypatch.setattr(listing, "CROWDED", 11)
    client.force_login(desk.leader)

    page = client.get(f"/trays/{desk.tray.pk}/")
    assert page.context["workload"] is None
    assert "Count who holds how many" in the_words(page)
    assert len(shown(client, desk.tray)) == 12

    assert client.get(f"/trays/{desk.tray.pk}/?counted=yes").context["workload"].all.all == 12
    monkeypatch.setattr(listing, "CROWDED", 12)
    assert client.get(f"/trays/{desk.tray.pk}/").context["workload"].all.all == 12


# Filters


def test_the_filters_narrow_the_list(client, desk):
    mine, young, looked_after = desk.referrals[:3]
    desk.hand(mine, desk.colleague)
    today = local_date(now())
    Child.objects.filter(pk=young.child_id).update(date_of_birth=birthday(today, 7))
    Involvement.objects.create(child=looked_after.child, service="looked_after", start=today)
    Involvement.objects.create(child=mine.child, service="looked_after", start="2020-01-01", end="2020-12-31")
    client.force_login(desk.leader)

    assert shown(client, desk.tray, f"?worker={desk.colleague.pk}") == [mine.pk]
    assert sorted(shown(client, desk.tray, "?worker=nobody")) == sorted(each.pk for each in desk.referrals[1:])
    assert shown(client, desk.tray, "?age=0-7") == [young.pk]
    assert shown(client, desk.tray, "?open_to=looked_after") == [looked_after.pk]
    assert mine.pk not in shown(client, desk.tray, "?open_to=child_protection")
    assert shown(client, desk.tray, "?age=0-7&worker=nobody&open_to=none") == [young.pk]
    assert shown(client, desk.tray, f"?age=0-7&worker={desk.colleague.pk}") == []


def test_what_was_chosen_stays_chosen(client, desk):
    client.force_login(desk.leader)

    page = the_words(client.get(f"/trays/{desk.tray.pk}/?show=nobody&age=8-12"))

    assert '<option value="8-12" selected>8 to 12</option>' in page
    assert '<input type="hidden" name="show" value="nobody">' in page
    assert '<details class="govuk-details rhi-tray-more" open>' in page


@pytest.mark.parametrize("query", ["?age=1000", "?show=everything", "?worker=999999", "?worker=Ash", "?open_to=x"])
def test_a_filter_that_there_is_not_shows_nothing_and_a_way_back(client, desk, query):
    client.force_login(desk.leader)

    page = client.get(f"/trays/{desk.tray.pk}/{query}")

    assert shown(client, desk.tray, query) == []
    assert 'No referral here fits these filters. <a class="govuk-link" href="?">' in the_words(page)


@pytest.mark.parametrize("day", ["2024-02-29", "2025-02-28", "2025-03-01", "2026-11-22"])
@pytest.mark.parametrize("years", [0, 7, 8, 13, 18])
def test_the_latest_birthday_of_an_age_is_the_latest(day, years):
    today = local_date(now()).fromisoformat(day)
    latest = birthday(today, years)

    assert age_on(latest, today) == years
    assert age_on(latest + timedelta(days=1), today) == years - 1


def test_the_counts_beside_the_quick_filters_equal_their_lists(client, desk):
    chance = random.Random(20261122)
    client.force_login(desk.leader)
    for _ in range(12):
        at = now()
        for referral in desk.referrals:
            holder = chance.choice([None, None, desk.caseworker, desk.colleague])
            Allocation.objects.filter(referral=referral, until=None).update(worker=holder)
            Referral.objects.filter(pk=referral.pk).update(
                question=chance.choice(["", "", "Who?"]),
                question_settled_at=chance.choice([None, at]),
                closed_at=chance.choice([None, None, None, at]),
            )
            Child.objects.filter(pk=referral.child_id).update(restricted=chance.random() < 0.2)
            for clock in referral.deadlines.all():
                clock.due_at = at + timedelta(hours=chance.choice([-30, -1, 1, 23, 25, 80]))
                clock.settled = chance.choice(["", "", "met", "not_applicable"])
                clock.save()

        counts = client.get(f"/trays/{desk.tray.pk}/").context["workload"].all

        lists = {name: shown(client, desk.tray, f"?show={name}") for name, _ in QUICK}
        assert {name: len(keys) for name, keys in lists.items()} == {name: getattr(counts, name) for name, _ in QUICK}
        assert all(len(keys) == len(set(keys)) for keys in lists.values())


# Pages


def test_pages_hold_each_referral_once(client, desk, monkeypatch):
    monkeypatch.setattr("rhi.views.trays.PAGE", 5)
    Deadline.objects.filter(referral__in=desk.referrals[:4]).update(settled="not_measurable")
    client.force_login(desk.leader)

    pages = [shown(client, desk.tray, f"?page={number}") for number in (1, 2, 3)]

    assert [len(page) for page in pages] == [5, 5, 2]
    assert len({key for page in pages for key in page}) == 12
    assert [key for page in pages for key in page][-4:] == sorted(each.pk for each in desk.referrals[:4])
    assert client.get(f"/trays/{desk.tray.pk}/?page=3").context["next"] == ""
    assert client.get(f"/trays/{desk.tray.pk}/?show=all&page=2").context["next"] == "?show=all&page=3"


@pytest.mark.parametrize("page", ["0", "-1", "x", "٣", "99999999999", ""])
def test_a_page_that_there_is_not_is_the_first(client, desk, page):
    client.force_login(desk.leader)

    assert client.get(f"/trays/{desk.tray.pk}/", {"page": page}).context["page"] == 1


def test_a_page_beyond_the_end_leads_back(client, desk):
    client.force_login(desk.leader)

    assert "Nothing lies on this page any more." in the_words(client.get(f"/trays/{desk.tray.pk}/?page=7"))


# The trail, and what it costs


def test_a_read_of_a_tray_is_one_line_with_the_children_it_showed(client, desk):
    only_some(desk, 2)
    client.force_login(desk.leader)

    client.get(f"/trays/{desk.tray.pk}/?show=nobody")

    line = AuditEvent.objects.get(type="list_read")
    assert line.children == ["C0", "C1"]
    assert line.subject == f"staff.Team:{desk.tray.pk}"
    assert line.detail == {"page": 1, "filters": {"show": "nobody"}}
    assert line.by_email == "sam.okoro@example.org"


@pytest.mark.parametrize("query", ["", "?show=all&age=13-15&worker=nobody&open_to=child_in_need"])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_tray_costs_the_same_with_many_rows(client, desk, django_assert_num_queries, rows, query):
    only_some(desk, rows)
    for referral in desk.referrals:
        Involvement.objects.get_or_create(child=referral.child, service="child_in_need", start="2026-01-05")
    client.force_login(desk.leader)
    client.get(f"/trays/{desk.tray.pk}/{query}")

    # session, person, tray with its members, workload, rows with and without a clock, progress, and the line in the
    # trail in its own transaction
    with django_assert_num_queries(10):
        client.get(f"/trays/{desk.tray.pk}/{query}")


def test_a_child_who_came_back_lies_in_the_tray_of_their_area(client, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    leader = make_person(role=Role.TEAM_LEADER)
    Membership.objects.create(user=leader, team=Team.objects.get(name=TAUNTON))
    client.force_login(leader)

    assert shown(client, Team.objects.get(name=TAUNTON)) == [Referral.objects.get().pk]
