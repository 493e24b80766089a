"""One person on record twice, here or on another child's record, and not as safe each time."""

import re

import pytest
from django.urls import reverse

from episodes import actions as episodes
from episodes.access import restrict
from episodes.models import Carer, Child
from rhi.actions import letters
from rhi.actions.letter_facts import around
from rhi.actions.letters import LetterRefused
from rhi.addressees import known_as
from rhi.models import Letter
from routing.models import Referral
from staff import audit
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import bring, child
from tests.rhi.letters.families import HOME, OVER, approved, carer, family, member, proposed, run, use_up
from tests.rhi.letters.reading import page, post

pytestmark = pytest.mark.django_db

FAR = {"address_1": "9 Oak Hill", "address_2": "Taunton", "postcode": "TA2 9AA"}
FARTHER = {"address_1": "4 Mill Lane", "address_2": "Bristol", "postcode": "BS1 4ST"}
NO_ADDRESS = {"address_1": "", "address_2": "", "postcode": ""}
SAME_NAME = (
    "Somebody of this name is marked as not safe to contact on another record. Confirm that this is somebody else."
)
SAME_HOUSE = (
    "Somebody who is marked as not safe to contact on another record may live where this letter goes. Confirm that this"
    " is another house, or that they no longer live there."
)


def whys():
    """Why the letters may not go, by whom they are to."""
    rows = Letter.objects.select_related("carer").order_by("pk")
    return {row.carer.name if row.carer else "child": letters.blocks(row, now=OVER) for row in rows}


def because(referral):
    """What the rules say of each carer, by relationship."""
    [facts] = around([referral.pk], now=OVER).values()
    return {facts.carer(each.carer).relationship: (each.standing, each.because) for each in facts.people if each.carer}


# Twice on this child's record


@pytest.mark.parametrize("name", ["Pat Example", "PAT  EXAMPLE", "Mr Pat Éxample", "Example, Pat"])
@pytest.mark.parametrize("safe", ["N", ""])
def test_nobody_is_written_to_who_is_on_record_a_second_time_and_not_as_safe(tmp_path, name, safe):
    people = [carer("Pat Example", "father", **FAR), carer(name, "dad", safe, **FARTHER)]
    referral = family(tmp_path, carers=people)
    use_up(referral, member())
    run()

    marked = "marked as not safe to contact" if safe else "of whom nobody has recorded that it is safe to contact them"
    assert because(referral)["father"] == ("never", f"Also on record as {name} (dad), {marked}.")
    assert proposed() == ["child"]
    with pytest.raises(LetterRefused, match="Also on record as"):
        letters.write(
            referral,
            "signposting",
            carer=referral.child.carers.get(relationship="father"),
            because="Asked.",
            by=member("Bo"),
            now=OVER,
        )


def test_a_letter_is_kept_from_the_moment_at_which_the_second_record_comes(tmp_path):
    referral = family(tmp_path / "first", carers=[carer("Pat Example", "father", **FAR)])
    ann = member()
    use_up(referral, ann)
    run()
    letter = approved(Letter.objects.get(to="carer"), ann)

    bring(tmp_path / "then", carers=[carer("Pat Example", "dad", "N", **FARTHER)])

    with pytest.raises(LetterRefused, match=r"Also on record as Pat Example \(dad\), marked as not safe to contact."):
        letters.mark_posted([letter], by=ann, now=OVER)


def test_once_both_records_say_that_it_is_safe_each_gets_a_letter(tmp_path):
    people = [carer("Pat Example", "father", **FAR), carer("Pat Example", "dad", "Y", **FARTHER)]
    use_up(family(tmp_path, carers=people), member())
    run()

    assert proposed() == ["child", "Pat Example", "Pat Example"]
    assert not any(letters.blocks(each, now=OVER) for each in Letter.objects.all())


