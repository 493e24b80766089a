"""What a child is open to is recorded by hand and put right: access follows, referrals stay and that is said."""

from datetime import date

import pytest
from django.urls import reverse

from episodes.models import Access, Child, Finding, Involvement
from routing.models import Allocation, Referral
from staff.models import AuditEvent, Membership, Team, User
from staff.permissions import Role
from tests.records import bring, child, episode, involvement, publish
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(tmp_path):
    publish("wokingham")
    bring(
        tmp_path,
        children=[child()],
        involvements=[involvement("family_service", end="2026-02-01")],
        episodes=[episode()],
    )
    return Child.objects.get()


@pytest.fixture
def coordinator(client):
    person = make_person("priya@example.org", "Priya Dean", Role.COORDINATOR)
    client.force_login(person)
    return person


@pytest.fixture
def south():
    """A team of social workers, and one of them."""
    team = Team.objects.create(name="Children in Care South", kind=Team.Kind.SOCIAL_CARE)
    worker = make_person("ida@example.org", "Ida Fern")
    Membership.objects.create(user=worker, team=team)
    return team, worker


def day(name, on):
    return {f"{name}_0": str(on.day), f"{name}_1": str(on.month), f"{name}_2": str(on.year)} if on else {}


def fields(team, worker="ida@example.org", *, start=date(2026, 3, 2), end=None, service="looked_after", **more):
    own = {"service": service, "team": str(team.pk), "worker": worker}
    return own | day("start", start) | day("end", end) | more


def new(robin):
    return reverse("rhi:new_involvement", args=[robin.pk])


def of(involvement):
    return reverse("rhi:correct_involvement", args=[involvement.child_id, involvement.pk])


def save(client, address, typed):
    looked = client.post(address, typed | {"step": "look"})
    assert looked.context["form"].errors == {}
    return looked, client.post(address, typed | {"step": "save", "shown": looked.context["shown"]})


def errors(response):
    return {name: list(said) for name, said in response.context["form"].errors.items()}


def test_what_a_child_is_open_to_is_recorded_and_whoever_works_with_the_child_sees_them(
    client, coordinator, robin, south
):
    team, worker = south
    more = {"placement_kind": "foster_care", "placement_area": "out_of_area", "host": "E06000022"}

    _, saved = save(client, new(robin), fields(team, **more))

    assert saved.headers["Location"] == reverse("rhi:child", args=[robin.pk])
    made = Involvement.objects.get(service="looked_after")
    assert (made.start, made.end, made.team, made.worker) == (date(2026, 3, 2), None, team, worker)
    assert (made.placement_kind, made.placement_area, made.host_authority.code) == (
        "foster_care",
        "out_of_area",
        "E06000022",
    )
    assert Access.objects.get(involvement=made).user == worker
    assert list(Child.objects.workable_by(worker, now())) == [robin]
    line = AuditEvent.objects.get(type="involvement_recorded")
    assert (line.children, line.by_id, line.detail) == (["C1"], coordinator.pk, {"service": "looked_after"})


@pytest.mark.parametrize("typed", ["ida@example.org", "IDA@example.org", "ida fern", "Ida Fern "])
def test_a_worker_is_known_by_name_or_address(client, coordinator, robin, south, typed):
    save(client, new(robin), fields(south[0], typed))

    assert Involvement.objects.get(service="looked_after").worker == south[1]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"worker": "Nobody Known"}, {"worker": ["Nobody of this name or address does case work here"]}),
        ({"service": ""}, {"service": ["Choose the service"]}),
        ({"start_1": "13"}, {"start": ["Enter a day like 23 11 2026"]}),
        (
            {"service": "child_in_need", "placement_kind": "secure"},
            {"placement_kind": ["Only a looked-after child has a placement: choose that service, or leave it"]},
        ),
    ],
)
def test_what_cannot_be_is_said_in_plain_words_and_what_was_typed_stays(client, coordinator, robin, south, typed, said):
    response = client.post(new(robin), fields(south[0]) | typed)

    assert errors(response) == said
    assert response.context["form"]["team"].value() == str(south[0].pk)
    assert Involvement.objects.count() == 1


def test_of_two_people_of_one_name_the_address_is_asked_for(client, coordinator, robin, south):
    make_person("ida2@example.org", "Ida Fern")

    response = client.post(new(robin), fields(south[0], "Ida Fern"))

    assert errors(response) == {"worker": ["Several people have this name: enter the email address"]}


def test_somebody_who_has_left_and_a_team_that_has_closed_are_not_offered(client, coordinator, robin, south):
    team, worker = south
    User.objects.filter(pk=worker.pk).update(left_on=date(2026, 1, 1))
    Team.objects.filter(pk=team.pk).update(closed_on=date(2026, 1, 1))

    said = errors(client.post(new(robin), fields(team)))

    assert list(said) == ["team", "worker"]


