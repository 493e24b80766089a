"""What the product was set up to be made of is there, and is in use."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent


def tracked(*paths: str) -> list[str]:
    done = subprocess.run(["git", "ls-files", *paths], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.clause("CARD-01")
def test_django_finds_nothing_wrong():
    call_command("check")


@pytest.mark.clause("CARD-02")
def test_the_eight_libraries_are_declared_and_installed():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {
        re.split(r"[\[~=<>]", line)[0] for line in declared["dependencies"] + declared["optional-dependencies"]["dev"]
    }

    assert names >= {
        "django",
        "django-crispy-forms",
        "django-filter",
        "celery",
        "redis",
        "psycopg2-binary",
        "weasyprint",
        "pytest-django",
    }
    assert {"crispy_forms", "django_filters"} <= set(settings.INSTALLED_APPS)


@pytest.mark.clause("CARD-03")
def test_the_files_at_the_top_are_there():
    assert tracked("manage.py", "pyproject.toml", "README.md", "docker-compose.yml") == [
        "README.md",
        "docker-compose.yml",
        "manage.py",
        "pyproject.toml",
    ]


@pytest.mark.clause("CARD-04")
def test_the_packages_are_installed_from_low_to_high():
    ours = [config.name for config in apps.get_app_configs() if (ROOT / config.name).is_dir()]

    assert ours == ["staff", "procedures", "jobs", "episodes", "routing", "rhi", "reporting"]


@pytest.mark.clause("CARD-05")
@pytest.mark.django_db
def test_pages_use_the_templates_and_the_stylesheet(client):
    page = client.get("/account/login/")

    assert "base.html" in [template.name for template in page.templates]
    assert re.search(r'<link[^>]+href="/static/css/rhi[^"]*\.css"', page.content.decode())
    assert tracked("templates/base.html", "static/css/rhi.css") == ["static/css/rhi.css", "templates/base.html"]
