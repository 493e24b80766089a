"""How tests ask for the pages of letters, and read them."""

import re

from django.urls import reverse


def page(client, name, *args):
    answer = client.get(reverse(f"rhi:{name}", args=args))
    assert answer.status_code == 200
    return words_of(answer)


def words_of(answer):
    """What a person reads, each space once."""
    main = answer.content.decode().split("<main", 1)[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def post(client, name, *args, **typed):
    return client.post(reverse(f"rhi:{name}", args=args), typed)
