"""Those outside to whom the site hands things, each a process of its own that writes down what it takes.

python -m checks.faults.outside mail PORT FOLDER      a mail server
python -m checks.faults.outside notify PORT FOLDER    a stand-in for GOV.UK Notify
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse
from uuid import uuid4

from aiosmtpd.controller import Controller

MEETS = "meets"
"""The file in which it stands what messages meet from now on: accept, slow, drop, refuse, busy."""


def meets(folder: Path) -> str:
    """What messages meet now."""
    path = folder / MEETS
    return path.read_text() if path.exists() else "accept"


def take(folder: Path, reference: str) -> None:
    """Write down that one copy was taken, under a name of its own: a second copy is a second file."""
    (folder / f"{uuid4()}.taken").write_text(reference)


def taken(folder: Path) -> dict[str, int]:
    """How many copies of each were taken."""
    copies: dict[str, int] = {}
    for path in folder.glob("*.taken"):
        reference = path.read_text()
        copies[reference] = copies.get(reference, 0) + 1
    return copies


class Mail:
    """What the mail server does with a message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 the library's name
        """Take it, refuse it, take it slowly, or take it and fall silent."""
        now = meets(self.folder)
        if now == "refuse":
            return "550 5.7.1 Not here"
        if now == "busy":
            return "451 4.3.0 Not now"
        if now == "slow":
            await asyncio.sleep(1)
        take(self.folder, message_from_bytes(envelope.content)["Message-ID"].strip("<>").split("@")[0])
        if now == "drop":
            server.transport.abort()
        return "250 OK"


class Notify(BaseHTTPRequestHandler):
    """As much of GOV.UK Notify as sending a letter and looking for it needs."""

    folder: Path

    def do_POST(self) -> None:
        """Take a letter."""
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        take(self.folder, said["reference"])
        self.answer(201, {"id": str(uuid4()), "reference": said["reference"]})

    def do_GET(self) -> None:
        """Say whether a letter of this reference was taken."""
        asked = parse_qs(urlparse(self.path).query).get("reference", [""])[0]
        known = taken(self.folder)
        found = [{"id": asked, "reference": asked, "status": "accepted"}] if asked in known else []
        self.answer(200, {"notifications": found, "links": {}})

    def answer(self, status: int, said: object) -> None:
        """Answer in JSON."""
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """What it takes stands in its folder."""


def main() -> None:
    """Stand until killed."""
    which, port, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if which == "mail":
        Controller(Mail(folder), hostname="127.0.0.1", port=port, ready_timeout=20).start()
        while True:
            time.sleep(3600)
    Notify.folder = folder
    with ThreadingHTTPServer(("127.0.0.1", port), Notify) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
