"""An open page of the interview's form, without a browser: it carries and sends what its script would."""

import re

from django.urls import reverse

from tests.rhi.writing import SLUGS, address


class Window:
    """A page of the form that somebody has opened. `hidden` is what it carries besides the answers."""

    def __init__(self, client, referral, person, *, letter="N"):
        self.client, self.person, self.letter = client, person, letter
        self.address = reverse("rhi:keep_section", args=[referral.pk, SLUGS[letter]])
        client.force_login(person)
        page = client.get(address(referral, letter)).content.decode()
        self.hidden = dict(re.findall(r'name="(shown|page|turn|writer)"\s+value="([^"]*)"', page))

    def sent(self, answers):
        """What it sends, which may arrive at once, late, or never."""
        self.hidden["turn"] = str(int(self.hidden["turn"]) + 1)
        return self.hidden | answers

    def arrive(self, sent):
        """Let the site have what was sent."""
        self.client.force_login(self.person)
        return self.client.post(self.address, sent)

    def send(self, answers, **hidden):
        """Send the page and hear nothing of it, as when the connection breaks."""
        return self.arrive(self.sent(answers) | hidden)

    def keep(self, answers):
        """Send the page and take in what comes back."""
        answer = self.send(answers)
        if answer.status_code == 200:
            self.hidden["shown"] = answer.json()["shown"]
        return answer
