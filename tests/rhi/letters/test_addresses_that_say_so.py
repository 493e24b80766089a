"""Lines of an address that say that nobody is to be found, or written to, there: no letter goes."""

import pytest

from rhi.actions import letters
from rhi.letters import CannotWrite
from rhi.letters.addressing import address
from rhi.models import Letter
from tests.rhi.letters.families import OVER, family, member, no_contact_letter

SAYS_SO = [
    *("GONE AWAY", "Moved - new address unknown", "Left address", "Hostel (moved out)", "Family has moved"),
    *("Return to sender", "No longer at this address", "Not living here", "Whereabouts unknown"),
    *("DO NOT USE", "do not send letters", "Don’t send post", "Do not contact", "No letters!", "not to be used"),
    *("Refuge - address confidential", "Address not to be disclosed", "Women’s Refuge", "Safe house"),
    *("Sofa surfing", "sofa-surfing with friends", "Rough sleeping", "Sleeping rough", "Living in a car"),
    *("No fixed residence", "Of no settled address", "Deceased"),
]
HOUSES = [
    *("Gone Away Cottage", "Safe House Lane", "Refuge Road", "Flat 2, The Refuge", "12 Post Office Road", "Left Bank"),
    *("Unknown Warrior Way", "2 Rough Road", "Stable Cottage", "Contact House", "HMP Bristol", "No 4 Stable Court"),
]


@pytest.mark.parametrize("line", SAYS_SO)
def test_a_line_that_says_so_is_not_written_whatever_postcode_stands_under_it(line):
    with pytest.raises(CannotWrite) as refusal:
        address([line, "Taunton", "TA1 1AA"])
    assert str(refusal.value) == f"The address says “{line}”. A letter cannot be delivered there."


@pytest.mark.parametrize("line", HOUSES)
def test_a_house_can_be_called_so(line):
    assert address([line, "Taunton", "TA1 1AA"]) == (line, "Taunton", "TA1 1AA")


@pytest.mark.django_db
def test_it_keeps_a_letter_of_that_address(tmp_path):
    letter = no_contact_letter(family(tmp_path, address_2="Gone away - do not use"), member())

    assert letters.blocks(letter, now=OVER) == [
        "The address says “Gone away - do not use”. A letter cannot be delivered there."
    ]
    assert letters.blocks(Letter.objects.get(to="carer"), now=OVER) == []
