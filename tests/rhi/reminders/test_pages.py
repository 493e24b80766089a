"""The bell, the page of one's notices, and how one wants to be told."""

import re
from datetime import date, time

import pytest
from django.urls import reverse

from rhi.actions import notices
from rhi.models import Notice, Preferences
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import london
from tests.rhi.reminders.week import coordinator, give, leader, person, returned

pytestmark = pytest.mark.django_db

PAGE = "/notices/"
OWN = "/account/preferences/"


def notice(referral, to, *, about="Something.", kind="due", at="2026-06-09 10:00", **more):
    return Notice.objects.create(
        child=referral.child, referral=referral, to=to, kind=kind, about=about, at=london(at), **more
    )


@pytest.fixture
def ann(tmp_path, client):
    ann = person("Ann")
    give(returned(tmp_path), ann)
    client.force_login(ann)
    return ann


@pytest.fixture
def referral(ann):
    return ann.allocations.get().referral


def words(answer):
    return " ".join(answer.content.decode().split())


def shown_on(answer):
    """The keys that the page sends back with its button."""
    return re.findall(r'name="shown" value="(\d+)"', answer.content.decode())


# The bell


def test_the_bell_counts_what_has_not_been_seen_on_every_page(client, ann, referral):
    assert "rhi-header__count" not in words(client.get(OWN))
    for number in range(3):
        notice(referral, ann, about=str(number))
    notice(referral, leader())
    notice(referral, ann, seen_at=london("2026-06-09 11:00"))

    for page in (OWN, "/procedure/", PAGE):
        assert '<span class="rhi-header__count">3<span class="govuk-visually-hidden"> not seen</span></span>' in words(
            client.get(page)
        )


def test_it_costs_no_query_of_its_own(client, ann, referral, django_assert_num_queries):
    notice(referral, ann)
    client.get("/parts/")

    with django_assert_num_queries(2):  # session, person
        assert "rhi-header__count" in words(client.get("/parts/"))


def test_who_does_no_case_work_and_who_has_not_signed_in_have_none(client, ann):
    client.force_login(person("Morgan", Role.AUDITOR, team=None))
    assert PAGE not in words(client.get("/procedure/"))
    client.logout()
    assert PAGE not in words(client.get("/account/sign-in/"))


# The notices


def test_ones_own_notices_stand_there_the_unseen_first_and_nobody_elses(client, ann, referral):
    notice(referral, ann, about="First.", at="2026-06-09 09:00")
    notice(referral, ann, about="Second.", at="2026-06-09 10:00")
    notice(referral, ann, about="Seen.", at="2026-06-09 11:00", seen_at=london("2026-06-09 12:00"))
    notice(referral, leader(), about="Not hers.")

    answer = client.get(PAGE)

    assert [each.about for each in answer.context["notices"]] == ["Second.", "First.", "Seen."]
    assert "Not hers." not in words(answer)
    assert "Seen Tue 9 Jun, 12:00." in words(answer)
    assert "Robin1 Example" in words(answer)


def test_reading_them_leaves_a_line_with_the_children_who_are_named(client, ann, referral):
    notice(referral, ann)

    client.get(PAGE)

    ((children, detail),) = AuditEvent.objects.filter(type="list_read").values_list("children", "detail")
    assert (children, detail) == (["C1"], {"page": "notices"})


def test_a_child_whom_one_may_not_see_any_more_is_not_named_nor_led_to(client, ann, referral):
    notice(referral, ann)
    referral.child.restricted = True
    referral.child.save()

    answer = words(client.get(PAGE))

    assert "Something." in answer
    assert [said for said in ("Robin1", 'value="referral"') if said in answer] == []
    assert re.findall(rf"\bR{referral.pk}\b", answer) == []  # a whole word: a form's random token may contain it
    assert client.post(reverse("rhi:notice_seen", args=[Notice.objects.get().pk]), {"then": "referral"}).headers[
        "Location"
    ] == reverse("rhi:home")


