"""Start the site as a person does (`make run`), on a folder and a port of its own; look at it; stop it.

Fails unless the health page, the sign-in page and everything that page refers to answer, and no process is left.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from checks.servers import free_port, stop_on_sigterm

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 60
SECONDS_TO_STOP = 30
# The site under test takes nothing from the environment that `make test` set or inherited.
NOT_ITS_OWN = {"DATABASE_URL", "REDIS_URL", "RHI_PROCEDURE", "SECRET_KEY", "MAKEFLAGS", "MAKELEVEL"}


def processes_of(folder: str) -> list[int]:
    """The processes that carry this folder as RHI_VAR: the site's, and all that they started, whoever adopted them."""
    mark = f"RHI_VAR={folder}".encode()
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if mark in environment_of(process)]


def environment_of(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):  # it has ended, or is somebody else's
        return []


def page(address: str) -> str:
    """The page at the address, after redirects; anything but a good answer raises."""
    with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310 our own site on this machine
        return str(response.read().decode("utf-8", errors="replace"))


def wait_until_healthy(site: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if site.poll() is not None:
            sys.exit(f"make run ended by itself (exit code {site.returncode}).")
        try:
            page(f"{address}/health")
        except urllib.error.HTTPError as refusal:
            sys.exit(f"The health page answers {refusal.code}:\n{refusal.read().decode()[:2000]}")
        except urllib.error.URLError:  # not listening yet
            time.sleep(0.2)
        else:
            return
    sys.exit(f"The site did not answer within {SECONDS_TO_START} seconds.")


def look_at(address: str) -> None:
    """The sign-in page, to which a stranger is led, and its stylesheets, scripts and images."""
    sign_in = page(f"{address}/")
    if 'type="password"' not in sign_in:
        sys.exit(f"A stranger is not asked to sign in but shown:\n{sign_in[:2000]}")
    parts = re.findall(r"""(?:href|src)=["'](/static/[^"']+)["']""", sign_in)
    if not parts:
        sys.exit("The sign-in page refers to no stylesheet.")
    for part in parts:
        page(f"{address}{part}")
    print(f"Health, sign-in and the {len(parts)} files of its page answer.")


def main() -> None:
    stop_on_sigterm()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="rhi-") as folder:
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_ITS_OWN}
        site = subprocess.Popen(
            ["make", "--no-print-directory", "run"],
            cwd=ROOT,
            env=inherited | {"RHI_VAR": folder, "PORT": str(port)},
            start_new_session=True,
        )
        started = time.monotonic()
        try:
            wait_until_healthy(site, f"http://127.0.0.1:{port}")
            print(f"Up after {time.monotonic() - started:.1f} seconds.")
            look_at(f"http://127.0.0.1:{port}")
            site.send_signal(signal.SIGTERM)
            site.wait(SECONDS_TO_STOP)
            if left := processes_of(folder):
                sys.exit(f"The site was told to stop and left {len(left)} processes behind: {left}")
            print("Told to stop, it left no process behind.")
        finally:
            for process in processes_of(folder):
                os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    main()
