"""A year of invented records."""

from datetime import date

import pytest

from tests.rhi.invention.records import Files, generate


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Twelve months and 18 days, with no other figure given; 2024 is a leap year."""
    return generate(tmp_path_factory.mktemp("year"), months=12, until=date(2024, 11, 19))
