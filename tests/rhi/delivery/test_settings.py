"""What the environment says of sending, read in a process of its own as production would."""

import json

import pytest

from tests.rhi.notify_stub import KEY
from tests.rhi.pages.production import in_production

pytestmark = pytest.mark.slow

ASK = """
import json, django
django.setup()
from django.conf import settings
from rhi.actions import letters
from rhi.delivery import notify
ways = [name for name, _ in letters.channels()]
print(json.dumps([settings.EMAIL_BACKEND, settings.SITE_URL, notify.configured(), ways]))
"""


def asked(**environment):
    done = in_production("-c", ASK, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_without_a_key_letters_are_printed_and_emails_know_how_far_they_came():
    assert asked() == ["rhi.delivery.smtp.EmailBackend", "https://rhi.example.org", False, ["print"]]


def test_with_a_key_letters_can_go_by_notify():
    assert asked(NOTIFY_API_KEY=KEY, SITE_URL="https://interviews.example.org/")[1:] == [
        "https://interviews.example.org/",
        True,
        ["print", "notify"],
    ]


def test_a_key_that_is_cut_short_is_an_error_at_the_start():
    started = in_production("manage.py", "check", NOTIFY_API_KEY=KEY[:-5])

    assert started.returncode == 1
    assert "NOTIFY_API_KEY is not a whole key of GOV.UK Notify" in started.stderr
