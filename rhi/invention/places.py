"""Where children live: an invented part of Somerset, and real authorities around it and further away."""

from random import Random

from rhi.invention.chance import Odds

TOWNS = {"Taunton": "Taunton", "Bridgwater": "Bridgwater", "Yeovil": "Yeovil", "Mendip": "Frome"}
AREAS = tuple(TOWNS)

POSTCODE_DISTRICTS = {"Taunton": "TA51", "Bridgwater": "TA56", "Yeovil": "BA62", "Mendip": "BA65"}
"""Of the right form, and belonging to nobody: the real districts of these two areas have lower numbers."""

POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"

STREETS = (
    *(
        "Larkbarrow Close",
        "Withy Lane",
        "Tinker's Rise",
        "Sedge Way",
        "Ninesprings Drive",
        "Orchard Vale",
        "Quarry Bank",
    ),
    *("Cobbler's Row", "Heron Gardens", "Mill Leat", "Pound Meadow", "Rookery Hill", "Tanner's Green", "Long Drove"),
    *("Beacon View", "Cider Press Court", "Foxglove Avenue", "Kiln Street", "Bluebell Mead", "Old Wharf Road"),
)
VILLAGES = ("Lower Hadcombe", "Stoke Wennard", "Ashcott Parva", "Nether Quarme", "Thornwick", "Combe Garrold")

NEIGHBOURING_AUTHORITIES = {
    "E10000008": "Devon",
    "E06000054": "Wiltshire",
    "E06000024": "North Somerset",
    "E06000022": "Bath and North East Somerset",
}
DISTANT_AUTHORITIES = {
    "E06000023": "Bristol",
    "E06000026": "Plymouth",
    "E06000027": "Torbay",
    "E06000030": "Swindon",
    "E06000045": "Southampton",
    "E06000052": "Cornwall",
    "E10000013": "Gloucestershire",
    "E10000014": "Hampshire",
    "E10000016": "Kent",
    "E08000025": "Birmingham",
    "E09000010": "Enfield",
    "E09000025": "Newham",
    "E09000031": "Waltham Forest",
}
OTHER_AUTHORITIES = NEIGHBOURING_AUTHORITIES | DISTANT_AUTHORITIES
"""Names by ONS code. None of them is an authority whose procedure is shipped, so to all of those they are others."""

AREA_OF_A_CHILD = Odds({"Taunton": 31, "Bridgwater": 27, "Yeovil": 22, "Mendip": 17, "": 3})


def address(rng: Random, area: str) -> tuple[str, str, str, str, str]:
    """Four lines and a postcode, at an invented street; of a child without a known area likewise, somewhere in ours."""
    somewhere = area or rng.choice(AREAS)
    lines = [f"{rng.randint(1, 148)} {rng.choice(STREETS)}", TOWNS[somewhere], "Somerset"]
    if rng.random() < 0.2:
        lines.insert(0, f"Flat {rng.randint(1, 12)}")
    elif rng.random() < 0.25:
        lines.insert(1, rng.choice(VILLAGES))
    inward = f"{rng.randint(1, 9)}{rng.choice(POSTCODE_LETTERS)}{rng.choice(POSTCODE_LETTERS)}"
    first, second, third, fourth = (*lines, "")[:4]
    return first, second, third, fourth, f"{POSTCODE_DISTRICTS[somewhere]} {inward}"