def test_opening_the_referral_marks_it_as_seen(client, ann, referral):
    told = notice(referral, ann)

    answer = client.post(reverse("rhi:notice_seen", args=[told.pk]), {"then": "referral"})

    assert answer.headers["Location"] == reverse("rhi:referral", args=[referral.pk])
    assert Notice.objects.get().seen_at


def test_from_the_page_one_comes_back_to_it(client, ann, referral):
    told = notice(referral, ann)

    assert client.post(reverse("rhi:notice_seen", args=[told.pk]), {"then": "notices"}).headers["Location"] == PAGE


def test_all_are_marked_at_once_but_for_what_came_in_since(client, ann, referral):
    shown = [notice(referral, ann), notice(referral, ann)]
    keys = shown_on(client.get(PAGE))
    since = notice(referral, ann)
    of_another = notice(referral, leader())

    client.post(reverse("rhi:all_seen"), {"shown": [*keys, of_another.pk]})

    unseen = Notice.objects.filter(seen_at__isnull=True)
    assert set(unseen) == {since, of_another}
    ((by, children, detail),) = AuditEvent.objects.filter(type="notice_seen").values_list("by_id", "children", "detail")
    assert (by, children, detail) == (ann.pk, ["C1"], {"notices": [each.pk for each in shown]})


def test_what_stands_on_the_next_page_is_not_marked_with_what_was_shown(client, ann, referral):
    for _ in range(70):
        notice(referral, ann)
    first, *_ = client.get(PAGE).context["notices"]
    # Made before the page was drawn and stored after it, as two transactions can end: its key is a lower one.
    Notice.objects.filter(pk=first.pk).update(id=first.pk + 1_000)
    keys = shown_on(client.get(PAGE))
    stored_late = Notice.objects.create(
        pk=first.pk, child=referral.child, referral=referral, to=ann, kind="due", about="Late.", at=first.at
    )

    client.post(reverse("rhi:all_seen"), {"shown": keys})

    assert len(keys) == 50
    assert set(Notice.objects.filter(seen_at__isnull=False).values_list("pk", flat=True)) == {int(key) for key in keys}
    assert Notice.objects.filter(seen_at__isnull=True).count() == 21
    assert Notice.objects.get(pk=stored_late.pk).seen_at is None


@pytest.mark.parametrize("shown", ["", "all", "-1", "9" * 30, "٣"])
def test_a_page_that_nobody_drew_marks_nothing(client, ann, referral, shown):
    notice(referral, ann)

    assert client.post(reverse("rhi:all_seen"), {"shown": shown}).headers["Location"] == PAGE
    assert Notice.objects.get().seen_at is None


def test_long_lists_go_on_on_another_page(client, ann, referral):
    for number in range(51):
        notice(referral, ann, about=f"Number {number}.")

    assert len(client.get(PAGE).context["notices"]) == 50
    assert len(client.get(f"{PAGE}?page=2").context["notices"]) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_there_is(client, ann, referral, rows, django_assert_num_queries):
    for _ in range(rows):
        notice(referral, ann, by=ann)
    client.get(PAGE)

    # session, person, notices, referrals, children, the line of this reading in its savepoint
    with django_assert_num_queries(8):
        client.get(PAGE)


# Preferences


def save(client, **values):
    return client.post(OWN, {"by_email": "at_once", **values})


