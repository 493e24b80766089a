"""Giving several referrals of a tray to one worker: all of them or none."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from episodes.models import Child
from rhi.actions import assigning
from rhi.actions.assigning import Moved, Seen
from routing.models import Referral
from staff import audit
from staff.models import AuditEvent, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, involvement, publish
from tests.rhi.holders import AFTER, TAUNTON, YEOVIL, errors, give, holding, member, the_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(tmp_path):
    """One referral in Taunton's tray, which nobody holds yet."""
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def taunton(referral):
    return Team.objects.get(name=TAUNTON)


@pytest.fixture
def sam(taunton):
    return member(taunton, "Sam Okoro", Role.TEAM_LEADER)


@pytest.fixture
def robin(taunton):
    return member(taunton, "Robin Hale")


@pytest.fixture
def ten(tmp_path, referral):
    """Ten referrals in Taunton's tray."""
    more = range(2, 11)
    bring(
        tmp_path / "more",
        children=[child(f"C{number}") for number in more],
        episodes=[episode(f"E{number}", f"C{number}") for number in more],
    )
    return list(Referral.objects.order_by("pk"))


def chosen(referrals, **typed):
    """What the tray's form sends for these, or with what was typed, the page's own."""
    keys = [each.pk for each in referrals]
    shown = {f"holding-{each.pk}": holding(each).pk for each in referrals}
    return {"referrals": keys, **shown, **({"listed": keys} if typed else {}), **typed}


@pytest.mark.clause("CARD-15")
def test_ten_are_reassigned_with_one_reason(client, ten, sam, robin, taunton):
    ann = member(taunton, "Ann Lee")
    for each in ten:
        give(each, ann, by=sam)
    client.force_login(sam)
    address = reverse("rhi:assign_many", args=[taunton.pk])

    page = client.post(address, chosen(ten))
    without = client.post(address, chosen(ten, holder=robin.pk))
    done = client.post(address, chosen(ten, holder=robin.pk, reason="Ann is on leave."))

    assert set(page.context["form"].people) == {str(sam.pk), str(robin.pk)}
    assert without.context["form"].errors == {"reason": ["Say why"]}
    assert done.headers["Location"] == reverse("rhi:tray", args=[taunton.pk])
    assert {(holding(each).worker, holding(each).because) for each in ten} == {(robin, "Ann is on leave.")}
    assert AuditEvent.objects.filter(type=audit.Type.REFERRAL_ASSIGNED, detail__worker=robin.pk).count() == 10


@pytest.mark.clause("CARD-15")
def test_when_one_of_ten_was_moved_none_moves_and_the_page_says_which(client, ten, sam, robin, taunton):
    pat = member(taunton, "Pat Moss", Role.TEAM_LEADER)
    ann = member(taunton, "Ann Lee")
    sent = chosen(ten, holder=robin.pk, reason="Robin has room.")
    give(ten[3], ann, by=pat)
    client.force_login(sam)

    page = client.post(reverse("rhi:assign_many", args=[taunton.pk]), sent)

    assert errors(page) == [
        "Nothing has been moved, because somebody else was faster.",
        f"R{ten[3].pk}: Pat Moss gave this to Ann Lee on Mon 15 Jun, 14:02.",
    ]
    assert page.context["form"]["reason"].value() == "Robin has room."
    assert page.context["form"]["holder"].value() == str(robin.pk)
    assert {row.referral: row.ticked for row in page.context["rows"]} == {each: each != ten[3] for each in ten}
    assert [holding(each).worker for each in ten] == [None, None, None, ann, None, None, None, None, None, None]


def test_when_one_went_to_another_team_none_moves_and_its_child_is_not_named(client, ten, sam, robin, taunton):
    pat = member(taunton, "Pat Moss", Role.TEAM_LEADER)
    Child.objects.filter(child_id="C2").update(first_name="Unmistakable")
    sent = chosen(ten, holder=robin.pk, reason="Robin has room.")
    lost = Referral.objects.get(child__child_id="C2")
    assigning.hand_over(
        seen=Seen(lost.pk, holding(lost).pk), team=Team.objects.create(name=YEOVIL), reason="There.", by=pat, now=AFTER
    )
    client.force_login(sam)

    page = client.post(reverse("rhi:assign_many", args=[taunton.pk]), sent)

    assert errors(page) == [f"R{lost.pk}: Pat Moss gave this to another team on Mon 15 Jun, 14:02."]
    assert "Unmistakable" not in the_words(page)
    assert page.context["form"]["reason"].value() == "Robin has room."
    assert {holding(each).worker for each in ten} == {None}


def test_the_tray_lists_what_may_have_moved_before_the_page_was_first_shown(client, ten, sam, robin, taunton):
    sent = chosen(ten[:2])
    give(ten[0], robin, by=sam)
    client.force_login(sam)

    page = client.post(reverse("rhi:assign_many", args=[taunton.pk]), sent)

    assert {row.referral: (row.ticked, row.note) for row in page.context["rows"]} == {
        ten[0]: (False, "You gave this to Robin Hale on Mon 15 Jun, 14:02."),
        ten[1]: (True, ""),
    }
    assert not page.context["form"].is_bound


def test_only_what_is_ticked_moves(client, ten, sam, robin, taunton):
    client.force_login(sam)
    sent = chosen(ten, holder=robin.pk) | {"referrals": [ten[0].pk, ten[1].pk]}

    client.post(reverse("rhi:assign_many", args=[taunton.pk]), sent)

    assert [holding(each).worker for each in ten[:3]] == [robin, robin, None]


