"""From the records to what a letter says: the addressee's own name and address, and the procedure's words."""

from datetime import date

import pytest

from rhi.letters import CannotWrite, content, draw, preview_html
from rhi.models import Interview, Letter
from tests.records import london, publish

pytestmark = pytest.mark.django_db

NOW = london("2026-06-15 23:30")


@pytest.fixture
def letter(desk):
    """A letter to be proposed about the first of the desk's children, whose parent has an address too."""
    referral = desk.referrals[0]
    carer = referral.child.carers.get(name="Morgan Ferris")
    carer.address_1, carer.address_2, carer.postcode = "3 Sample Road", "Wellington", "ta219zz"

    def propose(kind="no_contact", to="child", **fields):
        interview = Interview.objects.get_or_create(reference="I1", child=referral.child, referral=referral)[0]
        return Letter(
            child=referral.child,
            referral=referral,
            interview=interview,
            kind=kind,
            to=to,
            carer=carer if to == "carer" else None,
            **fields,
        )

    return propose


def test_a_letter_to_the_child_has_the_childs_name_and_address(letter):
    proposed = letter()

    written = content(proposed, now=NOW)

    assert (written.addressee, written.address) == ("Ash Ferris", ("1 Example Street", "TA1 1AA"))
    assert (written.child, written.reference) == ("Ash", str(proposed.referral))
    assert written.date == date(2026, 6, 15)
    assert "Dear Ash," in preview_html(written)


def test_the_date_is_that_of_england(letter):
    assert content(letter(), now=london("2026-06-16 00:30")).date == date(2026, 6, 16)


def test_a_letter_to_a_carer_has_the_carers_name_and_address_and_of_the_child_the_first_name_only(letter):
    written = content(letter(to="carer"), now=NOW)

    assert (written.addressee, written.address) == ("Morgan Ferris", ("3 Sample Road", "Wellington", "TA21 9ZZ"))
    assert written.child == "Ash"
    assert "1 Example Street" not in preview_html(written)


def test_what_it_says_comes_from_the_procedure_that_governs_the_referral(letter):
    publish("wokingham", effective_from=date(2026, 6, 1))

    written = content(letter(), now=NOW)

    assert (written.procedure, written.authority, written.service) == (
        "somerset",
        "Somerset",
        "Family Intervention Service",
    )
    assert (written.we_are, written.phone) == ("the Family Intervention Service", "01632 960200")


def test_a_carer_without_an_address_gets_no_letter_at_the_childs(letter):
    proposed = letter(to="carer")
    proposed.carer = proposed.child.carers.get(name="Lee Ferris")

    with pytest.raises(CannotWrite, match=r"^There is no address on the record. Add it first.$"):
        content(proposed, now=NOW)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("address_1", "NFA", "The address is no fixed abode. A letter cannot be delivered there."),
        ("postcode", "", "The address does not end with a UK postcode. Add the postcode, or correct it."),
        ("address_1", "(back door)", "Line 2 of the name and address begins with (. No line of a letter may."),
        ("address_1", "(unknown)", "The address says “(unknown)”. A letter cannot be delivered there."),
    ],
)
def test_an_address_that_no_letter_would_reach_is_refused(letter, field, value, message):
    proposed = letter()
    setattr(proposed.child, field, value)

    with pytest.raises(CannotWrite) as refused:
        content(proposed, now=NOW)
    assert str(refused.value) == message


def test_a_language_without_texts_is_refused(letter):
    with pytest.raises(CannotWrite, match=r"^There are no texts of letters in this language \(cy\)\.$"):
        content(letter(language="cy"), now=NOW)


def governed_by(proposed, text):
    proposed.referral.version = publish("somerset", text=text, effective_from=date(2026, 6, 2))
    return proposed


def without(text, heading):
    """A procedure without its lists of this heading."""
    return "\n\n".join(part for part in text.split("\n\n") if f"[[{heading}]]" not in part)


def test_without_anybody_to_contact_there_is_no_letter(letter):
    proposed = letter()
    governed_by(proposed, without(proposed.referral.version.text, "contacts"))

    with pytest.raises(CannotWrite, match=r"^The procedure names nobody whom a family can contact"):
        content(proposed, now=NOW)


@pytest.mark.parametrize("kind", ["refusal", "signposting"])
def test_a_letter_about_services_needs_a_service_or_a_leaflet(letter, kind):
    text = without(letter().referral.version.text, "services")

    with pytest.raises(CannotWrite, match=r"^The procedure names no service to point to"):
        content(governed_by(letter(kind), text), now=NOW)
    with_leaflet = content(governed_by(letter(kind, leaflets=[" Feeling  low ", ""]), text), now=NOW)
    assert with_leaflet.leaflets == ("Feeling low",)


def test_a_contact_without_more_words_writes_under_its_own_name(letter):
    proposed = letter()
    text = proposed.referral.version.text
    lines = [line for line in text.splitlines() if not line.startswith(("we_are", "phone"))]

    written = content(governed_by(proposed, "\n".join(lines)), now=NOW)

    assert (written.we_are, written.phone) == ("Family Intervention Service", "")


def test_a_letter_costs_no_query_once_it_is_read_with_its_records(letter, django_assert_num_queries):
    proposed = letter(to="carer")
    proposed.referral.version  # noqa: B018 read with the letter

    with django_assert_num_queries(0):
        draw(content(proposed, now=NOW))
