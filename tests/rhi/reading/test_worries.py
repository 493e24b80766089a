"""What worries a reader goes to a named manager, lies in her work until she answers, and stays in the timeline."""

import re
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from episodes.models import Access, Child
from rhi.actions.escalating import EscalationRefused, answer, answerers, escalate, withdraw
from rhi.actions.notices import prefer
from rhi.actions.signing import send_back
from rhi.models import Answer, Escalation, Notice
from routing.models import Referral
from staff.actions import Refused
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import london
from tests.rhi.reading.written import LATER, NOW, page_of
from tests.rhi.writing import member, words
from tests.staff.people import make_person
from tests.staff.people import now as the_time

pytestmark = pytest.mark.django_db

WHY = "An older man <waits> outside school.\nTwice this week."
ANSWER = "Strategy discussion on Friday; Sam rings the police."


def put(referral, to, by, *, now=LATER):
    return escalate(referral, to=to, because=WHY, by=by, now=now)


def worry_page(worry):
    return reverse("rhi:worry", args=[worry.pk])


def work(client, person):
    client.force_login(person)
    answered = client.get("/")
    assert answered.status_code == 200
    return answered


# Put to somebody


@pytest.mark.clause("NOT-30")
def test_while_reading_a_worry_goes_to_a_named_manager_and_lies_in_her_work_until_she_answers(
    client, written_up, priya, morgan
):
    client.force_login(priya)
    way = page_of("escalate", written_up)
    assert f'href="{way}"' in client.get(page_of("record", written_up)).content.decode()

    assert client.post(way, {"to": morgan.pk, "because": WHY}).status_code == 302

    worry = Escalation.objects.get()
    assert (worry.to, worry.by, worry.referral, worry.answered_at) == (morgan, priya, written_up, None)
    page = work(client, morgan)
    assert page.context["worries"] == [worry]
    assert f'href="{worry_page(worry)}"' in page.content.decode()

    client.post(worry_page(worry), {"words": ANSWER})

    assert work(client, morgan).context["worries"] == []
    worry.refresh_from_db()
    assert (worry.answer, worry.answered_by) == (ANSWER, morgan)


@pytest.mark.clause("NOT-30")
def test_worry_and_answer_stay_in_the_timeline(client, written_up, priya, morgan, robin):
    answer(put(written_up, morgan, priya), words=ANSWER, by=morgan, now=london("2026-05-15 10:00"))
    client.force_login(robin)

    page = words(client.get(page_of("referral", written_up)))

    assert "Worry put to Morgan Ellis by Priya Dean Thu 14 May, 15:00 An older man" in page
    assert f"Worry answered by Morgan Ellis Fri 15 May, 10:00 {ANSWER}" in page


def test_a_worry_can_be_put_from_the_page_of_the_referral_by_who_may(client, written_up, robin, sam, priya):
    offered = {}
    for person in (robin, sam, priya):
        client.force_login(person)
        page = client.get(page_of("referral", written_up)).content.decode()
        offered[person.name] = page_of("escalate", written_up) in page

    assert offered == {"Robin Hale": False, "Sam Okoro": True, "Priya Dean": True}


def test_she_is_told_without_a_word_about_the_child_and_so_is_whoever_asked(written_up, priya, morgan):
    worry = put(written_up, morgan, priya)
    told = Notice.objects.get(to=morgan)
    assert (told.kind, told.by) == ("escalated", priya)
    assert told.about == f"A worry about the child of referral {written_up} is put to you. It waits in My work."

    answer(worry, words=ANSWER, by=morgan, now=NOW + timedelta(days=1))

    back = Notice.objects.get(to=priya, kind="answered")
    assert (back.by, back.referral) == (morgan, written_up)
    assert ANSWER not in back.about
    told.refresh_from_db()
    assert told.seen_at == NOW + timedelta(days=1)


def test_both_leave_a_line_in_the_trail_without_their_words(written_up, priya, morgan):
    answer(put(written_up, morgan, priya), words=ANSWER, by=morgan, now=NOW + timedelta(days=1))

    lines = AuditEvent.objects.filter(type__in=["escalated", "escalation_answered"]).order_by("pk")
    assert [(line.by_email, line.children, line.detail) for line in lines] == [
        (person.email, ["C1"], {"referral": written_up.pk, "to": morgan.pk}) for person in (priya, morgan)
    ]


