"""Who reaches what, by the answer and not by the decorator: every address, person, record and method."""

from collections import Counter
from functools import cache

import pytest
from django.urls import URLPattern, get_resolver

from staff import audit
from staff.models import AuditEvent
from tests.rhi.matrix.table import LETTERS, METHODS, rows
from tests.rhi.matrix.world import standing, undone

pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.django_db]

ROWS = rows()
READS = {
    audit.Type.CHILD_READ,
    audit.Type.REFERRAL_READ,
    audit.Type.LIST_READ,
    audit.Type.FORM_READ,
    audit.Type.CHILD_SEARCHED,
    audit.Type.RECORD_PRINTED,
    audit.Type.LIST_DOWNLOADED,
    audit.Type.LETTER_READ,
    audit.Type.BLANK_FORM_PRINTED,
    audit.Type.PAPER_READ,
    audit.Type.SHARE_PREPARED,
}
SAME_FOR_ALL = {"Date"}  # of the headers, what may differ between two answers that say the same


def names(patterns, namespace=""):
    """The name of every address of the site."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        else:
            yield from names(pattern.url_patterns, namespace + (f"{pattern.namespace}:" if pattern.namespace else ""))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """The world, built once; every request is undone."""
    with django_db_blocker.unblock(), standing(tmp_path_factory.mktemp("records")) as made:
        yield made


def ask(world, column, method, address):
    """The answer, with the kinds of line that it left in the trail; nothing else of it stays."""
    with undone():
        last = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        answer = world.client(column).generic(method, address)
        left = Counter(AuditEvent.objects.filter(pk__gt=last).values_list("type", flat=True))
    return answer, left


def test_every_address_is_on_the_table_and_nothing_else():
    assert {row.name for row in ROWS} == set(names(get_resolver().url_patterns))


def test_no_row_stands_twice():
    assert [pair for pair, times in Counter((row.name, row.record) for row in ROWS).items() if times > 1] == []


@pytest.fixture(scope="module")
def nowhere(world):
    """What each person gets at an address that is none: `nowhere(column)`, asked once."""
    return cache(lambda column: ask(world, column, "GET", "/nothing-here/")[0])


@pytest.mark.share(3)
@pytest.mark.parametrize("row", ROWS, ids=[f"{row.name}-{row.record or 'no record'}" for row in ROWS])
def test_everybody_gets_the_answer_that_is_written(world, nowhere, row):
    wrong = []
    for column, cell in row.cells.items():
        address = world.address(row.name, row.record, column)
        for written, method in zip(cell, METHODS, strict=True):
            answer, left = ask(world, column, method, address)
            faults = differences(written, answer, left, address=address, nowhere=nowhere(column))
            wrong += [f"{column} {method} {written}: {fault}" for fault in faults]
    assert wrong == []


def differences(written, answer, left, *, address, nowhere):
    """In what an answer differs from the letter that is written for it."""
    letter = LETTERS[written]
    sign_in = f"/account/sign-in/?next={address}"
    if answer.status_code != letter.status:
        yield f"answered {answer.status_code}"
    if left[audit.Type.DENIED] != letter.denials:
        yield f"{left[audit.Type.DENIED]} denials in the trail"
    if letter.read is not None and (sum(left[kind] for kind in READS) > 0) is not letter.read:
        yield f"lines in the trail: {dict(left)}"
    if letter.status == 302 and (answer.headers.get("Location") == sign_in) is not (written == "S"):
        yield f"sent to {answer.headers.get('Location')}"
    if letter.status == 404 and answer.content != nowhere.content:
        yield "another page than of an address that is none"
    if letter.status == 404 and headers(answer) != headers(nowhere):
        yield "other headers than of an address that is none"


def headers(answer):
    """Of an answer, what may not tell whether a record exists."""
    return {name: value for name, value in answer.headers.items() if name not in SAME_FOR_ALL}
