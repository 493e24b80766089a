"""Missing coordinators are told of every interview that is written up, and read it (Nottinghamshire 7)."""

from datetime import date

import pytest

from episodes.models import Access, Child
from rhi.actions import bundling
from rhi.actions.contradictions import Settled
from rhi.actions.outcomes_by_hand import record_outcomes
from rhi.actions.reading import ReadRefused, mark_read, tell_of_write_up
from rhi.actions.signing import send_back, sign_off, write_up
from rhi.delivery import emails
from rhi.models import Answer, Email, Interview, InterviewRead, Notice
from rhi.questions.shapes import Situation
from rhi.views.reading import PAGE
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import london
from tests.rhi.reading.written import LATER, NOW, page_of
from tests.rhi.writing import answer_all, words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

LIST = "/to-read/"


def listed(client, person):
    client.force_login(person)
    answer = client.get(LIST)
    assert answer.status_code == 200
    return [row.interview.referral for row in answer.context["rows"]]


def read(referral, by, *, now=LATER):
    return mark_read(referral, written_up_at=Interview.objects.get().written_up_at, by=by, now=now)


# Told


@pytest.mark.clause("NOT-28")
def test_within_a_minute_of_the_write_up_the_coordinator_has_a_notice_and_an_unread_item(client, held, robin, priya):
    client.force_login(robin)

    client.post(page_of("submit", held))

    at = Interview.objects.get().written_up_at
    notice = Notice.objects.get(to=priya, kind="written_up")
    assert (notice.kind, notice.referral, notice.seen_at) == ("written_up", held, None)
    assert (notice.at - at).total_seconds() < 60
    assert listed(client, priya) == [held]
    assert "The interview of referral" in words(client.get("/notices/"))


@pytest.mark.clause("NOT-28")
def test_the_mail_about_it_holds_a_number_and_nothing_of_the_child(priya, written_up):
    bundling.send(now=NOW)
    email = Email.objects.get(to=priya)
    message = emails.compose(email)

    assert email.numbers["written_up"] == 1
    said = f"{message.subject} {message.body}"
    assert "1 interview is to be read" in said
    assert [word for word in ("Robin", "Example", "C1", "E1", f"R{written_up.pk}", "Taunton") if word in said] == []


def test_every_coordinator_who_works_here_is_told_once_and_nobody_else(held, robin, sam, priya, morgan):
    kim = make_person("kim@example.org", "Kim", Role.COORDINATOR)
    make_person("lee@example.org", "Lee", Role.COORDINATOR, left_on=date(2026, 5, 1))

    write_up(held, by=robin, now=NOW)

    told = Notice.objects.filter(kind="written_up")
    assert sorted(told.values_list("to__name", flat=True)) == [kim.name, priya.name]


def test_a_coordinator_is_not_told_of_what_she_wrote_up_herself(held, priya):
    write_up(held, by=priya, now=NOW)

    assert not Notice.objects.filter(to=priya, kind="written_up").exists()


def test_of_a_restricted_child_only_the_coordinator_is_told_who_is_named(client, held, robin, priya):
    kim = make_person("kim@example.org", "Kim", Role.COORDINATOR)
    Child.objects.update(restricted=True)
    Access.objects.create(child=held.child, user=kim, basis="restriction", since=NOW, because="Named")
    write_up(held, by=robin, now=NOW)

    assert [notice.to.name for notice in Notice.objects.filter(kind="written_up")] == ["Kim"]
    assert (listed(client, priya), listed(client, kim)) == ([], [held])


def test_telling_costs_the_same_however_many_coordinators_there_are(held, robin, django_assert_num_queries):
    interview = Interview.objects.get()
    interview.written_up_at = NOW
    for number in range(3):
        make_person(f"coordinator{number}@example.org", f"Coordinator {number}", Role.COORDINATOR)
    held.child  # noqa: B018 fetched by whoever calls

    with django_assert_num_queries(2):  # coordinators, their notices
        tell_of_write_up(interview, held, by=robin, now=NOW)
    assert Notice.objects.count() == 3


# The list


