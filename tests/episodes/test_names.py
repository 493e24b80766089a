"""Which spellings can be meant for the same name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodes.names import Likeness, likeness, sound, words


@pytest.mark.parametrize(
    "alike",
    [
        "Jonny Johnny",
        "Siobhan Shivaun Siobhán Chevonne",
        "Sean Shaun Shawn Seán",
        "Niamh Neve Nieve",
        "Caoimhe Keeva Kiva",
        "Aoife Eefa",
        "Eoghan Owen Euan Ewan",
        "Ciara Kiera Keira",
        "Kieran Ciaran",
        "Stephen Steven",
        "Geoffrey Jeffrey",
        "Catherine Kathryn Katharine",
        "Mohammed Muhammad Mohamed",
        "Aisha Ayesha",
        "Zoe Zoë Zoey",
        "Anthony Antony",
        "Alex Aleks",
        "Xander Zander",
        "Christopher Kristofer",
        "Michael Mikael",
        "MacDonald McDonald",
        "Callaghan Callahan",
        "Kayleigh Kaylee",
        "Yvonne Evonne",
        "O’Brien O'Brian",
        "Łukasz Lukas",
    ],
)
def test_these_sound_alike(alike):
    assert len({sound(word) for name in alike.split() for word in words(name)}) == 1


@pytest.mark.parametrize(
    "apart",
    [
        "Jonny Jenny Jane",
        "Owen Anna Ian",
        "Sara Zara",
        "Emily Amelia",
        "Erin Aaron",
        "Aidan Eden",
        "Cindy Kindy",
        "Robin Ruby",
        "Smith Smart",
    ],
)
def test_these_do_not(apart):
    assert len({sound(word) for name in apart.split() for word in words(name)}) == len(apart.split())


@pytest.mark.parametrize(
    ("typed", "name", "how"),
    [
        ("Robin Example", "Robin Example", Likeness.EXACT),
        ("EXAMPLE, robin", "Robin Example", Likeness.EXACT),
        ("Zoe OBrien", "Zoë O’Brien", Likeness.EXACT),
        ("Mary-Ann Lee", "Mary Ann Lee", Likeness.EXACT),
        ("Robin", "Robin Example", Likeness.PART),
        ("Ro Ex", "Robin Example", Likeness.PART),
        ("Robyn Example", "Robin Example", Likeness.SOUND),
        ("Robin Exampel Lee", "Robin Example", None),
        ("R", "Robin Example", None),
        ("", "Robin Example", None),
        ("- ,", "Robin Example", None),
    ],
)
def test_what_was_typed_fits_a_name_word_by_word_in_any_order(typed, name, how):
    assert likeness(words(typed), words(name)) is how


@pytest.mark.slow
@given(st.text(max_size=40))
def test_whatever_is_typed_has_a_sound_and_its_own_likeness(typed):
    parts = words(typed)

    assert all(sound(part) for part in parts)
    assert likeness(parts, parts) is (Likeness.EXACT if parts else None)
