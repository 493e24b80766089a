"""Who cares for a child: rows of carers.csv."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from rhi.invention import people
from rhi.invention.chance import Odds
from rhi.invention.children import Child, Life
from rhi.invention.involvements import Involvement, placement_on
from rhi.invention.places import address
from rhi.invention.world import World

AT_HOME = Odds(
    {
        ("mother",): 40,
        ("mother", "father"): 26,
        ("mother", "stepfather"): 12,
        ("father",): 9,
        ("grandmother",): 6,
        ("father", "stepmother"): 3,
        ("aunt",): 2,
        (): 2,
    }
)
PARENTS_OF_THE_LOOKED_AFTER = Odds({("mother",): 44, ("mother", "father"): 6, ("father",): 4, (): 46})
CARER_IN_A_PLACEMENT = {"foster_care": "foster carer", "kinship": "kinship carer"}
KEY_WORKER = "key worker"

WOMEN = {"mother", "stepmother", "grandmother", "aunt"}
MEN = {"father", "stepfather"}
KIN = {*WOMEN, *MEN, "kinship carer"}
KIN_SAFE_TO_CONTACT = Odds({True: 74, False: 7, None: 19})
OTHERS_SAFE_TO_CONTACT = Odds({True: 90, None: 10})
WHY_NOT_SAFE = (
    "Asked us not to write; post is opened by somebody else in the home.",
    "Court order: no contact about the child without the social worker.",
    "The child asked that this parent is not told.",
    "Calls only through the social worker.",
)


@dataclass(frozen=True, slots=True)
class Carer:
    """A row of carers.csv."""

    child_id: str
    name: str
    relationship: str
    address_1: str
    address_2: str
    address_3: str
    address_4: str
    postcode: str
    phone: str
    email: str
    safe_to_contact: bool | None
    reason: str


def carers(world: World, life: Life, involvements: Sequence[Involvement]) -> Iterator[Carer]:
    """Parents or other kin; of a looked-after child those known, and who has day-to-day care of it."""
    rng, child = world.rng, life.child
    placement = placement_on(involvements, life.days[-1])
    if placement is None:
        relationships = AT_HOME.draw(rng)
    else:
        parents = () if child.uasc else PARENTS_OF_THE_LOOKED_AFTER.draw(rng)
        relationships = (*parents, CARER_IN_A_PLACEMENT.get(placement.placement_kind, KEY_WORKER))
    for relationship in relationships:
        yield carer(rng, life, relationship)


def carer(rng: Random, life: Life, relationship: str) -> Carer:
    """One, who as kin may share the child's surname, and as a parent its home; a key worker has no address."""
    child, kin = life.child, relationship in KIN
    background = life.background if kin else people.BACKGROUNDS.draw(rng)
    sex = "F" if relationship in WOMEN else "M" if relationship in MEN else rng.choice("FM")
    first = people.first_name(rng, background, sex)
    last = child.last_name if kin and rng.random() < 0.75 else rng.choice(background.surnames)
    safe = (KIN_SAFE_TO_CONTACT if kin else OTHERS_SAFE_TO_CONTACT).draw(rng)
    return Carer(
        child.child_id,
        f"{first} {last}",
        relationship,
        *where(rng, child, relationship),
        phone=people.mobile(rng) if rng.random() < 0.8 else people.landline(rng) if rng.random() < 0.5 else "",
        email=people.family_email(first, last) if kin and rng.random() < 0.3 else "",
        safe_to_contact=safe,
        reason=rng.choice(WHY_NOT_SAFE) if safe is False else "",
    )


def where(rng: Random, child: Child, relationship: str) -> tuple[str, str, str, str, str]:
    """Four lines and a postcode."""
    if relationship == KEY_WORKER:
        return "", "", "", "", ""
    if relationship in WOMEN | MEN and rng.random() < 0.8:
        return child.address_1, child.address_2, child.address_3, child.address_4, child.postcode
    return address(rng, child.area)
