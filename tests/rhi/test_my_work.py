"""My work: what one person holds, and nobody else's; what the page costs, and its line in the trail."""

import pytest
from django.urls import reverse
from django.utils import timezone

from episodes.models import Access, Child
from rhi.actions import contact
from routing.models import Referral
from staff.models import AuditEvent, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, involvement, london, publish
from tests.rhi.case_work import (
    attempt,
    case,
    give,
    hold,
    member,
    notice,
    offer,
    referrals,
    settle,
    task,
    the_words,
    work,
    write_up,
)

pytestmark = pytest.mark.django_db

QUERIES, ASKED = 31, 13


def test_a_caseworker_sees_the_referrals_that_she_holds_and_no_others(client, tmp_path):
    mine, colleague_s, in_tray = (case(tmp_path, number) for number in (1, 2, 3))
    ann, ben = member(), member("ben@example.org")
    give(mine, ann)
    give(colleague_s, ben)

    answer = work(client, ann)

    assert referrals(answer) == [mine]
    assert "Robin1 Example, 14" in the_words(answer)
    assert "Robin2" not in the_words(answer)
    assert "Robin3" not in the_words(answer)
    assert in_tray.allocations.get().worker is None


def test_they_come_by_their_next_deadline_and_those_without_one_last(client, tmp_path):
    first, second, none = (case(tmp_path, number) for number in (1, 2, 3))
    ann = member()
    for referral in (first, second, none):
        give(referral, ann)
    second.deadlines.filter(settled="").update(due_at=london("2026-05-01 10:00"))
    none.deadlines.all().delete()

    answer = work(client, ann)

    assert referrals(answer) == [second, first, none]
    assert answer.context["rows"][0].standing.tone == "late"
    assert answer.context["rows"][2].standing is None