@pytest.mark.clause("NOT-19")
def test_a_form_that_a_worker_submits_lies_in_the_coordinators_list_until_she_has_read_it(client, held, robin, priya):
    assert listed(client, priya) == []
    client.force_login(robin)
    client.post(page_of("submit", held))
    assert listed(client, priya) == [held]

    page = client.get(page_of("record", held))  # opening it is not yet having read it
    assert "Words for answer" in words(page)
    assert listed(client, priya) == [held]

    at = page.context["interview"].written_up_at.isoformat()
    assert f'value="{at}"' in page.content.decode()
    answer = client.post(page_of("mark_read", held), {"written_up_at": at})

    assert answer.headers["Location"] == LIST
    assert listed(client, priya) == []
    kept = InterviewRead.objects.get()
    assert (kept.by, kept.interview.referral) == (priya, held)
    assert AuditEvent.objects.get(type="interview_read").children == ["C1"]


@pytest.mark.clause("NOT-19")
def test_a_leaders_sign_off_does_not_take_it_off_the_list(client, signed_off, priya):
    assert listed(client, priya) == [signed_off]
    assert "Signed off already" in words(client.get(LIST))


def test_a_coordinators_sign_off_counts_as_reading(client, written_up, priya):
    sign_off(written_up, by=priya, now=LATER)

    assert listed(client, priya) == []
    assert InterviewRead.objects.get().by == priya
    assert Notice.objects.get(to=priya, kind="written_up").seen_at == LATER


def test_one_that_was_sent_back_and_written_up_anew_is_to_be_read_again(client, written_up, robin, sam, priya):
    read(written_up, priya)
    send_back(written_up, because="Who was there?", by=sam, now=LATER)
    assert listed(client, priya) == []

    write_up(written_up, by=robin, now=london("2026-05-15 09:00"))

    assert listed(client, priya) == [written_up]
    assert Notice.objects.filter(to=priya, kind="written_up").count() == 2


def test_what_a_record_brought_was_read_elsewhere(client, written_up, priya):
    Interview.objects.update(written_up_by=None)

    assert listed(client, priya) == []


def test_the_menu_says_how_many_wait_and_only_to_a_coordinator(client, written_up, sam, priya):
    client.force_login(priya)
    assert 'href="/to-read/"' in (page := client.get("/procedure/").content.decode())
    assert '<span class="rhi-navigation__count">1<' in page
    assert "1 interview is written up and not read yet" in words(client.get("/"))
    client.force_login(sam)
    assert 'href="/to-read/"' not in client.get("/procedure/").content.decode()


def test_each_row_says_who_wrote_it_when_what_came_of_it_and_how_grave_it_is(client, written_up, priya):
    Answer.objects.filter(question="risk_level").update(value={"again": "low", "harm": "immediate", "reason": "So."})
    Answer.objects.filter(question="harm_types").update(
        value={"disclosed": ["none_disclosed"], "suspected": ["sexual_exploitation"]}
    )
    client.force_login(priya)

    answer = client.get(LIST)

    [row] = answer.context["rows"]
    assert (row.outcomes, row.risk_words, row.harm) == (["Completed"], "Immediate", ["Suspected"])
    said = words(answer)
    for part in ("Robin Example, 14", "Thu 14 May, 09:00 Robin Hale", "Wed 13 May, 10:00", "Completed", "Immediate"):
        assert part in said


def test_an_interview_that_was_not_held_is_read_too_and_its_reason_stands_there(client, referral, robin, priya):
    [cover] = referral.covered.all()
    settled = {cover.episode_id: Settled("no_contact", "no_answer")}
    record_outcomes(referral, settled=settled, although=True, by=robin, now=NOW)
    answer_all(referral, robin, Situation(), at=NOW)
    write_up(referral, by=robin, now=NOW)
    client.force_login(priya)

    answer = client.get(LIST)

    [row] = answer.context["rows"]
    assert (row.outcomes, row.harm) == (["No contact: no answer"], [])
    assert "Not held" in words(answer)


def test_the_oldest_stands_first_and_a_page_holds_so_many(client, written_up, robin, priya):
    def another(number):
        return Interview(
            reference=f"RHI-{number}",
            child=written_up.child,
            referral=written_up,
            written_up_at=london(f"2026-05-{number:02} 08:00"),
            written_up_by=robin,
        )

    Interview.objects.bulk_create([another(number) for number in (15, 13)])
    client.force_login(priya)
    shown = client.get(LIST).context
    assert [row.interview.written_up_at.day for row in shown["rows"]] == [13, 14, 15]
    assert (shown["previous"], shown["next"]) == ("", "")

    more = [another(1) for _ in range(PAGE)]
    for number, interview in enumerate(more):
        interview.reference = f"RHI-more-{number}"
    Interview.objects.bulk_create(more)

    first, second = client.get(LIST), client.get(f"{LIST}?page=2")
    assert (len(first.context["rows"]), len(second.context["rows"])) == (PAGE, 3)
    assert f'href="{first.context["next"]}"' in first.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(client, written_up, robin, priya, django_assert_num_queries, rows):
    Interview.objects.bulk_create(
        Interview(
            reference=f"RHI-same-{number}",
            child=written_up.child,
            referral=written_up,
            written_up_at=NOW,
            written_up_by=robin,
        )
        for number in range(rows - 1)
    )
    client.force_login(priya)
    client.get(LIST)

    with django_assert_num_queries(8):  # session, person, interviews, answers, outcomes, the trail in its transaction
        answer = client.get(LIST)
    assert len(answer.context["rows"]) == rows


