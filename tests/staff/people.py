"""Somebody to sign in as, and the codes that their phone would show."""

import base64
import hashlib
import hmac
import struct
import time
from datetime import UTC, datetime

from staff.models import User
from staff.permissions import Role

PASSWORD = "cloud-ladder-spoon"


def make_person(email="robin.hale@example.org", name="Robin Hale", role=Role.CASEWORKER, password=PASSWORD, **fields):
    person = User.objects.create_user(email, name, role, password)
    for field, value in fields.items():
        setattr(person, field, value)
    person.save()
    return person


def now():
    return datetime.now(UTC)  # noqa: TID251 what is tested reads the real clock


def code(secret):
    """What an authenticator app shows for this key (RFC 6238), with at least five seconds left to use it."""
    left = 30 - time.time() % 30
    if left < 5:
        time.sleep(left)
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
