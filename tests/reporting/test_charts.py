"""The graph of the table: where its marks lie, what it says in words, and that nothing in it rests on colour alone."""

from itertools import pairwise
from xml.etree import ElementTree as ET

from django.template.loader import render_to_string

from reporting.charts import BOTTOM, STYLES, TOP, VALUE_SPACE, chart
from tests.records import london
from tests.reporting.tables import croydon, table

SVG = "{http://www.w3.org/2000/svg}"


def drawn(made):
    """The drawing as a tree: it must be well-formed."""
    return ET.fromstring(render_to_string("components/chart.html", {"chart": made}))  # noqa: S314 our own drawing


def test_the_marks_lie_at_their_percentages():
    made = chart(table(children_missing=[2, 2, 2], children_offered=[0, 1, 2]))

    assert [mark.y for mark in made.lines[0].marks] == [BOTTOM, (TOP + BOTTOM) / 2, TOP]
    assert [mark.words for mark in made.lines[0].marks] == [
        "Offer rate, % of children, April 2017: 0.00%",
        "Offer rate, % of children, May 2017: 50.00%",
        "Offer rate, % of children, June 2017: 100.00%",
    ]


def test_a_month_without_a_rate_is_a_gap_in_the_line():
    made = chart(table(children_missing=[2, 2, 0, 2, 2, 0, 2], children_offered=[1, 1, 0, 1, 1, 0, 1]))

    assert len(made.lines[0].marks) == 5
    assert [stretch.count(",") for stretch in made.lines[0].stretches] == [2, 2]
    assert (made.lines[1].marks, made.lines[1].last) == ((), "")


def test_a_single_month_is_three_bars_side_by_side():
    made = chart(croydon(1))

    assert made.bars
    assert [mark.rate for line in made.lines for mark in line.marks] == ["74.49%", "46.52%", "50.00%"]
    assert len({mark.x for line in made.lines for mark in line.marks}) == 3
    assert not chart(croydon(2)).bars


def test_the_last_figures_do_not_lie_on_each_other():
    equal = {"children_missing": [2, 2], "children_offered": [1, 1], "episodes": [2, 2], "episodes_done": [1, 1]}
    for made in (
        chart(table(**equal, looked_after_episodes=[2, 2], looked_after_episodes_done=[1, 1])),
        chart(table(children_missing=[1, 1], episodes=[1, 1], looked_after_episodes=[1, 1])),
    ):
        ends = sorted(line.last_y for line in made.lines)
        assert [below - above >= VALUE_SPACE for above, below in pairwise(ends)] == [True, True]
        assert ends[-1] <= BOTTOM


def test_as_many_months_are_named_as_there_is_room_for():
    assert [tick.text for tick in chart(croydon()).months] == ["Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
    three_years = chart(croydon(36)).months
    assert [(tick.text, tick.year) for tick in three_years if tick.year] == [
        ("Apr", "2017"),
        ("Feb", "2018"),
        ("Feb", "2019"),
        ("Feb", "2020"),
    ]
    assert min(after.at - tick.at for tick, after in pairwise(three_years)) > 30


def test_it_says_in_words_what_it_shows():
    made = chart(croydon())

    assert made.title == "Interviews offered and done, April to November 2017"
    assert made.description.startswith(
        "Offer rate, % of children: 32.91% in April 2017, 74.49% in November 2017;"
        " lowest 32.91% in April 2017, highest 74.49% in November 2017."
    )
    assert chart(croydon(1)).description.startswith("Offer rate, % of children: 74.49% in November 2017. ")
    assert chart(table(episodes=[0])).description.startswith("Offer rate, % of children: none. ")


def test_a_month_that_is_not_over_is_hollow_marked_and_no_extreme():
    figures = {"children_missing": [4, 4, 4], "children_offered": [2, 3, 1]}
    made = chart(table(**figures, at=london("2017-06-30 23:59")))
    over = chart(table(**figures, at=london("2017-07-01 00:00")))
    text = "".join(drawn(made).itertext())

    assert made.description.startswith(
        "Offer rate, % of children: 50.00% in April 2017, 25.00% so far in June 2017;"
        " lowest 50.00% in April 2017, highest 75.00% in May 2017. "
    )
    assert [mark.so_far for mark in made.lines[0].marks] == [False, False, True]
    assert made.lines[0].marks[-1].words == "Offer rate, % of children, June 2017 so far: 25.00%"
    assert made.so_far == (made.months[-1].at,)
    assert hollow(made) == 1 + len(made.lines[1].marks) + len(made.lines[2].marks)
    assert "Hollow mark: so far" in text
    assert (over.so_far, hollow(over), "so far" in "".join(drawn(over).itertext())) == ((), 0, False)
    assert "lowest 25.00% in June 2017" in over.description


def hollow(made):
    """How many marks are drawn with nothing in them."""
    return len(
        [each for each in drawn(made).iter() if (each.get("fill"), each.get("stroke-width")) == ("#ffffff", "2")]
    )


def test_a_month_that_is_not_over_has_no_extremes_beside_one_that_is():
    made = chart(table(children_missing=[4, 4], children_offered=[2, 3], at=london("2017-05-02 09:00")))

    assert made.description.startswith("Offer rate, % of children: 50.00% in April 2017, 75.00% so far in May 2017. ")


def test_the_drawing_has_a_title_a_description_and_one_part_that_is_an_image():
    tree = drawn(chart(croydon()))

    picture = tree.find(f"{SVG}g")
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby").split() == [
        tree.find(f"{SVG}title").get("id"),
        tree.find(f"{SVG}desc").get("id"),
    ]
    assert tree.find(f"{SVG}desc").text == chart(croydon()).description


def test_it_needs_no_style_that_the_content_security_policy_refuses():
    tree = drawn(chart(croydon()))

    assert [each for each in tree.iter() if each.get("style") or each.tag == f"{SVG}style"] == []


def test_links_lie_outside_the_image_and_out_of_the_keyboard_s_way():
    """The table's figures are the same links, for everybody."""
    tree = drawn(chart(croydon(2), link=lambda key, month: f"/cases/?figure={key}&month={month}"))
    links = tree.findall(f"{SVG}a")

    assert [link.get("href") for link in links[:2]] == [
        "/cases/?figure=offer_rate&month=2017-10",
        "/cases/?figure=offer_rate&month=2017-11",
    ]
    assert {(link.get("tabindex"), link.get("aria-hidden")) for link in links} == {("-1", "true")}
    assert len(links) == len(list(tree.iter(f"{SVG}a"))) == 6
    assert drawn(chart(croydon(2))).findall(f"{SVG}a") == []


def test_lines_differ_by_more_than_colour_and_stand_out_from_the_page():
    assert len({style.shape for style in STYLES.values()}) == len({style.dashes for style in STYLES.values()}) == 3
    assert [contrast_with_white(style.colour) >= 4.5 for style in STYLES.values()] == [True] * 3


def contrast_with_white(colour):
    """WCAG's ratio of a colour such as #16475a to white."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def test_a_hostile_address_stays_text():
    tree = drawn(chart(croydon(1), link=lambda *_: '"><script>'))

    assert tree.find(f"{SVG}a").get("href") == '"><script>'
