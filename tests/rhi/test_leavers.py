"""What somebody who has left still holds: shown as theirs who left, counted with nobody's, and given to somebody."""

from datetime import timedelta

import pytest
from django.urls import reverse

from procedures.calendar import local_date
from rhi.actions import assigning
from rhi.models import Interview
from routing.models import Referral
from staff.models import AuditEvent, Team, User
from staff.permissions import Role
from tests.rhi import case_work
from tests.rhi.case_work import case, complete, hold, member, work, write_up
from tests.rhi.holders import errors, holding, post, the_words
from tests.rhi.tray_pages import shown
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


def leave(person, **gone):
    User.objects.filter(pk=person.pk).update(**(gone or {"left_on": local_date(now())}))


# In the tray


@pytest.mark.parametrize("gone", ["closed", "left"])
def test_the_tray_says_of_a_leaver_that_they_have_left_and_counts_theirs_with_nobodys(client, desk, gone):
    desk.hand(desk.referrals[0], desk.colleague)
    desk.hand(desk.referrals[1], desk.caseworker)
    leave(desk.colleague, **({"is_active": False} if gone == "closed" else {}))
    client.force_login(desk.leader)

    page = client.get(f"/trays/{desk.tray.pk}/")

    words = the_words(page)
    assert words.count('<span class="rhi-tray__nobody">Nia Frost (has left)</span>') == 1
    assert "<span>Robin Hale</span>" in words
    assert (page.context["workload"].all.nobody, page.context["workload"].nobody.all) == (11, 11)
    theirs = sorted(each.pk for each in desk.referrals if each != desk.referrals[1])
    assert sorted(shown(client, desk.tray, "?show=nobody")) == theirs
    assert sorted(shown(client, desk.tray, "?worker=nobody")) == theirs
    assert shown(client, desk.tray, f"?worker={desk.colleague.pk}") == [desk.referrals[0].pk]


def test_who_leaves_tomorrow_has_not_left(client, desk):
    desk.hand(desk.referrals[0], desk.colleague)
    leave(desk.colleague, left_on=local_date(now()) + timedelta(days=1))
    client.force_login(desk.leader)

    page = client.get(f"/trays/{desk.tray.pk}/")

    assert page.context["workload"].all.nobody == 11
    assert "(has left)" not in the_words(page)


def test_the_numbers_of_my_work_and_of_the_trays_count_a_leavers_with_nobodys(client, desk):
    desk.hand(desk.referrals[0], desk.colleague)
    leave(desk.colleague)

    ((_, counts),) = work(client, desk.leader).context["trays"]
    client.force_login(desk.coordinator)
    ((_, waiting),) = client.get("/trays/").context["waiting"]

    assert (counts.nobody, waiting.nobody) == (12, 12)


def test_the_referral_says_that_its_holder_has_left_and_what_to_do(client, desk):
    referral = desk.referrals[0]
    desk.hand(referral, desk.colleague)
    client.force_login(desk.leader)
    address = reverse("rhi:referral", args=[referral.pk])
    assert "(has left)" not in the_words(client.get(address))

    leave(desk.colleague)

    page = client.get(address)
    assert "Nia Frost (has left)" in the_words(page)
    assert page.context["step"].title == "Give it to a worker"
    assert page.context["step"].words == "Nia Frost holds it and has left, so nobody sees to it."
    assert "Nia Frost (has left)" in the_words(client.get(reverse("rhi:assign", args=[referral.pk])))


# A closed team


def test_the_tray_of_a_closed_team_is_marked(client, desk):
    client.force_login(desk.coordinator)
    address, mark = f"/trays/{desk.tray.pk}/", "This team has been closed since"
    Team.objects.filter(pk=desk.tray.pk).update(closed_on=local_date(now()) + timedelta(days=1))
    assert mark not in the_words(client.get(address))
    assert '<span class="rhi-secondary">Closed</span>' not in the_words(client.get("/trays/"))
    assert "(closed)" not in the_words(work(client, desk.leader))

    Team.objects.filter(pk=desk.tray.pk).update(closed_on=local_date(now()))

    client.force_login(desk.coordinator)
    assert mark in the_words(client.get(address))
    assert '<span class="rhi-secondary">Closed</span>' in the_words(client.get("/trays/"))
    assert "(closed)" in the_words(work(client, desk.leader))


# What they have not written up


@pytest.fixture
def owed(tmp_path):
    """A referral that is closed, whose interview Ann has held and not written up; Ann has left."""
    referral = case(tmp_path)
    ann = member()
    case_work.give(referral, ann)
    hold(referral, ann)
    complete(referral, ann)
    leave(ann)
    return Referral.objects.get()


@pytest.fixture
def sam(owed):
    return member("sam@example.org", Role.TEAM_LEADER)


