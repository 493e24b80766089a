"""Run it: see checks/faults/__init__.py."""

from __future__ import annotations

import argparse
import os
import random
import secrets
import sys
import tempfile
from pathlib import Path

import django

from checks.faults import points
from checks.faults import site as sites
from checks.faults.site import AT_RANDOM
from checks.servers import Unavailable, stop_on_sigterm


def main() -> int:
    """Kill, reckon up, print; answer 1 when something was lost, done twice or not listed."""
    stop_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--at", choices=sorted([*points.BY_NAME, *AT_RANDOM]), help="only there (default: everywhere)")
    parser.add_argument("--without-guards", action="store_true", help="take out the guards: faults must be found")
    parser.add_argument("--no-trials", action="store_true", help="leave out the trials by name")
    parser.add_argument("--trial", action="append", help="only these of the trials by name")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(2**32)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="rhi-faults-") as folder:
        Path(folder).chmod(0o755)
        try:
            with sites.standing(Path(folder), without_guards=asked.without_guards) as site:
                os.environ.update(site.env)
                django.setup()
                return run(site, asked, seed=seed)
        except Unavailable as reason:
            sys.exit(f"Left out: {reason}.")


def run(site: sites.Site, asked: argparse.Namespace, *, seed: int) -> int:
    """So many kills that counted, then the trials."""
    from checks.faults.killing import Kills  # noqa: PLC0415 Django is set up by now
    from checks.faults.reckoning import reckon  # noqa: PLC0415 as above
    from checks.faults.trials import TRIALS  # noqa: PLC0415 as above
    from checks.faults.working import Work  # noqa: PLC0415 as above

    chance = random.Random(seed)  # noqa: S311 what is drawn is no secret
    work = Work(site, chance)
    killing = Kills(site, work, chance, only=asked.at)
    while killing.counted.total() < asked.kills and killing.missed.total() <= asked.kills:
        killing.one()
    found = reckon(site, work)
    print(f"{killing.counted.total()} kills with work in flight: {dict(sorted(killing.counted.items()))}")
    print(f"met nothing and not counted: {dict(sorted(killing.missed.items()))}")
    print(killing.listing.line())
    print(found.line())
    for fault in [*killing.listing.faults, *found.lost, *found.twice, *found.unlisted]:
        print(f"  {fault}")
    sound = found.sound and not killing.listing.faults and killing.counted.total() >= asked.kills
    for name, trial in () if asked.no_trials else TRIALS.items():
        if asked.trial and name not in asked.trial:
            continue
        faults = trial(site, work)
        found = reckon(site, work)
        killing.listing.settle(site, work, after=name)
        faults += [*found.lost, *found.twice, *found.unlisted]
        print(f"{name}: {'; '.join(faults) or 'nothing lost, nothing twice'}", flush=True)
        sound = sound and not faults
    return int(not sound)


if __name__ == "__main__":
    sys.exit(main())
