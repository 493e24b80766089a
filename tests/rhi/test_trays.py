"""What lies in a tray, for whom and in which order; its line in the trail, and what it costs."""

from datetime import timedelta

import pytest

from episodes.models import Access, Child, Involvement
from procedures.calendar import local_date
from rhi import listing
from rhi.actions import interviews
from rhi.models import Appointment, Attempt, Interview, Offer
from routing.actions import Holder, allocate
from routing.gathering import age_on
from routing.models import Allocation, Deadline, Referral
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, publish
from tests.rhi.holders import TAUNTON, the_words
from tests.rhi.tray_pages import only_some, shown
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db

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
        referral.pk: listing.Progress(
            episodes=1, attempts=3, offers=2, refused=1, accepted=1, booked=1, in_tray_at=referral.in_tray_at
        )
    }
    assert Interview.objects.count() == 1


def test_a_row_says_that_a_form_is_owed_also_after_another_one_was_written_up(client, desk):
    """Of two interviews of one referral the first is written up; the second was held later, and is not."""
    referral = desk.referrals[0]
    first, at = interviews.of_referral(referral), now()
    Interview.objects.filter(pk=first.pk).update(held_at=at - timedelta(days=2), written_up_at=at - timedelta(days=1))
    client.force_login(desk.leader)
    assert "Written up" in row_of(client, desk, referral)
    Interview.objects.create(child=referral.child, referral=referral, reference="second", held_at=at)

    assert "Held, to be written up, form owed" in row_of(client, desk, referral)


def test_a_row_says_how_long_its_question_has_waited(client, desk):
    referral = desk.referrals[0]
    Referral.objects.filter(pk=referral.pk).update(question="Who holds this?", in_tray_at=now() - timedelta(hours=5))
    client.force_login(desk.leader)

    assert "Nothing logged yet, question waits 5 hours" in row_of(client, desk, referral)
    Referral.objects.filter(pk=referral.pk).update(question_settled_at=now())
    assert "question waits" not in row_of(client, desk, referral)


def row_of(client, desk, referral):
    """What the tray says of one referral."""
    rows = client.get(f"/trays/{desk.tray.pk}/").context["rows"]
    return next(str(row) for row in rows if f"/referrals/{referral.pk}/" in row)


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
