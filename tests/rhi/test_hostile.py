"""Random and hostile requests over every address as everybody: an answer in time, and never a fault of ours."""

import json
import random
import re
import time
from collections import defaultdict
from traceback import format_exception
from urllib.parse import quote_from_bytes

import pytest
from django.urls import get_resolver

from tests.rhi.matrix.table import rows
from tests.rhi.matrix.world import COLUMNS, standing, undone
from tests.rhi.test_matrix import names
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db

SECONDS = 5
METHODS = ["GET", "GET", "POST", "POST", "POST", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"]

NUMBERS = ["0", "1", "-1", "007", str(2**31), str(2**63 - 1), str(2**63), str(2**64), "9" * 40, "9" * 5000, "1e3", "١٢"]
TEXTS = [
    b"",
    b" ",
    b"\x00",
    b"a\x00b",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"%",
    b"%zz",
    b"%00",
    b"null",
    b"undefined",
    b"[]",
    b"{}",
    b"NaN",
    b"Infinity",
    b"../../etc/passwd",
    b"' OR 1=1 --",
    b"<script>alert(1)</script>",
    b"{{ 7*7 }}{% debug %}",
    b"\r\nSet-Cookie: a=b",
    "Zoë \u202e\u0000 \U0001f600 \ufdfa e\u0301".encode(),
    "\u0130\u0131\ufb01".encode() * 50,
    b"x" * 201,
    b"x" * 100_000,
]
TIMES = [
    "0001-01-01T00:00",
    "1899-12-31T23:59",
    "1900-01-01T00:00",
    "2026-03-29T01:30",
    "2026-10-25T01:30",
    "2026-02-30T10:00",
    "2026-06-01T10:00",
    "2200-12-31T23:59",
    "9999-12-31T23:59",
    "2026-11-20",
    "0001-01-01",
    "9999-12-31",
    "31/12/2026 25:00",
]
TYPES = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/x-www-form-urlencoded; charset=none-such",
    "multipart/form-data",
    "multipart/form-data; boundary=\x01",
    "multipart/form-data; boundary=" + "b" * 300,
    "application/json",
    "text/plain",
    "",
    "/;;=",
]
HEADERS = [
    {},
    {},
    {},
    {"accept": "application/json"},
    {"accept-language": "xx-" + "y" * 5000},
    {"host": "evil.example.org"},
    {"host": "[::1"},
    {"referer": "http://\x7f/"},
    {"cookie": "sessionid=\x01; messages=%00; csrftoken=" + "z" * 5000},
    {"cookie": "messages=W1siX19qc29u"},
    {"x-requested-with": "XMLHttpRequest"},
    {"x-forwarded-for": "1.2.3.4, ::ffff:zz"},
    {"content-length": "-1"},
]
NAMES = sorted(set(names(get_resolver().url_patterns)))
RECORDS = defaultdict(list)
for row in rows():
    RECORDS[row.name].append(row.record)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The world, built once; every request is undone."""
    with django_db_blocker.unblock(), standing(tmp_path_factory.mktemp("records")) as made:
        yield made


class Page:
    """What a page's forms can send: their fields with the values that they offer."""

    def __init__(self, html):
        self.offered = defaultdict(list)
        for tag in re.findall(r"<(?:input|select|textarea|button)\b[^>]*\bname=[^>]*>", html):
            self.offered[re.search(r'name="([^"]*)"', tag).group(1)] += re.findall(r'value="([^"]*)"', tag)
        for name, options in re.findall(r'<select[^>]*name="([^"]*)".*?>(.*?)</select>', html, re.DOTALL):
            self.offered[name] += re.findall(r'value="([^"]*)"', options)


def somebody_who_sees(world, name):
    """What the forms of a page look like to whoever reaches it."""
    for column in ("O", "L", "R", "D", "A", "nobody"):
        for record in RECORDS[name]:
            with undone():
                answer = world.client(column).get(world.address(name, record, column))
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                return Page(answer.content.decode())
    return Page("")


class Hostile:
    """Requests drawn by chance: mostly an address that exists, with something in it that does not belong there.

    Everybody asks one address, then everybody the next, so that a whole run leaves none out.
    """

    def __init__(self, world, pages, seed):
        self.world, self.pages, self.chance = world, pages, random.Random(seed)
        self.names = self.chance.sample(NAMES, len(NAMES))

    def number(self, number):
        """Who asks, and the request: method, address, body, type of body, headers."""
        everybody = list(COLUMNS)
        name = self.names[number // len(everybody) % len(self.names)]
        column = everybody[number % len(everybody)]
        return column, self.one(name, column)

    def one(self, name, column):
        """A request of this person to this address."""
        address = self.world.address(name, self.chance.choice(RECORDS[name]), column)
        if self.chance.random() < 0.4:
            address = re.sub(r"(?<=/)\w+(?=/)", self._segment, address)
        if self.chance.random() < 0.3:
            address += "?" + self._fields(name)
        kind = self.chance.choice(TYPES) if self.chance.random() < 0.2 else TYPES[0]
        body = self._body(name).encode("latin-1", "replace") if "json" not in kind else self._json()
        return self.chance.choice(METHODS), address, body, kind, self.chance.choice(HEADERS)

    def _segment(self, match):
        if self.chance.random() < 0.5:
            return match.group()
        if match.group().isdecimal() and self.chance.random() < 0.7:
            return quote_from_bytes(self.chance.choice(NUMBERS).encode())
        return quote_from_bytes(self.chance.choice(TEXTS)[:2000], safe="") or "-"

    def _body(self, name):
        if self.chance.random() < 0.02:
            return "&".join(f"f{number}=1" for number in range(1500))
        if self.chance.random() < 0.05:
            return "%&&==%u0041=%ff&\xff=&;"
        return self._fields(name)

    def _fields(self, page):
        offered = {**self.pages[page].offered, "page": ["1"], "next": ["/"], "extra": []}
        pairs = []
        for field, values in offered.items():
            times = self.chance.choice([0, 1, 1, 1, 1, 2])
            name = quote_from_bytes(field.encode())
            pairs += [f"{name}={quote_from_bytes(self._value(values))}" for _ in range(times)]
        self.chance.shuffle(pairs)
        return "&".join(pairs)

    def _value(self, values):
        draw = self.chance.random()
        if values and draw < 0.6:
            return self.chance.choice(values).encode()
        if draw < 0.75:
            return self.chance.choice(TIMES).encode()
        if draw < 0.87:
            return self.chance.choice(NUMBERS).encode()
        return self.chance.choice(TEXTS)

    def _json(self):
        return self.chance.choice([b"{", b"[[[[", json.dumps({"a": "\x00"}).encode(), b"\xff"])


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_request_is_answered_by_a_fault_of_ours_or_late(world, soak_seed):
    requests = soak_count(10_000)
    pages = {name: somebody_who_sees(world, name) for name in NAMES}
    hostile = Hostile(world, pages, soak_seed)
    faults = []
    for number in range(requests):
        column, (method, address, body, kind, headers) = hostile.number(number)
        began = time.monotonic()
        with undone():
            answer = world.client(column).generic(method, address, body, content_type=kind, headers=headers)
        took = time.monotonic() - began
        if answer.status_code >= 500 or took > SECONDS:
            cause = "".join(format_exception(*answer.exc_info)[-3:]) if answer.exc_info else ""
            faults.append(f"{column} {method} {address[:300]} {kind} {headers} {body[:600]}: {took:.1f} s {cause}")

    assert faults == []
    evidence("hostile_requests", seed=soak_seed, n=requests, result="no 500, none over 5 s")
