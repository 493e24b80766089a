"""Make the pictures of docs/guide anew, from the real site.

    python -m checks.guide    into docs/guide/pictures (make guide)

Each person of the demonstration signs in and does what their page of the guide describes. The site has a folder and
a port of its own, the demonstration's invented records, and a clock that stands still, so that a picture changes
only when what it shows does.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from unittest.mock import patch
from zoneinfo import ZoneInfo

import django
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from checks.servers import stop_on_sigterm

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "guide" / "pictures"
LONDON = ZoneInfo("Europe/London")
FILLED_AT = datetime(2026, 11, 22, 10, 0, tzinfo=LONDON)
MOMENT = datetime(2026, 11, 23, 9, 40, tzinfo=LONDON)
"""When every picture was taken, as far as site and browser know: a Monday morning; the records end on the Sunday."""
FILL = (
    ("migrate", "--verbosity", "0"),
    ("createcachetable",),
    ("collectstatic", "--no-input", "--verbosity", "0"),
    ("load_procedure", "somerset"),
    ("demo_records",),
    ("demo_people",),
    ("demo_work",),
)
"""What `make run` does to an empty folder."""


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the base class's name
        """Requests are not worth a line here."""


@contextmanager
def site(folder: str) -> Iterator[str]:
    """The demonstration, filled as `make run` fills it, and its address. Its files lie in the folder."""
    os.environ.update({"RHI_VAR": folder, "RHI_DEMO": "1", "DEBUG": "0", "DJANGO_SETTINGS_MODULE": "rhi.settings"})
    for inherited in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(inherited, None)
    django.setup()
    with patch.object(timezone, "now", lambda: FILLED_AT):
        for command, *arguments in FILL:
            call_command(command, *arguments)
    with patch.object(timezone, "now", lambda: MOMENT):
        call_command("run_due")
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(get_wsgi_application())
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    # Chromium refuses to put root into its sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium-headless-shell"), args=arguments)
        yield chromium
        chromium.close()


def main() -> None:
    stop_on_sigterm()
    if not shutil.which("chromium-headless-shell"):
        sys.exit("Chromium is not installed (Debian: chromium-headless-shell).")
    with tempfile.TemporaryDirectory(prefix="rhi-") as folder, site(folder) as address, browser() as window:
        from checks.guide.journeys import take_all  # noqa: PLC0415  the people's models need the settings first

        new = Path(folder) / "pictures"
        new.mkdir()
        take_all(window, address, new, at=MOMENT, clock_stands=True)
        # Only when every picture is there do the new ones take the place of the old.
        shutil.rmtree(PICTURES, ignore_errors=True)
        shutil.copytree(new, PICTURES)
    pictures = sorted(PICTURES.iterdir())
    print(f"{len(pictures)} pictures, {sum(each.stat().st_size for each in pictures) / 1000:.0f} kB, in {PICTURES}")


if __name__ == "__main__":
    main()