@pytest.fixture
def ben(owed):
    return member("ben@example.org")


def test_what_a_leaver_has_not_written_up_waits_for_the_leader(client, owed, sam, ben):
    interview = Interview.objects.get()

    page = work(client, sam)

    assert list(page.context["left"]) == [interview]
    assert reverse("rhi:assign", args=[owed.pk]) in the_words(page)
    assert AuditEvent.objects.filter(type="list_read").latest("pk").children == ["C1"]
    assert list(work(client, ben).context["left"]) == []
    assert list(work(client, make_person("di@example.org", role=Role.COORDINATOR)).context["left"]) == [interview]
    elsewhere = Team.objects.create(name="Elsewhere")
    other = member("kim@example.org", Role.TEAM_LEADER, team=elsewhere.name)
    assert list(work(client, other).context["left"]) == []


def test_while_its_worker_is_here_it_waits_for_them_and_not_for_the_leader(client, owed, sam):
    User.objects.update(left_on=None)

    assert list(work(client, sam).context["left"]) == []


def test_the_leader_gives_it_to_somebody_who_then_writes_it_up(client, owed, sam, ben):
    client.force_login(sam)
    shown_to = client.get(reverse("rhi:assign", args=[owed.pk]))
    assert "its form is still to be written up" in the_words(shown_to)
    assert [value for value, _ in shown_to.context["form"].fields["holder"].choices] == [str(ben.pk), str(sam.pk)]

    told = post(client, "assign", owed, holder=ben.pk, reason="Ann has left.", follow=True)

    assert f"Ben now has R{owed.pk} to write up." in the_words(told)
    assert holding(owed).worker == ben
    assert list(work(client, sam).context["left"]) == []
    assert list(work(client, ben).context["writing"]) == [Interview.objects.get()]
    assert client.get(reverse("rhi:form", args=[owed.pk])).status_code == 200
    assert Interview.objects.get().worker.name == "Ann"
    assert Referral.objects.get().closed_at == owed.closed_at


def test_the_referral_page_of_it_says_whom_it_waits_for(client, owed, sam):
    client.force_login(sam)

    page = client.get(reverse("rhi:referral", args=[owed.pk]))

    assert page.context["step"].waits_for == "Ann has left. The team’s leader gives it to somebody else."
    assert page.context["ways"][0] == {
        "words": "Give it to somebody else",
        "to": reverse("rhi:assign", args=[owed.pk]),
    }
    assert "Give the form to somebody else" in [way["words"] for way in page.context["actions"]]


def test_what_is_closed_goes_back_to_no_tray(owed, sam):
    seen = [assigning.Seen(owed.pk, holding(owed).pk)]

    with pytest.raises(assigning.AssigningRefused, match=r"has been closed"):
        assigning.assign(seen=seen, worker=None, reason="Ann has left.", by=sam, now=now())


def test_once_it_is_written_up_nobody_can_be_given_it(client, owed, sam, ben):
    write_up(Interview.objects.get(), ben)
    client.force_login(sam)
    address = reverse("rhi:assign", args=[owed.pk])

    assert client.get(address).headers["Location"] == reverse("rhi:referral", args=[owed.pk])
    refused = post(client, "assign", owed, holder=ben.pk, reason="Ann has left.")

    assert errors(refused) == [f"R{owed.pk} has been closed, so nobody can be given it any more."]
    assert list(work(client, sam).context["left"]) == []


@pytest.mark.parametrize("page", ["hand_over", "override"])
def test_only_the_form_of_a_closed_referral_can_be_given(client, owed, sam, page):
    client.force_login(sam)

    answer = client.get(reverse(f"rhi:{page}", args=[owed.pk]))

    assert answer.headers["Location"] == reverse("rhi:referral", args=[owed.pk])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_many_leavers_left(client, tmp_path, rows, django_assert_num_queries):
    everything = [case(tmp_path, number) for number in range(1, rows + 1)]
    sam, ann = member("sam@example.org", Role.TEAM_LEADER), member()
    for referral in everything:
        case_work.give(referral, ann)
        hold(referral, ann)
        complete(referral, ann)
    leave(ann)
    work(client, sam)

    # session, person; referrals held, notices, questions, to write up, left by others, to sign off, tasks; the trays
    # and their numbers; trail (3)
    with django_assert_num_queries(16):
        page = client.get("/")

    assert len(page.context["left"]) == rows


# Where a coordinator looks


def test_a_coordinator_without_work_is_sent_to_the_trays(client, desk):
    words = the_words(work(client, desk.coordinator))

    assert (
        f'<a class="govuk-link" href="{reverse("rhi:trays")}">Look in the trays</a> for what nobody holds yet.' in words
    )
    assert "your team" not in words
