"""Opening another team's child after giving a reason, and restricting one to named people, in pages."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse

from episodes import access
from episodes.models import Access, Child
from rhi.actions import opening
from rhi.actions.opening import NotForOpening, OpeningRefused
from rhi.models import Notice
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, involvement, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

TAUNTON = "Family Intervention Service: Taunton"
REASON = "She rang our duty line and asked for help."


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("rhi.views.children.timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def theirs(tmp_path):
    """A child whose referral lies in Taunton's tray."""
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Child.objects.get()


@pytest.fixture
def robin(theirs):
    """A caseworker of Yeovil, who may not see Taunton's children."""
    robin = make_person()
    Membership.objects.create(user=robin, team=Team.objects.create(name="Family Intervention Service: Yeovil"))
    return robin


@pytest.fixture
def leader(theirs):
    leader = make_person("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)
    Membership.objects.create(user=leader, team=Team.objects.get(name=TAUNTON))
    return leader


@pytest.fixture
def priya():
    return make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)


def page(name, record):
    return reverse(f"rhi:{name}", args=[record.pk])


def words(response):
    return " ".join(response.content.decode().split())


# The action


def test_a_reason_opens_a_child_until_the_same_time_tomorrow(theirs, robin, leader):
    opened = opening.open_with_reason(theirs, because=f" {REASON} ", by=robin, now=NOW)

    row = opened.access
    assert (row.basis, row.user, row.team, row.since, row.until, row.because) == (
        "break_glass",
        robin,
        None,
        NOW,
        NOW + timedelta(hours=24),
        REASON,
    )


def test_the_leaders_of_the_team_are_told_who_and_why(theirs, robin, leader, priya):
    opening.open_with_reason(theirs, because=REASON, by=robin, now=NOW)

    notice = Notice.objects.get()
    assert (notice.to, notice.by, notice.child, notice.at) == (leader, robin, theirs, NOW)
    assert notice.about == f"Robin Hale opened this record, giving a reason: {REASON}"


def test_without_a_leader_every_missing_coordinator_is_told(theirs, robin, leader, priya):
    leader.left_on = NOW.date()
    leader.save()
    opening.open_with_reason(theirs, because=REASON, by=robin, now=NOW)

    assert [notice.to for notice in Notice.objects.all()] == [priya]


def test_the_team_of_a_worker_who_is_named_alone_is_told_too(theirs, robin, tmp_path):
    bring(tmp_path, involvements=[involvement(team="")])
    north = Team.objects.create(name="North")
    for person in (
        Access.objects.get(basis="involvement").user,
        make_person("lee.marsh@example.org", "Lee Marsh", Role.TEAM_LEADER),
    ):
        Membership.objects.create(user=person, team=north)
    opening.open_with_reason(theirs, because=REASON, by=robin, now=NOW)

    assert [notice.to.name for notice in Notice.objects.all()] == ["Lee Marsh"]


def test_the_trail_repeats_no_reason(theirs, robin, leader):
    opened = opening.open_with_reason(theirs, because=REASON, by=robin, now=NOW)

    event = AuditEvent.objects.get(type="child_opened_with_reason")
    assert (event.by_id, event.subject, event.children) == (robin.pk, f"episodes.Child:{theirs.pk}", ["C1"])
    assert event.detail == {"access": opened.access.pk, "told": [leader.pk]}


@pytest.mark.parametrize(("because", "said"), [("  ", "Say why"), ("x" * 801, "800 characters or fewer")])
def test_a_reason_is_needed_and_has_an_end(theirs, robin, because, said):
    with pytest.raises(OpeningRefused, match=said):
        opening.open_with_reason(theirs, because=because, by=robin, now=NOW)
    assert not Notice.objects.exists()


def test_somebody_who_sees_the_child_needs_no_reason(theirs, leader):
    with pytest.raises(OpeningRefused, match="already"):
        opening.open_with_reason(theirs, because=REASON, by=leader, now=NOW)


def test_a_child_restricted_meanwhile_is_not_opened(theirs, robin, priya):
    access.restrict(Child.objects.get(), people=[], because="A relative.", by=priya, now=NOW)

    with pytest.raises(NotForOpening):
        opening.open_with_reason(theirs, because=REASON, by=robin, now=NOW)


# The page


def test_the_page_shows_name_age_and_team_and_nothing_else(client, theirs, robin):
    Child.objects.update(address_1="1 Secret Street", phone="01632 960001")
    client.force_login(robin)
    shown = words(client.get(page("open_with_reason", theirs)))

    assert "Robin Example, 14 years old" in shown
    assert f"This child is with <strong>{TAUNTON}</strong>." in shown
    assert [told for told in ("Secret Street", "01632", "C1<", "2012", "Referral R") if told in shown] == []


