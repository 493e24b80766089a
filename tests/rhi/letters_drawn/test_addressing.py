"""An address that the post would refuse, or that no window would show, is refused before anything is drawn."""

import io

import pytest
from pypdf import PdfReader

from rhi import printing
from rhi.letters import CannotWrite
from rhi.letters.addressing import SIZES, WIDTH, address, block, clean, postcode, width
from tests.rhi.letters_drawn.paper import Zone, ink, sheets


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("TA1 1AA", "TA1 1AA"),
        ("ta11aa", "TA1 1AA"),
        (" gu21  6xy ", "GU21 6XY"),
        ("M1 1AE", "M1 1AE"),
        ("B338TH", "B33 8TH"),
        ("CR2 6XH", "CR2 6XH"),
        ("DN551PT", "DN55 1PT"),
        ("W1A 1HQ", "W1A 1HQ"),
        ("ec1a1bb", "EC1A 1BB"),
        ("BF1 2AB", "BF1 2AB"),
        ("GIR 0AA", "GIR 0AA"),
    ],
)
def test_a_postcode_is_written_as_the_post_writes_it(typed, written):
    assert postcode(typed) == written


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "TA1",
        "TA1 1A",
        "TA1 AAA",
        "QA1 1AA",
        "ZZ99 3VZ",
        "ZZ99 3WZ",
        "AI1 1AA",
        "TA1 1CA",
        "12345",
        "D02 AF30",
        "TA1 1AA UK",
        "١A1 1AA",
    ],
)
def test_what_cannot_be_a_postcode_is_none(typed):
    assert postcode(typed) is None


def test_an_address_is_its_lines_without_the_empty_ones_and_the_postcode_last():
    lines = address(["  14  Example Street, ", "", "Taun\u200bton\t", "ta1 1aa", "TA11AA"])

    assert lines == ("14 Example Street", "Taunton", "TA1 1AA")


def test_a_postcode_that_stands_in_the_lines_serves_when_there_is_no_other():
    assert address(["14 Example Street", "ta1 1aa", "", "", ""]) == ("14 Example Street", "TA1 1AA")


@pytest.mark.parametrize(
    "lines",
    [
        ("NFA", "TA1 1AA"),
        ("No fixed abode", "Taunton", "TA1 1AA"),
        ("of NO  FIXED-ABODE", "TA1 1AA"),
        ("no fixed address", ""),
        ("N.F.A.", "TA1 1AA"),
        ("n/f/a", "TA1 1AA"),
        ("Taunton", "(NFA)", "TA1 1AA"),
    ],
)
def test_no_fixed_abode_is_refused(lines):
    with pytest.raises(CannotWrite, match=r"^The address is no fixed abode. A letter cannot be delivered there.$"):
        address(lines)


@pytest.mark.parametrize("line", ["Alnfarm Road", "Fixed Abode Lane", "Nfarm", "Unit 1 N Fa Street"])
def test_a_street_that_only_looks_like_it_is_not(line):
    assert address([line, "TA1 1AA"])[0] == line


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("", " ", "\u200b", ","), "There is no address on the record. Add it first."),
        (
            ("14 Example Street", "Taunton"),
            "The address does not end with a UK postcode. Add the postcode, or correct it.",
        ),
        (
            ("14 Example Street", "France"),
            "The address does not end with a UK postcode. Add the postcode, or correct it.",
        ),
        (("TA1 1AA",), "The address is only a postcode. Add the house and the street."),
        (("TA1 1AA", "ta11aa"), "The address is only a postcode. Add the house and the street."),
    ],
)
def test_an_address_to_which_nothing_can_be_posted_is_refused_in_words(lines, message):
    with pytest.raises(CannotWrite) as refused:
        address(lines)
    assert str(refused.value) == message


@pytest.mark.parametrize("sign", list('@()=[]"\\/,<>~'))
def test_no_line_may_begin_with_these_signs(sign):
    with pytest.raises(CannotWrite) as refused:
        block("Robin Example", [f"{sign}14 Example Street", "TA1 1AA"])
    assert str(refused.value) == f"Line 2 of the name and address begins with {sign}. No line of a letter may."
    with pytest.raises(CannotWrite, match=r"^Line 1 "):
        block(f"{sign}Robin", ["14 Example Street", "TA1 1AA"])


def test_the_first_two_lines_need_a_letter_or_a_number():
    with pytest.raises(CannotWrite, match="Line 2 of the name and address has neither a letter nor a number"):
        block("Robin Example", ["-", "TA1 1AA"])
    with pytest.raises(CannotWrite, match="There is no name to write to"):
        block(" ", ["14 Example Street", "TA1 1AA"])


def test_up_to_six_lines_are_set_large_and_seven_small():
    six = block("Robin Example", ["Flat 2", "Quayside House", "14 Example Street", "Taunton", "TA1 1AA"])
    seven = block("Robin Example", ["Room 9", "Flat 2", "Quayside House", "14 Example Street", "Taunton", "TA1 1AA"])

    assert (len(six.lines), six.size.name) == (6, "large")
    assert (len(seven.lines), seven.size.name) == (7, "small")
    assert all(size.leading * size.most <= 66.3 - 39.5 for size in SIZES)


def test_eight_lines_are_refused():
    with pytest.raises(CannotWrite) as refused:
        block("Robin Example", ["Bed 1", "Room 9", "Flat 2", "The House", "14 Example Street", "Taunton", "TA1 1AA"])
    assert str(refused.value) == "The name and address take 8 lines, and an envelope shows 7. Shorten the address."


def test_a_long_line_is_broken_between_words_and_never_before_a_sign_that_may_begin_none():
    long = "The Old Coach House behind the Church of Saint Mary Magdalene (north transept) Monksilver"

    lines = block("Robin Example", [long, "TA1 1AA"]).lines

    assert " ".join(lines[1:-1]) == long
    assert len(lines) == 4
    assert not any(line.startswith("(") for line in lines)
    assert all(width(line, 10) <= WIDTH for line in lines)


def test_a_word_that_is_too_long_is_refused():
    with pytest.raises(CannotWrite, match=r"^A word of the name or address is too long for the window"):
        block("Robin Example", ["W" * 60, "TA1 1AA"])


@pytest.mark.slow
def test_no_letter_of_the_alphabet_is_wider_than_reckoned():
    signs = [chr(number) for number in range(0x20, 0x180) if chr(number).isprintable()]
    signs += [chr(number) for number in [*range(0x391, 0x3A2), *range(0x410, 0x450), 0x2019, 0x2014]]
    lines = [sign * 10 for sign in signs if clean(sign)]
    html = "".join(f"<p>|{line.replace('&', '&amp;').replace('<', '&lt;')}|</p>" for line in lines)
    style = (
        "@page { size: 210mm 5mm; margin: 0 }"
        "p { margin: 0; break-after: page; white-space: pre; font: 10pt 'Liberation Sans'; line-height: 5mm }"
    )
    pdf = printing.pdf(f"<html lang=en><head><title>x</title><style>{style}</style></head><body>{html}</body></html>")
    assert len(PdfReader(io.BytesIO(pdf)).pages) >= len(lines)

    wider = [line[0] for line, sheet in zip(lines, sheets(pdf), strict=False) if reach(sheet) > width(f"|{line}|", 10)]

    assert wider == []


def reach(sheet):
    found = ink(sheet, Zone(0, 0, 210, 5))
    return found.right - found.left
