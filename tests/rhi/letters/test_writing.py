"""Letters on the page of a referral, and writing one."""

import pytest
from django.urls import reverse

from rhi.actions import letters
from rhi.models import Letter
from staff.models import Membership, Team
from tests.records import bring, involvement
from tests.rhi.letters.families import (
    OVER,
    approved,
    carer,
    family,
    give,
    member,
    run,
    tried,
    use_up,
)
from tests.rhi.letters.reading import page, post, words_of
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


# On the referral


def test_the_referral_shows_its_letters_with_their_states(client, letter, ann, lee, referral):
    approved(letter, ann)
    client.force_login(ann)

    said = page(client, "referral", referral.pk).split("Letters", 1)[1]

    assert "We could not reach you , to Robin Example To send To Robin Example Wed 20 May, 08:00" in said
    assert "We could not reach you , to Sam Example To approve To Sam Example Wed 20 May, 08:00" in said
    assert "Write a letter" in said


def test_before_there_is_one_it_says_when_letters_are_proposed(client, ann, referral):
    client.force_login(ann)

    said = page(client, "referral", referral.pk)

    assert "None yet. One is proposed when nobody was reached and the days for trying are over, or at once with" in said
    assert "the outcome “No contact”; or after the child’s refusal." in said


def test_that_a_letter_is_due_and_nobody_may_get_it_stands_on_the_referral_with_the_reasons(client, tmp_path):
    referral = family(tmp_path, date_of_birth="2015-01-15", carers=[carer(safe="N")])
    ann = member()
    give(referral, ann)
    use_up(referral, ann)
    run()
    client.force_login(ann)

    said = page(client, "referral", referral.pk)

    assert "A letter is due, and nobody may get it." in said
    assert "Robin Example: Aged 11: under 13, only a parent or carer gets a letter." in said
    assert "Sam Example (mother): Marked as not safe to contact." in said


# Writing one


@pytest.mark.clause("NOT-23")
def test_under_nottinghamshire_a_letter_about_services_is_written_with_the_leaflets_named_on_it_and_in_the_record(
    client, tmp_path
):
    referral = family(tmp_path, procedure="nottinghamshire")
    team = Team.objects.get(name="Rapid Assessment Workers")
    ann = make_person("ann.lee@example.org", "Ann")
    Membership.objects.create(user=ann, team=team, may_reassign=True)
    client.force_login(ann)
    assert "None yet. One is proposed 3 and 8 working days after" in page(client, "referral", referral.pk)
    mother = referral.child.carers.get()

    answer = post(
        client,
        "write_letter",
        referral.pk,
        kind="signposting",
        to=mother.pk,
        because="She asked what help there is.",
        leaflets="Safe at home\n\nTalking to your teenager\nSafe at home",
    )

    letter = Letter.objects.get()
    assert answer.headers["Location"] == reverse("rhi:letter", args=[letter.pk])
    assert (letter.carer, letter.leaflets) == (mother, ["Safe at home", "Talking to your teenager"])
    said = page(client, "letter", letter.pk)
    assert "Enclosed Safe at home, Talking to your teenager" in said
    assert said.count("Talking to your teenager") == 2  # beside it and in its text
    assert "She asked what help there is." in said
    assert "Enclosed: Safe at home, Talking to your teenager" in page(client, "referral", referral.pk)
    approved(letter, ann, at=now())


def test_only_those_are_offered_whom_the_rules_do_not_leave_out_and_the_others_stand_beside(client, tmp_path):
    carers = [carer(), carer("Alex Example", "father", "N"), carer("Jo Example", "aunt", "")]
    referral = family(tmp_path, date_of_birth="2015-01-15", carers=carers)
    client.force_login(member())

    answer = client.get(reverse("rhi:write_letter", args=[referral.pk]))

    assert [str(choice[0]) for choice in answer.context["form"].fields["to"].choices] == [
        str(referral.child.carers.get(name="Sam Example").pk)
    ]
    said = words_of(answer)
    assert "Alex Example (father) Marked as not safe to contact." in said
    assert "Jo Example (aunt) Nobody has recorded that it is safe to contact them." in said


def test_the_family_of_a_looked_after_child_is_offered_with_the_reason_why_it_is_a_choice(client, tmp_path):
    placed = involvement("looked_after", placement_kind="foster_care", placement_area="in_area")
    referral = family(tmp_path, involvements=[placed])
    client.force_login(member())
    assert "The child is looked after: their family gets a letter only when a worker chooses so." in page(
        client, "write_letter", referral.pk
    )

    mother = referral.child.carers.get()
    typed = {"kind": "signposting", "to": mother.pk, "because": "Agreed with the social worker.", "leaflets": "A"}
    assert post(client, "write_letter", referral.pk, **typed).status_code == 302

    assert Letter.objects.get().proposed_by


def test_what_was_typed_stays_when_a_letter_is_refused(client, letter, ann, referral):
    client.force_login(ann)
    typed = {"kind": "no_contact", "to": "child", "because": "Once more, please.", "leaflets": "Safe at home"}

    answer = post(client, "write_letter", referral.pk, **typed)

    assert "The clockwork has already proposed this letter" in words_of(answer)
    assert "Once more, please." in words_of(answer)
    assert "Safe at home" in words_of(answer)


def test_a_chase_letter_by_hand_is_the_next_of_its_steps(client, tmp_path):
    referral = family(tmp_path, procedure="surrey")
    kim = make_person("kim@example.org", "Kim")
    Membership.objects.create(user=kim, team=Team.objects.get(name="Rapid Engagement Team"))
    tried(referral, kim, "2026-05-13 10:00")
    run(OVER)
    client.force_login(kim)

    post(client, "write_letter", referral.pk, kind="chase", to="child", because="A second one.", leaflets="")

    assert list(Letter.objects.filter(to="child").order_by("pk").values_list("step", flat=True)) == [1, 2]


def test_a_taken_back_attempt_leaves_the_letter_that_was_written_beside_it(client, ann, referral):
    from rhi.actions import slips
    from rhi.models import Attempt

    client.force_login(ann)
    typed = {"kind": "signposting", "to": "child", "because": "Asked.", "leaflets": "A"}
    post(client, "write_letter", referral.pk, **typed)
    tried(referral, ann, "2026-05-13 10:00")

    slips.take_back(
        referral, kind="attempt", record=Attempt.objects.get().pk, because="Wrong child.", by=ann, now=now()
    )

    assert Letter.objects.count() == 1


def test_a_letter_that_somebody_wrote_waits_once_the_rules_leave_that_person_to_a_choice(tmp_path):
    referral = family(tmp_path / "first", carers=[carer("Kit Example", "stepfather")])
    ann, kit = member(), referral.child.carers.get()
    asked = {"carer": kit, "because": "He asked.", "leaflets": ["A"], "by": ann, "now": OVER}
    letter = letters.write(referral, "signposting", **asked)
    assert letters.blocks(letter, now=OVER) == []

    bring(
        tmp_path / "then", carers=[carer("Kit Lee Example", "uncle", "N", address_1="9 Oak Hill", postcode="TA2 9AA")]
    )

    perhaps = "Perhaps Kit Lee Example (uncle), marked as not safe to contact: they get a letter only when a worker"
    since = "That was not so when this letter was written. To choose so, cancel it and write it once more."
    assert letters.blocks(letter, now=OVER) == [f"{perhaps} chooses so. {since}"]
    letters.cancel(letter, because="Once more.", by=ann, now=OVER)
    again = letters.write(referral, "signposting", **asked)
    assert again != letter
    assert letters.blocks(again, now=OVER) == []