def test_whose_name_is_only_longer_or_shorter_than_an_unsafe_ones_is_a_workers_choice(tmp_path):
    people = [carer("Pat Example", "father", **FAR), carer("Pat Lee Example", "dad", "N", **FARTHER)]
    referral = family(tmp_path, carers=people)
    use_up(referral, member())
    run()

    why = (
        "Perhaps Pat Lee Example (dad), marked as not safe to contact: they get a letter only when a worker chooses so."
    )
    assert because(referral)["father"] == ("on_choice", why)
    assert proposed() == ["child"]


@pytest.mark.parametrize("name", ["Pat Examples", "Sam Example", "Pat Other"])
def test_another_name_is_another_person(tmp_path, name):
    people = [carer("Pat Example", "father", **FAR), carer(name, "uncle", "N", **FARTHER)]
    use_up(family(tmp_path, carers=people), member())
    run()

    assert proposed() == ["child", "Pat Example"]


def test_a_name_that_is_a_title_only_is_a_name():
    assert known_as("Mr Miss") == ("miss", "mr")
    assert known_as("Ms Zoë O’Hara-Lee") == known_as("lee, zoe o'hara")


# On a sibling's record, or a stranger's


def with_another_child(folder, *carers, of_first=None, **cells):
    """A referral about C1, and a second child with these carers; both at home unless told otherwise."""
    referral = family(folder / "first", carers=of_first)
    bring(
        folder / "second",
        children=[child("C2", first_name="Jo", **HOME | cells)],
        carers=[{**row, "child_id": "C2"} for row in carers],
    )
    use_up(referral, member())
    run()
    return referral


def test_somebody_unsafe_on_a_siblings_record_keeps_what_goes_into_the_house(tmp_path):
    with_another_child(tmp_path, carer("Sam Example", "mother"), carer("Pat Example", "father", "N"))

    assert whys() == {"child": [SAME_HOUSE], "Sam Example": [SAME_HOUSE]}


@pytest.mark.parametrize("address", [NO_ADDRESS, {"address_1": "Rose Cottage"}, {"postcode": ""}])
def test_so_they_do_where_nobody_has_recorded_plainly_where_they_live(tmp_path, address):
    with_another_child(tmp_path, carer("Pat Example", "father", "N", **address))

    assert whys() == {"child": [SAME_HOUSE], "Sam Example": [SAME_HOUSE]}


@pytest.mark.parametrize("address", [FAR, NO_ADDRESS])
def test_somebody_who_is_safe_here_and_not_on_a_siblings_record_waits_for_a_word(tmp_path, address):
    of_first = [carer("Pat Example", "father", **FAR)]
    with_another_child(tmp_path, carer("Mr PAT Example", "dad", "N", **address), of_first=of_first)

    assert whys()["Pat Example"] == [SAME_NAME]


def test_in_one_house_it_is_the_same_person_wherever_either_record_says_they_live(tmp_path):
    of_first = [carer("Pat Example", "father", **FAR)]
    with_another_child(tmp_path, carer("Pat Example", "father", "N", **FARTHER), of_first=of_first)

    assert whys() == {"child": [], "Pat Example": [SAME_NAME]}


def test_nor_does_another_familys_record_of_the_name_tell_a_person_apart_without_an_address(tmp_path):
    of_first = [carer("Pat Example", "father", **FAR)]
    elsewhere = carer("Example, Pat", "father", "N", **NO_ADDRESS)
    with_another_child(tmp_path, elsewhere, of_first=of_first, **FARTHER)

    assert whys() == {"child": [], "Pat Example": [SAME_NAME]}


def test_a_stranger_of_the_name_elsewhere_keeps_nothing(tmp_path):
    of_first = [carer("Pat Example", "father", **FAR)]
    with_another_child(tmp_path, carer("Pat Example", "father", "N", **FARTHER), of_first=of_first, **FARTHER)

    assert whys() == {"child": [], "Pat Example": []}


def test_a_strangers_own_house_keeps_what_goes_there_and_another_in_the_street_does_not(tmp_path):
    of_first = [
        carer("Sam Example", "mother", **FAR),
        carer("Kit Example", "aunt", **FAR | {"address_1": "8 Oak Hill"}),
    ]
    with_another_child(tmp_path, carer("Lou Other", "uncle", "N", **FAR), of_first=of_first, **FARTHER)

    assert whys() == {"child": [], "Kit Example": [], "Sam Example": [SAME_HOUSE]}


