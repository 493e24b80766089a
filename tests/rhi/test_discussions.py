"""Questions that routing leaves to people: a discussion with its two answers, or who holds it at all."""

from datetime import date

import pytest
from django.urls import reverse

from rhi.actions import assigning
from rhi.actions.assigning import Answer, Seen
from routing.models import Allocation, Referral
from staff import audit
from staff.models import AuditEvent, Team, User
from staff.permissions import Role
from tests.records import bring, child, episode, involvement, publish
from tests.rhi.holders import AFTER, errors, give, holding, member, post, the_words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

RET = "Rapid Engagement Team"


@pytest.fixture
def referral(tmp_path):
    """A referral of which the Rapid Engagement Team asks Ann, the allocated worker, who holds it."""
    publish("surrey")
    bring(tmp_path, children=[child()], episodes=[episode()], involvements=[involvement()])
    return Referral.objects.get()


@pytest.fixture
def ret(referral):
    return Team.objects.get(name=RET)


@pytest.fixture
def sam(ret):
    return member(ret, "Sam Okoro", Role.TEAM_LEADER)


@pytest.fixture
def ann(referral):
    return User.objects.get(email="ann@example.org")


def settle(referral, answer, *, by, holds=None, reason="We agreed so."):
    seen = Seen(referral.pk, holds or holding(referral).pk)
    return assigning.settle_discussion(seen=seen, answer=answer, reason=reason, by=by, now=AFTER)


@pytest.mark.clause("SUR-16")
@pytest.mark.parametrize(
    ("answer", "team", "worker"),
    [("asking", RET, None), ("asked", "North", "ann@example.org")],
)
def test_a_discussion_ends_in_one_of_two_ways_and_that_is_who_does_it(client, referral, sam, answer, team, worker):
    client.force_login(sam)

    refused = post(client, "settle", referral, answer=answer)
    assert refused.context["form"].errors == {"reason": ["Say why"]}
    assert Referral.objects.get().question_settled_at is None

    post(client, "settle", referral, answer=answer, reason="Ann has known her for years.")

    now = holding(referral)
    assert (now.team.name, now.worker.email if now.worker else None) == (team, worker)
    assert (now.by, now.rule, now.because) == (sam, "", "Ann has known her for years.")
    assert Referral.objects.get().question_settled_at == now.since
    line = AuditEvent.objects.get(type=audit.Type.DISCUSSION_SETTLED)
    assert (line.by_id, line.children, line.detail["answer"]) == (sam.pk, ["C1"], answer)


@pytest.mark.clause("SUR-16")
def test_the_worker_who_was_asked_can_settle_it(client, referral, ann, ret):
    client.force_login(ann)

    response = post(client, "settle", referral, answer="asking", reason="I am on leave.")

    assert response.headers["Location"] == reverse("rhi:referral", args=[referral.pk])
    assert (holding(referral).team, holding(referral).by) == (ret, ann)


def test_the_page_offers_exactly_the_two(client, referral, sam):
    client.force_login(sam)

    page = client.get(reverse("rhi:settle", args=[referral.pk]))

    assert [choice.value for choice in page.context["form"].fields["answer"].choices] == ["asking", "asked"]
    assert [choice.label for choice in page.context["form"].fields["answer"].choices] == [RET, "ann@example.org"]
    assert f"Which of you holds the interview: {RET}, or ann@example.org?" in the_words(page)


def test_where_no_worker_is_allocated_their_team_is_asked(tmp_path):
    publish("surrey")
    bring(tmp_path, children=[child()], episodes=[episode()], involvements=[involvement(worker_email="")])
    referral = Referral.objects.get()

    settle(referral, Answer.ASKED, by=make_person())

    assert (holding(referral).team.name, holding(referral).worker) == ("North", None)


def test_the_worker_who_was_asked_holds_it_although_somebody_else_works_with_the_child_too(tmp_path):
    publish("surrey")
    bring(
        tmp_path,
        children=[child()],
        episodes=[episode()],
        involvements=[
            involvement("child_in_need"),
            involvement("assessment", worker_email="bo@example.org", team="South"),
            involvement("family_service", worker_email="zoe@example.org", team="West"),
        ],
    )
    referral = Referral.objects.get()

    settle(referral, Answer.ASKED, by=make_person())

    assert holding(referral).worker.email == "ann@example.org"


