"""Random families: exactly those get a letter whom Somerset 4.6 names, and none goes where it may not."""

import random
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import pytest

from episodes.models import Carer, Child, Episode
from rhi import letters as writing
from rhi.actions import letters
from rhi.actions.letters import LetterRefused
from rhi.letters import draw
from rhi.models import Letter
from tests.records import bring, child, episode, interview, publish
from tests.rhi.letters.families import OVER, approved, member, run
from tests.rhi.letters_drawn.paper import WINDOW, all_words, words
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db

RETURN = date(2026, 5, 12)
KIN = ["mother", "father", "stepmother", "grandmother", "aunt"]
PLACED_WITH = ["foster carer", "key worker", "kinship carer"]
FORMER = [
    "former foster carer",
    "formerly foster carer",
    "foster carer (ended March)",
    "past key worker",
    "ex-stepfather",
]
#: Where a carer lives: with the child, there in other words, in the same street, elsewhere, or nobody knows where.
WITH_THE_CHILD, IN_OTHER_WORDS, NEAR, FAR, NOWHERE = PLACES = ["home", "in other words", "near", "far", "nowhere"]
#: Of a child whom this authority has placed here, no involvement is ours.
BRISTOL = "E06000023"
#: The letters of the second half of a postcode.
UNITS = "ABDEFGHJLNPQRSTUWXYZ"
#: What can go wrong with a family after its letters were proposed.
MISHAPS = ["unsafe", "not known", "no postcode", "no fixed abode", "moved", "missing"]


class OnRecord(NamedTuple):
    """Somebody as a row of carers.csv has them: who it is, how that is typed, and where they live, as of which number.

    Two rows of one person may be typed in two ways, and say two things.
    """

    person: str
    name: str
    relationship: str
    safe: str
    place: str
    number: int


@dataclass
class Family:
    """One family as it is put into the files. Its mark stands in everything that is its own, and nowhere else.

    There may be a sibling, without an episode, in the same house or (`apart`) in another.
    """

    number: int
    born: date
    independent: str
    looked_after: bool
    theirs: bool
    carers: list[OnRecord] = field(default_factory=list)
    of_sibling: list[OnRecord] = field(default_factory=list)
    apart: bool = False
    mishap: str = ""

    @property
    def mark(self):
        return f"Q{self.number:06}"

    def had_birthday(self, number, day=RETURN):
        """Whether the child was as old as this on a day, or else when they returned."""
        return (self.born.year + number, self.born.month, self.born.day) <= (day.year, day.month, day.day)


def invent(rng, number):
    """A family; the child's birthday lies now and then on the very day of return, or on one beside it."""
    born = RETURN - timedelta(days=rng.randrange(8 * 366, 18 * 365))
    if rng.random() < 0.2:
        born = date(RETURN.year - rng.choice([12, 13, 16]), 5, RETURN.day + rng.choice([-1, 0, 1]))
    kind = rng.random()
    made = Family(number, born, rng.choice(["Y", "N", ""]), looked_after=kind < 0.3, theirs=0.3 <= kind < 0.45)
    for each in range(rng.randrange(4)):
        made.carers.append(on_record(rng, made, f"{made.mark} Carer{each}"))
    for each in [each for each in made.carers if rng.random() < 0.15]:
        again = on_record(rng, made, each.person, typed=rng.choice(TYPED))
        if again.relationship != each.relationship:
            made.carers.append(again)
    if rng.random() < 0.5:
        made.apart = rng.random() < 0.5
        people = {f"{made.mark} Hidden", *(each.person for each in made.carers)}
        for person in rng.sample(sorted(people), min(2, len(people))):
            made.of_sibling.append(on_record(rng, made, person, typed=rng.choice(TYPED), safety=["Y", "N", "N", ""]))
    return made


#: In how many ways a name is typed, by its two words.
TYPED = ["{0} {1}", "Mr {0}  {1}", "{1}, {0}", "Ms {1} {0}"]


def on_record(rng, family, person, typed=TYPED[0], safety=("Y", "N", "")):
    """A row about a person, who lives anywhere; no two live at one number."""
    safe = rng.choice(safety)
    # To whom letters may go their address is known: what cannot be written is kept for that.
    place = rng.choice([place for place in PLACES if safe != "Y" or place != NOWHERE])
    number = 1 + len(family.carers) + len(family.of_sibling)
    kind = rng.choice(KIN + PLACED_WITH + FORMER)
    return OnRecord(person, typed.format(*person.split()), kind, safe, place, number)


def somerset_4_6(family):
    """Who gets a letter, written from the guidance's own sentences and the decisions in section 15 of the design.

    Whoever is on record twice is as safe to contact as by the record that says least of it.
    """
    if family.independent == "Y" and family.had_birthday(16):
        return ["child"]
    doubtful = {each.person for each in family.carers if each.safe != "Y"}
    carers = [
        each.name
        for each in family.carers
        if each.person not in doubtful
        and each.relationship in (PLACED_WITH if family.looked_after or family.theirs else KIN)
    ]
    return sorted(carers + (["child"] if family.had_birthday(13) else []))


