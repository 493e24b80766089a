"""Whether every letter can be written, asked when the site starts rather than when somebody waits for the post."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core import checks
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import FilterExpression, Node, Template, TextNode, Variable, VariableNode
from django.template.defaulttags import CommentNode, ForNode, IfNode
from django.template.loader_tags import IncludeNode
from django.template.smartif import TokenBase

from rhi.letters import saying, texts
from rhi.models import Letter

#: What a text may be made of. Nothing here reads a clock, switches escaping off or opens anything.
PIECES = (TextNode, VariableNode, IfNode, ForNode, IncludeNode, CommentNode)
#: What one of several can be asked for: services have both, lines and leaflets are words themselves.
OF_ONE = {"name", "what"}


def check_texts(**_: object) -> list[checks.CheckMessage]:
    """Every text that is missing, lost what a letter must say or is too hard to read, as errors of system checks."""
    return [checks.Error(fault, id="rhi.E001") for fault in faults(texts.folder())]


def faults(at: Path) -> list[str]:
    """What is wrong with the texts in a folder, naming each file: of the common ones and of each procedure's own.

    Every kind must have its text to the child and to a carer in every language that any text is in.
    """
    folders = {each.name for each in at.iterdir() if each.is_dir()}
    common = {*texts.KINDS, texts.PARTS}
    found = list(_of_procedure(at, "", folders=common))
    for procedure in sorted(folders - common):
        found += _of_procedure(at, procedure, folders={procedure})
    return list(dict.fromkeys(found))


def _of_procedure(at: Path, procedure: str, *, folders: Iterable[str]) -> Iterator[str]:
    """What is wrong with the letters as they are written under a procedure, and which of these files none uses."""
    reader, used, readable = texts.engine(at, procedure), set(), True
    languages = texts.languages(procedure, at) or [texts.ENGLISH]
    every = ((kind, to, language) for language in languages for kind in texts.KINDS for to in Letter.To.values)
    for name in (texts.name(*each) for each in every):
        fillable = True
        try:
            for template in texts.used(reader, name, texts.contact_block(name.split(".")[1])):
                file = Path(template.origin.name).relative_to(at).as_posix()
                used.add(file)
                yield from (f"templates/letters/{file} {fault}" for fault in _of_text(template))
                fillable = fillable and not list(_made_otherwise(template))
        except TemplateDoesNotExist as missing:
            readable = False
            yield f"templates/letters/{missing.args[0]} is missing, so {_letter(procedure, name)} cannot be written."
        except TemplateSyntaxError as error:
            readable = False
            yield f"{_letter(procedure, name)} cannot be written: {error}."
        else:
            if fillable:
                yield from (f"{_letter(procedure, name)} {fault}" for fault in saying.faults(name, procedure, at))
                yield from saying.too_hard(name, procedure, at)
    for folder in sorted(folders) if readable else ():
        for path in sorted((at / folder).rglob("*")):
            if path.is_file() and path.relative_to(at).as_posix() not in used:
                yield f"templates/letters/{path.relative_to(at).as_posix()} is used by no letter."


def _letter(procedure: str, name: str) -> str:
    return f"{name} of {procedure}" if procedure else name


def _of_text(template: Template) -> Iterator[str]:
    """What one text says that a letter cannot."""
    yield from _made_otherwise(template)
    pieces = template.nodelist.get_nodes_by_type(ForNode)
    one_of = {name for piece in pieces if isinstance(piece, ForNode) for name in piece.loopvars}
    for path, is_filtered in _merged(template):
        root, *rest = path.split(".")
        if not (
            (root in texts.FIELDS and not rest)
            or (root in one_of and (not rest or (len(rest) == 1 and rest[0] in OF_ONE)))
        ):
            yield f"merges in {path}, which letters do not have."
        if is_filtered:
            yield f"changes {path} by a filter, which letters do not have."


def _made_otherwise(template: Template) -> Iterator[str]:
    """What a text is made of that no letter is, so that it cannot even be filled in."""
    for piece in template.nodelist.get_nodes_by_type(Node):
        if not isinstance(piece, PIECES):
            yield f"uses a tag that letters do not have ({type(piece).__name__.removesuffix('Node').lower()})."
        if isinstance(piece, IncludeNode) and (piece.template.is_var or piece.extra_context):
            yield "includes a part otherwise than by its name alone."


def _merged(template: Template) -> Iterator[tuple[str, bool]]:
    """Everything that a text asks for, in braces or in a condition, and whether it goes through a filter."""
    for node in template.nodelist.get_nodes_by_type(Node):
        for name, value in vars(node).items():
            if name not in node.child_nodelists:
                yield from _asked_for(value)


def _asked_for(thing: object) -> Iterator[tuple[str, bool]]:
    match thing:
        case FilterExpression(var=Variable() as variable):
            if variable.lookups is not None:
                yield str(variable.var), bool(thing.filters)
        case TokenBase():
            for part in (thing.first, thing.second, thing.value):
                yield from _asked_for(part)
        case list() | tuple():
            for part in thing:
                yield from _asked_for(part)
