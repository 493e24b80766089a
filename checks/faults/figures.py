"""The figures of a run in a file, written anew after each kill: a run that is cut short still shows what it did."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from checks.faults.killing import Kill
from checks.faults.listing import Listing
from checks.faults.reckoning import Reckoning


class Figures:
    """What a run has shown so far; seconds are of wall-clock time, by what they were spent on."""

    def __init__(self, path: Path | None, *, seed: int, asked: int) -> None:
        self.path, self.seed, self.asked = path, seed, asked
        self.kills: list[Kill] = []
        self.listing: dict[str, Any] = {}
        self.reckoned: dict[str, Any] = {}
        self.trials: dict[str, list[str]] = {}

    def add(self, kill: Kill, listing: Listing) -> None:
        """One more kill, counted or not."""
        self.kills.append(kill)
        self.listing = {
            "listed_in_sweep": dict(sorted(listing.sweeps.items())),
            "longest_seconds_from_restart": round(listing.longest, 1),
            "settled": dict(sorted(listing.settled.items())),
            "faults": listing.faults,
        }
        self.write()

    def reckon(self, found: Reckoning) -> None:
        """What became of everything after all the kills."""
        self.reckoned = {
            "sent_once": dict(sorted(found.sent.items())),
            "kept_once": dict(sorted(found.kept.items())),
            "uncertain_and_listed": found.uncertain,
            "given_up_listed_and_tried_again": found.given_up,
            "lost": found.lost,
            "twice": found.twice,
            "not_listed": found.unlisted,
        }
        self.write()

    def tried(self, name: str, faults: list[str]) -> None:
        """What one of the trials by name found."""
        self.trials[name] = faults
        self.write()

    def all(self) -> dict[str, Any]:
        """Everything, as it goes into the file."""
        counted = [kill for kill in self.kills if kill.counts]
        return {
            "seed": self.seed,
            "kills_asked_for": self.asked,
            "kills_with_work_in_flight": len(counted),
            "by_place": dict(sorted(Counter(kill.where for kill in counted).items())),
            "met_nothing_and_not_counted": dict(
                sorted(Counter(kill.where for kill in self.kills if not kill.counts).items())
            ),
            "seconds_a_kill": self.seconds(),
            "uncertain": self.listing,
            "reckoned": self.reckoned,
            "trials": self.trials,
        }

    def seconds(self) -> dict[str, float]:
        """Of a kill: the middle, the mean with those that met nothing, the longest, and the middle of each part."""
        if not self.kills:
            return {}
        each = [sum(kill.seconds.values()) for kill in self.kills]
        counted = sum(kill.counts for kill in self.kills) or 1
        spent = {name: median(kill.seconds[name] for kill in self.kills) for name in self.kills[0].seconds}
        every = {"median": median(each), "mean_of_one_that_counts": sum(each) / counted, "longest": max(each), **spent}
        return {name: round(seconds, 2) for name, seconds in every.items()}

    def write(self) -> None:
        """Put it into the file, whole or not at all."""
        if self.path is None:
            return
        beside = self.path.with_suffix(".part")
        beside.write_text(json.dumps(self.all(), indent=2) + "\n", encoding="utf-8")
        os.replace(beside, self.path)
