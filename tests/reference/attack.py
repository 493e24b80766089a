"""An attack on a table whose small numbers are left out: what do the cells that are shown say of those that are not?

It is exact, and finds its answer otherwise than the product: it narrows what every hidden cell can be, by all that is
known at once, until nothing more follows; then it supposes one of what is left, and begins again.
"""

from collections.abc import Mapping, Sequence, Set

from reporting.tables import SMALL

Rule = tuple[Sequence[str], Sequence[str]]
Range = tuple[int, int]


def could_be_another(key: str, counts: Mapping[str, int], hidden: Set[str], rules: Sequence[Rule]) -> bool:
    """Whether who sees the cells that are shown cannot tell a hidden one.

    They know that a small one is from 1 to 4, that any other which is left out is not, and of each rule that the first
    counts together are never fewer than the second. What does not hold of the counts themselves is not supposed.
    """
    known = [rule for rule in rules if sum(counts[each] for each in rule[0]) >= sum(counts[each] for each in rule[1])]
    ranges = {each: near(value) if each in hidden else (value, value) for each, value in counts.items()}
    least, most = ranges[key]
    others = [value for value in range(least, most + 1) if value != counts[key]]
    return any(is_possible(ranges | {key: (value, value)}, known) for value in others)


def near(count: int) -> Range:
    """What a hidden count is looked for in: all that a small one can be, two up and down of any other."""
    return (min(SMALL), max(SMALL)) if count in SMALL else (max(max(SMALL) + 1, count - 2), count + 2)


def is_possible(ranges: Mapping[str, Range], known: Sequence[Rule]) -> bool:
    """Whether a value can be chosen from every range so that all that is known is true."""
    narrowed = narrow(dict(ranges), known)
    if narrowed is None:
        return False
    open_ = [each for each, (least, most) in narrowed.items() if least < most]
    if not open_:
        return True
    one = min(open_, key=lambda each: narrowed[each][1] - narrowed[each][0])
    least, most = narrowed[one]
    return any(is_possible(narrowed | {one: (value, value)}, known) for value in range(least, most + 1))


def narrow(ranges: dict[str, Range], known: Sequence[Rule]) -> dict[str, Range] | None:
    """The ranges without what no choice of the others allows; None when nothing is left of one."""
    while True:
        before = dict(ranges)
        for more, fewer in known:
            room = sum(ranges[each][1] for each in more) - sum(ranges[each][0] for each in fewer)
            if room < 0:
                return None
            for each in more:
                least, most = ranges[each]
                ranges[each] = (max(least, most - room), most)
            for each in fewer:
                least, most = ranges[each]
                ranges[each] = (least, min(most, least + room))
        if ranges == before:
            return ranges
