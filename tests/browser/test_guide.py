"""The guide's pictures come from journeys by the words on the pages: each still leads where the guide says."""

from pathlib import Path

import pytest
from django.core.management import call_command
from PIL import Image

from checks.guide.camera import WIDTH
from checks.guide.journeys import take_all
from tests.staff.people import now

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "guide" / "pictures"


pytestmark = [pytest.mark.soak, pytest.mark.whole]


def test_everybody_of_the_guide_gets_through_their_page_and_every_picture_is_taken(
    desk, browser, live_server, settings, tmp_path
):
    settings.DEMO = True
    call_command("demo_people")
    call_command("demo_work")
    pictures = tmp_path / "pictures"
    pictures.mkdir()

    take_all(browser, live_server.url, pictures, at=now())

    assert {each.name for each in pictures.iterdir()} == {each.name for each in PICTURES.iterdir()}
    assert {width(each) for each in pictures.iterdir()} == {WIDTH}


def width(picture):
    """How wide a picture is, in pixels."""
    with Image.open(picture) as opened:
        return opened.width
