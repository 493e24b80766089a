"""Names, telephone numbers and email addresses of nobody.

Numbers come from the ranges that are kept free for stories (01632 960xxx, 07700 900xxx), addresses from example.org.
"""

import unicodedata
from dataclasses import dataclass
from random import Random

from rhi.invention.chance import Odds


@dataclass(frozen=True)
class Background:
    """Names that go together, with ethnicity (the codes of the Department for Education) and first language."""

    ethnicity: Odds[str]
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    surnames: tuple[str, ...]
    language: Odds[str]


LOCAL = Background(
    ethnicity=Odds(
        {"WBRI": 84, "WOTH": 2, "WIRI": 1, "WIRT": 1, "WROM": 1, "MWBC": 4, "MWAS": 2, "MOTH": 3, "NOBT": 2}
    ),
    girls=(
        *("Amelia", "Ava", "Bethan", "Chloë", "Daisy", "Ellie", "Erin", "Evie", "Freya", "Imogen", "Isla", "Jasmine"),
        *("Keira", "Lacey", "Leah", "Lily", "Maisie", "Megan", "Mia", "Niamh", "Olivia", "Paige", "Poppy", "Ruby"),
        *("Scarlett", "Siân", "Skye", "Summer", "Tilly", "Zoë"),
    ),
    boys=(
        *("Alfie", "Archie", "Callum", "Charlie", "Connor", "Declan", "Dylan", "Ethan", "Finley", "George", "Harry"),
        *(
            "Jack",
            "Jayden",
            "Joshua",
            "Kai",
            "Kian",
            "Leo",
            "Liam",
            "Logan",
            "Luke",
            "Mason",
            "Oliver",
            "Owen",
            "Reece",
        ),
        *("Riley", "Ryan", "Seán", "Toby", "Tyler", "Zac"),
    ),
    surnames=(
        *("Ashdown", "Brindley", "Coldwell", "Dunmere", "Eastbrook", "Fenwright", "Garrowby", "Hale", "Harbottle"),
        *("Holloway-Reed", "Inglesham", "Kestle", "Larkin", "Locksby", "Marlow", "Merrifield", "O'Dare", "Pennick"),
        *("Penhurst", "Quickley", "Ravenhill", "Stoneham", "Tanfield", "Thornby", "Tolland", "Underhay", "Varley"),
        *("Wexcombe", "Winslade", "Yarrow"),
    ),
    language=Odds({"": 60, "English": 40}),
)
EASTERN_EUROPEAN = Background(
    ethnicity=Odds({"WOTH": 1}),
    girls=("Alicja", "Daria", "Elena", "Ioana", "Julia", "Maja", "Natalia", "Zuzanna"),
    boys=("Adrian", "Andrei", "Dawid", "Filip", "Jakub", "Kacper", "Łukasz", "Matei"),
    surnames=("Baranek", "Codrescu", "Dworzak", "Ionelescu", "Kalinski", "Moravec", "Rudnik", "Zelenka"),
    language=Odds({"Polish": 45, "Romanian": 35, "English": 20}),
)
SOUTH_ASIAN = Background(
    ethnicity=Odds({"AIND": 2, "APKN": 4, "ABAN": 4, "AOTH": 1}),
    girls=("Aisha", "Anika", "Fatima", "Maryam", "Nadia", "Priya", "Sana", "Zara"),
    boys=("Adil", "Arjun", "Hamza", "Imran", "Rohan", "Sami", "Yusuf", "Zayn"),
    surnames=("Ahmadi", "Begari", "Chowdhry", "Hussaini", "Malhotri", "Mirzan", "Patelka", "Rahmani"),
    language=Odds({"English": 60, "Bengali": 20, "Urdu": 20}),
)
AFRICAN_AND_CARIBBEAN = Background(
    ethnicity=Odds({"BCRB": 4, "BAFR": 5, "BOTH": 1}),
    girls=("Abena", "Chidera", "Esther", "Kezia", "Naomi", "Shanice", "Temi", "Zainab"),
    boys=("Andre", "Daniel", "Ebuka", "Jerome", "Kofi", "Malachi", "Tobi", "Tyrese"),
    surnames=("Adebanji", "Boatengo", "Campbell-Moore", "Ekwemi", "Gordine", "Mensari", "Okonta", "Sowande"),
    language=Odds({"English": 85, "": 15}),
)
UNACCOMPANIED = Background(
    ethnicity=Odds({"AOTH": 4, "BAFR": 4, "OOTH": 4, "WOTH": 2}),
    girls=("Eyerusalem", "Linh", "Mehret", "Rojin"),
    boys=("Abdul", "Altin", "Aram", "Dawit", "Erion", "Filmon", "Minh", "Omid", "Rebin", "Zabi"),
    surnames=("Amiri", "Berhanu", "Dervishaj", "Ghebre", "Hamadamin", "Nguyen-Vo", "Safi", "Tesfai"),
    language=Odds({"Kurdish Sorani": 3, "Pashto": 3, "Tigrinya": 3, "Albanian": 2, "Arabic": 2, "Vietnamese": 1}),
)
BACKGROUNDS = Odds({LOCAL: 84, EASTERN_EUROPEAN: 6, SOUTH_ASIAN: 4, AFRICAN_AND_CARIBBEAN: 6})


def first_name(rng: Random, background: Background, sex: str) -> str:
    """One that suits, any where the sex is not known (U)."""
    names = {"F": background.girls, "M": background.boys}.get(sex, background.girls + background.boys)
    return rng.choice(names)


def mobile(rng: Random) -> str:
    return f"07700 900{rng.randrange(1000):03}"


def landline(rng: Random) -> str:
    return f"01632 960{rng.randrange(1000):03}"


def worker_email(first: str, last: str, namesakes: int) -> str:
    """Initial and surname: `r.hale@example.org`; with a number when others of that spelling came before."""
    return f"{plain(first)[0]}.{plain(last)}{namesakes + 1 if namesakes else ''}@example.org"


def family_email(first: str, last: str) -> str:
    """Of a child or carer, at a domain where no worker has an address."""
    return f"{plain(first)}.{plain(last)}@family.example.org"


def plain(name: str) -> str:
    """In the letters a to z."""
    spelt = unicodedata.normalize("NFKD", name.lower().replace("ł", "l"))
    return "".join(letter for letter in spelt if "a" <= letter <= "z")
