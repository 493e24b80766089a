"""What a page says."""


def the_words(response):
    """The page's own words, each space once."""
    return " ".join(response.content.decode().split())