def test_a_house_without_a_postcode_is_the_same_by_all_that_is_said_of_it(tmp_path):
    with_another_child(tmp_path, carer("Lou Other", "uncle", "N", postcode=""), **FARTHER)

    assert whys() == {"child": [SAME_HOUSE], "Sam Example": [SAME_HOUSE]}


@pytest.mark.parametrize("safe", ["Y", ""])
def test_only_whoever_is_marked_as_unsafe_there_keeps_anything(tmp_path, safe):
    with_another_child(tmp_path, carer("Pat Example", "father", safe))

    assert whys() == {"child": [], "Sam Example": []}


def test_who_is_unsafe_on_both_records_at_one_address_is_named_once(tmp_path):
    father = carer("Pat Example", "father", "N", address_1="9 Elm Road")
    with_another_child(tmp_path, father, of_first=[carer(), father])

    why = (
        "Pat Example (father) is marked as not safe to contact, and may live where this letter goes: 9 Elm Road,"
        " Taunton, TA1 1AA. Confirm that this is another house."
    )
    assert whys() == {"child": [why], "Sam Example": [why]}


def test_it_is_confirmed_with_a_reason_and_asked_again_when_the_other_record_changes(tmp_path):
    with_another_child(tmp_path, carer("Pat Example", "father", "N", address_1="Flat 2, 1 Elm Road"))
    letter, ann = Letter.objects.get(to="child"), member("Bo")

    letters.confirm_address(letter, because="He is in flat 2, they are in flat 1.", by=ann, now=OVER)

    assert whys() == {"child": [], "Sam Example": [SAME_HOUSE]}
    line = AuditEvent.objects.get(type=audit.Type.ADDRESS_CONFIRMED)
    assert line.children == ["C1"]
    letter = approved(Letter.objects.get(pk=letter.pk), ann)
    father = Carer.objects.get(child__child_id="C2")
    episodes.correct(father, values={"address_1": "1 Elm Road"}, by=ann, now=OVER)
    with pytest.raises(LetterRefused, match="may live where this letter goes"):
        letters.print_run([letter], by=ann, now=OVER)


def test_nothing_is_said_of_the_other_child_or_of_who_is_unsafe(client, tmp_path):
    """Also not to whoever may see neither."""
    with_another_child(tmp_path, carer("Pat Hidden", "stepfather", "N"), last_name="Secret")
    lee = member("Lee", Role.TEAM_LEADER)
    restrict(Child.objects.get(child_id="C2"), people=[member("Bo")], because="Police.", by=lee, now=OVER)
    letter = Letter.objects.get(to="child")
    client.force_login(lee)

    said = page(client, "letter", letter.pk) + page(client, "letter_came_back", letter.pk)

    assert SAME_HOUSE in said
    assert not re.search("Hidden|stepfather|Secret|Jo |C2", said)
    html = client.get(reverse("rhi:letter_came_back", args=[letter.pk])).content.decode()
    assert "It counts for this letter only" in html
    assert "Whose record says so is not shown here." in html
    [shown] = re.findall(r'name="shown" value="(\w{64})"', html)
    post(client, "letter_came_back", letter.pk, because="They have gone.", shown=shown)
    assert letters.blocks(Letter.objects.get(pk=letter.pk), now=OVER) == []


def test_many_cost_as_many_queries_as_one(tmp_path, django_assert_num_queries):
    with_another_child(tmp_path, carer("Pat Example", "father", "N"), carer("Kit Example", "uncle", "N"))
    keys = list(Referral.objects.values_list("pk", flat=True))

    with django_assert_num_queries(18):
        around(keys, now=OVER)
    bring(
        tmp_path / "more",
        children=[child(f"C{number}", **HOME) for number in (3, 4)],
        carers=[carer(child_id=f"C{number}", safe="N") for number in (3, 4)],
    )
    with django_assert_num_queries(18):
        around(keys, now=OVER)
