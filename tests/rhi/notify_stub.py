"""GOV.UK Notify on loopback, as far as letters go: it checks who asks, keeps what is posted, and fails as told."""

import json
import threading
import time
from base64 import b64decode
from binascii import Error as NotBase64
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse
from uuid import uuid4

import jwt

SERVICE, SECRET = str(uuid4()), str(uuid4())
KEY = f"a_key_of_tests-{SERVICE}-{SECRET}"
SKEW = 30

ERRORS = {
    400: ("ValidationError", "content is not a letter"),
    403: ("AuthError", "Invalid token: API key not found"),
    404: ("NoResultFound", "No result found"),
    429: ("RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"),
    500: ("Exception", "Internal server error"),
    502: ("BadGateway", "Bad gateway"),
}


class Notify:
    """What the stub has been told and has heard."""

    def __init__(self, url):
        self.url = url
        self.letters = []
        self.posts, self.asked = [], []
        #: What the next posts meet, one each: a status; "drop" and "dawdle" take nothing, the others keep the letter.
        self.meets = []
        #: What every question meets: None for an answer, else a status or "drop".
        self.asking_meets = None
        #: How long every question waits for its answer, in seconds.
        self.asking_takes = 0.0

    def take(self, reference, content, status="accepted"):
        letter = {"id": str(uuid4()), "reference": reference, "status": status, "type": "letter", "pdf": content}
        self.letters.append(letter)
        return letter

    def letter(self, reference):
        (found,) = [letter for letter in self.letters if letter["reference"] == str(reference)]
        return found


@contextmanager
def standing():
    """The stub, while it is needed."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.notify = Notify(f"http://127.0.0.1:{server.server_address[1]}")
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.notify
        finally:
            server.shutdown()
            thread.join()


class Answer(BaseHTTPRequestHandler):
    """One request."""

    @property
    def notify(self):
        return self.server.notify

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = urlparse(self.path).path
        self.notify.posts.append(path)
        meets = self.notify.meets.pop(0) if self.notify.meets else 201
        if not self.is_ours():
            return self.refuse(403)
        if meets in ("drop", "dawdle"):
            return self.fall_silent(meets)
        if meets in ERRORS:
            return self.refuse(meets)
        try:
            said = json.loads(body)
            content = b64decode(said["content"], validate=True)
        except (ValueError, KeyError, NotBase64):
            return self.refuse(400)
        if path != "/v2/notifications/letter" or not said.get("reference") or not content.startswith(b"%PDF"):
            return self.refuse(400)
        letter = self.notify.take(said["reference"], content)
        if meets in ("take and drop", "take and dawdle"):
            return self.fall_silent(meets)
        if meets == "take and fail":
            return self.refuse(500)
        if meets == "take and babble":
            return self.answer(201, b"<html>")
        answer = {"id": letter["id"], "reference": letter["reference"], "postage": said.get("postage", "second")}
        return self.answer(201, json.dumps(answer).encode())

    def do_GET(self):
        asked = urlparse(self.path)
        self.notify.asked.append(self.path)
        time.sleep(self.notify.asking_takes)
        if not self.is_ours():
            return self.refuse(403)
        if self.notify.asking_meets == "drop":
            return self.fall_silent("drop")
        if self.notify.asking_meets:
            return self.refuse(self.notify.asking_meets)
        if asked.path == "/v2/notifications":
            wanted = {name: values[0] for name, values in parse_qs(asked.query).items()}
            found = [
                self.shown(letter)
                for letter in self.notify.letters
                if wanted.get("template_type") in (None, letter["type"])
                and wanted.get("reference") in (None, letter["reference"])
            ]
            return self.answer(200, json.dumps({"notifications": found, "links": {"current": self.path}}).encode())
        found = [letter for letter in self.notify.letters if asked.path == f"/v2/notifications/{letter['id']}"]
        return self.answer(200, json.dumps(self.shown(found[0])).encode()) if found else self.refuse(404)

    def shown(self, letter):
        return {name: value for name, value in letter.items() if name != "pdf"}

    def is_ours(self):
        """Whether the token is signed with the service's secret, names the service, and was made just now."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            said = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["iss", "iat"]}, leeway=SKEW)
        except jwt.InvalidTokenError:
            return False
        return said["iss"] == SERVICE and abs(time.time() - said["iat"]) <= SKEW

    def refuse(self, status):
        kind, words = ERRORS[status]
        said = {"status_code": status, "errors": [{"error": kind, "message": words}]}
        self.answer(status, json.dumps(said).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fall_silent(self, how):
        if how.endswith("dawdle"):
            time.sleep(1)
        self.close_connection = True
        self.connection.close()

    def finish(self):
        if not self.wfile.closed:
            super().finish()

    def log_message(self, *_):
        """Tests have nothing to read there."""
