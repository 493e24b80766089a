"""That no letter waits unseen: its age, the number in the menu, and who looks after those of a provider's referrals."""

import re
from types import SimpleNamespace

import pytest
from django.urls import reverse

from episodes.access import restrict
from episodes.models import Access
from rhi.access import follow_referrals
from rhi.actions import letters
from rhi.adapter import Backend
from rhi.models import Letter
from routing import actions as routing
from routing.actions import Holder
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import involvement, london
from tests.rhi.letters.families import approved, family, member, no_contact_letter, stranger
from tests.rhi.letters.reading import page, post
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


# Its age


@pytest.fixture
def look_at(monkeypatch):
    """Sets the time at which somebody looks at the lists. The letters were proposed on Wednesday 20 May 2026."""

    def at(text):
        monkeypatch.setattr("rhi.views.letters_waiting.timezone", SimpleNamespace(now=lambda: london(text)))

    return at


def test_a_letter_on_its_first_day_is_not_old(client, letter, ann, look_at):
    look_at("2026-05-20 16:00")
    client.force_login(ann)

    assert "waited" not in page(client, "letters")


def test_the_list_says_for_how_long_each_has_waited(client, letter, ann, look_at):
    client.force_login(ann)

    look_at("2026-05-21 09:00")
    said = page(client, "letters")
    assert said.count("Has waited for 1 working day") == 2
    assert "two working days or longer" not in said

    look_at("2026-05-26 09:00")  # after a weekend and a bank holiday
    said = page(client, "letters")
    assert said.count("Has waited for 3 working days") == 2
    assert "2 letters have waited for two working days or longer, here or in the print queue." in said


def test_the_oldest_comes_first(client, letter, ann, look_at):
    late = Letter.objects.exclude(pk=letter.pk).get()
    Letter.objects.filter(pk=late.pk).update(proposed_at=london("2026-05-19 09:00"))
    look_at("2026-05-21 09:00")
    client.force_login(ann)

    said = page(client, "letters")

    assert said.index("To Sam Example") < said.index("To Robin Example")


def test_the_print_queue_counts_from_the_day_on_which_it_was_approved(client, letter, ann, look_at):
    approved(letter, ann, at=london("2026-05-21 09:00"))
    client.force_login(ann)
    look_at("2026-05-22 09:00")
    assert "Has waited for 1 working day See" not in page(client, "print_queue")
    assert "Has waited for 1 working day" in page(client, "print_queue")

    look_at("2026-05-26 09:00")

    assert "Has waited for 2 working days" in page(client, "print_queue")
    assert "2 letters have waited for two working days or longer" in page(client, "letters")


# The number in the menu


def in_menu(client, person):
    """The number beside Letters in the menu of a page; None where there is none."""
    client.force_login(person)
    html = client.get(reverse("rhi:notices")).content.decode()
    found = re.search(rf'href="{reverse("rhi:letters")}"\s*>Letters <span[^>]*>(\d+)<', html)
    return int(found[1]) if found else None


def counted(person):
    return Backend().get_user(person.pk).letters


def test_the_menu_says_how_many_letters_wait_for_whoever_looks_at_it(client, letter, ann, lee):
    people = {
        "holder": ann,
        "leader": lee,
        "colleague": member("Bo"),
        "reassigns": member("Cy", may_reassign=True),
        "coordinator": make_person("priya@example.org", "Priya", Role.COORDINATOR),
        "elsewhere": stranger(),
    }
    numbers = {who: in_menu(client, person) for who, person in people.items()}
    assert numbers == {
        "holder": 2,
        "leader": 2,
        "colleague": None,
        "reassigns": 2,
        "coordinator": 2,
        "elsewhere": None,
    }


def test_what_is_to_be_posted_or_put_right_counts_and_what_has_gone_does_not(client, letter, ann):
    other = Letter.objects.exclude(pk=letter.pk).get()
    approved(letter, ann)
    approved(other, ann)
    assert in_menu(client, ann) == 2

    letters.mark_posted([letter], by=ann, now=now())
    Letter.objects.filter(pk=other.pk).update(state="failed", failure="Refused.")
    assert in_menu(client, ann) == 1

    letters.cancel(other, because="No.", by=ann, now=now())
    assert in_menu(client, ann) is None


def test_what_notify_is_to_send_waits_for_nobody(letter, ann):
    approved(letter, ann)
    Letter.objects.filter(pk=letter.pk).update(channel="notify")

    assert counted(ann) == 1


