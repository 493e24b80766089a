"""Running our program as an installation with real children would."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def in_production(*command, **environment):
    """Run our program as an installation with real children would, in a process of its own."""
    variables = {
        "PATH": os.environ["PATH"],
        "RHI_VAR": os.environ.get("RHI_VAR", ""),
        "SECRET_KEY": "q7" + "kD3!vN8^xR2@mZ5&" * 4,
        "ALLOWED_HOSTS": "rhi.example.org",
        "EMAIL_URL": "smtp+tls://mail.example.org:587",
        "DJANGO_SETTINGS_MODULE": "rhi.settings",
    } | environment
    variables = {name: value for name, value in variables.items() if value}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )


ASK = """
import json, sys, django
django.setup()
from django.conf import settings
from django.test import Client
answers = []
for address, secure, proxied in json.loads(sys.argv[1]):
    headers = {"host": "rhi.example.org", "accept": "application/json"}
    headers |= {"x-forwarded-proto": "https"} if proxied else {}
    answer = Client(headers=headers).get(address, secure=secure)
    answers.append([answer.status_code, dict(answer.headers)])
cookies = [settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE]
cookies += [settings.CSRF_COOKIE_SECURE, settings.CSRF_COOKIE_HTTPONLY, settings.SECOND_STEP_REQUIRED]
print(json.dumps([answers, cookies]))
"""


def asked_in_production(*requests, **environment):
    done = in_production("-c", ASK, json.dumps(requests), **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
