"""Copy the look of the pages out of node_modules into static/vendor, without what is not ours to use.

Only minified stylesheets, scripts and the images that pages need are taken. The font of GOV.UK, the crown and the
crests belong to central government; a council's service may use the Design System but not them. What stays is
rewritten so that every address in a stylesheet is relative and names a file that exists: the hashed static files
(Django's manifest storage) refuse anything else.

Uses the standard library alone, so that the container image can run it before anything is installed.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
PACKAGES = {
    "govuk": ("node_modules/govuk-frontend/dist/govuk", "govuk-frontend.min"),
    "moj": ("node_modules/@ministryofjustice/frontend/moj", "moj-frontend.min"),
}

# Somebody else's identity: crowns, crests, favicons, the pictures that social networks show.
IDENTITY = re.compile(r"crown|crest|logotype|opengraph|touch-icon|favicon|govuk-icon|manifest")

FONT_FACE = re.compile(r"(/\*![^*]*\*/)?@font-face\{[^}]*\}")  # with its copyright notice
FONT_NAME = re.compile(r'"?GDS Transport"?,')
SOURCE_MAP = re.compile(r"(/\*|//)# sourceMappingURL=.*")
ADDRESS = re.compile(r"""url\(["']?(?!data:)([^)"']+)["']?\)""")


def stylesheet(css: str) -> str:
    """The stylesheet without font and identity, its images addressed from its own folder."""
    css = FONT_FACE.sub("", css)
    css = FONT_NAME.sub("", css)
    css = SOURCE_MAP.sub("", css)
    return ADDRESS.sub(
        lambda found: "none" if IDENTITY.search(found[1]) else f"url({found[1].removeprefix('/')})",
        css,
    )


def copy(name: str) -> None:
    """Lay one package's stylesheet, script and images under static/vendor/NAME."""
    folder, stem = PACKAGES[name]
    source, target = ROOT / folder, VENDOR / name
    (target / "assets" / "images").mkdir(parents=True)
    for image in (source / "assets" / "images").iterdir():
        if not IDENTITY.search(image.name):
            shutil.copy(image, target / "assets" / "images")

    css = stylesheet((source / f"{stem}.css").read_text(encoding="utf-8"))
    absent = [address for address in ADDRESS.findall(css) if not (target / address).is_file()]
    if absent or "@font-face" in css:
        sys.exit(f"{source / stem}.css has changed: it names {absent or 'a font'}, which is not copied.")
    (target / f"{stem}.css").write_text(css, encoding="utf-8")

    script = (source / f"{stem}.js").read_text(encoding="utf-8")
    (target / f"{stem}.js").write_text(SOURCE_MAP.sub("", script), encoding="utf-8")


def main() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    for name in PACKAGES:
        copy(name)


if __name__ == "__main__":
    main()