def test_when_the_worker_has_left_their_team_is_asked(client, referral, sam, ann):
    User.objects.filter(pk=ann.pk).update(left_on=date(2026, 6, 1))
    client.force_login(sam)

    page = client.get(reverse("rhi:settle", args=[referral.pk]))
    settle(referral, Answer.ASKED, by=sam)

    assert [choice.label for choice in page.context["form"].fields["answer"].choices] == [RET, "North"]
    assert (holding(referral).team.name, holding(referral).worker) == ("North", None)


def test_when_nobody_is_left_to_be_asked_only_the_asking_team_can_hold_it(client, referral, sam, ann):
    User.objects.filter(pk=ann.pk).update(left_on=date(2026, 6, 1))
    Team.objects.filter(name="North").update(closed_on=date(2026, 6, 1))
    client.force_login(sam)

    page = client.get(reverse("rhi:settle", args=[referral.pk]))

    assert [choice.value for choice in page.context["form"].fields["answer"].choices] == ["asking"]
    assert f"so only {RET} can hold it" in the_words(page)
    with pytest.raises(assigning.AssigningRefused, match=r"^Nobody who was asked is left to hold this\.$"):
        settle(referral, Answer.ASKED, by=sam)


def test_a_worker_of_another_childs_or_of_none_may_not_settle_it(client, referral):
    client.force_login(make_person())

    assert client.get(reverse("rhi:settle", args=[referral.pk])).status_code == 404


def test_a_plain_member_of_the_asking_team_may_not_settle_it(client, referral, ret):
    client.force_login(member(ret, "Robin Hale"))

    assert client.get(reverse("rhi:settle", args=[referral.pk])).status_code == 404
    assert AuditEvent.objects.get(type=audit.Type.DENIED).subject == f"routing.Referral:{referral.pk}"


# Settled already


def test_what_has_been_settled_says_by_whom(client, referral, sam, ann):
    settle(referral, Answer.ASKING, by=sam, reason="Ann is on leave.")
    client.force_login(ann)

    page = the_words(client.get(reverse("rhi:settle", args=[referral.pk])))

    assert f"Sam Okoro settled it on Mon 15 Jun, 14:02: <strong> {RET} </strong> holds the interview." in page
    assert "Reason: Ann is on leave." in page


def test_settling_twice_is_refused_with_who_did_it_and_what_was_typed_comes_back(client, referral, sam, ann):
    shown = holding(referral).pk
    settle(referral, Answer.ASKING, by=sam)
    client.force_login(ann)

    page = post(client, "settle", referral, holding=shown, answer="asked", reason="I know her well.")

    assert "Sam Okoro settled it on Mon 15 Jun, 14:02" in the_words(page)
    assert "I know her well." in the_words(page)
    assert holding(referral).team.name == RET


def test_of_two_who_settle_at_once_the_second_is_told_of_the_first(referral, sam, ann):
    shown = holding(referral).pk
    settle(referral, Answer.ASKED, by=ann)

    with pytest.raises(assigning.AssigningRefused) as refusal:
        settle(referral, Answer.ASKING, by=sam, holds=shown)

    assert str(refusal.value) == "This has been settled already. ann@example.org gave this to ann@example.org at 14:02."


def test_a_leader_whose_team_lost_it_is_told_and_gets_back_what_they_typed(client, referral, sam, ann):
    shown = holding(referral).pk
    settle(referral, Answer.ASKED, by=ann)
    client.force_login(sam)

    page = post(client, "settle", referral, holding=shown, answer="asking", reason="We have room.")

    assert "ann@example.org gave this to another team on Mon 15 Jun, 14:02." in the_words(page)
    assert "We have room." in the_words(page)


# While it is open


@pytest.mark.parametrize("page", ["assign", "hand_over"])
def test_until_it_is_settled_nobody_is_given_it(client, referral, sam, page):
    client.force_login(sam)

    assert client.get(reverse(f"rhi:{page}", args=[referral.pk])).headers["Location"] == reverse(
        "rhi:settle", args=[referral.pk]
    )
    with pytest.raises(assigning.AssigningRefused, match="Settle that first"):
        give(referral, sam, by=sam)
    with pytest.raises(assigning.AssigningRefused, match="Settle that first"):
        assigning.hand_over(
            seen=Seen(referral.pk, holding(referral).pk),
            team=Team.objects.get(name="North"),
            reason="Why not.",
            by=sam,
            now=AFTER,
        )