def test_an_end_before_the_start_is_refused(client, coordinator, robin, south):
    response = client.post(new(robin), fields(south[0], end=date(2026, 3, 1)) | {"step": "look"})

    assert errors(response) == {"__all__": ["The end, 2026-03-01, lies before the start, 2026-03-02."]}


def test_the_same_service_from_the_same_day_is_not_recorded_twice(client, coordinator, robin, south):
    typed = fields(south[0], service="family_service", start=date(2026, 1, 5))

    response = client.post(new(robin), typed | {"step": "look"})

    ((said,),) = errors(response).values()
    assert said == "Family service since Mon 5 Jan is on record already. Correct that instead."


def test_another_authoritys_worker_is_kept_as_text(client, coordinator, robin, south, tmp_path):
    bring(tmp_path / "theirs", children=[child("C2", responsible_authority="E09000008")])
    theirs = Child.objects.get(child_id="C2")

    save(client, new(theirs), fields(south[0]) | {"worker_elsewhere": "Jo Lindley, Croydon"})

    made = Involvement.objects.get(child=theirs)
    assert (made.worker, made.worker_elsewhere) == (None, "Jo Lindley, Croydon")


# Routing


def test_an_open_referral_stays_where_it_is_and_the_page_says_where_it_would_go(client, coordinator, robin, south):
    referral = Referral.objects.get()
    held = Allocation.objects.get(referral=referral, until__isnull=True)

    looked, saved = save(client, new(robin), fields(south[0]))

    (said,) = looked.context["moved"]
    assert said.startswith(
        f"Referral {referral} stays where it is. Decided anew it would go elsewhere: Ida Fern, Children in Care South."
    )
    assert said in " ".join(looked.content.decode().replace("&#x27;", "'").split())
    told = [str(message) for message in client.get(saved.headers["Location"]).context["messages"]]
    assert said in told
    assert Allocation.objects.get(referral=referral, until__isnull=True) == held


def test_what_changes_nothing_about_a_referral_says_nothing_of_it(client, coordinator, robin, south):
    looked, _ = save(client, new(robin), fields(south[0], start=date(2026, 6, 1)))  # after the return

    assert looked.context["moved"] == []


def test_a_closed_referral_is_not_spoken_of(client, coordinator, robin, south):
    Referral.objects.update(closed_at=now())

    looked, _ = save(client, new(robin), fields(south[0]))

    assert looked.context["moved"] == []


# Putting right


def test_a_worker_is_replaced_and_access_follows(client, coordinator, robin, south):
    save(client, new(robin), fields(south[0]))
    made = Involvement.objects.get(service="looked_after")
    other = make_person("lee@example.org", "Lee Moss")

    looked, _ = save(client, of(made), fields(south[0], "lee@example.org"))

    assert [(line.name, line.before, line.after) for line in looked.context["lines"]] == [
        ("Worker", "Ida Fern", "Lee Moss")
    ]
    assert list(Child.objects.workable_by(other, now())) == [robin]
    assert [row.until is None for row in Access.objects.filter(involvement=made).order_by("pk")] == [False, True]


def test_what_came_with_the_records_keeps_its_service_and_first_day(client, coordinator, robin, south):
    brought = Involvement.objects.get()
    page = client.get(of(brought))
    save(client, of(brought), fields(south[0], service="looked_after", start=date(2026, 1, 6), end=date(2026, 2, 3)))

    assert "Service and first day came with the records" in " ".join(page.content.decode().split())
    brought.refresh_from_db()
    assert (brought.service, brought.start, brought.end) == ("family_service", date(2026, 1, 5), date(2026, 2, 3))


def test_what_was_recorded_by_hand_may_be_another_service_from_another_day(client, coordinator, robin, south):
    save(client, new(robin), fields(south[0]))
    made = Involvement.objects.get(service="looked_after")

    save(client, of(made), fields(south[0], service="child_in_need", start=date(2026, 3, 9)))

    made.refresh_from_db()
    assert (made.service, made.start) == ("child_in_need", date(2026, 3, 9))


def test_no_file_replaces_what_a_person_recorded(client, coordinator, robin, south, tmp_path):
    save(client, new(robin), fields(south[0]))

    row = involvement("looked_after", start="2026-03-02", team="Elsewhere", worker_email="x@example.org")
    bring(tmp_path / "later", involvements=[row | {"end": "2026-04-01"}])

    made = Involvement.objects.get(service="looked_after")
    assert (made.team, made.worker, made.end) == (*south, date(2026, 4, 1))
    assert Finding.objects.filter(kind=Finding.Kind.TYPED_DIFFERS).count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_form_costs_the_same_however_many_people_and_teams_there_are(
    client, coordinator, robin, django_assert_num_queries, rows
):
    for number in range(rows):
        Team.objects.create(name=f"Team {number}", kind=Team.Kind.SERVICE)
        make_person(f"p{number}@example.org", f"Person {number}")
    client.get(new(robin))

    with django_assert_num_queries(8):  # session, person, child, people, teams, trail in a savepoint (3)
        client.get(new(robin))
