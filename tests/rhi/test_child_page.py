"""The page of a child: who they are, what they are open to, and everything that has happened."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.urls import reverse

from episodes import access
from episodes.models import Access, Child, Episode
from rhi.views import child_page
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, interview, involvement, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

TAUNTON = "Family Intervention Service: Taunton"


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("rhi.views.children.timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture(autouse=True)
def procedure():
    return publish("somerset")


@pytest.fixture
def priya():
    return make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)


@pytest.fixture
def look(client, priya):
    """The page of the only child, as somebody sees it, in words with each space once."""

    def look(by=priya):
        client.force_login(by)
        return " ".join(client.get(address()).content.decode().split())

    return look


def address(name="child"):
    return reverse(f"rhi:{name}", args=[Child.objects.get().pk])


def of_taunton(email, name, role):
    person = make_person(email, name, role)
    Membership.objects.create(user=person, team=Team.objects.get(name=TAUNTON))
    return person


# Who it is


@pytest.mark.parametrize(
    ("born", "now", "age"),
    [
        ("2012-06-15", "2026-06-14 23:59", 13),
        ("2012-06-15", "2026-06-15 00:00", 14),
        ("2012-02-29", "2026-02-28 23:59", 13),
        ("2012-02-29", "2026-03-01 00:00", 14),
    ],
)
def test_age_turns_on_the_birthday_by_local_time(born, now, age):
    context = Context({"born": datetime.fromisoformat(born).date(), "now": london(now)})

    assert Template("{% load child %}{{ born|age:now }}").render(context) == str(age)


def test_the_identity_bar_says_who_it_is_and_what_they_are_open_to(tmp_path, look):
    bring(
        tmp_path,
        children=[child()],
        involvements=[involvement(), involvement("child_protection"), involvement("assessment", end="2026-02-01")],
    )
    page = look()

    assert '<h1 class="rhi-identity__name">Robin Example</h1>' in page
    assert '14 <span class="rhi-identity__born">(born 15 Jan 2012)</span>' in page
    tags = [words for words in ("Child in need", "Child protection", "Assessment") if f'blue">{words}<' in page]
    assert tags == ["Child in need", "Child protection"]
    assert "<title> C1 – Return home interviews </title>" in page  # no name in a tab or a history


@pytest.mark.parametrize(
    ("recorded", "shown"),
    [("BAFR", "Black African"), ("WBRI", "White British"), ("White and Fijian", "White and Fijian"), ("bafr", "bafr")],
)
def test_an_ethnicity_is_shown_in_words(tmp_path, look, recorded, shown):
    bring(tmp_path, children=[child(sex="F", ethnicity=recorded)])

    assert f"Female, {shown}" in look()


def test_a_restricted_child_bears_the_mark(tmp_path, look, priya):
    bring(tmp_path, children=[child()])
    access.restrict(Child.objects.get(), people=[], because="A relative works here.", by=priya, now=NOW)

    assert "Restricted</strong>" in look()


def test_what_is_open_names_team_and_worker_and_what_is_over_stands_apart(tmp_path):
    bring(tmp_path, children=[child()], involvements=[involvement(), involvement("assessment", end="2026-02-01")])
    page = child_page.gather(Child.objects.get(), with_access=False, now=NOW)

    assert [(row.service, row.team.name, row.worker.email) for row in page.involvements] == [
        ("child_in_need", "North", "ann@example.org")
    ]
    assert [row.service for row in page.past_involvements] == ["assessment"]


def test_carers_say_in_words_whether_they_may_be_called(tmp_path, look):
    carers = [("Jo", "Y", "01632 960001"), ("Lee", "N", "01632 960002"), ("Kim", "", "01632 960003")]
    bring(
        tmp_path,
        children=[child()],
        carers=[
            {"child_id": "C1", "name": name, "relationship": "Parent", "safe_to_contact": safe, "phone": phone}
            for name, safe, phone in carers
        ],
    )
    page = look()

    assert [words for words in ("Safe to contact<", "Not safe: do not", "Not known if safe") if words not in page] == []
    assert [phone for _, _, phone in carers if f'tel:{phone.replace(" ", "")}"' in page] == [
        "01632 960001",
        "01632 960003",
    ]
    assert "01632 960002" in page  # to be recognised when it rings


# What has happened


def test_whoever_is_missing_now_is_said_so_first_with_the_way_to_record_the_return(tmp_path, look):
    bring(
        tmp_path,
        children=[child()],
        episodes=[episode(last_seen_at="2026-06-14T20:00", returned_at="", notified_at="")],
    )
    page = look()

    assert "Missing now, since Sun 14 Jun, 20:00" in page
    assert "(16 hours)" in page
    assert reverse("rhi:record_return", args=[Episode.objects.get().pk]) in page


def test_an_episode_that_has_ended_at_an_unknown_time_is_not_missing_now(tmp_path, look):
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="", notified_at="", ended_how="returned")])

    assert "Missing now" not in look()


def test_repeat_episodes_are_counted_over_ninety_days_today_included(tmp_path, look):
    seen = {"in": "2026-03-18T00:00", "too_early": "2026-03-17T23:59", "today": "2026-06-15T08:00"}
    rows = [
        episode(name, last_seen_at=at, returned_at=f"{at[:10]}T23:59" if name != "today" else "2026-06-15T09:00")
        for name, at in seen.items()
    ]
    away = episode("away", kind="away", last_seen_at="2026-06-01T08:00", returned_at="2026-06-01T09:00")
    bring(tmp_path, children=[child()], episodes=[*rows, away])

    assert "<strong>2 missing episodes in the last 90 days</strong>, 3 in all; 1 away without authorisation." in look()


def test_a_withdrawn_episode_is_kept_with_its_reason_and_counted_apart(tmp_path, look):
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", last_seen_at="2026-05-11T21:00")])
    Episode.objects.filter(episode_id="E2").update(withdrawn_at=NOW, withdrawn_because="Reported twice.")
    page = look()

    assert "1 missing episode in the last 90 days</strong>, 1 in all; 1 withdrawn and not counted." in page
    assert "Reported twice. (Mon 15 Jun, 12:00)" in page


def test_interviews_stand_with_their_outcomes(tmp_path, look):
    held = interview(
        team="North",
        worker_email="ann@example.org",
        method="face_to_face",
        held_at="2026-05-13T10:00",
        outcome="completed",
    )
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[held])
    page = look()

    assert "Held Wed 13 May, 10:00 </a>" in page
    assert "E1: completed</span>" in page
    assert "Not written up yet" in page


def test_an_open_referral_says_who_holds_it_and_what_runs_out_first(tmp_path, look):
    bring(tmp_path, children=[child()], episodes=[episode()])
    page = look()

    assert f"in the tray of {TAUNTON}" in page
    assert '<span class="rhi-clock__name">A worker assigned</span>' in page


# What a person may do here


LINKS = ("new_episode", "correct_child", "restrict")


@pytest.mark.parametrize(
    ("role", "links", "sees_access"),
    [
        (Role.CASEWORKER, ["new_episode"], False),
        (Role.TEAM_LEADER, ["new_episode", "correct_child"], True),
        (Role.COORDINATOR, ["new_episode", "correct_child", "restrict"], True),
    ],
)
def test_only_what_a_person_may_do_is_offered(tmp_path, look, role, links, sees_access):
    bring(tmp_path, children=[child()], episodes=[episode()])
    page = look(of_taunton("lee.marsh@example.org", "Lee Marsh", role))

    assert [name for name in LINKS if f'"{address(name)}"' in page] == links
    assert ("Who can see this child" in page) is sees_access
    assert (reverse("rhi:withdraw", args=[Episode.objects.get().pk]) in page) is ("correct_child" in links)


def test_who_can_see_the_child_is_said_with_the_reason(tmp_path, priya):
    bring(tmp_path, children=[child()], episodes=[episode()], involvements=[involvement(end="2026-06-01")])
    robin, record = make_person(), Child.objects.get()
    Access.objects.create(
        child=record, user=robin, basis="break_glass", since=NOW, until=NOW + timedelta(days=1), because="She rang us."
    )
    page = child_page.gather(record, with_access=True, now=NOW)

    assert [(row.basis, row.because) for row in page.accesses] == [("break_glass", "She rang us."), ("allocation", "")]
    assert [row.basis for row in page.past_accesses] == ["involvement"]


def test_the_same_access_is_said_once_however_many_referrals_it_rests_on(tmp_path):
    bring(tmp_path, children=[child()], episodes=[episode()])
    first = Access.objects.get()
    Access.objects.create(child=first.child, team=first.team, basis="allocation", since=NOW)
    page = child_page.gather(first.child, with_access=True, now=NOW)

    assert page.accesses == [first]


@pytest.mark.parametrize("who", ["other", "restricted", "absent"])
def test_a_child_who_is_not_theirs_is_to_the_letter_the_same_as_none(client, tmp_path, who):
    bring(tmp_path, children=[child(restricted="Y" if who == "restricted" else "N")], episodes=[episode()])
    client.force_login(make_person())
    pk = Child.objects.get().pk + (1000 if who == "absent" else 0)
    response = client.get(reverse("rhi:child", args=[pk]))

    assert response.status_code == 404
    assert response.content == client.get(reverse("rhi:child", args=[10_000_000])).content
    assert AuditEvent.objects.filter(type="denied").count() == (0 if who == "absent" else 1)


def test_reading_the_page_is_on_the_trail(tmp_path, look, priya):
    bring(tmp_path, children=[child()])
    look()

    event = AuditEvent.objects.get(type="child_read")
    assert (event.at, event.by_id, event.children) == (NOW, priya.pk, ["C1"])


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_much_has_happened(client, tmp_path, priya, django_assert_num_queries, number):
    several = range(1, number + 1)
    bring(
        tmp_path,
        children=[child()],
        carers=[{"child_id": "C1", "name": f"Carer {each}", "relationship": "Parent"} for each in several],
        involvements=[
            involvement("child_in_need", start=f"2026-01-0{each}", worker_email=f"w{each}@example.org", team=f"T{each}")
            for each in several
        ],
        episodes=[
            episode(f"E{each}", last_seen_at=f"2026-04-0{each}T08:00", returned_at=f"2026-04-0{each}T09:00")
            for each in range(1, 2 * number + 1)
        ],
        interviews=[
            interview(
                f"I{each}", episode_ids=f"E{each}", worker_email=f"w{each}@example.org", held_at="2026-05-13T10:00"
            )
            | {"outcome": "completed"}
            for each in several
        ],
    )
    client.force_login(priya)
    client.get(address())

    # session, person, child, may work, involvements, referrals with holders and clocks, access, carers, episodes,
    # interviews with outcomes, warnings, what follows, trail in a savepoint
    with django_assert_num_queries(19):
        response = client.get(address())
    page = response.context["page"]
    assert [len(rows) for rows in (page.carers, page.involvements, page.interviews)] == [number] * 3
