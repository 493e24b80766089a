"""Weighted draws."""

from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Odds(Generic[Value]):
    """Values with their weights. The weights need not add up to anything."""

    def __init__(self, weights: Mapping[Value, float]) -> None:
        self.values = tuple(weights)
        self._reached = tuple(accumulate(weights.values()))

    def draw(self, rng: Random) -> Value:
        """One of the values, as often as its weight says."""
        last = len(self.values) - 1
        return self.values[bisect(self._reached, rng.random() * self._reached[-1], 0, last)]
