"""The address as it is seen through the window of an envelope, by the rules of GOV.UK Notify's letters.

Three to seven lines, the name first and a postcode last; the window is 95.4 mm wide and 26.8 mm high.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rhi.letters.contents import CannotWrite

FEWEST, MOST = 3, 7
#: What no line may begin with.
FORBIDDEN = '@()=[]"\\/,<>~'
#: How far a line may reach, in millimetres: the window less half a millimetre on the left and what a letter overhangs.
WIDTH = 94.5

#: The pattern of the Government Data Standards (BS 7666): area and district, then sector and unit. It has no area ZZ,
#: under which health records keep people of no fixed abode.
POSTCODE = re.compile(
    r"(?P<outward>GIR(?= ?0AA)|[A-PR-UWYZ](?:[0-9][0-9A-HJKPS-UW]?|[A-HK-Y][0-9][0-9ABEHMNPRV-Y]?))"
    r" ?(?P<inward>[0-9][ABD-HJLNP-UW-Z]{2})"
)
NO_FIXED_ABODE = re.compile(r"\bno[\W_]+fixed[\W_]+(abode|address)\b|(?<!\w)n([\W_]{0,2})f\2a(?!\w)", re.IGNORECASE)

#: Of these a line consists that says that nobody knows, or tells, where somebody lives; of the first, one at least.
WORD = re.compile(r"n/a|\w+")
NOWHERE = frozenset(WORD.findall("confidential homeless n/a na no none not tbc undisclosed unknown withheld"))
AROUND_IT = frozenset(
    WORD.findall(
        "address at be confirmed current currently disclosed given home is known of or postcode present provided"
        " recorded street the to whereabouts"
    )
)
#: What a line of an address says when letters do not reach, or must not reach, somebody there. Each as it stands after
#: one space from word to word, however it was punctuated.
NOT_THERE = (
    r"(gone|moved) away|moved (out|on)|(has|have) (moved|left)|left (the |this )?address|return(ed)? to sender",
    r"new address (is )?(not |un)known|no longer (at|lives?|living|resid(es|ing)|here|there|this)",
    r"(not|doesn.t|don.t) (liv(e|es|ing)|resid(e|es|ing)) (here|there|at)",
    r"(do not|don.?t|must not|not to) (be )?(contact|disclose|give|mail|post|send|sent|share|use|write)[dn]?",
    r"no (contact|correspondence|letters|mail|post)",
    r"(address|location) (is )?(confidential|protected|secret|undisclosed|unknown|withheld)",
    r"(confidential|protected|secret|undisclosed|unknown) (address|location)|whereabouts",
    r"(no|not|without) (of )?(a |any )?(fixed|permanent|settled|stable) (abode|accommodation|address|home|residence)",
    r"sofa ?surf(ing|er|s)?|rough ?sleep(ing|er|s)?|sleep(ing|s) rough",
    r"living in (a |the |his |her |their )?(car|tent|van)|deceased|has died|women.?s refuge|safe house",
)
#: A house can be called so all the same.
HOUSE = r"barn|close|cottages?|court|drive|farm|hall|house|inn|lane|lodge|mews|road|row|street|view"
SAYS_NOT_THERE = re.compile(rf"\b({'|'.join(NOT_THERE)})\b(?! ({HOUSE})\b)", re.IGNORECASE)


@dataclass(frozen=True)
class Size:
    """In which size an address is set: points of the letter, millimetres from line to line."""

    name: str
    points: float
    leading: float
    most: int
    """How many lines of it the window holds."""


#: The larger where it fits.
SIZES = (Size("large", 10, 4.2, 6), Size("small", 9, 3.6, MOST))


@dataclass(frozen=True)
class Block:
    """The lines as they are set, and in which size."""

    lines: tuple[str, ...]
    size: Size


def clean(line: str) -> str:
    """A line as it is set: on one line, each space once, without a comma at its end or signs that cannot be seen."""
    line = unicodedata.normalize("NFC", line)
    seen = "".join(" " if each.isspace() else each for each in line if each.isspace() or _is_seen(each))
    return " ".join(seen.split()).rstrip(" ,")


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs", "Cn"}


def postcode(text: str) -> str | None:
    """A UK postcode as it is written (`TA1 1AA`); None if it cannot be one."""
    found = POSTCODE.fullmatch(text.replace(" ", "").upper())
    return f"{found['outward']} {found['inward']}" if found else None


def address(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines of an address as a letter has them, the postcode last. Raises CannotWrite when no letter would arrive.

    A postcode that also stands on the line above it is set once.
    """
    found = [line for line in map(clean, lines) if line]
    if any(NO_FIXED_ABODE.search(line) for line in found):
        raise CannotWrite("The address is no fixed abode. A letter cannot be delivered there.")
    if nowhere := next((line for line in found if _says_nowhere(line) or SAYS_NOT_THERE.search(_plain(line))), None):
        raise CannotWrite(f"The address says “{nowhere}”. A letter cannot be delivered there.")
    if not found:
        raise CannotWrite("There is no address on the record. Add it first.")
    code = postcode(found.pop())
    if code is None:
        raise CannotWrite("The address does not end with a UK postcode. Add the postcode, or correct it.")
    while found and postcode(found[-1]) == code:
        found.pop()
    if not found:
        raise CannotWrite("The address is only a postcode. Add the house and the street.")
    return (*found, code)