def test_what_the_worker_holds_already_stays_as_it_is(client, ten, sam, robin, taunton):
    give(ten[0], robin, by=sam, reason="First.")
    client.force_login(sam)

    client.post(reverse("rhi:assign_many", args=[taunton.pk]), chosen(ten[:2], holder=robin.pk))

    assert [holding(each).because for each in ten[:2]] == ["First.", "Given from the tray."]


def test_without_a_tick_nothing_typed_is_lost(client, ten, sam, robin, taunton):
    client.force_login(sam)
    sent = chosen(ten, holder=robin.pk, reason="Robin has room.") | {"referrals": []}

    page = client.post(reverse("rhi:assign_many", args=[taunton.pk]), sent)

    assert errors(page) == ["Tick at least one referral"]
    assert page.context["form"]["reason"].value() == "Robin has room."
    assert [row.ticked for row in page.context["rows"]] == [False] * 10


def test_choosing_nothing_leads_back_to_the_tray(client, sam, taunton):
    client.force_login(sam)
    address = reverse("rhi:assign_many", args=[taunton.pk])

    assert client.get(address).headers["Location"] == reverse("rhi:tray", args=[taunton.pk])
    assert client.post(address, {}).headers["Location"] == reverse("rhi:tray", args=[taunton.pk])


@pytest.mark.parametrize("key", ["99999", "no number", "9" * 40])
def test_a_referral_that_is_not_there_is_not_found_or_left_out(client, referral, sam, taunton, key):
    client.force_login(sam)

    answer = client.post(reverse("rhi:assign_many", args=[taunton.pk]), {"referrals": [key]})

    assert answer.status_code == (404 if key == "99999" else 302)


def test_another_teams_referral_is_not_found(client, tmp_path, referral, sam, taunton):
    bring(tmp_path / "more", children=[child("C2", area="Yeovil")], episodes=[episode("E2", "C2")])
    other = Referral.objects.get(child__child_id="C2")
    client.force_login(sam)

    answer = client.post(reverse("rhi:assign_many", args=[taunton.pk]), chosen([referral, other]))

    assert answer.status_code == 404
    assert AuditEvent.objects.get(type=audit.Type.DENIED).children == ["C2"]


def test_a_group_with_a_closed_one_is_refused_as_a_whole(client, ten, sam, robin, taunton):
    Referral.objects.filter(pk=ten[0].pk).update(closed_at=NOW)
    client.force_login(sam)

    page = client.post(reverse("rhi:assign_many", args=[taunton.pk]), chosen(ten, holder=robin.pk))

    assert errors(page) == [f"R{ten[0].pk} has been closed, so nobody can be given it any more."]
    assert {holding(each).worker for each in ten} == {None}


def test_one_that_waits_for_an_answer_is_not_ticked_and_leads_to_its_question(client, ten, sam, taunton):
    Referral.objects.filter(pk=ten[0].pk).update(question="Who holds it?")
    client.force_login(sam)

    page = client.post(reverse("rhi:assign_many", args=[taunton.pk]), chosen(ten[:2]))

    assert [(row.ticked, row.note) for row in page.context["rows"]] == [(False, "Waits for an answer."), (True, "")]
    assert f'href="{reverse("rhi:settle", args=[ten[0].pk])}">Settle R{ten[0].pk}</a>' in the_words(page)


def test_who_holds_the_case_of_some_comes_first(client, tmp_path, ten, sam, taunton):
    zoe = member(taunton, "Zoe Ward")
    bring(
        tmp_path / "open",
        involvements=[involvement(child_id=each, worker_email=zoe.email) for each in ("C1", "C2")],
    )
    client.force_login(sam)

    page = client.post(reverse("rhi:assign_many", args=[taunton.pk]), chosen(ten))

    assert [(choice.label, choice.hint) for choice in page.context["form"].fields["holder"].choices] == [
        ("Zoe Ward", "Holds the case of 2 of these children, so is not independent there. Holds none."),
        ("Sam Okoro", "Holds none."),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_for_many_costs_the_same_however_many(
    client, ten, sam, robin, taunton, django_assert_num_queries, number
):
    client.force_login(sam)
    sent = chosen(ten[:number])
    address = reverse("rhi:assign_many", args=[taunton.pk])
    client.post(address, sent)

    # session, person; team, referrals, allocations; members, cases, workload; trail (3)
    with django_assert_num_queries(11):
        page = client.post(address, sent)

    assert len(page.context["rows"]) == number


def test_what_the_page_for_many_shows_is_one_line_in_the_trail(client, ten, sam, taunton):
    client.force_login(sam)

    client.post(reverse("rhi:assign_many", args=[taunton.pk]), chosen(ten[:3]))

    line = AuditEvent.objects.get(type=audit.Type.LIST_READ)
    assert (line.subject, line.children) == (f"staff.Team:{taunton.pk}", ["C1", "C2", "C3"])


def test_moving_many_costs_one_line_in_the_trail_for_each_and_nothing_else(ten, sam, robin, django_assert_num_queries):
    def cost(referrals):
        seen = [Seen(each.pk, holding(each).pk) for each in referrals]

        with CaptureQueriesContext(connection) as queries:
            assigning.assign(seen=seen, worker=robin, reason="", by=sam, now=AFTER)
        return len(queries)

    assert cost(ten[:7]) - cost(ten[7:]) == 4


def test_moved_carries_every_referral_that_has_moved(ten, sam, robin):
    seen = [Seen(each.pk, holding(each).pk) for each in ten[:3]]
    give(ten[0], robin, by=sam)
    give(ten[2], robin, by=sam)

    with pytest.raises(Moved) as refusal:
        assigning.assign(seen=seen, worker=sam, reason="x", by=sam, now=AFTER)

    assert refusal.value.moved == {
        ten[0].pk: "You gave this to Robin Hale at 14:02.",
        ten[2].pk: "You gave this to Robin Hale at 14:02.",
    }
