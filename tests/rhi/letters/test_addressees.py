"""Who gets a letter by the ages of a procedure, and what is said of everybody whom it leaves out."""

import pytest

from procedures.types import Addressees
from rhi.addressees import CarerFact, Family, Standing, cares_in_the_placement, who

SOMERSET = Addressees(child_from=13, only_child_when_independent_from=16)
#: Of whom nobody can tell by these words whether they care for the child now.
IN_DOUBT = [
    "formerly foster carer",
    "past foster carer",
    "foster carer (ended March)",
    "foster carer until 2025",
    "non-residential father",
    "mother (residential order)",
    "mother, placement ended",
    "birth mother (foster care leaver)",
    "respite foster carer",
    "foster sister",
]
MOTHER = CarerFact(1, "mother", safe_to_contact=True)


def family(age, *carers, independent=False, looked_after=False):
    return Family(age, independent, looked_after, carers or (MOTHER,))


def getting(family):
    return [person.carer or "child" for person in who(family, SOMERSET) if person.standing is Standing.GETS]


@pytest.mark.clause("SOM-4.6b")
@pytest.mark.parametrize(("age", "whom"), [(11, [1]), (13, ["child", 1]), (15, ["child", 1]), (17, ["child", 1])])
def test_at_home_it_is_the_parent_under_thirteen_and_both_from_then_on(age, whom):
    assert getting(family(age)) == whom


@pytest.mark.clause("SOM-4.6c")
@pytest.mark.parametrize(
    ("age", "independent", "whom"), [(17, True, ["child"]), (15, True, ["child", 1]), (17, False, ["child", 1])]
)
def test_only_the_young_person_when_old_enough_and_living_independently(age, independent, whom):
    assert getting(family(age, independent=independent)) == whom


@pytest.mark.clause("SOM-4.6d")
def test_twelve_is_under_thirteen_and_sixteen_is_old_enough():
    assert getting(family(12)) == [1]
    assert getting(family(15, independent=True)) == ["child", 1]
    assert getting(family(16, independent=True)) == ["child"]


@pytest.mark.parametrize("looked_after", [False, True])
@pytest.mark.parametrize("independent", [False, True])
@pytest.mark.parametrize("age", [7, 11, 12, 13, 16, 17])
@pytest.mark.parametrize(
    ("safe", "because"),
    [(False, "Marked as not safe to contact."), (None, "Nobody has recorded that it is safe to contact them.")],
)
def test_a_carer_who_is_not_known_to_be_safe_never_gets_one(safe, because, age, independent, looked_after):
    carer = CarerFact(1, "foster carer", safe_to_contact=safe)

    [_, person] = who(family(age, carer, independent=independent, looked_after=looked_after), SOMERSET)

    assert (person.standing, person.because) == (Standing.NEVER, because)


def test_every_safe_carer_gets_one_of_their_own():
    father, aunt = CarerFact(2, "father", safe_to_contact=True), CarerFact(3, "aunt", safe_to_contact=None)

    assert getting(family(11, MOTHER, father, aunt)) == [1, 2]


def test_the_family_of_a_looked_after_child_is_a_workers_choice_and_the_foster_carer_is_not():
    foster = CarerFact(2, "Foster carer", safe_to_contact=True)

    [child, mother, carer] = who(family(14, MOTHER, foster, looked_after=True), SOMERSET)

    assert [child.standing, mother.standing, carer.standing] == [Standing.GETS, Standing.ON_CHOICE, Standing.GETS]
    assert mother.because == "The child is looked after: their family gets a letter only when a worker chooses so."


@pytest.mark.parametrize("relationship", ["foster carer", "key worker", "residential staff", "kinship carer"])
def test_who_cared_for_the_child_in_a_placement_is_a_choice_once_the_child_is_not_looked_after(relationship):
    foster = CarerFact(2, relationship, safe_to_contact=True)

    [_, mother, carer] = who(family(14, MOTHER, foster), SOMERSET)

    assert (mother.standing, carer.standing) == (Standing.GETS, Standing.ON_CHOICE)
    assert carer.because == (
        "The child is not looked after: who cared for them in a placement gets one only when a worker chooses so."
    )


@pytest.mark.parametrize("looked_after", [False, True])
@pytest.mark.parametrize("relationship", IN_DOUBT)
def test_in_doubt_nobody_gets_one_by_itself(relationship, looked_after):
    carer = CarerFact(2, relationship, safe_to_contact=True)

    [_, person] = who(family(14, carer, looked_after=looked_after), SOMERSET)

    assert person.standing is Standing.ON_CHOICE


@pytest.mark.parametrize("looked_after", [False, True])
@pytest.mark.parametrize(
    "relationship", ["former foster carer", "previous key worker", "ex-stepfather", "Ex partner", "past carer"]
)
def test_who_is_recorded_as_a_former_carer_is_always_a_choice(relationship, looked_after):
    former = CarerFact(2, relationship, safe_to_contact=True)

    [_, person] = who(family(14, former, looked_after=looked_after), SOMERSET)

    why = "Recorded as a former carer: they get a letter only when a worker chooses so."
    assert (person.standing, person.because) == (Standing.ON_CHOICE, why)


@pytest.mark.parametrize(
    ("relationship", "in_the_placement"),
    [
        ("foster carer", True),
        ("Foster mother", True),
        ("kinship carer", True),
        ("key worker", True),
        ("Keyworker", True),
        ("placement manager", True),
        ("residential staff", True),
        ("mother", False),
        ("father (birth)", False),
        ("grandmother", False),
        *((each, False) for each in IN_DOUBT),
        ("foster-carer (current)", False),
        ("Current foster carer", True),
        ("connected person", True),
        ("staff", True),
        ("former foster carer", False),
        ("ex-foster carer", False),
        ("", False),
    ],
)
def test_whoever_is_not_plainly_of_the_placement_counts_as_family(relationship, in_the_placement):
    assert cares_in_the_placement(relationship) is in_the_placement


@pytest.mark.parametrize(
    ("person", "because"),
    [
        (family(11), "Aged 11: under 13, only a parent or carer gets a letter."),
        (family(14), "Aged 14: from 13 on, the child and a parent or carer each get a letter."),
        (family(16, independent=True), "Aged 16 and living independently: only the young person gets a letter."),
    ],
)
def test_the_reason_names_the_age_and_the_rule(person, because):
    child, carer = who(person, SOMERSET)

    assert child.because == because
    assert carer.because.startswith(because)


def test_the_ages_are_the_procedures():
    rules = Addressees(child_from=15, only_child_when_independent_from=17)

    assert [person.standing for person in who(family(14), rules)] == [Standing.NEVER, Standing.GETS]
    assert [person.standing for person in who(family(16, independent=True), rules)] == [Standing.GETS, Standing.GETS]