def test_twice_to_the_same_person_is_refused_in_words_and_keeps_what_was_typed(client, written_up, sam, priya, morgan):
    put(written_up, morgan, priya)
    client.force_login(sam)

    answered = client.post(page_of("escalate", written_up), {"to": morgan.pk, "because": "And another thing"})

    said = words(answered)
    assert "Priya Dean put a worry about this referral to Morgan Ellis, Thu 14 May, 15:00." in said
    assert "And another thing" in said
    assert Escalation.objects.count() == 1
    assert put(written_up, priya, sam).to == priya  # to somebody else, it can be put


def test_the_database_refuses_a_second_open_one_to_the_same_person(written_up, priya, morgan, sam):
    put(written_up, morgan, priya)

    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.create(
            child=written_up.child, referral=written_up, to=morgan, because="Again", by=sam, at=LATER
        )


@pytest.mark.parametrize(
    ("whom", "told"),
    [
        ("priya", "Put it to somebody else: you know of it already."),
        ("robin", "Robin Hale is no manager, team leader or missing coordinator. Choose one."),
        ("gone", "Lee Gone has left. Choose somebody else."),
    ],
)
def test_who_cannot_be_asked_is_refused_in_words(written_up, robin, priya, whom, told):
    gone = make_person("lee@example.org", "Lee Gone", Role.MANAGER, left_on=date(2026, 5, 1))

    with pytest.raises(EscalationRefused) as refusal:
        put(written_up, {"priya": priya, "robin": robin, "gone": gone}[whom], priya)

    assert str(refusal.value) == told


def test_the_list_has_managers_first_who_can_sign_in_and_says_who_is_away(client, written_up, sam, priya, morgan):
    make_person("new@example.org", "Never Invited", Role.MANAGER, password=None)
    today = the_time().date()
    prefer(values={"by_email": "at_once", "away_from": today, "away_until": date(2099, 1, 1)}, by=sam, now=LATER)
    client.force_login(priya)

    page = words(client.get(page_of("escalate", written_up)))

    assert "Choose somebody Morgan Ellis, manager Sam Okoro, team leader (away until Thu 1 Jan" in page
    assert "Never Invited" not in page
    assert [each.person for each in answerers(written_up, by=priya, now=LATER)] == [morgan, sam]


@pytest.mark.parametrize("missing", ["to", "because"])
def test_whom_and_why_are_both_needed(client, written_up, priya, morgan, missing):
    client.force_login(priya)
    typed = {"to": morgan.pk, "because": WHY} | {missing: ""}

    said = words(client.post(page_of("escalate", written_up), typed))

    assert {"to": "Choose who is to answer", "because": "Say what worries you"}[missing] in said
    assert not Escalation.objects.exists()


# Her one page


def test_she_reads_the_reason_and_the_interview_as_it_was_written_up_and_the_trail_has_a_line(
    client, written_up, priya, morgan
):
    worry = put(written_up, morgan, priya)
    Answer.objects.filter(question="analysis").update(value={"answer": "Changed behind the form's back"})
    client.force_login(morgan)

    page = client.get(worry_page(worry))

    said = words(page)
    for part in ("Robin Example", "An older man <waits> outside school.", "Words for answer", "Your answer"):
        assert part in said
    assert "Changed behind" not in said
    line = AuditEvent.objects.get(type="form_read")
    assert (line.by_email, line.children, line.subject) == (morgan.email, ["C1"], f"rhi.Escalation:{worry.pk}")


def test_nothing_else_of_the_child_opens_to_her(client, written_up, priya, morgan):
    put(written_up, morgan, priya)
    client.force_login(morgan)

    for name in ("referral", "record", "form", "sign_off"):
        assert client.get(page_of(name, written_up)).status_code == 404
    assert client.get(reverse("rhi:child", args=[written_up.child_id])).status_code == 404
    page = client.get(worry_page(Escalation.objects.get())).content.decode()
    assert "/referrals/" not in page
    assert "/children/" not in page


def test_it_is_nobody_elses(client, written_up, sam, priya, morgan):
    worry = put(written_up, morgan, priya)

    for person in (sam, priya, make_person("kim@example.org", "Kim", Role.MANAGER)):
        client.force_login(person)
        assert client.get(worry_page(worry)).status_code == 404
        assert client.post(worry_page(worry), {"words": "Not mine"}).status_code == 404
    worry.refresh_from_db()
    assert worry.answered_at is None


def test_an_answer_needs_words(client, written_up, priya, morgan):
    worry = put(written_up, morgan, priya)
    client.force_login(morgan)

    assert "Write your answer" in words(client.post(worry_page(worry), {"words": "  "}))
    worry.refresh_from_db()
    assert worry.answered_at is None


