"""What is taken from the design systems, and what is left behind."""

import pytest

from checks.front_end import stylesheet

FONT = '/*! Copyright */@font-face{font-family:GDS Transport;src:url(/assets/fonts/light.woff2) format("woff2")}'


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (FONT + ".a{color:red}", ".a{color:red}"),
        (".a{font-family:GDS Transport,arial,sans-serif}", ".a{font-family:arial,sans-serif}"),
        (".a{background:url(/assets/images/icon.svg)}", ".a{background:url(assets/images/icon.svg)}"),
        (".a{background-image:url(/assets/images/govuk-crest.svg)}", ".a{background-image:none}"),
        (
            ".a{background:url(data:image/svg+xml;base64,PHN2Zz4=)}",
            ".a{background:url(data:image/svg+xml;base64,PHN2Zz4=)}",
        ),
        (".a{color:red}\n/*# sourceMappingURL=a.css.map */", ".a{color:red}\n"),
        ("/*! licence */.a{color:red}", "/*! licence */.a{color:red}"),
    ],
)
def test_a_stylesheet_loses_font_crest_and_source_map_and_names_its_images_from_its_own_folder(theirs, ours):
    assert stylesheet(theirs) == ours
