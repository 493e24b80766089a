"""What browsers are told by every page, and what production demands before it starts."""

import pytest

from staff.permissions import Role
from tests.records import publish
from tests.rhi.pages.production import asked_in_production, in_production
from tests.rhi.protection import HEADERS, POLICY, protection
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/", "/account/", "/account/sign-out/", "/account/password/", "/nothing-here", "/health"]
)
def test_every_page_carries_the_same_protection(client, address):
    client.force_login(make_person())

    assert protection(client.get(address)) == (HEADERS, POLICY)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("text/html", "/reports/"),
        ("text/html", "/reports/file/pdf/"),
        ("text/csv", "/reports/file/csv/"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "/reports/file/xlsx/"),
    ],
)
def test_files_and_ways_elsewhere_carry_it_too(client, kind, address):
    publish("somerset")
    client.force_login(make_person(role=Role.MANAGER))

    answer = client.get(address)

    assert answer.headers["Content-Type"].split(";")[0] == kind
    assert protection(answer) == (HEADERS, POLICY)


def test_an_answer_in_data_carries_it_too(client):
    answer = client.get("/health", headers={"accept": "application/json"})

    assert answer.headers["Content-Type"] == "application/json"
    assert protection(answer) == (HEADERS, POLICY)


@pytest.mark.slow
def test_production_settings_leave_nothing_for_djangos_own_check():
    checked = in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert checked.returncode == 0, checked.stderr
    assert "no issues (0 silenced)" in checked.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL"])
def test_production_does_not_start_without(name):
    started = in_production("manage.py", "check", **{name: ""})

    assert started.returncode == 1
    assert f"{name} is not set. Production needs it" in started.stderr


@pytest.mark.slow
def test_in_production_everything_is_encrypted(tmp_path):
    (plain, secure), cookies = asked_in_production(
        ["/", False, False], ["/", True, False], DATABASE_URL=f"sqlite:///{tmp_path}/rhi.sqlite3"
    )

    assert plain == [301, plain[1] | {"Location": "https://rhi.example.org/"}]
    assert secure[0] == 302
    assert secure[1]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert cookies == [True, True, "Lax", True, True, True]


@pytest.mark.slow
@pytest.mark.parametrize(("proxies", "status"), [("", 301), ("1", 302)])
def test_a_proxys_word_on_encryption_is_believed_only_where_there_is_a_proxy(tmp_path, proxies, status):
    database = f"sqlite:///{tmp_path}/rhi.sqlite3"

    (answer,), _ = asked_in_production(["/", False, True], DATABASE_URL=database, TRUSTED_PROXIES=proxies)

    assert answer[0] == status