def test_a_restricted_childs_letters_count_for_the_people_named_only(letter, ann, lee, referral):
    priya = make_person("priya@example.org", "Priya", Role.COORDINATOR)
    restrict(referral.child, people=[lee], because="Relatives work here.", by=lee, now=now())

    assert {person.name: counted(person) for person in (ann, lee, priya)} == {"Ann": 0, "Lee": 2, "Priya": 0}


@pytest.mark.parametrize("role", list(Role))
def test_the_number_is_what_their_lists_show_whatever_they_are(letter, role):
    person = make_person(role=role)
    Membership.objects.create(user=person, team=Team.objects.get(name__startswith="Family"))

    theirs = Letter.objects.waiting().approvable_by(person, now()).count()

    assert counted(person) == (theirs if role in (Role.CASEWORKER, Role.TEAM_LEADER, Role.COORDINATOR) else 0)
    assert theirs == (2 if role in (Role.TEAM_LEADER, Role.COORDINATOR) else 0)


def test_it_comes_with_the_person_of_the_session_for_whom_it_is(letter, ann, lee, django_assert_num_queries):
    Backend().get_user(ann.pk)
    with django_assert_num_queries(1):
        user = Backend().get_user(lee.pk)

    assert (user, user.name, user.letters, user.unseen) == (lee, "Lee", 2, 0)
    assert Backend().get_user(-1) is None


# Of a provider's referrals


@pytest.fixture
def bought(tmp_path):
    """A referral that a provider's interviewer holds, of a child open to a family service, and its letter."""
    early_help = involvement(service="family_service", team="Early Help", end="")
    referral = family(tmp_path / "records", involvements=[early_help])
    harbour = Team.objects.create(name="Harbour Interviews", kind=Team.Kind.PROVIDER)
    jo = make_person("jo@example.org", "Jo", Role.INTERVIEWER)
    Membership.objects.create(user=jo, team=harbour)
    holder = Holder(harbour, jo, rule="", because="Bought", by=jo)
    routing.allocate([(referral, holder, london("2026-05-12 11:00"))])
    follow_referrals([referral.child_id], now=london("2026-05-12 11:00"))
    return no_contact_letter(referral, jo)


def of_team(name, role=Role.TEAM_LEADER, team="Early Help"):
    person = make_person(f"{name.lower()}@example.org", name, role)
    Membership.objects.create(user=person, team=Team.objects.get_or_create(name=team)[0])
    return person


def test_a_leader_who_works_with_the_child_looks_after_the_letters_of_a_providers_referral(client, bought):
    nia = of_team("Nia")
    assert counted(nia) == 2
    client.force_login(nia)
    assert "To Robin Example" in page(client, "letters")

    answer = client.get(reverse("rhi:letter", args=[bought.pk]))
    shown = re.search(r'name="shown" value="([^"]*)"', answer.content.decode())[1]
    post(client, "letter", bought.pk, channel="print", shown=shown)

    assert Letter.objects.get(pk=bought.pk).approved_by == nia


def test_so_does_a_missing_coordinator_and_nobody_else(bought):
    may = {
        "a worker of that team": of_team("Bo", Role.CASEWORKER),
        "a leader of another": of_team("Di", team="Elsewhere"),
        "a coordinator": make_person("priya@example.org", "Priya", Role.COORDINATOR),
        "the interviewer": bought.referral.allocations.get(until__isnull=True).worker,
    }

    approvable = {who: Letter.objects.approvable_by(each, now()).count() for who, each in may.items()}

    assert approvable == {
        "a worker of that team": 0,
        "a leader of another": 0,
        "a coordinator": 2,
        "the interviewer": 2,  # who reaches no page of letters to approve
    }
    assert counted(may["the interviewer"]) == 0


def test_a_leader_who_only_gave_a_reason_does_not(bought):
    di = of_team("Di", team="Elsewhere")
    Access.objects.create(
        child=bought.child, user=di, basis=Access.Basis.BREAK_GLASS, since=london("2026-05-01 09:00"), because="Asked."
    )

    assert Letter.objects.visible_to(di, now()).count() == 2
    assert Letter.objects.approvable_by(di, now()).count() == 0


def test_where_our_own_team_holds_it_only_its_leader_does(letter, referral):
    """Another leader who works with the child sees the letter, and leaves it to whoever leads that team."""
    nia = of_team("Nia")
    Access.objects.create(
        child=referral.child,
        team=Team.objects.get(name="Early Help"),
        basis=Access.Basis.ALLOCATION,
        since=london("2026-05-01 09:00"),
    )

    assert Letter.objects.visible_to(nia, now()).count() == 2
    assert Letter.objects.approvable_by(nia, now()).count() == 0
