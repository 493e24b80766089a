import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from checks.boot import processes_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def site(tmp_path, free_port):
    """The site, started on an empty folder of its own; ended by the test, or here if it failed to."""
    own = {"RHI_DEMO": "1", "RHI_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "rhi.settings"}
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "manage.py", "serve", "--port", str(free_port)]
    (tmp_path / "static").mkdir()
    site = subprocess.Popen(command, cwd=ROOT, env=inherited | own, stdout=subprocess.PIPE, text=True)
    yield site
    site.terminate()
    site.communicate()


@pytest.mark.slow
def test_it_announces_its_address_and_leaves_no_process_when_told_to_stop(site, tmp_path, free_port):
    assert site.stdout.readline() == f"The site is up: http://127.0.0.1:{free_port}/ (Ctrl-C stops it)\n"

    site.send_signal(signal.SIGTERM)

    assert site.wait(30) == 0
    assert processes_of(str(tmp_path)) == []


@pytest.mark.slow
def test_it_ends_with_an_error_when_one_of_its_processes_dies(site, tmp_path, free_port):
    site.stdout.readline()
    children = Path(f"/proc/{site.pid}/task/{site.pid}/children").read_text().split()

    os.kill(int(children[1]), signal.SIGKILL)

    assert site.wait(30) == 1
    assert processes_of(str(tmp_path)) == []


def test_a_port_in_use_is_refused_in_words(free_port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        with pytest.raises(CommandError, match=f"Port {free_port} is in use. Choose another: PORT=8001 make run"):
            call_command("serve", port=free_port)