def postcode(mark, number=0):
    """A postcode that no other family has."""
    own = int(mark[1:])
    return f"TA{1 + own // 400} {number}{UNITS[own % 20]}{UNITS[own // 20 % 20]}"


def home(mark, place=WITH_THE_CHILD, number=0):
    """The address of the child, or of the carer of this number who lives in such a place."""
    line = {
        WITH_THE_CHILD: f"{mark} Road",
        IN_OTHER_WORDS: f"Rose Cottage, {mark} Rd",
        NEAR: f"{number} {mark} Road",
        FAR: f"{number} {mark} Hill",
    }
    if place == NOWHERE:
        return {"address_1": "", "address_2": "", "postcode": ""}
    return {
        "address_1": line[place],
        "address_2": "Taunton",
        "postcode": postcode(mark, number if place == FAR else 0),
    }


def put_on_record(folder, families):
    """Every family with a night in May, after which nobody was reached in three attempts."""
    tries = [("2026-05-13T10:00", "child"), ("2026-05-14T14:00", "parent"), ("2026-05-15T18:00", "child")]
    files = {
        "children": [
            child(
                f"C{each.number}",
                first_name=each.mark,
                last_name=f"{each.mark} Child",
                date_of_birth=each.born.isoformat(),
                living_independently=each.independent,
                responsible_authority=BRISTOL if each.theirs else "",
                **home(each.mark),
            )
            for each in families
        ]
        + [
            child(f"S{each.number}", **(home(each.mark, FAR, 9) if each.apart else home(each.mark)))
            for each in families
            if each.of_sibling
        ],
        "carers": [
            {
                "child_id": f"{child_of}{each.number}",
                "name": row.name,
                "relationship": row.relationship,
                "safe_to_contact": row.safe,
                **home(each.mark, row.place, row.number),
            }
            for each in families
            for child_of, rows in (("C", each.carers), ("S", each.of_sibling))
            for row in rows
        ],
        "involvements": [
            {"child_id": f"C{each.number}", "service": "looked_after", "start": "2026-01-05", "team": "North"}
            for each in families
            if each.looked_after
        ],
        "episodes": [episode(f"E{each.number}", f"C{each.number}") for each in families],
        "interviews": [interview(f"I{each.number}", f"C{each.number}", f"E{each.number}") for each in families],
        "attempts": [
            {
                "interview_id": f"I{each.number}",
                "attempted_at": at,
                "method": "phone",
                "contacted": whom,
                "result": "no_answer",
            }
            for each in families
            for at, whom in tries
        ],
    }
    bring(folder, **{name: rows for name, rows in files.items() if rows})


def run_until_done():
    """The job, and what it leaves to the next."""
    from jobs.models import Job
    from rhi.actions import proposing

    run()
    while following := Job.objects.filter(name=proposing.MORE, state="waiting").first():
        proposing.propose_more(**following.arguments, now=OVER)
        following.delete()


def befall(family):
    """Let a mishap come over a family, as records or people would bring it."""
    of_child = Child.objects.filter(child_id=f"C{family.number}")
    carers = Carer.objects.filter(child__child_id=f"C{family.number}")
    match family.mishap:
        case "unsafe":
            carers.update(safe_to_contact=False)
        case "not known":
            carers.update(safe_to_contact=None)
        case "no postcode":
            of_child.update(postcode="")
            carers.update(postcode="")
        case "no fixed abode":
            of_child.update(address_1="No fixed abode")
            carers.update(address_1="NFA")
        case "moved":
            of_child.get().involvements.create(service="looked_after", start=date(2026, 5, 19))
        case "missing":
            Episode.objects.create(
                episode_id=f"M{family.number}", child=of_child.get(), kind="missing", last_seen_at=OVER
            )


def stopped(family, letter):
    """Whether what has befallen the family keeps this letter."""
    if family.mishap not in ("", "unsafe", "not known"):
        return True
    if letter.to == "carer" and (family.mishap or family.had_birthday(18, OVER.date())):
        return True
    unsafe_by_now = {"": ["N"], "unsafe": ["Y", "N", ""], "not known": []}[family.mishap]
    to = row_of(family, letter.carer) if letter.carer else None
    goes_far = bool(to) and to.place == FAR
    return kept_by_sibling(family, to) or any(
        # Far from the child, each lives alone; near the child nobody knows who lives with whom.
        row.place == NOWHERE or (row.place != FAR and not goes_far)
        for row in family.carers
        if row.safe in unsafe_by_now and row != to
    )


def row_of(family, carer):
    """The row from which a carer's record came."""
    names = (carer.name, carer.relationship)
    return next(row for row in family.carers if (row.name, row.relationship) == names)


