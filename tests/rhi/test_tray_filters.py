"""A tray narrowed, counted and paged."""

import random
from datetime import timedelta

import pytest

from episodes.models import Child, Involvement
from procedures.calendar import local_date
from rhi import listing
from rhi.filters import QUICK, birthday
from routing.gathering import age_on
from routing.models import Allocation, Deadline, Referral
from tests.rhi.holders import the_words
from tests.rhi.tray_pages import shown
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db

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


def test_somebody_who_left_is_named_as_such_and_only_while_they_still_hold_something(client, desk):
    desk.hand(desk.referrals[0], desk.colleague)
    for person in (desk.colleague, desk.caseworker):
        person.left_on = local_date(now())
        person.save()
    client.force_login(desk.leader)

    workload = client.get(f"/trays/{desk.tray.pk}/").context["workload"]

    assert [each.name for each in workload.holdings] == ["Sam Okoro"]
    assert [(each.name, each.counts.all) for each in workload.left] == [("Nia Frost (has left)", 1)]
    assert workload.nobody.all == 12


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
    gone = make_person("gone@example.org", "Ash Gone", left_on=local_date(now()))
    client.force_login(desk.leader)
    for _ in range(12):
        at = now()
        for referral in desk.referrals:
            holder = chance.choice([None, None, desk.caseworker, desk.colleague, gone])
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
