"""The pages of sharing, and where a recorded share shows: referral, timeline, form and printed record."""

import pytest
from django.urls import reverse

from rhi.actions.form_facts import case_of
from rhi.models import Share
from rhi.questions import missing
from staff.models import AuditEvent
from staff.permissions import Role
from tests.rhi.sharing.written import a_referral, answer, held_and_written, hold, member, share, wishes
from tests.rhi.test_live import asked_by, says
from tests.rhi.writing import address, words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

SENT = {
    "to": "social_worker",
    "name": "Ann Lee, ann@example.org",
    "what": "details",
    "said": "He is afraid to go home.",
    "how": "phone",
    "basis": "task",
    "shared_at": "2026-05-14T09:30",
}


def record(client, referral, **said):
    return client.post(reverse("rhi:record_share", args=[referral.pk]), SENT | said)


def page(client, name, referral):
    return words(client.get(reverse(name, args=[referral.pk])))


@pytest.mark.clause("SUR-03")
def test_shares_with_the_mash_a_social_worker_and_the_police_stand_in_timeline_and_printed_record(client, tmp_path):
    referral = a_referral(tmp_path, procedure="surrey")
    robin = member()
    held_and_written(referral, robin)
    client.force_login(robin)

    for to, name in [("mash", "The MASH"), ("social_worker", "Ann Lee"), ("police", "Missing team")]:
        assert record(client, referral, to=to, name=name).status_code == 302

    events = client.get(reverse("rhi:referral", args=[referral.pk])).context["events"]
    shared = {event.title: event for event in events if event.title.startswith("Shared")}
    assert set(shared) == {"Shared with: MASH", "Shared with: Social worker", "Shared with: Police missing team"}
    event = shared["Shared with: MASH"]
    assert event.facts == (
        "What is relevant to them",
        "To The MASH",
        "By telephone",
        "Basis: The authority's duty to safeguard children",
    )
    assert (event.words, event.by, event.at.isoformat()) == (
        "He is afraid to go home.",
        "Robin Hale",
        "2026-05-14T08:30:00+00:00",
    )
    printed = page(client, "rhi:record", referral)
    for words_of_it in ("MASH", "What is relevant to them, to The MASH", "By telephone, Thu 14 May 2026, 09:30"):
        assert words_of_it in printed, words_of_it
    assert "Ann Lee" in page(client, "rhi:sharing", referral)


def test_what_is_refused_comes_back_with_everything_that_was_typed(client, referral, robin, sam):
    held_and_written(referral, robin, **wishes(parent="does_not_agree"))
    client.force_login(robin)

    answer = record(client, referral, to="parent", basis="agreed")

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["basis"]
    assert "He is afraid to go home." in answer.content.decode()
    assert not Share.objects.exists()

    assert record(client, referral, to="parent", basis="court", because="Order of 12 May", approved_by=sam.pk).headers[
        "Location"
    ] == reverse("rhi:sharing", args=[referral.pk])
    assert Share.objects.get().approved_by == sam


def test_only_people_who_can_approve_are_offered(client, referral, robin, sam):
    make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)
    client.force_login(sam)

    form = client.get(reverse("rhi:record_share", args=[referral.pk])).context["form"]

    assert [words for _, words in form.fields["approved_by"].choices] == [
        "Nobody: the child has agreed",
        "Priya Dean, missing coordinator",
    ]


def test_an_override_shows_with_its_reason_and_approver(client, referral, robin, sam):
    held_and_written(referral, robin)
    share(referral, robin, "parent", basis="harm", because="He will be hurt tonight.", approved_by=sam)
    client.force_login(robin)

    said = page(client, "rhi:referral", referral)

    assert "The child had not agreed" in said
    assert "He will be hurt tonight." in said
    assert "Approved by Sam Okoro" in said


def test_the_page_says_what_each_may_learn(client, referral, robin):
    held_and_written(referral, robin, **wishes(school="agrees", health="does_not_agree"))
    client.force_login(robin)

    rows = client.get(reverse("rhi:sharing", args=[referral.pk])).context["wished"]

    assert {row.to: (row.wish, row.learns) for row in rows} == {
        "parent": ("Not asked, or did not say", "Only that the interview took place, and on which day"),
        "placement": ("Not asked, or did not say", "Only that the interview took place, and on which day"),
        "school": ("Agrees", "What was said, as far as it is relevant to them"),
        "health": ("Does not agree", "Nothing, but for a reason and with approval"),
        "other": ("Not asked, or did not say", "Only that the interview took place, and on which day"),
    }


# The form


def needs_sharing(referral):
    case = case_of(referral)
    return "shared_with" in [each.question.key for each in missing(case.situation, case.values)]


def test_a_recorded_share_answers_the_forms_question(client, referral, robin):
    hold(referral, robin)
    assert needs_sharing(referral)

    share(referral, robin, "police")

    assert not needs_sharing(referral)
    client.force_login(robin)
    section = words(client.get(address(referral, "P")))
    assert "Police missing team" in section
    assert "He was at the station with two older boys." in section
    assert "If it was shared with nobody" not in section


def test_with_nothing_recorded_the_form_asks_whether_that_is_so(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    section = words(client.get(address(referral, "P")))

    assert "With nobody so far" in section
    assert "Record what was shared" in section


# Who reaches it


def test_what_was_shared_is_read_only_by_who_reaches_the_referral(client, referral, robin):
    client.force_login(make_person("nia.frost@example.org", "Nia Frost"))

    for name in ("rhi:sharing", "rhi:record_share"):
        assert client.get(reverse(name, args=[referral.pk])).status_code == 404
    assert AuditEvent.objects.filter(type="denied").count() == 2


# What they cost


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("rhi:sharing", 23), ("rhi:record_share", 20)])
def test_a_page_costs_the_same_however_much_was_shared(
    client, referral, robin, sam, django_assert_num_queries, rows, name, queries
):
    held_and_written(referral, robin)
    for _ in range(rows):
        share(referral, robin, "parent", basis="harm", because="Risk", approved_by=sam)
    client.force_login(robin)
    client.get(reverse(name, args=[referral.pk]))

    with django_assert_num_queries(queries):
        client.get(reverse(name, args=[referral.pk]))


def test_an_open_referral_learns_that_something_was_shared(client, referral, robin, sam):
    client.force_login(sam)
    asks = asked_by(client.get(reverse("rhi:referral", args=[referral.pk])))
    assert says(client, asks) == ""

    share(referral, robin, "police")

    assert says(client, asks) == "Somebody has changed this referral"


def test_my_work_leads_to_what_is_to_be_filed(client, robin):
    client.force_login(robin)

    assert reverse("rhi:not_filed") in client.get("/").content.decode()


def test_of_two_who_share_with_the_police_the_task_is_done_once_and_both_rows_stay(referral, robin, sam):
    held_and_written(referral, robin, hurt={"answer": "yes"})

    share(referral, robin, "police")
    share(referral, sam, "police")

    assert Share.objects.count() == 2
    assert referral.tasks.get(kind="share").settled_by == robin


def test_what_the_placement_was_told_is_not_asked_once_it_is_recorded(referral, robin):
    def asked():
        case = case_of(referral)
        return "placement_told_only_fact" in [each.question.key for each in missing(case.situation, case.values)]

    hold(referral, robin)
    answer(referral, robin, **wishes(placement="does_not_agree"))
    assert asked()

    share(referral, robin, "placement", "took_place", how="phone")

    assert not asked()