def test_a_second_answer_says_so_and_changes_nothing(client, written_up, priya, morgan):
    worry = put(written_up, morgan, priya)
    client.force_login(morgan)
    client.post(worry_page(worry), {"words": ANSWER})

    again = client.post(worry_page(worry), {"words": "Something else"})

    assert "Morgan Ellis answered this, " in words(again)
    worry.refresh_from_db()
    assert worry.answer == ANSWER
    assert Notice.objects.filter(kind="answered").count() == 1


@pytest.mark.parametrize(("days", "status"), [(13, 200), (15, 404)])
def test_once_answered_she_can_open_it_for_fourteen_days(client, written_up, priya, morgan, days, status):
    worry = put(written_up, morgan, priya)
    answer(worry, words=ANSWER, by=morgan, now=the_time() - timedelta(days=days))
    client.force_login(morgan)

    page = client.get(worry_page(worry))

    assert page.status_code == status
    assert (ANSWER in words(page)) is (status == 200)


def test_while_the_form_is_open_again_she_reads_the_reason_only(client, written_up, sam, priya, morgan):
    worry = put(written_up, morgan, priya)
    send_back(written_up, because="Who was there?", by=sam, now=LATER)
    client.force_login(morgan)

    said = words(client.get(worry_page(worry)))

    assert "The interview is not written up. Once it is, you can read it here." in said
    assert "Words for answer" not in said


@pytest.mark.parametrize("rows", [1, 3])
def test_her_page_costs_the_same_however_much_there_is(
    client, written_up, robin, priya, morgan, django_assert_num_queries, rows
):
    worry = put(written_up, morgan, priya)
    client.force_login(morgan)
    client.get(worry_page(worry))
    Answer.objects.filter(question="injuries").delete()
    for number in range(rows - 1):
        Answer.objects.create(
            child=written_up.child,
            interview=written_up.interviews.get(),
            question=f"q{number}",
            value={},
            by=robin,
            at=NOW,
        )

    with django_assert_num_queries(20):
        client.get(worry_page(worry))


# A restricted child


def test_of_a_restricted_child_only_who_may_see_the_child_can_be_asked(client, written_up, sam, priya, morgan):
    Child.objects.update(restricted=True)
    for person in (priya, sam):
        Access.objects.create(child=written_up.child, user=person, basis="restriction", since=NOW, because="Named")
    written_up.child.refresh_from_db()
    assert [each.person for each in answerers(written_up, by=priya, now=LATER)] == [sam]
    client.force_login(priya)

    said = words(client.post(page_of("escalate", written_up), {"to": morgan.pk, "because": WHY}))

    assert "Choose somebody from the list. The child is restricted, so only people who may see the child" in said
    with pytest.raises(EscalationRefused, match="The child is restricted, and Morgan Ellis may not see the child"):
        put(written_up, morgan, priya)
    assert put(written_up, sam, priya).to == sam


def test_who_is_not_named_loses_the_worry_when_the_child_is_restricted(client, written_up, priya, morgan):
    worry = put(written_up, morgan, priya)
    Child.objects.update(restricted=True)

    assert work(client, morgan).context["worries"] == []
    assert client.get(worry_page(worry)).status_code == 404
    assert [each for each, _ in work(client, priya).context["unanswered"]] == [worry]


# Whom it was put to does not answer


def test_whoever_asked_sees_it_unanswered_and_after_two_working_days_that_it_waits_long(
    client, written_up, sam, priya, morgan
):
    put(written_up, morgan, priya, now=the_time())
    said = words(work(client, priya))
    assert "Worries that you put, not answered" in said
    assert "Put to Morgan Ellis, " in said
    assert "Not answered for" not in said

    Escalation.objects.update(at=LATER)

    assert re.search(r"Not answered for \d+ working days", words(work(client, priya)))
    assert work(client, sam).context["unanswered"] == []


def test_one_put_to_who_has_left_is_withdrawn_and_put_to_somebody_else(client, written_up, sam, priya, morgan):
    worry = put(written_up, morgan, priya)
    morgan.left_on = date(2026, 5, 20)
    morgan.save()
    said = words(work(client, priya))
    assert "Put to Morgan Ellis (has left)" in said
    way = page_of("withdraw_worry", written_up, worry.pk)
    assert "Morgan Ellis (has left)" in words(client.get(page_of("referral", written_up)))

    done = client.post(way, {"because": "She has left."})

    assert done.headers["Location"] == page_of("escalate", written_up)
    worry.refresh_from_db()
    assert (worry.answer, worry.answered_by) == ("She has left.", priya)
    client.post(page_of("escalate", written_up), {"to": sam.pk, "because": WHY})
    page = words(client.get(page_of("referral", written_up)))
    assert "Worry put to Morgan Ellis withdrawn by Priya Dean" in page
    assert "Worry put to Sam Okoro by Priya Dean" in page
    assert "Worry answered" not in page