def test_a_closed_referral_is_no_longer_work(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    Referral.objects.update(closed_at=NOW)

    assert referrals(work(client, ann)) == []


def test_a_restricted_child_is_shown_only_to_whom_the_restriction_names(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    Child.objects.update(restricted=True)
    assert referrals(work(client, ann)) == []

    Access.objects.create(child=mine.child, user=ann, basis="restriction", since=NOW, because="Named")

    assert referrals(work(client, ann)) == [mine]


def test_a_provider_s_interviewer_sees_hers(client, tmp_path):
    hers, other = case(tmp_path), case(tmp_path, 2)
    provider = Team.objects.create(name="Listening Ear", kind=Team.Kind.PROVIDER)
    jo = member("jo@example.org", Role.INTERVIEWER, provider.name)
    give(hers, jo, team=provider.name)
    give(other, None, team=provider.name)

    answer = work(client, jo)

    assert referrals(answer) == [hers]
    assert "Robin2" not in the_words(answer)


def test_each_row_says_what_was_tried_last_and_leads_to_the_next_step(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    row = work(client, ann).context["rows"][0]
    assert (row.last, row.step.title, row.way) == (
        None,
        "Check the records, then make the first attempt",
        reverse("rhi:check_records", args=[mine.pk]),
    )

    attempt(mine, ann, result="spoke_to_child")

    answer = work(client, ann)
    row = answer.context["rows"][0]
    assert "Last tried Wed 13 May, 10:00: spoke to the child" in the_words(answer)
    assert (row.step.title, row.way) == ("Offer the interview", reverse("rhi:record_offer", args=[mine.pk]))


def test_an_offer_and_a_held_interview_change_the_next_step(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    made = offer(mine, ann)
    row = work(client, ann).context["rows"][0]
    assert row.way == reverse("rhi:record_response", args=[mine.pk, made.pk])

    hold(mine, ann)

    row = work(client, ann).context["rows"][0]
    assert (row.step.title, row.may_log) == ("Write up the interview", False)


def test_whoever_answered_an_offer_is_not_called_untried(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    assert "Nobody has tried yet" in the_words(work(client, ann))

    at = london("2026-05-13 11:00")
    contact.record_response(mine, offer(mine, ann), response="accepted", responded_at=at, by=ann, now=NOW)

    assert "Nobody has tried yet" not in the_words(work(client, ann))


def test_a_child_missing_again_is_waited_for(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    bring(
        tmp_path / "again",
        episodes=[{"episode_id": "E9", "child_id": "C1", "kind": "missing", "last_seen_at": "2026-05-20T20:00"}],
    )

    assert work(client, ann).context["rows"][0].step.title == "Wait for the child to come back"


def test_a_no_answer_call_takes_three_interactions(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    log = reverse("rhi:log_attempt", args=[mine.pk]) + "?from=work"
    assert f'href="{log}"' in work(client, ann).content.decode()  # one: the link

    form = client.get(log).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    sent["attempted_at"] = f"{timezone.localtime(sent['attempted_at']):%Y-%m-%dT%H:%M}"
    answer = client.post(log, sent | {"result": "no_answer"}, follow=True)  # two: the result; three: save

    assert answer.redirect_chain == [("/", 302)]
    assert answer.context["rows"][0].last.result == "no_answer"
    (said,) = [str(message) for message in answer.context["messages"]]
    assert said.startswith("Logged: no answer. Try again ")


def test_without_a_referral_the_page_says_where_to_find_one(client, tmp_path):
    case(tmp_path)

    words = the_words(work(client, member()))

    assert "You hold no referrals." in words
    assert f'href="{reverse("rhi:trays")}">Look in your team’s tray</a>' in words


def test_an_interviewer_without_a_referral_is_not_sent_to_a_tray(client, tmp_path):
    case(tmp_path)

    words = the_words(work(client, member("jo@example.org", Role.INTERVIEWER, None)))

    assert "When one is given to you, it appears here." in words
    assert reverse("rhi:trays") not in words


# The trail, and what the page costs


def test_one_line_of_the_trail_names_every_child_on_the_page(client, tmp_path):
    held, tasked, told, _ = (case(tmp_path, number) for number in (1, 2, 3, 4))
    ann = member()
    give(held, ann)
    task(tasked, owner=ann)
    notice(told, ann)

    work(client, ann)

    ((children, detail),) = AuditEvent.objects.filter(type="list_read").values_list("children", "detail")
    assert (children, detail) == (["C1", "C2", "C3"], {"page": "my_work"})


@pytest.mark.parametrize("rows", [1, 3])
def test_my_work_costs_the_same_however_much_waits(client, tmp_path, rows, django_assert_num_queries):
    everything = [case(tmp_path, number) for number in range(1, 2 * rows + 1)]
    sam, ann = member("sam@example.org", Role.TEAM_LEADER), member()
    for referral in everything[:rows]:
        give(referral, sam)
        attempt(referral, sam)
        offer(referral, sam)
        contact.book(referral, at=london("2026-06-16 10:00"), place="Library", method="face_to_face", by=sam, now=NOW)
        task(referral, owner=sam)
        notice(referral, sam)
        referral.child.carers.create(name="Pat", relationship="uncle", safe_to_contact=False)
    for referral in everything[rows:]:
        give(referral, ann)
        write_up(hold(referral, ann), ann)
    client.force_login(sam)
    client.get("/")

    with django_assert_num_queries(QUERIES):
        answer = client.get("/")

    for name in ("rows", "booked", "signing", "tasks", "notices"):
        assert len(answer.context[name]) == rows, name


@pytest.mark.parametrize("rows", [1, 3])
def test_what_is_to_be_written_up_and_asked_costs_the_same_too(client, tmp_path, rows, django_assert_num_queries):
    publish("surrey")
    for number in range(1, rows + 1):
        bring(
            tmp_path / str(number),
            children=[child(f"C{number}")],
            episodes=[episode(f"E{number}", f"C{number}")],
            involvements=[involvement(child_id=f"C{number}")],
        )
    ann = Child.objects.first().involvements.get().worker
    for referral in Referral.objects.select_related("child", "version"):
        hold(referral, ann)
    for number in range(4, rows + 4):
        bring(
            tmp_path / str(number),
            children=[child(f"C{number}")],
            episodes=[episode(f"E{number}", f"C{number}")],
            involvements=[involvement(child_id=f"C{number}")],
        )
        settle(Referral.objects.get(child__child_id=f"C{number}"), ann, "not_offered", "hospital")
    client.force_login(ann)
    client.get("/")

    with django_assert_num_queries(ASKED):
        answer = client.get("/")

    assert len(answer.context["asked"]) == rows
    assert len(answer.context["writing"]) == 2 * rows