def test_deciding_otherwise_settles_it_too(referral, sam):
    other = Team.objects.create(name="Missing Team")

    assigning.override(
        seen=Seen(referral.pk, holding(referral).pk),
        place=assigning.Place(other),
        reason="Neither can.",
        by=sam,
        now=AFTER,
    )

    assert Referral.objects.get().question_settled_at == AFTER
    assert holding(referral).team == other


def test_once_settled_it_is_assigned_like_any_other(client, referral, sam):
    settle(referral, Answer.ASKING, by=sam)
    client.force_login(sam)

    post(client, "assign", referral, holder=sam.pk)

    assert holding(referral).worker == sam


def test_what_asks_nothing_has_nothing_to_settle(client, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    referral = Referral.objects.get()
    sam = make_person(role=Role.COORDINATOR)
    client.force_login(sam)

    assert client.get(reverse("rhi:settle", args=[referral.pk])).status_code == 404
    with pytest.raises(assigning.AssigningRefused, match=r"^Nothing is asked here\.$"):
        settle(referral, Answer.ASKING, by=sam)


# Other questions


@pytest.fixture
def unbought(tmp_path):
    """A referral to be bought from a provider, where none is on file: the Missing Team is asked who holds it."""
    publish("croydon")
    bring(
        tmp_path,
        children=[child()],
        episodes=[episode()],
        involvements=[
            involvement("looked_after", placement_kind="foster_care", placement_area="out_of_area"),
        ],
    )
    return Referral.objects.get()


def test_where_routing_found_no_provider_a_person_says_who_holds_it(client, unbought):
    provider = Team.objects.create(name="Harbour Interviews", kind=Team.Kind.PROVIDER, opened_on=date(2026, 1, 1))
    leader = member(Team.objects.get(name="Missing Team"), "Sam Okoro", Role.TEAM_LEADER)
    client.force_login(leader)

    page = client.get(reverse("rhi:settle", args=[unbought.pk]))
    refused = post(client, "settle", unbought, team=provider.pk)
    post(client, "settle", unbought, team=provider.pk, reason="Approved this week.")

    assert "No approved provider is on file. Who holds the interview?" in the_words(page)
    assert refused.context["form"].errors == {"reason": ["Say why"]}
    assert holding(unbought).team == provider
    assert AuditEvent.objects.get(type=audit.Type.DISCUSSION_SETTLED).detail["answer"] == "team"


def test_the_team_that_was_asked_can_keep_it(client, unbought):
    missing_team = Team.objects.get(name="Missing Team")
    client.force_login(member(missing_team, "Sam Okoro", Role.TEAM_LEADER))

    post(client, "settle", unbought, team=missing_team.pk, reason="We go ourselves.")

    assert (holding(unbought).team, Allocation.objects.count()) == (missing_team, 2)


def test_a_question_that_is_no_discussion_is_not_the_workers_to_settle(client, unbought):
    client.force_login(User.objects.get(email="ann@example.org"))

    assert client.get(reverse("rhi:settle", args=[unbought.pk])).status_code == 404


def test_answering_with_a_team_that_has_closed_meanwhile_is_refused(client, unbought):
    closed = Team.objects.create(name="Closed", closed_on=date(2026, 6, 1))
    seen = Seen(unbought.pk, holding(unbought).pk)

    with pytest.raises(assigning.AssigningRefused, match=r"^Closed can be given nothing"):
        assigning.settle_question(seen=seen, team=closed, reason="Why not.", by=make_person(), now=AFTER)


def test_what_moved_while_a_question_was_open_is_told(client, unbought):
    leader = member(Team.objects.get(name="Missing Team"), "Sam Okoro", Role.TEAM_LEADER)
    client.force_login(leader)

    page = post(client, "settle", unbought, holding="", team=Team.objects.get(name="Missing Team").pk, reason="Ours.")

    assert errors(page) == ["The procedure put this in the tray of Missing Team on Tue 12 May, 09:00."]
    assert page.context["form"]["reason"].value() == "Ours."