def test_after_a_reason_the_child_can_be_read_and_says_until_when(client, theirs, robin, leader):
    client.force_login(robin)
    response = client.post(page("open_with_reason", theirs), {"because": REASON}, follow=True)

    assert response.redirect_chain == [(page("child", theirs), 302)]
    assert "You can read it until Tue 16 Jun, 12:00, and change nothing." in words(response)
    assert [
        name for name in ("new_episode", "correct_child", "restrict") if page(name, theirs) in words(response)
    ] == []


def test_without_a_reason_nothing_is_opened_and_the_page_says_so(client, theirs, robin):
    client.force_login(robin)
    response = client.post(page("open_with_reason", theirs), {"because": " "})

    assert response.status_code == 200
    assert response.context["form"].errors == {"because": ["Say why you need to see this record"]}
    assert not Access.objects.filter(basis="break_glass").exists()


def test_somebody_who_may_see_the_child_is_led_there(client, theirs, leader):
    client.force_login(leader)

    assert client.get(page("open_with_reason", theirs)).headers["Location"] == page("child", theirs)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_restricted_child_is_to_the_letter_the_same_as_none(client, theirs, robin, method):
    Child.objects.update(restricted=True)
    client.force_login(robin)
    ask = getattr(client, method)
    restricted = ask(page("open_with_reason", theirs), {"because": REASON})
    absent = ask(reverse("rhi:open_with_reason", args=[theirs.pk + 1000]), {"because": REASON})

    assert (restricted.status_code, absent.status_code) == (404, 404)
    assert restricted.content == absent.content
    assert AuditEvent.objects.get(type="denied").children == ["C1"]


def test_a_child_restricted_while_the_reason_is_typed_is_none_either(client, theirs, robin, monkeypatch):
    def late(*args, **kwargs):
        raise NotForOpening

    monkeypatch.setattr("rhi.views.children.opening.open_with_reason", late)
    client.force_login(robin)

    assert client.post(page("open_with_reason", theirs), {"because": REASON}).status_code == 404


# Restricting


def test_a_coordinator_restricts_a_child_to_people_by_name(client, theirs, leader, priya):
    client.force_login(priya)
    typed = {"near": [leader.pk], "because": "A relative works here."}
    response = client.post(page("restrict", theirs), typed, follow=True)

    assert response.redirect_chain == [(page("child", theirs), 302)]
    assert "Only the people you named can see this child now." in words(response)
    assert set(access.named_for(theirs, NOW).values_list("user", flat=True)) == {leader.pk, priya.pk}


def test_the_page_offers_first_who_can_see_the_child_now(client, theirs, leader, robin, priya):
    client.force_login(priya)
    form = client.get(page("restrict", theirs)).context["restrict_form"]

    assert [each.label for each in form.fields["near"].choices] == ["Sam Okoro"]
    assert [each.label for each in form.fields["others"].choices] == []


def test_a_name_that_looks_like_markup_is_shown_as_it_is(client, theirs, priya):
    make_person("odd@example.org", "O'Neil <b>")
    client.force_login(priya)

    assert "O&#x27;Neil &lt;b&gt;" in words(client.post(page("restrict", theirs), {"do": "find", "words": "odd"}))


def test_a_restriction_that_leaves_a_referral_with_somebody_unnamed_says_so(client, theirs, leader, priya):
    client.force_login(priya)
    response = client.post(page("restrict", theirs), {"because": "A relative works here."}, follow=True)

    assert f"is held by {TAUNTON} and not by anybody who is named." in words(response)


def test_names_are_changed_and_a_restriction_lifted_on_the_same_page(client, theirs, leader, robin, priya):
    access.restrict(theirs, people=[leader], because="A relative works here.", by=priya, now=NOW - timedelta(hours=1))
    client.force_login(priya)
    client.post(page("restrict", theirs), {"others": [robin.pk], "because": "Robin helps."})
    assert set(access.named_for(theirs, NOW).values_list("user", flat=True)) == {robin.pk, priya.pk}

    response = client.post(page("restrict", theirs), {"do": "lift", "lift-because": "The relative left."}, follow=True)
    assert "The restriction is lifted." in words(response)
    assert Child.objects.get().restricted is False


def test_a_refusal_brings_the_form_back_with_everything_that_was_typed(client, theirs, leader, priya):
    access.restrict(theirs, people=[leader], because="A relative works here.", by=priya, now=NOW - timedelta(hours=1))
    client.force_login(priya)
    response = client.post(page("restrict", theirs), {"near": [leader.pk], "because": "The very same."})

    assert response.context["form"].non_field_errors() == [
        "These people are named already. Choose who is to be named from now on."
    ]
    assert "The very same." in words(response)
    assert f'value="{leader.pk}" checked="checked"' in words(response)


def test_a_coordinator_who_is_not_named_finds_nothing_to_lift(client, theirs, priya):
    lee = make_person("lee.marsh@example.org", "Lee Marsh", Role.COORDINATOR)
    access.restrict(theirs, people=[], because="A relative works here.", by=lee, now=NOW)
    client.force_login(priya)

    assert client.get(page("restrict", theirs)).status_code == 404
