"""How a letter to a child or family is written, checked and drawn. Who gets one, and when, is decided elsewhere.

Its words are the templates under `templates/letters/` (rhi.letters.texts); this package fills them in, keeps to the
zones in which GOV.UK Notify prints, and never lets a letter be drawn whose address no envelope could show.
"""

from rhi.letters.addressing import could_be_same, could_be_where, postcode, same_house
from rhi.letters.contents import CannotWrite, Content
from rhi.letters.drawing import Drawn, draw, preview_html
from rhi.letters.queue import run
from rhi.letters.texts import choices as languages
from rhi.letters.writing import as_an_offer, content

__all__ = [
    "CannotWrite",
    "Content",
    "Drawn",
    "as_an_offer",
    "content",
    "could_be_same",
    "could_be_where",
    "draw",
    "languages",
    "postcode",
    "preview_html",
    "run",
    "same_house",
]
