"""The texts of letters: files under `templates/letters/`, which an authority can replace one by one.

    KIND/TO.LANGUAGE.html            the letter of a kind, to the child or to a carer
    parts/NAME.LANGUAGE.html         what several letters say
    PROCEDURE/…                      the same names again: an authority's own, which come before the common ones
    letter.html, letter.css          the sheet on which every letter is set

A text knows the fields of Content and a few tags, and no others (rhi.letters.checking).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.template import Context, Engine
from django.template.base import FilterExpression, Template
from django.template.loader_tags import IncludeNode
from django.utils import translation
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info

from rhi.letters.contents import Content
from rhi.models import LetterKind

KINDS = tuple(kind.value for kind in LetterKind)
PARTS = "parts"
SHEET = "letter.html"
ENGLISH = "en"
#: A space at which no line ends: half a telephone number is none.
NO_BREAK = "\u00a0"
#: How a date is written where Django's way is not a letter's: English months in full.
DATES = {ENGLISH: "j F Y"}
#: What a text may merge in.
FIELDS = frozenset(field.name for field in fields(Content))


def folder() -> Path:
    """Where the texts lie."""
    return Path(settings.BASE_DIR) / "templates" / "letters"


@lru_cache(maxsize=64)
def engine(at: Path, procedure: str) -> Engine:
    """What reads texts for a procedure, its own before the common ones; without one, the common ones only."""
    return Engine(dirs=[str(at / procedure), str(at)])


def name(kind: str, to: str, language: str) -> str:
    """The file of a letter's text."""
    return f"{kind}/{to}.{language}.html"


def tag(language: str) -> str:
    """What the language is called in a document: English is Britain's, another as its files are."""
    return "en-GB" if language == ENGLISH else language


def contact_block(language: str) -> str:
    """The file of what stands beside the address: whom to contact, the reference and the date."""
    return f"{PARTS}/contact.{language}.html"


def languages(procedure: str, at: Path | None = None) -> list[str]:
    """The languages in which letters of a procedure can be written: English, then all in which there is any text.

    Texts are common ones or the procedure's own. That no language is incomplete is checked at start-up.
    """
    at = at or folder()
    folders = {at, at / procedure}
    found = {path.name.split(".")[1] for each in folders for kind in KINDS for path in (each / kind).glob("*.*.html")}
    return sorted(found, key=lambda language: (language != ENGLISH, language))


def called(language: str) -> str:
    """What a language is called, in English and in itself."""
    try:
        known = get_language_info(language)
    except KeyError:
        return language
    names = (known["name"], known["name_local"])
    return str(names[0] if language == ENGLISH else " – ".join(dict.fromkeys(names)))


def choices(procedure: str) -> list[tuple[str, str]]:
    """The languages in which letters of a procedure can be written, with what they are called."""
    return [(language, called(language)) for language in languages(procedure)]


def in_words(day: date, language: str) -> str:
    """A day as a letter of this language has it."""
    with translation.override(tag(language).lower()):
        return date_format(day, DATES.get(language, "DATE_FORMAT"))


def fill(content: Content, template: str, *, at: Path | None = None) -> SafeString:
    """A text with the fields of a letter in it, escaped, and the date in words."""
    return engine(at or folder(), content.procedure).get_template(template).render(Context(_values(content)))


def _values(content: Content) -> dict[str, object]:
    values = {field: getattr(content, field) for field in FIELDS}
    values |= {field: values[field].replace(" ", NO_BREAK) for field in ("phone", "out_of_hours")}
    return values | {"date": in_words(content.date, content.language)}


def without_parts(content: Content, template: str, *, at: Path) -> Iterator[tuple[str, str]]:
    """Each file of which a text is made, by its path under the folder, with what it says itself, filled in."""
    for each in used(engine(at, content.procedure), template):
        context = Context(_values(content))
        with context.bind_template(each):
            own = [node.render(context) for node in each.nodelist if not isinstance(node, IncludeNode)]
        yield Path(each.origin.name).relative_to(at).as_posix(), "".join(own)


def version(content: Content) -> str:
    """Which texts a letter is written in, as a hash of all of them and of the sheet: other words, another version."""
    digest = hashlib.sha256()
    reader = engine(folder(), content.procedure)
    for template in used(
        reader, name(content.kind, content.to, content.language), contact_block(content.language), SHEET
    ):
        digest.update(f"{template.name}\0{template.source}\0".encode())
    return digest.hexdigest()


def used(reader: Engine, *names: str) -> Iterator[Template]:
    """These texts and the parts that they include, each once, in their order.

    Raises TemplateDoesNotExist for a file that is missing, TemplateSyntaxError for one that cannot be read.
    """
    waiting, seen = list(names), set()
    while waiting:
        following = waiting.pop(0)
        if following in seen:
            continue
        seen.add(following)
        template = reader.get_template(following)
        waiting = [*included(template), *waiting]
        yield template


def included(template: Template) -> list[str]:
    """The parts that a text includes by name."""
    return [
        node.template.var
        for node in template.nodelist.get_nodes_by_type(IncludeNode)
        if isinstance(node, IncludeNode) and isinstance(node.template, FilterExpression) and not node.template.is_var
    ]
