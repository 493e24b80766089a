"""docker-compose.yml and the Dockerfile, read as data: no engine runs where the tests do."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"SECRET_KEY", "EMAIL_URL", "POSTGRES_PASSWORD"}
OURS = ["web", "worker", "beat"]


@pytest.fixture
def composition():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_the_site_is_made_of_database_broker_web_worker_and_timetable(composition):
    assert list(composition["services"]) == ["postgres", "redis", "web", "worker", "beat"]


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "worker", "beat"])
def test_every_service_is_watched_and_starts_again(composition, name):
    service = composition["services"][name]

    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_our_services_are_one_image_and_wait_for_database_and_broker(composition, name):
    service = composition["services"][name]

    assert service["build"] == "."
    assert service["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert service["depends_on"]["redis"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_as_production(composition, name):
    environment = composition["services"][name]["environment"]

    assert {"SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL", "DATABASE_URL", "REDIS_URL"} <= set(environment)
    assert not {"DEBUG", "RHI_DEMO"} & set(environment)


def test_every_secret_comes_from_outside_and_its_absence_is_an_error():
    text = (ROOT / "docker-compose.yml").read_text()
    used = set(re.findall(r"\$\{(\w+)", text))

    assert used >= SECRETS
    for name in SECRETS:
        assert re.findall(rf"\$\{{{name}[^:]", text) == []
        assert len(re.findall(rf"\$\{{{name}:\?[^}}]+\}}", text)) == text.count(f"${{{name}")


def test_only_this_machine_reaches_the_site_and_nothing_else_is_published(composition):
    published = {name: service.get("ports") for name, service in composition["services"].items() if "ports" in service}

    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_the_image_runs_as_an_ordinary_user_and_takes_no_secret():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    instructions = [line.split(maxsplit=1) for line in lines if line and not line.startswith(("#", " "))]
    users = [value for name, value in instructions if name == "USER"]

    assert users == ["rhi"]
    assert "ARG" not in [name for name, _ in instructions]
    assert ".env" in (ROOT / ".dockerignore").read_text().splitlines()
