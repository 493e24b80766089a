"""My work: what waits for one person, and nobody else's."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from episodes.models import Access, Child
from rhi.actions import contact, outcomes_by_hand
from rhi.models import Interview, Notice
from routing import actions as routing
from routing.actions import Holder
from routing.models import Referral, Task
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, involvement, london, publish
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db

QUERIES, ASKED = 26, 12
TRAY = "Family Intervention Service: Taunton"


def case(tmp_path, number=1, **cells):
    """A referral in the tray of Taunton."""
    if number == 1:
        publish("somerset")
    name = f"C{number}"
    bring(
        tmp_path / str(number),
        children=[child(name, first_name=f"Robin{number}", **cells)],
        episodes=[episode(f"E{number}", name)],
    )
    return Referral.objects.select_related("child", "version").get(child__child_id=name)


def member(email="ann@example.org", role=Role.CASEWORKER, team=TRAY, **more):
    person = make_person(email, email.split("@")[0].title(), role=role)
    if team:
        Membership.objects.create(user=person, team=Team.objects.get(name=team), **more)
    return person


def give(referral, person, *, team=TRAY):
    holder = Holder(team=Team.objects.get(name=team), worker=person, rule="", because="Given", by=person)
    routing.allocate([(referral, holder, NOW)])


def attempt(referral, by, **values):
    facts = {"method": "phone", "contacted": "child", "result": "no_answer"} | values
    at = london("2026-05-13 10:00")
    return contact.log_attempt(referral, attempted_at=at, **facts, by=by, now=NOW).attempt


def offer(referral, by):
    at = london("2026-05-13 10:00")
    return contact.record_offer(
        referral, to="child", offered_at=at, route="phone", method="face_to_face", by=by, now=NOW
    )


def hold(referral, by):
    at = london("2026-05-14 10:00")
    return outcomes_by_hand.record_held(referral, held_at=at, method="face_to_face", by=by, now=NOW)


def complete(referral, by):
    (covered,) = outcomes_by_hand.covered_episodes(referral)
    settled = {covered.pk: outcomes_by_hand.Settled("completed")}
    outcomes_by_hand.record_outcomes(referral, settled=settled, by=by, now=NOW)


def write_up(interview, by):
    Interview.objects.filter(pk=interview.pk).update(written_up_at=NOW, written_up_by=by)


def work(client, person):
    client.force_login(person)
    answer = client.get("/")
    assert answer.status_code == 200
    return answer


def the_words(answer):
    return " ".join(answer.content.decode().split())


def referrals(answer):
    return [row.referral for row in answer.context["rows"]]


# What a person holds


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
        "Make the first attempt",
        reverse("rhi:log_attempt", args=[mine.pk]),
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


# What else waits


def test_an_appointment_is_shown_with_its_place_until_it_was_held(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    at = (now() + timedelta(days=2)).replace(second=0, microsecond=0)
    booked = contact.book(mine, at=at, place="Library", method="face_to_face", by=ann, now=now())

    answer = work(client, ann)
    assert answer.context["booked"] == [(booked, mine)]
    assert "Face to face, Library" in the_words(answer)
    assert "Was it held?" not in the_words(answer)

    hold(mine, ann)
    assert work(client, ann).context["booked"] == []


def test_an_appointment_that_has_passed_asks_whether_it_was_held(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    contact.book(mine, at=london("2026-06-16 10:00"), place="Library", method="face_to_face", by=ann, now=NOW)

    words = the_words(work(client, ann))

    assert "Was it held?" in words
    assert reverse("rhi:record_held", args=[mine.pk]) in words


def test_an_interview_held_is_to_be_written_up_even_when_its_outcome_has_closed_the_referral(client, tmp_path):
    mine = case(tmp_path)
    ann, ben = member(), member("ben@example.org")
    give(mine, ann)
    interview = hold(mine, ann)
    assert list(work(client, ann).context["writing"]) == [interview]

    complete(mine, ann)
    answer = work(client, ann)
    assert (referrals(answer), list(answer.context["writing"])) == ([], [interview])
    assert reverse("rhi:form", args=[mine.pk]) in the_words(answer)
    assert list(work(client, ben).context["writing"]) == []

    write_up(interview, ann)
    assert list(work(client, ann).context["writing"]) == []


def test_history_that_a_record_brought_is_not_to_be_written_up(client, tmp_path):
    publish("somerset")
    row = {"interview_id": "I1", "child_id": "C1", "episode_ids": "E1", "team": TRAY, "worker_email": "ann@example.org"}
    held = {"held_at": "2026-05-13T10:00", "outcome": "completed", "method": "telephone"}
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[row | held])
    (interview,) = Interview.objects.all()

    assert list(work(client, interview.worker).context["writing"]) == []


def test_what_others_have_written_up_waits_for_a_leader(client, tmp_path):
    mine = case(tmp_path)
    ann, sam = member(), member("sam@example.org", Role.TEAM_LEADER)
    give(mine, ann)
    interview = hold(mine, ann)
    complete(mine, ann)
    assert list(work(client, sam).context["signing"]) == []

    write_up(interview, ann)
    answer = work(client, sam)
    assert list(answer.context["signing"]) == [interview]
    assert reverse("rhi:sign_off", args=[mine.pk]) in the_words(answer)
    assert "To read and sign off" not in the_words(work(client, ann))

    Interview.objects.update(signed_off_at=NOW, signed_off_by=sam)
    assert list(work(client, sam).context["signing"]) == []


def test_nobody_signs_off_what_they_wrote_themselves(client, tmp_path):
    mine = case(tmp_path)
    sam = member("sam@example.org", Role.TEAM_LEADER)
    give(mine, sam)
    write_up(hold(mine, sam), sam)

    answer = work(client, sam)

    assert list(answer.context["signing"]) == []
    assert "Nothing waits for you." in the_words(answer)


def test_another_team_s_interviews_do_not_wait_for_this_leader(client, tmp_path):
    mine = case(tmp_path)
    Team.objects.create(name="Elsewhere")
    ann, sam = member(), member("sam@example.org", Role.TEAM_LEADER, "Elsewhere")
    give(mine, ann)
    write_up(hold(mine, ann), ann)

    assert list(work(client, sam).context["signing"]) == []


def test_a_question_waits_for_the_allocated_worker_too(client, tmp_path):
    publish("surrey")
    bring(tmp_path, children=[child()], episodes=[episode()], involvements=[involvement()])
    asked = Referral.objects.get()
    ann = Child.objects.get().involvements.get().worker

    answer = work(client, ann)

    assert list(answer.context["asked"]) == [asked]
    assert reverse("rhi:settle", args=[asked.pk]) in the_words(answer)
    asked.question_settled_at = NOW
    asked.save(update_fields=["question_settled_at"])
    assert list(work(client, ann).context["asked"]) == []


def task(referral, **owner):
    return Task.objects.create(
        child=referral.child,
        referral=referral,
        kind=Task.Kind.TELL_AUTHORITY,
        about="Tell the other authority.",
        clause="8.1",
        opened_at=NOW,
        **owner,
    )


def test_tasks_of_one_s_own_and_of_one_s_team_wait_until_they_are_settled(client, tmp_path):
    first, second, third = (case(tmp_path, number) for number in (1, 2, 3))
    ann, ben = member(), member("ben@example.org")
    team = Team.objects.get(name=TRAY)
    own, team_s, _ = task(first, owner=ann), task(second, owner_team=team), task(third, owner=ben, owner_team=team)

    answer = work(client, ann)
    assert list(answer.context["tasks"]) == [own, team_s]
    assert reverse("rhi:settle_task", args=[first.pk, own.pk]) in the_words(answer)

    Task.objects.filter(pk=own.pk).update(done_at=NOW)
    assert list(work(client, ann).context["tasks"]) == [team_s]


# Trays


def test_a_leader_sees_the_numbers_of_her_tray_with_links(client, tmp_path):
    mine, _ = case(tmp_path), case(tmp_path, 2)
    sam = member("sam@example.org", Role.TEAM_LEADER)
    give(mine, sam)

    answer = work(client, sam)

    ((team, counts),) = answer.context["trays"]
    assert (team.name, counts.all, counts.nobody, counts.late) == (TRAY, 2, 1, 2)
    tray = reverse("rhi:tray", args=[team.pk])
    assert f'href="{tray}?show=late"' in the_words(answer)


@pytest.mark.parametrize("may_reassign", [True, False])
def test_a_practitioner_sees_the_numbers_of_the_tray_that_she_may_reassign(client, tmp_path, may_reassign):
    case(tmp_path)

    answer = work(client, member(may_reassign=may_reassign))

    assert [team.name for team, _ in answer.context["trays"]] == ([TRAY] if may_reassign else [])


def test_a_coordinator_s_trays_have_their_own_page(client, tmp_path):
    case(tmp_path)

    assert work(client, member("priya@example.org", Role.COORDINATOR, None)).context["trays"] == []


# Notices


def notice(referral, to):
    return Notice.objects.create(child=referral.child, to=to, about="A child of your team was opened.", at=NOW)


def test_a_notice_is_shown_until_it_has_been_seen(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    told = notice(mine, ann)
    answer = work(client, ann)
    assert "A child of your team was opened." in the_words(answer)
    assert reverse("rhi:child", args=[mine.child.pk]) in the_words(answer)

    answer = client.post(reverse("rhi:notice_seen", args=[told.pk]))

    assert answer.headers["Location"] == "/"
    told.refresh_from_db()
    assert told.seen_at is not None
    assert "A child of your team was opened." not in the_words(work(client, ann))
    assert list(AuditEvent.objects.filter(type="notice_seen").values_list("by_id", "children")) == [(ann.pk, ["C1"])]


def test_a_notice_names_nobody_whom_the_person_may_not_see(client, tmp_path):
    mine = case(tmp_path)
    ann = member(team=None)
    notice(mine, ann)

    words = the_words(work(client, ann))

    assert "A child of your team was opened." in words
    assert "Robin1" not in words


def test_somebody_else_s_notice_is_not_found_and_stays_unseen(client, tmp_path):
    told = notice(case(tmp_path), member())
    client.force_login(member("ben@example.org"))

    assert client.post(reverse("rhi:notice_seen", args=[told.pk])).status_code == 404
    assert client.get(reverse("rhi:notice_seen", args=[told.pk])).status_code == 405

    told.refresh_from_db()
    assert told.seen_at is None


def test_seen_twice_is_seen_once(client, tmp_path):
    told = notice(case(tmp_path), member())
    client.force_login(told.to)
    for _ in range(2):
        client.post(reverse("rhi:notice_seen", args=[told.pk]))

    assert AuditEvent.objects.filter(type="notice_seen").count() == 1


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
    client.force_login(ann)
    client.get("/")

    with django_assert_num_queries(ASKED):
        answer = client.get("/")

    assert len(answer.context["asked"]) == rows
    assert len(answer.context["writing"]) == rows