def test_one_that_was_withdrawn_is_open_to_nobody_any_more(client, written_up, priya, morgan):
    worry = put(written_up, morgan, priya)
    withdraw(worry, because="The wrong Morgan.", by=priya, now=LATER)

    assert work(client, morgan).context["worries"] == []
    assert client.get(worry_page(worry)).status_code == 404
    assert Notice.objects.get(to=morgan).seen_at == LATER
    assert not Notice.objects.filter(to=priya, kind="answered").exists()


def test_who_put_it_is_told_when_somebody_else_withdraws_it(written_up, sam, priya, morgan):
    withdraw(put(written_up, morgan, priya), because="Settled by telephone.", by=sam, now=LATER)

    told = Notice.objects.get(to=priya, kind="answered")
    assert told.about.startswith("Sam Okoro has withdrawn the worry that you put")


def test_what_is_answered_is_not_withdrawn_and_what_is_withdrawn_not_answered(client, written_up, sam, priya, morgan):
    answered, withdrawn = put(written_up, morgan, priya), put(written_up, sam, priya)
    answer(answered, words=ANSWER, by=morgan, now=LATER)
    withdraw(withdrawn, because="Settled.", by=priya, now=LATER)

    with pytest.raises(EscalationRefused, match=r"Morgan Ellis answered this, Thu 14 May, 15:00\."):
        withdraw(answered, because="Late", by=priya, now=LATER)
    with pytest.raises(EscalationRefused, match=r"Priya Dean withdrew this, Thu 14 May, 15:00\."):
        answer(withdrawn, words="Late", by=sam, now=LATER)
    client.force_login(priya)
    assert "Morgan Ellis has answered it" in words(client.get(page_of("withdraw_worry", written_up, answered.pk)))


def test_nobody_answers_for_her_nor_withdraws_what_was_put_to_themselves(written_up, sam, priya, morgan):
    worry = put(written_up, sam, priya)

    with pytest.raises(Refused, match="This was put to Sam Okoro, who answers it"):
        answer(worry, words="For her", by=morgan, now=LATER)
    with pytest.raises(Refused, match="This was put to you"):
        withdraw(worry, because="No", by=sam, now=LATER)


def test_a_worry_is_not_reached_by_another_referrals_address(client, written_up, priya, morgan, tmp_path):
    worry = put(written_up, morgan, priya)
    client.force_login(priya)

    assert client.get(reverse("rhi:withdraw_worry", args=[written_up.pk + 1, worry.pk])).status_code == 404


# A manager's My work


@pytest.mark.clause("NOT-30")
def test_a_managers_work_has_her_worries_and_the_way_to_the_figures_and_no_case_work(client, written_up, morgan):
    page = work(client, morgan)

    said = words(page)
    assert "Nothing waits for your answer." in said
    assert 'href="/reports/"' in page.content.decode()
    for none_of_hers in ("Referrals that you hold", "Your trays", "No tasks", "To read and sign off", "To write up"):
        assert none_of_hers not in said


def test_a_caseworkers_work_says_nothing_of_worries(client, written_up, robin):
    assert "Worries" not in words(work(client, robin))


def test_a_leader_answers_in_her_work_what_was_put_to_her(client, written_up, priya):
    lee = member("lee@example.org", "Lee Marsh", Role.TEAM_LEADER)
    worry = put(written_up, lee, priya)

    assert work(client, lee).context["worries"] == [worry]


def test_a_new_worry_is_news_to_a_page_that_stays_open(client, written_up, priya, morgan):
    look = work(client, morgan).context["look"]
    assert client.get(look).json()["says"] == ""

    put(written_up, morgan, priya)

    assert client.get(look).json()["says"] == "2 new for you"  # the worry and its notice


@pytest.mark.parametrize("rows", [1, 3])
def test_a_managers_work_costs_the_same_however_much_waits(
    client, written_up, priya, morgan, django_assert_num_queries, rows
):
    referrals = Referral.objects.bulk_create(
        Referral(child=written_up.child, version=written_up.version) for _ in range(rows)
    )
    for referral in referrals:
        put(referral, morgan, priya)
    client.force_login(morgan)
    client.get("/")

    with django_assert_num_queries(7):  # session, person, notices, worries, and the trail in its transaction
        assert len(client.get("/").context["worries"]) == rows