def _says_nowhere(line: str) -> bool:
    words = set(_words([line]))
    return bool(words & NOWHERE) and words <= NOWHERE | AROUND_IT


def _plain(line: str) -> str:
    """A line with nothing but words, each after one space: a dash or a dot parts no phrase."""
    return " ".join(re.findall(r"[\w'’]+", line))


def same_house(lines: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two addresses, each with its postcode last, are one by all that both say.

    Case, signs and line ends make no difference, nor what stands at the end of only one of them: a town, a county or
    the postcode.
    """
    (*one, code), (*other, other_code) = lines, others
    words, other_words = _words(one), _words(other)
    fewest = min(len(words), len(other_words))
    codes = {postcode(each) or each for each in (code, other_code) if each}
    return fewest > 0 and words[:fewest] == other_words[:fewest] and len(codes) <= 1


def could_be_where(lines: Iterable[str], others: Iterable[str]) -> bool:
    """Whether the house of a letter could be one in which somebody lives who must not get it, each postcode last.

    One house is written in many ways, so only another postcode is another house: not one that nobody knows, nor one
    under which the same house and street stand.
    """
    (*one, code), (*other, other_code) = lines, others
    known = postcode(other_code)
    return known in (None, postcode(code)) or same_house([*one, ""], [*other, ""])


def could_be_same(lines: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two addresses, each with its postcode last, could be one house that is written in two ways.

    The postcode is the same, and all numbers of one stand in the other: "1 Elm Rd" is "Flat 2, 1 Elm Road", perhaps.
    """
    (*one, code), (*other, other_code) = lines, others
    numbers, other_numbers = _numbers(one), _numbers(other)
    by_number = numbers <= other_numbers or other_numbers <= numbers
    return postcode(code) == postcode(other_code) and by_number


def _numbers(lines: Iterable[str]) -> set[str]:
    return set(re.findall("[0-9]+", " ".join(lines)))


def _words(lines: Iterable[str]) -> list[str]:
    return WORD.findall(" ".join(map(clean, lines)).casefold())


def block(addressee: str, lines: Sequence[str]) -> Block:
    """The name and the lines under it as they are set, wrapped where they are too long for the window.

    Raises CannotWrite when they do not fit, or when the post would refuse them.
    """
    whole = [clean(addressee), *lines]
    if not whole[0]:
        raise CannotWrite("There is no name to write to.")
    for number, line in enumerate(whole, start=1):
        _refuse_what_is_not_posted(number, line)
    for size in SIZES:
        wrapped = [part for line in whole for part in _wrap(line, size.points)]
        if len(wrapped) <= size.most:
            return Block(tuple(wrapped), size)
    raise CannotWrite(
        f"The name and address take {len(wrapped)} lines, and an envelope shows {MOST}. Shorten the address."
    )


def _refuse_what_is_not_posted(number: int, line: str) -> None:
    if line[0] in FORBIDDEN:
        raise CannotWrite(f"Line {number} of the name and address begins with {line[0]}. No line of a letter may.")
    if number <= 2 and not any(sign.isalnum() for sign in line):
        raise CannotWrite(f"Line {number} of the name and address has neither a letter nor a number.")


def _wrap(line: str, points: float) -> Iterator[str]:
    """The line in parts that fit into the window, broken between words, but not before a sign that may begin none."""
    part = ""
    for words in re.split(rf" (?![{re.escape(FORBIDDEN)}])", line):
        if width(words, points) > WIDTH:
            raise CannotWrite("A word of the name or address is too long for the window of an envelope. Shorten it.")
        longer = f"{part} {words}" if part else words
        if width(longer, points) > WIDTH:
            yield part
            longer = words
        part = longer
    yield part


#: Widths of the font (Liberation Sans, which has Arial's) in hundredths of its size, none of them too small.
NARROW, SMALL, LARGE, WIDE = 34, 62, 80, 102
WIDTHS = (
    dict.fromkeys("fijltI.,:;'’‘|! ()/-", NARROW)
    | dict.fromkeys("&wŵ~+<>=©®", LARGE)
    | dict.fromkeys("mMWŴ%@æÆœŒ¼½¾", WIDE)
)
OF_LATIN = "\u0180"


def width(text: str, points: float) -> float:
    """How far a line reaches in millimetres, at the most."""
    return sum(_width(sign) for sign in text) * points * 25.4 / 72 / 100


def _width(sign: str) -> int:
    if sign >= OF_LATIN:
        return WIDTHS.get(sign, WIDE)
    return WIDTHS.get(sign, LARGE if sign.isupper() else SMALL)