def kept_by_sibling(family, to):
    """Whether the sibling's record speaks against a letter, which is to the child or (`to`) to a carer."""
    place = to.place if to else WITH_THE_CHILD
    for row in family.of_sibling:
        if row.safe != "N":
            continue
        same_part = row.place != FAR and place != FAR
        if to and row.person == to.person and (not family.apart or row.place == NOWHERE or same_part):
            return True
        # By their own address, two houses near the child are two; where both children live, nobody knows.
        if row.place == NOWHERE:
            lives_there = not family.apart
        else:
            lives_there = same_part and not (family.apart and row.place == place == NEAR)
        if lives_there:
            return True
    return False


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.clause("SOM-4.6b")
@pytest.mark.clause("SOM-4.6c")
def test_of_random_families_exactly_those_get_a_letter_whom_the_guidance_names(tmp_path, soak_seed):
    rng, number = random.Random(soak_seed), soak_count(10_000)
    publish("somerset")
    families = [invent(rng, each) for each in range(number)]
    put_on_record(tmp_path, families)

    run_until_done()
    run_until_done()

    got = {each.number: [] for each in families}
    for letter in Letter.objects.select_related("carer", "child"):
        got[int(letter.child.child_id[1:])].append(letter.carer.name if letter.carer else "child")
    wrong = [each for each in families if sorted(got[each.number]) != somerset_4_6(each)]
    assert wrong == []

    for each in families:
        if rng.random() < 0.5:
            each.mishap = rng.choice(MISHAPS)
            befall(each)
    drawn = nobodys_else(families, rng)
    kept, frozen = none_goes_where_it_may_not(families, rng)
    evidence(
        "families",
        seed=soak_seed,
        n=number,
        result={
            "letters": Letter.objects.count(),
            "of them drawn and read from their pages": drawn,
            "approved, and read as they are kept": frozen,
            "kept from going out": kept,
            "to a blocked person": 0,
            "to somebody else": 0,
            "with another family's words": 0,
        },
    )


def nobodys_else(families, rng):
    """No letter has a word of another family's, nor has any page of those drawn; answers how many these are."""
    writable = []
    for letter in Letter.objects.select_related("child", "carer", "referral__version"):
        own = families[int(letter.child.child_id[1:])]
        if own.mishap in ("no postcode", "no fixed abode"):
            continue
        content = writing.content(letter, now=OVER)
        assert marks_in(repr(content) + letter.because) == {own.mark}
        writable.append((letter, own, content))
    sample = rng.sample(writable, max(10, len(writable) // 100))
    for letter, own, content in sample:
        pages_are_right(draw(content).pdf, letter, own)
    return len(sample)


def marks_in(words):
    return set(re.findall(r"Q\d{6}", words))


def pages_are_right(pdf, letter, own):
    """The pages, as they are printed, go to the very person that the letter is for, and speak of this family only."""
    assert words(pdf, WINDOW) == written_on_the_envelope(letter, own)
    assert marks_in(all_words(pdf)) == {own.mark}
    assert own.mark in all_words(pdf).partition("Dear ")[2]


def written_on_the_envelope(letter, own):
    """Name and address as they were put into the files."""
    if letter.to == "child":
        return [f"{own.mark} {own.mark} Child", *home(own.mark).values()]
    row = row_of(own, letter.carer)
    return [" ".join(row.name.split()), *home(own.mark, row.place, row.number).values()]


def none_goes_where_it_may_not(families, rng):
    """Try to approve letters after the mishaps: what may not go does not, what may does.

    Answers how many of all were kept, and how many went, their pages being right.
    """
    ann = member()
    every = list(Letter.objects.select_related("child", "carer").order_by("pk"))
    kept = frozen = 0
    for start in range(0, len(every), 500):
        some = every[start : start + 500]
        whys = letters.blocks_of(some, now=OVER)
        for letter in some:
            own = families[int(letter.child.child_id[1:])]
            assert bool(whys[letter.pk]) is stopped(own, letter), (own, letter.to, letter.carer, whys[letter.pk])
            # Of whoever is on the sibling's record only, nothing is said.
            assert "Hidden" not in " ".join(whys[letter.pk])
            kept += bool(whys[letter.pk])
    for letter in rng.sample(every, min(len(every), max(40, len(every) // 100))):
        own = families[int(letter.child.child_id[1:])]
        if stopped(own, letter):
            with pytest.raises(LetterRefused):
                approved(letter, ann, confirmed=True)
        else:
            gone = approved(letter, ann, confirmed=True)
            assert gone.addressee == written_on_the_envelope(letter, own)[0]
            pages_are_right(bytes(gone.pdf), letter, own)
            frozen += 1
    gone = Letter.objects.filter(state="approved").select_related("child", "carer")
    assert not [letter for letter in gone if stopped(families[int(letter.child.child_id[1:])], letter)]
    return kept, frozen