def test_an_empty_list_says_when_something_comes(client, priya):
    client.force_login(priya)

    assert "You have nothing to read." in words(client.get(LIST))


def test_reading_the_list_leaves_a_line_with_its_children(client, written_up, priya):
    client.force_login(priya)

    client.get(LIST)

    line = AuditEvent.objects.get(type="list_read")
    assert (line.children, line.detail) == (["C1"], {"page": "to_read"})


# Marking


def test_only_a_coordinator_is_asked_whether_she_has_read_it(client, written_up, robin, sam, priya):
    asked = {}
    for person in (robin, sam, priya):
        client.force_login(person)
        asked[person.name] = "Mark as read" in words(client.get(page_of("record", written_up)))

    assert asked == {"Robin Hale": False, "Sam Okoro": False, "Priya Dean": True}
    assert "Mark as read" in words(client.get(page_of("sign_off", written_up)))


def test_what_was_written_anew_while_she_read_is_not_marked(client, written_up, robin, sam, priya):
    client.force_login(priya)
    seen = {"written_up_at": client.get(page_of("record", written_up)).context["interview"].written_up_at.isoformat()}
    send_back(written_up, because="Who was there?", by=sam, now=LATER)
    answer = client.post(page_of("mark_read", written_up), seen, follow=True)
    assert "This form can be written on again. It comes back to your list once it is written up." in words(answer)
    write_up(written_up, by=robin, now=london("2026-05-15 09:00"))

    answer = client.post(page_of("mark_read", written_up), seen, follow=True)

    assert "This interview was written up anew, Fri 15 May, 09:00. Read it as it stands now." in words(answer)
    assert not InterviewRead.objects.exists()


def test_a_second_press_changes_nothing_and_a_second_reader_is_told_who_was_first(client, written_up, priya):
    at = {"written_up_at": Interview.objects.get().written_up_at.isoformat()}
    client.force_login(priya)
    for _ in range(2):
        answer = client.post(page_of("mark_read", written_up), at, follow=True)
        assert f"Referral {written_up}: you have read the interview." in words(answer)
    client.force_login(make_person("kim@example.org", "Kim", Role.COORDINATOR))

    answer = client.post(page_of("mark_read", written_up), at, follow=True)

    assert f"Referral {written_up}: Priya Dean has read the interview already." in words(answer)
    assert InterviewRead.objects.count() == 1
    assert AuditEvent.objects.filter(type="interview_read").count() == 1


@pytest.mark.parametrize("sent", ["", "yesterday", "2026-05-14T09:00:00", "9999-12-31T23:59:59.999999+00:00"])
def test_a_time_that_no_page_showed_marks_nothing(client, written_up, priya, sent):
    client.force_login(priya)

    assert client.post(page_of("mark_read", written_up), {"written_up_at": sent}).status_code == 302
    assert not InterviewRead.objects.exists()


def test_that_she_has_read_it_stands_in_the_timeline(client, written_up, priya):
    read(written_up, priya)
    client.force_login(priya)

    assert "Read by a missing coordinator by Priya Dean Thu 14 May, 15:00" in words(
        client.get(page_of("referral", written_up))
    )


def test_what_is_not_written_up_is_not_marked(held, priya):
    with pytest.raises(ReadRefused, match="can be written on again"):
        mark_read(held, written_up_at=None, by=priya, now=NOW)


def test_reading_it_sees_her_own_notice_and_nobody_elses(written_up, robin, priya):
    other = Notice.objects.create(child=written_up.child, to=robin, kind="written_up", key="x", about="Other", at=NOW)

    read(written_up, priya)

    assert Notice.objects.get(to=priya, kind="written_up").seen_at == LATER
    other.refresh_from_db()
    assert other.seen_at is None