def test_what_is_chosen_is_kept_and_shown_again(client, ann):
    ben = person("Ben")

    answer = save(
        client,
        by_email="daily",
        quiet_from="22:00",
        quiet_until="07:30",
        away_from="2026-07-01",
        away_until="2026-07-14",
        cover=ben.pk,
    )

    assert answer.headers["Location"] == OWN
    kept = Preferences.objects.get(user=ann)
    assert (kept.by_email, kept.quiet_from, kept.quiet_until) == ("daily", time(22), time(7, 30))
    assert (kept.away_from, kept.away_until, kept.cover) == (date(2026, 7, 1), date(2026, 7, 14), ben)
    shown = words(client.get(OWN))
    for said in ('value="22:00"', 'value="07:30"', 'value="2026-07-01"', f'<option value="{ben.pk}" selected>'):
        assert said in shown
    (line,) = AuditEvent.objects.filter(type="preferences_changed")
    assert line.by_id == ann.pk
    assert line.detail == {
        "fields": ["by_email", "quiet_from", "quiet_until", "away_from", "away_until", "cover"],
    }


def test_saving_the_same_again_leaves_no_line(client, ann):
    save(client)

    assert not AuditEvent.objects.filter(type="preferences_changed").exists()


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"quiet_from": "22:00"}, "quiet_until", "Enter both times, or neither"),
        ({"quiet_until": "07:00"}, "quiet_from", "Enter both times, or neither"),
        ({"quiet_from": "00:00"}, "quiet_until", "Enter both times, or neither"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until", "Enter a time other than the first"),
        ({"quiet_from": "late", "quiet_until": "07:00"}, "quiet_from", "Enter a time like 22:00"),
        ({"away_from": "2026-07-02"}, "away_until", "Enter both days, or neither"),
        (
            {"away_from": "2026-07-02", "away_until": "2026-07-01"},
            "away_until",
            "The last day cannot come before the first",
        ),
        ({"away_from": "never", "away_until": "2026-07-01"}, "away_from", "Enter a day like 23/11/2026"),
        ({"by_email": "hourly"}, "by_email", "Choose from the list"),
        ({"cover": "999999"}, "cover", "Choose from the list"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(client, ann, values, field, said):
    answer = save(client, **values)

    assert answer.status_code == 200
    assert answer.context["form"].errors[field] == [said]
    for typed in values.values():
        assert f'value="{typed}"' in words(answer) or typed in {"hourly", "999999"}
    assert not Preferences.objects.exists()


def test_only_people_of_ones_teams_who_work_here_can_stand_in(client, ann):
    ben = person("Ben")
    person("Gone", left_on=date(2026, 1, 1))
    person("Dot", team="Another team")
    coordinator()

    assert notices.covers(ann, now=london("2026-06-09 10:00")) == [ben]
    assert save(client, cover=ann.pk).context["form"].errors["cover"] == ["Choose from the list"]


def test_somebody_who_leaves_meanwhile_is_refused_by_the_action_too(ann):
    dot = person("Dot", team="Another team")

    with pytest.raises(notices.PreferencesRefused, match="Choose somebody of your teams"):
        notices.prefer(values={"by_email": "daily", "cover": dot}, by=ann, now=london("2026-06-09 10:00"))


def test_everybody_has_preferences_and_finds_them_from_their_account(client):
    for number, role in enumerate(Role):
        client.force_login(person(f"Person{number}", role, team=None))
        assert f'href="{OWN}"' in words(client.get("/account/"))
        assert client.get(OWN).status_code == 200


@pytest.mark.parametrize("rows", [1, 3, 8])
def test_my_work_costs_the_same_however_many_notices_wait_there(client, ann, referral, rows, django_assert_num_queries):
    for _ in range(rows):
        notice(referral, ann, kind="episode")
    client.get("/")

    # As without notices 21, and who may open their referrals and children.
    with django_assert_num_queries(23):
        answer = client.get("/")

    assert len(answer.context["notices"]) == min(rows, 5)
    assert (f"See all {rows} notices" in words(answer)) is (rows > 5)


def test_reminders_are_one_line_of_my_work_and_push_no_referral_off_the_screen(client, ann, referral):
    for kind in ("episode", "breach", "due"):
        notice(referral, ann, kind=kind)

    answer = client.get("/")

    assert [each.kind for each in answer.context["notices"]] == ["episode"]
    assert "2 reminders</a> of what runs out or waits" in words(answer)
