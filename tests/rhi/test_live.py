"""What a page that stays open asks: how much is new, in a few queries, of nobody's record, keeping nobody signed in."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from rhi.actions import contact
from rhi.models import Notice
from rhi.views import marks
from routing.models import Allocation, Referral, Task
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.desk import local
from tests.records import bring, child, episode
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


def come_back(folder, number):
    """One more child comes back: the referral goes into the tray of the desk."""
    at = now() - timedelta(hours=number)
    bring(
        folder / f"more{number}",
        now=now(),
        children=[child(f"M{number}")],
        episodes=[
            episode(f"ME{number}", f"M{number}", last_seen_at=local(at - timedelta(hours=5)), returned_at=local(at))
        ],
    )
    return Referral.objects.get(child__child_id=f"M{number}")


def asked_by(response):
    """Where a page asks for what is new."""
    (address,) = re.findall(r'data-rhi-look="([^"]+)"', response.content.decode())
    return address.replace("&amp;", "&")


def says(client, address):
    response = client.get(address)
    assert response.headers["Content-Type"] == "application/json"
    return response.json()["says"]


def opened(client, person, name, *args):
    """Open a page as somebody; answers where it asks."""
    client.force_login(person)
    return asked_by(client.get(reverse(name, args=args)))


# The tray


@pytest.mark.parametrize(("come", "words"), [(0, ""), (1, "1 new in this tray"), (3, "3 new in this tray")])
def test_a_tray_says_how_many_have_come_since_it_was_opened(client, desk, tmp_path, come, words):
    asks = opened(client, desk.leader, "rhi:tray", desk.tray.pk)

    for number in range(come):
        come_back(tmp_path, number)

    assert says(client, asks) == words


def test_what_is_only_given_to_a_colleague_is_not_new(client, desk):
    asks = opened(client, desk.leader, "rhi:tray", desk.tray.pk)

    desk.hand(desk.referrals[0], desk.caseworker)

    assert says(client, asks) == ""


def test_what_another_team_hands_over_is_new_there_and_changes_the_tray_it_leaves(client, desk):
    other = Team.objects.create(name="Family Intervention Service: Mendip", kind=Team.Kind.SERVICE)
    Membership.objects.create(user=desk.caseworker, team=other)
    Membership.objects.create(user=desk.leader, team=other)
    here = opened(client, desk.leader, "rhi:tray", desk.tray.pk)
    there = opened(client, desk.leader, "rhi:tray", other.pk)

    desk.hand(desk.referrals[0], None, other)

    assert (says(client, there), says(client, here)) == ("1 new in this tray", "This tray has changed")


def test_what_was_being_recorded_while_the_tray_was_drawn_counts_as_new(client, desk, tmp_path):
    """Its key was given out before the page was made, and it could be seen only afterwards."""
    asks = opened(client, desk.leader, "rhi:tray", desk.tray.pk)
    come_back(tmp_path, 1)
    marked = parse_qs(urlsplit(asks).query)
    newest = Allocation.objects.order_by("-pk").first().pk

    assert says(client, f"{urlsplit(asks).path}?after={newest}&of={marked['of'][0]}") == "1 new in this tray"


def test_a_tray_that_was_too_full_to_count_still_says_what_is_new(client, desk, tmp_path):
    asks = opened(client, desk.leader, "rhi:tray", desk.tray.pk).split("&")[0]
    assert says(client, asks) == ""

    come_back(tmp_path, 1)

    assert says(client, asks) == "1 new in this tray"


def test_a_restricted_child_is_new_to_nobody_who_may_not_see_the_child(client, desk, tmp_path):
    asks = opened(client, desk.leader, "rhi:tray", desk.tray.pk)
    referral = come_back(tmp_path, 1)
    type(referral.child).objects.filter(pk=referral.child_id).update(restricted=True)

    assert says(client, asks) == ""


@pytest.mark.parametrize("marks", ["", "?after=", "?after=x", "?after=-1", "?after=" + "9" * 40, "?of=3", "?after=²"])
def test_an_address_without_a_sound_mark_says_nothing(client, desk, marks):
    client.force_login(desk.leader)

    assert says(client, reverse("rhi:tray_news", args=[desk.tray.pk]) + marks) == ""


# Somebody's own work


def test_my_work_says_what_others_have_brought_since(client, desk):
    asks = opened(client, desk.caseworker, "rhi:home")

    desk.hand(desk.referrals[0], desk.caseworker)
    Notice.objects.create(child=desk.referrals[1].child, to=desk.caseworker, about="Read this.", at=now())
    Task.objects.create(
        child=desk.referrals[2].child,
        referral=desk.referrals[2],
        kind=Task.Kind.TELL_AUTHORITY,
        about="Tell them.",
        clause="Somerset 8",
        owner=desk.caseworker,
        opened_at=now(),
    )

    assert says(client, asks) == "3 new for you"


def test_my_work_says_when_something_has_gone(client, desk):
    desk.hand(desk.referrals[0], desk.caseworker)
    asks = opened(client, desk.caseworker, "rhi:home")
    assert says(client, asks) == ""

    desk.hand(desk.referrals[0], desk.colleague)

    assert says(client, asks) == "Your work has changed"


def test_a_page_that_shows_too_much_to_say_so_asks_nothing():
    assert marks.work_look(marks.tokens(held=range(marks.MOST + 1))) == ""
    longest = marks.work_look(marks.tokens(held=range(10**7, 10**7 + marks.MOST)))
    assert 0 < len(longest) < 4000  # a server takes 4094 for the first line of a request


# A referral


def test_a_referral_says_when_somebody_has_changed_it(client, desk):
    asks = opened(client, desk.caseworker, "rhi:referral", desk.referrals[0].pk)
    assert says(client, asks) == ""

    contact.log_attempt(
        desk.referrals[0],
        attempted_at=now(),
        method="phone",
        contacted="child",
        result="no_answer",
        by=desk.colleague,
        now=now(),
    )

    assert says(client, asks) == "Somebody has changed this referral"


def test_a_referral_that_is_given_away_says_so(client, desk):
    asks = opened(client, desk.caseworker, "rhi:referral", desk.referrals[0].pk)

    desk.hand(desk.referrals[0], desk.colleague)

    assert says(client, asks) == "Somebody has changed this referral"


def test_what_happens_to_another_referral_is_no_change(client, desk):
    asks = opened(client, desk.caseworker, "rhi:referral", desk.referrals[0].pk)

    desk.hand(desk.referrals[1], desk.colleague)

    assert says(client, asks) == ""


# What asking costs, and what it leaves


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    [
        ("rhi:tray", 5),  # session, person, team, how many came, how many lie there
        ("rhi:home", 9),  # session, person, the seven kinds of what others bring
        ("rhi:referral", 4),  # session, person, referral, how it stands
    ],
)
def test_asking_costs_the_same_however_much_has_come(
    client, desk, tmp_path, django_assert_num_queries, rows, page, queries
):
    arguments = {"rhi:tray": [desk.tray.pk], "rhi:home": [], "rhi:referral": [desk.referrals[0].pk]}[page]
    asks = opened(client, desk.leader, page, *arguments)
    for number in range(rows):
        desk.hand(come_back(tmp_path, number), desk.leader)
        desk.hand(desk.referrals[0], desk.colleague if number % 2 else desk.caseworker)

    with django_assert_num_queries(queries):
        assert says(client, asks)


def test_asking_leaves_no_line_of_reading_and_says_nobodys_name(client, desk, tmp_path):
    asks = [
        opened(client, desk.leader, "rhi:tray", desk.tray.pk),
        opened(client, desk.leader, "rhi:home"),
        opened(client, desk.leader, "rhi:referral", desk.referrals[0].pk),
    ]
    desk.hand(desk.referrals[0], desk.leader)
    come_back(tmp_path, 1)
    last = AuditEvent.objects.order_by("-pk").first().pk

    said = [client.get(address).json() for address in asks]

    assert [sorted(each) for each in said] == [["now", "says"]] * 3
    assert [each["says"] for each in said] == [
        "1 new in this tray",
        "1 new for you",
        "Somebody has changed this referral",
    ]
    assert not AuditEvent.objects.filter(pk__gt=last).exists()


def test_asking_for_anothers_tray_is_denied_and_on_the_trail(client, desk):
    other = Team.objects.create(name="Elsewhere", kind=Team.Kind.SERVICE)
    client.force_login(desk.caseworker)

    assert client.get(reverse("rhi:tray_news", args=[other.pk])).status_code == 404
    assert AuditEvent.objects.filter(type="denied", subject=f"staff.Team:{other.pk}").count() == 1


@pytest.mark.parametrize("page", ["rhi:tray", "rhi:home", "rhi:referral"])
def test_asking_keeps_nobody_signed_in_and_opening_a_page_does(client, desk, page):
    arguments = {"rhi:tray": [desk.tray.pk], "rhi:home": [], "rhi:referral": [desk.referrals[0].pk]}[page]
    asks = opened(client, desk.leader, page, *arguments)
    session = client.session
    session["stored_at"] = (now() - timedelta(minutes=20)).isoformat()
    session.save()
    Session.objects.update(expire_date=now() + timedelta(minutes=10))
    ends = Session.objects.get().expire_date

    for _ in range(3):
        client.get(asks)
    assert Session.objects.get().expire_date == ends

    client.get(reverse(page, args=arguments))
    assert Session.objects.get().expire_date > ends


def test_once_the_session_is_over_asking_leads_to_where_one_signs_in(client, desk):
    asks = opened(client, desk.leader, "rhi:home")
    Session.objects.update(expire_date=now() - timedelta(seconds=1))

    response = client.get(asks)

    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


def test_a_leaver_is_out_at_the_next_question(client, desk):
    asks = opened(client, desk.leader, "rhi:home")
    desk.leader.is_active = False
    desk.leader.save(update_fields=["is_active"])

    assert client.get(asks).status_code == 302


def test_an_interviewer_is_asked_for_nothing_that_is_not_hers(client, desk):
    hers = make_person("hers@example.org", role=Role.INTERVIEWER)
    client.force_login(hers)

    assert client.get(reverse("rhi:referral_news", args=[desk.referrals[0].pk])).status_code == 404
    assert says(client, reverse("rhi:work_news") + "?shown=") == ""
